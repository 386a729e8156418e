"""Boxes of ISO base media files, read strictly: what does not fit makes the fast reader give way.

Source: ISO/IEC 14496-12, whose names the boxes and fields have here and in `mp4` and `fragments`.
"""

from array import array
from collections.abc import Iterator
from functools import lru_cache
from struct import Struct
from sys import byteorder
from typing import NamedTuple

from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.local import LocalFile

MAX_TOP_LEVEL = 1 << 20
"""Boxes at the top level: an hour of fragments of 10 ms has 720,000."""

MAX_TICKS = 1 << 28
"""Longest duration or offset of a sample taken at its word: some put negative ones in unsigned fields."""

_SMALL_BYTES = 1 << 16
"""Boxes up to that size are read at once."""

_TABLE_PIECE = 1 << 18
"""Bytes of a table read at once; numbers of 32 and of 64 bits fill it exactly."""

_fields = lru_cache(Struct)
_SIZE_AND_KIND = Struct(">I4s")
_LARGE_SIZE = Struct(">Q")


class Box(NamedTuple):
    """A box at the top level of a file: where it starts, where its body does, and where it ends."""

    kind: bytes
    start: int
    body: int
    end: int


def top_level(file: LocalFile) -> Iterator[Box]:
    """The file's boxes, which have to fill it exactly.

    Raises:
        GiveWay: they do not, or there are more than a recording has.
    """
    start = count = 0
    while start < file.size:
        size, kind = _SIZE_AND_KIND.unpack(file.read(start, 8))
        body = start + 8
        if size == 1:
            (size,) = _LARGE_SIZE.unpack(file.read(body, 8))
            body += 8
        end = start + size
        count += 1
        if end < body or end > file.size or count > MAX_TOP_LEVEL:
            raise GiveWay(f"box {kind!r} of {size} bytes at {start}")
        yield Box(kind, start, body, end)
        start = end


class Node:
    """A box in memory, and the boxes it holds by their kind."""

    def __init__(self, data: memoryview) -> None:
        self._data = data

    @property
    def data(self) -> memoryview:
        """All that is in it."""
        return self._data

    def children(self, skip: int = 0) -> dict[bytes, list["Node"]]:
        """The boxes inside, behind the first `skip` bytes, which have to fill it but for a few zeros.

        Raises:
            GiveWay: they do not.
        """
        found: dict[bytes, list[Node]] = {}
        data = self._data
        start, end = skip, len(data)
        while start + 8 <= end:
            size, kind = _SIZE_AND_KIND.unpack_from(data, start)
            if size < 8 or start + size > end:
                raise GiveWay(f"box {kind!r} of {size} bytes")
            node = Node(data[start + 8 : start + size])
            if kind in found:
                found[kind].append(node)
            else:
                found[kind] = [node]
            start += size
        if start < end and any(data[start:]):
            raise GiveWay(f"{end - start} bytes behind the last box")
        return found

    def numbers(self, form: str, offset: int = 0) -> tuple[int, ...]:
        """Big-endian fields at an offset, by `struct`'s letters.

        Raises:
            GiveWay: the box is shorter.
        """
        fields = _fields(">" + form)
        if offset + fields.size > len(self._data):
            raise GiveWay("a box is too short for its fields")
        return fields.unpack_from(self._data, offset)

    def table(self, columns: int, offset: int, *, wide: bool = False) -> "array[int]":
        """A table of unsigned 32-bit (`wide`: 64-bit) numbers that its count precedes, row after row.

        Raises:
            GiveWay: it does not fill the box exactly.
        """
        (count,) = self.numbers("I", offset)
        table = array("Q" if wide else "I")
        table.frombytes(self._data[offset + 4 :])
        return _checked(table, count * columns)


class FileNode(Node):
    """A box that stays in the file, for movie boxes of long recordings: only what is asked for is read."""

    def __init__(self, file: LocalFile, start: int, end: int) -> None:
        self._file = file
        self._start = start
        self._end = end

    @property
    def data(self) -> memoryview:
        return memoryview(self._file.read(self._start, self._end - self._start))

    def children(self, skip: int = 0) -> dict[bytes, list[Node]]:
        if self._end - self._start <= _SMALL_BYTES:
            return Node(self.data).children(skip)
        found: dict[bytes, list[Node]] = {}
        start = self._start + skip
        while start + 8 <= self._end:
            size, kind = _SIZE_AND_KIND.unpack(self._file.read(start, 8))
            if size < 8 or start + size > self._end:
                raise GiveWay(f"box {kind!r} of {size} bytes")
            found.setdefault(kind, []).append(FileNode(self._file, start + 8, start + size))
            start += size
        if any(self._file.read(start, self._end - start)):
            raise GiveWay(f"{self._end - start} bytes behind the last box")
        return found

    def numbers(self, form: str, offset: int = 0) -> tuple[int, ...]:
        fields = _fields(">" + form)
        if self._start + offset + fields.size > self._end:
            raise GiveWay("a box is too short for its fields")
        return fields.unpack(self._file.read(self._start + offset, fields.size))

    def table(self, columns: int, offset: int, *, wide: bool = False) -> "array[int]":
        (count,) = self.numbers("I", offset)
        table = array("Q" if wide else "I")
        position = self._start + offset + 4
        while position < self._end:
            piece = min(_TABLE_PIECE, self._end - position)
            table.frombytes(self._file.read(position, piece))
            position += piece
        return _checked(table, count * columns)


def _checked(table: "array[int]", length: int) -> "array[int]":
    """A big-endian table as the numbers it means."""
    if len(table) != length:
        raise GiveWay(f"a table of {len(table)} numbers that should have {length}")
    if byteorder == "little":
        table.byteswap()
    return table


def only(boxes: dict[bytes, list[Node]], kind: bytes) -> Node:
    """The one box of its kind.

    Raises:
        GiveWay: there is none, or there are several.
    """
    found = boxes.get(kind, [])
    if len(found) != 1:
        raise GiveWay(f"{len(found)} boxes {kind!r}")
    return found[0]

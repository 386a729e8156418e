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

_USERTYPE_BYTES = 16

XMP = b"uuid" + bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
"""A box of text about the recording (ISO 16684-3), which changes nothing of what its packets are."""

_fields = lru_cache(Struct)
_SIZE_AND_KIND = Struct(">I4s")
_LARGE_SIZE = Struct(">Q")


class Box(NamedTuple):
    """A box at the top level of a file: where it starts, where its body does, and where it ends.

    The kind of a `uuid` is that with its usertype behind it.
    """

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
        if kind == b"uuid" and end - body >= _USERTYPE_BYTES:
            kind += file.read(body, _USERTYPE_BYTES)
        yield Box(kind, start, body, end)
        start = end


class Part(NamedTuple):
    """A box inside another, in memory: where its body starts, and where it ends."""

    kind: bytes
    start: int
    end: int


def parts(data: memoryview, start: int, end: int) -> list[Part]:
    """The boxes from `start` on, which have to reach to `end` but for a few zeros.

    Raises:
        GiveWay: they do not.
    """
    found = []
    while start + 8 <= end:
        size, kind = _SIZE_AND_KIND.unpack_from(data, start)
        stop = start + size
        if size < 8 or stop > end:
            raise GiveWay(f"box {kind!r} of {size} bytes")
        found.append(Part(kind, start + 8, stop))
        start = stop
    if start < end and any(data[start:end]):
        raise GiveWay(f"{end - start} bytes behind the last box")
    return found


def unpacked(fields: Struct, data: memoryview, box: Part, offset: int = 0) -> tuple[int, ...]:
    """Fields at an offset into a box.

    Raises:
        GiveWay: the box is shorter.
    """
    start = box.start + offset
    if start + fields.size > box.end:
        raise GiveWay("a box is too short for its fields")
    return fields.unpack_from(data, start)


class Node:
    """A box in memory, and the boxes it holds by their kind."""

    def __init__(self, data: memoryview) -> None:
        self._data = data

    @property
    def data(self) -> memoryview:
        """All that is in it."""
        return self._data

    @property
    def size(self) -> int:
        """Bytes that are in it."""
        return len(self._data)

    def part(self, start: int, size: int) -> bytes:
        """So many bytes of it, from an offset on."""
        return bytes(self._data[start : start + size])

    def children(self, skip: int = 0) -> dict[bytes, list["Node"]]:
        """The boxes inside, behind the first `skip` bytes, which have to fill it but for a few zeros.

        Raises:
            GiveWay: they do not.
        """
        found: dict[bytes, list[Node]] = {}
        for kind, start, end in parts(self._data, skip, len(self._data)):
            found.setdefault(kind, []).append(Node(self._data[start:end]))
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
        table = _empty_table(count * columns, len(self._data) - offset - 4, wide=wide)
        table.frombytes(self._data[offset + 4 :])
        return _native(table)


class FileNode(Node):
    """A box that stays in the file, for movie boxes of long recordings: only what is asked for is read."""

    def __init__(self, file: LocalFile, start: int, end: int) -> None:
        self._file = file
        self._start = start
        self._end = end

    @property
    def data(self) -> memoryview:
        return memoryview(self._file.read(self._start, self._end - self._start))

    @property
    def size(self) -> int:
        return self._end - self._start

    def part(self, start: int, size: int) -> bytes:
        return self._file.read(self._start + start, size)

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
        position = self._start + offset + 4
        table = _empty_table(count * columns, self._end - position, wide=wide)
        while position < self._end:
            piece = min(_TABLE_PIECE, self._end - position)
            table.frombytes(self._file.read(position, piece))
            position += piece
        return _native(table)


class Rows:
    """A table of a box that stays in the file: unsigned 32-bit (`wide`: 64-bit) numbers, their count before.

    Attributes:
        count: how many rows there are.

    Raises:
        GiveWay: they do not fill the box exactly.
    """

    def __init__(self, box: Node, columns: int, offset: int, *, wide: bool = False) -> None:
        self._box = box
        self._first = offset + 4
        self._row_bytes = columns * (8 if wide else 4)
        self._wide = wide
        (self.count,) = box.numbers("I", offset)
        _empty_table(self.count * columns, box.size - self._first, wide=wide)

    def rows(self, first: int, last: int) -> "array[int]":
        """The numbers of the rows from one on to another, as far as there are any."""
        count = max(0, min(last, self.count) - first)
        table = array("Q" if self._wide else "I")
        table.frombytes(self._box.part(self._first + first * self._row_bytes, count * self._row_bytes))
        return _native(table)

    def pieces(self, first: int = 0) -> Iterator["array[int]"]:
        """All numbers from that row on, some after the others."""
        rows = _TABLE_PIECE // self._row_bytes
        for start in range(first, self.count, rows):
            yield self.rows(start, start + rows)


def _empty_table(length: int, size: int, *, wide: bool) -> "array[int]":
    """Room for so many numbers, which are to take so many bytes."""
    table = array("Q" if wide else "I")
    if size != length * table.itemsize:
        raise GiveWay(f"a table of {size} bytes that should have {length} numbers")
    return table


def _native(table: "array[int]") -> "array[int]":
    """A big-endian table as the numbers it means."""
    if byteorder == "little":
        table.byteswap()
    return table


def signed(table: "array[int]") -> "array[int]":
    """A table of unsigned 32-bit numbers as the two's complements that they are."""
    return array("i", table.tobytes())


def only(boxes: dict[bytes, list[Node]], kind: bytes) -> Node:
    """The one box of its kind.

    Raises:
        GiveWay: there is none, or there are several.
    """
    found = boxes.get(kind, [])
    if len(found) != 1:
        raise GiveWay(f"{len(found)} boxes {kind!r}")
    return found[0]

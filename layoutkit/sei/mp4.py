"""MP4 and MOV: the sizes and offsets that have to change where samples grow or shrink. Bytes in, edits out.

Source: ISO/IEC 14496-12, whose names the boxes and fields have here.
"""

import struct
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from mmap import mmap
from operator import lt
from typing import NamedTuple

from layoutkit.sei.placement import Edit

_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf", b"mfra"})
_UNKNOWN_OFFSETS = frozenset({b"iloc", b"saio", b"stz2", b"ssix"})
"""Boxes that hold offsets or sizes which are not followed here."""

_BASE_DATA_OFFSET, _DATA_OFFSET, _FIRST_FLAGS = 0x1, 0x1, 0x4
_BASE_IS_MOOF = 0x020000
_SAMPLE_SIZE = 0x200
_SAMPLE_FIELDS = (0x100, 0x200, 0x400, 0x800)
"""trun flags: duration, size, flags and composition time offset, four bytes each in a sample's entry."""

_TFHD_FIELDS = ((0x1, 8), (0x2, 4), (0x8, 4), (0x10, 4), (0x20, 4))


class Unpatchable(Exception):
    """The file's tables hold something that cannot be fixed up; it has to be muxed anew."""


class Box(NamedTuple):
    """A box: `start` its header, `body` what is behind that."""

    kind: bytes
    start: int
    body: int
    end: int


def boxes(data: mmap | bytes, start: int, end: int) -> Iterator[Box]:
    """The boxes between two offsets; one that claims more than there is ends there."""
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        body = start + 8
        if size == 1 and start + 16 <= end:
            (size,) = struct.unpack_from(">Q", data, body)
            body = start + 16
        stop = end if size == 0 else min(start + size, end)
        if stop < body:
            raise Unpatchable(f"box {kind!r} of {size} bytes")
        yield Box(kind, start, body, stop)
        start = stop


def is_quicktime(data: bytes) -> bool:
    """Whether a file that begins so is a MOV rather than an MP4."""
    return data[4:8] != b"ftyp" or data[8:12] == b"qt  "


def fixups(data: mmap | bytes, edits: Sequence[Edit]) -> list[Edit]:
    """The edits of tables that edits of samples ask for; both together make the new file.

    Raises:
        Unpatchable: a table that is not understood, or a number that outgrows its field.
    """
    try:
        return _Fixup(data, edits).run()
    except struct.error as error:
        raise Unpatchable(str(error)) from error


class _Fixup:
    def __init__(self, data: mmap | bytes, edits: Sequence[Edit]) -> None:
        self._data = data
        self._edits = edits
        self._offsets = [edit.offset for edit in edits]
        self._growths = [0, *accumulate(edit.growth for edit in edits)]
        self._made: list[Edit] = []
        self._in_tables = 0

    def run(self) -> list[Edit]:
        for box in boxes(self._data, 0, len(self._data)):
            if box.kind == b"mdat":
                self._resize(box)
            elif box.kind == b"moof":
                self._moof(box)
            elif box.kind == b"sidx":
                self._sidx(box)
            elif box.kind in _UNKNOWN_OFFSETS:
                raise Unpatchable(f"box {box.kind!r}")
            elif box.kind in _CONTAINERS:
                self._walk(box)
        # Each edit of a sample has to be in exactly one table of sizes, or readers would lose their way.
        if self._in_tables != len(self._edits):
            raise Unpatchable("an edit is in no table of sample sizes")
        return self._made

    def _moved(self, offset: int) -> int:
        """Where the byte at that offset comes to stand."""
        return offset + self._growths[bisect_left(self._offsets, offset)]

    def _grown(self, start: int, end: int) -> int:
        """By how much the bytes between two offsets grow."""
        low, high = bisect_left(self._offsets, start), bisect_left(self._offsets, end)
        return self._growths[high] - self._growths[low]

    def _put(self, offset: int, form: str, value: int) -> None:
        new = struct.pack(form, value)
        if self._data[offset : offset + len(new)] != new:
            self._made.append(Edit(offset, len(new), new))

    def _resize(self, box: Box) -> None:
        growth = self._grown(box.body, box.end)
        (size,) = struct.unpack_from(">I", self._data, box.start)
        if size == 1:
            self._put(box.start + 8, ">Q", box.end - box.start + growth)
        elif size:
            self._put(box.start, ">I", size + growth)

    def _walk(self, parent: Box) -> None:
        for box in boxes(self._data, parent.body, parent.end):
            if box.kind in _UNKNOWN_OFFSETS:
                raise Unpatchable(f"box {box.kind!r}")
            if box.kind == b"stbl":
                self._stbl(box)
            elif box.kind == b"tfra":
                self._tfra(box)
            elif box.kind in _CONTAINERS:
                self._walk(box)

    def _stbl(self, stbl: Box) -> None:
        """Chunk offsets move; the sizes of edited samples change."""
        found = {box.kind: box for box in boxes(self._data, stbl.body, stbl.end)}
        if not _UNKNOWN_OFFSETS.isdisjoint(found):
            raise Unpatchable("sample auxiliary information")
        chunks_box = found.get(b"stco") or found.get(b"co64")
        if chunks_box is None or b"stsz" not in found or b"stsc" not in found:
            raise Unpatchable("a track without a sample table")
        form, width = (">I", 4) if chunks_box.kind == b"stco" else (">Q", 8)
        chunks = self._table(chunks_box.body + 4, form[1])
        table = struct.pack(f">{len(chunks)}{form[1]}", *map(self._moved, chunks))
        self._made.append(Edit(chunks_box.body + 8, width * len(chunks), table))
        sizes_at = found[b"stsz"].body + 12
        uniform, count = struct.unpack_from(">II", self._data, sizes_at - 8)
        sizes = [uniform] * count if uniform else self._table(sizes_at - 4, "I")
        counts = self._samples_per_chunk(found[b"stsc"], len(chunks))
        firsts = list(accumulate(counts, initial=0))
        for place in self._edited(chunks):
            offset, number, last = chunks[place], firsts[place], firsts[place + 1]
            if self._has_edits(offset, offset + sum(sizes[number:last])):
                if uniform:
                    raise Unpatchable("samples of one size")
                self._sizes(offset, sizes[number:last], sizes_at + 4 * number, 4)

    def _edited(self, chunks: list[int]) -> Iterable[int]:
        """Numbers of the chunks that edits may be in: where chunks follow each other, few of them."""
        if not all(map(lt, chunks, chunks[1:])):
            return range(len(chunks))
        return sorted({bisect_right(chunks, offset) - 1 for offset in self._offsets} - {-1})

    def _table(self, count_at: int, kind: str) -> list[int]:
        (count,) = struct.unpack_from(">I", self._data, count_at)
        return list(struct.unpack_from(f">{count}{kind}", self._data, count_at + 4))

    def _samples_per_chunk(self, stsc: Box, chunks: int) -> list[int]:
        (count,) = struct.unpack_from(">I", self._data, stsc.body + 4)
        runs = [struct.unpack_from(">III", self._data, stsc.body + 8 + 12 * n) for n in range(count)]
        ends = [*(first for first, _, _ in runs[1:]), chunks + 1][: len(runs)]
        return [
            samples for (first, samples, _), end in zip(runs, ends, strict=True) for _ in range(end - first)
        ]

    def _has_edits(self, start: int, end: int) -> bool:
        return bisect_left(self._offsets, start) < bisect_left(self._offsets, end)

    def _sizes(self, offset: int, sizes: Sequence[int], table: int, step: int) -> None:
        """Write anew the sizes of edited samples that stand one behind the other from `offset` on."""
        for number, size in enumerate(sizes):
            if self._has_edits(offset, offset + size):
                low, high = bisect_left(self._offsets, offset), bisect_left(self._offsets, offset + size)
                self._in_tables += high - low
                self._put(table + step * number, ">I", size + self._grown(offset, offset + size))
            offset += size

    def _moof(self, moof: Box) -> None:
        """Track runs: data_offset counts from the fragment's base, which itself may have moved."""
        end_of_data = moof.start
        for traf in boxes(self._data, moof.body, moof.end):
            if traf.kind != b"traf":
                continue
            parts = list(boxes(self._data, traf.body, traf.end))
            if any(part.kind in _UNKNOWN_OFFSETS for part in parts):
                raise Unpatchable("sample auxiliary information")
            tfhd = next(part for part in parts if part.kind == b"tfhd")
            (flags,) = struct.unpack_from(">I", self._data, tfhd.body)
            at, default_size = tfhd.body + 8, 0
            base = moof.start if flags & _BASE_IS_MOOF else end_of_data
            for flag, width in _TFHD_FIELDS:
                if not flags & flag:
                    continue
                if flag == _BASE_DATA_OFFSET:
                    (base,) = struct.unpack_from(">Q", self._data, at)
                    self._put(at, ">Q", self._moved(base))
                elif flag == 0x10:
                    (default_size,) = struct.unpack_from(">I", self._data, at)
                at += width
            position = base
            for trun in parts:
                if trun.kind == b"trun":
                    position = self._trun(trun, base, position, default_size)
            end_of_data = position

    def _trun(self, trun: Box, base: int, position: int, default_size: int) -> int:
        """Fix one run and give the offset behind its data."""
        flags, count = struct.unpack_from(">II", self._data, trun.body)
        flags &= 0xFFFFFF
        at = trun.body + 8
        if flags & _DATA_OFFSET:
            (offset,) = struct.unpack_from(">i", self._data, at)
            position = base + offset
            self._put(at, ">i", self._moved(position) - self._moved(base))
            at += 4
        at += 4 if flags & _FIRST_FLAGS else 0
        step = 4 * sum(bool(flags & flag) for flag in _SAMPLE_FIELDS)
        if not flags & _SAMPLE_SIZE:
            end = position + int(count) * default_size
            if self._has_edits(position, end) or not default_size:
                raise Unpatchable("samples of a default size")
            return end
        at += 4 if flags & 0x100 else 0
        sizes: list[int] = [
            struct.unpack_from(">I", self._data, at + step * number)[0] for number in range(count)
        ]
        self._sizes(position, sizes, at, step)
        return position + sum(sizes)

    def _sidx(self, sidx: Box) -> None:
        """Sizes of the subsegments behind the index."""
        version = self._data[sidx.body]
        at = sidx.body + 12 + (8 if version == 0 else 16)
        (first,) = struct.unpack_from(
            ">I" if version == 0 else ">Q", self._data, at - (4 if version == 0 else 8)
        )
        (count,) = struct.unpack_from(">H", self._data, at + 2)
        position = sidx.end + first
        for number in range(count):
            place = at + 4 + 12 * number
            (word,) = struct.unpack_from(">I", self._data, place)
            size = word & 0x7FFFFFFF
            new = size + self._grown(position, position + size)
            if new > 0x7FFFFFFF:
                raise Unpatchable("a subsegment over 2 GiB")
            self._put(place, ">I", word & 0x80000000 | new)
            position += size

    def _tfra(self, tfra: Box) -> None:
        """Where the fragments begin, for seeking."""
        version = self._data[tfra.body]
        lengths, count = struct.unpack_from(">II", self._data, tfra.body + 8)
        width = 8 if version else 4
        step = 2 * width + sum((lengths >> shift & 3) + 1 for shift in (4, 2, 0))
        for number in range(count):
            at = tfra.body + 16 + step * number + width
            form = ">Q" if version else ">I"
            (offset,) = struct.unpack_from(form, self._data, at)
            self._put(at, form, self._moved(offset))

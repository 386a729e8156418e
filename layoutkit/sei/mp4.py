"""MP4 and MOV: the sizes and offsets that have to change where samples grow or shrink, or what describes
them. Bytes in, edits out.

Source: ISO/IEC 14496-12, whose names the boxes and fields have here.
"""

from __future__ import annotations  # array is generic in its stubs only

import struct
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import lt
from typing import Literal

from layoutkit.sei.file_bytes import FileBytes, unpack
from layoutkit.sei.mp4_boxes import Box, big_endian, boxes, first_samples, numbers
from layoutkit.sei.mp4_description import CONFIGURATIONS, STSD_FIELDS_BYTES, VISUAL_FIELDS_BYTES
from layoutkit.sei.near import HasNumbers, place_of
from layoutkit.sei.placement import Edit, offset_of
from layoutkit.sei.unpatchable import Unpatchable

_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf", b"mfra"})
_UNKNOWN_OFFSETS = frozenset({b"iloc", b"saio", b"stz2", b"ssix"})
"""Boxes that hold offsets or sizes which are not followed here."""

_BASE_DATA_OFFSET, _DATA_OFFSET, _FIRST_FLAGS = 0x1, 0x1, 0x4
_BASE_IS_MOOF = 0x020000
_SAMPLE_SIZE = 0x200
_SAMPLE_FIELDS = (0x100, 0x200, 0x400, 0x800)
"""trun flags: duration, size, flags and composition time offset, four bytes each in a sample's entry."""

_TFHD_FIELDS = ((0x1, 8), (0x2, 4), (0x8, 4), (0x10, 4), (0x20, 4))


def fixups(data: FileBytes | bytes, offsets: HasNumbers, growths: HasNumbers) -> Iterator[Edit]:
    """The edits of sizes and offsets that those of samples and of their description ask for; all together
    make the new file.

    They come in the order of their offsets.

    Args:
        offsets, growths: of the edits, as `Edits` has them.

    Raises:
        Unpatchable: a table that is not understood, or a number that outgrows its field.
    """
    try:
        yield from _Fixup(data, offsets, growths).run()
    except (struct.error, OverflowError) as error:
        raise Unpatchable(str(error)) from error


class _Fixup:
    def __init__(self, data: FileBytes | bytes, offsets: HasNumbers, growths: HasNumbers) -> None:
        self._data = data
        self._offsets = offsets
        self._growths = growths
        self._made: list[Edit] = []
        self._in_tables = 0
        self._last = 0

    def run(self) -> Iterator[Edit]:
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
                self._resize(box)
                self._walk(box)
            yield from sorted(self._made, key=offset_of)
            self._made.clear()
        # Each edit has to be in exactly one table of sizes, or readers would lose their way.
        if self._in_tables != len(self._offsets):
            raise Unpatchable("an edit is in no table of sample sizes")

    def _first_edit(self, offset: int) -> int:
        """Number of the first edit from that offset on."""
        self._last = place_of(self._offsets, offset, self._last)
        return self._last

    def _moved(self, offset: int) -> int:
        """Where the byte at that offset comes to stand."""
        return offset + self._growths[self._first_edit(offset)]

    def _grown(self, start: int, end: int) -> int:
        """By how much the bytes between two offsets grow."""
        low, high = self._first_edit(start), self._first_edit(end)
        return self._growths[high] - self._growths[low]

    def _put(self, offset: int, form: str, value: int) -> None:
        new = struct.pack(form, value)
        if self._data[offset : offset + len(new)] != new:
            self._made.append(Edit(offset, len(new), new))

    def _resize(self, box: Box) -> None:
        growth = self._grown(box.body, box.end)
        (size,) = unpack(self._data, ">I", box.start)
        if size == 1:
            (size,) = unpack(self._data, ">Q", box.start + 8)
            self._put(box.start + 8, ">Q", size + growth)
        elif size:
            self._put(box.start, ">I", size + growth)

    def _walk(self, parent: Box) -> None:
        for box in boxes(self._data, parent.body, parent.end):
            if box.kind in _UNKNOWN_OFFSETS:
                raise Unpatchable(f"box {box.kind!r}")
            if box.kind == b"tfra":
                self._tfra(box)
            elif box.kind in _CONTAINERS:
                self._resize(box)
                (self._stbl if box.kind == b"stbl" else self._walk)(box)

    def _stbl(self, stbl: Box) -> None:
        """Chunk offsets move; the sizes of edited samples change."""
        found = {box.kind: box for box in boxes(self._data, stbl.body, stbl.end)}
        if not _UNKNOWN_OFFSETS.isdisjoint(found):
            raise Unpatchable("sample auxiliary information")
        chunks_box = found.get(b"stco") or found.get(b"co64")
        if chunks_box is None or b"stsz" not in found or b"stsc" not in found:
            raise Unpatchable("a track without a sample table")
        chunks = self._table(chunks_box.body + 4, "I" if chunks_box.kind == b"stco" else "Q")
        is_ordered = all(map(lt, chunks, islice(chunks, 1, None)))
        moved = self._moved_table(chunks, is_ordered)
        self._made.append(Edit(chunks_box.body + 8, len(moved), moved))
        sizes_at = found[b"stsz"].body + 12
        uniform, count = unpack(self._data, ">II", sizes_at - 8)
        # Sound may have millions of samples of one size, and a damaged table any number.
        sizes = array("I") if uniform else self._table(sizes_at - 4, "I")
        first_of = first_samples(self._data, found[b"stsc"], len(chunks))
        is_changed = False
        for place in self._edited(chunks) if is_ordered else range(len(chunks)):
            offset, (number, last) = chunks[place], first_of(place)
            size = uniform * (min(last, count) - number) if uniform else sum(sizes[number:last])
            if self._has_edits(offset, offset + size):
                if uniform:
                    raise Unpatchable("samples of one size")
                for sample, new in self._new_sizes(offset, sizes[number:last]):
                    sizes[number + sample] = new
                    is_changed = True
        if is_changed:
            self._made.append(Edit(sizes_at, 4 * count, big_endian(sizes)))
        if b"stsd" in found:
            self._stsd(found[b"stsd"])

    def _stsd(self, stsd: Box) -> None:
        """Edits may be in the configurations of sample entries as well as in samples."""
        if not self._has_edits(stsd.body, stsd.end):
            return
        self._resize(stsd)
        for entry in boxes(self._data, stsd.body + STSD_FIELDS_BYTES, stsd.end):
            self._resize(entry)
            for box in boxes(self._data, entry.body + VISUAL_FIELDS_BYTES, entry.end):
                if box.kind in CONFIGURATIONS:
                    self._resize(box)
                    self._in_tables += self._first_edit(box.end) - self._first_edit(box.body)

    def _moved_table(self, offsets: array[int], is_ordered: bool) -> bytes:
        """Where the bytes at many offsets come to stand, as a table of the same width."""
        if is_ordered and len(offsets) > len(self._offsets):
            # The stretch up to each edit moves as a whole.
            moved = array(offsets.typecode)
            start = 0
            for offset, growth in zip(self._offsets, self._growths, strict=False):
                end = bisect_right(offsets, offset, start)
                moved.extend(map(growth.__add__, offsets[start:end]))
                start = end
            moved.extend(map(self._growths[-1].__add__, offsets[start:]))
        else:
            moved = array(offsets.typecode, map(self._moved, offsets))
        return big_endian(moved)

    def _edited(self, chunks: array[int]) -> Iterator[int]:
        """Numbers of the chunks that edits may be in, of chunks that follow each other."""
        last = -1
        for offset in self._offsets:
            place = bisect_right(chunks, offset, max(last, 0)) - 1
            if place > last:
                yield place
                last = place

    def _table(self, count_at: int, kind: Literal["I", "Q"]) -> array[int]:
        """A table of 32 or 64 bits that its count precedes."""
        (count,) = unpack(self._data, ">I", count_at)
        return numbers(self._data, count_at + 4, count, kind)

    def _has_edits(self, start: int, end: int) -> bool:
        place = self._first_edit(start)
        return place < len(self._offsets) and self._offsets[place] < end

    def _new_sizes(self, offset: int, sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Numbers and new sizes of the edited ones of samples that stand one behind the other."""
        low = high = self._first_edit(offset)
        for number, size in enumerate(sizes):
            offset += size
            while high < len(self._offsets) and self._offsets[high] < offset:
                high += 1
            if low < high:
                self._in_tables += high - low
                yield number, size + self._growths[high] - self._growths[low]
                low = high

    def _moof(self, moof: Box) -> None:
        """Track runs: data_offset counts from the fragment's base, which itself may have moved."""
        end_of_data = moof.start
        for traf in boxes(self._data, moof.body, moof.end):
            if traf.kind != b"traf":
                continue
            parts = list(boxes(self._data, traf.body, traf.end))
            if any(part.kind in _UNKNOWN_OFFSETS for part in parts):
                raise Unpatchable("sample auxiliary information")
            tfhd = next((part for part in parts if part.kind == b"tfhd"), None)
            if tfhd is None:
                raise Unpatchable("a track fragment without a header")
            (flags,) = unpack(self._data, ">I", tfhd.body)
            at, default_size, size_at = tfhd.body + 8, 0, None
            base = moof.start if flags & _BASE_IS_MOOF else end_of_data
            for flag, width in _TFHD_FIELDS:
                if not flags & flag:
                    continue
                if flag == _BASE_DATA_OFFSET:
                    (base,) = unpack(self._data, ">Q", at)
                    self._put(at, ">Q", self._moved(base))
                elif flag == 0x10:
                    (default_size,), size_at = unpack(self._data, ">I", at), at
                at += width
            position = base
            runs = [part for part in parts if part.kind == b"trun"]
            if not self._is_for_one(runs):
                size_at = None
            for trun in runs:
                position = self._trun(trun, base, position, default_size, size_at)
            end_of_data = position

    def _is_for_one(self, runs: Iterable[Box]) -> bool:
        """Whether one sample only has the default size, of all in the runs of a track in a fragment."""
        told = (unpack(self._data, ">II", trun.body) for trun in runs)
        return sum(count for flags, count in told if not flags & _SAMPLE_SIZE) == 1

    def _trun(self, trun: Box, base: int, position: int, default_size: int, size_at: int | None) -> int:
        """Fix one run and give the offset behind its data.

        Args:
            size_at: where the default size stands, if it is that of one sample only.
        """
        flags, count = unpack(self._data, ">II", trun.body)
        flags &= 0xFFFFFF
        at = trun.body + 8
        if flags & _DATA_OFFSET:
            (offset,) = unpack(self._data, ">i", at)
            position = base + offset
            self._put(at, ">i", self._moved(position) - self._moved(base))
            at += 4
        at += 4 if flags & _FIRST_FLAGS else 0
        step = 4 * sum(bool(flags & flag) for flag in _SAMPLE_FIELDS)
        if not flags & _SAMPLE_SIZE:
            end = position + int(count) * default_size
            if not default_size or (self._has_edits(position, end) and size_at is None):
                raise Unpatchable("samples of a default size")
            if size_at is not None:
                for _, size in self._new_sizes(position, [default_size] * count):
                    self._put(size_at, ">I", size)
            return end
        at += 4 if flags & 0x100 else 0
        table = numbers(self._data, at, max(0, (count - 1) * step // 4 + 1))
        sizes = table[:: step // 4]
        for number, size in self._new_sizes(position, sizes):
            self._put(at + step * number, ">I", size)
        return position + sum(sizes)

    def _sidx(self, sidx: Box) -> None:
        """Where the subsegments behind the index begin, and their sizes."""
        (version,) = unpack(self._data, "B", sidx.body)
        form, width = (">Q", 8) if version else (">I", 4)
        at = sidx.body + 12 + 2 * width
        (first,) = unpack(self._data, form, at - width)
        (count,) = unpack(self._data, ">H", at + 2)
        position = sidx.end + first
        self._put(at - width, form, self._moved(position) - self._moved(sidx.end))
        for number in range(count):
            place = at + 4 + 12 * number
            (word,) = unpack(self._data, ">I", place)
            size = word & 0x7FFFFFFF
            new = size + self._grown(position, position + size)
            if new > 0x7FFFFFFF:
                raise Unpatchable("a subsegment over 2 GiB")
            self._put(place, ">I", word & 0x80000000 | new)
            position += size

    def _tfra(self, tfra: Box) -> None:
        """Where the fragments begin, for seeking."""
        (version,) = unpack(self._data, "B", tfra.body)
        lengths, count = unpack(self._data, ">II", tfra.body + 8)
        width = 8 if version else 4
        step = 2 * width + sum((lengths >> shift & 3) + 1 for shift in (4, 2, 0))
        for number in range(count):
            at = tfra.body + 16 + step * number + width
            form = ">Q" if version else ">I"
            (offset,) = unpack(self._data, form, at)
            self._put(at, form, self._moved(offset))

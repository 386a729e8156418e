"""The samples of one track of a long MP4 in windows: movie boxes that each tell of some of them alone.

FFmpeg makes an index of all the samples that a movie box tells, as it opens one. It is given these one after
the other, and each begins with samples that the one before ended with, by which times go on.

Source: ISO/IEC 14496-12 8.6 and 8.7, whose names the boxes and fields have here.
"""

import struct
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from itertools import chain, islice, repeat
from operator import ge
from typing import NamedTuple

from layoutkit.sei import placement
from layoutkit.sei.fast.boxes import MAX_TICKS, Node, Rows, only, signed
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.movie import (
    Edit,
    check_entry,
    edit_of,
    is_here,
    references_of,
    sample_tables,
    timescale_of,
    track_id_of,
)
from layoutkit.sei.fast.movie_samples import check_plain
from layoutkit.sei.fast.packets import MAX_PACKET_BYTES
from layoutkit.sei.mp4_boxes import big_endian
from layoutkit.sei.sample_runs import Walk, total
from layoutkit.sei.window import Window
from layoutkit.sei.window_boxes import box_of, chunk_runs_box, counted, edit_box, every, rebuilt

WINDOW = 1 << 16
"""Entries of FFmpeg's index in a window, some 5 MB of memory."""

_OVERLAP = 64
"""Samples that a window has of the one before it, at least: to go on from the last one packet is enough, but
FFmpeg may take some of the first, as many as wait for others to be decoded, to be before the start."""

_UNCOMPRESSED_AT_ONCE = 1024
"""Samples of uncompressed sound that FFmpeg makes one packet of, at most."""


class _Span(NamedTuple):
    """Some chunks that follow each other: numbers of the first chunk and sample, and the samples in each."""

    chunk: int
    sample: int
    counts: "array[int]"

    @property
    def end(self) -> int:
        """Number of the sample behind the last."""
        return self.sample + sum(self.counts)


class Windows:
    """A track in windows.

    Args:
        start: where the movie box begins.
        movie: the boxes in it.
        trak: the track's.
        file_size: bytes of the file.

    Attributes:
        track_id: its number in the file.
        chapters: numbers of tracks that it takes for the text of its chapters.

    Raises:
        GiveWay: there is more to it than the tables tell, or what FFmpeg makes of a window would differ.
    """

    def __init__(self, start: int, movie: dict[bytes, list[Node]], trak: Node, file_size: int) -> None:
        # A box of a kind that is passed over; what is in it comes behind the file.
        self._hidden = [placement.Edit(start + 4, 4, b"free")]
        self._movie = movie
        self._trak = trak.children()
        mdia = only(self._trak, b"mdia").children()
        is_here(mdia)
        handler = only(mdia, b"hdlr").part(8, 4)
        self.track_id = track_id_of(only(self._trak, b"tkhd"))
        self.chapters = references_of(self._trak, b"chap")
        self._timescale = timescale_of(only(mdia, b"mdhd"))
        edit = edit_of(self._trak, self._timescale, timescale_of(only(movie, b"mvhd")))
        self._end = edit.media_time + edit.duration if edit and edit.duration is not None else None
        self._tables = tables = sample_tables(mdia)
        check_plain(tables)
        check_entry(handler, tables)
        stsz = only(tables, b"stsz")
        self._uniform_size, self._count = stsz.numbers("II", 4)
        self._sizes = None if self._uniform_size else Rows(stsz, 1, 8)
        self._durations = Rows(only(tables, b"stts"), 2, 4)
        self._offsets = Rows(only(tables, b"ctts"), 2, 4) if b"ctts" in tables else None
        self._keys = Rows(only(tables, b"stss"), 1, 4) if b"stss" in tables else None
        is_wide = b"co64" in tables
        self._chunks = Rows(only(tables, b"co64" if is_wide else b"stco"), 1, 4, wide=is_wide)
        self._runs = Rows(only(tables, b"stsc"), 3, 4)
        # FFmpeg makes packets of several samples then.
        self._is_sound = handler == b"soun"
        self._is_uncompressed = self._is_sound and self._durations.rows(0, 2)[1:] == array("I", [1])
        self._left_out = 0
        if self._count:
            self._check(edit, file_size)

    def __iter__(self) -> Iterator[Window]:
        if not self._count:
            return
        durations, shifted = Walk(self._durations), Walk(self._durations)
        offsets = Walk(self._offsets) if self._offsets else None
        for span in self._spans():
            start = durations.go(span.sample)
            runs = durations.runs(span.end)
            end = start + total(runs)
            is_last = self._end is not None and end + self._highest >= self._end
            if is_last:
                counts = array("I", islice(self._samples_of_chunks(), span.chunk, None))
                span = _Span(span.chunk, span.sample, counts)
                runs = durations.runs(span.end)
            is_last |= span.end == self._count
            boxes = [counted(b"stts", 2, runs)]
            if offsets:
                offsets.go(span.sample)
                boxes.append(counted(b"ctts", 2, offsets.runs(span.end)))
            shown = self._end - start if self._end is not None and is_last else None
            others = self._others_durations(span, shifted) if self._left_out and span.sample else None
            movie = self._movie_box(span, boxes, shown)
            yield Window(self._hidden, is_last, behind=movie, durations=others)
            if is_last:
                return

    def _check(self, edit: Edit | None, file_size: int) -> None:
        """Make sure that the tables are as FFmpeg takes them, and that windows make no difference."""
        ticks = self._check_times()
        self._check_chunks()
        self._check_places(file_size)
        self._check_keys()
        first = next(self._spans())
        end = total(Walk(self._durations).runs(first.end))
        if first.end == self._count:
            return
        if self._lowest and self._offsets:
            values = signed(Walk(self._offsets).runs(first.end)[1:-4:2])
            if min(values, default=0) != self._lowest:
                raise GiveWay("pictures displayed before they are decoded, but none at the beginning")
        if edit and edit.media_time + self._highest >= end:
            raise GiveWay("an edit that begins far from the beginning")
        if edit and edit.duration is None:
            raise GiveWay("an edit of no duration")
        if edit and edit.media_time != edit.delay and self._is_last_open():
            raise GiveWay("an edit of samples of which the last is as long as the track")
        if edit and not self._offsets:
            lead = self._timescale if self._is_sound else 0
            self._left_out = self._key_frame_at(edit.media_time - lead, first.end)
        if self._left_out and not self._shortest:
            raise GiveWay("an edit that leaves out samples before ones of no duration")
        if self._end is not None and (ticks + self._highest - self._end) * self._count > WINDOW * ticks:
            raise GiveWay("an edit that ends far from the end")

    def _check_times(self) -> int:
        """The ticks that all samples take together."""
        count, longest, ticks = 0, 0, 0
        self._shortest = MAX_TICKS
        for pairs in self._durations.pieces():
            count += sum(pairs[::2])
            longest = max(longest, *pairs[1::2])
            self._shortest = min(self._shortest, *pairs[1::2])
            ticks += total(pairs)
        self._lowest = self._highest = 0
        if self._offsets:
            told = 0
            for pairs in self._offsets.pieces():
                told += sum(pairs[::2])
                values = signed(pairs[1::2])
                self._lowest = min(self._lowest, *values)
                self._highest = max(self._highest, *values)
                if self._lowest < 0 and not all(pairs[::2]):
                    raise GiveWay("times of no samples")
            if told != self._count:
                raise GiveWay("composition offsets of more samples than there are, or fewer")
        if count != self._count or max(longest, self._highest, -self._lowest) >= MAX_TICKS:
            raise GiveWay("times that are not for each sample, or too long")
        return ticks

    def _check_chunks(self) -> None:
        last = most = 0
        for rows in self._runs.pieces():
            firsts, counts, entries = rows[::3], rows[1::3], rows[2::3]
            if firsts[0] <= last or any(map(ge, firsts, islice(firsts, 1, None))) or not all(counts):
                raise GiveWay("runs of chunks that do not follow each other, or without samples")
            if entries.count(1) != len(entries):
                raise GiveWay("samples of another sample entry")
            last, most = firsts[-1], max(most, *counts)
        if self._runs.rows(0, 1)[:1] != array("I", [1]) or last > self._chunks.count:
            raise GiveWay("runs of chunks that are not for all")
        if sum(self._samples_of_chunks()) != self._count:
            raise GiveWay("chunks of more samples than there are, or fewer")
        if self._entries(most) > WINDOW:
            raise GiveWay("a chunk of too many samples")

    def _check_places(self, file_size: int) -> None:
        """Chunks stand in the file one behind the other, so that each packet is known by its place."""
        last = -1
        for offsets in self._chunks.pieces():
            if offsets[0] <= last or any(map(ge, offsets, islice(offsets, 1, None))):
                raise GiveWay("chunks that are not one behind the other")
            last = offsets[-1]
        if self._sizes is None:
            if not self._is_uncompressed and self._count > WINDOW:
                raise GiveWay("samples of one size for all")
            rest = self._uniform_size * self._last_count()
        else:
            if any(not all(sizes) or max(sizes) > MAX_PACKET_BYTES for sizes in self._sizes.pieces()):
                raise GiveWay("samples that are empty or too large")
            rest = sum(self._sizes.rows(self._count - self._last_count(), self._count))
        if last + rest > file_size:
            raise GiveWay("samples behind the end of the file")

    def _last_count(self) -> int:
        """Samples in the last chunk."""
        return self._runs.rows(self._runs.count - 1, self._runs.count)[1]

    def _check_keys(self) -> None:
        if self._keys is None:
            return
        last = 0
        for numbers in self._keys.pieces():
            if numbers[0] <= last or any(map(ge, numbers, islice(numbers, 1, None))):
                raise GiveWay("key frames out of order")
            last = numbers[-1]
        if self._keys.rows(0, 1) != array("I", [1]):
            raise GiveWay("key frames that are not from the start")

    def _key_frame_at(self, ticks: int, end: int) -> int:
        """Number of the last key frame up to a time, among the samples in front of another."""
        before = sample = 0
        runs = Walk(self._durations).runs(end)
        for count, duration in zip(runs[::2], runs[1::2], strict=True):
            passed = min(count, max(0, ticks - before) // duration) if duration else count
            sample += passed
            before += passed * duration
            if passed < count:
                break
        if self._keys is None:
            return sample
        keys = self._keys.rows(0, sample + 1)
        return keys[bisect_right(keys, sample + 1) - 1] - 1

    def _is_last_open(self) -> bool:
        """Whether FFmpeg takes the last packet to be as long as the track, which moves with no edit."""
        return self._is_uncompressed or not self._durations.rows(self._durations.count - 1, 1 << 32)[1]

    def _others_durations(self, span: _Span, walk: "Walk") -> Iterator[int]:
        """For each sample the duration of the one that is as many before it as FFmpeg leaves out at first.

        Where there are no composition offsets, it takes the first durations for those of the first samples it
        begins with.
        """
        first = span.sample - self._left_out
        walk.go(max(0, first))
        runs = walk.runs(span.end - self._left_out)
        return chain(repeat(0, -first), chain.from_iterable(map(repeat, runs[1::2], runs[::2])))

    def _entries(self, samples: int) -> int:
        """FFmpeg's entries for so many samples of one chunk."""
        return -(-samples // _UNCOMPRESSED_AT_ONCE) if self._is_uncompressed else samples

    def _samples_of_chunks(self) -> Iterator[int]:
        begun, count = 1, 0
        for rows in self._runs.pieces():
            for first, each in zip(rows[::3], rows[1::3], strict=True):
                yield from repeat(count, first - begun)
                begun, count = first, each
        yield from repeat(count, self._chunks.count + 1 - begun)

    def _spans(self) -> Iterator[_Span]:
        """All chunks, in parts that overlap."""
        counts = array("I")
        chunk = sample = entries = 0
        for each in self._samples_of_chunks():
            counts.append(each)
            entries += self._entries(each)
            if entries >= WINDOW:
                yield _Span(chunk, sample, counts)
                kept = entries = 0
                while kept < len(counts) and entries < _OVERLAP:
                    kept += 1
                    entries += self._entries(counts[-kept])
                chunk += len(counts) - kept
                sample += sum(counts[:-kept])
                counts = counts[-kept:]
                entries = 0
        if entries:
            yield _Span(chunk, sample, counts)

    def _movie_box(self, span: _Span, times: list[bytes], shown: int | None) -> bytes:
        """A movie box that tells of those samples alone; `shown`: ticks after which none is."""
        tables = [*times, *self._places(span)]
        is_first = not span.sample
        if self._keys:
            tables.append(self._key_frames(span))
        if b"sdtp" in self._tables:
            sdtp = only(self._tables, b"sdtp")
            told = sdtp.part(4 + span.sample, span.end - span.sample)
            tables.append(box_of(b"sdtp", sdtp.part(0, 4), told))
        replaced = {b"edts": b"", b"tref": b""}
        if is_first:
            replaced[b"edts"] = b"".join(box_of(b"edts", box.data) for box in self._trak.get(b"edts", []))
            kept = ((kind, box) for kind, box in every(self._movie) if kind not in {b"trak", b"mvhd"})
            others = [box_of(kind, box.data) for kind, box in kept]
        else:
            others = []
            if shown is not None:
                replaced[b"edts"] = edit_box(shown)
        mvhd = bytearray(only(self._movie, b"mvhd").data)
        if not is_first:
            struct.pack_into(">I", mvhd, 20 if mvhd[0] else 12, self._timescale)
        trak = box_of(b"trak", *rebuilt(self._trak, tables, replaced))
        return box_of(b"moov", box_of(b"mvhd", mvhd), trak, *others)

    def _places(self, span: _Span) -> Iterator[bytes]:
        """stsz, stsc and co64."""
        count = span.end - span.sample
        if self._sizes is None:
            yield box_of(b"stsz", struct.pack(">III", 0, self._uniform_size, count))
        else:
            sizes = big_endian(self._sizes.rows(span.sample, span.end))
            yield box_of(b"stsz", struct.pack(">III", 0, 0, count), sizes)
        yield chunk_runs_box(span.counts)
        yield counted(b"co64", 1, array("Q", self._chunks.rows(span.chunk, span.chunk + len(span.counts))))

    def _key_frames(self, span: _Span) -> bytes:
        """stss. FFmpeg begins at a key frame, so the first sample is one; it is passed over."""
        assert self._keys
        found, end = array("I", [1]), span.end
        for numbers in self._keys.pieces():
            if numbers[-1] > span.sample + 1:
                found.extend(n - span.sample for n in numbers if span.sample + 1 < n <= end)
            if numbers[-1] > end:
                break
        return counted(b"stss", 1, found)

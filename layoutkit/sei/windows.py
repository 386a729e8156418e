"""The samples of one track of a long MP4 in windows: movie boxes that each tell of some of them alone.

FFmpeg makes an index of all the samples that a movie box tells, as it opens one. It is given these one after
the other, and each begins with samples that the one before ended with, by which times go on.

Source: ISO/IEC 14496-12 8.6 and 8.7, whose names the boxes and fields have here.
"""

import struct
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, groupby, islice, repeat
from operator import ge, mul
from typing import NamedTuple

from layoutkit.sei.fast.boxes import MAX_TICKS, Node, Rows, only, signed
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.movie import (
    Edit,
    check_entry,
    edit_of,
    is_here,
    sample_tables,
    timescale_of,
    track_id_of,
)
from layoutkit.sei.fast.movie_samples import check_plain
from layoutkit.sei.fast.packets import MAX_PACKET_BYTES
from layoutkit.sei.mp4_boxes import big_endian

WINDOW = 1 << 16
"""Entries of FFmpeg's index in a window, some 5 MB of memory."""

_OVERLAP = 64
"""Samples that a window has of the one before it, at least: to go on from the last one packet is enough, but
FFmpeg may take some of the first, as many as wait for others to be decoded, to be before the start."""

_UNCOMPRESSED_AT_ONCE = 1024
"""Samples of uncompressed sound that FFmpeg makes one packet of, at most."""

_REBUILT = frozenset({b"stts", b"ctts", b"cslg", b"stss", b"stsc", b"stsz", b"stco", b"co64"}) | frozenset(
    {b"sdtp", b"sgpd", b"sbgp"}
)

_PARENTS = frozenset({b"mdia", b"minf"})

_NORMAL_RATE = 0x10000


class _Span(NamedTuple):
    """Some chunks that follow each other: numbers of the first chunk and sample, and the samples in each."""

    chunk: int
    sample: int
    counts: "array[int]"

    @property
    def end(self) -> int:
        """Number of the sample behind the last."""
        return self.sample + sum(self.counts)


class Window(NamedTuple):
    """A movie box that tells of some samples, and whether none is given behind them."""

    movie: bytes
    is_last: bool


class Windows:
    """A track in windows.

    Args:
        movie: the boxes in the movie box.
        trak: the track's.
        file_size: bytes of the file.

    Attributes:
        track_id: its number in the file.
        chapters: numbers of tracks that it takes for the text of its chapters.

    Raises:
        GiveWay: there is more to it than the tables tell, or what FFmpeg makes of a window would differ.
    """

    def __init__(self, movie: dict[bytes, list[Node]], trak: Node, file_size: int) -> None:
        self._movie = movie
        self._trak = trak.children()
        mdia = only(self._trak, b"mdia").children()
        is_here(mdia)
        handler = only(mdia, b"hdlr").part(8, 4)
        self.track_id = track_id_of(only(self._trak, b"tkhd"))
        self.chapters = _references(self._trak, b"chap")
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
        self._has_others_durations = False
        if self._count:
            self._check(edit, file_size)

    def __iter__(self) -> Iterator[Window]:
        if not self._count:
            return
        durations = _Walk(self._durations)
        offsets = _Walk(self._offsets) if self._offsets else None
        for span in self._spans():
            start = durations.go(span.sample)
            runs = durations.runs(span.end)
            end = start + _total(runs)
            is_last = self._end is not None and end + self._highest >= self._end
            if is_last:
                counts = array("I", islice(self._samples_of_chunks(), span.chunk, None))
                span = _Span(span.chunk, span.sample, counts)
                runs = durations.runs(span.end)
            is_last |= span.end == self._count
            boxes = [_pairs(b"stts", self._as_shown(runs) if is_last and span.sample else runs)]
            if offsets:
                offsets.go(span.sample)
                boxes.append(_pairs(b"ctts", offsets.runs(span.end)))
            shown = self._end - start if self._end is not None and is_last else None
            yield Window(self._movie_box(span, boxes, shown), is_last)
            if is_last:
                return

    def _check(self, edit: Edit | None, file_size: int) -> None:
        """Make sure that the tables are as FFmpeg takes them, and that windows make no difference."""
        ticks = self._check_times()
        self._check_chunks()
        self._check_places(file_size)
        self._check_keys()
        first = next(self._spans())
        end = _total(_Walk(self._durations).runs(first.end))
        if first.end == self._count:
            return
        if self._lowest and self._offsets:
            values = signed(_Walk(self._offsets).runs(first.end)[1:-4:2])
            if min(values, default=0) != self._lowest:
                raise GiveWay("pictures displayed before they are decoded, but none at the beginning")
        if edit and edit.media_time + self._highest >= end:
            raise GiveWay("an edit that begins far from the beginning")
        if edit and edit.duration is None:
            raise GiveWay("an edit of no duration")
        if edit and edit.media_time != edit.delay and self._is_last_open():
            raise GiveWay("an edit of samples of which the last is as long as the track")
        self._has_others_durations = bool(edit and not self._offsets and self._leaves_out(edit.media_time))
        others = self._durations.rows(1, 3)[::2]
        if self._has_others_durations and others not in (array("I"), array("I", [1])):
            raise GiveWay("an edit that leaves out the first of samples that are not equally long")
        if self._end is not None and (ticks + self._highest - self._end) * self._count > WINDOW * ticks:
            raise GiveWay("an edit that ends far from the end")

    def _check_times(self) -> int:
        """The ticks that all samples take together."""
        count, longest, ticks = 0, 0, 0
        for pairs in self._durations.pieces():
            count += sum(pairs[::2])
            longest = max(longest, *pairs[1::2])
            ticks += _total(pairs)
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

    def _leaves_out(self, media_time: int) -> bool:
        """Whether FFmpeg leaves out the first samples where that time is the first to be shown.

        It begins at the last key frame before, of sound a second earlier. As the durations of the samples
        from there on it takes those of the first ones.
        """
        second = 1
        if self._keys:
            second = self._keys.rows(1, 2)[0] - 1 if self._keys.count > 1 else self._count
        lead = self._timescale if self._is_sound else 0
        return media_time - lead >= _Walk(self._durations).go(second)

    def _is_last_open(self) -> bool:
        """Whether FFmpeg takes the last packet to be as long as the track, which moves with no edit."""
        return self._is_uncompressed or not self._durations.rows(self._durations.count - 1, 1 << 32)[1]

    def _as_shown(self, runs: "array[int]") -> "array[int]":
        """Durations of the samples of the last window, as FFmpeg takes them."""
        if not self._has_others_durations:
            return runs
        return array("I", [sum(runs[::2]), runs[1]])

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
            tables.append(_box(b"sdtp", sdtp.part(0, 4), sdtp.part(4 + span.sample, span.end - span.sample)))
        replaced = {b"edts": b"", b"tref": b""}
        if is_first:
            replaced[b"edts"] = b"".join(_box(b"edts", box.data) for box in self._trak.get(b"edts", []))
            kept = ((kind, box) for kind, box in _each(self._movie) if kind not in {b"trak", b"mvhd"})
            others = [_box(kind, box.data) for kind, box in kept]
        else:
            others = []
            if shown is not None:
                entry = struct.pack(">IQqI", 1, shown, 0, _NORMAL_RATE)
                replaced[b"edts"] = _box(b"edts", _box(b"elst", struct.pack(">I", 1 << 24), entry))
        mvhd = bytearray(only(self._movie, b"mvhd").data)
        if not is_first:
            struct.pack_into(">I", mvhd, 20 if mvhd[0] else 12, self._timescale)
        trak = _box(b"trak", *_rebuilt(self._trak, tables, replaced))
        return _box(b"moov", _box(b"mvhd", mvhd), trak, *others)

    def _places(self, span: _Span) -> Iterator[bytes]:
        """stsz, stsc and co64."""
        count = span.end - span.sample
        if self._sizes is None:
            yield _box(b"stsz", struct.pack(">III", 0, self._uniform_size, count))
        else:
            sizes = big_endian(self._sizes.rows(span.sample, span.end))
            yield _box(b"stsz", struct.pack(">III", 0, 0, count), sizes)
        rows = array("I")
        number = 1
        for each, group in groupby(span.counts):
            rows.extend((number, each, 1))
            number += sum(1 for _ in group)
        yield _box(b"stsc", struct.pack(">II", 0, len(rows) // 3), big_endian(rows))
        chunks = array("Q", self._chunks.rows(span.chunk, span.chunk + len(span.counts)))
        yield _box(b"co64", struct.pack(">II", 0, len(chunks)), big_endian(chunks))

    def _key_frames(self, span: _Span) -> bytes:
        """stss. FFmpeg begins at a key frame, so the first sample is one; it is passed over."""
        assert self._keys
        found, end = array("I", [1]), span.end
        for numbers in self._keys.pieces():
            if numbers[-1] > span.sample + 1:
                found.extend(n - span.sample for n in numbers if span.sample + 1 < n <= end)
            if numbers[-1] > end:
                break
        return _box(b"stss", struct.pack(">II", 0, len(found)), big_endian(found))


def sample_count(trak: Node) -> int:
    """How many samples a track has.

    Raises:
        GiveWay: its tables are not of the kinds that are known.
    """
    stsz = only(sample_tables(only(trak.children(), b"mdia").children()), b"stsz")
    return stsz.numbers("I", 8)[0]


class _Walk:
    """A table of runs of samples, stts or ctts, gone through from its beginning to its end."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._row = 0
        self._sample = self._first = 0
        self._ticks = 0

    def go(self, sample: int) -> int:
        """Go to a sample that is not before the last one; what the values before it add up to."""
        self._first = sample
        for pairs in self._rows.pieces(self._row):
            ends = array("Q", accumulate(pairs[::2], initial=self._sample))
            passed = bisect_right(ends, sample) - 1
            self._row += passed
            self._ticks += _total(pairs[: 2 * passed])
            self._sample = ends[passed]
            if 2 * passed < len(pairs):
                return self._ticks + (sample - self._sample) * pairs[2 * passed + 1]
        return self._ticks

    def runs(self, end: int) -> "array[int]":
        """Counts and values of the samples from the one gone to on, up to another."""
        found = array("I")
        before = self._sample
        for pairs in self._rows.pieces(self._row):
            for count, value in zip(pairs[::2], pairs[1::2], strict=True):
                told = min(before + count, end) - max(before, self._first)
                if told > 0:
                    found.extend((told, value))
                before += count
                if before >= end:
                    return found
        return found


def _total(pairs: "array[int]") -> int:
    """What the values of pairs of counts and values add up to."""
    return sum(map(mul, pairs[::2], pairs[1::2]))


def _references(trak: dict[bytes, list[Node]], kind: bytes) -> frozenset[int]:
    """Numbers of the tracks that a track refers to for that."""
    found = [box for tref in trak.get(b"tref", []) for box in tref.children().get(kind, [])]
    return frozenset(number for box in found for number in box.numbers(f"{box.size // 4}I"))


def _box(kind: bytes, *parts: bytes | bytearray | memoryview) -> bytes:
    return struct.pack(">I4s", 8 + sum(map(len, parts)), kind) + b"".join(parts)


def _pairs(kind: bytes, pairs: "array[int]") -> bytes:
    """stts or ctts."""
    return _box(kind, struct.pack(">II", 0, len(pairs) // 2), big_endian(pairs))


def _each(boxes: dict[bytes, list[Node]]) -> Iterator[tuple[bytes, Node]]:
    return ((kind, box) for kind, found in boxes.items() for box in found)


def _rebuilt(
    boxes: dict[bytes, list[Node]], tables: list[bytes], replaced: dict[bytes, bytes]
) -> Iterator[bytes]:
    """The boxes of a track with other tables, and others in place of some."""
    for kind, box in _each(boxes):
        if kind in replaced:
            yield replaced[kind]
        elif kind in _PARENTS:
            yield _box(kind, *_rebuilt(box.children(), tables, replaced))
        elif kind == b"stbl":
            kept = (_box(each, table.data) for each, table in _each(box.children()) if each not in _REBUILT)
            yield _box(kind, *kept, *tables)
        else:
            yield _box(kind, box.data)

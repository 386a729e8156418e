"""Fragmented MP4: the samples that the tables of the movie's fragments tell.

Source: ISO/IEC 14496-12 8.8, whose names the boxes and fields have here.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import cache
from itertools import accumulate
from operator import add
from struct import Struct
from sys import byteorder
from typing import NamedTuple

from layoutkit.sei.fast.boxes import MAX_TICKS, XMP, Box, Node, Part, only, parts, signed, unpacked
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.local import LocalFile
from layoutkit.sei.fast.movie import VideoTrack
from layoutkit.sei.fast.samples import Numbers, Samples, check_sizes

MAX_FRAGMENT_BYTES = 16 << 20
"""Largest movie fragment box that is held: the tables of a million samples."""

_SKIPPED = frozenset({b"free", b"skip", b"styp", b"sidx", b"mfra", b"emsg", b"prft", b"udta", XMP})
_BEFORE = _SKIPPED | {b"ftyp", b"mdat"}
_SKIPPED_IN_TRAF = frozenset({b"sdtp", b"sbgp", b"sgpd"})

_BASE_DATA_OFFSET, _SAMPLE_ENTRY, _DEFAULT_DURATION, _DEFAULT_SIZE, _DEFAULT_FLAGS = 1, 2, 8, 16, 32
_BASE_IS_MOOF = 0x020000
_TFHD_KNOWN = 0x3B | _BASE_IS_MOOF
"""Flags of tfhd that are understood."""

_TFHD_FIELDS = {
    _BASE_DATA_OFFSET: "Q",
    _SAMPLE_ENTRY: "I",
    _DEFAULT_DURATION: "I",
    _DEFAULT_SIZE: "I",
    _DEFAULT_FLAGS: "I",
}
"""Flags, and `struct`'s letter of the field that each announces; likewise below."""

_DATA_OFFSET, _FIRST_FLAGS = 1, 4
_TRUN_FIELDS = {_DATA_OFFSET: "i", _FIRST_FLAGS: "I"}
_DURATION, _SIZE, _FLAGS, _COMPOSITION = 0x100, 0x200, 0x400, 0x800
_TRUN_COLUMNS = (_DURATION, _SIZE, _FLAGS, _COMPOSITION)
_TRUN_KNOWN = 0xF05
"""Flags of trun that are understood."""

_FULL_BOX = Struct(">I")
"""Version and flags, which begin every box here."""

_TIME = {0: Struct(">I"), 1: Struct(">Q")}
"""By the version of tfdt, its baseMediaDecodeTime."""

_IS_NO_KEY = 0x01010000
"""sample_depends_on 1 (it does) or sample_is_non_sync_sample, of a sample's flags."""


def in_fragments(
    file: LocalFile,
    before: Set[bytes],
    boxes: Iterable[Box],
    mvex: dict[bytes, list[Node]],
    track: VideoTrack,
) -> Samples:
    """The samples of all fragments.

    All are looked at before the first is used: one that is damaged can move the times of all.

    Args:
        before: kinds of the boxes that stand before the movie box.
        boxes: those that stand behind it.

    Raises:
        GiveWay: a box that is not understood, or samples that are in the movie box as well.
    """
    counts = ((b"stts", 4), (b"stsc", 4), (b"stsz", 8))
    if any(only(track.tables, kind).numbers("I", offset) != (0,) for kind, offset in counts):
        raise GiveWay("samples in the movie box and in fragments")
    if not before <= _BEFORE:
        raise GiveWay(f"boxes {before - _BEFORE} before the movie box")
    fragments = _Fragments(track.track_id, mvex, file.size)
    for box in boxes:
        if box.kind == b"moof":
            if box.end - box.body > MAX_FRAGMENT_BYTES:
                raise GiveWay("a fragment that is too large")
            fragments.add(memoryview(file.read(box.body, box.end - box.body)), box.start)
        elif box.kind == b"mdat":
            fragments.close(box)
        elif box.kind not in _SKIPPED:
            raise GiveWay(f"box {box.kind!r}")
    fragments.check_closed()
    check_sizes(fragments.sizes)
    return Samples(
        fragments.runs,
        fragments.sizes,
        fragments.dts,
        fragments.displayed(),
        Numbers(fragments.keys),
        track.start,
        track.timescale,
    )


class _Track(NamedTuple):
    """What holds for the samples of a track, in its traf or, where that says nothing else, in its trex."""

    is_own: bool
    duration: int
    size: int
    flags: int


class _Fragments:
    """The samples of one track, gathered fragment after fragment."""

    def __init__(self, track_id: int, mvex: dict[bytes, list[Node]], file_size: int) -> None:
        if not mvex.keys() <= {b"trex", b"mehd"}:
            raise GiveWay(f"boxes {mvex.keys()} about fragments")
        told = [trex.numbers("5I", 4) for trex in mvex.get(b"trex", [])]
        self._tracks = {each: _Track(each == track_id, *defaults) for each, _, *defaults in told}
        if len(self._tracks) != len(told) or track_id not in self._tracks:
            raise GiveWay("tracks without defaults for their fragments")
        if any(each == track_id and entry != 1 for each, entry, *_ in told):
            raise GiveWay("another sample entry")
        self._file_size = file_size
        self._next = 0
        self.runs: list[tuple[Sequence[int], int]] = []
        self.sizes = array("I")
        self.dts = array("q")
        self.pts = array("q")
        self.keys = array("I")
        self._lowest = 0
        self._is_begun = False
        self._extents: list[tuple[int, int]] = []

    def displayed(self) -> Sequence[int]:
        """The presentation times of the samples; see `_lower`."""
        shift = -self._lowest
        return array("q", map(shift.__add__, self.pts)) if shift else self.pts

    def close(self, mdat: Box) -> None:
        """Make sure that the samples of all tracks are in the mdat behind their fragment."""
        if any(start < mdat.body or end > mdat.end for start, end in self._extents):
            raise GiveWay("samples outside the mdat behind their fragment")
        self._extents.clear()

    def check_closed(self) -> None:
        """Make sure that there was an mdat behind the last fragment with samples."""
        if self._extents:
            raise GiveWay("a fragment without mdat")

    def add(self, moof: memoryview, start: int) -> None:
        """Take the track's samples of the next fragment, whose box starts at `start`."""
        self.check_closed()
        self._is_begun = bool(self.sizes)
        is_first, is_met = True, False
        for box in parts(moof, 0, len(moof)):
            if box.kind == b"traf":
                is_own = self._add_traf(moof, box, start, is_first=is_first)
                if is_own and is_met:
                    raise GiveWay("samples that follow others of the track")
                is_first, is_met = False, is_met or is_own
            elif box.kind != b"mfhd":
                raise GiveWay(f"a fragment with {box.kind!r}")

    def _add_traf(self, moof: memoryview, traf: Part, start: int, *, is_first: bool) -> bool:
        """Take what a fragment says of one track; whether it is the track."""
        track, base, is_timed = None, start, False
        for box in parts(moof, traf.start, traf.end):
            if box.kind == b"tfhd" and track is None:
                track, base = self._track(moof, box, start, is_first=is_first)
            elif box.kind == b"tfdt" and track is not None and not is_timed:
                is_timed = True
                if track.is_own:
                    self._set_time(moof, box)
            elif box.kind == b"trun" and track is not None and (is_timed or not track.is_own):
                run = _run(moof, box)
                start = self._place(run, track, base)
                if track.is_own:
                    self._add_run(run, track, start)
            elif box.kind not in _SKIPPED_IN_TRAF:
                raise GiveWay(f"box {box.kind!r} out of its place in a fragment")
        if track is None or (track.is_own and not is_timed):
            raise GiveWay("a track's part of a fragment without head or time")
        return track.is_own

    def _track(self, moof: memoryview, tfhd: Part, start: int, *, is_first: bool) -> tuple[_Track, int]:
        """What a tfhd says, and where its data_offset counts from."""
        (flags,) = unpacked(_FULL_BOX, moof, tfhd)
        if flags & ~_TFHD_KNOWN:
            raise GiveWay("a track's part of a fragment that is unusual")
        bits, form = _tfhd_form(flags)
        track_id, *fields = unpacked(form, moof, tfhd, 4)
        told = dict(zip(bits, fields, strict=True))
        base = told.get(_BASE_DATA_OFFSET, start)
        track = self._tracks.get(track_id)
        if track is None:
            raise GiveWay(f"a fragment of track {track_id}, which the movie does not know")
        if track.is_own and not is_first and not flags & (_BASE_DATA_OFFSET | _BASE_IS_MOOF):
            raise GiveWay("samples that follow those of another track")
        if told.get(_SAMPLE_ENTRY, 1) != 1:
            raise GiveWay("another sample entry")
        duration = told.get(_DEFAULT_DURATION, track.duration)
        size, flags = told.get(_DEFAULT_SIZE, track.size), told.get(_DEFAULT_FLAGS, track.flags)
        return _Track(track.is_own, duration, size, flags), base

    def _set_time(self, moof: memoryview, tfdt: Part) -> None:
        version = unpacked(_FULL_BOX, moof, tfdt)[0] >> 24
        if version not in _TIME:
            raise GiveWay(f"tfdt of version {version}")
        (dts,) = unpacked(_TIME[version], moof, tfdt, 4)
        if not self._next <= dts < 1 << 62:
            raise GiveWay("a fragment that goes back in time")
        self._next = dts

    def _place(self, run: "_Run", track: _Track, base: int) -> int:
        """Where the samples of a run start in the file; where they end is kept in mind as well."""
        sizes = run.column(_SIZE)
        if run.data_offset is None or not (all(sizes) if sizes else track.size and run.sample_count):
            raise GiveWay("a run of no samples, or of empty ones, or in an unusual place")
        start = base + run.data_offset
        end = start + (sum(sizes) if sizes else track.size * run.sample_count)
        if start < 0 or end > self._file_size:
            raise GiveWay("samples past the end of the file")
        self._extents.append((start, end))
        return start

    def _add_run(self, run: "_Run", track: _Track, start: int) -> None:
        times, compositions = self._times(run, track.duration), run.column(_COMPOSITION)
        if compositions is not None:
            compositions = signed(compositions)
            lowest = min(compositions)
            if max(compositions) >= MAX_TICKS or lowest <= -MAX_TICKS:
                raise GiveWay("pictures displayed too long before they are decoded, or after")
            self._lower(lowest)
        self._add_keys(run, track.flags)
        self.runs.append(((start,), run.sample_count))
        self.sizes += run.column(_SIZE) or array("I", [track.size]) * run.sample_count
        # Lists: an array takes longer to be made of an iterator.
        self.dts += array("q", list(times))
        self.pts += array("q", list(times if compositions is None else map(add, times, compositions)))

    def _lower(self, lowest: int) -> None:
        """Keep the lowest composition time offset in mind.

        FFmpeg lets all be displayed so much later that nothing is before it is decoded. Where it reads the
        fragments one by one, those before the first with that offset are not.
        """
        if lowest < self._lowest:
            if self._is_begun:
                raise GiveWay(
                    "pictures displayed before they are decoded, by more than in the first fragment"
                )
            self._lowest = lowest

    def _times(self, run: "_Run", duration: int) -> Sequence[int]:
        """The decoding times of a run, which go on from the last one's."""
        durations = run.column(_DURATION)
        if not (all(durations) and max(durations) < MAX_TICKS if durations else 0 < duration < MAX_TICKS):
            raise GiveWay("times that stand still, or are too long to be meant")
        if durations:
            times = list(accumulate(durations, initial=self._next))
            self._next = times.pop()
            return times
        start, self._next = self._next, self._next + run.sample_count * duration
        return range(start, self._next, duration)

    def _add_keys(self, run: "_Run", default: int) -> None:
        flags, first, number = run.column(_FLAGS), run.first_sample_flags, len(self.sizes)
        if flags is None:
            if not (default if first is None else first) & _IS_NO_KEY:
                self.keys.append(number)
            if not default & _IS_NO_KEY:
                self.keys.extend(range(number + 1, number + run.sample_count))
            return
        if first is not None:
            flags[0] = first
        self.keys.extend(number + place for place, each in enumerate(flags) if not each & _IS_NO_KEY)


class _Run(NamedTuple):
    """A trun: sample_count, the fields before its table if they are there, and the table.

    `columns`: by the flags of the fields that samples have there, which column of the table each is.
    """

    sample_count: int
    data_offset: int | None
    first_sample_flags: int | None
    columns: Mapping[int, int]
    table: "array[int]"

    def column(self, bit: int) -> "array[int] | None":
        """What the samples have of a field; None: the table has nothing of it."""
        place = self.columns.get(bit)
        return None if place is None else self.table[place :: len(self.columns)]


def _run(moof: memoryview, trun: Part) -> _Run:
    (flags,) = unpacked(_FULL_BOX, moof, trun)
    version, flags = flags >> 24, flags & 0xFFFFFF
    if version > 1 or flags & ~_TRUN_KNOWN:
        raise GiveWay("a run of samples that is unusual")
    form, columns = _trun_form(flags)
    count, *fields = unpacked(form, moof, trun, 4)
    start = trun.start + 4 + form.size
    if trun.end - start != 4 * count * len(columns):
        raise GiveWay("a run of samples that does not fill its box")
    table = array("I")
    table.frombytes(moof[start : trun.end])
    if byteorder == "little":
        table.byteswap()
    return _Run(
        count,
        fields[0] if flags & _DATA_OFFSET else None,
        fields[-1] if flags & _FIRST_FLAGS else None,
        columns,
        table,
    )


@cache
def _tfhd_form(flags: int) -> tuple[tuple[int, ...], Struct]:
    """The optional fields that flags announce, and how they and track_ID before them are read."""
    bits = tuple(bit for bit in _TFHD_FIELDS if flags & bit)
    return bits, Struct(">I" + "".join(map(_TFHD_FIELDS.__getitem__, bits)))


@cache
def _trun_form(flags: int) -> tuple[Struct, Mapping[int, int]]:
    """How sample_count and the optional fields behind it are read; and the columns of the table."""
    form = Struct(">I" + "".join(letter for bit, letter in _TRUN_FIELDS.items() if flags & bit))
    return form, {bit: place for place, bit in enumerate(bit for bit in _TRUN_COLUMNS if flags & bit)}

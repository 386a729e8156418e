"""Fragmented MP4: the samples that the tables of the movie's fragments tell.

Source: ISO/IEC 14496-12 8.8, whose names the boxes and fields have here.
"""

from array import array
from collections.abc import Iterable, Sequence, Set
from functools import cache, lru_cache
from itertools import accumulate
from struct import Struct
from typing import NamedTuple

from layoutkit.sei.fast.boxes import MAX_TICKS, XMP, Box, Node, Part, only, parts, signed, unpacked
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.local import LocalFile
from layoutkit.sei.fast.movie import VideoTrack
from layoutkit.sei.fast.samples import Numbers, Samples, Sums, check_sizes
from layoutkit.sei.fast.track_runs import COMPOSITION, DURATION, FLAGS, FULL_BOX, SIZE, Run, read_run

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
"""Flags, and `struct`'s letter of the field that each announces."""

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
        self.runs: list[tuple[array[int], int]] = []
        self.sizes = array("I")
        self.dts: range | array[int] = range(0)
        self.keys = array("I")
        self._offsets = array("i")
        self._lowest = 0
        self._is_begun = False
        self._extents: list[tuple[int, int]] = []

    def displayed(self) -> Sequence[int]:
        """The presentation times of the samples; see `_lower`."""
        return Sums(self.dts, self._offsets, -self._lowest) if any(self._offsets) else self.dts

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
                run = read_run(moof, box)
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
        (flags,) = unpacked(FULL_BOX, moof, tfhd)
        if flags & ~_TFHD_KNOWN:
            raise GiveWay("a track's part of a fragment that is unusual")
        track_id, *fields = unpacked(_tfhd_form(flags), moof, tfhd, 4)
        base = fields.pop(0) if flags & _BASE_DATA_OFFSET else start
        track = self._tracks.get(track_id)
        if track is None:
            raise GiveWay(f"a fragment of track {track_id}, which the movie does not know")
        if track.is_own and not is_first and not flags & (_BASE_DATA_OFFSET | _BASE_IS_MOOF):
            raise GiveWay("samples that follow those of another track")
        return _overridden(track, flags & ~_BASE_DATA_OFFSET, *fields), base

    def _set_time(self, moof: memoryview, tfdt: Part) -> None:
        version = unpacked(FULL_BOX, moof, tfdt)[0] >> 24
        if version not in _TIME:
            raise GiveWay(f"tfdt of version {version}")
        (dts,) = unpacked(_TIME[version], moof, tfdt, 4)
        if not self._next <= dts < 1 << 62:
            raise GiveWay("a fragment that goes back in time")
        self._next = dts

    def _place(self, run: Run, track: _Track, base: int) -> int:
        """Where the samples of a run start in the file; where they end is kept in mind as well."""
        sizes = run.column(SIZE)
        if run.data_offset is None or not (all(sizes) if sizes else track.size and run.sample_count):
            raise GiveWay("a run of no samples, or of empty ones, or in an unusual place")
        start = base + run.data_offset
        end = start + (sum(sizes) if sizes else track.size * run.sample_count)
        if start < 0 or end > self._file_size:
            raise GiveWay("samples past the end of the file")
        self._extents.append((start, end))
        return start

    def _add_run(self, run: Run, track: _Track, start: int) -> None:
        count, compositions = run.sample_count, run.column(COMPOSITION)
        if compositions is None:
            self._offsets += array("i", bytes(4 * count))
        else:
            offsets = signed(compositions)
            lowest = min(offsets)
            if max(offsets) >= MAX_TICKS or lowest <= -MAX_TICKS:
                raise GiveWay("pictures displayed too long before they are decoded, or after")
            self._lower(lowest)
            self._offsets += offsets
        self._add_keys(run, track.flags)
        if not self.runs or self.runs[-1][1] != count:
            self.runs.append((array("Q"), count))
        self.runs[-1][0].append(start)
        self.sizes += run.column(SIZE) or array("I", [track.size]) * count
        self._add_times(run, track.duration)

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

    def _add_times(self, run: Run, duration: int) -> None:
        """Take the decoding times of a run, which go on from the last one's."""
        durations = run.column(DURATION)
        if not (all(durations) and max(durations) < MAX_TICKS if durations else 0 < duration < MAX_TICKS):
            raise GiveWay("times that stand still, or are too long to be meant")
        start = self._next
        if durations:
            times = list(accumulate(durations, initial=start))
            self._next = times.pop()
        else:
            self._next += run.sample_count * duration
            if isinstance(self.dts, range) and (
                not self.dts or (self.dts.stop == start and self.dts.step == duration)
            ):
                self.dts = range(self.dts[0] if self.dts else start, self._next, duration)
                return
            times = list(range(start, self._next, duration))
        # Lists: an array takes longer to be made of an iterator.
        self.dts = array("q", list(self.dts)) if isinstance(self.dts, range) else self.dts
        self.dts += array("q", times)

    def _add_keys(self, run: Run, default: int) -> None:
        flags, first, number = run.column(FLAGS), run.first_sample_flags, len(self.sizes)
        if flags is None:
            if not (default if first is None else first) & _IS_NO_KEY:
                self.keys.append(number)
            if not default & _IS_NO_KEY:
                self.keys.extend(range(number + 1, number + run.sample_count))
            return
        if first is not None:
            flags[0] = first
        self.keys.extend(number + place for place, each in enumerate(flags) if not each & _IS_NO_KEY)


@cache
def _tfhd_form(flags: int) -> Struct:
    """How track_ID and the optional fields that flags announce are read."""
    return Struct(">I" + "".join(letter for bit, letter in _TFHD_FIELDS.items() if flags & bit))


@lru_cache(maxsize=64)
def _overridden(track: _Track, flags: int, *fields: int) -> _Track:
    """What holds where a tfhd with these flags and fields says something else."""
    told = dict(zip((bit for bit in _TFHD_FIELDS if flags & bit), fields, strict=True))
    if told.get(_SAMPLE_ENTRY, 1) != 1:
        raise GiveWay("another sample entry")
    return _Track(
        track.is_own,
        told.get(_DEFAULT_DURATION, track.duration),
        told.get(_DEFAULT_SIZE, track.size),
        told.get(_DEFAULT_FLAGS, track.flags),
    )

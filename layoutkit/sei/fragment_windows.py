"""The fragments of a long MP4 in windows: files that end early, and of which all before some are hidden.

As it opens a file, FFmpeg makes an index of the samples of all fragments. It is given these windows one after
the other, and each begins with the last fragments of the one before in which the track has samples.

Source: ISO/IEC 14496-12 8.8, whose names the boxes and fields have here.
"""

import struct
from array import array
from collections import deque
from collections.abc import Iterator

from layoutkit.sei.fast.boxes import Node, Part, only, parts, signed, unpacked
from layoutkit.sei.fast.fragments import MAX_FRAGMENT_BYTES
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.local import LocalFile
from layoutkit.sei.fast.movie import edit_of, is_here, sample_tables, timescale_of, track_id_of
from layoutkit.sei.fast.mp4 import Movie
from layoutkit.sei.fast.track_runs import COMPOSITION, read_run
from layoutkit.sei.placement import Edit
from layoutkit.sei.window import Window

WINDOW = 1 << 16
"""Samples of all tracks in a window, of which FFmpeg's index takes some 5 MB."""

_OVERLAP = 2
"""Fragments with samples of the track that a window has of the one before it: of a fragment's first packet
FFmpeg tells whether it is displayed by the fragment before."""

_PASSED_OVER = frozenset({b"ftyp", b"mdat", b"free", b"skip", b"styp", b"mfra", b"emsg", b"prft", b"udta"})
_OF_TRAF = frozenset({b"tfhd", b"tfdt", b"trun", b"sdtp", b"sbgp", b"sgpd"})

_MAX_TRACKS = 8
"""Of a recording with fragments; those that have samples in one are a byte."""

_TRACK_ID = struct.Struct(">I")
_LONG_HEADER = struct.Struct(">I4sQ")


class Fragments:
    """The movie fragments of a file.

    Args:
        movie: its movie box, of which the boxes behind it are used up.

    Attributes:
        track_ids: numbers of the tracks, in the order of the movie box.
        sample_count: of all tracks.

    Raises:
        GiveWay: there is more to the file than they tell, or what FFmpeg makes of a window would differ.
    """

    def __init__(self, file: LocalFile, movie: Movie) -> None:
        if not movie.before <= _PASSED_OVER:
            raise GiveWay(f"boxes {movie.before - _PASSED_OVER} before the movie box")
        self._begin = movie.box.end
        self.track_ids = [_track_id(trak, movie.boxes) for trak in movie.boxes.get(b"trak", [])]
        if len(self.track_ids) > _MAX_TRACKS:
            raise GiveWay("more tracks than recordings have")
        self._starts, self._samples, self._tracks = array("Q"), array("I"), bytearray()
        for box in movie.behind:
            if box.kind == b"moof":
                if box.end - box.body > MAX_FRAGMENT_BYTES:
                    raise GiveWay("a fragment that is too large")
                self._add(box.start, memoryview(file.read(box.body, box.end - box.body)))
            elif box.kind not in _PASSED_OVER:
                raise GiveWay(f"box {box.kind!r}")
        self.sample_count = sum(self._samples)
        for number in range(len(self.track_ids)):
            self._check_gaps(1 << number)

    def windows(self, number: int) -> Iterator[Window]:
        """Those of one track, by its place in the movie box."""
        own, count = 1 << number, len(self._starts)
        last_own = max((each for each in range(count) if self._tracks[each] & own), default=-1)
        begin = 0
        while begin <= last_own:
            end, samples = begin, 0
            held: deque[int] = deque([begin], maxlen=_OVERLAP)
            while end <= last_own and (samples < WINDOW or held[0] == begin):
                if self._tracks[end] & own:
                    held.append(end)
                samples += self._samples[end]
                end += 1
            hidden = self._starts[begin] - self._begin
            edits = [Edit(self._begin, _LONG_HEADER.size, _LONG_HEADER.pack(1, b"free", hidden))]
            is_last = end > last_own
            stop = self._starts[end] if end < count else None
            yield Window(edits if begin else [], is_last, number, end=stop)
            if is_last:
                return
            begin = held[0]

    def _add(self, start: int, moof: memoryview) -> None:
        count = tracks = 0
        for traf in parts(moof, 0, len(moof)):
            if traf.kind != b"traf":
                continue
            inside = parts(moof, traf.start, traf.end)
            kinds = [part.kind for part in inside]
            if not _OF_TRAF.issuperset(kinds) or kinds.count(b"tfhd") != 1 or kinds.count(b"tfdt") != 1:
                raise GiveWay("a fragment of other boxes, or without its time")
            (track_id,) = unpacked(_TRACK_ID, moof, inside[kinds.index(b"tfhd")], 4)
            if track_id not in self.track_ids:
                raise GiveWay("a fragment of no track")
            samples = sum(_sample_count(moof, part) for part in inside if part.kind == b"trun")
            tracks |= bool(samples) << self.track_ids.index(track_id)
            count += samples
        if count > WINDOW:
            raise GiveWay("a fragment of too many samples")
        self._starts.append(start)
        self._samples.append(count)
        self._tracks.append(tracks)

    def _check_gaps(self, own: int) -> None:
        """Make sure that windows that begin and end where a track has samples are not much larger."""
        between = 0
        for samples, tracks in zip(self._samples, self._tracks, strict=True):
            if tracks & own:
                if between > WINDOW:
                    raise GiveWay("a track that pauses for long")
                between = 0
            else:
                between += samples


def _track_id(trak: Node, movie: dict[bytes, list[Node]]) -> int:
    """A track's number; its samples have to be in fragments, and its edits simple."""
    boxes = trak.children()
    mdia = only(boxes, b"mdia").children()
    is_here(mdia)
    edit_of(boxes, timescale_of(only(mdia, b"mdhd")), timescale_of(only(movie, b"mvhd")))
    if only(sample_tables(mdia), b"stsz").numbers("I", 8) != (0,):
        raise GiveWay("samples in the movie box and in fragments")
    return track_id_of(only(boxes, b"tkhd"))


def _sample_count(moof: memoryview, trun: Part) -> int:
    run = read_run(moof, trun)
    offsets = run.column(COMPOSITION)
    # By the lowest one FFmpeg moves the times of all.
    if offsets is not None and min(signed(offsets), default=0) < 0:
        raise GiveWay("pictures displayed before they are decoded")
    return run.sample_count

"""A long MP4 read through FFmpeg, with windows of its tables one after the other.

A home of av. As it opens an MP4, FFmpeg makes an index of every sample, some 70 bytes each: of a day of video
and sound over 400 MB. So it is asked for the packets of each track by itself, of one window after another
(see `windows` and `fragment_windows`), and the tracks' packets are put into the order that it would give them
in. What it tells of a track, such as its bits a second, it knows from the first fragments alone.
"""

from __future__ import annotations  # av.Packet is generic in its stubs only

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream

from layoutkit.errors import StreamError
from layoutkit.sei import glimpse
from layoutkit.sei.fast import local
from layoutkit.sei.fast.boxes import Node, only
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.local import LocalFile
from layoutkit.sei.fast.movie import sample_tables
from layoutkit.sei.fast.mp4 import Movie, movie_of
from layoutkit.sei.fragment_windows import Fragments
from layoutkit.sei.opening import open_recording
from layoutkit.sei.playlist import is_local
from layoutkit.sei.signals import signals_waiting
from layoutkit.sei.window import Window
from layoutkit.sei.windows import Windows

MANY_SAMPLES = 500_000
"""Samples of all tracks together from which on a movie is long: FFmpeg's index of fewer takes under 40 MB."""

_CODECS = frozenset({"h264", "hevc", "aac", "opus", "flac", "alac", "mov_text"})
"""Codecs whose packets FFmpeg gives as they are in the file, beside uncompressed sound; some it parses."""

_AT_ONCE = 64
"""Packets for which signals wait: to have them wait takes as long as to read one."""

_AT_ONE_TIME_US = av.time_base
"""Microseconds up to which FFmpeg goes by where packets stand in the file, not by when they are decoded."""


class LongMovie:
    """The packets of a movie as FFmpeg would give them.

    Args:
        path: the file.
        container: as it was opened for a glimpse.
        tracks: each track by its stream's number.
    """

    def __init__(self, path: Path, container: InputContainer, tracks: Mapping[int, _Track]) -> None:
        self._path = path
        self._container = container
        self._tracks = tracks

    def packets(self, streams: Sequence[Stream]) -> Iterator[Packet[Any]]:
        """The packets of some of the streams, in FFmpeg's order.

        Raises:
            StreamError: the file is another one than when it was opened.
        """
        try:
            yield from _uninterrupted(self._merged(streams))
        except GiveWay as reason:
            raise StreamError(f"{self._path}: it was changed while it was read: {reason}") from reason

    def _merged(self, streams: Sequence[Stream]) -> Iterator[Packet[Any]]:
        covers = [stream for stream in streams if _is_cover(stream)]
        if covers:
            # FFmpeg gives these before all others.
            yield from (packet for packet, _ in zip(self._container.demux(covers), covers, strict=False))
        tracks = [stream for stream in streams if stream.index in self._tracks]
        heads = [_Head(self._track_packets(stream), stream) for stream in tracks]
        heads = [head for head in heads if head.move()]
        while len(heads) > 1:
            head = _next(heads)
            yield head.packet
            if not head.move():
                heads.remove(head)
        for head in heads:
            yield head.packet
            yield from head.rest

    def _track_packets(self, stream: Stream) -> Iterator[Packet[Any]]:
        """The packets of one track."""
        held: Packet[Any] | None = None
        windows = self._tracks[stream.index].windows()
        for edits, is_last, number, behind, end, durations in windows:
            with glimpse.overlaid(self._path, edits, behind, end) as window:
                found: Iterator[Packet[Any]] = filter(_has_data, window.demux(window.streams[number]))
                if durations is not None:
                    found = map(_with_duration, found, durations)
                pts_moved = dts_moved = 0
                if held is not None:
                    place = held.pos
                    same = next((packet for packet in found if packet.pos == place), None)
                    if same is None:
                        raise GiveWay(f"track {stream.index} has no packet at {place} any more")
                    pts_moved = (held.pts or 0) - (same.pts or 0)
                    dts_moved = (held.dts or 0) - (same.dts or 0)
                    found, held = chain([same], found), None
                for packet in found:
                    if held is not None:
                        yield held
                    packet.stream = stream
                    if pts_moved or dts_moved:
                        packet.pts = (packet.pts or 0) + pts_moved
                        packet.dts = (packet.dts or 0) + dts_moved
                    held = packet
                # What FFmpeg makes of the last one may go by its being the last.
                if is_last and held is not None:
                    yield held


class _Head:
    """A track of which some packets are given.

    Attributes:
        packet: the next one.
        rest: those behind it.
        place: where the next one stands in the file.
        time_us: when it is decoded, as FFmpeg counts to compare tracks.
    """

    def __init__(self, packets: Iterator[Packet[Any]], stream: Stream) -> None:
        assert stream.time_base
        twice_us = 2 * av.time_base * stream.time_base
        self._ticks, self._per = twice_us.numerator, twice_us.denominator
        self.rest = packets
        self.packet: Packet[Any]
        self.place = self.time_us = 0

    def move(self) -> bool:
        """Have the next one; whether there is one."""
        for packet in self.rest:
            self.packet = packet
            self.place = packet.pos or 0
            # To the nearest, halves away from zero.
            twice = (packet.dts or 0) * self._ticks
            self.time_us = (twice // self._per + 1) // 2 if twice >= 0 else -((-twice // self._per + 1) // 2)
            return True
        return False


def _next(heads: Sequence[_Head]) -> _Head:
    """The track whose packet FFmpeg gives next: of those decoded at about one time, the first in the file.

    It looks at the tracks in their order, each time beside the best of those before, which is not the same.
    """
    best = heads[0]
    for head in heads[1:]:
        ahead = best.time_us - head.time_us
        if head.place < best.place if -_AT_ONE_TIME_US <= ahead <= _AT_ONE_TIME_US else ahead > 0:
            best = head
    return best


@contextmanager
def opened(path: Path) -> Iterator[tuple[InputContainer, LongMovie]]:
    """A long movie, for a `with`: a glimpse of it, for what its tracks are, and what gives its packets.

    Raises:
        GiveWay: it is not long, or there is more to it than its tables tell.
        StreamError: it got shorter within the `with`.
    """
    with ExitStack() as stack:
        file = stack.enter_context(local.opened(str(path)))
        movie = movie_of(file)
        if movie.is_fragmented:
            tracks, end = _in_fragments(file, movie)
            container = stack.enter_context(glimpse.beginning(path, end))
        else:
            tracks = _in_movie_box(file, movie)
            container = stack.enter_context(glimpse.opened(path))
        yield container, LongMovie(path, container, _by_stream(container, tracks))


class _Track(NamedTuple):
    """A track: its number in the file, those that it takes for the text of its chapters, and its windows."""

    track_id: int
    chapters: frozenset[int]
    windows: Callable[[], Iterator[Window]]


def _in_movie_box(file: LocalFile, movie: Movie) -> list[_Track]:
    movie.check_plain()
    traks = movie.boxes.get(b"trak", [])
    _check_many(sum(map(_sample_count, traks)))
    found = (Windows(movie.box.start, movie.boxes, trak, file.size) for trak in traks)
    return [_Track(each.track_id, each.chapters, partial(iter, each)) for each in found]


def _in_fragments(file: LocalFile, movie: Movie) -> tuple[list[_Track], int | None]:
    """The tracks, and where the first window of the first of them ends."""
    fragments = Fragments(file, movie)
    _check_many(fragments.sample_count)
    tracks = [
        _Track(track_id, frozenset(), partial(fragments.windows, number))
        for number, track_id in enumerate(fragments.track_ids)
    ]
    return tracks, next((window.end for window in fragments.windows(0)), None)


def _check_many(samples: int) -> None:
    if samples < MANY_SAMPLES:
        raise GiveWay("not many samples")


@contextmanager
def opened_recording(source: str) -> Iterator[tuple[InputContainer, LongMovie | None]]:
    """Whatever FFmpeg opens, for a `with`; of a long movie the packets are to be had of that alone."""
    with ExitStack() as stack:
        found = None
        if is_local(source) and (path := Path(source)).is_file():
            with suppress(GiveWay):
                found = stack.enter_context(opened(path))
        yield found or (stack.enter_context(open_recording(source)), None)


def _sample_count(trak: Node) -> int:
    """How many samples a track has.

    Raises:
        GiveWay: its tables are not of the kinds that are known.
    """
    stsz = only(sample_tables(only(trak.children(), b"mdia").children()), b"stsz")
    return stsz.numbers("I", 8)[0]


def _by_stream(container: InputContainer, tracks: Sequence[_Track]) -> dict[int, _Track]:
    """Each stream's track, but for chapters, whose packets FFmpeg does not give."""
    streams = [stream for stream in container.streams if not _is_cover(stream)]
    if [stream.id for stream in streams] != [track.track_id for track in tracks]:
        raise GiveWay("streams that are not the tracks")
    chapters = frozenset[int]().union(*(track.chapters for track in tracks))
    found = {}
    for stream, track in zip(streams, tracks, strict=True):
        codec = stream.codec_context.name if stream.codec_context else None
        if codec is not None and codec not in _CODECS and not codec.startswith("pcm_"):
            raise GiveWay(f"a track of {codec}")
        if track.track_id not in chapters:
            found[stream.index] = track
        elif codec is not None:
            raise GiveWay("chapters of something else than text")
    return found


def _uninterrupted(packets: Iterator[Packet[Any]]) -> Iterator[Packet[Any]]:
    """The same packets, read while signals wait: FFmpeg would take the file to end where one arrives."""
    while True:
        some: list[Packet[Any]] = []
        wrong: Exception | None = None
        with signals_waiting():
            try:
                some.extend(islice(packets, _AT_ONCE))
            except Exception as error:
                wrong = error
        yield from some
        if wrong is not None:
            raise wrong
        if len(some) < _AT_ONCE:
            return


def _has_data(packet: Packet[Any]) -> bool:
    return packet.size > 0


def _with_duration(packet: Packet[Any], duration: int) -> Packet[Any]:
    packet.duration = duration
    return packet


def _is_cover(stream: Stream) -> bool:
    return bool(stream.disposition & Disposition.attached_pic)

"""MP4 and MOV: packets found by the tables of their samples, or by those of the movie's fragments."""

from array import array
from collections.abc import Container, Iterator
from itertools import accumulate, chain, repeat
from operator import add, ge

from layoutkit.sei.fast.boxes import Node, only, top_level
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.local import LocalFile
from layoutkit.sei.fast.movie import MAX_MOVIE_BYTES, Edit, VideoTrack, chunk_offsets, chunk_runs, video_track
from layoutkit.sei.fast.packets import MAX_PACKET_BYTES, Stamp
from layoutkit.sei.fast.packets import messages as packet_messages
from layoutkit.sei.report import Report
from layoutkit.sei.row import SeiMessage, seconds

_PLAIN = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"udta"})
"""Boxes at the top level of a file without fragments."""

_PLAIN_TABLES = frozenset(
    {b"stsd", b"stts", b"ctts", b"stss", b"stsc", b"stsz", b"stco", b"co64", b"sdtp", b"sgpd", b"sbgp"}
)

_MAX_TICKS = 1 << 28
"""Longest duration or offset taken at its word; some writers put negative ones in unsigned fields."""


def messages(file: LocalFile, types: Container[int] | None, report: Report) -> Iterator[SeiMessage]:
    """The messages of the only video track (see `fast.Reader`)."""
    boxes = top_level(file)
    moovs = [box for box in boxes if box.kind == b"moov"]
    if len(moovs) != 1 or moovs[0].end - moovs[0].body > MAX_MOVIE_BYTES:
        raise GiveWay(f"{len(moovs)} movie boxes, or one that is too large")
    moov = Node(memoryview(file.read(moovs[0].body, moovs[0].end - moovs[0].body))).children()
    if b"mvex" in moov or not {box.kind for box in boxes} <= _PLAIN:
        raise GiveWay("fragments")
    track = video_track(moov, file.size)
    samples = _Samples(track)
    report.codecs[0] = track.description.codec
    yield from track.description.messages()
    yield from packet_messages(file, samples.places(), track.description, samples.stamp, types, report)


class _Samples:
    """The sample tables of a track: where each sample stands, and when."""

    def __init__(self, track: VideoTrack) -> None:
        tables = track.tables
        if not tables.keys() <= _PLAIN_TABLES:
            raise GiveWay(f"tables {tables.keys() - _PLAIN_TABLES}")
        for group in tables.get(b"sbgp", []):
            if bytes(group.data[4:8]) != b"roll":
                raise GiveWay("groups of samples that may say which are key frames")
        self._timescale = track.timescale
        self._media_time = track.edit.media_time
        stsz = only(tables, b"stsz")
        self._sizes = stsz.table(1, 8)
        if stsz.numbers("I", 4) != (0,) or not self._sizes or not all(self._sizes):
            raise GiveWay("samples of one size for all, or of none")
        if max(self._sizes) > MAX_PACKET_BYTES:
            raise GiveWay(f"a sample of {max(self._sizes)} bytes")
        self._chunks = chunk_offsets(tables)
        self._runs = chunk_runs(tables, len(self._chunks))
        if sum((last - first) * each for first, last, each in self._runs) != len(self._sizes):
            raise GiveWay("chunks of more samples than there are, or fewer")
        self._dts = array("q", accumulate(_each(only(tables, b"stts"), len(self._sizes))))
        self._dts.pop()
        self._dts.insert(0, 0)
        self._pts = self._dts
        if b"ctts" in tables:
            offsets = _each(only(tables, b"ctts"), len(self._sizes))
            self._pts = array("q", map(add, self._dts, offsets))
        self._keys = _key_frames(tables)
        self._check_edit(track.edit)

    def _check_edit(self, edit: Edit) -> None:
        """Make sure that the edit list trims nothing."""
        if edit.duration is None:
            if edit.media_time:
                raise GiveWay("an edit of no duration")
            return
        last = max(self._pts)
        if min(self._pts) != edit.media_time or last >= edit.media_time + edit.duration:
            raise GiveWay("an edit list that trims")
        # At a key frame that reaches the end of the edit, FFmpeg stops.
        if self._pts[-1] != last and self._pts.index(last) in self._keys:
            raise GiveWay("an edit list that ends at a key frame, with pictures behind it")

    def stamp(self, index: int) -> Stamp:
        return Stamp(
            seconds(self._pts[index] - self._media_time, 1, self._timescale),
            seconds(self._dts[index] - self._media_time, 1, self._timescale),
            index in self._keys,
        )

    def places(self) -> Iterator[tuple[int, int]]:
        """Offset and size of each sample, in order."""
        sizes = iter(self._sizes)
        for first, last, each in self._runs:
            if each == 1:
                yield from zip(self._chunks[first:last], sizes, strict=False)
                continue
            for offset in self._chunks[first:last]:
                for _ in range(each):
                    size = next(sizes)
                    yield offset, size
                    offset += size


def _key_frames(tables: dict[bytes, list[Node]]) -> Container[int]:
    """Numbers of the samples that stss lists, from 0; without it, all are key frames."""
    if b"stss" not in tables:
        return range(1 << 32)
    numbers = only(tables, b"stss").table(1, 4)
    if not numbers or numbers[0] != 1 or any(map(ge, numbers, numbers[1:])):
        raise GiveWay("key frames out of order, or not from the start")
    return frozenset(number - 1 for number in numbers)


def _each(table: Node, count: int) -> Iterator[int]:
    """The value for each sample, of stts or ctts.

    Raises:
        GiveWay: they are not for as many samples as there are, or too large to be meant.
    """
    pairs = table.table(2, 4)
    counts, values = pairs[::2], pairs[1::2]
    if sum(counts) != count or (values and max(values) >= _MAX_TICKS):
        raise GiveWay("times that are not for each sample, or too long")
    return chain.from_iterable(map(repeat, values, counts))

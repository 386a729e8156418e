"""What the movie box says of its video track: codec, clock, edit, and the tables of its samples."""

from array import array
from collections.abc import Iterator
from itertools import chain, islice
from operator import ge
from typing import NamedTuple

from layoutkit.sei.fast.boxes import Node, only
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.packets import Description
from layoutkit.sei.nal import Codec

MAX_MOVIE_BYTES = 256 << 20
"""Largest movie box that is held: tables of some 200 hours."""

_CODECS: dict[bytes, Codec] = {b"avc1": "h264", b"avc3": "h264", b"hvc1": "hevc", b"hev1": "hevc"}

_CONFIGURATIONS: dict[Codec, bytes] = {"h264": b"avcC", "hevc": b"hvcC"}

_PLAIN_IN_ENTRY = frozenset(
    {b"avcC", b"hvcC", b"pasp", b"colr", b"btrt", b"fiel", b"clap", b"mdcv", b"clli", b"gama", b"free"}
)
"""Boxes in a sample entry that change nothing of what its packets are."""

_NO_VIDEO = frozenset({b"soun", b"text", b"sbtl", b"subt", b"tmcd", b"meta", b"clcp"})
"""Handlers of tracks that are passed over."""

_NO_VIDEO_ENTRIES = frozenset(
    {b"mp4a", b"Opus", b"ac-3", b"ec-3", b"fLaC", b".mp3", b"alac", b"sowt", b"twos", b"lpcm", b"in24"}
    | {b"tx3g", b"text", b"c608", b"wvtt", b"stpp", b"tmcd", b"mett", b"mebx"}
)
"""Their sample entries: a track of video that goes by another handler is not overlooked."""


class Edit(NamedTuple):
    """The one edit of a track: which part of it is shown, and when; all in ticks of the media.

    Attributes:
        media_time: the time of the media that it begins with.
        duration: how long it is; None: to the end.
        delay: when it is shown; before that nothing is.
    """

    media_time: int
    duration: int | None
    delay: int = 0


class VideoTrack(NamedTuple):
    """The only video track of a movie; `size` its width and height, pixels, as the sample entry has them."""

    track_id: int
    size: tuple[int, int]
    description: Description
    timescale: int
    edit: Edit | None
    tables: dict[bytes, list[Node]]

    @property
    def start(self) -> int:
        """The time of the media at which the presentation starts, ticks."""
        return self.edit.media_time - self.edit.delay if self.edit else 0


def video_track(moov: dict[bytes, list[Node]], file_size: int) -> VideoTrack:
    """Find it among the tracks, none of which may be damaged: that can end the reading of all.

    Raises:
        GiveWay: there are none or several, or one that is unusual.
    """
    found: list[Node] = []
    for node in moov.get(b"trak", []):
        mdia = only(node.children(), b"mdia").children()
        handler = bytes(only(mdia, b"hdlr").data[8:12])
        if handler == b"vide":
            found.append(node)
        elif handler not in _NO_VIDEO:
            raise GiveWay(f"a track of {handler!r}")
        else:
            _check_other(mdia, file_size)
    if len(found) != 1:
        raise GiveWay(f"{len(found)} video tracks")
    (node,) = found
    trak = node.children()
    mdia = only(trak, b"mdia").children()
    is_here(mdia)
    timescale = timescale_of(only(mdia, b"mdhd"))
    edit = edit_of(trak, timescale, timescale_of(only(moov, b"mvhd")))
    tables = sample_tables(mdia)
    entry_kind, entry = _sample_entry(tables)
    width, height = entry.numbers("HH", 24)
    description = _description(entry_kind, entry)
    return VideoTrack(track_id_of(only(trak, b"tkhd")), (width, height), description, timescale, edit, tables)


def sample_tables(mdia: dict[bytes, list[Node]]) -> dict[bytes, list[Node]]:
    return only(only(mdia, b"minf").children(), b"stbl").children()


def sample_entries(tables: dict[bytes, list[Node]]) -> dict[bytes, list[Node]]:
    """The sample entries."""
    return _counted(only(tables, b"stsd"))


def _counted(box: Node) -> dict[bytes, list[Node]]:
    """The boxes inside, which their count precedes.

    Raises:
        GiveWay: there are more or fewer.
    """
    found = box.children(8)
    if box.numbers("I", 4)[0] != sum(map(len, found.values())):
        raise GiveWay("boxes that are not as many as their count says")
    return found


def _check_other(mdia: dict[bytes, list[Node]], file_size: int) -> None:
    """Make sure that a track to pass over is what it says, and that its samples are in the file."""
    is_here(mdia)
    timescale_of(only(mdia, b"mdhd"))
    tables = sample_tables(mdia)
    if not sample_entries(tables).keys() <= _NO_VIDEO_ENTRIES:
        raise GiveWay(f"a track of {sample_entries(tables).keys()}")
    only(tables, b"stts").table(2, 4)
    if only(tables, b"stsz").numbers("I", 4) == (0,) and sum(only(tables, b"stsz").table(1, 8)) > file_size:
        raise GiveWay("samples of more bytes than the file has")
    chunks = chunk_offsets(tables)
    chunk_runs(tables, len(chunks))
    if max(chunks, default=0) >= file_size:
        raise GiveWay("a chunk past the end of the file")


def chunk_offsets(tables: dict[bytes, list[Node]]) -> "array[int]":
    """Where each chunk of samples begins in the file, from stco or co64."""
    if b"co64" in tables:
        return only(tables, b"co64").table(1, 4, wide=True)
    return only(tables, b"stco").table(1, 4)


def chunk_runs(tables: dict[bytes, list[Node]], chunks: int) -> Iterator[tuple[int, int, int]]:
    """For each run of chunks the first, the one behind the last, and the samples in each; from 0.

    All are looked at before the first is given.

    Raises:
        GiveWay: the runs do not follow each other, or use another sample entry than the first.
    """
    stsc = only(tables, b"stsc").table(3, 4)
    if not chunks and not stsc:
        return iter(())
    firsts, counts, entries = stsc[::3], stsc[1::3], stsc[2::3]
    del stsc
    if firsts[:1] != array("I", [1]) or any(map(ge, firsts, islice(firsts, 1, None))) or firsts[-1] > chunks:
        raise GiveWay("runs of chunks that do not follow each other")
    if entries.count(1) != len(entries) or not all(counts):
        raise GiveWay("chunks without samples, or of another sample entry")
    lasts = chain(islice(firsts, 1, None), [chunks + 1])
    return ((first - 1, last - 1, each) for first, last, each in zip(firsts, lasts, counts, strict=True))


def is_here(mdia: dict[bytes, list[Node]]) -> None:
    """Make sure that the samples are in this file and in no other one that dref names."""
    references = _counted(only(only(only(mdia, b"minf").children(), b"dinf").children(), b"dref"))
    for reference in (each for boxes in references.values() for each in boxes):
        if reference.numbers("I")[0] != 1:
            raise GiveWay("samples in another file")


def timescale_of(header: Node) -> int:
    """Ticks a second, of mvhd or mdhd; both versions begin alike."""
    (version,) = header.numbers("B")
    if version > 1:
        raise GiveWay("a header of an unknown version")
    (timescale,) = header.numbers("I", 20 if version else 12)
    if not 0 < timescale < 1 << 31:
        raise GiveWay(f"a clock of {timescale} ticks a second")
    return int(timescale)


def track_id_of(header: Node) -> int:
    (version,) = header.numbers("B")
    return int(header.numbers("I", 20 if version else 12)[0])


def references_of(trak: dict[bytes, list[Node]], kind: bytes) -> frozenset[int]:
    """Numbers of the tracks that a track refers to for that."""
    found = [box for tref in trak.get(b"tref", []) for box in tref.children().get(kind, [])]
    return frozenset(number for box in found for number in box.numbers(f"{box.size // 4}I"))


def edit_of(trak: dict[bytes, list[Node]], timescale: int, movie_timescale: int) -> Edit | None:
    if b"edts" not in trak:
        return None
    elst = only(only(trak, b"edts").children(), b"elst")
    version, count = elst.numbers("B3xI")
    if version > 1 or count not in (1, 2):
        raise GiveWay(f"an edit list of {count} entries")
    form, size = ("QqI", 20) if version else ("IiI", 12)
    edits = [elst.numbers(form, 8 + number * size) for number in range(count)]
    *empty, (duration, media_time, _) = edits
    if media_time < 0 or any(each != -1 for _, each, _ in empty):
        raise GiveWay("edits that are more than a delay and a part of the media")
    if any(rate != 0x10000 for *_, rate in edits):
        raise GiveWay("an edit that is not at normal speed")
    delay = sum(_rescaled(each, timescale, movie_timescale) for each, *_ in empty)
    return Edit(media_time, _rescaled(duration, timescale, movie_timescale) if duration else None, delay)


def _rescaled(duration: int, timescale: int, movie_timescale: int) -> int:
    """To the nearest tick, halves away from zero, as readers have it."""
    return (2 * duration * timescale + movie_timescale) // (2 * movie_timescale)


def _sample_entry(tables: dict[bytes, list[Node]]) -> tuple[bytes, Node]:
    """The only sample entry, and its kind."""
    entries = sample_entries(tables)
    if len(entries) != 1:
        raise GiveWay("several sample entries")
    (kind,) = entries
    if kind not in _CODECS or len(entries[kind]) != 1:
        raise GiveWay(f"a sample entry {kind!r}")
    return kind, entries[kind][0]


def check_entry(handler: bytes, tables: dict[bytes, list[Node]]) -> None:
    """Make sure that a track has one sample entry, of a kind that its samples are known by.

    Raises:
        GiveWay: it has not.
    """
    if handler == b"vide":
        _description(*_sample_entry(tables))
        return
    entries = sample_entries(tables)
    if not entries.keys() <= _NO_VIDEO_ENTRIES or sum(map(len, entries.values())) != 1:
        raise GiveWay(f"sample entries {entries.keys()}")


def _description(kind: bytes, entry: Node) -> Description:
    """The codec and its configuration, from a sample entry."""
    if entry.numbers("H", 6) != (1,):
        raise GiveWay("a sample entry that refers to other data")
    inside = entry.children(78)
    codec = _CODECS[kind]
    if not inside.keys() <= _PLAIN_IN_ENTRY:
        raise GiveWay(f"a sample entry with {inside.keys() - _PLAIN_IN_ENTRY}")
    return Description.of(codec, bytes(only(inside, _CONFIGURATIONS[codec]).data))

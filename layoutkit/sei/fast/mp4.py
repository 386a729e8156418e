"""MP4 and MOV: packets found by the tables of their samples, or by those of the movie's fragments."""

from collections.abc import Container, Iterator

from layoutkit.sei.fast.boxes import XMP, Box, FileNode, Node, only, top_level
from layoutkit.sei.fast.fragments import in_fragments
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.local import LocalFile
from layoutkit.sei.fast.movie import MAX_MOVIE_BYTES, VideoTrack, video_track
from layoutkit.sei.fast.movie_samples import tabled
from layoutkit.sei.fast.packets import messages as packet_messages
from layoutkit.sei.fast.samples import Samples
from layoutkit.sei.report import Report
from layoutkit.sei.row import SeiMessage

_PLAIN = frozenset({b"ftyp", b"mdat", b"free", b"skip", b"wide", b"udta", XMP})
"""Boxes at the top level, beside the movie box, of a file without fragments."""


def messages(file: LocalFile, types: Container[int] | None, report: Report) -> Iterator[SeiMessage]:
    """The messages of the only video track (see `fast.Reader`)."""
    track, samples = video_samples(file)
    description = track.description
    report.codecs[0] = description.codec
    yield from description.messages()
    yield from packet_messages(file, samples.places(), description, samples.stamp, types, report)


def video_samples(file: LocalFile) -> tuple[VideoTrack, Samples]:
    """The only video track and its samples.

    Raises:
        GiveWay: there is more to it than the tables tell.
    """
    boxes = top_level(file)
    kinds, box = _movie_box(boxes)
    moov = FileNode(file, box.body, box.end).children()
    track = video_track(moov, file.size)
    if b"mvex" in moov:
        return track, in_fragments(file, kinds, boxes, only(moov, b"mvex").children(), track)
    kinds |= {box.kind for box in boxes}
    if kinds <= _PLAIN:
        return track, tabled(track)
    raise GiveWay(f"boxes {kinds - _PLAIN}")


def is_fragmented(file: LocalFile) -> bool:
    """Whether the movie box says that samples are in fragments; GiveWay where there is none."""
    _, box = _movie_box(top_level(file))
    return b"mvex" in FileNode(file, box.body, box.end).children()


def plain_movie(file: LocalFile) -> tuple[Box, dict[bytes, list[Node]]]:
    """The movie box of a file without fragments, and the boxes in it.

    Raises:
        GiveWay: there is more to the file.
    """
    boxes = top_level(file)
    kinds, box = _movie_box(boxes)
    moov = FileNode(file, box.body, box.end).children()
    kinds |= {box.kind for box in boxes}
    if b"mvex" in moov or not kinds <= _PLAIN:
        raise GiveWay("fragments, or boxes that are not known")
    return box, moov


def _movie_box(boxes: Iterator[Box]) -> tuple[set[bytes], Box]:
    """The kinds of the boxes before the movie box, and that."""
    kinds = set()
    for box in boxes:
        if box.kind == b"moov":
            break
        kinds.add(box.kind)
    else:
        raise GiveWay("no movie box")
    if box.end - box.body > MAX_MOVIE_BYTES:
        raise GiveWay("a movie box that is too large")
    return kinds, box

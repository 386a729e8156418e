"""MP4 and MOV: packets found by the tables of their samples, or by those of the movie's fragments."""

from collections.abc import Container, Iterator
from typing import NamedTuple

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
    movie = movie_of(file)
    track = video_track(movie.boxes, file.size)
    if movie.is_fragmented:
        mvex = only(movie.boxes, b"mvex").children()
        return track, in_fragments(file, movie.before, movie.behind, mvex, track)
    movie.check_plain()
    return track, tabled(track)


class Movie(NamedTuple):
    """A movie box.

    Attributes:
        box: where it is.
        boxes: those in it.
        before: kinds of those before it in the file.
        behind: those behind it, which are read as they are asked for.
    """

    box: Box
    boxes: dict[bytes, list[Node]]
    before: frozenset[bytes]
    behind: Iterator[Box]

    @property
    def is_fragmented(self) -> bool:
        """Whether it says that samples are in fragments."""
        return b"mvex" in self.boxes

    def check_plain(self) -> None:
        """Make sure that the file has no more than samples beside it; GiveWay where it has."""
        kinds = self.before.union(box.kind for box in self.behind)
        if not kinds <= _PLAIN:
            raise GiveWay(f"boxes {kinds - _PLAIN}")


def movie_of(file: LocalFile) -> Movie:
    """The movie box of a file; GiveWay where there is none, or one that is too large."""
    boxes = top_level(file)
    before = set()
    for box in boxes:
        if box.kind == b"moov":
            break
        before.add(box.kind)
    else:
        raise GiveWay("no movie box")
    if box.end - box.body > MAX_MOVIE_BYTES:
        raise GiveWay("a movie box that is too large")
    return Movie(box, FileNode(file, box.body, box.end).children(), frozenset(before), boxes)

"""MP4 and MOV: packets found by the tables of their samples, or by those of the movie's fragments."""

from collections.abc import Container, Iterator

from layoutkit.sei.fast.boxes import FileNode, only, top_level
from layoutkit.sei.fast.fragments import in_fragments
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.local import LocalFile
from layoutkit.sei.fast.movie import MAX_MOVIE_BYTES, VideoTrack, video_track
from layoutkit.sei.fast.packets import messages as packet_messages
from layoutkit.sei.fast.samples import Samples, tabled
from layoutkit.sei.report import Report
from layoutkit.sei.row import SeiMessage

_PLAIN = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"udta"})
"""Boxes at the top level of a file without fragments."""


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
    boxes = list(top_level(file))
    movies = [box for box in boxes if box.kind == b"moov"]
    if len(movies) != 1 or movies[0].end - movies[0].body > MAX_MOVIE_BYTES:
        raise GiveWay(f"{len(movies)} movie boxes, or one that is too large")
    (movie,) = movies
    moov = FileNode(file, movie.body, movie.end).children()
    track = video_track(moov, file.size)
    if b"mvex" in moov:
        return track, in_fragments(file, boxes, only(moov, b"mvex").children(), track)
    if {box.kind for box in boxes} <= _PLAIN:
        return track, tabled(track)
    raise GiveWay(f"boxes { ({box.kind for box in boxes} - _PLAIN) }")

"""What FFmpeg is given of a long movie, so that it makes no index of every sample."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from layoutkit.sei.placement import Edit


class Window(NamedTuple):
    """A file that tells of some samples of a track.

    Attributes:
        edits: bytes that it has in place of others.
        is_last: whether no sample is given behind these.
        stream: number of the track's stream in it.
        behind: what it has behind its end.
        end: where it ends; None: where the file on the disk does.
        durations: what FFmpeg would take for the durations of the samples, where that is not what it will.
    """

    edits: Sequence[Edit]
    is_last: bool
    stream: int = 0
    behind: bytes = b""
    end: int | None = None
    durations: Iterator[int] | None = None

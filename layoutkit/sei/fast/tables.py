"""The samples of a recording all at once: from the tables of a MP4, or from the tags of a FLV."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from layoutkit.sei.fast import flv, mp4
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.local import LocalFile, opened
from layoutkit.sei.fast.packets import Description
from layoutkit.sei.fast.samples import Samples
from layoutkit.sei.mp4_boxes import is_quicktime


class Tabled(NamedTuple):
    """An open recording: FFmpeg's name of its muxer, what its packets are, and where and when each is.

    `track_id` is that of MP4 and MOV.
    """

    file: LocalFile
    format_name: str
    description: Description
    samples: Samples
    track_id: int = 0


@contextmanager
def opened_samples(path: str, target_format: str | None = None) -> Iterator[Tabled]:
    """A recording with the samples of its only video track, for a `with`.

    Args:
        target_format: FFmpeg's name of the muxer that is to write it; None: it is only read.

    Raises:
        GiveWay: it is in another container, one that is not to be written, or not simple.
        StreamError: it got shorter within the `with`.
    """
    with opened(path) as file:
        head = file.read(0, 12)
        if head[4:8] == b"ftyp":
            format_name = "mov" if is_quicktime(head) else "mp4"
        elif head.startswith(b"FLV\x01"):
            format_name = "flv"
        else:
            raise GiveWay("another container")
        if target_format not in (None, format_name):
            raise GiveWay("another container to write")
        if format_name == "flv":
            yield Tabled(file, format_name, *flv.video_samples(file))
        else:
            track, samples = mp4.video_samples(file)
            yield Tabled(file, format_name, track.description, samples, track.track_id)

"""One picture out of a video."""

from os import PathLike
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream
from PIL import Image

from layoutkit.errors import SourceError


def frame_at(path: str | PathLike[str], at_s: float) -> Image.Image:
    """The frame that is shown `at_s` seconds after the video's start, as RGB; the last one where it is past.

    Raises:
        SourceError: not media, no video track, or nothing in it can be decoded.
    """
    where = Path(path)
    try:
        with av.open(str(where)) as container:
            if not container.streams.video:
                raise SourceError(f"{where}: has no video track")
            stream = container.streams.video[0]
            wanted_s = float((stream.start_time or 0) * (stream.time_base or 0)) + at_s
            shown = None
            if at_s > 0 and stream.time_base and _sought(container, stream, wanted_s):
                shown = _last_until(container, stream, wanted_s)
            if shown is None:
                # Nothing is decodable where the seek went (past the end, or a file that cannot seek).
                _sought(container, stream, 0)
                shown = _last_until(container, stream, wanted_s)
            if shown is None:
                raise SourceError(f"{where}: no frame of its video can be decoded")
            return Image.fromarray(shown.to_ndarray(format="rgb24"))
    except (av.FFmpegError, OSError) as error:
        raise SourceError(f"{where}: neither a picture nor a video that can be read: {error}") from error


def _sought(container: InputContainer, stream: VideoStream, time_s: float) -> bool:
    """Go to the keyframe at or before a time; whether the container could."""
    try:
        container.seek(int(time_s / (stream.time_base or 1)), stream=stream)
    except av.FFmpegError:
        return False
    return True


def _last_until(container: InputContainer, stream: VideoStream, time_s: float) -> av.VideoFrame | None:
    """The last frame that starts at or before a time, else the first there is."""
    shown: av.VideoFrame | None = None
    try:
        for frame in container.decode(stream):
            if shown is not None and frame.time is not None and frame.time > time_s + 1e-6:
                break
            shown = frame
    except av.FFmpegError:
        # A damaged end costs only what is behind the damage, if a frame came before it.
        return shown
    return shown

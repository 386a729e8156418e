"""One picture out of a video."""

from fractions import Fraction
from os import PathLike
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream
from PIL import Image

from layoutkit.errors import SourceError

_OBLONGEST = 4
"""Pixels further from square than this are a damaged header, not a picture; broadcast's go up to 2.13."""

_TURNS = {90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270}
"""Degrees counter-clockwise, as both FFmpeg and Pillow count them."""


def frame_at(path: str | PathLike[str], at_s: float) -> Image.Image:
    """The frame that is shown `at_s` seconds after the video's start, as RGB; the last one where it is past.

    It is turned as the video says, and pixels that are not square are stretched until they are.

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
            return _as_shown(shown, stream.sample_aspect_ratio)
    except (av.FFmpegError, OSError) as error:
        reason = error.strerror or error
        raise SourceError(f"{where}: neither a picture nor a video that can be read: {reason}") from error


def _as_shown(frame: av.VideoFrame, pixel_shape: Fraction | None) -> Image.Image:
    """A frame with square pixels, turned as its display matrix says."""
    width, height = frame.width, frame.height
    if pixel_shape and 1 / _OBLONGEST <= pixel_shape <= _OBLONGEST:
        # The shorter way of a pixel is stretched, so that no detail is lost.
        if pixel_shape > 1:
            width = round(width * pixel_shape)
        else:
            height = round(height / pixel_shape)
    picture = Image.fromarray(frame.reformat(width=width, height=height, format="rgb24").to_ndarray())
    turn = _TURNS.get(round(frame.rotation / 90) * 90 % 360)
    return picture if turn is None else picture.transpose(turn)


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

"""One picture out of a video."""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from os import PathLike
from pathlib import Path

import av
from av.container import InputContainer
from av.video.reformatter import Interpolation
from av.video.stream import VideoStream
from PIL import Image

from layoutkit.errors import SourceError
from layoutkit.geometry.fit import Cut
from layoutkit.geometry.rect import Size
from layoutkit.raster.resample import UNSEEN, Fitting, Piece, finely_scaled, scaled
from layoutkit.raster.turn import DEGREES, stored_cut, turned, turned_size

_OBLONGEST = 4
"""Pixels further from square than this are a damaged header, not a picture; broadcast's go up to 2.13."""

_REDUCED = 2
"""From this reduction on libswscale scales while it converts: a third quicker than scaling the RGB picture,
and nearer to Lanczos. Below, it is slower."""

_STEEPEST = 16
"""How much libswscale reduces at most: its filters have a longest length."""

_SCALING = Interpolation.BICUBIC.value | 0x2000
"""Bicubic, with SWS_FULL_CHR_H_INT (libswscale/swscale.h), for which older PyAV has no name: without it the
result is darker by a level or two and its chroma coarser, which costs 10 dB."""


def frame_at(path: str | PathLike[str], at_s: float) -> Image.Image:
    """The frame that is shown `at_s` seconds after the video's start, as RGB; the last one where it is past.

    It is turned as the video says, and pixels that are not square are stretched until they are.

    Raises:
        SourceError: not media, no video track, or nothing in it can be decoded.
    """
    with _shown_at(path, at_s) as (frame, pixel_shape):
        size = _square(frame, pixel_shape)
        return turned(_as_rgb(frame, size), _way(frame))


def piece_at(path: str | PathLike[str], at_s: float, fitting: Fitting) -> Piece:
    """What `fitting` takes of the frame that `frame_at` gives; no larger RGB picture is made than is needed.

    Raises:
        SourceError: as `frame_at`.
    """
    with _shown_at(path, at_s) as (frame, pixel_shape):
        way, size = _way(frame), _square(frame, pixel_shape)
        fitted = fitting(turned_size(size, way))
        if fitted is None:
            return UNSEEN
        cut, to = stored_cut(fitted.cut, size, way), turned_size(fitted.landing.size, way)
        if min(cut.width / to.width, cut.height / to.height) < _REDUCED:
            return Piece(turned(scaled(_as_rgb(frame, size), cut, to), way), fitted.landing)
        # The whole frame, at about the size at which the cut is the window's.
        reduced = Size(
            max(round(size.width * to.width / cut.width), size.width // _STEEPEST),
            max(round(size.height * to.height / cut.height), size.height // _STEEPEST),
        )
        across, down = Fraction(reduced.width, size.width), Fraction(reduced.height, size.height)
        cut = Cut(cut.x * across, cut.y * down, cut.width * across, cut.height * down)
        return Piece(turned(finely_scaled(_as_rgb(frame, reduced, _SCALING), cut, to), way), fitted.landing)


@contextmanager
def _shown_at(path: str | PathLike[str], at_s: float) -> Iterator[tuple[av.VideoFrame, Fraction | None]]:
    """The frame at a time, and the shape of its pixels."""
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
            yield shown, stream.sample_aspect_ratio
    except (av.FFmpegError, OSError) as error:
        reason = error.strerror or error
        raise SourceError(f"{where}: neither a picture nor a video that can be read: {reason}") from error


def _square(frame: av.VideoFrame, pixel_shape: Fraction | None) -> Size:
    """A frame's size in square pixels, before it is turned."""
    width, height = frame.width, frame.height
    if pixel_shape and 1 / _OBLONGEST <= pixel_shape <= _OBLONGEST:
        # The shorter way of a pixel is stretched, so that no detail is lost.
        if pixel_shape > 1:
            width = round(width * pixel_shape)
        else:
            height = round(height / pixel_shape)
    return Size(width, height)


def _way(frame: av.VideoFrame) -> Image.Transpose | None:
    """What sets a frame upright, as its display matrix says."""
    return DEGREES.get(round(frame.rotation / 90) * 90 % 360)


def _as_rgb(frame: av.VideoFrame, size: Size, scaling: int | None = None) -> Image.Image:
    converted = frame.reformat(width=size.width, height=size.height, format="rgb24", interpolation=scaling)
    return Image.fromarray(converted.to_ndarray())


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

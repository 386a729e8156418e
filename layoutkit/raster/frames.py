"""One picture out of a video."""

from os import PathLike
from pathlib import Path

import av
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
            start = float((stream.start_time or 0) * (stream.time_base or 0))
            if at_s > 0 and stream.time_base:
                container.seek(int((start + at_s) / stream.time_base), stream=stream)
            shown: av.VideoFrame | None = None
            try:
                for frame in container.decode(stream):
                    if shown is not None and frame.time is not None and frame.time > start + at_s + 1e-6:
                        break
                    shown = frame
            except av.FFmpegError:
                # A damaged end costs only what is behind the damage, if a frame came before it.
                if shown is None:
                    raise
            if shown is None:
                raise SourceError(f"{where}: no frame of its video can be decoded")
            return Image.fromarray(shown.to_ndarray(format="rgb24"))
    except (av.FFmpegError, OSError) as error:
        raise SourceError(f"{where}: neither a picture nor a video that can be read: {error}") from error

"""Frames of videos as a player shows them: turned, and with square pixels."""

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from layoutkit.raster.frames import frame_at

ONE = 1 << 16
MATRICES = {
    0: (ONE, 0, 0, 0, ONE, 0, 0, 0, 1 << 30),
    90: (0, ONE, 0, -ONE, 0, 0, 0, 0, 1 << 30),
    180: (-ONE, 0, 0, 0, -ONE, 0, 0, 0, 1 << 30),
    270: (0, -ONE, 0, ONE, 0, 0, 0, 0, 1 << 30),
}
"""The matrix in a track's header (ISO/IEC 14496-12, 8.3.2), by degrees clockwise."""


def video(
    path: Path,
    picture: NDArray[np.uint8] | None = None,
    *,
    clockwise: int = 0,
    pixel_shape: Fraction = Fraction(1),
) -> Path:
    """Three frames of a picture, or of 128x64 pixels, white in the quarter at the top left and else black."""
    if picture is None:
        picture = np.zeros((64, 128, 3), np.uint8)
        picture[:32, :64] = 255
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25, options={"qscale": "1", "global_quality": "118"})
        stream.height, stream.width = picture.shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.sample_aspect_ratio = pixel_shape
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    data = path.read_bytes()
    upright = struct.pack(">9i", *MATRICES[0])
    place = data.index(upright, data.index(b"tkhd"))
    path.write_bytes(data[:place] + struct.pack(">9i", *MATRICES[clockwise]) + data[place + 36 :])
    return path


@pytest.mark.parametrize(
    ("clockwise", "size", "white"),
    [
        (0, (128, 64), (32, 16)),
        (90, (64, 128), (48, 32)),
        (180, (128, 64), (96, 48)),
        (270, (64, 128), (16, 96)),
    ],
)
def test_a_frame_is_turned_as_its_track_says(
    tmp_path: Path, clockwise: int, size: tuple[int, int], white: tuple[int, int]
) -> None:
    picture = frame_at(video(tmp_path / "a.mp4", clockwise=clockwise), 0)
    assert picture.size == size
    x, y = white
    for place in ((x, y), (size[0] - x, y), (x, size[1] - y), (size[0] - x, size[1] - y)):
        seen = picture.getpixel(place)
        assert isinstance(seen, tuple)
        assert (min(seen) > 200) == (place == white)


@pytest.mark.parametrize(
    ("pixel_shape", "clockwise", "size"),
    [
        (Fraction(2), 0, (256, 64)),
        (Fraction(1, 2), 0, (128, 128)),
        (Fraction(16, 11), 0, (186, 64)),
        (Fraction(2), 90, (64, 256)),
    ],
)
def test_pixels_that_are_not_square_are_stretched(
    tmp_path: Path, pixel_shape: Fraction, clockwise: int, size: tuple[int, int]
) -> None:
    path = video(tmp_path / "a.mp4", clockwise=clockwise, pixel_shape=pixel_shape)
    assert frame_at(path, 0).size == size

"""The quick way of scaling is as good as averaging by area, which is what the fastest of its peers does."""

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from layoutkit.geometry.fit import Cut
from layoutkit.geometry.rect import Size
from layoutkit.raster.resample import scaled

WIDTH, HEIGHT = 480, 360
LEVELS = NDArray[np.float64]


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """Noise whose power falls with frequency as a photograph's does."""
    rng = np.random.default_rng(7)
    frequency = np.hypot(np.fft.rfftfreq(WIDTH)[None], np.fft.fftfreq(HEIGHT)[:, None])
    frequency[0, 0] = 1
    planes = []
    for _ in range(3):
        wave = rng.normal(size=frequency.shape) + 1j * rng.normal(size=frequency.shape)
        plane = np.fft.irfft2(wave / frequency**1.2, (HEIGHT, WIDTH))
        planes.append(np.clip((plane - plane.mean()) / plane.std() * 50 + 128, 0, 255))
    return Image.fromarray(np.stack(planes, -1).astype(np.uint8))


def shares(start: Fraction, length: Fraction, to: int, side: int) -> LEVELS:
    """How much of each pixel of a side goes into each of the `to` pixels that a stretch of it becomes."""
    ends = float(start) + float(length) * np.arange(to + 1) / to
    first = np.arange(side)
    covered = np.minimum(ends[1:, None], first + 1) - np.maximum(ends[:-1, None], first)
    share = np.clip(covered, 0, None)
    return np.asarray(share / share.sum(axis=1, keepdims=True))


def by_area(picture: Image.Image, cut: Cut, size: Size) -> LEVELS:
    rows = shares(cut.y, cut.height, size.height, picture.height)
    columns = shares(cut.x, cut.width, size.width, picture.width)
    return np.round(np.einsum("yj,jic,xi->yxc", rows, np.asarray(picture, float), columns, optimize=True))


def psnr_db(one: LEVELS, other: LEVELS) -> float:
    return float(10 * np.log10(255**2 / np.mean((one - other) ** 2)))


@pytest.mark.parametrize(
    "off", [Fraction(0), Fraction(1, 8), Fraction(1, 4), Fraction(1, 2), Fraction(9, 11)]
)
@pytest.mark.parametrize(
    "times",
    ["1.2", "1.3", "1.5", "1.77", "2", "2.01", "2.3", "2.667", "3", "3.004", "3.5", "4", "5", "6.3", "8"],
)
def test_it_is_as_near_to_lanczos_as_averaging_by_area(photo: Image.Image, times: str, off: Fraction) -> None:
    reduction = Fraction(times)
    size = Size(int((WIDTH - 1) / reduction), int((HEIGHT - 20) / reduction))
    cut = Cut(off, 17 + off, size.width * reduction, size.height * reduction)
    box = (float(cut.x), float(cut.y), float(cut.right), float(cut.bottom))
    best = np.asarray(photo.resize((size.width, size.height), Image.Resampling.LANCZOS, box), float)
    ours = np.asarray(scaled(photo, cut, size), float)
    assert psnr_db(ours, best) >= psnr_db(by_area(photo, cut, size), best) - 1


def test_a_cut_of_its_own_size_on_whole_pixels_is_those_pixels(photo: Image.Image) -> None:
    cut = Cut(Fraction(31), Fraction(7), Fraction(200), Fraction(99))
    assert scaled(photo, cut, Size(200, 99)) == photo.crop((31, 7, 231, 106))


@pytest.mark.parametrize("reduction", [Fraction(5, 2), Fraction(9, 2), Fraction(40)])
def test_only_what_is_around_the_cut_is_looked_at(photo: Image.Image, reduction: Fraction) -> None:
    size = Size(4, 3)
    cut = Cut(Fraction(101, 3), Fraction(89, 2), size.width * reduction, size.height * reduction)
    step = float(reduction)
    near = (0, 0, int(cut.right + 4 * step) + 1, int(cut.bottom + 4 * step) + 1)
    assert scaled(photo, cut, size) == scaled(photo.crop(near), cut, size)

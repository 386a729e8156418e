"""Cutting pictures and scaling the cuts, the quick way."""

from collections.abc import Callable
from math import ceil
from typing import NamedTuple

from PIL import Image

from layoutkit.geometry.fit import Cut, Fit
from layoutkit.geometry.rect import Rect, Size

_SPARE = 1.3
"""How much is left to scale after averaging whole blocks of pixels. Below it a second filter blurs visibly:
at 1.3 the result is as near to Lanczos as averaging by area is, at two thirds of the time of one pass."""

_LARGEST_BLOCK = 32
"""Pixels a side of the largest block averaged in one go: beyond some 40 Pillow's rounding is a level off."""

_OFF = 1 / 32
"""How far blocks may lie beside the cut, in pixels of the result: so far costs 1 dB at most, a quarter 6."""

_MARGIN = 4
"""Blocks around a cut that the filter after them still reads: two of its own steps, of at most 2 / 1.3."""


class Piece(NamedTuple):
    """A scaled cut of a picture, and where on the canvas it lands; None: nothing of it is on the canvas."""

    image: Image.Image | None
    landing: Rect


UNSEEN = Piece(None, Rect(0, 0, 0, 0))

Fitting = Callable[[Size], Fit | None]
"""What of a picture of that size lands where; None: nothing of it is seen."""


def piece_of_image(picture: Image.Image, fitting: Fitting) -> Piece:
    fitted = fitting(Size(*picture.size))
    if fitted is None:
        return UNSEEN
    return Piece(scaled(picture, fitted.cut, fitted.landing.size), fitted.landing)


def scaled(picture: Image.Image, cut: Cut, size: Size) -> Image.Image:
    """The cut of the picture at another size.

    Large reductions average whole blocks first. A reduction by a whole number whose cut lies on whole pixels,
    or nearly so, is that average alone.
    """
    left, top, right, bottom = box = _box(cut)
    to = (size.width, size.height)
    across, down = (right - left) / to[0], (bottom - top) / to[1]
    blocks = (round(across), round(down))
    if min(blocks) >= 1 and max(blocks) <= _LARGEST_BLOCK:
        x, y = round(left), round(top)
        whole = (x, y, x + blocks[0] * to[0], y + blocks[1] * to[1])
        off_x = max(abs(x - left), abs(whole[2] - right)) / blocks[0]
        off_y = max(abs(y - top), abs(whole[3] - bottom)) / blocks[1]
        if max(off_x, off_y) <= _OFF and whole[2] <= picture.width and whole[3] <= picture.height:
            return picture.crop(whole) if blocks == (1, 1) else picture.reduce(blocks, box=whole)
    across_blocks, down_blocks = (min(_LARGEST_BLOCK, max(1, int(side / _SPARE))) for side in (across, down))
    if across_blocks * down_blocks > 1:
        x, end_x = _blocks_around(left, right, across_blocks, picture.width)
        y, end_y = _blocks_around(top, bottom, down_blocks, picture.height)
        reduced = picture.reduce((across_blocks, down_blocks), box=(x, y, end_x, end_y))
        small = (
            (left - x) / across_blocks,
            (top - y) / down_blocks,
            (right - x) / across_blocks,
            (bottom - y) / down_blocks,
        )
        return reduced.resize(to, Image.Resampling.BICUBIC, small)
    downwards = across >= 1 and down >= 1
    return picture.resize(to, Image.Resampling.HAMMING if downwards else Image.Resampling.BILINEAR, box)


def plainly_scaled(picture: Image.Image, cut: Cut, size: Size) -> Image.Image:
    """What `scaled` approximates: one pass of Pillow's bilinear filter, which averages where it reduces."""
    return picture.resize((size.width, size.height), Image.Resampling.BILINEAR, _box(cut))


def finely_scaled(picture: Image.Image, cut: Cut, size: Size) -> Image.Image:
    """As `scaled`, for a cut that has about that size already: a slower filter, which hardly blurs it."""
    return picture.resize((size.width, size.height), Image.Resampling.LANCZOS, _box(cut))


def _box(cut: Cut) -> tuple[float, float, float, float]:
    return float(cut.x), float(cut.y), float(cut.right), float(cut.bottom)


def _blocks_around(start: float, end: float, block: int, side: int) -> tuple[int, int]:
    """The pixels of the blocks that a stretch of a side of the picture needs."""
    first = max(0, int(start / block) - _MARGIN)
    return first * block, min(side, (ceil(end / block) + _MARGIN) * block)

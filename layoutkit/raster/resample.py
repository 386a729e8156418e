"""Cutting pictures and scaling the cuts, the quick way."""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from PIL import Image

from layoutkit.geometry.fit import Cut, Fit
from layoutkit.geometry.rect import Rect, Size

_AHEAD = 2
"""Pieces that are scaled at the same time. Pillow lets other threads run while it scales; more pictures than
these would be held at once."""

_SPARE = 1.3
"""How much is left to scale after averaging whole blocks of pixels. Below it a second filter blurs visibly:
at 1.3 the result is as near to Lanczos as averaging by area is, at two thirds of the time of one pass."""


_LARGEST_BLOCK = 32
"""Pixels a side of the largest block averaged in one go: beyond some 40 Pillow's rounding is a level off."""


def scaled(picture: Image.Image, cut: Cut, size: Size) -> Image.Image:
    """The cut of the picture at another size.

    Large reductions average whole blocks first. A reduction by a whole number whose cut lies within half a
    pixel of whole pixels is that average alone.
    """
    box = (float(cut.x), float(cut.y), float(cut.right), float(cut.bottom))
    to = (size.width, size.height)
    across, down = (box[2] - box[0]) / to[0], (box[3] - box[1]) / to[1]
    whole_x, whole_y = round(across), round(down)
    if 1 <= whole_x <= _LARGEST_BLOCK and 1 <= whole_y <= _LARGEST_BLOCK and whole_x * whole_y > 1:
        x, y = round(box[0]), round(box[1])
        right, bottom = x + whole_x * to[0], y + whole_y * to[1]
        near = max(abs(x - box[0]), abs(y - box[1]), abs(right - box[2]), abs(bottom - box[3])) <= 0.5
        if near and right <= picture.width and bottom <= picture.height:
            return picture.reduce((whole_x, whole_y), box=(x, y, right, bottom))
    blocks_x, blocks_y = (min(_LARGEST_BLOCK, max(1, int(side / _SPARE))) for side in (across, down))
    if blocks_x * blocks_y > 1:
        reduced = picture.reduce((blocks_x, blocks_y))
        small = (box[0] / blocks_x, box[1] / blocks_y, box[2] / blocks_x, box[3] / blocks_y)
        return reduced.resize(to, Image.Resampling.BICUBIC, small)
    downwards = across >= 1 and down >= 1
    return picture.resize(to, Image.Resampling.HAMMING if downwards else Image.Resampling.BILINEAR, box)


class Piece(NamedTuple):
    """A scaled cut of a picture, and where on the canvas it lands; None: nothing of it is on the canvas."""

    image: Image.Image | None
    landing: Rect


Work = tuple[Image.Image, Fit | None]
"""A picture, and what of it lands where."""


def in_step(works: Iterable[Work]) -> Iterator[Piece]:
    """The pieces in the order of the works, a few of which are under way at once.

    The works are taken one after the other in the caller's thread: pictures may be decoded there.
    """
    if (os.cpu_count() or 1) < _AHEAD:
        yield from map(_piece, works)
        return
    pool: ThreadPoolExecutor | None = None
    waiting: deque[Future[Piece]] = deque()
    try:
        for work in works:
            pool = pool or ThreadPoolExecutor(_AHEAD)
            # A picture that is not loaded yet would be loaded in two threads at once where windows share it.
            work[0].load()
            waiting.append(pool.submit(_piece, work))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        if pool is not None:
            pool.shutdown(cancel_futures=True)


def _piece(work: Work) -> Piece:
    picture, fitted = work
    if fitted is None:
        return Piece(None, Rect(0, 0, 0, 0))
    return Piece(scaled(picture, fitted.cut, fitted.landing.size), fitted.landing)


def plainly_scaled(picture: Image.Image, cut: Cut, size: Size) -> Image.Image:
    """What `scaled` approximates: one pass of Pillow's bilinear filter, which averages where it reduces."""
    box = (float(cut.x), float(cut.y), float(cut.right), float(cut.bottom))
    return picture.resize((size.width, size.height), Image.Resampling.BILINEAR, box)

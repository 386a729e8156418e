"""Pictures that are stored in another position than they are seen in."""

from PIL import Image

from layoutkit.geometry.fit import Cut
from layoutkit.geometry.rect import Size

_Way = Image.Transpose

EXIF = {
    2: _Way.FLIP_LEFT_RIGHT,
    3: _Way.ROTATE_180,
    4: _Way.FLIP_TOP_BOTTOM,
    5: _Way.TRANSPOSE,
    6: _Way.ROTATE_270,
    7: _Way.TRANSVERSE,
    8: _Way.ROTATE_90,
}
"""EXIF 2.32, tag 0x0112 (Orientation), to what sets a picture upright; 1 and all other values: nothing."""

DEGREES = {90: _Way.ROTATE_90, 180: _Way.ROTATE_180, 270: _Way.ROTATE_270}
"""Degrees counter-clockwise, as both FFmpeg and Pillow count them."""

_SWAPPED = {_Way.TRANSPOSE, _Way.ROTATE_90, _Way.ROTATE_270, _Way.TRANSVERSE}
_FROM_RIGHT = {_Way.FLIP_LEFT_RIGHT, _Way.ROTATE_180, _Way.ROTATE_90, _Way.TRANSVERSE}
_FROM_BOTTOM = {_Way.FLIP_TOP_BOTTOM, _Way.ROTATE_180, _Way.ROTATE_270, _Way.TRANSVERSE}


def turned_size(size: Size, way: Image.Transpose | None) -> Size:
    """A size after turning, which is also the size before it."""
    return Size(size.height, size.width) if way in _SWAPPED else size


def stored_cut(cut: Cut, stored: Size, way: Image.Transpose | None) -> Cut:
    """Where in the stored picture a cut of the upright one lies, which `way` makes of it."""
    x, y, width, height = cut.x, cut.y, cut.width, cut.height
    if way in _SWAPPED:
        x, y, width, height = y, x, height, width
    if way in _FROM_RIGHT:
        x = stored.width - x - width
    if way in _FROM_BOTTOM:
        y = stored.height - y - height
    return Cut(x, y, width, height)


def turned(picture: Image.Image, way: Image.Transpose | None) -> Image.Image:
    return picture if way is None else picture.transpose(way)

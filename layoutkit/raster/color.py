"""A colour for each user: the same one in every process, on every machine, in every picture."""

import colorsys
import re
import zlib

from layoutkit.geometry.layout import Shows, Window
from layoutkit.geometry.scene import Color

_GOLDEN = 0.6180339887498949
"""Steps of the golden ratio go round the hues without two of them coming close for long."""

_BLUE = 0.42
"""Turns the hues so that user-1, who fills many a preview, is blue."""

_LIGHTNESS = (0.30, 0.22, 0.26)


def user_color(user_id: str) -> Color:
    """A colour dark enough for white text on it (contrast 4.5:1 at least), told by the user id alone.

    Ids that differ in the number at their end, as user-1 and user-2, get hues far apart.
    """
    match = re.fullmatch(r"(.*?)(\d{1,9})?", user_id, re.DOTALL | re.ASCII)
    stem, number = (match[1], int(match[2] or 0)) if match else (user_id, 0)
    start = zlib.crc32(stem.encode("utf-8", "surrogatepass"))
    hue = (_BLUE + start / 2**32 + number * _GOLDEN) % 1.0
    lightness = _LIGHTNESS[(start + number) % len(_LIGHTNESS)]
    # At equal lightness yellow to cyan are the brightest to the eye: they are taken down to stay readable.
    if 0.10 < hue < 0.55:
        lightness *= 0.85
    red, green, blue = colorsys.hls_to_rgb(hue, lightness, 0.55)
    return Color(round(red * 255), round(green * 255), round(blue * 255))


def edge_color(color: Color) -> Color:
    """A lighter shade for a window's edge."""
    return Color(*(channel + (255 - channel) // 4 for channel in color))


VACANT = Color(112, 116, 128)
"""The edge of a place that nobody has."""


def window_colors(window: Window) -> tuple[Color | None, Color]:
    """What fills a window that has no picture to show, and its edge.

    A fill of None: somebody's place who is not there shows what is behind it, and its edge says where it is.
    """
    if window.participant is None:
        return None, VACANT
    color = user_color(window.participant.user_id)
    return None if window.shows is Shows.NOBODY else color, edge_color(color)

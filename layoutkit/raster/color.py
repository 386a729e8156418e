"""A colour for each user: the same one in every process, on every machine, in every picture."""

import colorsys
import zlib

from layoutkit.geometry.scene import Color

_GOLDEN = 0x9E3779B1
"""2**32 over the golden ratio: multiplying by it spreads user ids that differ in one digit over the hues."""


def user_color(user_id: str) -> Color:
    """A colour dark enough for white text on it (contrast 4.5:1 at least), told by the user id alone."""
    mixed = zlib.crc32(user_id.encode("utf-8", "surrogatepass")) * _GOLDEN & 0xFFFFFFFF
    hue = (mixed >> 16) / 0x10000
    lightness = 0.22 + 0.08 * (mixed >> 8 & 0xFF) / 0xFF
    red, green, blue = colorsys.hls_to_rgb(hue, lightness, 0.5)
    return Color(round(red * 255), round(green * 255), round(blue * 255))

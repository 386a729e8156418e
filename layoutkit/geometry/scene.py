"""What a layout says beside its geometry: frozen values, nothing is loaded.

Images are named by their URL and stay text here; `raster` finds and opens them.
"""

import re
from dataclasses import dataclass
from enum import Enum, Flag, StrEnum, auto
from typing import NamedTuple

from layoutkit.geometry.rect import Rect, Size


class RenderMode(StrEnum):
    """How a picture is fitted into a window of another shape; always centred.

    The two dialects number these differently, and only `wire` knows the numbers.
    """

    CROP = "crop"
    """Scaled to cover the window; what stands over is cut."""
    SCALE = "scale"
    """Scaled to fit inside; what is behind the window shows in the bars."""
    LETTERBOX = "letterbox"
    """Scaled to fit inside; the bars are black."""
    STRETCH = "stretch"
    """Scaled to the window's size, aspect ratio ignored."""
    SMART_CROP = "smart-crop"
    """As CROP, but at most a fifth of width or height is cut, and the rest is stretched."""


class Color(NamedTuple):
    """An sRGB colour, 8 bits a channel."""

    red: int
    green: int
    blue: int

    @classmethod
    def parse(cls, text: str) -> "Color | None":
        """Read `RRGGBB` behind `#` or `0x`; None where it is neither."""
        match = re.fullmatch(r"(?:#|0[xX])([0-9a-fA-F]{6})", text, re.ASCII)
        return cls(*bytes.fromhex(match[1])) if match else None


BLACK = Color(0, 0, 0)
WHITE = Color(255, 255, 255)


@dataclass(frozen=True, slots=True)
class ImageRef:
    """A picture named by its URL."""

    url: str


class Behind(Flag):
    """What a window's colour shows behind, in the bars that the render mode leaves."""

    PLACEHOLDER = auto()
    VIDEO = auto()
    BOTH = PLACEHOLDER | VIDEO


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What a window shows while its participant sends no video.

    Attributes:
        image: the picture.
        render_mode: how it is fitted into the window, or into `size`.
        size: its own size in the middle of the window, pixels; None: the window's.
        radius_px: of its rounded corners.
    """

    image: ImageRef
    render_mode: RenderMode = RenderMode.STRETCH
    size: Size | None = None
    radius_px: int = 0


@dataclass(frozen=True, slots=True)
class Background:
    """What lies behind all windows; the image, where there is one, lies over the colour."""

    color: Color = BLACK
    image: ImageRef | None = None
    render_mode: RenderMode = RenderMode.STRETCH


class TimestampPosition(Enum):
    """Where a timestamp watermark stands; the values are WaterMarkTimestamp.Pos."""

    TOP_LEFT = 0
    TOP_RIGHT = 1
    BOTTOM_LEFT = 2
    BOTTOM_RIGHT = 3
    TOP_CENTER = 4
    BOTTOM_CENTER = 5
    CENTER = 6


@dataclass(frozen=True, slots=True)
class ImageWatermark:
    """A picture over the mix. `z_order` None: above everything."""

    image: ImageRef
    rect: Rect
    z_order: int | None = None


@dataclass(frozen=True, slots=True)
class TextWatermark:
    """A line of text over the mix. `z_order` None: above everything; `fill` None: transparent."""

    text: str
    rect: Rect
    font_size_px: int = 14
    color: Color = WHITE
    fill: Color | None = None
    z_order: int | None = None


@dataclass(frozen=True, slots=True)
class TimestampWatermark:
    """The wall-clock time over the mix, in a zone of whole hours from UTC; above everything."""

    position: TimestampPosition
    utc_offset_h: int = 8


Watermark = ImageWatermark | TextWatermark | TimestampWatermark

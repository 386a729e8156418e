"""Sizes and rectangles in whole pixels, and the way from exact fractions to them.

The origin is the top left, y grows downwards.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Self

from layoutkit.errors import LayoutError
from layoutkit.geometry.limits import MAX_SIDE as MAX_SIDE

Rounding = Literal["equal", "fill"]
Align = Literal[1, 2]


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `WIDTHxHEIGHT`, as in `1280x720`.

        Raises:
            LayoutError: not of that form, or a side outside 1 to `MAX_SIDE`.
        """
        match = re.fullmatch(r"(\d{1,9})[xX×](\d{1,9})", text.strip(), re.ASCII)
        if match is None:
            raise LayoutError(f"canvas {text!r} is not WIDTHxHEIGHT, as in 1280x720")
        size = cls(int(match[1]), int(match[2]))
        size.check_canvas()
        return size

    def check_canvas(self) -> None:
        """Raise LayoutError unless both sides are from 1 to `MAX_SIDE` pixels."""
        for name, side in (("width", self.width), ("height", self.height)):
            if not 1 <= side <= MAX_SIDE:
                raise LayoutError(f"canvas {self}: {name} {side} is outside 1 to {MAX_SIDE} pixels")

    @property
    def area(self) -> int:
        """Pixels in all."""
        return self.width * self.height

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


DEFAULT_CANVAS = Size(1280, 720)
"""Where nobody says a size: for templates, presets, layout parameters that stand alone, and updates."""

CanvasLike = Size | tuple[int, int]


def as_canvas(canvas: CanvasLike) -> Size:
    """A canvas from a Size or a plain `(width, height)`; LayoutError where a side is out of range."""
    size = canvas if isinstance(canvas, Size) else Size(*canvas)
    size.check_canvas()
    return size


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in pixels; it covers x to right and y to bottom, both ends exclusive."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def size(self) -> Size:
        return Size(self.width, self.height)

    @property
    def area(self) -> int:
        return self.width * self.height

    @property
    def is_empty(self) -> bool:
        return self.width <= 0 or self.height <= 0

    def overlaps(self, other: Self) -> bool:
        """Whether the two share at least one pixel."""
        return (
            self.x < other.right
            and other.x < self.right
            and self.y < other.bottom
            and other.y < self.bottom
            and not self.is_empty
            and not other.is_empty
        )

    def intersection(self, other: Self) -> "Rect":
        """The pixels in both; of zero width or height where they do not meet."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        return Rect(
            x,
            y,
            max(0, min(self.right, other.right) - x),
            max(0, min(self.bottom, other.bottom) - y),
        )

    def is_inside(self, size: Size) -> bool:
        """Whether no pixel lies outside a canvas of that size."""
        return self.x >= 0 and self.y >= 0 and self.right <= size.width and self.bottom <= size.height

    def __str__(self) -> str:
        return f"{self.width}x{self.height} at ({self.x}, {self.y})"


@dataclass(frozen=True, slots=True)
class Share:
    """A rectangle in exact fractions of the canvas, 0 to 1 on each axis."""

    x: Fraction
    y: Fraction
    width: Fraction
    height: Fraction

    def mirrored(self) -> "Share":
        """The same place on a canvas flipped left to right."""
        return Share(1 - self.x - self.width, self.y, self.width, self.height)

    def to_pixels(self, canvas: Size, *, rounding: Rounding = "equal", align: Align = 1) -> Rect:
        """The pixels this share covers.

        Args:
            canvas: what the fractions are fractions of.
            rounding: "equal" floors position and size, so that equal shares become equal sizes;
                "fill" floors the edges, so that shares that touch become rectangles that touch.
            align: step to floor to, in pixels; 2 keeps 4:2:0 chroma whole. With "fill" an edge on the
                canvas's far side stays there, even where that is odd.

        Raises:
            LayoutError: less than one step is left of the width or the height.
        """
        x, width = _span(self.x, self.width, canvas.width, rounding, align)
        y, height = _span(self.y, self.height, canvas.height, rounding, align)
        for name, got, share in (("width", width, self.width), ("height", height, self.height)):
            if got < align:
                side = canvas.width if name == "width" else canvas.height
                needed = -(-align * share.denominator // share.numerator)
                raise LayoutError(
                    f"canvas {canvas} is too small: a window's {name} of {share} x {side} is {got} pixels, "
                    f"below {align}; a canvas {name} of {needed} or more gives each window enough"
                )
        return Rect(x, y, width, height)


def _span(start: Fraction, length: Fraction, side: int, rounding: Rounding, align: Align) -> tuple[int, int]:
    """Position and length in pixels of one axis."""
    if rounding == "equal":
        return _floor(start, side, align), _floor(length, side, align)
    end = start + length
    low = _floor(start, side, align)
    high = side if end == 1 else _floor(end, side, align)
    return low, high - low


def _floor(fraction: Fraction, side: int, align: int) -> int:
    return fraction.numerator * side // (fraction.denominator * align) * align


def odd_canvas_notes(canvas: Size, rounding: Rounding, align: Align) -> tuple[str, ...]:
    """A note where a canvas is no multiple of `align` and so cannot be met by aligned edges alone."""
    odd = [
        f"{name} {side}"
        for name, side in (("width", canvas.width), ("height", canvas.height))
        if side % align
    ]
    if not odd:
        return ()
    consequence = (
        "windows at the far edge end at the true edge" if rounding == "fill" else "its last line stays bare"
    )
    return (f"canvas {canvas}: {' and '.join(odd)} is no multiple of {align}; {consequence}",)

"""Render mode, source size and window: what is cut out of the source, and where it lands.

The cut is exact, in fractions of a pixel, and stays so: only who reads the source's pixels has to round.
"""

from dataclasses import dataclass
from fractions import Fraction

from layoutkit.geometry.rect import Rect, Size
from layoutkit.geometry.scene import RenderMode

SMART_CROP_LIMIT = Fraction(1, 5)
"""API, MixLayout.RenderMode 3: "restricts cropping to 20% of the image's width or height at most"."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A rectangle of a source in exact fractions of its pixels; both ends exclusive as in `Rect`."""

    x: Fraction
    y: Fraction
    width: Fraction
    height: Fraction

    @property
    def right(self) -> Fraction:
        return self.x + self.width

    @property
    def bottom(self) -> Fraction:
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Fit:
    """What is cut out of the source, and the pixels of the canvas that it fills."""

    cut: Cut
    landing: Rect

    def within(self, bounds: Rect) -> "Fit | None":
        """The part that lands inside `bounds`, at the same scale; None where nothing does."""
        seen = self.landing.intersection(bounds)
        if seen.is_empty:
            return None
        if seen == self.landing:
            return self
        across = self.cut.width / self.landing.width
        down = self.cut.height / self.landing.height
        cut = Cut(
            self.cut.x + (seen.x - self.landing.x) * across,
            self.cut.y + (seen.y - self.landing.y) * down,
            seen.width * across,
            seen.height * down,
        )
        return Fit(cut, seen)


def fit(mode: RenderMode, source: Size, window: Rect, *, crop: Rect | None = None) -> Fit:
    """Fit a source into a window; whatever is cut or left over is so on both sides alike.

    Args:
        mode: the render mode.
        source: the source's size, pixels.
        window: the place on the canvas, at least one pixel wide and high.
        crop: cut out of the source before it is fitted (McuCustomCrop), pixels of the source;
            clamped to the source, of which at least one pixel stays.

    Returns:
        The cut, always inside the source, and the landing, always inside the window. SCALE and LETTERBOX
        round the landing's size to the nearest pixel, at least 1; the others fill the window.
    """
    whole = _clamped(crop, source) if crop is not None else Rect(0, 0, source.width, source.height)
    match mode:
        case RenderMode.SCALE | RenderMode.LETTERBOX:
            return Fit(_cut(whole, Fraction(1), Fraction(1)), _inside(whole.size, window))
        case RenderMode.STRETCH:
            return Fit(_cut(whole, Fraction(1), Fraction(1)), window)
        case RenderMode.CROP | RenderMode.SMART_CROP:
            least = 1 - SMART_CROP_LIMIT if mode is RenderMode.SMART_CROP else Fraction(0)
            # How much wider in shape the window is than the source.
            wider = Fraction(window.width * whole.height, window.height * whole.width)
            kept_x, kept_y = max(least, min(Fraction(1), wider)), max(least, min(Fraction(1), 1 / wider))
            return Fit(_cut(whole, kept_x, kept_y), window)


def _clamped(crop: Rect, source: Size) -> Rect:
    x = min(max(crop.x, 0), source.width - 1)
    y = min(max(crop.y, 0), source.height - 1)
    right = min(max(crop.right, x + 1), source.width)
    bottom = min(max(crop.bottom, y + 1), source.height)
    return Rect(x, y, right - x, bottom - y)


def _cut(whole: Rect, kept_x: Fraction, kept_y: Fraction) -> Cut:
    """The middle of a rectangle: the shares of its width and height that are kept."""
    width, height = whole.width * kept_x, whole.height * kept_y
    return Cut(whole.x + (whole.width - width) / 2, whole.y + (whole.height - height) / 2, width, height)


def _inside(size: Size, window: Rect) -> Rect:
    """The largest rectangle of that shape inside the window, in its middle."""
    if window.width * size.height <= window.height * size.width:
        width, height = window.width, _nearest(size.height * window.width, size.width)
    else:
        width, height = _nearest(size.width * window.height, size.height), window.height
    return Rect(
        window.x + (window.width - width) // 2, window.y + (window.height - height) // 2, width, height
    )


def _nearest(numerator: int, denominator: int) -> int:
    """The quotient rounded to the nearest whole number, halves upwards, at least 1."""
    return max(1, (2 * numerator + denominator) // (2 * denominator))

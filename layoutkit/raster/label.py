"""Who is in a window and how large it is, written inside the window."""

from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from layoutkit.geometry.layout import Window
from layoutkit.geometry.rect import Rect
from layoutkit.geometry.scene import WHITE, Color

_SMALLEST_PX = 8
_LARGEST_PX = 40
_ELLIPSIS = "…"


def label_lines(window: Window) -> tuple[str, str]:
    """The two lines of a window's label: who, and how large."""
    who = "empty" if window.participant is None else str(window.participant)
    stage = "  stage" if window.is_stage else ""
    return who, f"{window.rect.width}x{window.rect.height}{stage}"


def draw_label(canvas: Image.Image, rect: Rect, lines: tuple[str, str], *, color: Color = WHITE) -> None:
    """Write two lines, the first one larger, in the middle of `rect`; no pixel outside it changes.

    What does not fit is shortened with an ellipsis. A window too low for two lines gets the first alone,
    one too small for a single letter gets none.
    """
    room_x, room_y = rect.width * 9 // 10, rect.height * 9 // 10
    size_px = max(_SMALLEST_PX, min(_LARGEST_PX, rect.height // 6, rect.width // 8))
    placed: list[tuple[str, ImageFont.FreeTypeFont, int]] = []
    for text, line_px in ((lines[0], size_px), (lines[1], max(_SMALLEST_PX, size_px * 3 // 5))):
        font = _font(line_px)
        used = sum(height for *_, height in placed)
        height = sum(font.getmetrics())
        shown = _shortened(text, font, room_x)
        if shown and used + height <= room_y:
            placed.append((shown, font, height))
    draw = ImageDraw.Draw(canvas)
    y = rect.y + (rect.height - sum(height for *_, height in placed)) // 2
    for shown, font, height in placed:
        x = rect.x + (rect.width - round(font.getlength(shown))) // 2
        draw.text((x, y), shown, font=font, fill=color)
        y += height


def _shortened(text: str, font: ImageFont.FreeTypeFont, room_px: int) -> str:
    """As much of the text as fits, with an ellipsis where some is missing; empty where nothing fits."""
    if font.getlength(text) <= room_px:
        return text
    fits = (text[:length] + _ELLIPSIS for length in range(len(text) - 1, 0, -1))
    return next((shorter for shorter in fits if font.getlength(shorter) <= room_px), "")


@lru_cache(maxsize=64)
def _font(size_px: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size_px)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font

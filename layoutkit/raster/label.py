"""Who is in a window and how large it is, written inside the window."""

from PIL import Image

from layoutkit.geometry.layout import Window
from layoutkit.geometry.rect import Rect
from layoutkit.geometry.scene import WHITE, Color
from layoutkit.raster.fonts import Fonts
from layoutkit.raster.text import Line, draw_lines, fit, line_height_px

_SMALLEST_PX = 8
_LARGEST_PX = 40


def label_lines(window: Window) -> tuple[str, str]:
    """The two lines of a window's label: who, and how large."""
    who = "empty" if window.participant is None else str(window.participant)
    stage = "  stage" if window.is_stage else ""
    return who, f"{window.rect.width}x{window.rect.height}{stage}"


def label_size_px(room: Rect) -> int:
    """How high the letters of a label's first line are, pixels."""
    return max(_SMALLEST_PX, min(_LARGEST_PX, room.height // 6, room.width // 8))


def draw_edge(canvas: Image.Image, rect: Rect, color: Color) -> None:
    """Draw the outermost pixels of `rect`; no pixel outside it changes.

    (Pillow's own outline of a rectangle one pixel high is two pixels high.)
    """
    for box in (
        (rect.x, rect.y, rect.right, rect.y + 1),
        (rect.x, rect.bottom - 1, rect.right, rect.bottom),
        (rect.x, rect.y, rect.x + 1, rect.bottom),
        (rect.right - 1, rect.y, rect.right, rect.bottom),
    ):
        canvas.paste(color, box)


def draw_label(
    canvas: Image.Image, rect: Rect, lines: tuple[str, str], *, fonts: Fonts, color: Color = WHITE
) -> None:
    """Write two lines, the first one larger, in the middle of `rect`; no pixel outside it changes.

    What does not fit is shortened with an ellipsis. A window too low for two lines gets the first alone,
    one too small for a single letter gets none.
    """
    room_x, room_y = rect.width * 9 // 10, rect.height * 9 // 10
    size_px = label_size_px(rect)
    placed: list[tuple[Line, Color]] = []
    used = 0
    for text, line_px in ((lines[0], size_px), (lines[1], max(_SMALLEST_PX, size_px * 3 // 5))):
        height = line_height_px(line_px)
        if used + height <= room_y:
            line = fit(text, line_px, room_x, fonts)
            if line.runs:
                placed.append((line, color))
                used += height
    draw_lines(canvas, rect, placed)

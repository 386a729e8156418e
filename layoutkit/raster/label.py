"""Who is in a window and how large it is, written inside the window."""

import math
from dataclasses import dataclass

from PIL import Image

from layoutkit.geometry.layout import Shows, Window
from layoutkit.geometry.rect import Rect
from layoutkit.geometry.scene import BLACK, WHITE, Color
from layoutkit.raster.assets import last_part
from layoutkit.raster.fonts import Fonts
from layoutkit.raster.text import Placed, draw_lines, placed
from layoutkit.raster.typeset import Line, fit, line_height_px, set_line

PLATE_OPACITY = 0.6
"""How far the plate behind a label darkens a picture: white letters stay readable on white."""

_SMALLEST_PX = 8
_LARGEST_PX = 40
_LARGEST_ALONE_PX = 11
_LARGEST_TAG_PX = 24
_BETWEEN = "  "
"""Between what stands side by side in a line."""

_WITHOUT_VIDEO = {Shows.NOBODY: "absent", Shows.AUDIO_ONLY: "audio only"}


@dataclass(frozen=True, slots=True)
class Label:
    """Lines of text in a window; no pixel outside `box` changes. A plate darkens what is behind them."""

    box: Rect
    lines: tuple[Placed, ...]
    plate: Rect | None = None


def label_lines(window: Window) -> tuple[str, str]:
    """The two lines of a window's label: who, and how large, with what else is to be known."""
    who = "empty" if window.participant is None else str(window.participant)
    details = [f"{window.rect.width}x{window.rect.height}"]
    if window.is_stage:
        details.append("stage")
    if window.participant is not None and window.shows in _WITHOUT_VIDEO:
        details.append(_WITHOUT_VIDEO[window.shows])
    if window.shows is not Shows.VIDEO and window.placeholder is not None:
        details.append(last_part(window.placeholder.image.url))
    return who, _BETWEEN.join(details)


def caption(room: Rect, lines: tuple[str, str], fonts: Fonts, *, on_plate: bool = False) -> Label:
    """Two lines, the first one larger, in the middle of `room`.

    What the second one says stands in a line each where that fits better; what does not fit is shortened with
    an ellipsis. Where there is no height for two lines they stand side by
    side, or the first one alone; where there is no room for a single letter, nothing does.
    """
    room_x, room_y = room.width * 9 // 10, room.height * 9 // 10
    size_px = max(_SMALLEST_PX, min(_LARGEST_PX, room.height // 6, room.width // 8))
    small_px = max(_SMALLEST_PX, size_px * 2 // 3)
    small_y = room_y - line_height_px(size_px)
    if line_height_px(small_px) <= small_y:
        found = [fit(lines[0], size_px, room_x, fonts), *_details(lines[1], small_px, room_x, small_y, fonts)]
    elif line_height_px(_SMALLEST_PX) <= room_y:
        alone_px = max(_SMALLEST_PX, min(_LARGEST_ALONE_PX, room_y * 4 // 5))
        found = [_side_by_side(lines, alone_px, room_x, fonts)]
    else:
        found = []
    kept = [line for line in found if line.runs]
    plate = _around(room, kept) if on_plate and kept else None
    return Label(room, tuple(placed(room, [(line, WHITE) for line in kept])), plate)


def tag(room: Rect, lines: tuple[str, str], fonts: Fonts) -> Label:
    """One line on a plate at the bottom left of `room`, where it hides little of a picture."""
    size_px = max(_SMALLEST_PX, min(_LARGEST_TAG_PX, room.height // 8, room.width // 12))
    padding = size_px // 2
    line = _side_by_side(lines, size_px, room.width - 2 * padding, fonts)
    if not line.runs or line_height_px(size_px) > room.height:
        return Label(room, ())
    height = min(room.height, line_height_px(size_px) + size_px // 4)
    width = min(room.width, math.ceil(line.width_px) + 2 * padding)
    plate = Rect(room.x, room.bottom - height, width, height)
    return Label(room, tuple(placed(plate, [(line, WHITE)])), plate)


def draw_label(canvas: Image.Image, label: Label) -> None:
    """Draw a label; no pixel outside its box changes."""
    if label.plate is not None:
        seen = label.plate.intersection(Rect(0, 0, *canvas.size))
        if not seen.is_empty:
            box = (seen.x, seen.y, seen.right, seen.bottom)
            behind = canvas.crop(box)
            canvas.paste(Image.blend(behind, Image.new("RGB", behind.size, BLACK), PLATE_OPACITY), box)
    draw_lines(canvas, label.box, label.lines)


def edges(window: Window) -> list[Rect]:
    """The rectangles whose outermost pixels frame a window: one, and a second inside it for the stage."""
    rect = window.rect
    inner = Rect(rect.x + 1, rect.y + 1, rect.width - 2, rect.height - 2)
    return [rect, inner] if window.is_stage and not inner.is_empty else [rect]


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


def _details(text: str, size_px: int, room_px: int, height_px: int, fonts: Fonts) -> list[Line]:
    """A text as one line; where it is too long, its parts one below the other, if the height is there."""
    line = fit(text, size_px, room_px, fonts)
    parts = text.split(_BETWEEN)
    if line.text == text or len(parts) * line_height_px(size_px) > height_px:
        return [line]
    return [fit(part, size_px, room_px, fonts) for part in parts]


def _side_by_side(lines: tuple[str, str], size_px: int, room_px: int, fonts: Fonts) -> Line:
    """Both texts on one line; the first alone, shortened where it must be, where there is no room."""
    both = _BETWEEN.join(lines)
    # A user id may have a million letters: with more of them than pixels nothing is measured.
    line = set_line(both, size_px, fonts) if len(both) <= room_px else None
    return line if line and line.width_px <= room_px else fit(lines[0], size_px, room_px, fonts)


def _around(room: Rect, lines: list[Line]) -> Rect:
    """A plate behind lines in the middle of `room`."""
    padding = lines[0].size_px // 3
    width = math.ceil(max(line.width_px for line in lines)) + 2 * padding
    height = sum(line_height_px(line.size_px) for line in lines) + padding
    x, y = room.x + (room.width - width) // 2, room.y + (room.height - height) // 2
    return Rect(x, y, width, height).intersection(room)

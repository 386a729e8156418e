"""Lines of text drawn inside a box."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageDraw

from layoutkit.geometry.rect import Rect
from layoutkit.geometry.scene import WHITE, Color
from layoutkit.raster.bidi import mirrored
from layoutkit.raster.fonts import Face, Fonts, sized
from layoutkit.raster.typeset import Line, line_height_px, raqm_direction, wrap

Anchor = Literal["left", "center"]
"""Where lines start; "left" is the right for a line that begins in a right-to-left script."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A line of text in its place: its left end and its baseline, pixels of the canvas."""

    line: Line
    color: Color
    x: int
    baseline: int


def placed(
    box: Rect,
    lines: Sequence[tuple[Line, Color]],
    *,
    anchor: Anchor = "center",
    middle: bool = True,
    padding_px: int = 0,
) -> list[Placed]:
    """Put lines one below the other in `box`.

    Args:
        box: pixels of the canvas.
        lines: each with its colour.
        anchor: where the lines start.
        middle: centre the block from top to bottom, else begin at the top; a block that is too high always
            begins at the top and loses its end.
        padding_px: kept free at the sides.
    """
    heights = [line_height_px(line.size_px) for line, _ in lines]
    y = box.y + (max(0, box.height - sum(heights)) // 2 if middle else 0)
    found = []
    for (line, color), height in zip(lines, heights, strict=True):
        room = box.width - 2 * padding_px
        slack = room - line.width_px
        if anchor == "center":
            x = padding_px + round(slack / 2)
        else:
            x = padding_px + (max(0, round(slack)) if line.right_to_left else 0)
        found.append(Placed(line, color, box.x + x, y + round(line.size_px * 0.98)))
        y += height
    return found


def draw_lines(image: Image.Image, box: Rect, lines: Iterable[Placed]) -> None:
    """Draw lines where they are placed; no pixel outside `box` or the image, RGB or RGBA, changes."""
    for each in lines:
        _draw_line(image, box, each.x - box.x, each.baseline - box.y, each.line, each.color)


def paragraph(text: str, box: Rect, *, fonts: Fonts, size_px: int, color: Color = WHITE) -> list[Placed]:
    """The lines of a text watermark.

    Neither dialect says how its text is set. Here it starts at the left, a quarter of the font size from
    the edge, breaks into lines as wide as the box allows, and stands in the middle from top to bottom.
    What is higher than the box goes on below it, where `draw_lines` cuts it off.
    """
    padding = min(size_px // 4, box.width // 4)
    lines = wrap(text, size_px, box.width - 2 * padding, fonts)
    shown = lines[: box.height // max(1, line_height_px(size_px)) + 1]
    return placed(box, [(line, color) for line in shown], anchor="left", padding_px=padding)


def _draw_line(image: Image.Image, box: Rect, x: int, baseline: int, line: Line, color: Color) -> None:
    """One line, clipped to the box; `x` and `baseline` are relative to the box."""
    visible = Rect(0, 0, image.width, image.height).intersection(box)
    top = max(0, baseline - 2 * line.size_px)
    height = min(box.height, baseline + line.size_px) - top
    if visible.is_empty or height <= 0:
        return
    mask = Image.new("L", (box.width, height))
    draw = ImageDraw.Draw(mask)
    pictures: list[tuple[Image.Image, tuple[int, int]]] = []
    pen = float(x)
    for run in line.runs:
        font, scale = sized(run.face, line.size_px)
        direction = raqm_direction(run.face, run.right_to_left)
        text = mirrored(run.text) if run.right_to_left and direction is None else run.text
        if scale == 1.0:
            # FreeType refuses a few glyphs at any size ("raster overflow"): their place stays empty.
            with suppress(OSError):
                draw.text((round(pen), baseline - top), text, 255, font, anchor="ls", direction=direction)
        else:
            picture = _bitmap(text, run.face, line.size_px, direction)
            pictures.append((picture, (round(pen), baseline - top - round(picture.height * 0.8))))
        pen += run.width_px
    layer = image.crop((box.x, box.y + top, box.right, box.y + top + height))
    layer.paste(color, (0, 0), mask)
    for picture, place in pictures:
        layer.paste(picture, place, picture)
    image.paste(layer, (box.x, box.y + top))


def _bitmap(text: str, face: Face, size_px: int, direction: str | None) -> Image.Image:
    """A run of a colour bitmap font, scaled to the size of the text beside it."""
    font, scale = sized(face, size_px)
    _, upper, right, lower = font.getbbox(text, direction=direction)
    picture = Image.new("RGBA", (max(1, round(right)), max(1, round(lower - upper))))
    ImageDraw.Draw(picture).text((0, -upper), text, WHITE, font, embedded_color=True, direction=direction)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.BOX)

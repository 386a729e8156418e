"""Text in any script: measured, shortened, wrapped and drawn inside a box.

A word is set in one font where one has all of it; Arabic and Hebrew run from right to left. Joined and
reordered letters need Pillow's raqm layout (libfribidi on Linux); without it they stand apart.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from PIL import Image, ImageDraw, features

from layoutkit.geometry.rect import Rect
from layoutkit.geometry.scene import WHITE, Color
from layoutkit.raster.fonts import PILLOW, Face, Fonts, sized
from layoutkit.raster.script import (
    cleaned,
    clusters,
    directions,
    is_emoji,
    mirrored,
    runs_right_to_left,
    words_of,
)

ELLIPSIS = "..."
"""Three full stops: Pillow's own font has no character of its own for it."""

LINE_HEIGHT = 1.25
"""Of the font size, baseline to baseline: what Pillow's own font asks for."""

_MOST_CHARACTERS = 10_000
"""More than a line has room for or a watermark says; it bounds the time that a hostile text takes."""

Anchor = Literal["left", "center"]
"""Where lines start; "left" is the right for a line that begins in a right-to-left script."""


@dataclass(frozen=True, slots=True)
class Run:
    """Characters in one font and direction, with their width in pixels."""

    text: str
    face: Face
    right_to_left: bool
    width_px: float


@dataclass(frozen=True, slots=True)
class Line:
    """Runs from left to right, as they are drawn."""

    runs: tuple[Run, ...]
    size_px: int
    right_to_left: bool = False

    @property
    def width_px(self) -> float:
        return sum(run.width_px for run in self.runs)


def set_line(text: str, size_px: int, fonts: Fonts) -> Line:
    """Find the fonts for one line of text and measure it; what no font has is noted in `fonts.missing`."""
    text = cleaned(text)
    if text.isascii():
        face = fonts.face(text) if text else None
        pieces = [(text, face or PILLOW)] if text else []
    else:
        pieces = _pieces(text, fonts)
    base = runs_right_to_left(text)
    sides = [side for part, side in directions(text, base) for _ in part]
    logical: list[tuple[str, Face, bool]] = []
    position = 0
    for piece, face in pieces:
        for character in piece:
            side = sides[position]
            position += 1
            if logical and logical[-1][1:] == (face, side):
                logical[-1] = (logical[-1][0] + character, face, side)
            else:
                logical.append((character, face, side))
    runs = [Run(part, face, rtl, _width(part, face, rtl, size_px)) for part, face, rtl in logical]
    return Line(tuple(_visual_order(runs, base)), size_px, base)


def fit(text: str, size_px: int, room_px: float, fonts: Fonts) -> Line:
    """The text as one line no wider than the room, shortened with an ellipsis where it is too long.

    Where not even the ellipsis fits the line is empty.
    """
    if len(text) > _MOST_CHARACTERS:
        text = text[:_MOST_CHARACTERS] + ELLIPSIS
    line = set_line(text, size_px, fonts)
    if line.width_px <= room_px:
        return line
    parts = clusters(cleaned(text))
    low, high = 0, len(parts) - 1
    best = Line((), size_px)
    while low <= high:
        kept = (low + high) // 2
        shorter = set_line("".join(parts[:kept]).rstrip() + ELLIPSIS, size_px, fonts)
        if shorter.width_px <= room_px:
            best, low = shorter, kept + 1
        else:
            high = kept - 1
    return best


def wrap(text: str, size_px: int, room_px: float, fonts: Fonts) -> list[Line]:
    """The text as lines no wider than the room.

    Lines break at line feeds, at spaces, and beside characters that are written without spaces (Chinese,
    Japanese); a word wider than the room breaks where it must. A single character wider than the room
    still gets a line. Of a text longer than 10,000 characters the rest is left out.
    """
    lines: list[Line] = []
    for paragraph in re.split(r"\r\n|[\r\n\v\f\x85\u2028\u2029]", text[:_MOST_CHARACTERS]):
        kept = ""
        for word in words_of(cleaned(paragraph)):
            if set_line((kept + word).rstrip(), size_px, fonts).width_px <= room_px:
                kept += word
                continue
            if kept.strip():
                lines.append(set_line(kept.rstrip(), size_px, fonts))
            kept = word.lstrip()
            while kept and set_line(kept.rstrip(), size_px, fonts).width_px > room_px:
                head = _prefix_that_fits(kept, size_px, room_px, fonts)
                lines.append(set_line(head, size_px, fonts))
                kept = kept[len(head) :]
        lines.append(set_line(kept.rstrip(), size_px, fonts))
    return lines


def draw_lines(
    image: Image.Image,
    box: Rect,
    lines: Sequence[tuple[Line, Color]],
    *,
    anchor: Anchor = "center",
    middle: bool = True,
    padding_px: int = 0,
) -> None:
    """Draw lines one below the other inside `box`; no pixel outside it or the image changes.

    Args:
        image: RGB or RGBA, changed in place.
        box: pixels of the image.
        lines: each with its colour.
        anchor: where the lines start.
        middle: centre the block from top to bottom, else begin at the top; a block that is too high always
            begins at the top and loses its end.
        padding_px: kept free at the sides.
    """
    heights = [line_height_px(line.size_px) for line, _ in lines]
    y = max(0, box.height - sum(heights)) // 2 if middle else 0
    for (line, color), height in zip(lines, heights, strict=True):
        room = box.width - 2 * padding_px
        slack = room - line.width_px
        if anchor == "center":
            x = padding_px + round(slack / 2)
        else:
            x = padding_px + (max(0, round(slack)) if line.right_to_left else 0)
        _draw_line(image, box, x, y + round(line.size_px * 0.98), line, color)
        y += height


def draw_text(
    image: Image.Image,
    text: str,
    box: Rect,
    *,
    fonts: Fonts,
    size_px: int,
    color: Color = WHITE,
    fill: Color | None = None,
) -> None:
    """Draw a text watermark: the box in `fill`, and the text in it.

    Neither dialect says how its text is set. Here it starts at the left, a quarter of the font size from
    the edge, breaks into lines as wide as the box allows, and stands in the middle from top to bottom.
    What is higher than the box is cut off at its lower edge; nothing outside the box is touched.
    """
    if fill is not None:
        image.paste(fill, (box.x, box.y, box.right, box.bottom))
    padding = min(size_px // 4, box.width // 4)
    lines = wrap(text, size_px, box.width - 2 * padding, fonts)
    shown = lines[: box.height // max(1, line_height_px(size_px)) + 1]
    draw_lines(image, box, [(line, color) for line in shown], anchor="left", padding_px=padding)


def line_height_px(size_px: int) -> int:
    """Baseline to baseline, in pixels."""
    return round(size_px * LINE_HEIGHT)


def _pieces(text: str, fonts: Fonts) -> list[tuple[str, Face]]:
    """The text in order, each piece with a face that has it."""
    pieces: list[tuple[str, Face]] = []
    word: list[str] = []

    def end_word() -> None:
        whole = "".join(word)
        face = fonts.face(whole, around=text) if whole else None
        if face is not None:
            pieces.append((whole, face))
        else:
            pieces.extend((cluster, _face_of(cluster, text, fonts)) for cluster in word)
        word.clear()

    for cluster in clusters(text):
        if cluster == " " or is_emoji(cluster):
            end_word()
            pieces.append((cluster, _face_of(cluster, text, fonts)))
        else:
            word.append(cluster)
    end_word()
    return pieces


def _face_of(cluster: str, around: str, fonts: Fonts) -> Face:
    face = fonts.face(cluster, around=around, color=is_emoji(cluster))
    if face is None:
        face = fonts.face(cluster[0], around=around)
    if face is None:
        fonts.missing.add(cluster[0])
    return face or PILLOW


def _visual_order(runs: list[Run], base: bool) -> list[Run]:
    """Runs from left to right: stretches against the line's direction are turned round (rule L2)."""
    if not base and not any(run.right_to_left for run in runs):
        return runs
    ordered: list[Run] = []
    stretch: list[Run] = []
    for run in [*runs, None]:
        if run is not None and run.right_to_left != base:
            stretch.append(run)
            continue
        ordered += reversed(stretch)
        stretch = []
        if run is not None:
            ordered.append(run)
    return list(reversed(ordered)) if base else ordered


def _prefix_that_fits(text: str, size_px: int, room_px: float, fonts: Fonts) -> str:
    parts = clusters(text)
    count = 1
    while count < len(parts) and set_line("".join(parts[: count + 1]), size_px, fonts).width_px <= room_px:
        count += 1
    return "".join(parts[:count])


def _width(text: str, face: Face, right_to_left: bool, size_px: int) -> float:
    font, scale = sized(face, size_px)
    return font.getlength(text, direction=_raqm_direction(face, right_to_left)) * scale


@lru_cache(maxsize=1)
def _has_raqm() -> bool:
    return bool(features.check("raqm"))


def _raqm_direction(face: Face, right_to_left: bool) -> str | None:
    """Pillow takes a direction only where raqm lays the text out, and its own font is laid out without."""
    return ("rtl" if right_to_left else "ltr") if face.path is not None and _has_raqm() else None


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
        direction = _raqm_direction(run.face, run.right_to_left)
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

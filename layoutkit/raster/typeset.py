"""Text in any script, set in lines: which font draws what, how wide it is, where it breaks.

A word is set in one font where one has all of it; Arabic and Hebrew run from right to left. Joined and
reordered letters need Pillow's raqm layout (libfribidi on Linux); without it they stand apart.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from PIL import features

from layoutkit.raster.bidi import left_to_right, levels, runs_right_to_left
from layoutkit.raster.fonts import PILLOW, Face, Fonts, sized
from layoutkit.raster.script import (
    cleaned,
    clusters,
    is_emoji,
    is_joiner,
    words_of,
)

ELLIPSIS = "..."
"""Three full stops: Pillow's own font has no character of its own for it."""

LINE_HEIGHT = 1.25
"""Of the font size, baseline to baseline: what Pillow's own font asks for."""

_MOST_CHARACTERS = 10_000
"""More than a line has room for or a watermark says; it bounds the time that a hostile text takes."""


@dataclass(frozen=True, slots=True)
class Run:
    """Characters in one font and at one level of direction, with their width in pixels."""

    text: str
    face: Face
    level: int
    width_px: float

    @property
    def right_to_left(self) -> bool:
        return self.level % 2 == 1


@dataclass(frozen=True, slots=True)
class Line:
    """Runs from left to right, as they are drawn, and the text that they show in the order it is read."""

    runs: tuple[Run, ...]
    size_px: int
    right_to_left: bool = False
    text: str = ""

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
    level_of = levels(text, base)
    logical: list[tuple[str, Face, int]] = []
    position = 0
    for piece, face in pieces:
        for character in piece:
            level = level_of[position]
            position += 1
            if face == PILLOW and is_joiner(character):
                continue
            if logical and logical[-1][1:] == (face, level):
                logical[-1] = (logical[-1][0] + character, face, level)
            else:
                logical.append((character, face, level))
    runs = [Run(*each, _width(*each, size_px)) for each in logical]
    return Line(tuple(left_to_right(runs, lambda run: run.level)), size_px, base, text)


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
            for cluster in word:
                pieces.extend(_faces_of(cluster, text, fonts))
        word.clear()

    for cluster in clusters(text):
        if cluster == " " or is_emoji(cluster):
            end_word()
            pieces.extend(_faces_of(cluster, text, fonts))
        else:
            word.append(cluster)
    end_word()
    return pieces


def _faces_of(cluster: str, around: str, fonts: Fonts) -> list[tuple[str, Face]]:
    """The cluster in one face; else each of its characters in its own, as a family of emoji falls apart."""
    face = fonts.face(cluster, around=around, color=is_emoji(cluster))
    if face is not None:
        return [(cluster, face)]
    pieces: list[tuple[str, Face]] = []
    for character in cluster:
        face = None if is_joiner(character) else fonts.face(character, around=around)
        if face is None and not is_joiner(character):
            fonts.missing.add(character)
        pieces.append((character, face or PILLOW))
    return pieces


def _prefix_that_fits(text: str, size_px: int, room_px: float, fonts: Fonts) -> str:
    parts = clusters(text)
    count = 1
    while count < len(parts) and set_line("".join(parts[: count + 1]), size_px, fonts).width_px <= room_px:
        count += 1
    return "".join(parts[:count])


def _width(text: str, face: Face, level: int, size_px: int) -> float:
    font, scale = sized(face, size_px)
    return font.getlength(text, direction=raqm_direction(face, level % 2 == 1)) * scale


@lru_cache(maxsize=1)
def _has_raqm() -> bool:
    return bool(features.check("raqm"))


def raqm_direction(face: Face, right_to_left: bool) -> str | None:
    """Pillow takes a direction only where raqm lays the text out, and its own font is laid out without."""
    return ("rtl" if right_to_left else "ltr") if face.path is not None and _has_raqm() else None

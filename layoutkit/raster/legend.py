"""A strip below a picture that says in figures what the picture shows."""

import math

from PIL import Image

from layoutkit.geometry.coverage import hidden_share
from layoutkit.geometry.layout import Layout, Window
from layoutkit.geometry.rect import Rect
from layoutkit.geometry.scene import WHITE
from layoutkit.raster.color import window_colors
from layoutkit.raster.fonts import Fonts
from layoutkit.raster.label import draw_edge
from layoutkit.raster.sheet import PAPER
from layoutkit.raster.text import draw_lines, placed
from layoutkit.raster.typeset import Line, fit, set_line

ROW_PX = 24
_FONT_PX = 14
_GAP_PX = 14
_SWATCH_PX = 12
_NAME_PX = 160
"""Width that the longest name is given before a further column of entries is."""


def with_legend(picture: Image.Image, layout: Layout, *, fonts: Fonts) -> Image.Image:
    """The picture with an entry for each window below it: user, size, place, z-order and visible share.

    Names are shortened, figures never: where the picture is too narrow for them, the strip is wider than it.
    """
    entries = [entry(layout, number) for number in range(len(layout.windows))]
    figures = [[set_line(text, _FONT_PX, fonts) for text in cells] for _, *cells in entries]
    widths = [max(math.ceil(line.width_px) for line in column) for column in zip(*figures, strict=True)]
    names = [
        math.ceil(fit(name, _FONT_PX, max(picture.width, _NAME_PX), fonts).width_px) for name, *_ in entries
    ]
    fixed = _SWATCH_PX + 2 * _GAP_PX + sum(width + _GAP_PX for width in widths)
    least = fixed + min(_NAME_PX, max(names, default=0))
    width = max(picture.width, least)
    columns = max(1, min(width // least, len(entries)))
    room = min(width // columns - fixed, max(names, default=0))
    rows = -(-len(entries) // columns)
    sheet = Image.new("RGB", (width, picture.height + rows * ROW_PX), PAPER)
    sheet.paste(picture, (0, 0))
    for number, (window, (name, *_), lines) in enumerate(zip(layout.windows, entries, figures, strict=True)):
        row, column = divmod(number, columns)
        x, y = column * (width // columns) + _GAP_PX // 2, picture.height + row * ROW_PX
        _draw_swatch(sheet, Rect(x, y + (ROW_PX - _SWATCH_PX) // 2, _SWATCH_PX, _SWATCH_PX), window)
        x += _SWATCH_PX + _GAP_PX // 2
        _draw(sheet, x, y, fit(name, _FONT_PX, room, fonts))
        x += room + _GAP_PX
        for line, cell in zip(lines, widths, strict=True):
            _draw(sheet, x, y, line)
            x += cell + _GAP_PX
    return sheet


def entry(layout: Layout, number: int) -> tuple[str, str, str, str, str]:
    """What the legend says of window `number` in list order: user, size, place, z-order, visible share."""
    window = layout.windows[number]
    rect = window.rect
    return (
        "empty" if window.participant is None else str(window.participant),
        f"{rect.width}x{rect.height}",
        f"at {rect.x},{rect.y}",
        f"z {window.z_order}",
        f"{visible_percent(layout, number)}% visible",
    )


def visible_percent(layout: Layout, number: int) -> int:
    """How much of window `number` lies on the canvas and is left to be seen, 0 to 100, rounded down.

    Windows in front that are opaque and have no mask hide what is behind them.
    """
    windows = layout.windows
    window = windows[number]
    on_canvas = window.rect.intersection(Rect(0, 0, layout.canvas.width, layout.canvas.height))
    if on_canvas.is_empty or window.opacity <= 0:
        return 0
    back_to_front = sorted(range(len(windows)), key=lambda place: windows[place].z_order)
    in_front = back_to_front[back_to_front.index(number) + 1 :]
    above = [windows[each].rect for each in in_front if windows[each].opacity >= 1 and not windows[each].mask]
    seen = round(on_canvas.area * (1 - hidden_share(on_canvas, above)))
    return 100 * seen // window.rect.area


def _draw_swatch(sheet: Image.Image, rect: Rect, window: Window) -> None:
    """A window's colours in small."""
    fill, edge = window_colors(window)
    if fill is not None:
        sheet.paste(fill, (rect.x, rect.y, rect.right, rect.bottom))
    draw_edge(sheet, rect, edge)


def _draw(sheet: Image.Image, x: int, y: int, line: Line) -> None:
    """A line that begins at `x`, whatever its direction, in a row whose top is `y`."""
    box = Rect(x, y, math.ceil(line.width_px), ROW_PX)
    draw_lines(sheet, box, placed(box, [(line, WHITE)]))

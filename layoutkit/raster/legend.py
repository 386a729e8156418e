"""A strip below a picture that says in figures what the picture shows."""

from PIL import Image

from layoutkit.geometry.coverage import hidden_share
from layoutkit.geometry.layout import Layout
from layoutkit.geometry.rect import Rect
from layoutkit.geometry.scene import WHITE
from layoutkit.raster.color import user_color
from layoutkit.raster.fonts import Fonts
from layoutkit.raster.sheet import PAPER
from layoutkit.raster.text import draw_lines, fit

ROW_PX = 24
_FONT_PX = 14
_ENTRY_PX = 400
"""Width one entry asks for; as many stand in a row as the picture is wide."""


def with_legend(picture: Image.Image, layout: Layout, *, fonts: Fonts) -> Image.Image:
    """The picture with an entry for each window below it: user, place, size, z-order and visible share."""
    columns = max(1, picture.width // _ENTRY_PX)
    rows = -(-len(layout.windows) // columns)
    width = picture.width // columns
    sheet = Image.new("RGB", (picture.width, picture.height + rows * ROW_PX), PAPER)
    sheet.paste(picture, (0, 0))
    for number, window in enumerate(layout.windows):
        row, column = divmod(number, columns)
        x, y = column * width, picture.height + row * ROW_PX
        user_id = "" if window.participant is None else window.participant.user_id
        sheet.paste(user_color(user_id), (x + 6, y + 6, x + 18, y + 18))
        line = fit(entry(layout, number), _FONT_PX, width - 36, fonts)
        draw_lines(sheet, Rect(x + 24, y, width - 30, ROW_PX), [(line, WHITE)], anchor="left")
    return sheet


def entry(layout: Layout, number: int) -> str:
    """What the legend says of window `number` in list order."""
    window = layout.windows[number]
    who = "empty" if window.participant is None else str(window.participant)
    rect = window.rect
    return (
        f"{who}  {rect.width}x{rect.height} at {rect.x},{rect.y}  z {window.z_order}  "
        f"{visible_percent(layout, number)}% visible"
    )


def visible_percent(layout: Layout, number: int) -> int:
    """How much of window `number` those in front leave to be seen, 0 to 100, rounded down.

    Only opaque windows hide what is behind them.
    """
    windows = layout.windows
    back_to_front = sorted(range(len(windows)), key=lambda place: windows[place].z_order)
    in_front = back_to_front[back_to_front.index(number) + 1 :]
    above = [windows[place].rect for place in in_front if windows[place].opacity >= 1]
    return int(100 * (1 - hidden_share(windows[number].rect, above)))

"""A layout as a picture."""

from PIL import Image

from layoutkit.geometry.layout import Layout, Window
from layoutkit.raster.color import user_color
from layoutkit.raster.label import draw_label, label_lines


def paint(layout: Layout) -> Image.Image:
    """Paint the layout: its background, then the windows from back to front.

    Returns:
        An RGB picture of the canvas's size.
    """
    picture = Image.new("RGB", (layout.canvas.width, layout.canvas.height), layout.background.color)
    for window in layout.painted:
        _paint_window(picture, window)
    return picture


def _paint_window(picture: Image.Image, window: Window) -> None:
    rect = window.rect
    user_id = "" if window.participant is None else window.participant.user_id
    picture.paste(user_color(user_id), (rect.x, rect.y, rect.right, rect.bottom))
    draw_label(picture, rect, label_lines(window))

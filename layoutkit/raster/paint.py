"""A layout as a picture."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from PIL import Image

from layoutkit.geometry.layout import Layout, ParticipantLike, Shows, Window
from layoutkit.geometry.rect import Rect
from layoutkit.geometry.scene import BLACK, ImageRef, RenderMode
from layoutkit.raster.assets import last_part
from layoutkit.raster.color import window_colors
from layoutkit.raster.content import label_room, paste, piece_of, placeholder_piece, source_of, source_piece
from layoutkit.raster.fonts import Fonts
from layoutkit.raster.images import load
from layoutkit.raster.in_step import in_step
from layoutkit.raster.label import caption, draw_edge, draw_label, edges, label_lines, tag
from layoutkit.raster.resample import Piece
from layoutkit.raster.watermark import paint_watermark

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from layoutkit.raster.images import Picture

Images = Callable[[ImageRef], Image.Image | None]
"""The picture behind a URL, None where it cannot be had."""


def paint(
    layout: Layout,
    *,
    sources: "Mapping[ParticipantLike, Picture] | None" = None,
    images: Images | None = None,
    labels: bool = False,
    now: datetime | None = None,
    at_s: float = 0.0,
    fonts: Fonts | None = None,
) -> Image.Image:
    """Paint the layout: its background, then windows and watermarks from back to front.

    A watermark comes after the windows of its own z-order, one without a z-order above everything.

    Args:
        layout: what to paint.
        sources: what a user sends, by user id (both streams) or Participant: a PIL image, a uint8 array
            (H, W, 3), or the path of a picture or video. A window without one is drawn in a colour of the
            user's, with a label. A file is opened when its window is painted and then forgotten.
        images: finds the pictures that the layout names by URL, as `assets.Assets` does; in place of one that
            it cannot find stands its name.
        labels: label the windows that show a picture, too.
        now: the time that timestamps show; default: the clock's. Without a zone it is taken as UTC.
        at_s: which frame of a video, seconds from its start.
        fonts: what text is drawn with; it is told which characters no font has. Default: the system's.

    Returns:
        An RGB picture of the canvas's size.

    Raises:
        SourceError: a source that cannot be read.
    """
    find = images or (lambda ref: None)
    letters = fonts or Fonts()
    clock = now or datetime.now(UTC)
    if clock.tzinfo is None:
        clock = clock.replace(tzinfo=UTC)
    canvas = Image.new("RGB", (layout.canvas.width, layout.canvas.height), layout.background.color)
    backdrop = layout.background.image and find(layout.background.image)
    whole = Rect(0, 0, *canvas.size)
    if backdrop:
        _place(canvas, backdrop, layout.background.render_mode, whole)
    elif layout.background.image:
        name = last_part(layout.background.image.url), "background"
        draw_label(canvas, caption(whole, name, letters))
    items = layout.back_to_front()
    seen = ((number, source_of(item, sources or {})) for number, item in enumerate(items))
    shown = {number: source for number, source in seen if source is not None}

    def cutting(number: int) -> Callable[[], Piece]:
        window, source = cast(Window, items[number]), shown[number]
        if isinstance(source, Image.Image):
            # Where windows share a picture that is not loaded yet, two threads would load it at once.
            load(source)
        return lambda: source_piece(window, source, whole, at_s=at_s)

    pieces = in_step(map(cutting, shown))
    for number, item in enumerate(items):
        if isinstance(item, Window):
            piece = next(pieces) if number in shown else None
            room = None if piece and not labels else label_room(item, items[number + 1 :], whole)
            _paint_window(canvas, item, piece, find, room, labels, letters)
        else:
            paint_watermark(canvas, item, now=clock, images=find, fonts=letters)
    return canvas


def paint_array(
    layout: Layout,
    *,
    sources: "Mapping[ParticipantLike, Picture] | None" = None,
    images: Images | None = None,
    labels: bool = False,
    now: datetime | None = None,
    at_s: float = 0.0,
    fonts: Fonts | None = None,
) -> "NDArray[np.uint8]":
    """As `paint`, as an array: uint8, shape (H, W, 3)."""
    import numpy as np

    return np.array(
        paint(layout, sources=sources, images=images, labels=labels, now=now, at_s=at_s, fonts=fonts)
    )


def _paint_window(
    canvas: Image.Image,
    window: Window,
    piece: Piece | None,
    find: Images,
    room: Rect | None,
    labels: bool,
    fonts: Fonts,
) -> None:
    seen = window.rect.intersection(Rect(0, 0, *canvas.size))
    if seen.is_empty or window.opacity <= 0:
        return
    mask = window.mask and find(window.mask)
    if window.opacity >= 1 and not mask:
        _fill_window(canvas, window, window.rect, piece, find, room, labels, fonts)
        return
    box = (seen.x, seen.y, seen.right, seen.bottom)
    tile = canvas.crop(box)
    place = Rect(window.rect.x - seen.x, window.rect.y - seen.y, window.rect.width, window.rect.height)
    _fill_window(tile, window, place, piece, find, room, labels, fonts)
    shape = mask and piece_of(
        mask.convert("RGBA").getchannel("A"), RenderMode.STRETCH, place, Rect(0, 0, *tile.size)
    )
    alpha = shape.image if shape and shape.image else Image.new("L", tile.size, 255)
    strength = min(1.0, window.opacity)
    canvas.paste(tile, box, alpha.point([round(value * strength) for value in range(256)]))


def _fill_window(
    canvas: Image.Image,
    window: Window,
    rect: Rect,
    piece: Piece | None,
    find: Images,
    room: Rect | None,
    labels: bool,
    fonts: Fonts,
) -> None:
    """Paint what a window shows into `rect`, fully opaque.

    `room` is where on the layout's canvas its label goes; over a picture it goes only with `labels`.
    """
    right, down = rect.x - window.rect.x, rect.y - window.rect.y
    label = rect if room is None else _moved(room, right, down)
    box = (rect.x, rect.y, rect.right, rect.bottom)
    if window.shown_background is not None:
        canvas.paste(window.shown_background, box)
    if piece is not None:
        if window.render_mode is RenderMode.LETTERBOX:
            canvas.paste(BLACK, box)
        paste(canvas, piece, right, down)
        if labels:
            draw_label(canvas, tag(label, label_lines(window), fonts))
        return
    if window.shows is not Shows.VIDEO and window.placeholder is not None:
        image = find(window.placeholder.image)
        if image is not None:
            if window.placeholder.size is None:
                _place(canvas, image, window.placeholder.render_mode, rect)
            else:
                paste(canvas, placeholder_piece(image, window.placeholder, rect, Rect(0, 0, *canvas.size)))
            if labels:
                draw_label(canvas, tag(label, label_lines(window), fonts))
            return
    fill, edge = window_colors(window)
    if fill is not None:
        canvas.paste(fill, box)
    for frame in edges(window):
        draw_edge(canvas, _moved(frame, right, down), edge)
    draw_label(canvas, caption(label, label_lines(window), fonts, on_plate=fill is None))


def _moved(rect: Rect, right: int, down: int) -> Rect:
    return Rect(rect.x + right, rect.y + down, rect.width, rect.height)


def _place(canvas: Image.Image, picture: Image.Image, mode: RenderMode, rect: Rect) -> None:
    if mode is RenderMode.LETTERBOX:
        canvas.paste(BLACK, (rect.x, rect.y, rect.right, rect.bottom))
    paste(canvas, piece_of(picture, mode, rect, Rect(0, 0, *canvas.size)))

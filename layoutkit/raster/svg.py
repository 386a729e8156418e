"""A layout as SVG: the geometry and colours of the painted picture, as shapes, text and embedded pictures."""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from layoutkit.geometry.layout import Layout, ParticipantLike, Shows, Window
from layoutkit.geometry.rect import Rect
from layoutkit.geometry.scene import (
    BLACK,
    WHITE,
    Color,
    ImageRef,
    ImageWatermark,
    RenderMode,
    TextWatermark,
    TimestampWatermark,
    Watermark,
)
from layoutkit.raster.assets import last_part
from layoutkit.raster.color import window_colors
from layoutkit.raster.content import label_room, piece_of, placeholder_piece, source_of, source_piece
from layoutkit.raster.fonts import Fonts
from layoutkit.raster.label import PLATE_OPACITY, Label, caption, edges, label_lines, tag
from layoutkit.raster.resample import Piece
from layoutkit.raster.text import Placed
from layoutkit.raster.watermark import missing_picture, text_lines, timestamp

if TYPE_CHECKING:
    from layoutkit.raster.images import Picture
    from layoutkit.raster.paint import Images

_NOT_IN_XML = re.compile("[^\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""All but the characters of XML 1.0 (production Char), and its control characters."""

_FAMILIES = "Aileron, Helvetica, Arial, sans-serif"
"""The font that Pillow carries, then others about as wide."""


def to_svg(
    layout: Layout,
    *,
    sources: "Mapping[ParticipantLike, Picture] | None" = None,
    images: "Images | None" = None,
    labels: bool = False,
    now: datetime | None = None,
    at_s: float = 0.0,
    fonts: Fonts | None = None,
) -> str:
    """An SVG document of the canvas's size, one group for each window and watermark, back to front.

    The arguments are `paint`'s. A window's group carries its user id and z-order as `data-` attributes.
    Pictures are embedded as they are painted: cropped and scaled, on whole pixels. Text is broken into
    lines, shortened and placed as it is painted. Whoever shows the document draws it in letters of its own,
    as wide as the painted ones where it knows `textLength`.

    Raises:
        SourceError: a source that cannot be read.
    """
    drawing = _Drawing(layout, sources or {}, images or (lambda ref: None), labels, at_s, fonts or Fonts())
    clock = now or datetime.now(UTC)
    clock = clock if clock.tzinfo else clock.replace(tzinfo=UTC)
    shapes = [drawing.background()]
    items = layout.back_to_front()
    for number, item in enumerate(items):
        if isinstance(item, Window):
            shapes.append(drawing.window(number, item, items[number + 1 :]))
        elif isinstance(item, TimestampWatermark):
            shapes.append(drawing.timestamp(number, item, clock))
        else:
            shapes.append(drawing.watermark(number, item))
    width, height = layout.canvas.width, layout.canvas.height
    body = "\n".join(shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="{_FAMILIES}" text-anchor="middle" '
        f'xml:space="preserve">\n{body}\n</svg>\n'
    )


class _Drawing:
    """The shapes of one layout."""

    def __init__(
        self,
        layout: Layout,
        sources: "Mapping[ParticipantLike, Picture]",
        images: "Images",
        labels: bool,
        at_s: float,
        fonts: Fonts,
    ) -> None:
        self._layout = layout
        self._sources = sources
        self._images = images
        self._labels = labels
        self._at_s = at_s
        self._fonts = fonts
        self._canvas = Rect(0, 0, layout.canvas.width, layout.canvas.height)

    def background(self) -> str:
        """The canvas's colour, and its picture or the name of that."""
        background = self._layout.background
        shapes = [_fill(self._canvas, background.color)]
        picture = background.image and self._images(background.image)
        if picture:
            shapes.append(self._picture(picture, background.render_mode, self._canvas))
        elif background.image:
            name = last_part(background.image.url), "background"
            shapes.append(_label("background", caption(self._canvas, name, self._fonts)))
        return "\n".join(shapes)

    def window(self, number: int, window: Window, later: Sequence[Window | Watermark]) -> str:
        """A window's group: what is behind, what it shows, its label."""
        rect, who = window.rect, label_lines(window)[0]
        source = source_of(window, self._sources)
        shapes = [] if window.shown_background is None else [_fill(rect, window.shown_background)]
        placeholder = None
        if window.shows is not Shows.VIDEO and window.placeholder is not None:
            placeholder = self._images(window.placeholder.image)
        if source is not None:
            if window.render_mode is RenderMode.LETTERBOX:
                shapes.append(_fill(rect, BLACK))
            shapes.append(_embed(source_piece(window, source, self._canvas, at_s=self._at_s)))
        elif placeholder is not None and window.placeholder is not None:
            if window.placeholder.size is None:
                shapes.append(self._picture(placeholder, window.placeholder.render_mode, rect))
            else:
                shapes.append(_embed(placeholder_piece(placeholder, window.placeholder, rect, self._canvas)))
        else:
            shapes += self._without_picture(number, window, later)
        if self._labels and (source is not None or placeholder is not None):
            room = label_room(window, later, self._canvas)
            shapes.append(_label(f"window-{number}", tag(room, label_lines(window), self._fonts)))
        mask, masked = self._mask(number, window.mask, rect)
        body = "\n  ".join([*filter(None, [mask]), *shapes])
        return (
            f'<g data-user="{_text(who)}" data-z-order="{window.z_order}" '
            f'opacity="{max(0.0, min(1.0, window.opacity)):g}"{masked}>\n  {body}\n</g>'
        )

    def _without_picture(self, number: int, window: Window, later: Sequence[Window | Watermark]) -> list[str]:
        fill, edge = window_colors(window)
        shapes = [] if fill is None else [_fill(window.rect, fill)]
        room = label_room(window, later, self._canvas)
        label = caption(room, label_lines(window), self._fonts, on_plate=fill is None)
        return [*shapes, *(_edge(rect, edge) for rect in edges(window)), _label(f"window-{number}", label)]

    def _mask(self, number: int, ref: ImageRef | None, rect: Rect) -> tuple[str, str]:
        picture = ref and self._images(ref)
        if not picture:
            return "", ""
        alpha = picture.convert("RGBA").getchannel("A")
        piece = piece_of(alpha, RenderMode.STRETCH, rect, self._canvas)
        name = f"mask-{number}"
        return f'<mask id="{name}">{_embed(piece)}</mask>', f' mask="url(#{name})"'

    def watermark(self, number: int, mark: TextWatermark | ImageWatermark) -> str:
        """A picture, or its outline and name; a text in its box."""
        if isinstance(mark, ImageWatermark):
            picture = self._images(mark.image)
            if picture is not None:
                shape = self._picture(picture, RenderMode.STRETCH, mark.rect)
            else:
                label = missing_picture(mark, self._fonts)
                shape = _edge(mark.rect, WHITE) + _label(f"watermark-{number}", label)
            return f'<g data-watermark="image">{shape}</g>'
        fill = "" if mark.fill is None else _fill(mark.rect, mark.fill)
        text = Label(mark.rect, tuple(text_lines(mark, self._fonts)))
        return f'<g data-watermark="text">{fill}{_label(f"watermark-{number}", text)}</g>'

    def timestamp(self, number: int, mark: TimestampWatermark, now: datetime) -> str:
        """The time, as far from the edges as in the picture."""
        box, lines = timestamp(mark, now, self._layout.canvas, self._fonts)
        text = _label(f"watermark-{number}", Label(box, tuple(lines)))
        return f'<g data-watermark="timestamp">{text}</g>'

    def _picture(self, picture: Image.Image, mode: RenderMode, rect: Rect) -> str:
        bars = _fill(rect, BLACK) if mode is RenderMode.LETTERBOX else ""
        return bars + _embed(piece_of(picture, mode, rect, self._canvas))


def _embed(piece: Piece) -> str:
    """A piece as a picture of its own size in its place."""
    if piece.image is None:
        return ""
    file, place = BytesIO(), piece.landing
    piece.image.save(file, "PNG")
    data = b64encode(file.getvalue()).decode()
    return (
        f'<image x="{place.x}" y="{place.y}" width="{place.width}" height="{place.height}" '
        f'href="data:image/png;base64,{data}"/>'
    )


def _label(name: str, label: Label) -> str:
    """A label's plate and lines, clipped to its box by a path of that name; nothing where it is empty."""
    if not label.lines:
        return ""
    plate = ""
    if label.plate is not None:
        plate = _fill(label.plate, BLACK).replace("/>", f' fill-opacity="{PLATE_OPACITY:g}"/>')
    lines = "".join(map(_line, label.lines))
    clip = f'<clipPath id="{name}">{_shape(label.box)}</clipPath>'
    return f'{clip}<g clip-path="url(#{name})">{plate}{lines}</g>'


def _line(each: Placed) -> str:
    """A line by its middle, which is the same whichever way it runs."""
    width = each.line.width_px
    direction = ' direction="rtl"' if each.line.right_to_left else ""
    return (
        f'<text x="{each.x + width / 2:g}" y="{each.baseline}" font-size="{each.line.size_px}" '
        f'textLength="{width:g}" lengthAdjust="spacingAndGlyphs" fill="{_hex(each.color)}"{direction}>'
        f"{_text(each.line.text)}</text>"
    )


def _fill(rect: Rect, color: Color) -> str:
    return _shape(rect).replace("/>", f' fill="{_hex(color)}"/>')


def _edge(rect: Rect, color: Color) -> str:
    """The outermost pixels: a line runs along the middle of its width."""
    width, height = max(0, rect.width - 1), max(0, rect.height - 1)
    return (
        f'<rect x="{rect.x + 0.5:g}" y="{rect.y + 0.5:g}" width="{width}" height="{height}" '
        f'fill="none" stroke="{_hex(color)}"/>'
    )


def _shape(rect: Rect) -> str:
    return f'<rect x="{rect.x}" y="{rect.y}" width="{max(0, rect.width)}" height="{max(0, rect.height)}"/>'


def _hex(color: Color) -> str:
    return f"#{bytes(color).hex()}"


def _text(text: str) -> str:
    """Text as XML can carry it, escaped."""
    return escape(_NOT_IN_XML.sub(" ", text))

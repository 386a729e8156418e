"""A layout as SVG: the geometry and colours of the painted picture, as shapes, text and embedded pictures."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
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
    TimestampPosition,
    TimestampWatermark,
    Watermark,
)
from layoutkit.raster.assets import last_part
from layoutkit.raster.color import VACANT, edge_color, user_color
from layoutkit.raster.content import label_room, piece_of, placeholder_piece, source_of
from layoutkit.raster.images import as_image
from layoutkit.raster.label import label_lines, label_size_px
from layoutkit.raster.resample import Piece
from layoutkit.raster.watermark import MARGIN_PX, TIMESTAMP_FORMAT, TIMESTAMP_PX

if TYPE_CHECKING:
    from layoutkit.raster.images import Picture
    from layoutkit.raster.paint import Images

_TOP = {TimestampPosition.TOP_LEFT, TimestampPosition.TOP_CENTER, TimestampPosition.TOP_RIGHT}
_LEFT = {TimestampPosition.TOP_LEFT, TimestampPosition.BOTTOM_LEFT}
_RIGHT = {TimestampPosition.TOP_RIGHT, TimestampPosition.BOTTOM_RIGHT}


def to_svg(
    layout: Layout,
    *,
    sources: "Mapping[ParticipantLike, Picture] | None" = None,
    images: "Images | None" = None,
    labels: bool = False,
    now: datetime | None = None,
    at_s: float = 0.0,
) -> str:
    """An SVG document of the canvas's size, one group for each window and watermark, back to front.

    The arguments are `paint`'s. A window's group carries its user id and z-order as `data-` attributes.
    Pictures are embedded as they are painted: cropped and scaled, on whole pixels. Text is set by whoever
    shows the document, in its own letters.

    Raises:
        SourceError: a source that cannot be read.
    """
    drawing = _Drawing(layout, sources or {}, images or (lambda ref: None), labels, at_s)
    clock = now or datetime.now(UTC)
    clock = clock if clock.tzinfo else clock.replace(tzinfo=UTC)
    shapes = [drawing.background()]
    items = layout.back_to_front()
    for number, item in enumerate(items):
        if isinstance(item, Window):
            shapes.append(drawing.window(number, item, items[number + 1 :]))
        elif isinstance(item, TimestampWatermark):
            shapes.append(drawing.timestamp(item, clock))
        else:
            shapes.append(drawing.watermark(number, item))
    width, height = layout.canvas.width, layout.canvas.height
    body = "\n".join(shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="sans-serif" text-anchor="middle">\n{body}\n</svg>\n'
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
    ) -> None:
        self._layout = layout
        self._sources = sources
        self._images = images
        self._labels = labels
        self._at_s = at_s
        self._canvas = Rect(0, 0, layout.canvas.width, layout.canvas.height)

    def background(self) -> str:
        """The canvas's colour, and its picture or the name of that."""
        background = self._layout.background
        shapes = [_fill(self._canvas, background.color)]
        picture = background.image and self._images(background.image)
        if picture:
            shapes.append(self._picture(picture, background.render_mode, self._canvas))
        elif background.image:
            shapes.append(_label(self._canvas, (last_part(background.image.url), "background")))
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
            picture = as_image(source, at_s=self._at_s)
            shapes.append(self._picture(picture, window.render_mode, rect, crop=window.crop))
        elif placeholder is not None and window.placeholder is not None:
            if window.placeholder.size is None:
                shapes.append(self._picture(placeholder, window.placeholder.render_mode, rect))
            else:
                shapes.append(_embed(placeholder_piece(placeholder, window.placeholder, rect, self._canvas)))
        elif window.participant is None:
            shapes.append(_edge(rect, VACANT))
        else:
            color = user_color(window.participant.user_id)
            shapes += [_fill(rect, color), _edge(rect, edge_color(color))]
        if (source is None and placeholder is None) or (source is not None and self._labels):
            room = label_room(window, later, self._canvas)
            clip = f"window-{number}"
            label = _label(room, label_lines(window))
            shapes.append(
                f'<clipPath id="{clip}">{_shape(rect)}</clipPath><g clip-path="url(#{clip})">{label}</g>'
            )
        mask, masked = self._mask(number, window.mask, rect)
        body = "\n  ".join([*filter(None, [mask]), *shapes])
        return (
            f'<g data-user="{_text(who)}" data-z-order="{window.z_order}" '
            f'opacity="{max(0.0, min(1.0, window.opacity)):g}"{masked}>\n  {body}\n</g>'
        )

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
                size = f"{mark.rect.width}x{mark.rect.height}  watermark"
                shape = _edge(mark.rect, WHITE) + _label(mark.rect, (last_part(mark.image.url), size))
            return f'<g data-watermark="image">{shape}</g>'
        clip = f"watermark-{number}"
        fill = "" if mark.fill is None else _fill(mark.rect, mark.fill)
        y = mark.rect.y + mark.rect.height / 2
        return (
            f'<g data-watermark="text"><clipPath id="{clip}">{_shape(mark.rect)}</clipPath>{fill}'
            f'<text clip-path="url(#{clip})" x="{mark.rect.x}" y="{y:g}" font-size="{mark.font_size_px}" '
            f'text-anchor="start" dominant-baseline="central" fill="{_hex(mark.color)}">'
            f"{_text(mark.text)}</text></g>"
        )

    def timestamp(self, mark: TimestampWatermark, now: datetime) -> str:
        """The time, as far from the edges as in the picture."""
        text = now.astimezone(timezone(timedelta(hours=mark.utc_offset_h))).strftime(TIMESTAMP_FORMAT)
        x, anchor = self._canvas.width / 2, "middle"
        if mark.position in _LEFT:
            x, anchor = MARGIN_PX, "start"
        elif mark.position in _RIGHT:
            x, anchor = self._canvas.width - MARGIN_PX, "end"
        y, baseline = self._canvas.height - MARGIN_PX, "text-after-edge"
        if mark.position in _TOP:
            y, baseline = MARGIN_PX, "text-before-edge"
        elif mark.position is TimestampPosition.CENTER:
            y, baseline = self._canvas.height // 2, "central"
        return (
            f'<text data-watermark="timestamp" x="{x:g}" y="{y:g}" font-size="{TIMESTAMP_PX}" '
            f'text-anchor="{anchor}" dominant-baseline="{baseline}" fill="{_hex(WHITE)}">{text}</text>'
        )

    def _picture(
        self, picture: Image.Image, mode: RenderMode, rect: Rect, *, crop: Rect | None = None
    ) -> str:
        bars = _fill(rect, BLACK) if mode is RenderMode.LETTERBOX else ""
        return bars + _embed(piece_of(picture, mode, rect, self._canvas, crop=crop))


def _embed(piece: Piece | None) -> str:
    """A piece as a picture of its own size in its place."""
    if piece is None or piece.image is None:
        return ""
    file, place = BytesIO(), piece.landing
    piece.image.save(file, "PNG")
    data = b64encode(file.getvalue()).decode()
    return (
        f'<image x="{place.x}" y="{place.y}" width="{place.width}" height="{place.height}" '
        f'href="data:image/png;base64,{data}"/>'
    )


def _label(room: Rect, lines: tuple[str, str]) -> str:
    size_px = label_size_px(room)
    x, y = room.x + room.width / 2, room.y + room.height / 2
    small_px = max(8, size_px * 3 // 5)
    return (
        f'<g fill="{_hex(WHITE)}"><text x="{x:g}" y="{y:g}" font-size="{size_px}">{_text(lines[0])}</text>'
        f'<text x="{x:g}" y="{y + size_px:g}" font-size="{small_px}">{_text(lines[1])}</text></g>'
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
    """Text as XML can carry it: without control characters and surrogates, and escaped."""
    kept = "".join(c if c.isprintable() and not "\ud800" <= c <= "\udfff" else " " for c in text)
    return escape(kept)

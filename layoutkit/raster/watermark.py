"""Watermarks: a picture, a text, the time."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from PIL import Image, ImageDraw, ImageFont

from layoutkit.geometry.fit import fit
from layoutkit.geometry.rect import Rect, Size
from layoutkit.geometry.scene import (
    WHITE,
    ImageRef,
    ImageWatermark,
    RenderMode,
    TextWatermark,
    TimestampPosition,
    Watermark,
)
from layoutkit.raster.resample import scaled

_MARGIN_PX = 8
_TIMESTAMP_PX = 20


def paint_watermark(
    canvas: Image.Image, mark: Watermark, *, now: datetime, images: Callable[[ImageRef], Image.Image | None]
) -> None:
    """Paint one watermark over what is there.

    An image is stretched to its rectangle. A text is wrapped at spaces to its rectangle's width and clipped
    to it. A timestamp stands 8 pixels from the edges, as `2025-03-11 08:00:00` in its own zone.
    """
    if isinstance(mark, ImageWatermark):
        picture = images(mark.image)
        if picture is not None:
            _stretch(canvas, picture, mark.rect)
    elif isinstance(mark, TextWatermark):
        _paint_text(canvas, mark)
    else:
        zone = timezone(timedelta(hours=mark.utc_offset_h))
        text = now.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
        font = ImageFont.load_default(_TIMESTAMP_PX)
        left, top, right, bottom = font.getbbox(text)
        x, y = timestamp_place(
            mark.position, Size(canvas.width, canvas.height), Size(round(right - left), round(bottom - top))
        )
        ImageDraw.Draw(canvas).text((x - left, y - top), text, font=font, fill=WHITE)


def timestamp_place(position: TimestampPosition, canvas: Size, text: Size) -> tuple[int, int]:
    """The top left corner of a timestamp of that size."""
    middle = (canvas.width - text.width) // 2
    far_x, far_y = canvas.width - text.width - _MARGIN_PX, canvas.height - text.height - _MARGIN_PX
    return {
        TimestampPosition.TOP_LEFT: (_MARGIN_PX, _MARGIN_PX),
        TimestampPosition.TOP_RIGHT: (far_x, _MARGIN_PX),
        TimestampPosition.BOTTOM_LEFT: (_MARGIN_PX, far_y),
        TimestampPosition.BOTTOM_RIGHT: (far_x, far_y),
        TimestampPosition.TOP_CENTER: (middle, _MARGIN_PX),
        TimestampPosition.BOTTOM_CENTER: (middle, far_y),
        TimestampPosition.CENTER: (middle, (canvas.height - text.height) // 2),
    }[position]


def _stretch(canvas: Image.Image, picture: Image.Image, rect: Rect) -> None:
    fitted = fit(RenderMode.STRETCH, Size(*picture.size), rect).within(Rect(0, 0, *canvas.size))
    if not rect.is_empty and fitted is not None:
        piece = scaled(picture, fitted.cut, fitted.landing.size)
        canvas.paste(piece, (fitted.landing.x, fitted.landing.y), piece if piece.mode == "RGBA" else None)


def _paint_text(canvas: Image.Image, mark: TextWatermark) -> None:
    seen = mark.rect.intersection(Rect(0, 0, *canvas.size))
    if seen.is_empty:
        return
    tile = canvas.crop((seen.x, seen.y, seen.right, seen.bottom))
    if mark.fill is not None:
        tile.paste(mark.fill, (0, 0, *tile.size))
    font = ImageFont.load_default(max(1, min(mark.font_size_px, 1000)))
    lines = [""]
    for word in mark.text[:4096].split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > mark.rect.width:
            lines.append(word)
        else:
            lines[-1] = longer
    origin = (mark.rect.x - seen.x, mark.rect.y - seen.y)
    ImageDraw.Draw(tile).multiline_text(origin, "\n".join(lines), font=font, fill=mark.color)
    canvas.paste(tile, (seen.x, seen.y))

"""Watermarks: a picture, a text, the time."""

import math
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from PIL import Image

from layoutkit.errors import LayoutError
from layoutkit.geometry.rect import Rect, Size
from layoutkit.geometry.scene import (
    WHITE,
    ImageRef,
    ImageWatermark,
    RenderMode,
    TextWatermark,
    TimestampPosition,
    TimestampWatermark,
    Watermark,
)
from layoutkit.raster.assets import last_part
from layoutkit.raster.content import paste, piece_of
from layoutkit.raster.fonts import Fonts
from layoutkit.raster.label import Label, caption, draw_edge, draw_label
from layoutkit.raster.text import Placed, draw_lines, paragraph, placed
from layoutkit.raster.typeset import line_height_px, set_line

MARGIN_PX = 8
TIMESTAMP_PX = 20
TIMESTAMP_FORMAT = "%Y-%m-%d %H:%M:%S"
_LARGEST_PX = 1000
_LONGEST_TEXT = 4096
"""Font size and characters drawn at most: a body may claim any number, and no canvas shows more."""


def paint_watermark(
    canvas: Image.Image,
    mark: Watermark,
    *,
    now: datetime,
    images: Callable[[ImageRef], Image.Image | None],
    fonts: Fonts,
) -> None:
    """Paint one watermark over what is there.

    An image is stretched to its rectangle. A text is wrapped to its rectangle's width and clipped to it,
    as `text.paragraph` says. A timestamp stands 8 pixels from the edges, as `2025-03-11 08:00:00` in its
    own zone.

    Raises:
        LayoutError: a time that the calendar does not have in a timestamp's zone.
    """
    if isinstance(mark, ImageWatermark):
        picture = images(mark.image)
        if picture is not None:
            paste(canvas, piece_of(picture, RenderMode.STRETCH, mark.rect, Rect(0, 0, *canvas.size)))
        else:
            if not mark.rect.is_empty:
                draw_edge(canvas, mark.rect, WHITE)
            draw_label(canvas, missing_picture(mark, fonts))
    elif isinstance(mark, TextWatermark):
        rect = mark.rect
        if mark.fill is not None:
            canvas.paste(mark.fill, (rect.x, rect.y, rect.right, rect.bottom))
        draw_lines(canvas, rect, text_lines(mark, fonts))
    else:
        draw_lines(canvas, *timestamp(mark, now, Size(*canvas.size), fonts))


def text_lines(mark: TextWatermark, fonts: Fonts) -> list[Placed]:
    """The lines of a text watermark, as far as they can be seen."""
    size_px = max(1, min(mark.font_size_px, _LARGEST_PX))
    return paragraph(mark.text[:_LONGEST_TEXT], mark.rect, fonts=fonts, size_px=size_px, color=mark.color)


def timestamp(
    mark: TimestampWatermark, now: datetime, canvas: Size, fonts: Fonts
) -> tuple[Rect, list[Placed]]:
    """The box of a timestamp, and the time in it."""
    zone = timezone(timedelta(hours=mark.utc_offset_h))
    try:
        text = now.astimezone(zone).strftime(TIMESTAMP_FORMAT)
    except OverflowError:
        raise LayoutError(f"the time {now.isoformat()} is past the calendar's end in zone {zone}") from None
    line = set_line(text, TIMESTAMP_PX, fonts)
    size = Size(math.ceil(line.width_px), line_height_px(TIMESTAMP_PX))
    box = Rect(*timestamp_place(mark.position, canvas, size), size.width, size.height)
    return box, placed(box, [(line, WHITE)])


def missing_picture(mark: ImageWatermark, fonts: Fonts) -> Label:
    """What stands in the outline of a picture that could not be had: its name."""
    size = f"{mark.rect.width}x{mark.rect.height}  watermark"
    return caption(mark.rect, (last_part(mark.image.url), size), fonts, on_plate=True)


def timestamp_place(position: TimestampPosition, canvas: Size, text: Size) -> tuple[int, int]:
    """The top left corner of a timestamp of that size."""
    middle = (canvas.width - text.width) // 2
    far_x, far_y = canvas.width - text.width - MARGIN_PX, canvas.height - text.height - MARGIN_PX
    return {
        TimestampPosition.TOP_LEFT: (MARGIN_PX, MARGIN_PX),
        TimestampPosition.TOP_RIGHT: (far_x, MARGIN_PX),
        TimestampPosition.BOTTOM_LEFT: (MARGIN_PX, far_y),
        TimestampPosition.BOTTOM_RIGHT: (far_x, far_y),
        TimestampPosition.TOP_CENTER: (middle, MARGIN_PX),
        TimestampPosition.BOTTOM_CENTER: (middle, far_y),
        TimestampPosition.CENTER: (middle, (canvas.height - text.height) // 2),
    }[position]

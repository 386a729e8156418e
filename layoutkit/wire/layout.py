"""A request body, or the layout in it, and who is in the room -> the Layout the service would draw."""

from collections.abc import Iterable

from layoutkit.errors import LayoutError
from layoutkit.geometry.grid import LastRow
from layoutkit.geometry.layout import Layout, ParticipantLike, Service, as_participants
from layoutkit.geometry.rect import DEFAULT_CANVAS, MAX_SIDE, Align, CanvasLike, Rounding, as_canvas
from layoutkit.geometry.scene import TimestampWatermark
from layoutkit.wire.document import service_of, unwrapped
from layoutkit.wire.expand import Expansion
from layoutkit.wire.picture import PublishPicture, read
from layoutkit.wire.plain import as_json
from layoutkit.wire.published import published
from layoutkit.wire.recorded import recorded
from layoutkit.wire.rules import brief


def to_layout(
    body: object,
    *,
    participants: Iterable[ParticipantLike] | None = None,
    canvas: CanvasLike | None = None,
    default_canvas: CanvasLike = DEFAULT_CANVAS,
    service: Service | None = None,
    rounding: Rounding = "equal",
    align: Align = 1,
    last_row: LastRow | None = None,
) -> Layout:
    """The layout the service draws for a body.

    Args:
        body: parsed JSON: a body of the four actions, its McuVideoParams, McuLayoutParams or
            MixLayoutParams, or a bare MixLayoutList; or one of the official SDK's request objects.
        participants: who is in the room, in entry order. None: everybody the body names is there, and
            its unnamed windows are empty.
        canvas: size in pixels; default: the body's own.
        default_canvas: size where neither says one, as layout parameters alone and updates do not.
        service: the dialect, where the body does not tell it by itself; default "publish".
        rounding, align, last_row: how a template is expanded.

    Raises:
        SourceError: the body's types and ranges do not hold, or it has no mixed picture.
        LayoutError: the layout is impossible, or the same stream of the same user is there twice.
    """
    body = unwrapped(as_json(body))
    told = service_of(body) or service or "publish"
    picture = read(body, told)
    people = None if participants is None else as_participants(participants)
    size = None if canvas is None else as_canvas(canvas)
    default = as_canvas(default_canvas)
    expand = Expansion(rounding, align, last_row)
    if isinstance(picture, PublishPicture):
        return _drawable(published(picture, people, size, default, expand))
    return _drawable(recorded(picture, people, size, default, expand))


def _drawable(layout: Layout) -> Layout:
    """The layout, unless a place in it is beyond every canvas; `check` tells of what leaves its own."""
    places = [(f"MixLayoutList[{number}]", window.rect) for number, window in enumerate(layout.windows)]
    places += [
        (f"WaterMarkList[{number}]", mark.rect)
        for number, mark in enumerate(layout.watermarks)
        if not isinstance(mark, TimestampWatermark)
    ]
    for place, rect in places:
        end = max(rect.right, rect.bottom)
        if end > MAX_SIDE:
            raise LayoutError(
                f"{place}: it ends at {brief(end)}, beyond {MAX_SIDE} pixels, the largest canvas"
            )
    return layout

"""The grid template: windows of one size, left to right, top to bottom, in entry order."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Literal

from layoutkit.geometry.layout import Layout, ParticipantLike, Service, Template
from layoutkit.geometry.rect import Align, CanvasLike, Rounding, Share, as_canvas, odd_canvas_notes
from layoutkit.geometry.roster import HOLD_AUDIO_ONLY, assign, seat
from layoutkit.geometry.scene import RenderMode

LastRow = Literal["start", "center"]

TIERS = ((1, 1, 1), (2, 2, 1), (4, 2, 2), (9, 3, 3), (16, 4, 4), (25, 5, 5))
"""(windows up to, columns, rows). Source: "On-cloud recording" (Tencent documents 647/45169, 647/76497)."""

LAST_ROW: dict[Service, LastRow] = {"publish": "center", "recording": "start"}
"""Where the last row begins that has windows. Recording: the same documents. Publishing: inferred from the
API's volume-layout sample, whose third window of three stands centred."""


def shares(count: int, *, last_row: LastRow) -> tuple[Share, ...]:
    """Where each of `count` windows stands, as fractions of the canvas; `count` is from 0 to 25."""
    if count == 0:
        return ()
    _, columns, rows = next(tier for tier in TIERS if count <= tier[0])
    width, height = Fraction(1, columns), Fraction(1, rows)
    places = []
    for place in range(count):
        row, column = divmod(place, columns)
        in_row = min(columns, count - row * columns)
        indent = (1 - in_row * width) / 2 if last_row == "center" else Fraction(0)
        places.append(Share(indent + column * width, row * height, width, height))
    return tuple(places)


def grid(
    canvas: CanvasLike,
    participants: Iterable[ParticipantLike],
    *,
    service: Service = "publish",
    rounding: Rounding = "equal",
    align: Align = 1,
    last_row: LastRow | None = None,
    hold_audio_only: bool | None = None,
    render_mode: RenderMode | None = None,
) -> Layout:
    """Lay participants out as equal tiles of the whole canvas (MixLayoutMode 3).

    Args:
        canvas: size in pixels, a Size or `(width, height)`.
        participants: in entry order; a plain user id stands for a camera with audio and video.
        service: whose caps and defaults hold: 16 windows for "publish", 25 for "recording".
        rounding: "equal": one size for all; "fill": neighbours meet and the canvas is covered.
        align: coordinates are multiples of this many pixels.
        last_row: where a last row that is not full begins; default: the service's.
        hold_audio_only: whether users who send only audio take a place; default: the service's.
        render_mode: how pictures are fitted; default: cropped.

    Raises:
        LayoutError: the canvas is out of range or too small, or somebody is there twice.
    """
    size = as_canvas(canvas)
    hold = HOLD_AUDIO_ONLY[service] if hold_audio_only is None else hold_audio_only
    roster = assign(participants, service=service, hold_audio_only=hold)
    places = shares(len(roster.smalls), last_row=last_row or LAST_ROW[service])
    windows = tuple(
        seat(
            person,
            share.to_pixels(size, rounding=rounding, align=align),
            render_mode=render_mode or RenderMode.CROP,
        )
        for person, share in zip(roster.smalls, places, strict=True)
    )
    return Layout(
        canvas=size,
        windows=windows,
        dropped=roster.dropped,
        audio_only=roster.audio_only,
        template=Template("grid", hold_audio_only=hold, render_mode=render_mode),
        notes=odd_canvas_notes(size, rounding, align),
    )

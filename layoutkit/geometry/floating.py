"""The floating template: one picture over the whole canvas, small ones in rows from the bottom left."""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from layoutkit.geometry.layout import Layout, Participant, ParticipantLike, Service, Template
from layoutkit.geometry.rect import Align, CanvasLike, Rounding, Share, as_canvas, odd_canvas_notes
from layoutkit.geometry.roster import HOLD_AUDIO_ONLY, assign, seat
from layoutkit.geometry.scene import RenderMode


class Tier(NamedTuple):
    """Small windows of `side_frac` of the canvas on both axes, `gap_frac` apart and from the edges."""

    max_windows: int
    side_frac: Fraction
    gap_frac: Fraction
    per_row: int


TIERS = (
    Tier(17, Fraction(235, 1000), Fraction(12, 1000), 4),
    Tier(25, Fraction(188, 1000), Fraction(10, 1000), 5),
)
"""By the number of windows, the large one included.
Source: "On-cloud recording" (Tencent documents 647/45169, 647/76497)."""

WHOLE = Share(Fraction(0), Fraction(0), Fraction(1), Fraction(1))


def small_shares(count: int) -> tuple[Share, ...]:
    """Where the small windows of a mix of `count` (large one included, 1 to 25) stand, in entry order."""
    tier = next(tier for tier in TIERS if count <= tier.max_windows)
    step = tier.side_frac + tier.gap_frac
    places = []
    for place in range(count - 1):
        row, column = divmod(place, tier.per_row)
        places.append(
            Share(tier.gap_frac + column * step, 1 - (row + 1) * step, tier.side_frac, tier.side_frac)
        )
    return tuple(places)


def floating(
    canvas: CanvasLike,
    participants: Iterable[ParticipantLike],
    *,
    service: Service = "publish",
    stage: ParticipantLike | None = None,
    rounding: Rounding = "equal",
    align: Align = 1,
    hold_audio_only: bool | None = None,
    render_mode: RenderMode | None = None,
) -> Layout:
    """Lay one participant over the whole canvas and the others over them (MixLayoutMode 1).

    Args:
        canvas: size in pixels, a Size or `(width, height)`.
        participants: in entry order; a plain user id stands for a camera with audio and video.
        service: whose caps and defaults hold: 16 windows for "publish", 25 for "recording".
        stage: who is large; the first to enter where None or absent.
        rounding: "equal": one size for all small windows; "fill": edges are floored instead of sizes.
        align: coordinates are multiples of this many pixels.
        hold_audio_only: whether users who send only audio take a place; default: the service's.
        render_mode: how pictures are fitted; default: cropped.

    Raises:
        LayoutError: the canvas is out of range or too small, or somebody is there twice.
    """
    size = as_canvas(canvas)
    hold = HOLD_AUDIO_ONLY[service] if hold_audio_only is None else hold_audio_only
    wanted = Participant(stage) if isinstance(stage, str) else stage
    roster = assign(participants, service=service, hold_audio_only=hold, stage=wanted, first_is_stage=True)
    mode = render_mode or RenderMode.CROP
    windows = []
    if roster.stage is not None:
        whole = WHOLE.to_pixels(size, rounding=rounding, align=align)
        windows.append(seat(roster.stage, whole, render_mode=mode, is_stage=True))
        places = small_shares(1 + len(roster.smalls))
        windows += [
            seat(person, share.to_pixels(size, rounding=rounding, align=align), render_mode=mode, z_order=1)
            for person, share in zip(roster.smalls, places, strict=True)
        ]
    return Layout(
        canvas=size,
        windows=tuple(windows),
        dropped=roster.dropped,
        audio_only=roster.audio_only,
        template=Template(
            "floating",
            stage=wanted,
            hold_audio_only=hold,
            render_mode=render_mode,
        ),
        notes=odd_canvas_notes(size, rounding, align),
    )

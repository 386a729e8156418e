"""The screen-share template: a large window at one side, small ones in columns beside it."""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from layoutkit.geometry.layout import (
    Layout,
    Participant,
    ParticipantLike,
    Service,
    Shows,
    StageSide,
    Template,
    Window,
)
from layoutkit.geometry.rect import Align, CanvasLike, Rounding, Share, as_canvas, odd_canvas_notes
from layoutkit.geometry.roster import HOLD_AUDIO_ONLY, assign, seat
from layoutkit.geometry.scene import RenderMode


class Tier(NamedTuple):
    """Sizes as fractions of the canvas; `rows` windows a column, `columns` of them.

    What does not fit into the columns runs along the bottom, under the stage.
    """

    max_windows: int
    small_width: Fraction
    small_height: Fraction
    rows: int
    columns: int
    stage_height: Fraction


TIERS = (
    Tier(5, Fraction(1, 5), Fraction(1, 4), 4, 1, Fraction(1)),
    Tier(7, Fraction(1, 7), Fraction(1, 6), 6, 1, Fraction(1)),
    Tier(9, Fraction(1, 9), Fraction(1, 8), 8, 1, Fraction(1)),
    Tier(17, Fraction(1, 10), Fraction(1, 8), 8, 2, Fraction(1)),
    Tier(25, Fraction(1, 10), Fraction(1, 8), 8, 2, Fraction(7, 8)),
)
"""By the number of windows, the large one included.
Source: "On-cloud recording" (Tencent documents 647/45169, 647/76497)."""

STAGE_RENDER_MODE: dict[Service, RenderMode] = {"publish": RenderMode.SCALE, "recording": RenderMode.CROP}
"""Publishing scales the large picture "to maintain content integrity" (StartPublishCdnStream)."""


def shares(count: int, *, stage_side: StageSide = "left") -> tuple[Share, tuple[Share, ...]]:
    """The large place and the small ones of a mix of `count` (large one included, 1 to 25).

    The smalls fill the column next to the stage from the top, then the outer one, then the bottom row.
    """
    tier = next(tier for tier in TIERS if count <= tier.max_windows)
    stage_width = 1 - tier.columns * tier.small_width
    stage = Share(Fraction(0), Fraction(0), stage_width, tier.stage_height)
    smalls = []
    for place in range(count - 1):
        column, row = divmod(place, tier.rows)
        if column < tier.columns:
            x, y = stage_width + column * tier.small_width, row * tier.small_height
        else:
            x, y = (place - tier.rows * tier.columns) * tier.small_width, tier.stage_height
        smalls.append(Share(x, y, tier.small_width, tier.small_height))
    if stage_side == "right":
        return stage.mirrored(), tuple(small.mirrored() for small in smalls)
    return stage, tuple(smalls)


def screen_share(
    canvas: CanvasLike,
    participants: Iterable[ParticipantLike],
    *,
    service: Service = "publish",
    stage: ParticipantLike | None = None,
    stage_side: StageSide = "left",
    rounding: Rounding = "equal",
    align: Align = 1,
    hold_audio_only: bool | None = None,
    render_mode: RenderMode | None = None,
) -> Layout:
    """Lay one participant large at the side and the others in columns beside them (MixLayoutMode 2).

    Args:
        canvas: size in pixels, a Size or `(width, height)`.
        participants: in entry order; a plain user id stands for a camera with audio and video.
        service: whose caps and defaults hold: 16 windows for "publish", 25 for "recording".
        stage: who is large; where None or absent, the large place stays empty and shows the background.
        stage_side: where the large place is (MaxResolutionUserAlign).
        rounding: "equal": one size for all small windows; "fill": neighbours meet.
        align: coordinates are multiples of this many pixels.
        hold_audio_only: whether users who send only audio take a place; default: the service's.
        render_mode: how pictures are fitted; default: cropped, the large one of a published mix scaled.

    Raises:
        LayoutError: the canvas is out of range or too small, or somebody is there twice.
    """
    size = as_canvas(canvas)
    hold = HOLD_AUDIO_ONLY[service] if hold_audio_only is None else hold_audio_only
    wanted = Participant(stage) if isinstance(stage, str) else stage
    roster = assign(participants, service=service, hold_audio_only=hold, stage=wanted, keeps_stage_slot=True)
    large, places = shares(1 + len(roster.smalls), stage_side=stage_side)
    stage_rect = large.to_pixels(size, rounding=rounding, align=align)
    stage_mode = render_mode or STAGE_RENDER_MODE[service]
    if roster.stage is None:
        windows = [Window(stage_rect, shows=Shows.NOBODY, is_stage=True, render_mode=stage_mode)]
    else:
        windows = [seat(roster.stage, stage_rect, render_mode=stage_mode, is_stage=True)]
    windows += [
        seat(
            person,
            share.to_pixels(size, rounding=rounding, align=align),
            render_mode=render_mode or RenderMode.CROP,
            z_order=1,
        )
        for person, share in zip(roster.smalls, places, strict=True)
    ]
    notes = odd_canvas_notes(size, rounding, align)
    if roster.stage is None and service == "publish":
        notes += ("screen-share: nobody is on the stage; publishing demands a user there (--stage USER)",)
    return Layout(
        canvas=size,
        windows=tuple(windows),
        dropped=roster.dropped,
        audio_only=roster.audio_only,
        template=Template(
            "screen-share",
            stage=wanted,
            stage_side=stage_side,
            hold_audio_only=hold,
            render_mode=render_mode,
        ),
        notes=notes,
    )

"""What both dialects do to make a Layout: expand a template, seat people in a list of windows.

Source: layout-rules "Custom layouts".
"""

from collections.abc import Iterable, Sequence

from layoutkit.errors import LayoutError
from layoutkit.geometry.floating import floating
from layoutkit.geometry.grid import LastRow, grid
from layoutkit.geometry.layout import Layout, Participant, Service, Window
from layoutkit.geometry.rect import Align, Rounding, Size
from layoutkit.geometry.scene import RenderMode
from layoutkit.geometry.screen_share import screen_share
from layoutkit.geometry.seating import Room, take_places
from layoutkit.wire.dialect import LAYOUT_MODES


class Expansion:
    """How fractions of a template become pixels."""

    __slots__ = ("align", "last_row", "rounding")

    def __init__(self, rounding: Rounding, align: Align, last_row: LastRow | None) -> None:
        self.rounding: Rounding = rounding
        self.align: Align = align
        self.last_row = last_row

    def template(
        self,
        mode: int,
        canvas: Size,
        people: Sequence[Participant],
        service: Service,
        *,
        stage: Participant | None,
        stage_side: int = 0,
        hold_audio_only: bool,
        render_mode: RenderMode | None,
    ) -> Layout:
        if mode == LAYOUT_MODES["grid"]:
            return grid(
                canvas,
                people,
                service=service,
                rounding=self.rounding,
                align=self.align,
                last_row=self.last_row,
                hold_audio_only=hold_audio_only,
                render_mode=render_mode,
            )
        if mode == LAYOUT_MODES["floating"]:
            return floating(
                canvas,
                people,
                service=service,
                stage=stage,
                rounding=self.rounding,
                align=self.align,
                hold_audio_only=hold_audio_only,
                render_mode=render_mode,
            )
        return screen_share(
            canvas,
            people,
            service=service,
            stage=stage,
            stage_side="right" if stage_side else "left",
            rounding=self.rounding,
            align=self.align,
            hold_audio_only=hold_audio_only,
            render_mode=render_mode,
        )


def custom(
    places: Sequence[Window],
    people: Sequence[Participant] | None,
    canvas: Size,
    *,
    hold_audio_only: bool,
    room: Room | None,
) -> Layout:
    if not places:
        raise LayoutError("a custom layout (MixLayoutMode 4) without a window in its MixLayoutList")
    there = reserved(places) if people is None else people
    seating = take_places(places, there, hold_audio_only=hold_audio_only, main_room=room)
    return Layout(canvas, seating.windows, dropped=seating.dropped, audio_only=seating.audio_only)


def reserved(places: Iterable[Window]) -> list[Participant]:
    """Everybody windows are reserved for, each once."""
    return named(None, [w.participant for w in places if w.participant is not None])


def named(stage: Participant | None, others: Iterable[Participant]) -> list[Participant]:
    """The stage and the others, each once."""
    named = list({p.identity: p for p in others}.values())
    if stage is None:
        return named
    return [stage, *(p for p in named if not p.is_same_stream(stage))]


def in_room(people: Sequence[Participant], room: Room | None) -> tuple[list[Participant], tuple[str, ...]]:
    """Those a mix of one room can take, and a note about the others."""
    there = [p for p in people if room is None or room.houses(p)]
    away = [str(p) for p in people if room is not None and not room.houses(p)]
    if room is None or not away:
        return there, ()
    return there, (f"{', '.join(away)}: not in room {room.room_id}, the only one this layout mixes",)

"""Who gets a place in a template, before any place is computed.

Source: layout-rules "Counting"; caps from the API: 16 windows in a published mix
(StartPublishCdnStream, "up to 1 large screen and 15 small screens"), 25 in a recording (MixLayoutParams).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from layoutkit.geometry.layout import (
    Participant,
    ParticipantLike,
    Service,
    Shows,
    Window,
    as_participants,
)
from layoutkit.geometry.rect import Rect
from layoutkit.geometry.scene import RenderMode

MAX_WINDOWS: dict[Service, int] = {"publish": 16, "recording": 25}
"""Most windows of one mix, the large one included."""

HOLD_AUDIO_ONLY: dict[Service, bool] = {"publish": False, "recording": True}
"""Whether a user who sends only audio takes a place (PureAudioHoldPlaceMode 0; MixLayoutParams)."""


@dataclass(frozen=True, slots=True)
class Roster:
    """The participants of a template, sorted by what becomes of them; each group in entry order."""

    stage: Participant | None
    smalls: tuple[Participant, ...]
    dropped: tuple[Participant, ...]
    audio_only: tuple[Participant, ...]


def assign(
    participants: Iterable[ParticipantLike],
    *,
    service: Service,
    hold_audio_only: bool,
    stage: Participant | None = None,
    first_is_stage: bool = False,
    keeps_stage_slot: bool = False,
) -> Roster:
    """Sort participants into the stage, the small windows, the dropped and the merely heard.

    Args:
        participants: in entry order. Who sends neither audio nor video is not in the mix at all.
        service: whose cap holds.
        hold_audio_only: whether users who send only audio take a place.
        stage: who is wanted in the large window.
        first_is_stage: the first to enter is the stage where none is named or the named one is absent.
        keeps_stage_slot: the large window counts against the cap even while it is empty.

    Raises:
        LayoutError: the same stream of the same user twice, or an empty user id.
    """
    people = as_participants(participants)
    seated = [p for p in people if p.sends_video or (hold_audio_only and p.sends_audio)]
    audio_only = tuple(p for p in people if p.sends_audio and not p.sends_video and not hold_audio_only)
    large = next((p for p in seated if stage is not None and p.is_same_stream(stage)), None)
    if large is None and first_is_stage and seated:
        large = seated[0]
    queue = [p for p in seated if p is not large]
    places = MAX_WINDOWS[service] - (large is not None or keeps_stage_slot)
    return Roster(large, tuple(queue[:places]), tuple(queue[places:]), audio_only)


def seat(
    person: Participant, rect: Rect, *, render_mode: RenderMode, z_order: int = 0, is_stage: bool = False
) -> Window:
    """A template's window for one participant."""
    return Window(
        rect=rect,
        participant=person,
        shows=Shows.VIDEO if person.sends_video else Shows.AUDIO_ONLY,
        z_order=z_order,
        is_stage=is_stage,
        render_mode=render_mode,
    )

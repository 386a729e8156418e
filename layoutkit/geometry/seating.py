"""Who sits where in a custom layout, and who is chosen for a recording before anybody sits.

Source: layout-rules "Custom layouts"; StartPublishCdnStream, "Custom layout template"; McuLayout and
MixLayout; SubscribeStreamUserIds for the lists.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from layoutkit.geometry.layout import (
    Participant,
    ParticipantLike,
    RoomIdType,
    Shows,
    Stream,
    Window,
    as_participants,
)

PREFIX_MARK = ".*$"
"""A name in an allow or block list that ends in this stands for all user ids that begin with the rest."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room; ids of the two types never mean the same room. A type of None is unstated."""

    room_id: str
    id_type: RoomIdType | None = None

    def houses(self, person: Participant) -> bool:
        """Whether somebody is in this room, an unstated room being this one."""
        return (person.room_id is None or person.room_id == self.room_id) and (
            self.id_type is None or person.room_id_type is None or person.room_id_type == self.id_type
        )


@dataclass(frozen=True, slots=True)
class Seating:
    """What became of the windows and the participants; the last two in entry order.

    Attributes:
        windows: as given, each with who is in it and what it shows.
        dropped: who found no place and is neither seen nor heard.
        audio_only: who sends only audio, is heard, and holds no window.
    """

    windows: tuple[Window, ...]
    dropped: tuple[Participant, ...]
    audio_only: tuple[Participant, ...]


def take_places(
    places: Sequence[Window],
    participants: Iterable[ParticipantLike],
    *,
    hold_audio_only: bool,
    main_room: Room | None = None,
) -> Seating:
    """Seat participants in the windows of a custom layout.

    A window with a participant is reserved for that stream of that user, a window without one is filled
    by the next to enter who is nowhere named. Where the main room is known, whoever states no room is in
    it, and only its people fill the unnamed windows; without one an unstated room matches any.

    Args:
        places: the windows in list order; `participant` says for whom one is reserved.
        participants: in entry order. Who sends neither audio nor video is not in the mix at all.
        hold_audio_only: whether a user who sends only audio takes an unnamed window (a recording's do,
            a published mix's are heard without one).
        main_room: the room of the task.

    Raises:
        LayoutError: the same stream of the same user twice, or an empty user id.
    """
    people = as_participants(participants)
    housed = as_participants(_housed(p, main_room) for p in people)
    windows = [replace(window, shows=Shows.NOBODY) for window in places]
    free = iter([seat for seat, window in enumerate(places) if window.participant is None])
    names = _names(places, main_room)
    dropped, audio_only = [], []
    for person, at_home in zip(people, housed, strict=True):
        if not (person.sends_audio or person.sends_video):
            continue
        named = names.get((person.user_id, person.stream), ())
        reserved = [seat for seat, name in named if name.is_same_stream(at_home)]
        may_fill = main_room is None or main_room.houses(at_home)
        if not reserved and may_fill and not person.sends_video and not hold_audio_only:
            audio_only.append(person)
            continue
        if reserved:
            # More than one person can match a name whose room is unstated: who enters first has the place.
            seat = next((seat for seat in reserved if windows[seat].shows is Shows.NOBODY), None)
        else:
            seat = next(free, None) if may_fill else None
        if seat is None:
            dropped.append(person)
        else:
            windows[seat] = _seated(windows[seat], person)
    return Seating(tuple(windows), tuple(dropped), tuple(audio_only))


def is_listed(user_id: str, names: Collection[str], present: Collection[str]) -> bool:
    """Whether an allow or block list of a recording means a user.

    Args:
        user_id: who is asked about.
        names: the list; an entry that ends in `.*$` stands for its prefix, unless somebody present has
            exactly that name: then it means them alone.
        present: user ids of everybody there.
    """
    return any(
        user_id == name
        or (
            name.endswith(PREFIX_MARK)
            and name not in present
            and user_id.startswith(name.removesuffix(PREFIX_MARK))
        )
        for name in names
    )


def subscribed(
    participants: Iterable[Participant],
    *,
    allow: Collection[str] = (),
    block: Collection[str] = (),
    streams: Collection[Stream] = tuple(Stream),
) -> tuple[Participant, ...]:
    """The participants a recording takes, by its lists and by the streams it wants (RecordParams.MediaId).

    An empty allow list takes everybody; who is on both lists is blocked.
    """
    people = tuple(participants)
    present = {p.user_id for p in people}
    return tuple(
        p
        for p in people
        if p.stream in streams
        and (not allow or is_listed(p.user_id, allow, present))
        and not is_listed(p.user_id, block, present)
    )


def _housed(person: Participant, main_room: Room | None) -> Participant:
    """The same person in the main room where they state none."""
    if main_room is None or person.room_id is not None:
        return person
    return replace(person, room_id=main_room.room_id, room_id_type=person.room_id_type or main_room.id_type)


def _names(
    places: Sequence[Window], main_room: Room | None
) -> dict[tuple[str, Stream], list[tuple[int, Participant]]]:
    """Who the windows are reserved for, with the windows' numbers, by user and stream."""
    names: dict[tuple[str, Stream], list[tuple[int, Participant]]] = {}
    for seat, window in enumerate(places):
        if window.participant is not None:
            name = _housed(window.participant, main_room)
            names.setdefault((name.user_id, name.stream), []).append((seat, name))
    return names


def _seated(place: Window, person: Participant) -> Window:
    """A window with somebody in it, in the room that either the reservation or they themselves state."""
    name = place.participant
    if name is not None and name.room_id is not None:
        person = replace(person, room_id=name.room_id, room_id_type=name.room_id_type or person.room_id_type)
    return replace(place, participant=person, shows=Shows.VIDEO if person.sends_video else Shows.AUDIO_ONLY)

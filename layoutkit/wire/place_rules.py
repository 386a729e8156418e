"""Places of a custom layout that nobody can ever take, and users that are named in two: only what is certain.

Source: layout-rules "Custom layouts"; SubscribeStreamUserIds and RecordParams.MediaId for recordings.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from layoutkit.geometry.layout import Participant, Stream
from layoutkit.geometry.seating import PREFIX_MARK, Room, is_listed
from layoutkit.wire.dialect import PUBLISH
from layoutkit.wire.plain import part, texts
from layoutkit.wire.recorded import STREAMS
from layoutkit.wire.rules import Finding, Path, brief
from layoutkit.wire.texts import room_problems
from layoutkit.wire.windows import number

Body = Mapping[str, Any]
Windows = Sequence[tuple[int, Body]]


def published(windows: Windows, path: Path, start: Body) -> Iterator[Finding]:
    """Findings in a published MixLayoutList; `start` tells the main room, where it is known."""
    main = _room(start.get("RoomId"), start.get("RoomIdType"))
    named: list[tuple[int, Participant]] = []
    for index, window in windows:
        stream = part(window, "UserMediaStream")
        user = part(stream, "UserInfo")
        name, media = user.get("UserId"), number(stream, "StreamType")
        if not isinstance(name, str) or not name or media not in (0, 1):
            continue
        here = (*path, index)
        room = _room(user.get("RoomId"), user.get("RoomIdType"))
        if room is None and main is not None:
            room = Room(main.room_id, _kind(user.get("RoomIdType")) or main.id_type)
        if next(room_problems(user.get("RoomId"), (), is_integer=user.get("RoomIdType") == 0), None):
            yield Finding(here, "place-unreachable", "nobody can take this place: there is no such room")
        person = Participant(
            name,
            None if room is None else room.room_id,
            tuple(Stream)[media],
            room_id_type=room.id_type if room else _kind(user.get("RoomIdType")),
        )
        yield from _twice(person, named, (*here, "UserMediaStream"), here)
        named.append((index, person))


def recorded(windows: Windows, path: Path, lists: Body, media: object) -> Iterator[Finding]:
    """Findings in a recorded MixLayoutList.

    Args:
        lists: SubscribeStreamUserIds, empty where there is none.
        media: RecordParams.MediaId.
    """
    allow, block = texts(lists, "SubscribeVideoUserIds"), texts(lists, "UnSubscribeVideoUserIds")
    streams = STREAMS.get(media if type(media) is int else 0, tuple(Stream))
    named: list[tuple[int, Participant]] = []
    free: list[int] = []
    for index, window in windows:
        user, stream = window.get("UserId"), number(window, "MediaId")
        here = (*path, index)
        if user in (None, ""):
            free.append(index)
        if not isinstance(user, str) or not user or stream not in (0, 1):
            continue
        person = Participant(user, stream=tuple(Stream)[stream])
        yield from _twice(person, named, (*here, "UserId"), here)
        named.append((index, person))
        if _is_listed(user, block) or (allow and not _is_listed(user, allow)):
            message = f"nobody can take this place: the video lists leave {brief(user)} out"
            yield Finding((*here, "UserId"), "place-unreachable", message)
        elif person.stream not in streams:
            message = f"nobody can take this place: RecordParams.MediaId {media} leaves its stream out"
            yield Finding((*here, "UserId"), "place-unreachable", message)
    if not allow or any(name.endswith(PREFIX_MARK) for name in allow):
        return
    allowed = {(name, stream) for name in allow if not _is_listed(name, block) for stream in streams}
    left = allowed - {(person.user_id, person.stream) for _, person in named}
    for index in free[len(left) :]:
        message = f"nobody can take this place: SubscribeVideoUserIds leaves {len(left)} for unnamed ones"
        yield Finding((*path, index), "place-unreachable", message)


def _twice(
    person: Participant, named: Sequence[tuple[int, Participant]], at: Path, place: Path
) -> Iterator[Finding]:
    """A user's stream that an earlier window names; what a room leaves unstated may tell two users apart."""
    for index, other in named:
        if person.is_same_stream(other):
            message = f"{brief(person.user_id)} has window [{index}] already"
            yield Finding(at, "user-twice", message)
            if person.identity == other.identity:
                message = "nobody can take this place: its user has another"
                yield Finding(place, "place-unreachable", message)
            return


def _is_listed(user: str, entries: Sequence[str]) -> bool:
    return is_listed(user, entries, ())


def _room(room: object, kind: object) -> Room | None:
    return Room(room, _kind(kind)) if isinstance(room, str) and room else None


def _kind(kind: object) -> Any:
    return PUBLISH.room_id_type(kind) if type(kind) is int else None

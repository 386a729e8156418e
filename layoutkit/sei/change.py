"""What is done to the packets of a recording: messages put in by a plan, or taken out."""

from __future__ import annotations  # av.Packet is generic in its stubs only

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from layoutkit.errors import RefusedError
from layoutkit.sei.message import Message, serialize
from layoutkit.sei.placement import AccessUnit, Edit
from layoutkit.sei.row import LAYOUT_TYPES, SeiMessage
from layoutkit.sei.schedule import Plan
from layoutkit.sei.track import Track, access_unit, picture_of

if TYPE_CHECKING:
    from av.packet import Packet


@dataclass(slots=True)
class Written:
    """What was done: messages put in and taken out, and pictures seen."""

    inserted: int = 0
    removed: int = 0
    pictures: int = 0
    notes: list[str] = field(default_factory=list)


class Writing:
    """Puts what a plan says into the packets it is given."""

    def __init__(
        self, track: Track, plan: Plan[Any], types: frozenset[int], *, replace: bool, add: bool
    ) -> None:
        self.done = Written(notes=list(track.notes))
        self._track = track
        self._plan = plan
        self._types = types & LAYOUT_TYPES
        self._replace = replace
        self._add = add
        self._index = -1
        self._held: tuple[Packet[Any], AccessUnit, list[Edit]] | None = None
        self._last: tuple[list[Message], int, bytes] = ([], 0, b"")

    def push(self, packet: Packet[Any]) -> Iterator[tuple[Packet[Any], list[Edit]]]:
        """Take a video packet; yield those that are settled, with their edits."""
        self._index += 1
        unit = access_unit(packet, self._track)
        edits = self._removals(unit) if unit.has_sei else []
        picture = None
        if unit.first_slice is not None:
            self.done.pictures += 1
            picture = picture_of(packet, self._index)
        for item, messages in self._plan.push((packet, unit, edits), picture):
            yield from self._settle(item, messages)

    def finish(self) -> Iterator[tuple[Packet[Any], list[Edit]]]:
        for item, messages in self._plan.finish():
            yield from self._settle(item, messages)
        if self._held is not None:
            packet, _, edits = self._held
            yield packet, edits

    def _removals(self, unit: AccessUnit) -> list[Edit]:
        if self._add or not self._types or not unit.may_hold_json:
            return []
        if self._replace:
            edits = unit.without(self._is_layout)
            self.done.removed += sum(map(self._is_layout, unit.messages())) if edits else 0
            return edits
        for message in unit.messages():
            if self._is_layout(message):
                raise RefusedError(
                    f"{self._track.path}: layouts of payload type {message.payload_type} are there already, "
                    f"first in packet {self._index}; say whether to replace them or to add to them"
                )
        return []

    def _is_layout(self, message: Message) -> bool:
        return (
            message.payload_type in self._types
            and SeiMessage(message.payload_type, message.payload).layout is not None
        )

    def _settle(
        self, item: tuple[Packet[Any], AccessUnit, list[Edit]], messages: list[Message]
    ) -> Iterator[tuple[Packet[Any], list[Edit]]]:
        """Place the messages; one packet is held, since its end may be where the next one's SEI belongs."""
        _, unit, edits = item
        place = unit.insertion if messages else None
        if place is not None:
            nals = self._framed(unit, messages)
            self.done.inserted += len(messages)
            held = self._held
            if unit.first_slice == 0 and held is not None and held[1].tail < len(held[1].data):
                held[2].append(Edit(held[1].tail, 0, nals))
            else:
                edits.append(Edit(place, 0, nals))
        if len(edits) > 1:
            edits.sort(key=lambda edit: edit.offset)
        if self._held is not None:
            yield self._held[0], self._held[2]
        self._held = item

    def _framed(self, unit: AccessUnit, messages: list[Message]) -> bytes:
        """The messages' NAL units; pictures of one second often carry the same ones, and share the bytes."""
        temporal_id = unit.temporal_id
        if self._last[:2] != (messages, temporal_id):
            nals = (
                unit.framed(serialize([message], unit.codec, temporal_id=temporal_id)) for message in messages
            )
            self._last = (messages, temporal_id, b"".join(nals))
        return self._last[2]


class Stripping:
    """Takes messages out of the packets it is given."""

    def __init__(self, track: Track, is_unwanted: Callable[[Message], bool]) -> None:
        self.done = Written()
        self._track = track
        self._is_unwanted = is_unwanted

    def push(self, packet: Packet[Any]) -> Iterator[tuple[Packet[Any], list[Edit]]]:
        unit = access_unit(packet, self._track)
        self.done.pictures += unit.first_slice is not None
        edits = unit.without(self._is_unwanted) if unit.has_sei else []
        if edits:
            self.done.removed += sum(map(self._is_unwanted, unit.messages()))
        yield packet, edits

    def finish(self) -> Iterator[tuple[Packet[Any], list[Edit]]]:
        return iter(())

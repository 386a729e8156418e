"""What is done to the packets of a recording: messages put in by a schedule, or taken out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Protocol

from layoutkit.errors import RefusedError
from layoutkit.sei.description import description_without
from layoutkit.sei.message import Message, serialize
from layoutkit.sei.nal import Codec
from layoutkit.sei.packet import read_extradata
from layoutkit.sei.placement import AccessUnit, Edit
from layoutkit.sei.plain_layout import plain_text
from layoutkit.sei.row import LAYOUT_TYPES, SeiMessage
from layoutkit.sei.schedule import Source


@dataclass(slots=True)
class Written:
    """What was done: messages put in and taken out, and pictures seen."""

    inserted: int = 0
    removed: int = 0
    pictures: int = 0
    notes: list[str] = field(default_factory=list)


class Change(Protocol):
    """What happens to each packet, whoever finds the packets.

    Attributes:
        done: what was done so far.
        sources: where messages to put in come from.
        types: payload types of the SEI that is looked at; packets without any need not be asked about.
    """

    done: Written
    sources: Sequence[Source]
    types: frozenset[int]

    def removals(self, unit: AccessUnit, index: int) -> list[Edit]:
        """What goes out of packet `index`.

        Raises:
            RefusedError: it must not be written to.
        """

    def description_removals(self, extradata: bytes, codec: Codec) -> list[Edit]:
        """What goes out of the track's avcC or hvcC.

        Raises:
            RefusedError: the recording must not be written to.
        """


MakeChange = Callable[[Fraction, Callable[[], Fraction]], Change]
"""From seconds a tick, and what gives a picture's duration in seconds, to a change."""


class Writing:
    """Puts the messages of some sources in."""

    def __init__(
        self, recording: str, sources: Sequence[Source], types: frozenset[int], *, replace: bool, add: bool
    ) -> None:
        self.done = Written()
        self.sources = sources
        self.types = frozenset() if add else types & LAYOUT_TYPES
        self._recording = recording
        self._replace = replace

    def removals(self, unit: AccessUnit, index: int) -> list[Edit]:
        if not self.types or not unit.may_hold_json:
            return []
        if self._replace:
            edits = unit.without(self._is_layout)
            self.done.removed += sum(map(self._is_layout, unit.messages())) if edits else 0
            return edits
        for message in unit.messages():
            if self._is_layout(message):
                raise RefusedError(self._there_already(message, f"first in packet {index}"))
        return []

    def description_removals(self, extradata: bytes, codec: Codec) -> list[Edit]:
        found, _ = read_extradata(extradata, codec)
        layouts = [each.message for each in found if self._is_layout(each.message)]
        if layouts and not self._replace:
            raise RefusedError(self._there_already(layouts[0], "first in the description of the track"))
        self.done.removed += len(layouts)
        return description_without(extradata, codec, self._is_layout) if layouts else []

    def _there_already(self, message: Message, place: str) -> str:
        return (
            f"{self._recording}: layouts of payload type {message.payload_type} are there already, "
            f"{place}; say whether to replace them or to add to them"
        )

    def _is_layout(self, message: Message) -> bool:
        return message.payload_type in self.types and _is_layout(message)


@lru_cache(maxsize=64)
def _is_layout(message: Message) -> bool:
    """Asked several times for each message, and pictures of one second often carry the same."""
    if plain_text(message.payload_type, message.payload) is not None:
        return True
    return SeiMessage(message.payload_type, message.payload).layout is not None


class Stripping:
    """Takes the messages of one type out, those whose payload begins so."""

    def __init__(self, payload_type: int, prefix: bytes = b"") -> None:
        self.done = Written()
        self.sources: Sequence[Source] = ()
        self.types = frozenset({payload_type})
        self._prefix = prefix

    def removals(self, unit: AccessUnit, index: int) -> list[Edit]:
        edits = unit.without(self._is_unwanted)
        if edits:
            self.done.removed += sum(map(self._is_unwanted, unit.messages()))
        return edits

    def description_removals(self, extradata: bytes, codec: Codec) -> list[Edit]:
        found, _ = read_extradata(extradata, codec)
        self.done.removed += sum(self._is_unwanted(each.message) for each in found)
        return description_without(extradata, codec, self._is_unwanted)

    def _is_unwanted(self, message: Message) -> bool:
        return message.payload_type in self.types and message.payload.startswith(self._prefix)


class Insertions:
    """Frames messages and finds their place; pictures of one second often carry the same ones, and share
    the bytes."""

    def __init__(self) -> None:
        self._last: tuple[list[Message], int, bytes] = ([], 0, b"")

    def edit(
        self, unit: AccessUnit, before: Callable[[], AccessUnit] | None, messages: list[Message]
    ) -> tuple[Edit, bool]:
        """The edit that puts messages into a packet with slice data.

        Args:
            before: gives the packet before it, if there is one: its end may be where this one's SEI belongs.

        Returns:
            the edit, and whether it is one of the packet before.
        """
        nals = self._framed(unit, messages)
        if before is not None and unit.first_slice == 0:
            last = before()
            if last.tail < len(last.data):
                return Edit(last.tail, 0, nals), True
        place = unit.insertion
        assert place is not None, "a picture has slice data"
        return Edit(place, 0, nals), False

    def _framed(self, unit: AccessUnit, messages: list[Message]) -> bytes:
        temporal_id = unit.temporal_id
        if self._last[:2] != (messages, temporal_id):
            nals = (
                unit.framed(serialize([message], unit.codec, temporal_id=temporal_id)) for message in messages
            )
            self._last = (messages, temporal_id, b"".join(nals))
        return self._last[2]

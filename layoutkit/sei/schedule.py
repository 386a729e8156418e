"""Which message goes into which picture: decided in display order, given back in decode order.

Packets are held back only for as long as a picture that is shown earlier may still follow.
"""

import heapq
import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Generic, Protocol, TypeVar

from layoutkit.errors import StreamError
from layoutkit.sei.message import Message

MAX_HELD = 64
"""Pictures held back at most. A decoder reorders over 16 frames, 32 fields (H.264 A.3.1 MaxDpbFrames), so the
earliest of so many is the next one shown, whatever the timestamps say."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A video packet with slice data.

    Attributes:
        index: number of the video packet in the recording, counted from 0, as rows of `sei read` have it.
        pts, dts: in ticks of the recording's video track.
        is_keyframe: the packet's flag, which includes recovery points.
        is_discarded: an edit list keeps it from being shown.
    """

    index: int
    pts: int
    dts: int
    is_keyframe: bool = False
    is_discarded: bool = False


class Source(Protocol):
    """Where messages come from. It is asked for each picture twice: as it is decoded, as it is shown."""

    def decoded(self, picture: Picture) -> list[Message]: ...

    def displayed(self, picture: Picture) -> list[Message]: ...

    def finish(self) -> None:
        """Raise StreamError where something found no picture."""


class Periodic:
    """The same message again and again: message k to the first picture shown at or after k intervals.

    Time counts from the first picture that is shown. Where several fall on one picture it gets one.

    Args:
        message: makes the message from the seconds since the first picture shown.
        tick: seconds in a tick of the pictures' timestamps.
        interval_ms: milliseconds from one to the next.
        follow_idr: each key frame carries one as well.
        every_frame: each picture carries one.
    """

    def __init__(
        self,
        message: Callable[[Fraction], Message],
        *,
        tick: Fraction,
        interval_ms: int = 1000,
        follow_idr: bool = False,
        every_frame: bool = False,
    ) -> None:
        if interval_ms < 1:
            raise StreamError(f"an interval of {interval_ms} ms is below 1 ms")
        self._message = message
        self._tick = tick
        self._interval = Fraction(interval_ms, 1000) / tick
        self._follow_idr = follow_idr
        self._every_frame = every_frame
        self._first: int | None = None
        self._due = 0

    def decoded(self, picture: Picture) -> list[Message]:
        return []

    def displayed(self, picture: Picture) -> list[Message]:
        is_due = False
        if not picture.is_discarded:
            if self._first is None:
                self._first = self._due = picture.pts
            if picture.pts >= self._due:
                is_due = True
                count = (picture.pts - self._first) // self._interval + 1
                self._due = self._first + math.ceil(count * self._interval)
        if not (is_due or self._every_frame or (self._follow_idr and picture.is_keyframe)):
            return []
        elapsed = 0 if self._first is None else picture.pts - self._first
        return [self._message(max(0, elapsed) * self._tick)]

    def finish(self) -> None:
        """Nothing is ever left over."""


@dataclass(frozen=True, slots=True)
class Row:
    """One message of a schedule: at `pts_s`, seconds on the recording's clock, or in packet `index`."""

    message: Message
    pts_s: Fraction | None = None
    index: int | None = None


class Rows:
    """A schedule: each row goes to the picture with the smallest PTS at or after its own less half a frame.

    Rows without a PTS go into the packet of their index, or the next one with slice data.
    """

    def __init__(self, rows: Iterable[Row], *, tick: Fraction, frame_s: Fraction) -> None:
        timed, numbered = [], []
        for row in rows:
            if row.pts_s is not None:
                timed.append((math.ceil((row.pts_s - frame_s / 2) / tick), row))
            elif row.index is not None:
                numbered.append((row.index, row))
            else:
                raise StreamError("a row has neither a PTS nor an index: there is no picture to put it in")
        self._timed = deque(sorted(timed, key=_place))
        self._numbered = deque(sorted(numbered, key=_place))

    def decoded(self, picture: Picture) -> list[Message]:
        return _taken(self._numbered, picture.index)

    def displayed(self, picture: Picture) -> list[Message]:
        return _taken(self._timed, picture.pts)

    def finish(self) -> None:
        left = [row for _, row in (*self._timed, *self._numbered)]
        if left:
            row = left[0]
            where = f"at {float(row.pts_s):.3f} s" if row.pts_s is not None else f"of packet {row.index}"
            raise StreamError(f"{len(left)} of the rows are past the last picture, first the one {where}")


def _place(entry: tuple[int, Row]) -> int:
    return entry[0]


def _taken(rows: deque[tuple[int, Row]], reached: int) -> list[Message]:
    messages = []
    while rows and rows[0][0] <= reached:
        messages.append(rows.popleft()[1].message)
    return messages


T = TypeVar("T")


@dataclass(slots=True)
class _Held(Generic[T]):
    item: T
    is_decided: bool
    messages: list[Message] = field(default_factory=list)


class Plan(Generic[T]):
    """Takes packets in decode order and gives each back, still in decode order, with what it is to carry."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = tuple(sources)
        self._held: deque[_Held[T]] = deque()
        self._shown_later: list[tuple[int, int, Picture, _Held[T]]] = []

    def push(self, item: T, picture: Picture | None) -> Iterator[tuple[T, list[Message]]]:
        """Add a packet and yield those that are decided by now.

        `picture` is None for a packet without slice data, which carries nothing.
        """
        held = _Held(item, is_decided=picture is None)
        self._held.append(held)
        if picture is not None:
            for source in self._sources:
                held.messages += source.decoded(picture)
            heapq.heappush(self._shown_later, (picture.pts, picture.index, picture, held))
            # Whatever follows is decoded later and shown no earlier than it is decoded.
            while self._shown_later and (
                self._shown_later[0][0] <= picture.dts or len(self._shown_later) > MAX_HELD
            ):
                self._show_next()
        return self._decided()

    def finish(self) -> Iterator[tuple[T, list[Message]]]:
        """Yield the packets still held.

        Raises:
            StreamError: a message found no picture; known only when the last packet is given back.
        """
        while self._shown_later:
            self._show_next()
        yield from self._decided()
        for source in self._sources:
            source.finish()

    def _show_next(self) -> None:
        *_, picture, held = heapq.heappop(self._shown_later)
        for source in self._sources:
            held.messages += source.displayed(picture)
        held.is_decided = True

    def _decided(self) -> Iterator[tuple[T, list[Message]]]:
        while self._held and self._held[0].is_decided:
            held = self._held.popleft()
            yield held.item, held.messages

"""Where messages come from, and which pictures they are for: a clock, or rows that say their places."""

import math
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from layoutkit.errors import StreamError
from layoutkit.sei.message import Message
from layoutkit.sei.order import in_order


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


NEVER = 1 << 64
"""A number and a time that no picture reaches."""

_FARTHEST = 1 << 62
"""Nor does any reach this one, which 64 bits hold."""


class Source(Protocol):
    """Where messages come from. It is asked for each picture twice: as it is decoded, as it is shown.

    Attributes:
        next_index: as they are decoded, pictures before this one get nothing and may be left out.
        next_pts: likewise as they are shown, those before this time.
        goes_by_keyframes: whether it matters which pictures are key frames.
    """

    @property
    def next_index(self) -> int: ...

    @property
    def next_pts(self) -> int: ...

    @property
    def goes_by_keyframes(self) -> bool: ...

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

    @property
    def next_index(self) -> int:
        return NEVER

    @property
    def next_pts(self) -> int:
        is_for_any = self._first is None or self._every_frame or self._follow_idr
        return -NEVER if is_for_any else self._due

    @property
    def goes_by_keyframes(self) -> bool:
        return self._follow_idr

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

    def __post_init__(self) -> None:
        if self.pts_s is None and self.index is None:
            raise StreamError("a row has neither a PTS nor an index: there is no picture to put it in")


def exactly(seconds: float) -> Fraction:
    """The number as it is written, not the binary one beside it: 1.02 less half a frame of 0.04 is 1."""
    return Fraction(repr(seconds))


class HasRows(Protocol):
    """The rows of a schedule by their numbers, a list of them or some that wait elsewhere."""

    def __len__(self) -> int: ...

    def __getitem__(self, number: int, /) -> Row: ...


class Rows:
    """A schedule: each row goes to the picture with the smallest PTS at or after its own less half a frame.

    Rows without a PTS go into the packet of their index, or the next one with slice data. In memory are but
    the places of the rows.
    """

    def __init__(self, rows: HasRows, *, tick: Fraction, frame_s: Fraction) -> None:
        self._rows = rows
        self._timed, self._numbered = _Places(), _Places()
        for number in range(len(rows)):
            row = rows[number]
            if row.pts_s is not None:
                self._timed.append(math.ceil((row.pts_s - frame_s / 2) / tick), number)
            elif row.index is not None:
                self._numbered.append(row.index, number)
        self._timed.order()
        self._numbered.order()

    @property
    def next_index(self) -> int:
        return self._numbered.next

    @property
    def next_pts(self) -> int:
        return self._timed.next

    @property
    def goes_by_keyframes(self) -> bool:
        return False

    def decoded(self, picture: Picture) -> list[Message]:
        return [self._rows[number].message for number in self._numbered.taken(picture.index)]

    def displayed(self, picture: Picture) -> list[Message]:
        return [self._rows[number].message for number in self._timed.taken(picture.pts)]

    def finish(self) -> None:
        left = len(self._timed) + len(self._numbered)
        if left:
            row = self._rows[(self._timed if len(self._timed) else self._numbered).first]
            where = f"at {float(row.pts_s):.9g} s" if row.pts_s is not None else f"of packet {row.index}"
            rows = "1 row is" if left == 1 else f"{left} rows are"
            raise StreamError(f"{rows} past the last picture, the first {where}")


class _Places:
    """Numbers of rows in the order of their places, to be taken; those of one place in the order given."""

    def __init__(self) -> None:
        self._places = array("q")
        self._numbers = array("I")
        self._taken = 0

    def __len__(self) -> int:
        return len(self._places) - self._taken

    @property
    def next(self) -> int:
        """The place of the next row; `NEVER` where all are taken."""
        return self._places[self._taken] if self._taken < len(self._places) else NEVER

    @property
    def first(self) -> int:
        """The number of the next row."""
        return self._numbers[self._taken]

    def append(self, place: int, number: int) -> None:
        self._places.append(max(-_FARTHEST, min(place, _FARTHEST)))
        self._numbers.append(number)

    def order(self) -> None:
        order = in_order(self._places)
        self._places = array("q", map(self._places.__getitem__, order))
        self._numbers = array("I", map(self._numbers.__getitem__, order))

    def taken(self, reached: int) -> Iterator[int]:
        """Take the rows up to a place, and give their numbers."""
        while self.next <= reached:
            self._taken += 1
            yield self._numbers[self._taken - 1]

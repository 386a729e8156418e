"""Which message goes into which picture: decided in display order, given back in decode order.

Where pictures come one by one, packets are held back for as long as one that is shown earlier may still
follow (`Plan`). Where the times of all are known at once, only pictures that something is for are looked at
(`planned`).
"""

import heapq
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import le, sub
from typing import Generic, TypeVar

from layoutkit.sei.message import Message
from layoutkit.sei.order import BLOCK, MAX_HELD, shown_order
from layoutkit.sei.schedule import Picture, Source

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
                if picture.index >= source.next_index:
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
            if picture.pts >= source.next_pts:
                held.messages += source.displayed(picture)
        held.is_decided = True

    def _decided(self) -> Iterator[tuple[T, list[Message]]]:
        while self._held and self._held[0].is_decided:
            held = self._held.popleft()
            yield held.item, held.messages


@dataclass(frozen=True, slots=True)
class Timetable:
    """Every picture of a recording, in decode order; none is discarded.

    Attributes:
        pts, dts: of each, in ticks of the recording's video track.
        keyframes: whether each is a key frame; empty where nobody asks.
        start: what `pts` and `dts` have at time 0 of the pictures.
    """

    pts: Sequence[int]
    dts: Sequence[int]
    keyframes: Sequence[int] = ()
    start: int = 0

    def __len__(self) -> int:
        return len(self.pts)

    def __getitem__(self, index: int) -> Picture:
        is_keyframe = bool(self.keyframes and self.keyframes[index])
        return Picture(index, self.pts[index] - self.start, self.dts[index] - self.start, is_keyframe)


def planned(sources: Sequence[Source], pictures: Timetable) -> Iterator[tuple[int, list[Message]]]:
    """What the pictures are to carry, by number, in decode order; those that carry nothing are left out.

    Raises:
        StreamError: a message found no picture; known only at the end.
    """
    shown = shown_order(pictures.pts)
    if shown is None or not _is_shown_so(shown, pictures):
        plan = Plan[int](sources)
        for index in range(len(pictures)):
            yield from _carrying(plan.push(index, pictures[index]))
        yield from _carrying(plan.finish())
        return
    found: defaultdict[int, list[Message]] = defaultdict(list)
    steps = [_Steps(source, shown, pictures, found) for source in sources]
    for end in range(BLOCK, len(pictures) + BLOCK, BLOCK):
        # Between its places of decoding and of display no picture moves further.
        for each in steps:
            each.decode(min(end + MAX_HELD, len(pictures)))
        for each in steps:
            each.show(min(end, len(pictures)))
        settled = end - MAX_HELD if end < len(pictures) else end
        yield from _carrying([(index, found.pop(index)) for index in sorted(found) if index < settled])
    for source in sources:
        source.finish()


def _carrying(decided: Iterable[tuple[int, list[Message]]]) -> Iterator[tuple[int, list[Message]]]:
    return ((index, messages) for index, messages in decided if messages)


class _Steps:
    """A source's way through the pictures, of which it passes over those that it has nothing for.

    Args:
        found: takes what the pictures are to carry.
    """

    def __init__(
        self,
        source: Source,
        shown: Sequence[int],
        pictures: Timetable,
        found: defaultdict[int, list[Message]],
    ) -> None:
        self._source = source
        self._shown = shown
        self._pictures = pictures
        self._found = found
        self._decoded = 0
        self._displayed = 0

    def decode(self, end: int) -> None:
        """Go on to the picture `end`, which stays for the next time."""
        source = self._source
        index = max(self._decoded, source.next_index)
        while index < end:
            self._found[index] += source.decoded(self._pictures[index])
            index = max(index + 1, source.next_index)
        self._decoded = end

    def show(self, end: int) -> None:
        """Likewise in display order."""
        source, shown, pts = self._source, self._shown, self._pictures.pts
        place = self._displayed
        while place < end:
            wanted = source.next_pts + self._pictures.start
            if pts[shown[place]] < wanted:
                place = bisect_left(shown, wanted, place + 1, end, key=pts.__getitem__)
                continue
            index = shown[place]
            self._found[index] += source.displayed(self._pictures[index])
            place += 1
        self._displayed = end


def _is_shown_so(shown: Sequence[int], pictures: Timetable) -> bool:
    """Whether `Plan` has the pictures in that order, too: times are sound, and none is held too long."""
    dts = pictures.dts
    places = range(len(shown))
    return (
        all(map(le, dts, islice(dts, 1, None)))
        and all(map(le, dts, pictures.pts))
        and max(map(sub, shown, places), default=0) <= MAX_HELD
        and max(map(sub, places, shown), default=0) <= MAX_HELD
    )

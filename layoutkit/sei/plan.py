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
from layoutkit.sei.schedule import Picture, Source

MAX_HELD = 64
"""Pictures held back at most. A decoder reorders over 16 frames, 32 fields (H.264 A.3.1 MaxDpbFrames), so the
earliest of so many is the next one shown, whatever the timestamps say."""


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
    """

    pts: Sequence[int]
    dts: Sequence[int]
    keyframes: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.pts)

    def __getitem__(self, index: int) -> Picture:
        is_keyframe = bool(self.keyframes and self.keyframes[index])
        return Picture(index, self.pts[index], self.dts[index], is_keyframe)


def planned(sources: Sequence[Source], pictures: Timetable) -> dict[int, list[Message]]:
    """What the pictures are to carry, by number; those that carry nothing are not in it.

    Raises:
        StreamError: a message found no picture.
    """
    found: defaultdict[int, list[Message]] = defaultdict(list)
    shown = sorted(range(len(pictures)), key=pictures.pts.__getitem__)
    if not _is_shown_so(shown, pictures):
        plan = Plan[int](sources)
        for index in range(len(pictures)):
            found.update(plan.push(index, pictures[index]))
        found.update(plan.finish())
        return {index: messages for index, messages in found.items() if messages}
    for source in sources:
        index = max(0, source.next_index)
        while index < len(pictures):
            found[index] += source.decoded(pictures[index])
            index = max(index + 1, source.next_index)
    times = [pictures.pts[index] for index in shown]
    for source in sources:
        place = bisect_left(times, source.next_pts)
        while place < len(times):
            index = shown[place]
            found[index] += source.displayed(pictures[index])
            place = bisect_left(times, source.next_pts, place + 1)
    for source in sources:
        source.finish()
    return {index: messages for index, messages in found.items() if messages}


def _is_shown_so(shown: Sequence[int], pictures: Timetable) -> bool:
    """Whether `Plan` has the pictures in that order, too: times are sound, and it need not hold too many."""
    dts = pictures.dts
    return (
        all(map(le, dts, islice(dts, 1, None)))
        and all(map(le, dts, pictures.pts))
        and max(map(sub, shown, range(len(shown))), default=0) <= MAX_HELD
    )

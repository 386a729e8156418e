"""The samples of a track: where each stands in the file, and when."""

from array import array
from bisect import bisect_left
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from operator import add
from typing import overload

from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.packets import MAX_PACKET_BYTES, Stamp
from layoutkit.sei.row import seconds


@dataclass(frozen=True, slots=True)
class Samples:
    """Every sample of a track, in decode order.

    Attributes:
        runs: offsets of chunks in the file, and how many samples follow each other in each of them.
        sizes: bytes of each sample.
        dts: decoding time of each, ticks.
        pts: presentation time of each, ticks.
        keys: numbers of those that the container calls key frames.
        start: the time at which the presentation starts, ticks.
        timescale: ticks a second.
        frame_ticks: how long each is shown, where all are as long as each other; else None.
    """

    runs: Sequence[tuple[Sequence[int], int]]
    sizes: Sequence[int]
    dts: Sequence[int]
    pts: Sequence[int]
    keys: Container[int]
    start: int
    timescale: int
    frame_ticks: int | None = None

    def stamp(self, index: int) -> Stamp:
        """What the tables say of one sample."""
        return Stamp(
            seconds(self.pts[index] - self.start, 1, self.timescale),
            seconds(self.dts[index] - self.start, 1, self.timescale),
            index in self.keys,
        )

    def places(self) -> Iterator[tuple[int, int]]:
        """Offset and size of each sample."""
        sizes = iter(self.sizes)
        for offsets, each in self.runs:
            if each == 1:
                yield from zip(offsets, sizes, strict=False)
                continue
            for offset in offsets:
                these = tuple(islice(sizes, each))
                yield from zip(accumulate(these, initial=offset), these, strict=False)


def check_sizes(sizes: Sequence[int]) -> None:
    """Make sure that there are samples, and that each is of a size that a picture can have."""
    if not sizes or not all(sizes) or max(sizes) > MAX_PACKET_BYTES:
        raise GiveWay("no samples, or ones that are empty or too large")


class Sums(Sequence[int]):
    """What two sequences of as many numbers, and a number, add up to: told of each when it is asked for."""

    def __init__(self, numbers: Sequence[int], others: Sequence[int], number: int) -> None:
        self._numbers = numbers
        self._others = others
        self._number = number

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> int: ...

    @overload
    def __getitem__(self, index: slice) -> "Sums": ...

    def __getitem__(self, index: int | slice) -> "int | Sums":
        if isinstance(index, slice):
            return Sums(self._numbers[index], self._others[index], self._number)
        return self._numbers[index] + self._others[index] + self._number

    def __iter__(self) -> Iterator[int]:
        return map(add, map(self._number.__add__, self._numbers), self._others)


class Numbers(Container[int]):
    """Numbers of samples, in order, few bytes for each; `first` is what the table calls sample 0."""

    def __init__(self, table: "array[int]", *, first: int = 0) -> None:
        self._table = table
        self._first = first

    def __contains__(self, index: object) -> bool:
        assert isinstance(index, int)
        place = bisect_left(self._table, index + self._first)
        return place < len(self._table) and self._table[place] == index + self._first

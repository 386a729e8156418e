"""Whole numbers in a row, each near those around it, as places in a long file are: four bytes for each."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import chain, repeat
from operator import add
from typing import Protocol

_BLOCK_BITS = 6
_BLOCK = 1 << _BLOCK_BITS
"""Numbers that are held as distances from the first of them."""


class HasNumbers(Protocol):
    """Whole numbers to be looked up, a list of them or some that are held otherwise."""

    def __len__(self) -> int: ...

    def __getitem__(self, place: int, /) -> int: ...

    def __iter__(self) -> Iterator[int]: ...


class Near:
    """Numbers of 64 bits in the order they were appended; where some are far apart, eight bytes for each."""

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        self._firsts = array("q")
        self._distances = array("i")
        for number in numbers:
            self.append(number)

    def __len__(self) -> int:
        return len(self._distances)

    def __getitem__(self, place: int) -> int:
        if place < 0:
            place += len(self._distances)
        return self._firsts[place >> _BLOCK_BITS] + self._distances[place]

    def __iter__(self) -> Iterator[int]:
        return map(add, chain.from_iterable(map(repeat, self._firsts, repeat(_BLOCK))), self._distances)

    def append(self, number: int) -> None:
        if not len(self._distances) % _BLOCK:
            self._firsts.append(number)
        distance = number - self._firsts[-1]
        try:
            self._distances.append(distance)
        except OverflowError:
            self._distances = array("q", self._distances)
            self._distances.append(distance)


def place_of(numbers: HasNumbers, wanted: int, last: int) -> int:
    """Place of the first of rising numbers that is `wanted` or above it, or their count.

    Args:
        last: a place that was found before; it takes few steps where the wanted one is a little behind it.
    """
    low, high = last, len(numbers)
    if low and numbers[low - 1] >= wanted:
        low, high = 0, low
    else:
        step = 1
        while low + step < high and numbers[low + step] < wanted:
            low += step
            step *= 2
        high = min(low + step, high)
    return bisect_left(numbers, wanted, low, high)

"""Tables of runs of samples that have the same value, stts and ctts, gone through from beginning to end.

Source: ISO/IEC 14496-12 8.6.1.
"""

from array import array
from bisect import bisect_right
from itertools import accumulate
from operator import mul

from layoutkit.sei.fast.boxes import Rows


class Walk:
    """A table of runs of samples, stts or ctts, gone through from its beginning to its end."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._row = 0
        self._sample = self._first = 0
        self._ticks = 0

    def go(self, sample: int) -> int:
        """Go to a sample that is not before the last one; what the values before it add up to."""
        self._first = sample
        for pairs in self._rows.pieces(self._row):
            ends = array("Q", accumulate(pairs[::2], initial=self._sample))
            passed = bisect_right(ends, sample) - 1
            self._row += passed
            self._ticks += total(pairs[: 2 * passed])
            self._sample = ends[passed]
            if 2 * passed < len(pairs):
                return self._ticks + (sample - self._sample) * pairs[2 * passed + 1]
        return self._ticks

    def runs(self, end: int) -> "array[int]":
        """Counts and values of the samples from the one gone to on, up to another."""
        found = array("I")
        before = self._sample
        for pairs in self._rows.pieces(self._row):
            for count, value in zip(pairs[::2], pairs[1::2], strict=True):
                told = min(before + count, end) - max(before, self._first)
                if told > 0:
                    found.extend((told, value))
                before += count
                if before >= end:
                    return found
        return found


def total(pairs: "array[int]") -> int:
    """What the values of pairs of counts and values add up to."""
    return sum(map(mul, pairs[::2], pairs[1::2]))

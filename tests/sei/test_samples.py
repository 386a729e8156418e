"""Sequences that are told when they are asked for are what the lists of their numbers are."""

from hypothesis import given
from hypothesis import strategies as st

from layoutkit.sei.fast.samples import Sums

NUMBERS = st.integers(-(10**12), 10**12)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=9), NUMBERS, st.slices(9))
def test_sums_are_what_their_parts_add_up_to(pairs: list[tuple[int, int]], number: int, some: slice) -> None:
    firsts, seconds = [first for first, _ in pairs], [second for _, second in pairs]
    sums, added = Sums(firsts, seconds, number), [first + second + number for first, second in pairs]
    assert list(sums) == added
    assert [sums[index] for index in range(len(sums))] == added
    assert list(sums[some]) == added[some]
    assert list(reversed(sums)) == added[::-1]

"""Numbers that are held in few bytes are what a list of them is."""

import tracemalloc
from bisect import bisect_left
from itertools import accumulate
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from layoutkit.sei.edits import Edits
from layoutkit.sei.near import Near, place_of
from layoutkit.sei.placement import Edit

FAR = st.integers(-(1 << 55), 1 << 55)
STEPS = st.lists(st.integers(-9, 9) | FAR, max_size=200) | st.lists(st.integers(0, 1 << 31), max_size=200)


@given(STEPS)
def test_near_numbers_are_a_list_of_them(steps: list[int]) -> None:
    numbers = list(accumulate(steps))
    held = Near(numbers)
    assert (len(held), list(held)) == (len(numbers), numbers)
    assert [held[place] for place in range(len(numbers))] == numbers
    assert [held[place] for place in range(-1, 0) if numbers] == numbers[-1:]


@given(st.lists(st.integers(0, 1 << 33), max_size=200), st.lists(st.integers(0, 1 << 40)), st.data())
def test_a_place_is_found_from_any_other(steps: list[int], wanted: list[int], data: st.DataObject) -> None:
    numbers = list(accumulate(steps))
    last = data.draw(st.integers(0, len(numbers)))
    for each in wanted + numbers[::7]:
        last = place_of(Near(numbers), each, last)
        assert last == bisect_left(numbers, each)


def test_an_edit_of_each_picture_takes_few_bytes(tmp_path: Path) -> None:
    count = 100_000
    content = bytes(600)
    tracemalloc.start()
    try:
        with Edits((Edit(1 << 40 | 2000 * number, 0, content) for number in range(count)), tmp_path) as made:
            taken = tracemalloc.get_traced_memory()[0]
            assert made.growths[-1] == 600 * count
    finally:
        tracemalloc.stop()
    assert taken < 15 * count

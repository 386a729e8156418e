"""What windows hide and leave free, against counting pixels one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutkit.geometry.coverage import hidden_share, uncovered_share, union_area
from layoutkit.geometry.rect import Rect, Size

sides = st.integers(0, 9)
rects = st.lists(st.builds(Rect, sides, sides, sides, sides), max_size=6)


def pixels(rect: Rect) -> set[tuple[int, int]]:
    return {(x, y) for x in range(rect.x, rect.right) for y in range(rect.y, rect.bottom)}


def union(places: list[Rect]) -> set[tuple[int, int]]:
    return set().union(*map(pixels, places))


@given(rects)
def test_the_area_of_a_union_is_its_pixels(places: list[Rect]) -> None:
    assert union_area(places) == len(union(places))


@given(st.builds(Rect, sides, sides, sides, sides), rects)
def test_the_hidden_share_is_the_pixels_below_others(window: Rect, above: list[Rect]) -> None:
    own = pixels(window)
    expected = len(own & union(above)) / len(own) if own else 0.0
    assert hidden_share(window, above) == pytest.approx(expected)


@given(rects)
def test_the_uncovered_share_is_the_pixels_in_no_window(places: list[Rect]) -> None:
    canvas = pixels(Rect(0, 0, 12, 7))
    expected = len(canvas - union(places)) / len(canvas)
    assert uncovered_share(Size(12, 7), places) == pytest.approx(expected)

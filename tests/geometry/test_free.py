"""The freest part of a rectangle, against trying every part there is."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from layoutkit.geometry.free import freest
from layoutkit.geometry.rect import Rect

RECTS = st.builds(Rect, st.integers(-2, 7), st.integers(-2, 7), st.integers(0, 6), st.integers(0, 6))
ASPECTS = st.sampled_from([(1, 1), (2, 1), (1, 3)])


@given(RECTS, st.lists(RECTS, max_size=4), ASPECTS)
def test_it_is_free_and_none_holds_a_larger_box(
    rect: Rect, above: list[Rect], aspect: tuple[int, int]
) -> None:
    found = freest(rect, above, aspect=aspect)
    assert rect.intersection(found) == found or rect.is_empty

    def size(part: Rect) -> tuple[int, int]:
        return min(part.width * aspect[1], part.height * aspect[0]), part.width * part.height

    sides = product(range(rect.width), range(rect.height), range(1, 7), range(1, 7))
    parts = (Rect(rect.x + x, rect.y + y, w, h) for x, y, w, h in sides)
    inside = [part for part in parts if part.right <= rect.right and part.bottom <= rect.bottom]
    free = [part for part in inside if all(part.intersection(each).is_empty for each in above)]
    if not free:
        assert found == rect
    else:
        assert found in free
        assert size(found) == max(map(size, free))

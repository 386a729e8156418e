"""Items made ahead of their use, by another thread."""

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutkit.sei.fast.ahead import ahead


@given(st.lists(st.integers()))
def test_the_items_are_the_same(items: list[int]) -> None:
    assert list(ahead(iter(items))) == items


@given(st.integers(0, 5))
def test_an_error_comes_behind_the_items_before_it(count: int) -> None:
    def items() -> Iterator[int]:
        yield from range(count)
        raise ValueError("no more")

    found: list[int] = []
    with pytest.raises(ValueError, match=r"^no more$"):
        found.extend(ahead(items()))
    assert found == list(range(count))


def test_no_more_than_one_is_made_ahead() -> None:
    made = []

    def items() -> Iterator[int]:
        for number in range(20):
            made.append(number)
            yield number

    for item in ahead(items()):
        assert len(made) <= item + 2
    assert len(made) == 20


def test_another_thread_makes_them() -> None:
    def makers() -> Iterator[int]:
        for _ in range(3):
            yield threading.get_ident()

    assert threading.get_ident() not in set(ahead(makers()))


def test_who_stops_early_leaves_no_thread() -> None:
    before = threading.active_count()
    items = ahead(iter(range(9)))
    assert next(items) == 0
    assert threading.active_count() == before + 1
    items.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before

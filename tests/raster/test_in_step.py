"""Jobs are done several at a time and their results come in order, as if one after the other."""

import threading
from collections.abc import Callable

import pytest
from PIL import Image

from layoutkit import grid, paint
from layoutkit.raster import in_step as module
from layoutkit.raster.in_step import AHEAD, MOST, in_step


@pytest.fixture(params=[1, 2, 3, 64])
def processors(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(module.os, "cpu_count", lambda: request.param)
    return int(request.param)


@pytest.mark.parametrize("count", [0, 1, 2, 40])
def test_results_come_in_the_order_of_the_jobs_each_of_which_is_done_once(
    processors: int, count: int
) -> None:
    done: list[int] = []

    def job(number: int) -> Callable[[], int]:
        def do() -> int:
            # Uneven work, so that threads overtake one another.
            sum(range(number % 7 * 3000))
            done.append(number)
            return number * number

        return do

    assert list(in_step(map(job, range(count)))) == [number * number for number in range(count)]
    assert sorted(done) == list(range(count))


def test_few_results_are_held_at_once(processors: int) -> None:
    done: list[int] = []
    for number, _ in enumerate(in_step(lambda n=n: done.append(n) for n in range(60))):  # type: ignore[misc]
        assert len(done) <= number + 1 + MOST + AHEAD


def test_as_many_jobs_run_at_a_time_as_there_are_processors_up_to_a_limit(processors: int) -> None:
    threads = min(processors, MOST)
    # Nobody gets past it before that many jobs wait there, each in a thread of its own.
    barrier = threading.Barrier(threads, timeout=20)
    assert len(list(in_step([barrier.wait] * threads))) == threads


def test_an_error_comes_in_its_turn_and_ends_the_threads(processors: int) -> None:
    def fail(name: str) -> None:
        raise OSError(name)

    before = threading.active_count()
    results = in_step([lambda: None, lambda: fail("first"), lambda: fail("second"), lambda: None])
    assert next(results) is None
    with pytest.raises(OSError, match="first"):
        next(results)
    assert threading.active_count() == before


def test_whoever_stops_asking_ends_the_threads(processors: int) -> None:
    before = threading.active_count()
    results = in_step([lambda: None] * 40)
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before


def test_any_number_of_processors_paints_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    layout = grid((320, 180), ["a", "b", "c", "d"])
    sources = {
        user: Image.linear_gradient("L").convert("RGB").rotate(90 * n) for n, user in enumerate("abcd")
    }
    pictures = []
    for count in (None, 1, 8):
        monkeypatch.setattr(module.os, "cpu_count", lambda count=count: count)
        pictures.append(paint(layout, sources=sources))
    assert pictures[0] == pictures[1] == pictures[2]

"""What waits to be written comes back as it was, and memory does not grow with it."""

import tracemalloc
from fractions import Fraction
from pathlib import Path
from tempfile import gettempdir

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutkit.sei import contents as contents_module
from layoutkit.sei.held import HeldRows
from layoutkit.sei.message import MAX_PAYLOAD_TYPE, Message
from layoutkit.sei.order import in_order
from layoutkit.sei.schedule import Picture, Row, Rows, exactly

FOLDER = Path(gettempdir())

MESSAGES = st.builds(Message, st.integers(0, MAX_PAYLOAD_TYPE), st.binary(max_size=30))
TIMES = st.floats(allow_nan=False, allow_infinity=False)


INDICES = st.integers(0, (1 << 62) - 1)
PLACES = st.tuples(TIMES.map(exactly), st.none() | INDICES) | st.tuples(st.none(), INDICES)


@given(
    st.lists(st.tuples(MESSAGES | st.just(Message(100, b"again")), PLACES)).map(
        lambda rows: [Row(message, *place) for message, place in rows]
    )
)
def test_rows_come_back_as_they_were(rows: list[Row]) -> None:
    with HeldRows(FOLDER) as held:
        for row in rows:
            held.append(row)
        assert [held[number] for number in range(len(held))] == rows
        assert [held[number] for number in reversed(range(len(held)))] == rows[::-1]
        assert held.types == {row.message.payload_type for row in rows}


@given(st.lists(st.integers(-50, 50), max_size=200))
def test_the_order_of_times_is_that_of_a_stable_sort(times: list[int]) -> None:
    assert list(in_order(times)) == sorted(range(len(times)), key=times.__getitem__)


@pytest.mark.parametrize("is_timed", [True, False])
def test_a_long_schedule_takes_few_bytes_a_row(
    is_timed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents_module, "_MEMORY_BYTES", 1 << 18)
    count = 10_000
    tracemalloc.start()
    try:
        with HeldRows(tmp_path) as held:
            for number in range(count):
                # B pictures: the rows are in decode order.
                shown = number + (0, 2, 1)[number % 3]
                payload = number.to_bytes(4, "big") * 60
                held.append(Row(Message(100, payload), Fraction(shown, 25) if is_timed else None, number))
            rows = Rows(held, tick=Fraction(1, 25), frame_s=Fraction(1, 25))
            put_in = 0
            for number in range(count + 2):
                picture = Picture(number, number, number)
                put_in += len(rows.decoded(picture)) + len(rows.displayed(picture))
            rows.finish()
            peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert put_in == count
    assert peak < 80 * count

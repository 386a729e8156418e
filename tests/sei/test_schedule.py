"""Which picture carries which message: writing rule 10."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutkit.errors import StreamError
from layoutkit.sei.message import Message
from layoutkit.sei.plan import Plan
from layoutkit.sei.schedule import Periodic, Picture, Row, Rows, Source

TICK = Fraction(1, 1000)
FRAME_S = Fraction(40, 1000)


def run(sources: list[Source], pictures: list[Picture]) -> dict[int, list[bytes]]:
    """Payloads by packet number; the packets have to come back in decode order."""
    plan = Plan[int](sources)
    given_back = []
    for picture in pictures:
        given_back += plan.push(picture.index, picture)
    given_back += plan.finish()
    assert [index for index, _ in given_back] == [picture.index for picture in pictures]
    return {index: [message.payload for message in held] for index, held in given_back if held}


def periodic(**options: object) -> Periodic:
    def make(elapsed: Fraction) -> Message:
        return Message(100, str(float(elapsed)).encode())

    return Periodic(make, tick=TICK, **options)  # type: ignore[arg-type]


def with_b_frames(groups: int) -> list[Picture]:
    """I P b P b ... at 25 pictures a second: each P is decoded before the b shown ahead of it."""
    shown = [0] + [number for group in range(groups) for number in (2 * group + 2, 2 * group + 1)]
    return [
        Picture(index, pts=40 * number, dts=40 * (index - 1), is_keyframe=index == 0)
        for index, number in enumerate(shown)
    ]


def test_writing_rule_10_the_smallest_pts_at_or_after_each_interval() -> None:
    # Shown at 0, 200, 400 ms: numbers 0, 5 and 10, which are decoded as 0, 6 and 9.
    assert sorted(run([periodic(interval_ms=200)], with_b_frames(6))) == [0, 6, 9]


@given(st.integers(1, 30), st.integers(1, 500))
def test_writing_rule_10_by_its_definition(groups: int, interval_ms: int) -> None:
    pictures = with_b_frames(groups)
    times = sorted((picture.pts, picture.index) for picture in pictures)
    targets = range(0, times[-1][0] + 1, interval_ms)
    expected = {next(index for pts, index in times if pts >= target) for target in targets}
    assert set(run([periodic(interval_ms=interval_ms)], pictures)) == expected


def test_writing_rule_10_discarded_pictures_do_not_start_the_count() -> None:
    pictures = [Picture(n, 40 * n - 80, 40 * n - 80, is_discarded=n < 2) for n in range(30)]
    assert run([periodic()], pictures) == {2: [b"0.0"], 27: [b"1.0"]}


def test_writing_rule_10_key_frames_are_what_the_flag_says() -> None:
    pictures = [Picture(n, 40 * n, 40 * n, is_keyframe=n in {0, 7}) for n in range(10)]
    assert sorted(run([periodic(follow_idr=True)], pictures)) == [0, 7]


def test_every_picture_can_carry_one() -> None:
    assert len(run([periodic(every_frame=True)], with_b_frames(5))) == 11


def test_packets_are_held_back_only_for_the_reorder_depth() -> None:
    plan = Plan[int]([periodic()])
    pictures = with_b_frames(50)
    held = 0
    for picture in pictures:
        held += 1 - len(list(plan.push(picture.index, picture)))
        assert held <= 3


def test_a_packet_without_slice_data_keeps_its_place_and_carries_nothing() -> None:
    plan = Plan[str]([periodic()])
    given_back = [*plan.push("sets", None), *plan.push("picture", Picture(1, 0, 0)), *plan.finish()]
    assert [(item, len(held)) for item, held in given_back] == [("sets", 0), ("picture", 1)]


def test_rows_go_to_the_picture_at_or_after_their_pts_less_half_a_frame() -> None:
    pictures = [Picture(n, 40 * n, 40 * n) for n in range(5)]
    rows = [Row(Message(100, name), Fraction(ms, 1000)) for name, ms in ((b"a", 59), (b"b", 61), (b"c", -9))]
    assert run([Rows(rows, tick=TICK, frame_s=FRAME_S)], pictures) == {0: [b"c"], 1: [b"a"], 2: [b"b"]}


def test_rows_without_a_pts_go_by_their_index() -> None:
    rows = [Row(Message(100, b"a"), index=3)]
    assert run([Rows(rows, tick=TICK, frame_s=FRAME_S)], with_b_frames(3)) == {3: [b"a"]}


def test_rows_past_the_end_are_an_error() -> None:
    rows = [Row(Message(100, b"a"), Fraction(5))]
    with pytest.raises(StreamError, match=r"1 row is past the last picture, the first at 5 s"):
        run([Rows(rows, tick=TICK, frame_s=FRAME_S)], with_b_frames(3))


def test_an_interval_below_a_millisecond_is_refused() -> None:
    with pytest.raises(StreamError, match="an interval of 0 ms is below 1 ms"):
        periodic(interval_ms=0)

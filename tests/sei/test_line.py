"""The lines that rows are printed as: the quick way says what the plain one does."""

import json
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutkit.sei import Canvas, Region, SeiMessage, VolumeLayout
from layoutkit.sei import line as line_module
from layoutkit.sei.line import to_line
from layoutkit.sei.row import to_row

REGIONS = st.lists(
    st.builds(
        Region,
        uid=st.text(min_size=1, max_size=8),
        x=st.integers(0, 700),
        y=st.integers(0, 400),
        w=st.integers(1, 700),
        h=st.integers(1, 400),
        zorder=st.integers(-1, 20),
        volume=st.integers(0, 100),
    ),
    max_size=4,
)
LAYOUTS = st.builds(
    VolumeLayout,
    st.builds(Canvas, st.just(1400), st.just(800)),
    REGIONS.map(tuple),
    ts=st.integers(0, 2 * 10**11),
    app_data=st.text(max_size=8),
    ver=st.sampled_from(["1.0", "2", ""]),
)
MUTATIONS = st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=2), st.integers(0, 2)), max_size=3)


def said(message: SeiMessage) -> bytes:
    """The line the long way."""
    row = to_row(message)
    try:
        return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(row, separators=(",", ":")).encode() + b"\n"


def payload_of(layout: VolumeLayout) -> bytes:
    """Its JSON, valid or not: what `serialize` refuses has to be read all the same."""
    return json.dumps(layout.to_json(), ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


@given(
    LAYOUTS,
    MUTATIONS,
    st.sampled_from([100, 101, 244, 5, 1]),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
    st.none() | st.integers(0, 10**6),
    st.booleans(),
)
def test_a_line_says_what_its_row_says(
    layout: VolumeLayout,
    mutations: list[tuple[int, bytes, int]],
    payload_type: int,
    pts_s: float | None,
    index: int | None,
    flag: bool,
) -> None:
    payload = payload_of(layout)
    for place, new, removed in mutations:
        place %= len(payload)
        payload = payload[:place] + new + payload[place + removed :]
    message = SeiMessage(payload_type, payload, pts_s, pts_s, index, flag, 1, 0, flag, not flag)
    assert to_line(message) == said(message)


@pytest.mark.parametrize(
    "change",
    [
        '"w":1280->"w":0',
        '"w":1280->"w":16385',
        '"x":0->"x":00',
        '"x":0->"x":-1',
        '"x":0->"x":641',
        '"w":640->"w":0',
        '"volume":45->"volume":101',
        '"volume":45->"volume":true',
        '"uid":"a"->"uid":""',
        '"uid":"a"->"uid":"\\u0061"',
        '"uid":"a"->"uid":"},{"',
        '"ts":1->"ts":100000000000',
        '"ts":1->"ts":1,"ts":2',
        '"ver":"1.0"->"ver":"1.0","more":1',
        '"app_data":""->"app_data":"' + "x" * 4096 + '"',
        '{"uid"->{ "uid"',
        '{"uid"->{"uid":"b","uid"',
    ],
)
def test_what_is_not_plain_is_told_the_long_way(change: str) -> None:
    layout = VolumeLayout(Canvas(1280, 720), (Region("a", 0, 0, 640, 720, 1, 45),), ts=1)
    old, new = change.split("->")
    text = layout.serialize().decode()
    assert old in text
    message = SeiMessage(100, text.replace(old, new, 1).encode(), 0.0, 0.0, 0)
    assert to_line(message) == said(message)


def test_the_service_s_own_form_takes_the_quick_way() -> None:
    layout = VolumeLayout(Canvas(1280, 720), (Region("张三", 0, 0, 640, 720, 1, 45),) * 2, ts=1_648_544_726)
    message = SeiMessage(100, layout.serialize(), 0.04, -0.04, 3, True)
    with patch.object(line_module, "to_row", side_effect=AssertionError):
        line = to_line(message)
    assert line == said(message)

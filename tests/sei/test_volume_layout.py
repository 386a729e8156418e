"""The volume-layout payload: an inverse pair, the API's own sample, near relatives, and what is refused."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutkit.errors import SourceError
from layoutkit.geometry.layout import Layout, Participant, Shows, Window
from layoutkit.geometry.rect import Rect, Size
from layoutkit.sei import Canvas, Region, SeiMessage, VolumeLayout
from layoutkit.sei.limits import MILLISECONDS_FROM
from layoutkit.sei.line import to_line
from layoutkit.sei.row import layout_of, to_row

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
EXTRA = st.dictionaries(st.sampled_from(["note", "k", "头"]), st.none() | st.integers() | TEXT, max_size=2)
REGIONS = st.builds(
    Region,
    uid=TEXT,
    x=st.integers(0, 100),
    y=st.integers(0, 100),
    w=st.integers(1, 100),
    h=st.integers(1, 100),
    zorder=st.integers(-5, 99),
    volume=st.integers(0, 100),
    extra=EXTRA,
)
LAYOUTS = st.builds(
    VolumeLayout,
    canvas=st.builds(Canvas, w=st.integers(200, 900), h=st.integers(200, 900), extra=EXTRA),
    regions=st.lists(REGIONS, max_size=4).map(tuple),
    ts=st.integers(0, MILLISECONDS_FROM - 1),
    app_data=st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    ver=TEXT,
    extra=EXTRA,
)


@given(LAYOUTS)
def test_parsing_undoes_serializing(layout: VolumeLayout) -> None:
    assert VolumeLayout.parse(layout.serialize()) == layout
    row = json.loads(to_line(SeiMessage(100, layout.serialize())))
    assert layout_of(row) == layout


def test_the_apis_own_sample(service_samples: Path) -> None:
    layout = VolumeLayout.parse((service_samples / "volume-layout-sei.json").read_bytes())
    assert (layout.canvas, layout.ts, layout.dialect) == (Canvas(1080, 960), 1648544726, "tencent")
    assert layout.regions[0] == Region("65949987242835883c", 270, 480, 540, 480, 2, 45)
    assert [window.rect for window in layout.to_layout().windows] == [
        Rect(270, 480, 540, 480),
        Rect(0, 0, 540, 480),
        Rect(540, 0, 540, 480),
    ]


def test_a_layout_goes_to_sei_and_back_with_those_who_send_video() -> None:
    windows = (
        Window(Rect(0, 0, 10, 20), Participant("a"), z_order=1),
        Window(Rect(10, 0, 10, 20), Participant("b"), shows=Shows.AUDIO_ONLY, z_order=1),
        Window(Rect(0, 20, 10, 20), shows=Shows.NOBODY),
    )
    sent = VolumeLayout.from_layout(Layout(Size(20, 40), windows), volumes={"a": 7}, ts=5, app_data="x")
    assert sent.regions == (Region("a", 0, 0, 10, 20, 1, 7),)
    assert sent.to_layout() == Layout(Size(20, 40), windows[:1])


HEAD = b'{"canvas":{"w":8,"h":8},"regions":['
BOX = '"x":0,"y":0,"w":8,"h":8'


@pytest.mark.parametrize(
    ("payload", "dialect"),
    [
        ('{"canvas":{"w":8,"h":8,"bgnd":"#0"},"regions":[{"uid":1,"volume":255,BOX}]}', "agora"),
        ('{"canvas":{"w":8,"h":8},"regions":[{"uid":"1","zOrder":3,BOX}]}', "agora"),
        ('{"canvas":{"w":8,"h":8},"regions":[{"uid":1,"volume":200,BOX}]}', "agora"),
        ('{"canvas":{"w":8,"h":8},"regions":[{"uid":"1",BOX}],"ts":1535385600000}', "agora"),
        ('JSON{"canvas":{"w":8,"h":8},"regions":[{"uid":"1",BOX}]}', "bytedance"),
        ('{"canvas":{"w":8,"h":8},"regions":[{"uid":"1","x":0,"y":0.0,"w":1,"h":1.0}]}', "bytedance"),
        ('{"canvas":{"w":8,"h":8},"stream":[{"uid":"1","vol":9,BOX}]}', "aliyun"),
    ],
)
def test_near_relatives_are_read_and_flagged(payload: str, dialect: str) -> None:
    payload = payload.replace("BOX", BOX)
    layout = VolumeLayout.parse(payload.encode())
    assert layout.dialect == dialect
    assert [(each.uid, each.x, each.y, each.w, each.h) for each in layout.regions] == [("1", 0, 0, 8, 8)]
    assert layout.ts in (0, 1535385600)
    assert to_row(SeiMessage(100, payload.encode()))["layout"]["dialect"] == dialect


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (b"{}", "$.canvas: is missing; $.regions: is missing"),
        (b"[1]", "$: [1] is not an object"),
        (b"\xff", "byte 0 is not UTF-8"),
        (b'{"a":NaN}', "not JSON: NaN is not a number that JSON can carry"),
        (b"[" * 100_000, "nested deeper than 32 levels"),
        (
            b'{"canvas":{"w":0,"h":true},"regions":{}}',
            "$.canvas.w: 0 is outside 1 to 16384; ",
        ),
        (
            b'{"canvas":{"w":9,"h":9},"regions":[{"uid":"","x":5,"y":0,"w":5,"h":9,"volume":101}]}',
            "$.regions[0]: x 5 + w 5 = 10 exceeds the canvas width 9; "
            "$.regions[0].volume: 101 is outside 0 to 100; $.regions[0].uid: is empty",
        ),
    ],
    ids=range(7),
)
def test_every_problem_is_named_with_its_path(payload: bytes, text: str) -> None:
    with pytest.raises(SourceError) as caught:
        VolumeLayout.parse(payload)
    assert str(caught.value).startswith(f"volume layout: {text}")
    assert SeiMessage(100, payload).layout is None


def test_app_data_of_4096_characters_is_refused() -> None:
    with pytest.raises(SourceError, match="4096 characters exceed 4095"):
        VolumeLayout(Canvas(8, 8), (), app_data="x" * 4096).serialize()


@pytest.mark.parametrize("kind", [5, 99, 244, 255])
def test_a_layout_under_a_type_that_cannot_carry_one_stays_opaque(kind: int) -> None:
    assert SeiMessage(kind, VolumeLayout(Canvas(8, 8), ()).serialize()).layout is None


def test_type_5_is_taken_apart_into_uuid_and_text() -> None:
    row = to_row(SeiMessage(5, bytes(range(16)) + "héllo".encode()))
    assert (row["uuid"], row["text"]) == ("000102030405060708090a0b0c0d0e0f", "héllo")
    short = to_row(SeiMessage(5, b"short"))
    assert (short["uuid"], short["text"]) == (None, None)
    assert to_row(SeiMessage(6, b"\xff\xfe"))["text"] is None


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (b'{"ts":' + b"9" * 1_000_000 + b"}", "Exceeds the limit"),
        (b'{"a":1e999}', "1e999 is not a number that JSON can carry"),
        (HEAD + b",".join([b"1"] * 500_000) + b"]}", "500000 regions exceed 1024"),
        (b'{"a":' * 200_000 + b"1" + b"}" * 200_000, "nested deeper than 32 levels"),
        (HEAD + b'{"uid":"u","x":1e300,"y":0,"w":1,"h":1}]}', "$.regions[0].x: 1e+300 is not an integer"),
    ],
    ids=range(5),
)
def test_a_crafted_payload_is_refused_and_opaque(payload: bytes, text: str) -> None:
    with pytest.raises(SourceError, match=re.escape(text)):
        VolumeLayout.parse(payload)
    row = json.loads(to_line(SeiMessage(100, payload)))
    assert (row["layout"], row["text"]) == (None, payload.decode())


@given(st.integers(0, MILLISECONDS_FROM - 1), st.integers(0, MILLISECONDS_FROM - 1))
def test_a_serializer_says_what_a_layout_of_that_time_does(first: int, then: int) -> None:
    layout = VolumeLayout(Canvas(4, 2), (Region("ts", 0, 0, 2, 2),), ts=first, app_data='"ts":1')
    assert layout.serializer()(then) == replace(layout, ts=then).serialize()


def test_a_time_that_would_be_read_as_milliseconds_is_not_written() -> None:
    layout = VolumeLayout(Canvas(4, 2), (), ts=MILLISECONDS_FROM)
    with pytest.raises(SourceError, match=rf"\$\.ts: {MILLISECONDS_FROM} s is {MILLISECONDS_FROM} or above"):
        layout.serialize()

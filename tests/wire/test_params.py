"""Layout -> McuLayoutParams and MixLayoutParams."""

from dataclasses import replace

import pytest

from layoutkit.errors import LayoutError
from layoutkit.geometry.layout import Layout, Participant, Stream, Template, Window
from layoutkit.geometry.rect import Rect, Size
from layoutkit.geometry.scene import (
    Background,
    Color,
    ImageRef,
    ImageWatermark,
    Placeholder,
    RenderMode,
    TextWatermark,
    TimestampPosition,
    TimestampWatermark,
)
from layoutkit.wire import to_layout_params
from layoutkit.wire.dialect import DIALECTS, alpha, opacity

ALICE = Participant("alice")
BOB_SCREEN = Participant("bob", room_id="7", stream=Stream.SCREEN, room_id_type="string")
TWO = Layout(
    Size(1280, 720),
    (
        Window(Rect(0, 0, 640, 720), ALICE),
        Window(Rect(640, 0, 640, 720), BOB_SCREEN, z_order=2, render_mode=RenderMode.SCALE),
    ),
)


def test_a_publish_list_names_user_room_and_stream() -> None:
    assert to_layout_params(TWO) == {
        "MixLayoutMode": 4,
        "MixLayoutList": [
            {
                "UserMediaStream": {"UserInfo": {"UserId": "alice"}, "StreamType": 0},
                "LocationX": 0,
                "LocationY": 0,
                "ImageWidth": 640,
                "ImageHeight": 720,
                "ZOrder": 0,
                "RenderMode": 0,
            },
            {
                "UserMediaStream": {
                    "UserInfo": {"UserId": "bob", "RoomId": "7", "RoomIdType": 1},
                    "StreamType": 1,
                },
                "LocationX": 640,
                "LocationY": 0,
                "ImageWidth": 640,
                "ImageHeight": 720,
                "ZOrder": 2,
                "RenderMode": 1,
            },
        ],
    }


def test_a_recording_list_has_its_own_names_and_numbers() -> None:
    assert to_layout_params(TWO, service="recording") == {
        "MixLayoutMode": 4,
        "MixLayoutList": [
            {
                "Left": 0,
                "Top": 0,
                "Width": 640,
                "Height": 720,
                "ImageLayer": 0,
                "RenderMode": 1,
                "UserId": "alice",
                "MediaId": 0,
            },
            {
                "Left": 640,
                "Top": 0,
                "Width": 640,
                "Height": 720,
                "ImageLayer": 2,
                "RenderMode": 2,
                "UserId": "bob",
                "MediaId": 1,
            },
        ],
    }


@pytest.mark.parametrize("service", ["publish", "recording"])
def test_unnamed_windows_carry_no_user(service: str) -> None:
    params = to_layout_params(TWO, service=service, unnamed=True)  # type: ignore[arg-type]
    assert len(params["MixLayoutList"]) == 2  # type: ignore[arg-type]
    assert "alice" not in str(params)
    assert "UserMediaStream" not in str(params)


@pytest.mark.parametrize("service", ["publish", "recording"])
def test_an_empty_stage_slot_is_not_listed(service: str) -> None:
    stage = Window(Rect(0, 0, 10, 10), None, is_stage=True)
    params = to_layout_params(replace(TWO, windows=(stage, *TWO.windows)), service=service)  # type: ignore[arg-type]
    assert params == to_layout_params(TWO, service=service)  # type: ignore[arg-type]
    with pytest.raises(LayoutError, match="no window to list"):
        to_layout_params(replace(TWO, windows=(stage,)), service=service)  # type: ignore[arg-type]


def test_a_stage_reserved_for_somebody_absent_is_listed_by_name() -> None:
    stage = Window(Rect(0, 0, 10, 10), ALICE, is_stage=True)
    params = to_layout_params(Layout(Size(10, 10), (stage,)))
    assert "alice" in str(params)


def test_everything_a_publish_window_can_say() -> None:
    window = Window(
        Rect(1, 2, 3, 4),
        render_mode=RenderMode.CROP,
        crop=Rect(5, 6, 7, 8),
        mask=ImageRef("https://a/m.png"),
        placeholder=Placeholder(ImageRef("https://a/p.png"), RenderMode.CROP),
        background=Color(0xCC, 0, 0x33),
    )
    params = to_layout_params(Layout(Size(10, 10), (window,)))
    assert params["MixLayoutList"] == [
        {
            "LocationX": 1,
            "LocationY": 2,
            "ImageWidth": 3,
            "ImageHeight": 4,
            "ZOrder": 0,
            "RenderMode": 0,
            "BackGroundColor": "0xCC0033",
            "BackGroundColorMode": 3,
            "BackgroundImageUrl": "https://a/p.png",
            "BackgroundRenderMode": 0,
            "CustomCrop": {"LocationX": 5, "LocationY": 6, "Width": 7, "Height": 8},
            "TransparentUrl": "https://a/m.png",
        }
    ]


def test_everything_a_recording_can_say() -> None:
    layout = Layout(
        Size(100, 100),
        (Window(Rect(1, 2, 3, 4), opacity=0, placeholder=Placeholder(ImageRef("https://a/p.png"))),),
        background=Background(Color(255, 165, 0), ImageRef("https://a/b.png"), RenderMode.STRETCH),
        watermarks=(
            ImageWatermark(ImageRef("https://a/w.png"), Rect(1, 2, 3, 4)),
            TextWatermark("hello", Rect(5, 6, 7, 8), 20, Color(1, 2, 3), Color(4, 5, 6)),
            TimestampWatermark(TimestampPosition.CENTER, -3),
        ),
    )
    params = to_layout_params(layout, service="recording")
    assert params == {
        "MixLayoutMode": 4,
        "MixLayoutList": [
            {
                "Left": 1,
                "Top": 2,
                "Width": 3,
                "Height": 4,
                "ImageLayer": 0,
                "RenderMode": 1,
                "Alpha": 255,
                "SubBackgroundImage": "https://a/p.png",
            }
        ],
        "BackGroundColor": "#FFA500",
        "BackgroundImageUrl": "https://a/b.png",
        "BackgroundImageRenderMode": 0,
        "PlaceHolderMode": 1,
        "WaterMarkList": [
            {
                "WaterMarkType": 0,
                "WaterMarkImage": {
                    "WaterMarkUrl": "https://a/w.png",
                    "Left": 1,
                    "Top": 2,
                    "Width": 3,
                    "Height": 4,
                },
            },
            {
                "WaterMarkType": 1,
                "WaterMarkChar": {
                    "Chars": "hello",
                    "Left": 5,
                    "Top": 6,
                    "Width": 7,
                    "Height": 8,
                    "FontSize": 20,
                    "FontColor": "#010203",
                    "BackGroundColor": "#040506",
                },
            },
            {"WaterMarkType": 2, "WaterMarkTimestamp": {"Pos": 6, "TimeZone": -3}},
        ],
    }


@pytest.mark.parametrize(
    ("template", "publish", "recording"),
    [
        (Template("grid"), {"MixLayoutMode": 3}, {"MixLayoutMode": 3, "PureAudioDisableLayout": True}),
        (
            Template("floating", BOB_SCREEN, hold_audio_only=True, render_mode=RenderMode.SCALE),
            {
                "MixLayoutMode": 1,
                "RenderMode": 1,
                "MaxVideoUser": {
                    "UserMediaStream": {
                        "UserInfo": {"UserId": "bob", "RoomId": "7", "RoomIdType": 1},
                        "StreamType": 1,
                    }
                },
                "PureAudioHoldPlaceMode": 1,
            },
            {"MixLayoutMode": 1, "RenderMode": 2, "MaxResolutionUserId": "bob", "MediaId": 1},
        ),
    ],
)
def test_a_template_is_asked_for_by_name(
    template: Template, publish: dict[str, object], recording: dict[str, object]
) -> None:
    layout = replace(TWO, template=template)
    assert to_layout_params(layout, dynamic=True) == publish
    assert to_layout_params(layout, service="recording", dynamic=True) == recording


def test_what_cannot_be_asked_for_by_name_is_an_error() -> None:
    right = replace(TWO, template=Template("screen-share", stage_side="right", hold_audio_only=True))
    assert to_layout_params(right, service="recording", dynamic=True) == {
        "MixLayoutMode": 2,
        "MaxResolutionUserAlign": 1,
    }
    with pytest.raises(LayoutError, match="stage on the right"):
        to_layout_params(right, dynamic=True)
    with pytest.raises(LayoutError, match="not a template's"):
        to_layout_params(TWO, dynamic=True)
    smart = replace(TWO, template=Template("grid", render_mode=RenderMode.SMART_CROP))
    with pytest.raises(LayoutError, match="publish has no RenderMode for smart-crop"):
        to_layout_params(smart, dynamic=True)


def test_alpha_is_opacity_inverted_without_loss() -> None:
    assert [alpha(opacity(a)) for a in range(256)] == list(range(256))
    assert (opacity(0), opacity(255)) == (1, 0)


def test_no_two_modes_share_a_number() -> None:
    for dialect in DIALECTS.values():
        for numbers in (dialect.render_modes, dialect.background_modes, dialect.room_id_types):
            assert len(set(numbers.values())) == len(numbers)

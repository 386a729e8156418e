"""What a dialect cannot say: every loss has its path, in conversions and in payloads alike."""

from dataclasses import replace

import pytest

from layoutkit import Layout, Participant, Rect, Size
from layoutkit.geometry.layout import Window
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
from layoutkit.geometry.seating import Room
from layoutkit.wire import to_layout, to_layout_params
from layoutkit.wire.losses import Paths, losses

PICTURE = ImageRef("https://a/1.png")
PUBLISH, RECORDING = Paths("publish", "$", "$", "$"), Paths("recording", "$", "$", "$")
PLAIN = Window(Rect(0, 0, 8, 8), Participant("a"))


def one(**said: object) -> Layout:
    return Layout(Size(16, 16), (replace(PLAIN, **said),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("layout", "to", "expected"),
    [
        (one(), "publish", []),
        (one(), "recording", []),
        (one(opacity=0.5), "publish", ["$[0]"]),
        (one(opacity=0.5), "recording", []),
        (one(render_mode=RenderMode.SMART_CROP), "publish", ["$[0].RenderMode"]),
        (one(render_mode=RenderMode.LETTERBOX), "recording", ["$[0].RenderMode"]),
        (one(crop=Rect(1, 1, 2, 2)), "recording", ["$[0].CustomCrop"]),
        (one(mask=PICTURE), "publish", []),
        (one(mask=PICTURE), "recording", ["$[0].TransparentUrl"]),
        (one(background=Color(1, 2, 3)), "recording", ["$[0].BackGroundColor"]),
        (one(placeholder=Placeholder(PICTURE, RenderMode.CROP)), "recording", []),
        (one(placeholder=Placeholder(PICTURE)), "recording", ["$[0].BackgroundRenderMode"]),
        (one(placeholder=Placeholder(PICTURE)), "publish", []),
        (
            one(placeholder=Placeholder(PICTURE, RenderMode.SMART_CROP)),
            "publish",
            ["$[0].BackgroundRenderMode"],
        ),
        (
            one(placeholder=Placeholder(PICTURE, RenderMode.CROP, size=Size(2, 2))),
            "recording",
            ["$[0].BackgroundCustomRender"],
        ),
        (one(participant=Participant("a", "7")), "publish", []),
        (one(participant=Participant("a", "7")), "recording", ["$[0].UserMediaStream.UserInfo.RoomId"]),
        (one(participant=Participant("a", "100")), "recording", []),
        (
            one(participant=Participant("a", "100", room_id_type="string")),
            "recording",
            ["$[0].UserMediaStream.UserInfo.RoomId"],
        ),
        (Layout(Size(16, 16), (PLAIN,) * 17), "publish", ["$[16]"]),
        (Layout(Size(16, 16), (PLAIN,) * 17), "recording", []),
    ],
)
def test_each_loss_of_a_window(layout: Layout, to: str, expected: list[str]) -> None:
    room = Room("100", "integer")
    assert [loss.path for loss in losses(layout, to, PUBLISH, room=room)] == expected  # type: ignore[arg-type]


def test_each_loss_of_a_scene() -> None:
    layout = Layout(
        Size(16, 16),
        (replace(PLAIN, z_order=2),),
        background=Background(Color(1, 2, 3), PICTURE, RenderMode.LETTERBOX),
        watermarks=(
            ImageWatermark(PICTURE, Rect(0, 0, 2, 2), 1),
            ImageWatermark(PICTURE, Rect(0, 0, 2, 2), 5),
            TextWatermark("x", Rect(0, 0, 2, 2), z_order=4),
            TextWatermark("x", Rect(0, 0, 2, 2)),
            TimestampWatermark(TimestampPosition.CENTER),
        ),
    )
    assert [loss.path for loss in losses(layout, "recording", PUBLISH)] == [
        "$.BackgroundRenderMode",
        "$.WaterMarkList[0].WaterMarkImage.ZOrder",
        "$.WaterMarkList[2].WaterMarkText.ZOrder",
    ]
    assert [loss.path for loss in losses(layout, "publish", RECORDING)] == ["$.WaterMarkList[4]"]
    # There are no layers in a recording, so that its list is in their order.
    marks = to_layout_params(layout, service="recording")["WaterMarkList"]
    assert [next(iter(mark)) for mark in marks] == ["WaterMarkType"] * 5  # type: ignore[attr-defined]
    assert [mark["WaterMarkType"] for mark in marks] == [0, 1, 0, 1, 2]  # type: ignore[attr-defined]


def test_layers_below_zero_keep_their_order_in_a_recording() -> None:
    layout = Layout(Size(16, 16), tuple(replace(PLAIN, z_order=layer) for layer in (-3, 5, 0)))
    listed = to_layout_params(layout, service="recording")["MixLayoutList"]
    assert [entry["ImageLayer"] for entry in listed] == [0, 8, 3]  # type: ignore[attr-defined]


def test_a_templates_placeholder_is_said_where_it_can_be() -> None:
    params = {"MixLayoutMode": 3, "PlaceHolderMode": 1, "DefaultSubBackgroundImage": "https://a/d.png"}
    layout = to_layout(params, participants=["a"])
    assert to_layout_params(layout, service="recording", dynamic=True) == params
    (loss,) = losses(layout, "publish", PUBLISH, dynamic=True)
    assert str(loss) == "$: a published template has no placeholders"

"""One dialect into the other: there and back, and the list of what is lost."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutkit.cli import main
from layoutkit.errors import SourceError
from layoutkit.geometry.layout import Service
from layoutkit.wire import to_layout, to_layout_params
from layoutkit.wire.convert import convert
from tests.wire.test_layout import CANVAS, layouts


@pytest.mark.parametrize("source", ["publish", "recording"])
@given(data=st.data())
def test_there_and_back_is_the_identity_where_nothing_was_lost(source: Service, data: st.DataObject) -> None:
    layout = data.draw(layouts(source))
    params = to_layout_params(layout, service=source)
    other: Service = "recording" if source == "publish" else "publish"
    there = convert(params, to=other)
    back = convert(there.document, to=source)
    if not there.losses:
        assert back.losses == ()
        assert back.document == params
    assert [w.rect for w in to_layout(back.document, canvas=CANVAS).windows] == [
        w.rect for w in layout.windows
    ]


def test_a_template_stays_that_template() -> None:
    publish = {
        "MixLayoutMode": 2,
        "MaxVideoUser": {"UserMediaStream": {"UserInfo": {"UserId": "a"}, "StreamType": 1}},
    }
    recording = {
        "MixLayoutMode": 2,
        "MaxResolutionUserId": "a",
        "MediaId": 1,
        "PureAudioDisableLayout": True,
    }
    assert convert(publish, to="recording").document == recording
    assert convert(recording, to="publish").document == publish


def test_what_is_lost_is_named_by_its_path() -> None:
    window = {
        "UserMediaStream": {"UserInfo": {"UserId": "a", "RoomId": "9"}},
        "ImageWidth": 10,
        "ImageHeight": 10,
        "RenderMode": 2,
        "CustomCrop": {"LocationX": 1, "LocationY": 1, "Width": 5, "Height": 5},
    }
    result = convert(
        {"VideoParams": {"LayoutParams": {"MixLayoutMode": 4, "MixLayoutList": [window]}}}, to="recording"
    )
    path = "$.VideoParams.LayoutParams.MixLayoutList[0]"
    assert [loss.path for loss in result.losses] == [
        f"{path}.CustomCrop",
        f"{path}.RenderMode",
        f"{path}.UserMediaStream.UserInfo.RoomId",
    ]
    place = {"Top": 0, "Left": 0, "Width": 9, "Height": 9}
    params = {
        "MixLayoutMode": 4,
        "MixLayoutList": [{**place, "Alpha": 9, "RenderMode": 3}, *[place] * 16],
        "WaterMarkList": [{"WaterMarkType": 2, "WaterMarkTimestamp": {"Pos": 1}}],
    }
    assert [loss.path for loss in convert(params, to="publish").losses] == [
        "$.MixLayoutList[0].Alpha",
        "$.MixLayoutList[0].RenderMode",
        "$.MixLayoutList[16]",
        "$.WaterMarkList[0]",
    ]


def test_a_whole_body_keeps_its_room_and_its_encoding(service_samples: Path) -> None:
    body = json.loads((service_samples / "StartPublishCdnStream-1.json").read_text())
    there = convert(body, to="recording")
    # Who fetches the streams, their sound and where they go is not part of a layout.
    assert [loss.path for loss in there.losses] == [
        "$.AgentParams",
        "$.AudioParams",
        "$.PublishCdnParams",
        "$.WithTranscoding",
    ]
    assert there.document["RoomIdType"] == 1  # type: ignore[index]
    assert there.document["MixTranscodeParams"]["VideoParams"]["BitRate"] == 1_536_000  # type: ignore[index]
    back = convert(there.document, to="publish").document
    assert back["VideoParams"]["VideoEncode"] == body["VideoParams"]["VideoEncode"]  # type: ignore[index]
    assert back["VideoParams"]["BackGroundColor"] == "0xFF0000"  # type: ignore[index]
    assert back["RoomIdType"] == 0  # type: ignore[index]


def test_losses_of_a_wrapped_body_are_named_where_they_stand() -> None:
    video = {"VideoParams": {"LayoutParams": {"MixLayoutMode": 3, "EnableStreamSEI": 1}}}
    wrapped = {"Action": "StartPublishCdnStream", "Payload": video}
    (loss,) = convert(wrapped, to="recording").losses
    assert loss.path == "$.Payload.VideoParams.LayoutParams.EnableStreamSEI"


def test_a_templates_placeholder_is_lost_when_publishing() -> None:
    params = {"MixLayoutMode": 3, "PlaceHolderMode": 1, "DefaultSubBackgroundImage": "https://a/d.png"}
    (loss,) = convert(params, to="publish").losses
    assert str(loss) == "$.DefaultSubBackgroundImage: a published template has no placeholders"


def test_a_list_with_placeholders_becomes_parameters_that_show_them() -> None:
    window = {"ImageWidth": 9, "BackgroundImageUrl": "https://a/d.png", "BackgroundRenderMode": 0}
    document = convert([window], to="recording").document
    assert document["PlaceHolderMode"] == 1  # type: ignore[index]


def test_losses_are_listed_and_strict_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "list.json"
    file.write_text('[{"Top": 0, "Left": 0, "Width": 8, "Height": 8, "Alpha": 5}]')
    assert main(["convert", str(file), "--to", "publish"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)[0]["ImageWidth"] == 8
    assert "lost: $[0].Alpha: a published window is always opaque" in err
    assert main(["convert", str(file), "--to", "publish", "--strict"]) == 1
    assert capsys.readouterr().out == ""
    assert main(["convert", str(tmp_path / "none.json"), "--to", "publish"]) == 2


def test_every_field_that_is_left_out_is_named() -> None:
    text = {
        "Text": "hi",
        "WaterMarkWidth": 90,
        "WaterMarkHeight": 20,
        "LocationX": 0,
        "LocationY": 0,
        "FontSize": 14,
        "Font": "Tencent",
        "DynamicPosType": 1,
    }
    video = {
        "LayoutParams": {"MixLayoutMode": 3, "EnableStreamSEI": 1, "Mystery": 1},
        "WaterMarkList": [{"WaterMarkType": 1, "WaterMarkText": text}],
    }
    assert [loss.path for loss in convert({"VideoParams": video}, to="recording").losses] == [
        "$.VideoParams.LayoutParams.EnableStreamSEI",
        "$.VideoParams.LayoutParams.Mystery",
        "$.VideoParams.WaterMarkList[0].WaterMarkText.Font",
        "$.VideoParams.WaterMarkList[0].WaterMarkText.DynamicPosType",
    ]


def test_what_is_not_valid_is_not_converted_even_into_its_own_dialect() -> None:
    with pytest.raises(SourceError, match=r"\[0\]\.ImageWidth: ImageWidth -1 is below 0"):
        convert([{"ImageWidth": -1}], to="publish")


def test_many_losses_are_listed_briefly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "params.json"
    file.write_text(
        json.dumps({"MixLayoutMode": 3, "EnableStreamSEI": 1} | {f"k{n}": n for n in range(2000)})
    )
    assert main(["convert", str(file), "--to", "recording"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1001
    assert lines[-1] == "layoutkit: lost: 1001 things more"

"""The JSON Schema by an independent implementation, and valid bodies made at random."""

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutkit.wire.check import check
from layoutkit.wire.model import from_wire, to_wire
from layoutkit.wire.schema import MODELS, schema
from tests.wire.test_rules import at, create, start

BROKEN = [
    ("StartPublishCdnStream", "SdkAppId", ...),
    ("StartPublishCdnStream", "Surprise", 1),
    ("StartPublishCdnStream", "RoomIdType", True),
    ("StartPublishCdnStream", "VideoParams", None),
    ("StartPublishCdnStream", "VideoParams.VideoEncode.Gop", 6),
    ("StartPublishCdnStream", "VideoParams.LayoutParams.MixLayoutList.0.LocationX", "0"),
    ("StartPublishCdnStream", "VideoParams.BackGroundColor", "red"),
    ("CreateCloudRecording", "MixLayoutParams.MixLayoutMode", 5),
    ("CreateCloudRecording", "MixLayoutParams.MixLayoutList.0.Top", -1),
    ("CreateCloudRecording", "RecordParams.SubscribeStreamUserIds.SubscribeVideoUserIds", ["u"] * 33),
    ("CreateCloudRecording", "Region", "ap-hongkong"),
]


def validator(action: str) -> Any:
    return jsonschema.Draft202012Validator(schema(action))


@pytest.mark.parametrize("action", MODELS)
def test_each_schema_is_one_and_tells_unit_and_source(action: str) -> None:
    made = schema(action)
    assert made["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(made)
    for kind in [made, *made["$defs"].values()]:
        for name, field in kind["properties"].items():
            assert f".{name}, " in field["description"]
            assert field.get("default", 0) is not None


def test_the_schema_takes_the_apis_own_samples(service_samples: Path) -> None:
    for path in service_samples.glob("*-[0-9].json"):
        validator(path.name.split("-")[0]).validate(json.loads(path.read_text()))


@pytest.mark.parametrize(("action", "path", "value"), BROKEN, ids=[case[1] for case in BROKEN])
def test_the_schema_refuses_what_the_check_refuses(action: str, path: str, value: object) -> None:
    body = start() if action == "StartPublishCdnStream" else create()
    assert validator(action).is_valid(body)
    at(path, value)(body)
    assert not validator(action).is_valid(body)
    assert any(one.severity == "error" for one in check(body, action))


colors = st.integers(0, 0xFFFFFF)
names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).map("user-".__add__)


@st.composite
def publish_bodies(draw: st.DrawFn) -> dict[str, Any]:
    body = copy.deepcopy(start())
    width, height = draw(st.integers(2, 1920)), draw(st.integers(2, 1080))
    body["VideoParams"]["VideoEncode"] |= {"Width": width, "Height": height}
    windows = []
    for user in draw(st.lists(names, min_size=1, max_size=16, unique=True)):
        x, y = draw(st.integers(0, width)), draw(st.integers(0, height))
        window = {"LocationX": x, "LocationY": y}
        window |= {
            "ImageWidth": draw(st.integers(0, width - x)),
            "ImageHeight": draw(st.integers(0, height - y)),
        }
        if draw(st.booleans()):
            window["UserMediaStream"] = {"UserInfo": {"UserId": user}, "StreamType": draw(st.integers(0, 1))}
        windows.append(draw(st.permutations(list(window.items())).map(dict)))
    mode = draw(st.integers(1, 4))
    body["VideoParams"]["LayoutParams"] = {"MixLayoutMode": mode, "MixLayoutList": windows}
    body["VideoParams"]["BackGroundColor"] = f"0x{draw(colors):06x}"
    del body["VideoParams"]["WaterMarkList"]
    return dict(draw(st.permutations(list(body.items()))))


@st.composite
def recording_bodies(draw: st.DrawFn) -> dict[str, Any]:
    body = copy.deepcopy(create())
    windows = []
    for user in draw(st.lists(names, min_size=1, max_size=25, unique=True)):
        x, y = draw(st.integers(0, 640)), draw(st.integers(0, 360))
        window = {"Top": y, "Left": x, "Width": draw(st.integers(0, 640 - x))}
        window |= {"Height": draw(st.integers(0, 360 - y)), "Alpha": draw(st.integers(0, 255))}
        windows.append(window | ({"UserId": user} if draw(st.booleans()) else {}))
    body["MixLayoutParams"]["MixLayoutList"] = windows
    body["MixLayoutParams"]["BackGroundColor"] = f"#{draw(colors):06x}"
    return dict(draw(st.permutations(list(body.items()))))


@settings(max_examples=60)
@given(publish_bodies() | recording_bodies())
def test_valid_bodies_have_no_errors_and_come_back_unchanged(body: dict[str, Any]) -> None:
    assert [one for one in check(body) if one.severity == "error"] == []
    action = "CreateCloudRecording" if "RecordParams" in body else "StartPublishCdnStream"
    assert validator(action).is_valid(body)
    assert json.dumps(to_wire(from_wire(MODELS[action], body))) == json.dumps(body)

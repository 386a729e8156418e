"""The JSON Schema by an independent implementation, and valid bodies made at random."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutkit.wire import MODELS, from_wire, to_wire
from layoutkit.wire.check import check
from layoutkit.wire.document import action_of
from layoutkit.wire.schema import schema
from tests.wire.bodies import BODIES
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


@pytest.mark.parametrize("action", BODIES)
@settings(max_examples=40)
@given(data=st.data())
def test_valid_bodies_have_no_errors_and_come_back_unchanged(action: str, data: st.DataObject) -> None:
    body = data.draw(BODIES[action])
    assert [one for one in check(body, canvas=(640, 360)) if one.severity == "error"] == []
    assert action_of(body) == action
    assert validator(action).is_valid(body)
    assert json.dumps(to_wire(from_wire(MODELS[action], body))) == json.dumps(body)


@pytest.mark.parametrize("action", BODIES)
@settings(max_examples=40)
@given(data=st.data())
def test_nothing_is_lost_in_the_sdks_models(action: str, data: st.DataObject) -> None:
    tencent = pytest.importorskip("layoutkit.wire.tencent", reason="the extra `tencent` is not installed")
    body = data.draw(BODIES[action])
    body.pop("Region", None)
    assert tencent.from_sdk(tencent.to_sdk(body, action)) == body

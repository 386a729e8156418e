"""Models take JSON as it is and give it back unchanged."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from layoutkit.wire import (
    MODELS,
    from_wire,
    publish,
    publish_video,
    recording,
    recording_layout,
    storage,
    to_wire,
)
from layoutkit.wire.model import WireModel
from layoutkit.wire.publish_video import McuLayout

REQUESTS = Path(__file__).parents[2].parent / "shared/data/requests"


def samples() -> Iterator[Path]:
    for path in sorted(REQUESTS.glob("*.json")):
        if path.name.split("-")[0] in MODELS:
            yield path


@pytest.mark.skipif(not REQUESTS.is_dir(), reason="the API's samples are not here")
def test_the_apis_own_samples_come_back_as_they_were() -> None:
    paths = list(samples())
    assert len(paths) == 10
    for path in paths:
        data = json.loads(path.read_text())
        model = from_wire(MODELS[path.name.split("-")[0]], data)
        assert json.dumps(to_wire(model)) == json.dumps(data), path.name


def test_field_order_and_absent_fields_survive() -> None:
    text = (
        '{"RenderMode": 0, "UserMediaStream": {"StreamType": 0, '
        '"UserInfo": {"RoomId": "5", "UserId": "a"}}, "LocationX": 3}'
    )
    window = from_wire(McuLayout, json.loads(text))
    assert json.dumps(to_wire(window)) == text
    assert window.ImageWidth == 0
    assert "ImageWidth" not in window.model_fields_set


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ImageWidth", "720"),
        ("ImageWidth", 720.0),
        ("ImageWidth", True),
        ("ImageWidth", None),
        ("RenderMode", True),
        ("RenderMode", 1.0),
        ("RenderMode", "1"),
        ("UserMediaStream", None),
        ("UserMediaStream", []),
        ("BackGroundColor", 0xFFFFFF),
    ],
)
def test_nothing_is_coerced(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        McuLayout.model_validate({field: value})
    assert [error["loc"] for error in caught.value.errors()] == [(field,)]


def test_a_field_the_api_does_not_know_is_kept_apart() -> None:
    window = from_wire(McuLayout, {"ImageWidht": 3})
    assert window.model_extra == {"ImageWidht": 3}


def all_types() -> set[type[WireModel]]:
    modules = (publish, publish_video, recording, recording_layout, storage)
    homes = {module.__name__ for module in modules}
    return {kind for kind in WireModel.__subclasses__() if kind.__module__ in homes}


def test_every_field_is_described() -> None:
    assert len(all_types()) > 40
    for kind in all_types():
        assert kind.__doc__
        for name, field in kind.model_fields.items():
            assert field.description, f"{kind.__name__}.{name}"

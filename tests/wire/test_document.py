"""What a document is told to be, by its fields alone."""

import pytest

from layoutkit.errors import SourceError
from layoutkit.wire.document import action_of, service_of, unwrap
from tests.wire.test_rules import create, start, update

MODIFY = {"SdkAppId": 1, "TaskId": "t", "MixLayoutParams": {"MixLayoutMode": 3}}


@pytest.mark.parametrize(
    ("body", "action"),
    [
        (start(), "StartPublishCdnStream"),
        (start() | {"TaskId": "stray"}, "StartPublishCdnStream"),
        (start() | {"RecordParams": {"UniRecord": 2}}, "StartPublishCdnStream"),
        (update(1), "UpdatePublishCdnStream"),
        ({"TaskId": "t", "VideoParams": {}}, "UpdatePublishCdnStream"),
        (create(), "CreateCloudRecording"),
        ({"RecordParams": {}}, "CreateCloudRecording"),
        ({"MixLayoutParams": {}}, "CreateCloudRecording"),
        (MODIFY, "ModifyCloudRecording"),
        ({"SdkAppId": 1, "TaskId": "t"}, None),
        ({"Action": "x", "Region": "y"}, None),
        ({"x": 1}, None),
    ],
)
def test_an_action_is_told_by_its_fields(body: dict[str, object], action: str | None) -> None:
    assert action_of(body) == action


@pytest.mark.parametrize(
    ("document", "service"),
    [
        (start(), "publish"),
        (MODIFY, "recording"),
        ({"VideoEncode": {}}, "publish"),
        ({"MixLayoutMode": 3}, None),
        ({"MixLayoutMode": 3, "EnableStreamSEI": 0}, "publish"),
        ({"MixLayoutMode": 3, "PureAudioDisableLayout": True}, "recording"),
        ({"MixLayoutMode": 4, "MixLayoutList": [{}, {"RenderMode": 1}, {"Alpha": 3}]}, "recording"),
        ([{"RenderMode": 1}, {"LocationX": 3}], "publish"),
        ([{"RenderMode": 1}], None),
        ([3], None),
        ("x", None),
    ],
)
def test_a_dialect_is_told_by_its_fields(document: object, service: str | None) -> None:
    assert service_of(document) == service


def test_a_body_is_found_in_what_an_explorer_exports() -> None:
    video = {"VideoParams": {"LayoutParams": {"MixLayoutMode": 3}}}
    common = {"Action": "StartPublishCdnStream", "Region": "ap-singapore"}
    assert unwrap({**common, "Payload": video}) == (video, ("Payload",), "StartPublishCdnStream")
    # A body of one field is not its own wrapper.
    assert unwrap({**common, **video})[:2] == ({**common, **video}, ())
    with pytest.raises(SourceError, match=r"x\.json: action StopPublishCdnStream is not one of"):
        unwrap({"Action": "StopPublishCdnStream", "TaskId": "t"}, file="x.json")

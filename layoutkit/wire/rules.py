"""What `check` looks for: the table of rules, and the value that says where one is broken."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

Severity = Literal["error", "warning", "note"]
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """A place of a body where a rule is broken.

    Attributes:
        path: as in `$.VideoParams.WaterMarkList[0]`; a missing field's is the one it would have.
        severity: an error is refused or harmful, a warning looks wrong, a note has no effect.
        code: the API's error code; empty where the service would say nothing.
        rule: id of the rule in `RULES`.
        message: what is wrong, with limit and value.
        source: who says so.
        file: the file the body came from, if any.
    """

    path: str
    severity: Severity
    code: str
    rule: str
    message: str
    source: str
    file: str | None = None


class Rule(NamedTuple):
    """A rule; its id is its key in `RULES`."""

    severity: Severity
    code: str
    source: str
    summary: str


class Finding(NamedTuple):
    """A broken rule before its place in the document is known."""

    path: Path
    rule: str
    message: str


_RANGE = "InvalidParameter.OutOfRange"
_VALUE = "InvalidParameterValue"
_OWN = "layoutkit"
_SDK = "tencentcloud-sdk-python-trtc 3.1.177"

RULES: Final[Mapping[str, Rule]] = {
    "request-size": Rule("error", "RequestSizeLimitExceeded", "API common", "a request is at most 10 MB"),
    "duplicate-key": Rule("error", "InvalidParameter.BodyParamsError", "RFC 8259", "a key is there once"),
    "action-unknown": Rule("error", "InvalidAction", "API", "a body belongs to one of the four actions"),
    "missing-field": Rule("error", "MissingParameter", "the field's data type", "required fields are there"),
    "unknown-field": Rule(
        "error", "UnknownParameter", "the field's data type", "only known fields are there"
    ),
    "wrong-type": Rule("error", "InvalidParameter", "the field's data type", "JSON types are the API's"),
    "out-of-range": Rule("error", _RANGE, "the field's data type", "numbers are in their range"),
    "not-a-choice": Rule("error", _VALUE, "the field's data type", "a value is one of those listed"),
    "text-form": Rule("error", _VALUE, "the field's data type", "texts have their form and length"),
    "color-form": Rule("error", _VALUE, "the field's data type", "colours: 0xRRGGBB or #RRGGBB"),
    "app-data-length": Rule("error", _RANGE, "McuLayoutVolume.AppData", "AppData is under 4,096 characters"),
    "region": Rule("error", "UnsupportedRegion", "the action", "the action is offered in the region"),
    "region-of-app": Rule(
        "warning",
        "UnsupportedRegion",
        "StartPublishCdnStream, precaution 7",
        "the region is one for the application's id",
    ),
    "empty-text": Rule("error", _VALUE, "the field's data type", "required texts are not empty"),
    "too-many": Rule("error", _RANGE, "the field's data type", "lists are within their length"),
    "no-target": Rule(
        "error", "MissingParameter", "StartPublishCdnStream.PublishCdnParams", "a CDN or a room to send to"
    ),
    "transcoding-single": Rule(
        "error",
        "InvalidParameter",
        "StartPublishCdnStream.SingleSubscribeParams",
        "WithTranscoding is 0 with SingleSubscribeParams and only then",
    ),
    "audio-missing": Rule(
        "warning", "MissingParameter", "StartPublishCdnStream.AudioParams", "a start has AudioParams"
    ),
    "audio-codec": Rule(
        "error", "InvalidParameter.EncodeParams", "AudioEncode.Codec", "codec, channels and rate fit together"
    ),
    "video-area": Rule("error", _RANGE, "VideoParams.Width", "a recording has at most 1920 x 1080 pixels"),
    "newer-field": Rule("note", "", _SDK, "fields that only newer revisions know"),
    "newer-value": Rule("warning", "", _SDK, "values that only newer revisions accept"),
    "custom-render-missing": Rule(
        "error", "MissingParameter", _SDK, "BackgroundRenderMode 4 says size and corners"
    ),
    "custom-render-size": Rule(
        "error", _RANGE, _SDK, "a placeholder of its own size stays in the window, its corners in it"
    ),
    "record-undefined": Rule("warning", "", _SDK, "a published mix's recording says how it is recorded"),
    "record-formats": Rule("error", _VALUE, _SDK, "a recording is not both MP4 and AAC"),
    "storage-twice": Rule("error", _VALUE, _SDK, "a published mix is stored in one place"),
    "ignored-field": Rule("note", "", "API", "fields that have no effect where they stand"),
    "layout-list-missing": Rule(
        "error", "MissingParameter", "MixLayoutMode", "a custom layout lists its windows"
    ),
    "stage-missing": Rule(
        "warning", "", "StartPublishCdnStream", "publish screen sharing names the large window's user"
    ),
    "window-outside": Rule("error", _RANGE, "McuLayout, MixLayout", "windows stay on the canvas"),
    "watermark-outside": Rule("error", _RANGE, "WaterMarkImage", "watermarks stay on the canvas"),
    "watermark-object": Rule(
        "error", "MissingParameter", "WaterMark.WaterMarkType", "a watermark has its type's object"
    ),
    "image-suffix": Rule("error", _VALUE, "the field's data type", "images have an allowed suffix"),
    "image-suffix-missing": Rule("warning", "", _SDK, "a recording's image URL ends in its suffix"),
    "url-chinese": Rule(
        "error", _VALUE, "MixLayoutParams.BackgroundImageUrl", "no Chinese characters in image URLs"
    ),
    "url-characters": Rule("warning", "", _SDK, "image URLs use the allowed characters"),
    "crop-sum": Rule("error", _RANGE, "McuCustomCrop", "offset and size of a crop are at most 10000"),
    "sei-type": Rule("error", _RANGE, "McuPassThrough.PayloadType", "SEI types are 5 or 100-254, not 244"),
    "sei-uuid": Rule("error", _VALUE, "McuPassThrough.PayloadUuid", "SEI type 5 has 32 hex digits of UUID"),
    "sei-twice": Rule("warning", "", _OWN, "the two SEI have different types"),
    "robot-in-use": Rule("error", "InvalidParameter.UserId", "AgentParams.UserId", "a robot has its own id"),
    "room-id-form": Rule(
        "error", "InvalidParameter.RoomId", "RoomIdType", "an integer room id is an integer"
    ),
    "second-room": Rule(
        "error", "InvalidParameter.RoomId", "MixUserInfo.RoomId", "dynamic layouts mix one room"
    ),
    "allow-and-block": Rule(
        "error", "InvalidParameter.UserIds", "SubscribeStreamUserIds", "not both an allow and a block list"
    ),
    "video-25": Rule("note", "", "SubscribeStreamUserIds", "the 25th video: the API says both 24 and 25"),
    "storage-target": Rule(
        "error", "MissingParameter.CloudStorage", "StorageParams", "a recording is stored somewhere"
    ),
    "vod-aac": Rule("error", _VALUE, "TencentVod.MediaType", "AAC in VOD needs a sound-only recording"),
    "task-order": Rule("error", "InvalidParameter.TaskId", "API", "an update follows its own task's start"),
    "sequence-number": Rule(
        "error", "InvalidParameter", "UpdatePublishCdnStream.SequenceNumber", "SequenceNumber grows"
    ),
    "encoding-changed": Rule(
        "error", "InvalidParameter.EncodeParams", "StartPublishCdnStream, precaution 4", "encoding stays"
    ),
    "media-changed": Rule(
        "error",
        "InvalidParameter",
        "StartPublishCdnStream, precaution 3",
        "sound and picture stay as started",
    ),
    "zero-size": Rule("warning", "", _OWN, "windows have pixels"),
    "odd-geometry": Rule("warning", "", _OWN, "offsets and sizes are even, for 4:2:0 video"),
    "user-twice": Rule("warning", "", _OWN, "a user's stream has one window"),
    "place-unreachable": Rule("warning", "", _OWN, "somebody can take each place"),
    "window-hidden": Rule("warning", "", _OWN, "windows are not hidden by those above"),
    "same-layer-overlap": Rule("warning", "", _OWN, "windows of one layer do not overlap"),
    "watermark-over-center": Rule("warning", "", _OWN, "watermarks leave the middle of windows free"),
    "uncovered": Rule("warning", "", _OWN, "windows cover the canvas"),
}
"""Every rule, by its stable id."""

_MISSING: Final = frozenset(
    ("AccessKey", "Bucket", "CloudStorage", "RecordMode", "RecordParams", "Region", "RoomId", "SdkAppId")
    + ("SecretKey", "StorageParams", "StreamType", "TaskId", "UserId", "UserSig", "Vendor")
)
_INVALID: Final[Mapping[str, str]] = {
    **{name: name for name in ("RoomId", "SdkAppId", "TaskId", "UserId", "UserSig")},
    "PublishCdnUrl": "StreamUrl",
}


def code_of(rule: str, action: str, field: str) -> str:
    """The API's error code for a rule that a field breaks: the field's own where the API lists one.

    Source: "Service Error Codes"; UpdatePublishCdnStream, "Error Code", which lists the plain ones alone.
    """
    code = RULES[rule].code
    if action == "UpdatePublishCdnStream":
        return code
    if rule == "missing-field" and field in _MISSING:
        return f"{code}.{field}"
    if rule in {"wrong-type", "empty-text"} and field in _INVALID:
        return f"InvalidParameter.{_INVALID[field]}"
    return code


def path_text(path: Path) -> str:
    """`("A", 3, "B")` as `$.A[3].B`; long names are cut."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{brief(step)}" for step in path)


def brief(value: object) -> str:
    """A value for a message, at most 60 characters."""
    if isinstance(value, int) and value.bit_length() > 200:
        return f"an integer of {value.bit_length()} bits"
    text = (
        value
        if isinstance(value, str)
        else repr(value)[:200]
        if not isinstance(value, dict | list)
        else "..."
    )
    text = text[:200].encode("ascii", "backslashreplace").decode() if not text.isprintable() else text[:200]
    return text if len(text) <= 60 else f"{text[:57]}..."

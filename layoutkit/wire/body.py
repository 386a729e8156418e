"""A layout and what only the user knows -> a whole body of one of the four actions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import ValidationError

from layoutkit.errors import SourceError
from layoutkit.geometry.layout import Layout, RoomIdType, Service
from layoutkit.geometry.rect import Size
from layoutkit.wire import publish_scene
from layoutkit.wire.dialect import DIALECTS
from layoutkit.wire.params import to_layout_params
from layoutkit.wire.rules import path_text
from layoutkit.wire.schema import MODELS, SERVICES
from layoutkit.wire.shape import as_finding

Action = Literal[
    "StartPublishCdnStream", "UpdatePublishCdnStream", "CreateCloudRecording", "ModifyCloudRecording"
]

_NEEDS: Final[Mapping[Action, tuple[str, ...]]] = {
    "StartPublishCdnStream": ("sdk_app_id", "room", "agent", "cdn_urls"),
    "UpdatePublishCdnStream": ("sdk_app_id", "task", "sequence"),
    "CreateCloudRecording": ("sdk_app_id", "room", "agent", "user_sig", "vod_expire_s"),
    "ModifyCloudRecording": ("sdk_app_id", "task"),
}
"""The facts an action cannot do without, as the action's required parameters say."""

_AUDIO: Final = {"SampleRate": 48000, "Channel": 2, "BitRate": 64, "Codec": 0}
"""AudioEncode of the API's samples."""

_PUBLISH_VIDEO: Final = {"Fps": 15, "BitRate": 1536, "Gop": 2}
"""VideoEncode of the API's samples, kbps."""

_RECORDING_VIDEO: Final = {"Fps": 15, "BitRate": 550_000, "Gop": 10}
"""VideoParams' defaults, bps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a layout does not say and a body needs; which of them depends on the action.

    Attributes:
        sdk_app_id: the application.
        room, room_type: the room whose streams are mixed.
        agent: user id of the robot that fetches them.
        user_sig: the robot's signature.
        cdn_urls: where a published mix goes.
        task: the running task that is changed.
        sequence: number of the change, higher than the one before.
        vod_expire_s: how long Tencent VOD keeps a recording, seconds; 0 for ever.
    """

    sdk_app_id: int | None = None
    room: str | None = None
    room_type: RoomIdType = "integer"
    agent: str | None = None
    user_sig: str | None = None
    cdn_urls: Sequence[str] = ()
    task: str | None = None
    sequence: int | None = None
    vod_expire_s: int | None = None


def missing_facts(action: Action, facts: Facts) -> tuple[str, ...]:
    """The attributes of `Facts` that the action cannot do without and that are not there."""
    return tuple(name for name in _NEEDS[action] if getattr(facts, name) in (None, "", ()))


def to_body(
    layout: Layout, action: Action, facts: Facts, *, dynamic: bool = False, unnamed: bool = False
) -> dict[str, object]:
    """A whole body that makes the service draw this layout.

    Args:
        layout: what is to be drawn; its canvas becomes the encoded size.
        action: the API's name.
        facts: what else the body needs.
        dynamic, unnamed: as in `to_layout_params`.

    Raises:
        SourceError: facts are missing (all are named), or a value is outside what the API takes.
        LayoutError: the layout cannot be asked for in this way.
    """
    missing = missing_facts(action, facts)
    if missing:
        raise SourceError(f"{action} needs {', '.join(missing)}")
    room = facts.room or "0"
    if facts.room_type == "integer" and not (room.isascii() and room.isdigit()):
        raise SourceError(
            f"room {room!r} is not an integer; a room named by a string has the room type string"
        )
    params = to_layout_params(layout, service=SERVICES[action], dynamic=dynamic, unnamed=unnamed)
    body = _WRITERS[action](layout, params, facts)
    try:
        MODELS[action].model_validate(body)
    except ValidationError as error:
        problem = as_finding(error.errors(include_url=False)[0])
        raise SourceError(f"{action} {path_text(problem.path)}: {problem.message}") from None
    return body


def _start_publish(layout: Layout, params: dict[str, object], facts: Facts) -> dict[str, object]:
    agent = {"UserId": facts.agent} | ({"UserSig": facts.user_sig} if facts.user_sig else {})
    return {
        "SdkAppId": facts.sdk_app_id,
        **_room(facts, "publish"),
        "AgentParams": agent,
        "WithTranscoding": 1,
        "AudioParams": {"AudioEncode": dict(_AUDIO)},
        "VideoParams": {
            "VideoEncode": _size(layout.canvas) | _PUBLISH_VIDEO,
            "LayoutParams": params,
            **publish_scene.scene_to_wire(layout),
        },
        "PublishCdnParams": [{"PublishCdnUrl": url, "IsTencentCdn": 1} for url in facts.cdn_urls],
    }


def _update_publish(layout: Layout, params: dict[str, object], facts: Facts) -> dict[str, object]:
    return {
        "SdkAppId": facts.sdk_app_id,
        "TaskId": facts.task,
        "SequenceNumber": facts.sequence,
        "WithTranscoding": 1,
        "VideoParams": {"LayoutParams": params, **publish_scene.scene_to_wire(layout)},
    }


def _create_recording(layout: Layout, params: dict[str, object], facts: Facts) -> dict[str, object]:
    return {
        "SdkAppId": facts.sdk_app_id,
        **_room(facts, "recording"),
        "UserId": facts.agent,
        "UserSig": facts.user_sig,
        "RecordParams": {"RecordMode": 2, "StreamType": 0},
        "StorageParams": {"CloudVod": {"TencentVod": {"ExpireTime": facts.vod_expire_s}}},
        "MixTranscodeParams": {"VideoParams": _size(layout.canvas) | _RECORDING_VIDEO},
        "MixLayoutParams": params,
    }


def _modify_recording(_: Layout, params: dict[str, object], facts: Facts) -> dict[str, object]:
    return {"SdkAppId": facts.sdk_app_id, "TaskId": facts.task, "MixLayoutParams": params}


_WRITERS: Final = {
    "StartPublishCdnStream": _start_publish,
    "UpdatePublishCdnStream": _update_publish,
    "CreateCloudRecording": _create_recording,
    "ModifyCloudRecording": _modify_recording,
}


def _room(facts: Facts, service: Service) -> dict[str, object]:
    return {"RoomId": facts.room, "RoomIdType": DIALECTS[service].room_id_types[facts.room_type]}


def _size(canvas: Size) -> dict[str, int]:
    return {"Width": canvas.width, "Height": canvas.height}

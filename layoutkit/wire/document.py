"""What a JSON document is: which dialect, and the parts of it that a picture is drawn from."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from layoutkit.errors import SourceError
from layoutkit.geometry.layout import Service
from layoutkit.wire import publish, recording, recording_layout
from layoutkit.wire.model import Maybe, WireModel
from layoutkit.wire.publish_video import IdType, McuVideoParams

_BODY_FIELDS: dict[str, Service] = {
    "VideoParams": "publish",
    "AudioParams": "publish",
    "AgentParams": "publish",
    "WithTranscoding": "publish",
    "PublishCdnParams": "publish",
    "FeedBackRoomParams": "publish",
    "SequenceNumber": "publish",
    "MixLayoutParams": "recording",
    "MixTranscodeParams": "recording",
    "StorageParams": "recording",
    "SubscribeStreamUserIds": "recording",
}
"""Fields that only a whole body of one dialect has. (RecordParams is in both, in newer SDKs.)"""

_PARAMS_FIELDS: dict[str, Service] = {
    "MaxVideoUser": "publish",
    "PureAudioHoldPlaceMode": "publish",
    "EnableStreamSEI": "publish",
    "BackGroundColor": "recording",
    "MaxResolutionUserId": "recording",
    "MediaId": "recording",
    "BackgroundImageUrl": "recording",
    "PlaceHolderMode": "recording",
    "BackgroundImageRenderMode": "recording",
    "DefaultSubBackgroundImage": "recording",
    "WaterMarkList": "recording",
    "MaxResolutionUserAlign": "recording",
    "PureAudioDisableLayout": "recording",
}
"""Fields that only McuLayoutParams or only MixLayoutParams has."""

_WINDOW_FIELDS: dict[str, Service] = {
    **dict.fromkeys(("LocationX", "LocationY", "ImageWidth", "ImageHeight", "ZOrder"), "publish"),
    **dict.fromkeys(("UserMediaStream", "CustomCrop", "BackgroundRenderMode"), "publish"),
    **dict.fromkeys(("Left", "Top", "Width", "Height", "ImageLayer", "Alpha"), "recording"),
    **dict.fromkeys(("UserId", "MediaId", "SubBackgroundImage"), "recording"),
}
"""Fields that only McuLayout or only MixLayout has."""


class PublishPicture(BaseModel):
    """What of a publish body the picture depends on; the rest is for `check` to look at."""

    model_config = WireModel.model_config

    RoomId: Maybe[str] = None
    RoomIdType: Maybe[IdType] = None
    WithTranscoding: Maybe[int] = None
    TaskId: Maybe[str] = None
    AudioParams: Maybe[publish.McuAudioParams] = None
    VideoParams: Maybe[McuVideoParams] = None
    SingleSubscribeParams: Maybe[publish.SingleSubscribeParams] = None


class RecordingPicture(BaseModel):
    """What of a recording body the picture depends on; the rest is for `check` to look at."""

    model_config = WireModel.model_config

    RoomId: Maybe[str] = None
    RoomIdType: IdType = 1
    TaskId: Maybe[str] = None
    RecordParams: Maybe[recording.RecordParams] = None
    MixTranscodeParams: Maybe[recording.MixTranscodeParams] = None
    MixLayoutParams: Maybe[recording_layout.MixLayoutParams] = None
    SubscribeStreamUserIds: Maybe[recording.SubscribeStreamUserIds] = None


def unwrapped(document: object) -> object:
    """The body itself where it is wrapped with Action, Version and Region, as API explorers export it."""
    if not isinstance(document, dict) or "Action" not in document:
        return document
    from layoutkit.wire.check import unwrap

    return unwrap(document)[0]


def service_of(document: object) -> Service | None:
    """Whose dialect a document is in; None where nothing in it tells."""
    if isinstance(document, list):
        return next((s for entry in document if (s := _told(entry, _WINDOW_FIELDS))), None)
    if not isinstance(document, Mapping):
        return None
    if "LayoutParams" in document or "VideoEncode" in document:
        return "publish"
    return (
        _told(document, _BODY_FIELDS)
        or _told(document, _PARAMS_FIELDS)
        or service_of(document.get("MixLayoutList"))
    )


def _told(part: object, fields: Mapping[str, Service]) -> Service | None:
    if not isinstance(part, Mapping):
        return None
    return next((service for name, service in fields.items() if name in part), None)


def read(document: object, service: Service) -> PublishPicture | RecordingPicture:
    """The parts of a body, of its layout parameters, of McuVideoParams or of a bare list.

    Raises:
        SourceError: it is none of these, or its types and ranges do not hold; names the first path.
    """
    if isinstance(document, list):
        return _params({"MixLayoutMode": 4, "MixLayoutList": document}, service, 1)
    if not isinstance(document, Mapping):
        raise SourceError("$: a request body, its layout parameters or a MixLayoutList is expected")
    if "MixLayoutList" in document or "MixLayoutMode" in document:
        return _params(dict(document), service, 0)
    if "LayoutParams" in document or "VideoEncode" in document:
        return _validated(PublishPicture, {"VideoParams": document}, 1)
    if _told(document, _BODY_FIELDS) is None and "RecordParams" not in document:
        known = "VideoParams (publish), MixLayoutParams (recording), MixLayoutMode, MixLayoutList"
        raise SourceError(f"$: no layout in it: none of {known} is there")
    if service == "publish":
        return _validated(PublishPicture, document, 0)
    return _validated(RecordingPicture, document, 0)


def _params(params: dict[str, object], service: Service, around: int) -> PublishPicture | RecordingPicture:
    if "MixLayoutList" in params:
        params.setdefault("MixLayoutMode", 4)
    if service == "publish":
        return _validated(PublishPicture, {"VideoParams": {"LayoutParams": params}}, 2 + around)
    return _validated(RecordingPicture, {"MixLayoutParams": params}, 1 + around)


_Model = TypeVar("_Model", PublishPicture, RecordingPicture)


def _validated(model: type[_Model], data: object, skip: int) -> _Model:
    """A model of `data`; `skip` steps of an error's path were put around the document."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        steps = problems[0]["loc"][skip:]
        path = "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
        more = f" (and {len(problems) - 1} more; `layoutkit validate` lists all)" if problems[1:] else ""
        raise SourceError(f"{path}: {problems[0]['msg']}{more}") from None

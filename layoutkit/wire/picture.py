"""The parts of a body, or of what stands for one, that a picture is drawn from."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from layoutkit.errors import SourceError
from layoutkit.geometry.layout import Service
from layoutkit.wire import publish, recording, recording_layout
from layoutkit.wire.document import action_of, is_params, is_video
from layoutkit.wire.model import Maybe, WireModel
from layoutkit.wire.publish_video import IdType, McuVideoParams
from layoutkit.wire.rules import path_text
from layoutkit.wire.shape import as_finding


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


def read(document: object, service: Service) -> PublishPicture | RecordingPicture:
    """The parts of a body, of its layout parameters, of McuVideoParams or of a bare list.

    Raises:
        SourceError: it is none of these, or its types and ranges do not hold; names the first path.
    """
    if isinstance(document, list):
        return _params({"MixLayoutMode": 4, "MixLayoutList": document}, service, 1)
    if not isinstance(document, Mapping):
        raise SourceError("$: a request body, its layout parameters or a MixLayoutList is expected")
    if is_params(document):
        return _params(dict(document), service, 0)
    if is_video(document):
        return _validated(PublishPicture, {"VideoParams": document}, 1)
    if action_of(document) is None:
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
        problems = [as_finding(detail) for detail in error.errors(include_url=False)]
        path = path_text(problems[0].path[skip:])
        more = f" (and {len(problems) - 1} more; `layoutkit validate` lists all)" if problems[1:] else ""
        raise SourceError(f"{path}: {problems[0].message}{more}") from None

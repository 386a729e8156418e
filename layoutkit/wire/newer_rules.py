"""What newer SDKs say of fields that the 2025-03 documentation lacks, beyond single fields.

Source: package tencentcloud-sdk-python-trtc 3.1.177, McuLayout, McuBackgroundCustomRender,
McuUserInfoParams and McuRecordParams. All of it is of publishing.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from layoutkit.wire.dialect import CUSTOM_RENDER
from layoutkit.wire.plain import part, rows, texts
from layoutkit.wire.rules import Finding, Path, brief
from layoutkit.wire.windows import number

Body = Mapping[str, Any]

_ONLY_BY_REQUEST: Final = (
    "RecordWaitTime",
    "RecordFormat",
    "MaxMediaFileDuration",
    "StreamType",
    "UserDefineRecordPrefix",
    "McuStorageParams",
)
"""Fields of McuRecordParams that mean nothing unless UniRecord is 3."""


def window_problems(window: Body, path: Path) -> Iterator[Finding]:
    """The newer fields of one McuLayout, against each other and against the documented ones."""
    if "BackGroundColor" in window and not window.get("BackGroundColorMode"):
        yield Finding((*path, "BackGroundColor"), "ignored-field", "a window's colour is not supported yet")
    if window.get("BackGroundColorMode") and "BackGroundColor" not in window:
        message = "BackGroundColorMode has no effect without BackGroundColor"
        yield Finding((*path, "BackGroundColorMode"), "ignored-field", message)
    if "TransparentUrl" in window and window.get("RenderMode", 0) != 0:
        message = "TransparentUrl has no effect unless RenderMode is 0"
        yield Finding((*path, "TransparentUrl"), "ignored-field", message)
    here: Path = (*path, "BackgroundCustomRender")
    if window.get("BackgroundRenderMode") == CUSTOM_RENDER:
        message = "BackgroundRenderMode 4 is not in the 2025-03 documentation; newer revisions take it"
        yield Finding((*path, "BackgroundRenderMode"), "newer-value", message)
        if "BackgroundCustomRender" not in window:
            message = "BackgroundRenderMode 4 needs BackgroundCustomRender"
            yield Finding(here, "custom-render-missing", message)
    elif "BackgroundCustomRender" in window:
        message = "BackgroundCustomRender has no effect unless BackgroundRenderMode is 4"
        yield Finding(here, "ignored-field", message)
    yield from _custom_render(part(window, "BackgroundCustomRender"), window, here)


def _custom_render(custom: Body, window: Body, path: Path) -> Iterator[Finding]:
    for name, limit in (("Width", "ImageWidth"), ("Height", "ImageHeight")):
        size, whole = number(custom, name), number(window, limit)
        if size is not None and whole is not None and size > whole:
            message = f"{name} {brief(size)} is above the window's {limit} {brief(whole)}"
            yield Finding((*path, name), "custom-render-size", message)
    sides = (number(custom, "Width"), number(custom, "Height"), number(custom, "Radius"))
    width, height, radius = sides
    if width is not None and height is not None and radius is not None and 2 * radius > min(width, height):
        message = f"Radius {brief(radius)} is above half of the shorter side, {brief(min(width, height))}"
        yield Finding((*path, "Radius"), "custom-render-size", message)


def audio_problems(audio: Body, path: Path) -> Iterator[Finding]:
    """McuUserInfoParams.SoundLevel where it stands in McuAudioParams."""
    for index, entry in rows(audio, "UnSubscribeAudioList"):
        if "SoundLevel" in entry:
            message = "SoundLevel has no effect outside SubscribeAudioList"
            yield Finding((*path, "UnSubscribeAudioList", index, "SoundLevel"), "ignored-field", message)


def record_problems(record: Body, path: Path) -> Iterator[Finding]:
    """McuRecordParams of a start."""
    mode = record.get("UniRecord", 0)
    if mode == 0:
        message = "UniRecord 0, or none, is undefined; 1 does not record, 2 and 3 do"
        yield Finding((*path, "UniRecord"), "record-undefined", message)
    formats = texts(record, "RecordFormat")
    storage = part(record, "McuStorageParams")
    ignored = {name: f"UniRecord {brief(mode)}" for name in _ONLY_BY_REQUEST if mode in (0, 1, 2)}
    if mode == 3 and formats and not {"mp4", "aac"} & set(formats):
        ignored["MaxMediaFileDuration"] = "HLS alone"
    if mode == 3 and "CloudStorage" in storage and "McuCloudVod" not in storage:
        ignored["UserDefineRecordPrefix"] = "CloudStorage: it is for VOD"
    for name, why in ignored.items():
        if name in record:
            yield Finding((*path, name), "ignored-field", f"{name} has no effect with {why}")
    if {"mp4", "aac"} <= set(formats):
        yield Finding((*path, "RecordFormat"), "record-formats", "mp4 and aac exclude each other")
    here: Path = (*path, "McuStorageParams")
    places = storage.keys() & {"CloudStorage", "McuCloudVod"}
    if len(places) == 2:
        message = "CloudStorage and McuCloudVod exclude each other"
        yield Finding((*here, "McuCloudVod"), "storage-twice", message)
    if isinstance(record.get("McuStorageParams"), dict) and not places:
        message = "McuStorageParams has neither CloudStorage nor McuCloudVod"
        yield Finding((*here, "CloudStorage"), "storage-target", message)

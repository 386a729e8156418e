"""What the text says of CreateCloudRecording and ModifyCloudRecording beyond single fields."""

from collections.abc import Iterator, Mapping
from typing import Any

from layoutkit.geometry.rect import Size
from layoutkit.wire import place_rules
from layoutkit.wire.dialect import RECORDING
from layoutkit.wire.plain import part, rows, texts
from layoutkit.wire.rules import Finding, Path, brief
from layoutkit.wire.texts import room_problems, url_problems
from layoutkit.wire.windows import number, watermark_problems, window_problems

_IMAGES = ("jpg", "jpeg", "png")
_PLACE = ("Left", "Top", "Width", "Height")
_LAYOUT = ("MixLayoutParams",)
_MARKS = ("WaterMarkImage", "WaterMarkChar", "WaterMarkTimestamp")
Body = Mapping[str, Any]
_NOTHING: Body = {}


def recording_problems(
    body: Body, canvas: Size | None, *, start: Body = _NOTHING, before: Body = _NOTHING
) -> Iterator[Finding]:
    """All findings in one body, unsorted.

    Args:
        canvas: the body's or the task's.
        start: the body that opened the task, `body` itself where it opens one, empty where none is known.
        before: the task's state that an update meets; a ModifyCloudRecording keeps nothing of it.
    """
    record = part(start, "RecordParams")
    path: Path = ("SubscribeStreamUserIds",)
    lists = part(body, "SubscribeStreamUserIds")
    if start is body:
        yield from _start(body, record)
        lists, path = part(record, "SubscribeStreamUserIds"), ("RecordParams", "SubscribeStreamUserIds")
    for name in ("MixTranscodeParams", "MixLayoutParams"):
        if name in body and record.get("RecordMode") == 1:
            yield Finding((name,), "ignored-field", f"{name} has no effect with RecordMode 1")
    if "MixLayoutParams" in body and record.get("RecordMode") != 1 and record.get("StreamType") == 1:
        yield Finding(("MixLayoutParams",), "ignored-field", "MixLayoutParams has no effect on sound alone")
    yield from _lists(lists, path)
    yield from _layout(part(body, *_LAYOUT), canvas, lists, record.get("MediaId", 0))
    yield from _robot(body, start)


def _start(body: Body, record: Body) -> Iterator[Finding]:
    is_integer = body.get("RoomIdType", 1) == 1
    yield from room_problems(body.get("RoomId"), ("RoomId",), is_integer=is_integer)
    storage = part(body, "StorageParams")
    if isinstance(body.get("StorageParams"), dict) and not storage.keys() & {"CloudStorage", "CloudVod"}:
        message = "StorageParams has neither CloudStorage nor CloudVod"
        yield Finding(("StorageParams", "CloudStorage"), "storage-target", message)
    if part(storage, "CloudVod", "TencentVod").get("MediaType") == 2 and record.get("StreamType", 0) != 1:
        path: Path = ("StorageParams", "CloudVod", "TencentVod", "MediaType")
        yield Finding(path, "vod-aac", "MediaType 2 (AAC) needs RecordParams.StreamType 1")
    ignored = {
        "AvMerge": record.get("RecordMode") == 2,
        "OutputFormat": "CloudVod" in storage and "CloudStorage" not in storage,
        "MaxMediaFileDuration": "CloudStorage" in storage and record.get("OutputFormat", 0) == 0,
    }
    for name, is_ignored in ignored.items():
        if name in record and is_ignored:
            yield Finding(("RecordParams", name), "ignored-field", f"{name} has no effect in this recording")
    video = part(body, "MixTranscodeParams", "VideoParams")
    width, height = number(video, "Width"), number(video, "Height")
    if width is not None and height is not None and width * height > 1920 * 1080:
        message = f"Width {brief(width)} x Height {brief(height)} exceeds 1920 x 1080 pixels"
        yield Finding(("MixTranscodeParams", "VideoParams", "Height"), "video-area", message)


def _lists(lists: Body, path: Path) -> Iterator[Finding]:
    for kind in ("Audio", "Video"):
        allow, block = f"Subscribe{kind}UserIds", f"UnSubscribe{kind}UserIds"
        if lists.get(allow) and lists.get(block):
            message = f"{allow} and {block} exclude each other"
            yield Finding((*path, block), "allow-and-block", message)
    if len(texts(lists, "SubscribeVideoUserIds")) > 24:
        message = "more than 24 videos are allowed; the API mixes 25 by one page and 24 by another"
        yield Finding((*path, "SubscribeVideoUserIds"), "video-25", message)


def _layout(layout: Body, canvas: Size | None, lists: Body, media: object) -> Iterator[Finding]:
    mode, windows = layout.get("MixLayoutMode"), rows(layout, "MixLayoutList")
    path: Path = (*_LAYOUT, "MixLayoutList")
    for name in ("BackgroundImageUrl", "DefaultSubBackgroundImage"):
        yield from url_problems(layout.get(name), _IMAGES, (*_LAYOUT, name), needs_suffix=True)
    if mode == 4:
        if not layout.get("MixLayoutList"):
            yield Finding(path, "layout-list-missing", "MixLayoutMode 4 has no windows")
        ignored = {"MaxResolutionUserId", "RenderMode", "MaxResolutionUserAlign", "PureAudioDisableLayout"}
        yield from window_problems(windows, path, canvas, RECORDING)
        yield from _windows(windows[:25], path, lists, media)
    else:
        ignored = {"MixLayoutList"} | ({"MaxResolutionUserId"} if mode == 3 else set())
        ignored |= {"MaxResolutionUserAlign"} if mode != 2 else set()
    for name in layout.keys() & ignored:
        message = f"{name} has no effect with MixLayoutMode {brief(mode)}"
        yield Finding((*_LAYOUT, name), "ignored-field", message)
    for index, mark in rows(layout, "WaterMarkList")[:25]:
        yield from _watermark(mark, (*_LAYOUT, "WaterMarkList", index), canvas, windows if mode == 4 else [])


def _windows(windows: list[tuple[int, Body]], path: Path, lists: Body, media: object) -> Iterator[Finding]:
    if len(windows) == 25:
        message = "the 25th video: the API mixes 25 by one page and 24 by another"
        yield Finding((*path, windows[24][0]), "video-25", message)
    for index, window in windows:
        url = window.get("SubBackgroundImage")
        place = (*path, index, "SubBackgroundImage")
        yield from url_problems(url, _IMAGES, place, needs_suffix=True)
    yield from place_rules.recorded(windows, path, lists, media)


def _watermark(
    mark: Body, path: Path, canvas: Size | None, windows: list[tuple[int, Body]]
) -> Iterator[Finding]:
    kind = number(mark, "WaterMarkType")
    if kind is None or kind not in (0, 1, 2):
        return
    if kind in (1, 2):
        message = f"WaterMarkType {kind} is documented as not supported yet; newer revisions take it"
        yield Finding((*path, "WaterMarkType"), "newer-value", message)
    for number_, name in enumerate(_MARKS):
        if kind == number_ and name not in mark:
            yield Finding((*path, name), "watermark-object", f"WaterMarkType {kind} needs {name}")
        if kind != number_ and name in mark:
            yield Finding((*path, name), "ignored-field", f"{name} has no effect with WaterMarkType {kind}")
    name = _MARKS[kind]
    inner = part(mark, name)
    if inner and kind != 2:
        yield from watermark_problems(inner, _PLACE, (*path, name), canvas, windows, RECORDING)
        url = inner.get("WaterMarkUrl")
        yield from url_problems(url, _IMAGES, (*path, name, "WaterMarkUrl"), needs_suffix=True)


def _robot(body: Body, start: Body) -> Iterator[Finding]:
    layout = part(body, *_LAYOUT)
    robot = start.get("UserId")
    users: list[tuple[Path, object]] = [
        ((*_LAYOUT, "MixLayoutList", index, "UserId"), one.get("UserId"))
        for index, one in rows(layout, "MixLayoutList")
    ]
    users.append(((*_LAYOUT, "MaxResolutionUserId"), layout.get("MaxResolutionUserId")))
    places = [place for place, user in users if isinstance(robot, str) and user == robot]
    if places and start is body:
        message = f"the robot's id {brief(robot)} is that of a user named in the body"
        yield Finding(("UserId",), "robot-in-use", message)
    elif places:
        yield Finding(places[0], "robot-in-use", f"{brief(robot)} is the robot of the task's start")

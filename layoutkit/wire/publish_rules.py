"""What the text says of StartPublishCdnStream and UpdatePublishCdnStream beyond single fields."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from layoutkit.geometry.rect import Size
from layoutkit.wire import newer_rules, place_rules
from layoutkit.wire.dialect import PUBLISH
from layoutkit.wire.plain import part, rows
from layoutkit.wire.rules import Finding, Path, brief
from layoutkit.wire.texts import app_region_problems, room_problems, url_problems
from layoutkit.wire.windows import number, watermark_problems, window_problems

_IMAGES = ("png", "jpg", "jpeg")
_PLACEHOLDERS = (*_IMAGES, "bmp", "gif", "webm")
_MARK = ("LocationX", "LocationY", "WaterMarkWidth", "WaterMarkHeight")
_VIDEO = ("VideoParams",)
_LAYOUT = ("VideoParams", "LayoutParams")
Body = Mapping[str, Any]
User = tuple[Path, Body]
_NOTHING: Body = {}


def publish_problems(
    body: Body, canvas: Size | None, *, start: Body = _NOTHING, before: Body = _NOTHING
) -> Iterator[Finding]:
    """All findings in one body, unsorted.

    Args:
        canvas: the body's or the task's.
        start: the body that opened the task, `body` itself where it opens one, empty where none is known.
        before: the task's state that an update meets.
    """
    is_start = start is body
    yield from _targets(body, before, is_start=is_start)
    yield from app_region_problems(body)
    yield from _audio(body)
    layout = part(body, *_LAYOUT)
    merged = {**part(before, *_LAYOUT), **layout}
    # An update that does not say its mode leaves it as it is; one that brings a list means a custom layout.
    unsaid = 1 if start else 4 if "MixLayoutList" in layout else None
    yield from _layout(body, merged, merged.get("MixLayoutMode", unsaid), canvas, start)
    yield from _sei(part(body, "SeiParams"))
    yield from _users(body, start, merged.get("MixLayoutMode", unsaid))
    if "RecordParams" in body:
        yield from newer_rules.record_problems(part(body, "RecordParams"), ("RecordParams",))


def _targets(body: Body, before: Body, *, is_start: bool) -> Iterator[Finding]:
    targets = ("PublishCdnParams", "FeedBackRoomParams")
    changed = next((name for name in targets if before and name in body), None)
    after = {**before, **body}
    if (is_start or changed) and not any(after.get(name) for name in targets):
        yield Finding(
            (changed or targets[0],), "no-target", "neither PublishCdnParams nor FeedBackRoomParams"
        )
    if is_start and "AudioParams" not in body:
        message = "a start needs AudioParams, though marked optional"
        yield Finding(("AudioParams",), "audio-missing", message)
    single, mixed = "SingleSubscribeParams" in body, body.get("WithTranscoding")
    if single and mixed == 1:
        yield Finding(
            ("WithTranscoding",), "transcoding-single", "WithTranscoding 1 with SingleSubscribeParams"
        )
    if mixed == 0 and not single and is_start:
        message = "WithTranscoding 0 without SingleSubscribeParams"
        yield Finding(("SingleSubscribeParams",), "transcoding-single", message)
    if mixed == 0 and part(body, *_LAYOUT):
        yield Finding(_LAYOUT, "ignored-field", "without effect with WithTranscoding 0: nothing is mixed")


def _audio(body: Body) -> Iterator[Finding]:
    yield from newer_rules.audio_problems(part(body, "AudioParams"), ("AudioParams",))
    path: Path = ("AudioParams", "AudioEncode")
    encode = part(body, "AudioParams", "AudioEncode")
    codec = encode.get("Codec", 0)
    if codec == 2 and encode.get("Channel") == 1:
        yield Finding((*path, "Channel"), "audio-codec", "Codec 2 (HE-AAC v2) needs Channel 2, not 1")
    if codec in (1, 2) and encode.get("SampleRate") == 8000:
        yield Finding((*path, "SampleRate"), "audio-codec", f"Codec {codec} cannot have SampleRate 8000")


def _layout(body: Body, merged: Body, mode: object, canvas: Size | None, start: Body) -> Iterator[Finding]:
    """The picture; `merged` is the layout with what an update leaves as it was."""
    video, layout = part(body, *_VIDEO), part(body, *_LAYOUT)
    height = number(part(video, "VideoEncode"), "Height")
    if height is not None and 1080 < height <= 1920:
        message = f"Height {height} is above the documented 1080; newer revisions take up to 1920"
        yield Finding((*_VIDEO, "VideoEncode", "Height"), "newer-value", message)
    yield from url_problems(video.get("BackgroundImageUrl"), _IMAGES, (*_VIDEO, "BackgroundImageUrl"))
    if mode == 4:
        if layout and not merged.get("MixLayoutList"):
            yield Finding(
                (*_LAYOUT, "MixLayoutList"), "layout-list-missing", "MixLayoutMode 4 has no windows"
            )
        for name in ("PureAudioHoldPlaceMode", "MaxVideoUser", "RenderMode", "EnableStreamSEI"):
            if name in layout:
                yield Finding((*_LAYOUT, name), "ignored-field", f"{name} has no effect in a custom layout")
        yield from _windows(rows(layout, "MixLayoutList"), canvas, start)
    elif "MixLayoutList" in layout:
        message = f"MixLayoutList has no effect with MixLayoutMode {brief(mode)}"
        yield Finding((*_LAYOUT, "MixLayoutList"), "ignored-field", message)
    if mode == 2 and layout and "MaxVideoUser" not in merged:
        message = "screen sharing names no user for the large window; it stays empty"
        yield Finding((*_LAYOUT, "MaxVideoUser"), "stage-missing", message)
    if mode == 3 and "MaxVideoUser" in layout:
        yield Finding((*_LAYOUT, "MaxVideoUser"), "ignored-field", "MaxVideoUser has no effect in a grid")
    windows = rows(merged, "MixLayoutList") if mode == 4 else []
    for index, mark in rows(video, "WaterMarkList"):
        yield from _watermark(mark, (*_VIDEO, "WaterMarkList", index), canvas, windows)


def _windows(windows: list[tuple[int, Body]], canvas: Size | None, start: Body) -> Iterator[Finding]:
    path: Path = (*_LAYOUT, "MixLayoutList")
    yield from window_problems(windows, path, canvas, PUBLISH)
    for index, window in windows[: PUBLISH.max_windows]:
        here = (*path, index)
        yield from url_problems(
            window.get("BackgroundImageUrl"), _PLACEHOLDERS, (*here, "BackgroundImageUrl")
        )
        yield from url_problems(window.get("TransparentUrl"), ("png",), (*here, "TransparentUrl"))
        yield from newer_rules.window_problems(window, here)
        yield from _crop(part(window, "CustomCrop"), (*here, "CustomCrop"))
    yield from place_rules.published(windows[: PUBLISH.max_windows], path, start)


def _crop(crop: Body, path: Path) -> Iterator[Finding]:
    for start, length in (("LocationX", "Width"), ("LocationY", "Height")):
        at, size = number(crop, start), number(crop, length)
        if crop.get(start) == 0:
            message = f"{start} 0 is not greater than 0, as documented; newer revisions allow it"
            yield Finding((*path, start), "newer-value", message)
        if at is not None and size is not None and at + size > 10_000:
            message = f"{start} {brief(at)} + {length} {brief(size)} = {brief(at + size)} exceeds 10000"
            yield Finding((*path, length), "crop-sum", message)


def _watermark(
    mark: Body, path: Path, canvas: Size | None, windows: list[tuple[int, Body]]
) -> Iterator[Finding]:
    kind = number(mark, "WaterMarkType")
    for number_, name in enumerate(("WaterMarkImage", "WaterMarkText")):
        if kind == number_ and name not in mark:
            yield Finding((*path, name), "watermark-object", f"WaterMarkType {kind} needs {name}")
        if kind in (0, 1) and kind != number_ and name in mark:
            yield Finding((*path, name), "ignored-field", f"{name} has no effect with WaterMarkType {kind}")
    name = "WaterMarkText" if kind == 1 else "WaterMarkImage"
    inner = part(mark, name)
    if inner:
        yield from watermark_problems(inner, _MARK, (*path, name), canvas, windows, PUBLISH)
        yield from url_problems(inner.get("WaterMarkUrl"), _IMAGES, (*path, name, "WaterMarkUrl"))


def _sei(sei: Body) -> Iterator[Finding]:
    path: Path = ("SeiParams",)
    volume, through = part(sei, "LayoutVolume"), part(sei, "PassThrough")
    for name, entry in (("LayoutVolume", volume), ("PassThrough", through)):
        kind = number(entry, "PayloadType", 100)
        if kind is not None and (kind == 244 or (name == "PassThrough" and 5 < kind < 100)):
            message = f"PayloadType {kind} is not 5 or 100 to 254, or is 244, the service's own"
            yield Finding((*path, name, "PayloadType"), "sei-type", message)
    uuid = through.get("PayloadUuid")
    if through.get("PayloadType") == 5:
        if uuid is None or (isinstance(uuid, str) and not re.fullmatch("[0-9a-fA-F]{32}", uuid)):
            message = "PayloadType 5 needs a PayloadUuid of 32 hexadecimal digits"
            yield Finding((*path, "PassThrough", "PayloadUuid"), "sei-uuid", message)
    elif uuid is not None:
        message = "PayloadUuid has no effect unless PayloadType is 5"
        yield Finding((*path, "PassThrough", "PayloadUuid"), "ignored-field", message)
    both = "LayoutVolume" in sei and "PassThrough" in sei
    if both and volume.get("PayloadType", 100) == through.get("PayloadType"):
        message = f"both SEI have PayloadType {brief(through['PayloadType'])}; readers cannot tell them apart"
        yield Finding((*path, "PassThrough", "PayloadType"), "sei-twice", message)


def _users(body: Body, start: Body, mode: object) -> Iterator[Finding]:
    """Robots against users, and rooms."""
    users = list(_named(body))
    ids = {user.get("UserId") for _, user in users if isinstance(user.get("UserId"), str)}
    robots: list[User] = [(("AgentParams",), part(body, "AgentParams"))]
    robots += [(("FeedBackRoomParams", index), one) for index, one in rows(body, "FeedBackRoomParams")]
    for path, robot in robots:
        name = robot.get("UserId")
        if isinstance(name, str) and name in ids:
            message = f"the robot's id {brief(name)} is that of a user named in the body"
            yield Finding((*path, "UserId"), "robot-in-use", message)
    agent = part(start, "AgentParams").get("UserId")
    for path, user in users:
        if start is not body and isinstance(agent, str) and user.get("UserId") == agent:
            message = f"{brief(agent)} is the robot of the task's start"
            yield Finding((*path, "UserId"), "robot-in-use", message)
    main = start.get("RoomId")
    for path, user in [((), body), *robots[1:], *users]:
        room = user.get("RoomId")
        is_integer = user.get("RoomIdType") == 0
        yield from room_problems(room, (*path, "RoomId"), is_integer=is_integer)
        elsewhere = isinstance(room, str) and isinstance(main, str) and room not in ("", main)
        if mode in (1, 2, 3) and elsewhere and any(path is place for place, _ in users):
            message = f"room {brief(room)} is not the main room {brief(main)}; dynamic layouts mix one room"
            yield Finding((*path, "RoomId"), "second-room", message)


def _named(body: Body) -> Iterator[User]:
    """Every MixUserInfo of a body with its path."""
    layout = part(body, *_LAYOUT)
    places: list[User] = [
        ((*_LAYOUT, "MaxVideoUser"), part(layout, "MaxVideoUser")),
        (("SingleSubscribeParams",), part(body, "SingleSubscribeParams")),
    ]
    places += [((*_LAYOUT, "MixLayoutList", index), one) for index, one in rows(layout, "MixLayoutList")]
    for path, place in places:
        user = part(place, "UserMediaStream", "UserInfo")
        if user:
            yield (*path, "UserMediaStream", "UserInfo"), user
    for name in ("SubscribeAudioList", "UnSubscribeAudioList"):
        for index, one in rows(part(body, "AudioParams"), name):
            yield ("AudioParams", name, index, "UserInfo"), part(one, "UserInfo")

"""Each rule, broken by the smallest change of a valid body."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from layoutkit.wire.body_text import parse
from layoutkit.wire.check import check, check_task
from layoutkit.wire.rules import RULES, path_text

Body = dict[str, Any]
Change = Callable[[Body], object]


def start() -> Body:
    """A custom publish layout of two windows that nothing can be said against."""
    return {
        "SdkAppId": 1400000000,
        "RoomId": "100",
        "RoomIdType": 0,
        "AgentParams": {"UserId": "robot"},
        "WithTranscoding": 1,
        "AudioParams": {"AudioEncode": {"SampleRate": 48000, "Channel": 2, "BitRate": 64, "Codec": 0}},
        "VideoParams": {
            "VideoEncode": {"Width": 1280, "Height": 720, "Fps": 15, "BitRate": 1500, "Gop": 2},
            "LayoutParams": {
                "MixLayoutMode": 4,
                "MixLayoutList": [
                    {
                        "UserMediaStream": {"UserInfo": {"UserId": user, "RoomId": "100", "RoomIdType": 0}},
                        "ImageWidth": 640,
                        "ImageHeight": 720,
                        "LocationX": x,
                        "LocationY": 0,
                    }
                    for user, x in (("alice", 0), ("bob", 640))
                ],
            },
            "WaterMarkList": [
                {
                    "WaterMarkImage": {
                        "WaterMarkUrl": "https://a.example/w.png",
                        "WaterMarkWidth": 64,
                        "WaterMarkHeight": 64,
                        "LocationX": 0,
                        "LocationY": 0,
                    }
                }
            ],
        },
        "SeiParams": {"LayoutVolume": {}, "PassThrough": {"PayloadContent": "x", "PayloadType": 101}},
        "PublishCdnParams": [{"PublishCdnUrl": "rtmp://cdn.example/a"}],
    }


def create() -> Body:
    """A custom recording of two windows that nothing can be said against."""
    return {
        "SdkAppId": 1400000000,
        "RoomId": "100",
        "UserId": "robot",
        "UserSig": "sig",
        "RecordParams": {
            "RecordMode": 2,
            "SubscribeStreamUserIds": {"SubscribeVideoUserIds": ["a.*$", "bob"]},
        },
        "StorageParams": {"CloudVod": {"TencentVod": {}}},
        "MixTranscodeParams": {
            "VideoParams": {"Width": 640, "Height": 360, "Fps": 15, "BitRate": 500_000, "Gop": 10}
        },
        "MixLayoutParams": {
            "MixLayoutMode": 4,
            "MixLayoutList": [
                {"Top": 0, "Left": x, "Width": 320, "Height": 360, "UserId": user}
                for user, x in (("alice", 0), ("bob", 320))
            ],
            "WaterMarkList": [
                {
                    "WaterMarkImage": {
                        "WaterMarkUrl": "https://a.example/w.png",
                        "Top": 0,
                        "Left": 0,
                        "Width": 64,
                        "Height": 64,
                    }
                }
            ],
        },
    }


def at(path: str, value: object) -> Change:
    """Set one place, written as in `VideoParams.WaterMarkList.0.X`; `...` removes it."""
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]

    def change(body: Any) -> None:
        for step in way:
            body = body[step]
        if value is ...:
            del body[last]
        else:
            body[last] = value

    return change


def both(*changes: Change) -> Change:
    def change(body: Body) -> None:
        for one in changes:
            one(body)

    return change


LAYOUT = "VideoParams.LayoutParams"
WINDOW = f"{LAYOUT}.MixLayoutList.1"
MARK = "VideoParams.WaterMarkList.0"
RECORDED = "MixLayoutParams.MixLayoutList.1"
ROBOT = {"UserInfo": {"UserId": "robot"}}
BUCKET = {"Vendor": 0, "Region": "r", "Bucket": "b", "AccessKey": "k", "SecretKey": "s"}
CROP = {"LocationX": 1, "LocationY": 1, "Width": 10, "Height": 10}

CASES: list[tuple[str, Callable[[], Body], Change, str, str]] = [
    (
        "missing-field",
        start,
        at("VideoParams.VideoEncode.Fps", ...),
        "VideoParams.VideoEncode.Fps",
        "Fps is required and absent",
    ),
    (
        "unknown-field",
        start,
        at(f"{WINDOW}.Zorder", 1),
        f"{WINDOW}.Zorder",
        "Zorder is not a field here; ZOrder is",
    ),
    ("wrong-type", start, at(f"{WINDOW}.ImageWidth", "640"), f"{WINDOW}.ImageWidth", "is not an integer"),
    ("wrong-type", start, at(f"{WINDOW}.RenderMode", True), f"{WINDOW}.RenderMode", "is not an integer"),
    ("wrong-type", start, at("VideoParams.VideoEncode", None), "VideoParams.VideoEncode", "is not an object"),
    ("out-of-range", start, at(f"{WINDOW}.LocationX", -5), f"{WINDOW}.LocationX", "LocationX -5 is below 0"),
    ("out-of-range", create, at("ResourceExpiredHour", 721), "ResourceExpiredHour", "721 is above 720"),
    (
        "out-of-range",
        create,
        at("MixLayoutParams.WaterMarkList.0.WaterMarkTimestamp", {"Pos": 0, "TimeZone": 15}),
        "MixLayoutParams.WaterMarkList.0.WaterMarkTimestamp.TimeZone",
        "TimeZone 15 is above 14",
    ),
    ("not-a-choice", start, at(f"{WINDOW}.RenderMode", 7), f"{WINDOW}.RenderMode", "7 is not 0, 1 or 2"),
    (
        "text-form",
        create,
        at("StorageParams.CloudVod.TencentVod.UserDefineRecordId", "a b"),
        "StorageParams.CloudVod.TencentVod.UserDefineRecordId",
        "does not match",
    ),
    (
        "color-form",
        start,
        at("VideoParams.BackGroundColor", "#ff0000"),
        "VideoParams.BackGroundColor",
        "0[xX]",
    ),
    (
        "color-form",
        create,
        at("MixLayoutParams.BackGroundColor", "0xff0000"),
        "MixLayoutParams.BackGroundColor",
        "#",
    ),
    (
        "app-data-length",
        start,
        at("SeiParams.LayoutVolume.AppData", "x" * 4096),
        "SeiParams.LayoutVolume.AppData",
        "4096 characters, more than 4095",
    ),
    ("region", start, at("Region", "ap-mumbai"), "Region", "ap-mumbai is not"),
    (
        "region-of-app",
        start,
        at("Region", "ap-singapore"),
        "Region",
        "SdkAppId 1400000000 begins with 1400, whose region is ap-beijing or",
    ),
    (
        "region-of-app",
        start,
        both(at("SdkAppId", 20001234), at("Region", "ap-hongkong")),
        "Region",
        "begins with 200, whose region is ap-singapore, not ap-hongkong",
    ),
    (
        "empty-text",
        start,
        at(f"{MARK}.WaterMarkImage.WaterMarkUrl", ""),
        f"{MARK}.WaterMarkImage.WaterMarkUrl",
        "WaterMarkUrl is required and empty",
    ),
    (
        "custom-render-missing",
        start,
        at(f"{WINDOW}.BackgroundRenderMode", 4),
        f"{WINDOW}.BackgroundCustomRender",
        "BackgroundRenderMode 4 needs BackgroundCustomRender",
    ),
    (
        "custom-render-size",
        start,
        at(f"{WINDOW}.BackgroundCustomRender", {"Width": 641, "Height": 20, "Radius": 10}),
        f"{WINDOW}.BackgroundCustomRender.Width",
        "Width 641 is above the window's ImageWidth 640",
    ),
    (
        "custom-render-size",
        start,
        at(f"{WINDOW}.BackgroundCustomRender", {"Width": 640, "Height": 20, "Radius": 11}),
        f"{WINDOW}.BackgroundCustomRender.Radius",
        "Radius 11 is above half of the shorter side, 20",
    ),
    ("record-undefined", start, at("RecordParams", {}), "RecordParams.UniRecord", "undefined"),
    (
        "record-formats",
        start,
        at("RecordParams", {"UniRecord": 3, "RecordFormat": ["mp4", "hls", "aac"]}),
        "RecordParams.RecordFormat",
        "exclude each other",
    ),
    (
        "storage-twice",
        start,
        at("RecordParams", {"UniRecord": 3, "McuStorageParams": {"CloudStorage": BUCKET, "McuCloudVod": {}}}),
        "RecordParams.McuStorageParams.McuCloudVod",
        "exclude each other",
    ),
    (
        "storage-target",
        start,
        at("RecordParams", {"UniRecord": 3, "McuStorageParams": {}}),
        "RecordParams.McuStorageParams.CloudStorage",
        "neither CloudStorage nor McuCloudVod",
    ),
    *(
        ("ignored-field", start, at(place, value), at_path, message)
        for place, value, at_path, message in (
            (
                f"{WINDOW}.BackgroundCustomRender",
                {"Width": 1, "Height": 1},
                f"{WINDOW}.BackgroundCustomRender",
                "unless BackgroundRenderMode is 4",
            ),
            (f"{WINDOW}.BackGroundColorMode", 1, f"{WINDOW}.BackGroundColorMode", "without BackGroundColor"),
            (
                "AudioParams.UnSubscribeAudioList",
                [{"UserInfo": {"UserId": "eve"}, "SoundLevel": 5}],
                "AudioParams.UnSubscribeAudioList.0.SoundLevel",
                "outside SubscribeAudioList",
            ),
            (
                "RecordParams",
                {"UniRecord": 2, "StreamType": 1},
                "RecordParams.StreamType",
                "with UniRecord 2",
            ),
            (
                "RecordParams",
                {"UniRecord": 3, "RecordFormat": ["hls"], "MaxMediaFileDuration": 9},
                "RecordParams.MaxMediaFileDuration",
                "with HLS alone",
            ),
            (
                "RecordParams",
                {"UniRecord": 3, "UserDefineRecordPrefix": "x", "McuStorageParams": {"CloudStorage": BUCKET}},
                "RecordParams.UserDefineRecordPrefix",
                "it is for VOD",
            ),
        )
    ),
    (
        "action-unknown",
        start,
        at("Action", "CreateCloudRecording"),
        "Action",
        "is not 'StartPublishCdnStream'",
    ),
    (
        "too-many",
        start,
        lambda b: b["VideoParams"].update(WaterMarkList=b["VideoParams"]["WaterMarkList"] * 2000),
        "VideoParams.WaterMarkList",
        "has 2000 entries; only the first 1000 were looked at",
    ),
    (
        "too-many",
        start,
        lambda b: b["PublishCdnParams"].extend(b["PublishCdnParams"] * 10),
        "PublishCdnParams",
        "11",
    ),
    (
        "too-many",
        start,
        lambda b: b["VideoParams"]["LayoutParams"].update(
            MixLayoutList=[{"ImageWidth": 2, "ImageHeight": 2}] * 17
        ),
        f"{LAYOUT}.MixLayoutList",
        "17 entries, more than 16",
    ),
    (
        "too-many",
        create,
        lambda b: b["MixLayoutParams"].update(WaterMarkList=b["MixLayoutParams"]["WaterMarkList"] * 26),
        "MixLayoutParams.WaterMarkList",
        "26 entries, more than 25",
    ),
    (
        "too-many",
        create,
        at("RecordParams.SubscribeStreamUserIds.SubscribeAudioUserIds", ["x"] * 33),
        "RecordParams.SubscribeStreamUserIds.SubscribeAudioUserIds",
        "33 entries, more than 32",
    ),
    ("no-target", start, at("PublishCdnParams", ...), "PublishCdnParams", "neither"),
    (
        "transcoding-single",
        start,
        at("SingleSubscribeParams", {"UserMediaStream": {"UserInfo": {"UserId": "alice"}}}),
        "WithTranscoding",
        "WithTranscoding 1 with",
    ),
    ("transcoding-single", start, at("WithTranscoding", 0), "SingleSubscribeParams", "0 without"),
    ("audio-missing", start, at("AudioParams", ...), "AudioParams", "a start needs AudioParams"),
    (
        "audio-codec",
        start,
        both(at("AudioParams.AudioEncode.Codec", 2), at("AudioParams.AudioEncode.Channel", 1)),
        "AudioParams.AudioEncode.Channel",
        "needs Channel 2",
    ),
    (
        "audio-codec",
        start,
        both(at("AudioParams.AudioEncode.Codec", 1), at("AudioParams.AudioEncode.SampleRate", 8000)),
        "AudioParams.AudioEncode.SampleRate",
        "Codec 1 cannot have SampleRate 8000",
    ),
    (
        "video-area",
        create,
        both(*(at(f"MixTranscodeParams.VideoParams.{name}", 1920) for name in ("Width", "Height"))),
        "MixTranscodeParams.VideoParams.Height",
        "1920 x Height 1920 exceeds",
    ),
    (
        "newer-field",
        start,
        at(f"{WINDOW}.EnableStreamSEI", 1),
        f"{WINDOW}.EnableStreamSEI",
        "not in the 2025-03",
    ),
    (
        "newer-value",
        start,
        at("VideoParams.VideoEncode.Height", 1082),
        "VideoParams.VideoEncode.Height",
        "1080",
    ),
    (
        "newer-value",
        start,
        at(f"{WINDOW}.CustomCrop", CROP | {"LocationX": 0}),
        f"{WINDOW}.CustomCrop.LocationX",
        "0",
    ),
    (
        "newer-value",
        create,
        at("MixLayoutParams.WaterMarkList.0", {"WaterMarkType": 2, "WaterMarkTimestamp": {"Pos": 0}}),
        "MixLayoutParams.WaterMarkList.0.WaterMarkType",
        "not supported yet",
    ),
    ("ignored-field", start, at(f"{LAYOUT}.RenderMode", 1), f"{LAYOUT}.RenderMode", "no effect in a custom"),
    ("ignored-field", start, at(f"{LAYOUT}.MixLayoutMode", 1), f"{LAYOUT}.MixLayoutList", "no effect"),
    ("ignored-field", create, at("RecordParams.AvMerge", 1), "RecordParams.AvMerge", "no effect"),
    (
        "layout-list-missing",
        start,
        at(f"{LAYOUT}.MixLayoutList", ...),
        f"{LAYOUT}.MixLayoutList",
        "no windows",
    ),
    (
        "layout-list-missing",
        create,
        at("MixLayoutParams.MixLayoutList", []),
        "MixLayoutParams.MixLayoutList",
        "no",
    ),
    ("stage-missing", start, at(LAYOUT, {"MixLayoutMode": 2}), f"{LAYOUT}.MaxVideoUser", "names no user"),
    (
        "window-outside",
        start,
        at(f"{WINDOW}.LocationX", 900),
        f"{WINDOW}.LocationX",
        "LocationX 900 + ImageWidth 640 = 1540 exceeds the canvas width 1280",
    ),
    (
        "window-outside",
        create,
        at(f"{RECORDED}.Top", 2),
        f"{RECORDED}.Top",
        "Top 2 + Height 360 = 362 exceeds",
    ),
    (
        "watermark-outside",
        start,
        at(f"{MARK}.WaterMarkImage.LocationX", 1220),
        f"{MARK}.WaterMarkImage.LocationX",
        "1284 exceeds the canvas width 1280",
    ),
    (
        "watermark-object",
        start,
        at(f"{MARK}.WaterMarkImage", ...),
        f"{MARK}.WaterMarkImage",
        "needs WaterMarkImage",
    ),
    (
        "image-suffix",
        start,
        at(f"{MARK}.WaterMarkImage.WaterMarkUrl", "https://a.example/w.svg?x=.png"),
        f"{MARK}.WaterMarkImage.WaterMarkUrl",
        "the suffix .svg is none of png, jpg, jpeg",
    ),
    (
        "image-suffix-missing",
        create,
        at("MixLayoutParams.BackgroundImageUrl", "https://a.example/w"),
        "MixLayoutParams.BackgroundImageUrl",
        "does not end in a suffix",
    ),
    (
        "url-chinese",
        create,
        at("MixLayoutParams.BackgroundImageUrl", "https://a.example/图.png"),
        "MixLayoutParams.BackgroundImageUrl",
        "Chinese",
    ),
    (
        "url-characters",
        start,
        at("VideoParams.BackgroundImageUrl", "https://a.example/a b.png"),
        "VideoParams.BackgroundImageUrl",
        "' ' is not among",
    ),
    (
        "crop-sum",
        start,
        at(f"{WINDOW}.CustomCrop", CROP | {"Width": 10_000}),
        f"{WINDOW}.CustomCrop.Width",
        "10001",
    ),
    (
        "sei-type",
        start,
        at("SeiParams.PassThrough.PayloadType", 244),
        "SeiParams.PassThrough.PayloadType",
        "244",
    ),
    (
        "sei-type",
        start,
        at("SeiParams.PassThrough.PayloadType", 6),
        "SeiParams.PassThrough.PayloadType",
        "6 is not",
    ),
    (
        "sei-uuid",
        start,
        at("SeiParams.PassThrough.PayloadType", 5),
        "SeiParams.PassThrough.PayloadUuid",
        "32 hex",
    ),
    (
        "sei-twice",
        start,
        at("SeiParams.PassThrough.PayloadType", 100),
        "SeiParams.PassThrough.PayloadType",
        "both",
    ),
    ("robot-in-use", start, at("AgentParams.UserId", "bob"), "AgentParams.UserId", "robot's id bob"),
    ("robot-in-use", create, at("UserId", "bob"), "UserId", "robot's id bob"),
    ("room-id-form", start, at("RoomId", "lobby"), "RoomId", "'lobby' is not a 32-bit integer"),
    ("room-id-form", create, at("RoomId", str(2**32)), "RoomId", "is not a 32-bit integer"),
    (
        "second-room",
        start,
        at(LAYOUT, {"MaxVideoUser": {"UserMediaStream": {"UserInfo": {"UserId": "a", "RoomId": "7"}}}}),
        f"{LAYOUT}.MaxVideoUser.UserMediaStream.UserInfo.RoomId",
        "room 7 is not the main room 100",
    ),
    (
        "allow-and-block",
        create,
        at("RecordParams.SubscribeStreamUserIds.UnSubscribeVideoUserIds", ["zed"]),
        "RecordParams.SubscribeStreamUserIds.UnSubscribeVideoUserIds",
        "exclude each other",
    ),
    (
        "video-25",
        create,
        at(
            "RecordParams.SubscribeStreamUserIds.SubscribeVideoUserIds", ["a.*$", "bob", *map(str, range(23))]
        ),
        "RecordParams.SubscribeStreamUserIds.SubscribeVideoUserIds",
        "more than 24",
    ),
    ("storage-target", create, at("StorageParams", {}), "StorageParams.CloudStorage", "neither"),
    (
        "vod-aac",
        create,
        at("StorageParams.CloudVod.TencentVod.MediaType", 2),
        "StorageParams.CloudVod.TencentVod.MediaType",
        "needs RecordParams.StreamType 1",
    ),
    ("zero-size", start, at(f"{WINDOW}.ImageWidth", 0), WINDOW, "0x720: it has no pixels"),
    ("odd-geometry", start, at(f"{WINDOW}.ImageWidth", 639), f"{WINDOW}.ImageWidth", "ImageWidth 639: odd"),
    (
        "user-twice",
        start,
        at(f"{WINDOW}.UserMediaStream.UserInfo.UserId", "alice"),
        f"{WINDOW}.UserMediaStream",
        "alice has window [0] already",
    ),
    (
        "place-unreachable",
        create,
        at("RecordParams.SubscribeStreamUserIds.SubscribeVideoUserIds", ["a.*$"]),
        f"{RECORDED}.UserId",
        "leave bob out",
    ),
    (
        "window-hidden",
        start,
        both(at(f"{WINDOW}.LocationX", 320), at(f"{WINDOW}.ZOrder", 1)),
        f"{LAYOUT}.MixLayoutList.0",
        "hidden to 50%",
    ),
    (
        "window-hidden",
        create,
        both(at(f"{RECORDED}.Left", 0), at(f"{RECORDED}.ImageLayer", 1)),
        "MixLayoutParams.MixLayoutList.0",
        "hidden wholly",
    ),
    ("same-layer-overlap", start, at(f"{WINDOW}.LocationX", 600), WINDOW, "overlaps window [0]"),
    (
        "watermark-over-center",
        start,
        both(
            at(f"{MARK}.WaterMarkImage.LocationX", 300),
            at(f"{MARK}.WaterMarkImage.LocationY", 330),
        ),
        f"{MARK}.WaterMarkImage",
        "centre of window [0]",
    ),
    (
        "uncovered",
        start,
        lambda b: b["VideoParams"]["LayoutParams"]["MixLayoutList"].pop(),
        f"{LAYOUT}.MixLayoutList",
        "50% of the canvas",
    ),
]
"""Rule, valid body, the change that breaks it, path and part of the message."""

FOLLOWED: list[tuple[str, Body, str, str]] = [
    ("task-order", {"SdkAppId": 1}, "$.SdkAppId", "not that of the task's start"),
    ("sequence-number", {"SequenceNumber": 1}, "$.SequenceNumber", "SequenceNumber 1 does not grow"),
    (
        "encoding-changed",
        {"VideoParams": {"VideoEncode": {"Width": 640, "Height": 720, "Fps": 15, "BitRate": 1500, "Gop": 2}}},
        "$.VideoParams.VideoEncode.Width",
        "Width 640: an update cannot change 1280",
    ),
    (
        "encoding-changed",
        {"AudioParams": {"AudioEncode": {"SampleRate": 48000, "Channel": 2, "BitRate": 64, "Codec": 1}}},
        "$.AudioParams.AudioEncode.Codec",
        "Codec 1: an update cannot change 0",
    ),
    ("media-changed", {"WithTranscoding": 0}, "$.WithTranscoding", "started with"),
    ("no-target", {"PublishCdnParams": []}, "$.PublishCdnParams", "neither"),
    (
        "robot-in-use",
        {
            "VideoParams": {
                "LayoutParams": {"MixLayoutList": [{"UserMediaStream": {"UserInfo": {"UserId": "robot"}}}]}
            }
        },
        f"$.{LAYOUT}.MixLayoutList[0].UserMediaStream.UserInfo.UserId",
        "the robot of the task's start",
    ),
]
"""Rule, what a second update says, path and part of the message."""

READING = {"request-size", "duplicate-key"}
"""Rules that only a file can break."""


def update(number: int, **said: object) -> Body:
    return {"SdkAppId": 1400000000, "TaskId": "t", "SequenceNumber": number, "WithTranscoding": 1, **said}


@pytest.mark.parametrize("body", [start, create])
def test_the_bodies_the_cases_start_from_are_without_fault(body: Callable[[], Body]) -> None:
    assert check(body()) == []


@pytest.mark.parametrize(
    ("rule", "body", "change", "path", "message"), CASES, ids=[case[0] for case in CASES]
)
def test_a_broken_rule_is_found(
    rule: str, body: Callable[[], Body], change: Change, path: str, message: str
) -> None:
    broken = body()
    change(broken)
    action = "StartPublishCdnStream" if body is start else "CreateCloudRecording"
    place = path_text(tuple(int(step) if step.isdigit() else step for step in path.split(".")))
    found = [one for one in check(broken, action) if one.rule == rule]
    assert [(one.path, one.severity, one.code) for one in found] == [
        (place, RULES[rule].severity, RULES[rule].code)
    ]
    assert message in found[0].message


@pytest.mark.parametrize(("rule", "said", "path", "message"), FOLLOWED, ids=[case[0] for case in FOLLOWED])
def test_an_update_is_checked_against_its_task(rule: str, said: Body, path: str, message: str) -> None:
    bodies = [(start(), "0"), (update(1), "1"), (update(2) | said, "2")]
    found = [one for one in check_task(bodies) if one.rule == rule]
    assert [(one.path, one.file) for one in found] == [(path, "2")]
    assert message in found[0].message


@pytest.mark.parametrize(
    ("make", "path", "value", "code"),
    [
        (start, "SdkAppId", ..., "MissingParameter.SdkAppId"),
        (start, "AgentParams.UserId", ..., "MissingParameter.UserId"),
        (start, "VideoParams.VideoEncode.Fps", ..., "MissingParameter"),
        (create, "RecordParams.RecordMode", ..., "MissingParameter.RecordMode"),
        (create, "StorageParams", {"CloudStorage": {}}, "MissingParameter.Vendor"),
        (create, "RoomId", 5, "InvalidParameter.RoomId"),
        (create, "UserSig", "", "InvalidParameter.UserSig"),
        (start, "PublishCdnParams.0.PublishCdnUrl", "", "InvalidParameter.StreamUrl"),
        (lambda: update(1), "TaskId", ..., "MissingParameter"),
    ],
)
def test_an_error_has_the_finest_code_the_api_lists(
    make: Callable[[], Body], path: str, value: object, code: str
) -> None:
    body = make()
    at(path, value)(body)
    assert code in [one.code for one in check(body) if one.severity == "error"]


def test_every_rule_is_broken_by_some_case() -> None:
    assert {case[0] for case in CASES} | {case[0] for case in FOLLOWED} | READING == set(RULES)


def test_a_key_that_is_there_twice_is_found() -> None:
    body, found = parse(b'{"a": {"b": 1, "b": 2}}', "x")
    assert body == {"a": {"b": 2}}
    assert [(one.path, one.rule) for one in found] == [(("a", "b"), "duplicate-key")]


def test_problems_come_in_document_order() -> None:
    body = start()
    del body["SdkAppId"]
    body["AgentParams"]["MaxIdleTime"] = 1
    body["RoomIdType"] = "0"
    assert [one.path for one in check(body) if one.severity == "error"] == [
        "$.RoomIdType",
        "$.AgentParams.MaxIdleTime",
        "$.SdkAppId",
    ]


def test_the_apis_own_samples_have_no_errors(service_samples: Path) -> None:
    for path in service_samples.glob("*-[0-9].json"):
        problems = check(json.loads(path.read_text()), path.name.split("-")[0])
        assert [one for one in problems if one.severity == "error"] == [], path.name


def test_a_problem_names_the_data_type_it_comes_from() -> None:
    body = start()
    at(f"{WINDOW}.ImageWidth", "640")(body)
    found = [one.source for one in check(body) if one.rule == "wrong-type"]
    assert found == ["McuLayout.ImageWidth, API 2025-03"]


def test_a_wrapped_body_keeps_its_paths() -> None:
    body = start()
    body["RoomIdType"] = 9
    wrapped = {"Action": "StartPublishCdnStream", "Version": "2019-07-22", "Params": copy.deepcopy(body)}
    assert [one.path for one in check(wrapped)] == ["$.Params.RoomIdType"]
    wrapped |= {"Version": "2020-01-01", "Region": "ap-mumbai"}
    assert [one.path for one in check(wrapped)] == [
        "$.Version",
        "$.Region",
        "$.Region",
        "$.Params.RoomIdType",
    ]


@pytest.mark.parametrize("junk", [None, [], {}, "x", 3.5, True, [[]], [{}], {"a": None}, 10**400, -1])
def test_no_part_of_a_body_can_break_the_check(junk: object) -> None:
    for make in (start, create):
        for path in paths(make()):
            body = make()
            at(path, junk)(body)
            action = "StartPublishCdnStream" if make is start else "CreateCloudRecording"
            assert all(len(one.message) < 300 for one in check(body, action))


def paths(value: object, prefix: str = "") -> list[str]:
    if isinstance(value, dict):
        parts = [(key, one) for key, one in value.items() if key not in {"Action"}]
    elif isinstance(value, list):
        parts = [(str(index), one) for index, one in enumerate(value)]
    else:
        parts = []
    return [f"{prefix}{key}" for key, _ in parts] + [
        path for key, one in parts for path in paths(one, f"{prefix}{key}.")
    ]

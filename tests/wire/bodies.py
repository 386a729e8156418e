"""Valid bodies of the four actions, made at random."""

import copy
from typing import Any

from hypothesis import strategies as st

from tests.wire.test_rules import create, start, update

colors = st.integers(0, 0xFFFFFF)
names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).map("user-".__add__)


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with any of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


flags = st.integers(0, 1)
texts = st.text(max_size=9)
filled = st.text(min_size=1, max_size=9)
urls = st.sampled_from(["https://a.example/1.png", "https://a.example/b/2.jpg?v=1"])
published_users = st.fixed_dictionaries(
    {"UserId": names}, optional={"RoomId": st.just("100"), "RoomIdType": st.just(0)}
)
seis = some(
    LayoutVolume=some(
        AppData=texts,
        PayloadType=st.integers(100, 243),
        Interval=st.integers(1, 9999),
        FollowIdr=flags,
    ),
    PassThrough=st.fixed_dictionaries(
        {"PayloadContent": filled, "PayloadType": st.integers(245, 254)}, optional={"FollowIdr": flags}
    ),
)


@st.composite
def publish_videos(draw: st.DrawFn, width: int, height: int) -> dict[str, Any]:
    """McuVideoParams on a canvas, without its encoding."""
    windows = []
    for user in draw(st.lists(names, min_size=1, max_size=16, unique=True)):
        x, y = draw(st.integers(0, width)), draw(st.integers(0, height))
        window = {"LocationX": x, "LocationY": y}
        window |= {
            "ImageWidth": draw(st.integers(0, width - x)),
            "ImageHeight": draw(st.integers(0, height - y)),
        }
        if draw(st.booleans()):
            window["UserMediaStream"] = {"UserInfo": {"UserId": user}, "StreamType": draw(flags)}
        window |= draw(
            some(
                ZOrder=st.integers(-9, 9),
                RenderMode=st.integers(0, 2),
                BackgroundImageUrl=urls,
                BackgroundRenderMode=st.integers(0, 3),
                CustomCrop=st.fixed_dictionaries(
                    dict.fromkeys(("LocationX", "LocationY", "Width", "Height"), st.integers(1, 5000))
                ),
                BackGroundColor=colors.map("0x{:06x}".format),
                BackGroundColorMode=st.integers(0, 3),
                EnableStreamSEI=flags,
            )
        )
        windows.append(draw(st.permutations(list(window.items())).map(dict)))
    place = {"LocationX": 0, "LocationY": 0, "WaterMarkWidth": width, "WaterMarkHeight": height}
    picture = st.builds(lambda url: {"WaterMarkUrl": url, **place}, urls)
    text = st.builds(lambda text, size: {"Text": text, "FontSize": size, **place}, filled, st.integers(1, 99))
    mark = st.builds(lambda one: {"WaterMarkImage": one}, picture) | st.builds(
        lambda one: {"WaterMarkType": 1, "WaterMarkText": one}, text
    )
    video = {"LayoutParams": {"MixLayoutMode": draw(st.integers(1, 4)), "MixLayoutList": windows}}
    return video | draw(
        some(
            BackGroundColor=colors.map("0x{:06x}".format),
            BackgroundImageUrl=urls,
            BackgroundRenderMode=st.integers(0, 2),
            WaterMarkList=st.lists(mark, max_size=3),
        )
    )


@st.composite
def publish_bodies(draw: st.DrawFn) -> dict[str, Any]:
    body = copy.deepcopy(start())
    width, height = draw(st.integers(2, 1920)), draw(st.integers(2, 1080))
    encode = body["VideoParams"]["VideoEncode"] | {"Width": width, "Height": height}
    body["VideoParams"] = draw(publish_videos(width, height)) | {"VideoEncode": encode}
    listed = st.lists(published_users.map(lambda user: {"UserInfo": user}), max_size=3)
    body["AudioParams"] |= draw(some(SubscribeAudioList=listed, UnSubscribeAudioList=listed))
    body["SeiParams"] = draw(seis)
    if draw(st.booleans()):
        body["Region"] = draw(st.sampled_from(["ap-guangzhou", "ap-hongkong"]))
    if draw(st.booleans()):
        robot = {"RoomId": "100", "RoomIdType": 0, "UserId": "feeder", "UserSig": "s"}
        body["FeedBackRoomParams"] = [robot]
    return dict(draw(st.permutations(list(body.items()))))


@st.composite
def update_bodies(draw: st.DrawFn) -> dict[str, Any]:
    body = update(draw(st.integers(0, 10**9)))
    body |= draw(some(VideoParams=publish_videos(640, 360), SeiParams=seis))
    return dict(draw(st.permutations(list(body.items()))))


@st.composite
def recording_layouts(draw: st.DrawFn) -> dict[str, Any]:
    """MixLayoutParams on a canvas of 640x360."""
    windows = []
    for user in draw(st.lists(names, min_size=1, max_size=25, unique=True)):
        x, y = draw(st.integers(0, 640)), draw(st.integers(0, 360))
        window = {"Top": y, "Left": x, "Width": draw(st.integers(0, 640 - x))}
        window |= {"Height": draw(st.integers(0, 360 - y)), "Alpha": draw(st.integers(0, 255))}
        window |= draw(
            some(
                RenderMode=st.integers(0, 3),
                MediaId=flags,
                ImageLayer=st.integers(0, 9),
                SubBackgroundImage=urls,
            )
        )
        windows.append(window | ({"UserId": user} if draw(st.booleans()) else {}))
    stamp = {"WaterMarkType": 2, "WaterMarkTimestamp": {"Pos": 3, "TimeZone": -5}}
    return {"MixLayoutMode": draw(st.integers(1, 4)), "MixLayoutList": windows} | draw(
        some(
            BackGroundColor=colors.map("#{:06x}".format),
            BackgroundImageUrl=urls,
            PlaceHolderMode=flags,
            DefaultSubBackgroundImage=urls,
            BackgroundImageRenderMode=st.integers(0, 3),
            MaxResolutionUserId=names,
            MaxResolutionUserAlign=flags,
            RenderMode=st.integers(0, 3),
            PureAudioDisableLayout=st.booleans(),
            WaterMarkList=st.lists(st.just(stamp), max_size=2),
        )
    )


lists = st.lists(names | names.map("{}.*$".format), max_size=32)
subscriptions = some(SubscribeAudioUserIds=lists, UnSubscribeVideoUserIds=lists) | some(
    SubscribeVideoUserIds=lists
)


@st.composite
def recording_bodies(draw: st.DrawFn) -> dict[str, Any]:
    body = copy.deepcopy(create())
    body["MixLayoutParams"] = draw(recording_layouts())
    body["RecordParams"] = {"RecordMode": 2} | draw(
        some(
            MaxIdleTime=st.integers(5, 86_400),
            StreamType=st.integers(0, 2),
            SubscribeStreamUserIds=subscriptions,
            MediaId=st.integers(0, 2),
            MaxMediaFileDuration=st.integers(1, 1440),
            FillType=flags,
        )
    )
    body |= draw(some(ResourceExpiredHour=st.integers(6, 720), PrivateMapKey=texts))
    return dict(draw(st.permutations(list(body.items()))))


@st.composite
def modify_bodies(draw: st.DrawFn) -> dict[str, Any]:
    body = {"SdkAppId": 1400000000, "TaskId": "t", "MixLayoutParams": draw(recording_layouts())}
    body |= draw(some(SubscribeStreamUserIds=subscriptions))
    return dict(draw(st.permutations(list(body.items()))))


BODIES = {
    "StartPublishCdnStream": publish_bodies(),
    "UpdatePublishCdnStream": update_bodies(),
    "CreateCloudRecording": recording_bodies(),
    "ModifyCloudRecording": modify_bodies(),
}

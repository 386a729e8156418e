"""Updates against the task they continue: what may not change, and what stays as it was."""

from layoutkit.wire.check import check, check_task
from tests.wire.test_rules import create, start, update


def test_every_change_of_encoding_and_kind_is_found() -> None:
    encode = {"Width": 640, "Height": 360, "Fps": 30, "BitRate": 1500, "Gop": 2}
    sound = start()
    del sound["VideoParams"]
    video = start()
    del video["AudioParams"]
    del video["VideoParams"]["VideoEncode"]
    changed = update(1, VideoParams={"VideoEncode": encode}, AudioParams={"AudioEncode": {"Codec": 0}})
    found = {
        name: [
            (one.rule, one.path)
            for one in check_task([(before, None), (changed, None)])
            if one.rule in {"encoding-changed", "media-changed"}
        ]
        for name, before in (("both", start()), ("sound", sound), ("video", video))
    }
    encoding = "$.VideoParams.VideoEncode"
    assert found == {
        "both": [("encoding-changed", f"{encoding}.{name}") for name in ("Width", "Height", "Fps")],
        "sound": [("media-changed", "$.VideoParams")],
        "video": [("media-changed", "$.AudioParams")],
    }


def test_an_encoding_is_held_against_what_is_known_of_it() -> None:
    before = start()
    encode = {"SampleRate": 48000, "Channel": 2, "BitRate": 64}
    before["AudioParams"] = {"AudioEncode": encode}
    found = {
        codec: [
            (one.path, one.message)
            for one in check_task(
                [(before, None), (update(1, AudioParams={"AudioEncode": {**encode, "Codec": codec}}), None)]
            )
        ]
        for codec in (0, 1)
    }
    # Codec is 0 where it is not stated.
    assert found == {
        0: [],
        1: [("$.AudioParams.AudioEncode.Codec", "Codec 1: an update cannot change 0")],
    }
    before["AudioParams"] = {}
    assert check_task([(before, None), (update(1, AudioParams={"AudioEncode": encode}), None)]) == []


def test_an_update_that_is_refused_changes_nothing_for_the_next() -> None:
    sound = start()
    del sound["VideoParams"]
    updates = [update(number, VideoParams={"BackGroundColor": "0x000000"}) for number in (1, 2)]
    found = check_task([(sound, "0"), (updates[0], "1"), (updates[1], "2")])
    assert [one.file for one in found if one.rule == "media-changed"] == ["1", "2"]


def test_an_update_is_read_with_what_it_leaves_as_it_was() -> None:
    layout = start()["VideoParams"]["LayoutParams"]
    listed = update(1, VideoParams={"LayoutParams": {"MixLayoutList": layout["MixLayoutList"]}})
    assert check(listed) == []
    assert check_task([(start(), None), (listed, None)]) == []
    share = start()
    share["VideoParams"]["LayoutParams"] = {"MixLayoutMode": 2, "MaxVideoUser": {"UserMediaStream": {}}}
    fitted = update(1, VideoParams={"LayoutParams": {"MixLayoutMode": 2, "RenderMode": 1}})
    assert [one.rule for one in check_task([(share, None), (fitted, None)])] == []
    assert [one.rule for one in check(fitted)] == ["stage-missing"]
    ignored = check_task([(share, None), (listed, None)])
    assert [(one.rule, one.message) for one in ignored] == [
        ("ignored-field", "MixLayoutList has no effect with MixLayoutMode 2")
    ]
    wide = update(
        1, VideoParams={"LayoutParams": {"MixLayoutList": [{"ImageWidth": 1300, "ImageHeight": 720}]}}
    )
    bigger = update(2, VideoParams={"VideoEncode": {"Width": 1920, "Height": 1080}})
    assert "window-outside" in {
        one.rule
        for one in check_task([(start(), None), (bigger, None), (wide, None)])
        if "1300" in one.message
    }


def test_a_modification_is_held_against_its_recording() -> None:
    screens = create()
    screens["RecordParams"]["MediaId"] = 2
    window = {"Top": 0, "Left": 0, "Width": 2, "Height": 2, "UserId": "x"}
    layout = {"MixLayoutMode": 4, "MixLayoutList": [window]}
    modify = {"SdkAppId": 1400000000, "TaskId": "t", "MixLayoutParams": layout}
    rules = {one.rule: one.message for one in check_task([(screens, None), (modify, None)])}
    assert "MediaId 2 leaves its stream out" in rules["place-unreachable"]
    window["UserId"] = "robot"
    task = check_task([(create(), None), (modify, None)])
    assert [one.path for one in task if one.rule == "robot-in-use"] == [
        "$.MixLayoutParams.MixLayoutList[0].UserId"
    ]

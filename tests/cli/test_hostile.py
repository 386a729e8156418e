"""Bodies made to hurt: each command answers with one line, or in bounded time with what was asked."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from layoutkit import check, paint
from layoutkit.errors import LayoutkitError
from layoutkit.wire import to_layout, to_layout_params
from layoutkit.wire.convert import convert
from tests.cli.conftest import Run
from tests.wire.test_rules import at, create, paths, start

COMMANDS = {
    "validate": ["validate", "FILE"],
    "convert": ["convert", "FILE", "--to", "recording"],
    "preview": ["preview", "FILE", "-o", "OUT"],
    "payload": ["payload", "FILE"],
    "send": ["send", "FILE", "--region", "ap-guangzhou", "--endpoint", "http://127.0.0.1:1"],
}


def published(**window: object) -> str:
    body = start()
    body["VideoParams"]["LayoutParams"]["MixLayoutList"][0] |= window
    return json.dumps(body)


REFUSED = {
    "deep arrays": ("[" * 10_000 + "]" * 10_000, "nested too deeply at line 1 column"),
    "deep objects": ('{"a":' * 10_000 + "1" + "}" * 10_000, "nested too deeply at line 1 column"),
    "not a number": (published().replace("640", "NaN", 1), "expected value at line 1 column"),
    "infinity": (published().replace("640", "-Infinity", 1), "invalid number at line 1 column"),
    "5000 digits": (published().replace("640", "9" * 5000, 1), "number out of range at line 1 column"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_json_is_one_line_with_its_place(
    run: Run, tmp_path: Path, name: str, command: str
) -> None:
    if command == "send":
        pytest.importorskip("tencentcloud.trtc", reason="the extra `tencent` is not installed")
    text, message = REFUSED[name]
    file, out = tmp_path / "x.json", tmp_path / "out.png"
    file.write_text(text)
    answer = run(*(str({"FILE": file, "OUT": out}.get(word, word)) for word in COMMANDS[command]))
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"layoutkit: {file}: not JSON: {message}")
    assert answer.err.count("\n") == 1
    assert not out.exists()


@pytest.mark.parametrize("command", ["convert", "preview", "payload", "send"])
def test_a_key_that_is_there_twice_is_refused(run: Run, tmp_path: Path, command: str) -> None:
    if command == "send":
        pytest.importorskip("tencentcloud.trtc", reason="the extra `tencent` is not installed")
    file = tmp_path / "x.json"
    file.write_text(published().replace('"SdkAppId"', '"SdkAppId": 1, "SdkAppId"', 1))
    words = [str({"FILE": file, "OUT": tmp_path / "out.png"}.get(word, word)) for word in COMMANDS[command]]
    answer = run(*words)
    assert answer.code == 2
    assert "$.SdkAppId: SdkAppId is there more than once" in answer.err


@pytest.mark.parametrize("command", ["convert", "preview", "payload"])
def test_a_hundred_thousand_windows_are_one_line(run: Run, tmp_path: Path, command: str) -> None:
    file = tmp_path / "x.json"
    body = start()
    body["VideoParams"]["LayoutParams"]["MixLayoutList"] *= 50_000
    file.write_text(json.dumps(body))
    words = [str({"FILE": file, "OUT": tmp_path / "out.png"}.get(word, word)) for word in COMMANDS[command]]
    answer = run(*words)
    assert (answer.code, answer.out) == (2, "")
    assert "MixLayoutList has 100000 entries, more than 16" in answer.err
    assert answer.err.count("\n") == 1


def test_long_texts_are_drawn_in_bounded_time(run: Run, tmp_path: Path) -> None:
    """Of a text of a million letters as much is set as there is room for; all of it would take minutes."""
    body = start()
    body["VideoParams"]["LayoutParams"]["MixLayoutList"][0]["UserMediaStream"]["UserInfo"]["UserId"] = (
        "u" * 10**6
    )
    mark = body["VideoParams"]["WaterMarkList"][0]["WaterMarkImage"]
    place = {name: value for name, value in mark.items() if name != "WaterMarkUrl"}
    text = {"WaterMarkType": 1, "WaterMarkText": {"Text": "w" * 10**6, "FontSize": 14, **place}}
    mark["WaterMarkUrl"] = f"https://a.example/{'x' * 10**6}.png"
    body["VideoParams"]["WaterMarkList"].append(text)
    file = tmp_path / "x.json"
    file.write_text(json.dumps(body))
    assert run("preview", file, "--legend", "-o", tmp_path / "out.png").code == 0


def rich(make: object) -> dict[str, Any]:
    """A body with most kinds of objects in it."""
    if make is create:
        body = create()
        body["MixLayoutParams"]["MixLayoutList"][1] |= {"ImageLayer": 1, "Alpha": 3, "MediaId": 0}
        place = {"Top": 0, "Left": 0, "Width": 50, "Height": 20}
        body["MixLayoutParams"]["WaterMarkList"] += [
            {"WaterMarkType": 2, "WaterMarkTimestamp": {"Pos": 1, "TimeZone": 8}},
            {"WaterMarkType": 1, "WaterMarkChar": {**place, "Chars": "x", "FontSize": 14}},
        ]
        return body
    body = start()
    body["VideoParams"]["LayoutParams"]["MixLayoutList"][1] |= {
        "ZOrder": 1,
        "CustomCrop": {"LocationX": 1, "LocationY": 1, "Width": 5, "Height": 5},
        "BackgroundImageUrl": "https://a.example/1.png",
        "BackgroundRenderMode": 4,
        "BackgroundCustomRender": {"Width": 5, "Height": 5, "Radius": 2},
        "BackGroundColor": "0x112233",
        "BackGroundColorMode": 1,
    }
    return body


@pytest.mark.parametrize(
    "junk", [10**400, -(10**400), 2**31, -1, "", None, [], {}, 3.5, True, [[]], "x" * 10_000]
)
@pytest.mark.parametrize("make", [start, create])
def test_no_value_anywhere_gets_past_the_errors_of_the_house(make: object, junk: object) -> None:
    said: list[str] = []
    for path in paths(rich(make)):
        body = rich(make)
        at(path, copy.deepcopy(junk))(body)
        check(body, "StartPublishCdnStream" if make is start else "CreateCloudRecording")
        try:
            layout = to_layout(body)
            paint(layout)
            to_layout_params(layout)
            to_layout_params(layout, service="recording")
            convert(body, to="recording" if make is start else "publish")
        except LayoutkitError as error:
            said.append(str(error))
    assert [text for text in said if len(text) >= 400 or "\n" in text] == []

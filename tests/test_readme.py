"""What the README says is what happens."""

import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from layoutkit.cli import main
from layoutkit.cli.demo import record
from layoutkit.geometry.grid import grid

RENDERS = Path(__file__).parent.parent / "renders"
README = (Path(__file__).parent.parent / "README.md").read_text()


def test_the_payload_shown_is_the_payload_printed(capsys: pytest.CaptureFixture[str]) -> None:
    command = re.search(r"```sh\nlayoutkit (payload [^\n]+)\n```\n\n```json\n(.*?)```", README, re.DOTALL)
    assert command is not None
    assert main(command[1].split()) == 0
    assert capsys.readouterr().out == command[2]


def test_the_python_shown_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = re.search(r"## From Python\n\n```python\n(.*?)```", README, re.DOTALL)
    assert code is not None
    monkeypatch.chdir(tmp_path)
    record(Path("plain.mp4"), (grid((1280, 720), ["alice", "bob", "carol"]),))
    exec(code[1], {})
    assert Path("grid.png").is_file()
    assert Path("recording.mp4").is_file()


def test_the_sdks_objects_shown_are_checked_and_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("tencentcloud.trtc", reason="the extra `tencent` is not installed")
    code = re.search(r"as they are, to be checked or drawn:\n\n```python\n(.*?)```", README, re.DOTALL)
    assert code is not None
    monkeypatch.chdir(tmp_path)
    exec(code[1], {})
    path = "$.MixLayoutParams.MixLayoutList"
    assert capsys.readouterr().out.splitlines() == [
        f"{path} no window covers 85% of the canvas",
        f"{path}[0].Left Left 900 + Width 700 = 1600 exceeds the canvas width 1280",
    ]
    with Image.open("modified.png") as drawn:
        assert drawn.size == (1280, 720)


def test_the_commands_shown_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    lines = re.findall(r"^layoutkit [^\n]+", README, re.MULTILINE)
    for line in lines:
        words = line.partition("#")[0].split()[1:]
        said = {word for word in words if word.startswith("--")}
        command = [words[0], words[1]] if words[0] == "sei" else [words[0]]
        assert main([*command, "--help"]) == 0
        help_text = capsys.readouterr().out
        assert [word for word in said if word not in help_text] == [], line


def test_the_problems_shown_are_the_problems_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    windows = [
        {"LocationX": 0, "LocationY": 0, "ImageWidth": 1280, "ImageHeight": 720},
        {"LocationX": 900, "LocationY": 40, "ImageWidth": 700, "ImageHeight": 200, "ZOrder": 1},
    ]
    body = {
        "SdkAppId": 1400000000,
        "RoomId": "class-7",
        "RoomIdType": 1,
        "AgentParams": {"UserId": "robot", "UserSig": "..."},
        "WithTranscoding": 1,
        "AudioParams": {"AudioEncode": {"SampleRate": 48000, "Channel": 2, "BitRate": 64}},
        "VideoParams": {
            "VideoEncode": {"Width": 1280, "Height": 720, "Fps": 15, "BitRate": 1500, "Gop": 12},
            "LayoutParams": {"MixLayoutMode": 4, "MixLayoutList": windows},
        },
        "PublishCdnParams": [{"PublishCdnUrl": "rtmp://live.example/app/mix"}],
    }
    Path("start.json").write_text(json.dumps(body))
    shown = re.search(r"```console\n\$ layoutkit validate start.json\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    assert main(["validate", "start.json"]) == 1
    answer = capsys.readouterr()
    assert answer.out + answer.err == shown[1]


def test_the_decoded_picture_shown_is_what_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.chdir(tmp_path)
    record(Path("plain.mp4"), (grid((1280, 720), ["alice", "bob", "carol"]),))
    assert (
        main(["sei", "write", "plain.mp4", "recording.mp4", "--layout", "grid", "--users", "alice,bob,carol"])
        == 0
    )
    capfdbinary.readouterr()
    assert main(["sei", "read", "recording.mp4"]) == 0
    row = capfdbinary.readouterr().out.splitlines()[0]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(row)))
    assert main(["preview", "-", "-o", "decoded.png"]) == 0
    with Image.open("decoded.png") as drawn, Image.open(RENDERS / "decoded.png") as shown:
        difference = np.abs(np.asarray(drawn, np.int16) - np.asarray(shown, np.int16))
    assert difference.mean() < 2

"""`payload` and `preview` with templates and presets: what they print, and one clear line for a mistake."""

import io
import json
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.conftest import Run
from tests.wire.test_rules import CROP, create, start


def test_payload_lists_the_windows_of_a_template(run: Run) -> None:
    answer = run("payload", "grid", "--users", "alice,bob:screen")
    assert (answer.code, answer.err) == (0, "")
    params = json.loads(answer.out)
    assert params["MixLayoutMode"] == 4
    places = [
        (w["LocationX"], w["LocationY"], w["ImageWidth"], w["ImageHeight"]) for w in params["MixLayoutList"]
    ]
    assert places == [(0, 0, 640, 720), (640, 0, 640, 720)]
    streams = [
        (w["UserMediaStream"]["UserInfo"]["UserId"], w["UserMediaStream"]["StreamType"])
        for w in params["MixLayoutList"]
    ]
    assert streams == [("alice", 0), ("bob", 1)]


def test_payload_speaks_the_dialect_of_the_service(run: Run) -> None:
    answer = run("payload", "floating", "--users", "2", "--service", "recording", "--canvas", "1000x1000")
    windows = json.loads(answer.out)["MixLayoutList"]
    assert [(w["Left"], w["Top"], w["Width"], w["Height"]) for w in windows] == [
        (0, 0, 1000, 1000),
        (12, 753, 235, 235),
    ]


def test_a_dynamic_payload_names_the_template_and_its_stage(run: Run) -> None:
    answer = run(
        "payload", "screen-share", "--users", "alice,bob:screen", "--stage", "bob:screen", "--dynamic"
    )
    params = json.loads(answer.out)
    assert params["MixLayoutMode"] == 2
    assert "MixLayoutList" not in params
    assert params["MaxVideoUser"]["UserMediaStream"]["UserInfo"]["UserId"] == "bob"
    assert params["MaxVideoUser"]["UserMediaStream"]["StreamType"] == 1


def test_an_empty_stage_is_told_and_never_listed(run: Run) -> None:
    answer = run("payload", "screen-share", "--users", "3")
    assert "nobody is on the stage" in answer.err
    assert len(json.loads(answer.out)["MixLayoutList"]) == 3
    assert run("payload", "screen-share", "--users", "3", "--service", "recording").err == ""


def test_the_dropped_and_the_merely_heard_are_told(run: Run) -> None:
    answer = run("payload", "grid", "--users", "18")
    assert answer.err == "layoutkit: note: dropped, no place is left: user-17, user-18\n"
    answer = run("payload", "grid", "--users", "alice,carol:audio")
    assert answer.err == "layoutkit: note: only heard: carol\n"


@pytest.mark.parametrize(("users", "count"), [((), 4), (("--users", "9"), 9)])
def test_a_template_takes_four_users_unless_told(run: Run, users: tuple[str, ...], count: int) -> None:
    assert len(json.loads(run("payload", "grid", *users).out)["MixLayoutList"]) == count


def test_a_preset_takes_its_own_number(run: Run) -> None:
    assert len(json.loads(run("payload", "interview").out)["MixLayoutList"]) == 2


def test_preview_draws_the_canvas_that_was_asked_for(run: Run, tmp_path: Path) -> None:
    picture = tmp_path / "grid.png"
    answer = run("preview", "grid", "--users", "9", "--canvas", "641x361", "-o", picture)
    assert (answer.code, answer.err) == (0, "")
    with Image.open(picture) as image:
        assert image.size == (641, 361)
    assert [path.name for path in tmp_path.iterdir()] == ["grid.png"]


MISTAKES = {
    "unknown source": (["gird"], "'gird' is no template, preset or file; did you mean grid?"),
    "missing file": (["no.json"], "no.json: no such file"),
    "canvas without x": (["grid", "--canvas", "1280"], "canvas '1280' is not WIDTHxHEIGHT"),
    "canvas too large": (["grid", "--canvas", "16385x2"], "width 16385 is outside 1 to 16384"),
    "canvas too small": (["grid", "--canvas", "1x1"], "canvas 1x1 is too small"),
    "stage not there": (
        ["floating", "--users", "a,b", "--stage", "c"],
        "--stage c: not among the users a, b",
    ),
    "stage of the other stream": (
        ["floating", "--users", "a:screen,b", "--stage", "a"],
        "--stage a: not among the users a:screen, b",
    ),
    "stage for a grid": (["grid", "--stage", "user-1"], "--stage means nothing to grid"),
    "the same user twice": (["grid", "--users", "a,b,a"], "participant a is there twice"),
    "no users": (["grid", "--users", "0"], "--users 0: the number of users is from 1 to 1000"),
    "negative users": (["grid", "--users=-3"], "--users -3: the number of users is from 1 to 1000"),
    "a number without end": (["grid", "--users", "9" * 5000], "the number of users is from 1 to 1000"),
    "an empty list": (["grid", "--users", ""], "user '': a name is missing"),
    "a name missing": (["grid", "--users", "a,,b"], "user '': a name is missing"),
    "a kind unknown": (
        ["grid", "--users", "a:sceen"],
        "behind the colon stands screen or audio, not 'sceen'",
    ),
    "only audio": (["grid", "--users", "a:audio"], "there is no window to show; 1 send only audio"),
    "align": (["grid", "--align", "3"], "--align"),
    "a folder": (["."], ".: a folder; name a JSON file in it"),
}


@pytest.mark.parametrize(("words", "message"), MISTAKES.values(), ids=MISTAKES)
@pytest.mark.parametrize("command", ["payload", "preview"])
def test_a_mistake_gets_one_line_and_nothing_is_written(
    run: Run, tmp_path: Path, command: str, words: list[str], message: str
) -> None:
    output = ["-o", tmp_path / "x.png"] if command == "preview" else []
    answer = run(command, *words, *output)
    assert answer.code == 2
    assert answer.out == ""
    assert message in answer.err
    assert answer.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("target", "message"),
    [("nowhere/x.png", "does not exist"), (".", "the output is a folder")],
)
def test_an_impossible_output_is_refused(run: Run, tmp_path: Path, target: str, message: str) -> None:
    answer = run("preview", "grid", "-o", tmp_path / target)
    assert answer.code == 2
    assert message in answer.err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty"),
        (b'{"a": 1,\n]', "not JSON: key must be a string at line 2 column 1"),
        (b'{"a":\n NaN}', "not JSON: expected value at line 2 column 2"),
        (b'{"windows": [], "windows": []}', "$.windows: windows is there more than once"),
        (b'{"a":\n "\xff"}', "byte 8 is not UTF-8 at line 2 column 3"),
        (b"[" * 100_000, "nested too deeply"),
        (b"5", "a JSON object or list is expected, not 5"),
        (b'"grid"', 'a JSON object or list is expected, not "grid"'),
    ],
)
def test_a_file_that_is_no_source_is_named(run: Run, tmp_path: Path, content: bytes, message: str) -> None:
    source = tmp_path / "body.json"
    source.write_bytes(content)
    answer = run("payload", source)
    assert answer.code == 2
    assert f"{source}: " in answer.err
    assert message in answer.err


@pytest.mark.parametrize("words", [["nonsense"], ["payload"], ["payload", "grid", "--nonsense"]])
def test_misuse_of_the_command_line_is_one_line(run: Run, words: list[str]) -> None:
    answer = run(*words)
    assert answer.code == 2
    assert answer.err.startswith("layoutkit: ")
    assert answer.err.count("\n") == 1


def test_payload_keeps_the_dialect_of_a_body(run: Run, tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_text('{"MixLayoutMode": 4, "MixLayoutList": [{"Top": 0, "Left": 0, "Width": 9, "Height": 9}]}')
    assert "Left" in json.loads(run("payload", body).out)["MixLayoutList"][0]
    assert "LocationX" in json.loads(run("payload", body, "--service", "publish").out)["MixLayoutList"][0]


def test_what_a_dialect_cannot_say_is_told(run: Run, tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    window = {"Top": 0, "Left": 0, "Width": 9, "Height": 9, "RenderMode": 0, "Alpha": 100}
    body.write_text(json.dumps({"MixLayoutMode": 4, "MixLayoutList": [window]}))
    assert run("payload", body).err == ""
    assert run("payload", body, "--service", "publish").err.splitlines() == [
        "layoutkit: lost: $.MixLayoutList[0]: a published window is always opaque",
        "layoutkit: lost: $.MixLayoutList[0].RenderMode: publish has no stretch; crop is nearest",
    ]
    assert "--action prints them" in run("payload", "news-ticker").err


def test_a_payload_loses_what_a_conversion_loses(run: Run, tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    published, recorded = start()["VideoParams"]["LayoutParams"], create()["MixLayoutParams"]
    published["MixLayoutList"][1] |= {"RenderMode": 2, "CustomCrop": dict.fromkeys(CROP, 1)}
    recorded["MixLayoutList"][1] |= {"RenderMode": 3, "Alpha": 9}
    for params, to, count in ((published, "recording", 4), (recorded, "publish", 2)):
        body.write_text(json.dumps(params))
        told = [
            [line.split(": ")[-1] for line in run(*words).err.splitlines() if "lost" in line]
            for words in (("payload", body, "--service", to), ("convert", body, "--to", to))
        ]
        assert told[0] == told[1]
        assert len(told[0]) == count


def test_a_whole_body_that_would_be_refused_is_not_printed(run: Run) -> None:
    words = [
        "--action",
        "StartPublishCdnStream",
        "--sdk-app-id",
        "1400000000",
        "--room",
        "1",
        "--user-sig",
        "s",
    ]
    words += ["--cdn-url", "rtmp://live.example/a/b"]
    assert run("payload", "grid", "--users", "alice,bob", *words, "--agent", "robot").code == 0
    answer = run("payload", "grid", "--users", "alice,bob", *words, "--agent", "alice")
    assert (answer.code, answer.out) == (2, "")
    assert "$.AgentParams.UserId" in answer.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["validate", "nofile"], "nofile: no such file"),
        (["validate", "-"], "standard input: it is empty; a request body"),
        (["convert", "grid", "--to", "publish"], "grid: no such file"),
        (["send", "nofile", "--region", "x"], "nofile: no such file"),
        (["preview", "start", "update", "-o", "x.png"], "start: no such file"),
        (["payload", "gird"], "'gird' is no template, preset or file; did you mean grid?"),
        (["payload", "grid", "--sequence", "0"], "--sequence means nothing without --action"),
        (
            ["payload", "grid", "--task", "t", "--agent", "a"],
            "--agent, --task means nothing without --action",
        ),
        (
            ["payload", "grid", "--dynamic", "--unnamed"],
            "--dynamic lists no windows, so --unnamed",
        ),
        (["send", "x.json", "--service", "publish"], "--service means nothing without --stop"),
        (["send", "x.json", "--sdk-app-id", "7"], "--sdk-app-id means nothing without --stop"),
        (["send", "--stop", "t", "--action", "x"], "--action x: --stop tells the action by --service"),
    ],
)
def test_a_name_or_an_option_that_means_nothing_here_is_one_line(
    words: list[str], said: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    if words[:2] == ["send", "nofile"]:
        pytest.importorskip("tencentcloud.trtc", reason="the extra `tencent` is not installed")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
    answer = run(*words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"layoutkit: {said}")
    assert answer.err.count("\n") == 1

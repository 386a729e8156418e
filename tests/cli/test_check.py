"""`validate`, `schema` and `rules` as their user runs them."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.wire.test_rules import start, update


def written(path: Path, body: object) -> Path:
    path.write_text(body if isinstance(body, str) else json.dumps(body))
    return path


def test_exit_codes_and_strict(run: Run, tmp_path: Path) -> None:
    good, odd, bad = start(), start(), start()
    odd["VideoParams"]["LayoutParams"]["MixLayoutList"][1]["ImageWidth"] = 639
    bad["VideoParams"]["LayoutParams"]["MixLayoutList"][1]["LocationX"] = 900
    assert run("validate", "--strict", written(tmp_path / "a", good)).code == 0
    assert run("validate", written(tmp_path / "b", odd)).code == 0
    assert run("validate", "--strict", tmp_path / "b").code == 1
    answer = run("validate", "--json", written(tmp_path / "c", bad))
    assert answer.code == 1
    assert {one["rule"]: one["path"] for one in json.loads(answer.out)}["window-outside"] == (
        "$.VideoParams.LayoutParams.MixLayoutList[1].LocationX"
    )


def test_a_task_is_followed_through_its_files(run: Run, tmp_path: Path) -> None:
    names = [written(tmp_path / str(n), one) for n, one in enumerate([start(), update(3), update(2)])]
    answer = run("validate", "--json", *names)
    assert answer.code == 1
    assert [(one["rule"], one["file"]) for one in json.loads(answer.out)] == [
        ("sequence-number", str(names[2]))
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is empty"),
        ('{"a": [1,\n 2', "line 2 column"),
        ('{"SdkAppId":\n NaN}', "line 2 column"),
        ("[" * 10_000, "nested too deeply at line 1 column"),
        ('{"a": ' + "9" * 5000 + "}", "number out of range"),
        ("[1]", "is not an object"),
        ('{"x": 1}', "its action cannot be told"),
    ],
)
def test_what_is_not_a_body_is_one_clear_line(run: Run, tmp_path: Path, text: str, message: str) -> None:
    answer = run("validate", written(tmp_path / "x.json", text))
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err
    assert answer.err.count("\n") == 1


def test_what_is_found_in_reading_stands_among_the_rest(run: Run, tmp_path: Path) -> None:
    body = start() | {"RoomIdType": 9, "WithTranscoding": 9}
    text = json.dumps(body).replace('"AgentParams"', '"AgentParams": 1, "AgentParams"', 1)
    wrapped = (
        f'{{"Action": "StartPublishCdnStream", "Region": 1, "Region": "ap-hongkong", "Payload": {text}}}'
    )
    huge = json.dumps(update(1) | {"TaskId": "x" * 11_000_000})
    names = [written(tmp_path / name, one) for name, one in (("a", text), ("b", wrapped), ("c", huge))]
    found = [(one["file"][-1], one["path"]) for one in json.loads(run("validate", "--json", *names).out)]
    places = ["RoomIdType", "AgentParams", "WithTranscoding"]
    assert found == [
        *(("a", f"$.{place}") for place in places),
        ("b", "$.Region"),
        *(("b", f"$.Payload.{place}") for place in places),
        ("c", "$"),
    ]


def test_files_that_cannot_be_read(run: Run, tmp_path: Path) -> None:
    for name in (tmp_path, tmp_path / "nothing.json"):
        answer = run("validate", name)
        assert answer.code == 2
        assert str(name) in answer.err


def test_a_body_past_the_limit_is_not_read_on(run: Run, tmp_path: Path) -> None:
    answer = run("validate", "--json", written(tmp_path / "x", start() | {"RoomId": "x" * 11_000_000}))
    assert answer.code == 1
    assert [one["code"] for one in json.loads(answer.out)] == ["RequestSizeLimitExceeded"]


def test_many_windows_are_answered_briefly(run: Run, tmp_path: Path) -> None:
    body = start()
    body["VideoParams"]["LayoutParams"]["MixLayoutList"] *= 5_000
    answer = run("validate", written(tmp_path / "x", body))
    assert answer.code == 1
    assert "MixLayoutList has 10000 entries, more than 16" in answer.out


def test_schema_and_rules_print(run: Run) -> None:
    assert json.loads(run("schema", "ModifyCloudRecording").out)["required"] == ["SdkAppId", "TaskId"]
    assert run("schema", "Nothing").code == 2
    assert "window-outside" in run("rules").out
    assert {"rule", "severity", "code", "source", "summary"} == set(json.loads(run("rules", "--json").out)[0])

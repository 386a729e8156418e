"""A layout and the user's facts become a whole body that draws the same layout."""

import json

import pytest

from layoutkit import grid
from layoutkit.cli import main
from layoutkit.errors import SourceError
from layoutkit.wire import MODELS, from_wire, to_layout, to_wire
from layoutkit.wire.body import Action, Facts, to_body
from layoutkit.wire.check import check
from layoutkit.wire.schema import SERVICES

FACTS = Facts(
    sdk_app_id=1400000001,
    room="42",
    agent="robot_42",
    user_sig="sig",
    cdn_urls=("rtmp://push.example.com/live/a",),
    task="task-1",
    sequence=3,
    vod_expire_s=86_400,
)


@pytest.mark.parametrize("action", list(SERVICES))
@pytest.mark.parametrize("dynamic", [False, True])
def test_a_body_validates_and_draws_the_same_windows(action: Action, dynamic: bool) -> None:
    layout = grid((1280, 720), ["a", "b", "c"], service=SERVICES[action])
    body = to_body(layout, action, FACTS, dynamic=dynamic)
    assert to_wire(from_wire(MODELS[action], body)) == body
    assert [problem for problem in check(body, action) if problem.severity == "error"] == []
    drawn = to_layout(body, participants=["a", "b", "c"])
    assert drawn.canvas == layout.canvas
    assert [w.rect for w in drawn.windows] == [w.rect for w in layout.windows]
    assert [w.participant for w in drawn.windows] == [w.participant for w in layout.windows]


@pytest.mark.parametrize(
    ("action", "missing"),
    [
        ("StartPublishCdnStream", "sdk_app_id, room, agent, cdn_urls"),
        ("UpdatePublishCdnStream", "sdk_app_id, task, sequence"),
        ("CreateCloudRecording", "sdk_app_id, room, agent, user_sig, vod_expire_s"),
        ("ModifyCloudRecording", "sdk_app_id, task"),
    ],
)
def test_missing_facts_are_named_in_one_error(action: Action, missing: str) -> None:
    with pytest.raises(SourceError) as caught:
        to_body(grid((1280, 720), ["a"]), action, Facts())
    assert str(caught.value) == f"{action} needs {missing}"


@pytest.mark.parametrize(
    ("action", "options"),
    [
        ("StartPublishCdnStream", "--sdk-app-id, --room, --agent, --cdn-url"),
        ("UpdatePublishCdnStream", "--sdk-app-id, --task, --sequence"),
        ("CreateCloudRecording", "--sdk-app-id, --room, --agent, --user-sig, --vod-expire"),
        ("ModifyCloudRecording", "--sdk-app-id, --task"),
    ],
)
def test_the_command_names_the_options_that_are_missing(
    action: Action, options: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LAYOUTKIT_USER_SIG", raising=False)
    assert main(["payload", "grid", "--users", "a", "--action", action]) == 2
    assert f"{action} needs {options}\n" in capsys.readouterr().err


def test_values_the_api_does_not_take_are_errors() -> None:
    with pytest.raises(SourceError, match=r"\$\.VideoParams\.VideoEncode\.Width: .* 1920"):
        to_body(grid((2560, 1440), ["a"]), "StartPublishCdnStream", FACTS)
    lobby = Facts(sdk_app_id=1, room="lobby", agent="r", cdn_urls=("u",))
    with pytest.raises(SourceError, match="room 'lobby' is not an integer"):
        to_body(grid((640, 360), ["a"]), "StartPublishCdnStream", lobby)


def test_the_command_prints_a_whole_body(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["payload", "grid", "--users", "3", "--unnamed", "--action", "StartPublishCdnStream"]
    facts = ["--sdk-app-id", "1", "--room", "x", "--room-type", "string", "--agent", "r"]
    facts += ["--cdn-url", "rtmp://a/b"]
    assert main([*words, *facts]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body["RoomIdType"] == 1
    assert all("UserMediaStream" not in w for w in body["VideoParams"]["LayoutParams"]["MixLayoutList"])
    assert main(words) == 2
    assert "needs --sdk-app-id, --room, --agent, --cdn-url" in capsys.readouterr().err
    assert main([*words, "--service", "recording"]) == 2
    assert "is of publish" in capsys.readouterr().err

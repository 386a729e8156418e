"""The official SDK: every kind of body through its models, and sending to a server of the test's own."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tencentcloud.trtc", reason="the extra `tencent` is not installed")

from tencentcloud.trtc.v20190722 import models

from layoutkit import grid, load
from layoutkit.cli import main
from layoutkit.errors import SourceError
from layoutkit.wire import tencent, to_layout
from layoutkit.wire.body import Action, to_body
from layoutkit.wire.check import check
from layoutkit.wire.convert import convert
from layoutkit.wire.schema import SERVICES
from tests.wire.test_body import FACTS


@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize("action", list(SERVICES))
def test_every_kind_of_body_survives_the_sdks_models(action: Action, dynamic: bool) -> None:
    body = to_body(grid((1280, 720), ["a", "b"], service=SERVICES[action]), action, FACTS, dynamic=dynamic)
    assert tencent.from_sdk(tencent.to_sdk(body, action)) == body


def test_the_apis_samples_survive_the_sdks_models(service_samples: Path) -> None:
    for action in SERVICES:
        for file in sorted(service_samples.glob(f"{action}-*.json")):
            body = json.loads(file.read_text())
            assert tencent.from_sdk(tencent.to_sdk(body, action)) == body, file.name


def test_a_field_the_sdk_does_not_know_is_an_error() -> None:
    with pytest.raises(SourceError, match="Foo"):
        tencent.to_sdk({"SdkAppId": 1, "Foo": 2}, "StartPublishCdnStream")


class Service(ThreadingHTTPServer):
    """Speaks the API's response and error forms, and remembers what it was asked."""

    answer: dict[str, Any]
    asked: list[tuple[str, str, dict[str, Any]]]


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.headers["X-TC-Action"], self.headers["X-TC-Region"], body))
        data = json.dumps({"Response": self.server.answer}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """The test's output is no place for an access log."""


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("TENCENTCLOUD_SECRET_ID", "id")
    monkeypatch.setenv("TENCENTCLOUD_SECRET_KEY", "key")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = Service(("127.0.0.1", 0), _Handler)
    server.answer, server.asked = {"TaskId": "task-9", "RequestId": "r"}, []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def endpoint(service: Service) -> list[str]:
    return ["--endpoint", f"http://127.0.0.1:{service.server_port}", "--region", "ap-singapore"]


def test_a_body_is_sent_and_its_task_printed(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = to_body(grid((1280, 720), ["a", "b"]), "StartPublishCdnStream", FACTS)
    file = tmp_path / "body.json"
    file.write_text(json.dumps(body))
    assert main(["send", str(file), *endpoint(service)]) == 0
    assert capsys.readouterr().out == "task-9\n"
    assert service.asked == [("StartPublishCdnStream", "ap-singapore", body)]


@pytest.mark.parametrize(
    ("kind", "action"), [("publish", "StopPublishCdnStream"), ("recording", "DeleteCloudRecording")]
)
def test_a_task_is_stopped(
    service: Service, kind: str, action: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["send", "--stop", "task-9", "--service", kind, "--sdk-app-id", "7", *endpoint(service)]
    assert main(words) == 0
    assert service.asked == [(action, "ap-singapore", {"SdkAppId": 7, "TaskId": "task-9"})]
    assert capsys.readouterr().out == "task-9\n"


def test_the_services_no_is_one_line_and_exit_code_1(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    error = {"Code": "FailedOperation.TaskNotExist", "Message": "gone"}
    service.answer = {"Error": error, "RequestId": "r-1"}
    words = ["send", "--stop", "t", "--service", "publish", "--sdk-app-id", "7", *endpoint(service)]
    assert main(words) == 1
    expected = "layoutkit: StopPublishCdnStream: FailedOperation.TaskNotExist: gone (request r-1)\n"
    assert capsys.readouterr().err == expected


def test_without_credentials_nobody_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "TKE_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    asked: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *words, **_: asked.append(words) or [])
    monkeypatch.setattr(socket.socket, "connect", lambda _, place: asked.append(place))
    words = ["send", "--stop", "t", "--service", "publish", "--sdk-app-id", "7", "--region", "ap-singapore"]
    assert main(words) == 2
    assert asked == []
    error = capsys.readouterr().err
    assert error.startswith("layoutkit: no credentials: set TENCENTCLOUD_SECRET_ID")
    assert error.count("\n") == 1
    (tmp_path / ".tencentcloud").mkdir()
    for text in ("secret_id = x", "[other]\nsecret_id = x"):
        (tmp_path / ".tencentcloud" / "credentials").write_text(text)
        assert main(words) == 2
        assert "a section [default] has secret_id and secret_key" in capsys.readouterr().err
    assert asked == []


def test_credentials_are_read_from_the_sdks_file(
    service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TENCENTCLOUD_SECRET_ID")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".tencentcloud").mkdir()
    (tmp_path / ".tencentcloud" / "credentials").write_text("[default]\nsecret_id = a\nsecret_key = b\n")
    assert main(["send", "--stop", "t", "--service", "publish", "--sdk-app-id", "7", *endpoint(service)]) == 0


def test_a_service_that_is_not_there_is_one_line(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["send", "--stop", "t", "--service", "recording", "--sdk-app-id", "7", "--region", "ap-singapore"]
    assert main([*words, "--endpoint", f"http://127.0.0.1:{port}"]) == 1
    expected = f"layoutkit: DeleteCloudRecording: 127.0.0.1:{port} cannot be reached: Connection refused\n"
    assert capsys.readouterr().err == expected


def test_a_service_that_does_not_answer_is_not_waited_for(
    service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tencent, "TIMEOUT_S", 0.1)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        place = f"http://127.0.0.1:{silent.getsockname()[1]}"
        words = [
            "send",
            "--stop",
            "t",
            "--service",
            "publish",
            "--sdk-app-id",
            "7",
            "--region",
            "ap-singapore",
        ]
        assert main([*words, "--endpoint", place]) == 1
    assert "cannot be reached: no answer within 0.1 s" in capsys.readouterr().err


def test_a_region_is_checked_before_it_is_asked(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "body.json"
    file.write_text(json.dumps(to_body(grid((1280, 720), ["a"]), "StartPublishCdnStream", FACTS)))
    place = endpoint(service)[:2]
    assert main(["send", str(file), *place, "--region", "ap-mumbai"]) == 1
    assert "not sent: $.Region: Region ap-mumbai is not" in capsys.readouterr().err
    assert main(["send", str(file), *place]) == 2
    assert "--region is missing" in capsys.readouterr().err
    assert service.asked == []


def test_what_does_not_validate_is_not_sent(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = to_body(grid((1280, 720), ["a", "b"]), "StartPublishCdnStream", FACTS)
    file = tmp_path / "body.json"
    file.write_text(json.dumps({**body, "WithTranscoding": 5}))
    assert main(["send", str(file), *endpoint(service)]) == 1
    assert "not sent: $.WithTranscoding" in capsys.readouterr().err
    assert service.asked == []
    assert main(["send", *endpoint(service)]) == 2


def test_the_sdks_objects_can_be_drawn_and_checked(service_samples: Path) -> None:
    body = json.loads((service_samples / "StartPublishCdnStream-1.json").read_text())
    request = tencent.to_sdk(body, "StartPublishCdnStream")
    assert to_layout(request) == to_layout(body)
    assert sorted(map(str, check(request))) == sorted(map(str, check(body)))
    video = request.VideoParams
    for part in (video, video.LayoutParams, video.LayoutParams.MixLayoutList):
        assert load(part, canvas=(1280, 720)).windows == to_layout(body).windows
    there, same = convert(request, to="recording"), convert(body, to="recording")
    assert (there.document, set(there.losses)) == (same.document, set(same.losses))


def test_a_requests_class_tells_its_action() -> None:
    found = [one.path for one in check(models.UpdatePublishCdnStreamRequest()) if one.severity == "error"]
    assert sorted(found) == ["$.SdkAppId", "$.SequenceNumber", "$.TaskId", "$.WithTranscoding"]
    with pytest.raises(SourceError, match="action StopPublishCdnStream is not one of"):
        check(models.StopPublishCdnStreamRequest())

"""Fetching: within its limits, to the checked address, and never from inside the network.

The servers are the tests' own, each on a port of this machine.
"""

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from layoutkit.errors import SourceError
from layoutkit.raster import fetch as fetching
from layoutkit.raster.fetch import fetch, is_public

PICTURE = b"a picture, for all that fetching knows"
LIMIT_S = 0.4
"""The limit where a test waits for it."""


class Site(BaseHTTPRequestHandler):
    """Answers by path, and counts how often each was asked for."""

    protocol_version = "HTTP/1.1"
    asked: list[str]
    hosts: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.hosts.append(self.headers["Host"])
        path = self.path
        if path == "/flaky" and self.asked.count(path) < 3:
            self.answer(503, b"later")
        elif path in {"/ok", "/flaky"}:
            self.answer(200, PICTURE)
        elif path == "/hop":
            self.answer(302, b"", location="/ok")
        elif path in {"/loop", "/loop2"}:
            self.answer(302, b"", location="/loop2" if path == "/loop" else "/loop")
        elif path == "/inside":
            self.answer(302, b"", location="http://169.254.169.254/latest/meta-data")
        elif path == "/file":
            self.answer(302, b"", location="file:///etc/passwd")
        elif path == "/huge":
            self.answer(200, b"", length=fetching.MAX_BYTES + 1)
        elif path == "/endless":
            self.answer(200, b"", length=None)
            with suppress(OSError):
                for _ in range(100):
                    self.wfile.write(bytes(fetching.MAX_BYTES // 50))
        elif path == "/short":
            self.answer(200, PICTURE[:5], length=len(PICTURE))
        elif path == "/broken":
            self.answer(500, b"never")
        elif path == "/drip-head":
            self.drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000)
        elif path == "/drip-body":
            self.answer(200, b"", length=1000)
            self.drip(b"x" * 1000)
        elif path == "/hang":
            self.answer(200, b"", length=1000)
            self.drip(b"")
        else:
            self.answer(404, b"no")

    def answer(self, status: int, body: bytes, *, location: str = "", length: int | None = -1) -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        if length is not None:
            self.send_header("Content-Length", str(len(body) if length < 0 else length))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def drip(self, data: bytes) -> None:
        """A byte at a time, for longer than any fetch waits."""
        self.wfile.flush()
        with suppress(OSError):
            for place in range(60):
                self.wfile.write(data[place : place + 1])
                time.sleep(0.05)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests' output is for the tests."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    Site.asked, Site.hosts = [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def site(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def is_here(address: str) -> bool:
    return address == "127.0.0.1"


@pytest.mark.parametrize(
    ("path", "asked"),
    [("/ok", ["/ok"]), ("/hop", ["/hop", "/ok"]), ("/flaky", ["/flaky"] * 3)],
)
def test_a_picture_is_fetched_through_redirects_and_second_tries(
    site: str, path: str, asked: list[str]
) -> None:
    assert fetch(site + path, is_allowed=is_here) == PICTURE
    assert Site.asked == asked


@pytest.mark.parametrize(
    ("path", "message", "tries"),
    [
        ("/loop", "more than 5 redirects", 6),
        ("/inside", "169.254.169.254 is at 169.254.169.254, which is not a public address; refused", 1),
        ("/file", "only http and https URLs are fetched, not 'file:///etc/passwd'", 1),
        ("/huge", "5242881 bytes; the limit is 5242880", 1),
        ("/endless", "over 5242880 bytes", 1),
        ("/none", "the server says 404", 1),
        ("/broken", "no answer in 3 tries: the server says 500", 3),
        ("/short", "no answer in 3 tries: the answer breaks off 33 bytes before its end", 3),
    ],
)
def test_what_must_not_be_fetched_is_refused(site: str, path: str, message: str, tries: int) -> None:
    with pytest.raises(SourceError) as refused:
        fetch(site + path, is_allowed=is_here)
    assert message in str(refused.value)
    assert len(Site.asked) == tries


@pytest.mark.parametrize("path", ["/drip-head", "/drip-body", "/hang"])
def test_a_slow_server_costs_no_more_than_the_limit(
    site: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "LIMIT_S", LIMIT_S)
    start = time.monotonic()
    with pytest.raises(SourceError, match=r"no answer within 0\.4 s"):
        fetch(site + path, is_allowed=is_here)
    # The server would take 3 s for one try.
    assert time.monotonic() - start < 2
    assert Site.asked == [path]


def test_names_that_resolve_slowly_cost_no_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LIMIT_S", 0.05)
    go_on = threading.Event()

    def slow(host: str, port: int) -> list[str]:
        go_on.wait(20)
        return ["8.8.8.8"]

    try:
        with pytest.raises(SourceError, match=r"no answer within 0\.05 s"):
            fetch("http://slow.example/", resolve=slow)
    finally:
        go_on.set()


def test_a_tls_handshake_that_hangs_costs_no_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LIMIT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(SourceError, match=r"no answer within 0\.2 s"):
            fetch(f"https://127.0.0.1:{port}/", is_allowed=is_here)


def test_where_one_address_does_not_answer_the_next_is_tried(server: ThreadingHTTPServer) -> None:
    asked: list[str] = []

    def two(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.2", "127.0.0.1"]

    # The server listens at 127.0.0.1 alone.
    url = f"http://two.example:{server.server_port}/ok"
    assert fetch(url, resolve=two, is_allowed=lambda address: True) == PICTURE
    assert asked == ["two.example"]
    assert Site.hosts == [f"two.example:{server.server_port}"]


def test_the_address_that_was_checked_is_the_one_connected_to(server: ThreadingHTTPServer) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    checked: list[str] = []

    def check(address: str) -> bool:
        checked.append(address)
        return is_here(address)

    url = f"http://rebinding.example:{server.server_port}"
    assert fetch(f"{url}/ok", resolve=lambda host, port: next(answers), is_allowed=check) == PICTURE
    assert checked == ["127.0.0.1"]
    # A redirect asks and checks again.
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    with pytest.raises(SourceError, match=r"10\.0\.0\.1, which is not a public address"):
        fetch(f"{url}/hop", resolve=lambda host, port: next(answers), is_allowed=check)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of `pictures.example` and its key in one file, signed by itself."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed")
    path = tmp_path / "certificate.pem"
    words = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=pictures.example", "-addext", "subjectAltName=DNS:pictures.example"]
    command = [program, "req", "-x509", *words, *names, "-keyout", path, "-out", tmp_path / "only.pem"]
    subprocess.run(command, check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + (tmp_path / "only.pem").read_bytes())
    return path


def test_a_certificate_is_held_against_the_name_not_the_address(
    server: ThreadingHTTPServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)

    def get(host: str) -> bytes:
        url = f"https://{host}:{server.server_port}/ok"
        return fetch(url, resolve=lambda host, port: ["127.0.0.1"], is_allowed=is_here)

    with pytest.raises(SourceError, match="the server is not who it says: self-signed certificate"):
        get("pictures.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert get("pictures.example") == PICTURE
    with pytest.raises(SourceError, match="the server is not who it says: Hostname mismatch"):
        get("other.example")
    assert Site.asked == ["/ok"]


def test_this_machine_is_refused_by_rule(site: str) -> None:
    with pytest.raises(SourceError, match=r"127\.0\.0\.1, which is not a public address; refused"):
        fetch(site + "/ok")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
    ],
)
def test_an_address_of_the_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


def test_one_address_of_the_inside_among_several_is_enough_to_refuse() -> None:
    with pytest.raises(SourceError, match=r"10\.0\.0\.1, which is not a public address"):
        fetch("http://two.example/x.png", resolve=lambda host, port: ["8.8.8.8", "10.0.0.1"])


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://x/y", "http://", "x.png", "http://[::1", "http://a b/"]
)
def test_only_http_is_fetched(url: str) -> None:
    with pytest.raises(SourceError):
        fetch(url, resolve=lambda host, port: pytest.fail("nothing is looked up"))

"""Pictures named by URL: found in a folder, fetched within limits, never from inside the network."""

import io
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image

from layoutkit import Layout, Rect, Size
from layoutkit.errors import SourceError
from layoutkit.geometry.scene import ImageRef, ImageWatermark
from layoutkit.raster import fetch as fetching
from layoutkit.raster.assets import Assets, last_part
from layoutkit.raster.fetch import fetch, is_public
from layoutkit.raster.paint import paint


def png(width: int = 4, height: int = 3, color: str = "red") -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (width, height), color).save(data, "PNG")
    return data.getvalue()


class Site(BaseHTTPRequestHandler):
    """A server of the test's own."""

    tries = 0

    def do_GET(self) -> None:
        if self.path == "/flaky.png":
            Site.tries += 1
            if Site.tries < 3:
                self.answer(503, b"later")
                return
        if self.path in {"/ok.png", "/flaky.png"}:
            self.answer(200, png())
        elif self.path == "/hop":
            self.answer(302, b"", location="/ok.png")
        elif self.path == "/loop":
            self.answer(302, b"", location="/loop")
        elif self.path == "/inside":
            self.answer(302, b"", location="http://169.254.169.254/latest/meta-data")
        elif self.path == "/file":
            self.answer(302, b"", location="file:///etc/passwd")
        elif self.path == "/huge":
            self.answer(200, bytes(fetching.MAX_BYTES + 1))
        elif self.path == "/wide.png":
            self.answer(200, png(2561, 1))
        elif self.path == "/lie.png":
            self.answer(200, b"<html>no picture</html>")
        elif self.path == "/cut.png":
            self.answer(200, png(400, 300)[:80])
        else:
            self.answer(404, b"no")

    def answer(self, status: int, body: bytes, *, location: str | None = None) -> None:
        self.send_response(status)
        if location is not None:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests' output is for the tests."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def from_here(url: str) -> bytes:
    """As `fetch`, but this machine itself may be asked."""
    return fetch(url, is_allowed=lambda address: address == "127.0.0.1")


@pytest.mark.parametrize("path", ["/ok.png", "/hop", "/flaky.png"])
def test_a_picture_is_fetched_through_redirects_and_second_tries(site: str, path: str) -> None:
    assert from_here(site + path) == png()


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/loop", "more than 5 redirects"),
        ("/inside", "169.254.169.254, which is not a public address; refused"),
        ("/file", "only http and https URLs are fetched, not 'file:///etc/passwd'"),
        ("/huge", "over 5242880 bytes"),
        ("/none", "the server says 404"),
    ],
)
def test_what_must_not_be_fetched_is_refused(site: str, path: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        from_here(site + path)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/wide.png", "2561x1 pixels; the limit is 2560 a side"),
        ("/lie.png", "not a picture that can be read"),
        ("/cut.png", "a broken picture"),
    ],
)
def test_what_is_no_fit_picture_is_missing_with_its_reason(site: str, path: str, message: str) -> None:
    assets = Assets(fetch=from_here)
    assert assets(ImageRef(site + path)) is None
    assert message in assets.missing[site + path]


def test_this_machine_is_refused_by_rule(site: str) -> None:
    with pytest.raises(SourceError, match=r"127\.0\.0\.1, which is not a public address; refused"):
        fetch(site + "/ok.png")


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


def test_all_tries_together_end_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LIMIT_S", 0.05)

    def slow(host: str, port: int) -> list[str]:
        time.sleep(0.1)
        return ["8.8.8.8"]

    with pytest.raises(SourceError, match=r"no answer within 0\.05 s"):
        fetch("http://slow.example/", resolve=slow)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://x.example/a/b/logo%20one.png?sign=1#top", "logo one.png"),
        ("https://x.example/", "picture"),
        ("http://[::1", "picture"),
    ],
)
def test_the_last_part_of_a_url_is_its_name(url: str, name: str) -> None:
    assert last_part(url) == name


def test_a_folder_gives_pictures_by_the_last_part_of_their_url(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(png(5, 6))
    assets = Assets(tmp_path)
    found = assets(ImageRef("https://x.example/some/logo.png"))
    assert found is not None
    assert found.size == (5, 6)
    assert assets(ImageRef("https://x.example/none.png")) is None
    assert assets.missing["https://x.example/none.png"].endswith(f"no none.png in {tmp_path}")


@pytest.mark.parametrize("name", ["..%2Fsecret.png", "%2e%2e", "..%5Csecret.png", "a%00b"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.png").write_bytes(png())
    folder = tmp_path / "assets"
    folder.mkdir()
    assert Assets(folder)(ImageRef(f"https://x.example/{name}")) is None


def test_nothing_is_fetched_or_opened_unasked(tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(png())
    assets = Assets()
    assert assets(ImageRef(secret.as_uri())) is None
    assert assets(ImageRef("https://x.example/logo.png")) is None
    assert len(assets.missing) == 2


def test_a_missing_watermark_is_drawn_as_its_outline_and_name() -> None:
    mark = ImageWatermark(ImageRef("https://x.example/logo.png"), Rect(10, 10, 100, 60))
    picture = paint(Layout(Size(200, 100), (), watermarks=(mark,)), images=Assets())
    assert picture.getpixel((10, 10)) == (255, 255, 255)
    assert picture.crop((12, 12, 108, 68)).getbbox() is not None
    assert picture.getpixel((150, 50)) == (0, 0, 0)

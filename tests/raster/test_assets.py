"""Pictures named by URL: found in a folder, or missing with their reason."""

import io
from pathlib import Path

import pytest
from PIL import Image

from layoutkit import Layout, Rect, Size
from layoutkit.geometry.scene import ImageRef, ImageWatermark
from layoutkit.raster.assets import Assets, last_part
from layoutkit.raster.paint import paint


def png(width: int = 4, height: int = 3, color: str = "red") -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (width, height), color).save(data, "PNG")
    return data.getvalue()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (png(2561, 1), "2561x1 pixels; the limit is 2560 a side"),
        (b"<html>no picture</html>", "not a picture that can be read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture that can be read"),
        (png(400, 300)[:80], "a broken picture"),
    ],
)
def test_what_is_no_fit_picture_is_missing_with_its_reason(answer: bytes, message: str) -> None:
    assets = Assets(fetch=lambda url: answer)
    assert assets(ImageRef("https://x.example/a.png")) is None
    assert message in assets.missing["https://x.example/a.png"]


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

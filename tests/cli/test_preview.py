"""`preview` with users' pictures and recordings, and one clear line for a mistake."""

import io
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import av
import pytest
from PIL import Image, ImageChops, ImageFont

from layoutkit import Layout, Size
from layoutkit.cli import main
from layoutkit.cli.picture import layout_at, parse_now
from layoutkit.raster import fetch
from layoutkit.sei.row import SeiMessage
from layoutkit.sei.volume_layout import VolumeLayout
from tests.cli.conftest import Run
from tests.sei.recording import (
    flv,
    parameter_sets,
    picture_tags,
    pictures,
    sequence_header,
    with_layouts,
)


@pytest.fixture
def red(tmp_path: Path) -> Path:
    path = tmp_path / "user-1.png"
    Image.new("RGB", (64, 36), "red").save(path)
    return path


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_a_users_picture_fills_their_window_in_every_format(tmp_path: Path, red: Path, suffix: str) -> None:
    output = tmp_path / f"out{suffix}"
    assert main(["preview", "grid", "--users", "2", "--source", f"user-1={red}", "-o", str(output)]) == 0
    with Image.open(output) as picture:
        assert picture.size == (1280, 720)
        color = picture.convert("RGB").getpixel((100, 100))
    assert isinstance(color, tuple)
    assert color[0] > 240
    assert max(color[1:]) < 15


def test_labels_time_and_moment_reach_the_picture(run: Run, tmp_path: Path, red: Path, video: Path) -> None:
    """In SVG, whose text can be read, and in the pixels of a picture: both take the same options."""
    body = {"MixLayoutMode": 3, "WaterMarkList": [{"WaterMarkType": 2, "WaterMarkTimestamp": {"Pos": 0}}]}
    source = tmp_path / "body.json"
    source.write_text(json.dumps(body))
    words = ["preview", source, "--users", "user-1", "--canvas", "320x180", "--source", f"user-1={red}"]
    now = ["--now", "2025-03-11T08:00:00Z"]

    def seen(*more: str | Path) -> tuple[str, Image.Image]:
        svg, png = tmp_path / "x.svg", tmp_path / "x.png"
        for target in (svg, png):
            assert run(*words, *more, "-o", target).code == 0
        with Image.open(png) as picture:
            return svg.read_text(), picture.convert("RGB")

    plain, labelled, later = seen(*now), seen(*now, "--labels"), seen("--now", "2025-03-11 08:00:00-03:30")
    assert ">2025-03-11 16:00:00<" in plain[0]
    assert ">2025-03-11 19:30:00<" in later[0]
    assert "user-1  320x180" in labelled[0]
    assert "user-1  320x180" not in plain[0]
    assert plain[1].getpixel((2, 178)) == (255, 0, 0)
    assert labelled[1].getpixel((2, 178)) == (102, 0, 0)
    # Only the hour and minute differ, in the top left corner.
    changed = ImageChops.difference(plain[1], later[1]).getbbox()
    assert changed is not None
    assert changed[0] > 60
    assert changed[3] < 40
    words[-1] = f"user-1={video}"
    colors = [seen(*now, "--at", at)[1].getpixel((200, 150)) for at in ("0", "1.5")]
    assert [max(range(3), key=lambda channel: color[channel]) for color in colors] == [0, 2]  # type: ignore[index]


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """A second of red and a second of blue."""
    path = tmp_path / "video.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(20):
            color = "red" if number < 10 else "blue"
            frame = av.VideoFrame.from_image(Image.new("RGB", (64, 48), color))
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def test_a_folder_of_pictures_is_named_after_users(tmp_path: Path, red: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    red.rename(folder / "user-1.png")
    output = tmp_path / "out.png"
    assert main(["preview", "grid", "--users", "2", "--sources", str(folder), "-o", str(output)]) == 0
    with Image.open(output) as picture:
        assert picture.getpixel((100, 100)) == (255, 0, 0)


def test_a_folder_tells_a_screen_from_a_camera_and_yields_to_what_is_named(run: Run, tmp_path: Path) -> None:
    for name, color in (("a", "red"), ("a@screen", "lime"), ("b", "blue"), ("b@screen", "white")):
        Image.new("RGB", (8, 8), color).save(tmp_path / f"{name}.png")
    words = ["--users", "a,a:screen,b,b:screen", "--sources", tmp_path]
    named = ["--source", f"b:screen={tmp_path / 'a.png'}"]
    target = tmp_path / "out" / "x.png"
    target.parent.mkdir()
    answer = run("preview", "grid", *words, *named, "-o", target)
    assert (answer.code, answer.err) == (0, "")
    with Image.open(target) as picture:
        seen = [picture.getpixel(place) for place in ((9, 9), (1270, 9), (9, 710), (1270, 710))]
    assert seen == [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 0, 0)]


def test_a_picture_goes_to_standard_output() -> None:
    command = [sys.executable, "-m", "layoutkit", "preview", "grid", "-o", "-"]
    answer = subprocess.run(command, capture_output=True, check=True)
    assert Image.open(io.BytesIO(answer.stdout)).size == (1280, 720)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["-o", "x.bmp"], "the picture's suffix is .png"),
        (["-o", "x.png", "--source", "user-1"], "write USER=FILE"),
        (["-o", "x.png", "--source", "user-1=none.png"], "no such file"),
        (["-o", "x.png", "--source", "a=.", "--source", "a=.."], "--source a=..: a has . already"),
        (["-o", "x.png", "--sources", "none"], "no such folder"),
        (["-o", "x.png", "--at", "-1"], "the moment is from 0"),
        (["-o", "x.png", "--at", "nan"], "the moment is from 0"),
        (["-o", "x.png", "--now", "noon"], "not a time as in"),
    ],
)
def test_a_mistake_gets_one_line_and_no_output(
    words: list[str],
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["preview", "grid", *words]) == 2
    errors = capsys.readouterr().err
    assert complaint in errors
    assert errors.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_recording_without_layouts_says_so(
    recordings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video = recordings / "videojs__caption.ts"
    assert main(["preview", str(video), "-o", str(tmp_path / "x.png")]) == 2
    assert "no volume-layout SEI with a time stamp" in capsys.readouterr().err


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """1.6 seconds from 1 s on, with a layout of 64x48 about every 0.4 s."""
    sei = (
        b'{"canvas":{"w":64,"h":48},"regions":[{"uid":"a","x":0,"y":0,"w":64,"h":48,"zorder":0,"volume":1}]}'
    )
    found = with_layouts(pictures(), sei)
    path = tmp_path / "r.flv"
    path.write_bytes(flv([sequence_header(parameter_sets()), *picture_tags(found, start=25)]))
    return path


def test_a_recording_that_is_cut_off_is_drawn_as_far_as_it_goes(
    run: Run, tmp_path: Path, recording: Path
) -> None:
    recording.write_bytes(recording.read_bytes()[:-5])
    target = tmp_path / "x.png"
    answer = run("preview", recording, "--at", "1.5", "-o", target)
    assert answer.code == 0
    assert answer.err.startswith(f"layoutkit: warning: {recording}: it is cut off")
    assert answer.err.endswith("; drawn is what came before\n")
    with Image.open(target) as picture:
        assert picture.size == (64, 48)


def test_before_the_first_layout_that_one_is_drawn_and_told(
    run: Run, tmp_path: Path, recording: Path
) -> None:
    target = tmp_path / "x.png"
    answer = run("preview", recording, "--at", "0.5", "-o", target)
    assert answer.code == 0
    assert answer.err.startswith(f"layoutkit: warning: {recording}: its first layout comes at 1")
    assert answer.err.endswith(" s, and that one is drawn\n")
    # Long past the end the last one still holds.
    answer = run("preview", recording, "--at", "999", "-o", target)
    assert (answer.code, answer.err) == (0, "")


@pytest.mark.parametrize(
    ("at_s", "width"), [(0.0, 10), (0.99, 10), (1.0, 20), (1.5, 20), (2.0, 30), (900.0, 30)]
)
def test_the_layout_at_a_moment_is_the_last_one_until_then(
    at_s: float, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the order of presentation: where there are B-frames a recording holds them in another."""

    def message(pts_s: float | None, width: int) -> SeiMessage:
        payload = VolumeLayout.from_layout(Layout(Size(width, 10), ()), ts=0).serialize()
        return SeiMessage(100, payload, pts_s=pts_s)

    found = [
        message(0.0, 10),
        message(2.0, 30),
        message(1.0, 20),
        message(None, 40),
        SeiMessage(5, b"x" * 16),
    ]
    monkeypatch.setattr("layoutkit.sei.reader.read_sei", lambda _: iter(found))
    warnings: list[str] = []
    assert layout_at("r.mp4", at_s, warnings.append).canvas == Size(width, 10)
    assert warnings == []


def test_a_time_without_a_zone_is_utc_wherever_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        moments = [parse_now(f"2025-03-11{clock}") for clock in ("T08:00:00", " 08:00", "T08:00:00Z")]
        moments.append(parse_now("2025-03-11T13:30:00+05:30"))
        moments.append(parse_now("20250310T233000-0830"))
        assert moments == [datetime(2025, 3, 11, 8, tzinfo=UTC)] * 5
        assert parse_now("2025-03-11") == datetime(2025, 3, 11, tzinfo=UTC)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_several_sources_side_by_side(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "both.png"
    assert run("preview", "grid", "floating", "--compare", "--canvas", "320x180", "-o", target).code == 0
    with Image.open(target) as picture:
        assert picture.width > 640


def test_svg_goes_to_a_file_or_to_standard_output(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "grid.svg"
    assert run("preview", "grid", "--svg", "-o", target).code == 0
    assert run("preview", "grid", "--svg", "-o", "-").out == target.read_text()
    answer = run("preview", "grid", "--svg", "--legend", "-o", tmp_path / "x.svg")
    assert (answer.code, answer.err) == (
        2,
        "layoutkit: SVG draws one layout, without --legend and --compare\n",
    )


def test_a_name_that_ends_in_svg_is_written_as_svg(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "grid.SVG"
    assert run("preview", "grid", "-o", target).code == 0
    assert run("preview", "grid", "--svg", "-o", "-").out == target.read_text()


def test_what_the_picture_is_made_of_is_never_written_over(run: Run, tmp_path: Path) -> None:
    body = [{"LocationX": 0, "LocationY": 0, "ImageWidth": 64, "ImageHeight": 36}]
    layout = tmp_path / "layout.png"
    layout.write_text(json.dumps(body))
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("a", "out", "back"):
        Image.new("RGB", (8, 8)).save(folder / f"{name}.png")
    behind = {**body[0], "BackgroundImageUrl": "https://x/back.png"}
    named = tmp_path / "named.json"
    named.write_text(json.dumps([behind]))
    font = tmp_path / "font.png"
    font.write_bytes(ImageFont.load_default(10).font_bytes)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    grid = ["preview", "grid", "--users", "a,b"]
    for words, target in (
        (["preview", layout, "--users", "a"], layout),
        (["preview", layout, "--users", "a", "--svg"], tmp_path / "link.svg"),
        ([*grid, "--source", f"a={folder / 'a.png'}"], folder / "a.png"),
        ([*grid, "--sources", folder], folder / "a.png"),
        ([*grid, "--font", font], font),
        (["sheet", "grid", "--font", font], font),
        (["preview", named, "--users", "a:audio", "--assets", folder], folder / "back.png"),
    ):
        if target.suffix == ".svg":
            target.symlink_to(layout)
        answer = run(*words, "-o", target)
        assert answer.code == 2
        assert answer.err.endswith(f"{target}: the output is the input; write to another file\n")
    assert {path: path.read_bytes() for path in before} == before
    # A picture that only lies beside those that are shown is written anew.
    assert run(*grid, "--sources", folder, "-o", folder / "out.png").code == 0


def test_of_a_users_files_a_picture_comes_first(run: Run, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), "red").save(tmp_path / "a.webp", lossless=True)
    (tmp_path / "a.txt").write_text("notes on a")
    target = tmp_path / "out" / "x.png"
    target.parent.mkdir()
    assert run("preview", "grid", "--users", "a", "--sources", tmp_path, "-o", target).code == 0
    with Image.open(target) as picture:
        assert picture.getpixel((9, 9)) == (255, 0, 0)


def test_layouts_are_not_taken_for_bodies_of_a_task(run: Run, tmp_path: Path) -> None:
    for name in ("grid", "pk-battle"):
        answer = run("preview", name, "floating", "-o", tmp_path / "x.png")
        assert (answer.code, answer.err) == (
            2,
            f"layoutkit: {name} is no body of a task; --compare draws several layouts side by side\n",
        )


def test_a_pipe_without_a_writer_is_not_waited_for(run: Run, tmp_path: Path) -> None:
    for name in ("pipe", "pipe.png"):
        pipe = tmp_path / name
        os.mkfifo(pipe)
        answer = run("preview", "grid", "--source", f"user-1={pipe}", "-o", tmp_path / "x.png")
        assert (answer.code, answer.err) == (2, f"layoutkit: {pipe}: a pipe or device; name a file\n")
    answer = run("preview", "grid", "--font", pipe, "-o", tmp_path / "x.png")
    assert (answer.code, answer.err) == (2, f"layoutkit: {pipe}: a pipe; name a font file\n")


def test_a_legend_adds_a_strip(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "grid.png"
    assert run("preview", "grid", "--legend", "-o", target).code == 0
    with Image.open(target) as picture:
        assert picture.size == (1280, 720 + 2 * 24)


def test_pictures_are_fetched_where_it_is_asked_for_and_never_from_inside(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def body(url: str) -> Path:
        window = {
            "LocationX": 0,
            "LocationY": 0,
            "ImageWidth": 64,
            "ImageHeight": 36,
            "BackgroundImageUrl": url,
        }
        path = tmp_path / "body.json"
        path.write_text(json.dumps({"MixLayoutMode": 4, "MixLayoutList": [window]}))
        return path

    asked: list[str] = []
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "PNG")

    def answer(url: str) -> bytes:
        asked.append(url)
        return file.getvalue()

    target = tmp_path / "x.png"
    words = ["--users", "a:audio", "--canvas", "64x36", "-o", target]
    with monkeypatch.context() as patch:
        patch.setattr(fetch, "fetch", answer)
        url = "https://x.example/a.png"
        kept = run("preview", body(url), *words)
        assert asked == []
        assert f"warning: {url}: not looked up; --assets DIR or --fetch finds it\n" in kept.err
        fetched = run("preview", body(url), *words, "--fetch")
        assert (asked, "warning" in fetched.err) == ([url], False)
        with Image.open(target) as picture:
            assert picture.getpixel((9, 9)) == (255, 0, 0)
    for url, reason in (
        ("http://127.0.0.1:9/a.png", "which is not a public address; refused"),
        ("file:///etc/hostname", "only http and https URLs are fetched"),
    ):
        refused = run("preview", body(url), *words, "--fetch")
        assert refused.code == 0
        assert f"warning: {url}: " in refused.err
        assert reason in refused.err


def test_a_picture_for_nobody_is_told(run: Run, tmp_path: Path) -> None:
    picture = tmp_path / "p.png"
    Image.new("RGB", (8, 8)).save(picture)
    words = ["--source", f"a={picture}", "--source", f"b:screen={picture}"]
    answer = run("preview", "grid", "--users", "a,b", *words, "-o", tmp_path / "x.png")
    assert answer.code == 0
    assert answer.err == f"layoutkit: warning: --source b:screen={picture}: b:screen has no window\n"


def test_layout_options_mean_nothing_to_a_recording(run: Run, tmp_path: Path) -> None:
    recording = tmp_path / "r.mp4"
    recording.write_bytes(b"anything that is no JSON")
    answer = run("preview", recording, "--users", "3", "--align", "2", "-o", tmp_path / "x.png")
    assert answer.code == 2
    assert answer.err.startswith("layoutkit: --users, --align means nothing to a recording")


def test_svg_is_not_written_into_a_picture_s_name(run: Run, tmp_path: Path) -> None:
    answer = run("preview", "grid", "--users", "2", "--svg", "-o", tmp_path / "a.png")
    assert (answer.code, "ends in .svg" in answer.err, list(tmp_path.iterdir())) == (2, True, [])

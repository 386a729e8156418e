"""Playlists of local segments read without FFmpeg beside FFmpeg's packets."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from layoutkit.sei.reader import read_sei
from tests.sei.test_fast import assert_same, is_fast
from tests.sei.test_fast_ts_program import HEVC, encoded


@pytest.fixture(scope="module")
def segments(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Name to content of a playlist and its five segments."""
    path = tmp_path_factory.mktemp("hls") / "list.m3u8"
    encoded(path, hls_time="0.4", hls_list_size="0")
    found = {each.name: each.read_bytes() for each in path.parent.iterdir()}
    assert sorted(found) == ["list.m3u8", *(f"list{number}.ts" for number in range(5))]
    return found


def unpacked(segments: dict[str, bytes], folder: Path) -> Path:
    for name, content in segments.items():
        (folder / name).write_bytes(content)
    return folder / "list.m3u8"


@pytest.mark.parametrize("video", ["libx264 ", f"libx265 {HEVC}:bframes=3"], ids=["h264", "hevc"])
@pytest.mark.parametrize(
    "options",
    [
        {"hls_playlist_type": "vod"},
        {"hls_playlist_type": "event", "hls_flags": "program_date_time+independent_segments"},
        {"hls_time": "0.3", "hls_flags": "split_by_time+round_durations"},
        {
            "start_number": "70",
            "hls_allow_cache": "1",
            "hls_segment_options": "mpegts_flags=initial_discontinuity",
        },
    ],
)
@pytest.mark.parametrize("sound", ["aac", "ac3"])
def test_local_segments_are_read_as_one_stream(
    options: dict[str, str], video: str, sound: str, tmp_path: Path
) -> None:
    path = tmp_path / "list.m3u8"
    coder, settings = video.split(" ")
    muxer = {"hls_time": "0.4", "hls_list_size": "0"} | options
    arguments = (coder, settings) if settings else (coder,)
    encoded(path, *arguments, sound=sound, **muxer)
    assert len(list(tmp_path.glob("*.ts"))) >= 5
    assert is_fast(path)
    assert len(list(read_sei(path, {1, 132}))) == 50
    assert_same(path)


EDITS: dict[str, Callable[[str], str]] = {
    "discontinuity": lambda text: text.replace("#EXTINF", "#EXT-X-DISCONTINUITY\n#EXTINF", 3),
    "part": lambda text: text.replace("list2.ts", "#EXT-X-BYTERANGE:18800@0\nlist2.ts"),
    "key": lambda text: text.replace("#EXTINF", "#EXT-X-KEY:METHOD=NONE\n#EXTINF", 1),
    "start": lambda text: text.replace("#EXTINF", "#EXT-X-START:TIME-OFFSET=1\n#EXTINF", 1),
    "missing": lambda text: text.replace("list2.ts", "list9.ts"),
    "address": lambda text: text.replace("list2.ts", "./list2.ts"),
    "no-length": lambda text: text.replace("#EXTINF", "# EXTINF", 1),
    "twice": lambda text: text.replace("list2.ts", "list1.ts"),
    "back": lambda text: text.replace("list2.ts", "list4.ts"),
    "list-of-lists": lambda text: "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nother.m3u8\n",
}


@pytest.mark.parametrize("name", EDITS)
def test_other_playlists_are_left_to_ffmpeg(name: str, segments: dict[str, bytes], tmp_path: Path) -> None:
    path = unpacked(segments, tmp_path)
    (tmp_path / "other.m3u8").write_bytes(segments["list.m3u8"])
    text = path.read_text()
    path.write_text(EDITS[name](text))
    assert path.read_text() != text
    assert not is_fast(path)
    assert_same(path)


@pytest.mark.parametrize("end", ["\r\n", "\n\n", "\n"])
def test_lines_end_as_they_like(end: str, segments: dict[str, bytes], tmp_path: Path) -> None:
    path = unpacked(segments, tmp_path)
    path.write_bytes(path.read_bytes().replace(b"\n", end.encode()).removesuffix(end.encode()))
    assert is_fast(path)
    assert_same(path)


def test_segments_may_be_left_out(segments: dict[str, bytes], tmp_path: Path) -> None:
    path = unpacked(segments, tmp_path)
    lines = path.read_text().splitlines()
    place = lines.index("list2.ts")
    path.write_text("\n".join(lines[: place - 1] + lines[place + 1 :]))
    assert is_fast(path)
    assert_same(path)


@pytest.mark.parametrize("cut", [1, 187, 188, 1880, 5000])
@pytest.mark.parametrize("number", [0, 2, 4])
def test_a_segment_that_is_cut_off_gives_the_same(
    cut: int, number: int, segments: dict[str, bytes], tmp_path: Path
) -> None:
    path = unpacked(segments, tmp_path)
    name = f"list{number}.ts"
    (tmp_path / name).write_bytes(segments[name][:-cut])
    assert_same(path)
    assert is_fast(path) == (cut % 188 == 0)


@pytest.mark.parametrize("name", ["empty", "moved"])
def test_segments_that_are_no_streams_of_their_own(
    name: str, segments: dict[str, bytes], tmp_path: Path
) -> None:
    """The stream goes on from one file to the next wherever the border is."""
    path = unpacked(segments, tmp_path)
    both = segments["list1.ts"] + segments["list2.ts"]
    border = 0 if name == "empty" else random.Random(1).randrange(len(both) // 188) * 188
    (tmp_path / "list1.ts").write_bytes(both[:border])
    (tmp_path / "list2.ts").write_bytes(both[border:])
    assert_same(path)
    assert is_fast(path)

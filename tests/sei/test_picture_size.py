"""The size of a MP4's or FLV's pictures, told without FFmpeg, beside what FFmpeg says."""

import struct
from pathlib import Path

import pytest

from layoutkit.errors import StreamError
from layoutkit.sei import glimpse, long_movie
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.picture_size import picture_size
from layoutkit.sei.track import opened
from layoutkit.sei.write import video_size
from tests.sei.recording import (
    Mp4Track,
    avcc,
    flv,
    hvcc,
    mp4,
    parameter_sets,
    picture_tags,
    pictures,
    run_ffmpeg,
    samples,
    sequence_header,
)

STREAMS = Path(__file__).resolve().parents[3] / "shared" / "data" / "streams"
CORPUS = sorted(path for path in STREAMS.glob("*") if path.suffix in {".mp4", ".mov", ".flv"})


def of_ffmpeg(path: Path) -> tuple[int, int]:
    with opened(path) as (_, track):
        return track.video.width, track.video.height


@pytest.mark.parametrize("size", ["96x64", "98x66", "640x360", "1920x1080", "2x50"])
@pytest.mark.parametrize(
    "coder",
    [
        "libx264 -profile:v baseline",
        "libx264 -profile:v main -flags +ildct+ilme",
        "libx264 -profile:v high10 -pix_fmt yuv420p10le",
        "libx264 -profile:v high422 -pix_fmt yuv422p",
        "libx265 -x265-params log-level=none",
        "libx265 -pix_fmt yuv422p10le -x265-params log-level=none:temporal-layers=3",
    ],
)
def test_a_recording_of_any_profile_is_of_the_size_that_ffmpeg_says(
    size: str, coder: str, tmp_path: Path
) -> None:
    path = tmp_path / "in.mp4"
    command = f"-f lavfi -i color=s={size}:d=0.2 -pix_fmt yuv420p -c:v {coder} {path}"
    if run_ffmpeg(command.split()):
        pytest.skip("this FFmpeg does not encode that")
    assert picture_size(str(path)) == of_ffmpeg(path)
    assert "x".join(map(str, picture_size(str(path)))) == size
    if "264" in coder:
        copy = tmp_path / "copy.flv"
        assert run_ffmpeg(f"-i {path} -c copy {copy}".split()) == 0
        assert picture_size(str(copy)) == of_ffmpeg(copy) == picture_size(str(path))


@pytest.mark.skipif(not CORPUS, reason="the corpus is not here")
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_a_recording_of_the_corpus_is_of_the_size_that_ffmpeg_says(path: Path) -> None:
    assert video_size(path) == of_ffmpeg(path)


def test_where_sample_entry_and_parameter_sets_differ_ffmpeg_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "in.mp4"
    for codec, config in (("h264", avcc(parameter_sets())), ("hevc", hvcc(parameter_sets("hevc")))):
        found = samples(pictures(codec))  # type: ignore[arg-type]
        path.write_bytes(mp4(Mp4Track(found, [config], codec, size=64)))  # type: ignore[arg-type]
        assert picture_size(str(path)) == (64, 64)
        path.write_bytes(mp4(Mp4Track(found, [config], codec, size=48)))  # type: ignore[arg-type]
        with pytest.raises(GiveWay, match=r"a sample entry of \(48, 48\) and .* of \(64, 64\)"):
            picture_size(str(path))
        assert video_size(path) == of_ffmpeg(path)


@pytest.mark.parametrize("track", [None, 0, 1])
def test_what_ffmpeg_is_asked_it_tells_from_the_beginning(
    track: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It makes an index of all pictures it gets to see, some 40 bytes for each."""
    path = tmp_path / "in.mp4"
    found = [
        Mp4Track(samples(pictures(size=size)), [avcc(parameter_sets(size=size))], size=48)
        for size in (64, 128)
    ]
    path.write_bytes(mp4(*found[: 1 if track is None else 2]))
    with pytest.raises(GiveWay):
        picture_size(str(path))
    monkeypatch.setattr(glimpse, "_SAMPLES", 10)
    monkeypatch.setattr(long_movie, "open_recording", None)
    assert video_size(path, track=track) == ((128, 128) if track else (64, 64))


def test_a_track_that_is_not_there_has_no_size(tmp_path: Path) -> None:
    path = tmp_path / "in.mp4"
    path.write_bytes(mp4(Mp4Track(samples(pictures()), [avcc(parameter_sets())])))
    with pytest.raises(StreamError, match=r"in\.mp4: there is no video track 2; there is 0$"):
        video_size(path, track=2)


@pytest.mark.parametrize("name", ["in.mp4", "in.flv"])
def test_no_parameter_set_that_is_cut_off_is_believed(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    sps, pps = parameter_sets()
    for length in range(4, len(sps)):
        sets = [sps[:length], pps]
        if name == "in.flv":
            path.write_bytes(flv([sequence_header(sets), *picture_tags(pictures())]))
        else:
            path.write_bytes(mp4(Mp4Track(samples(pictures()), [avcc(sets)])))
        assert video_size(path) == of_ffmpeg(path)


def test_the_metadata_of_flv_is_not_asked_for_a_size_nor_does_ffmpeg_ask_it(tmp_path: Path) -> None:
    path = tmp_path / "in.flv"
    command = f"-f lavfi -i color=s=96x64:d=0.2 -pix_fmt yuv420p -c:v libx264 {path}"
    assert run_ffmpeg(command.split()) == 0
    before, width, behind = path.read_bytes().partition(b"\x00\x05width\x00" + struct.pack(">d", 96))
    path.write_bytes(before + width[:8] + struct.pack(">d", 48) + behind)
    assert picture_size(str(path)) == of_ffmpeg(path) == (96, 64)


def test_a_flv_without_packets_or_with_parameter_sets_of_two_sizes_is_not_told_of(tmp_path: Path) -> None:
    path = tmp_path / "in.flv"
    path.write_bytes(flv([sequence_header(parameter_sets())]))
    with pytest.raises(GiveWay, match="no packet"):
        picture_size(str(path))
    path.write_bytes(flv([sequence_header(parameter_sets(size=96)), *picture_tags(pictures())]))
    with pytest.raises(GiveWay, match=r"sequence parameter sets of {.*\(96, 96\).*}"):
        picture_size(str(path))
    assert video_size(path) == of_ffmpeg(path)

"""A long MP4 read in windows of its tables, beside FFmpeg's reading of it: the same packets, in order."""

import os
import signal
import struct
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn

import av
import pytest

from layoutkit.errors import LayoutkitError, StreamError
from layoutkit.sei import fragment_windows, glimpse, long_movie, windows, write
from layoutkit.sei.change import Written
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.message import Message
from layoutkit.sei.report import Report
from layoutkit.sei.row import SeiMessage
from layoutkit.sei.stream import read_packets
from layoutkit.sei.write import copy_sei, strip_sei, write_sei
from tests.sei.recording import Mp4Track, avcc, mp4, parameter_sets, pictures, run_ffmpeg, samples

STREAMS = Path(__file__).resolve().parents[3] / "shared" / "data" / "streams"
CORPUS = sorted(STREAMS.glob("*.mp4"))

UNDERSTOOD_IN_CORPUS = {
    "androidx__fragmented_captions.mp4",
    "androidx__fragmented_captions_h265.mp4",
    "shaka__cea.mp4",
    "androidx__h265_bframes.mp4",
    "androidx__iibbibb_editlist_videoonly.mp4",
    "axiomatic-systems__video-h264-001.mp4",
}

VIDEO = "-f lavfi -i testsrc=s=64x64:r=25:d=12"
SOUND = "-f lavfi -i sine=d=12"
X264 = "-c:v libx264 -threads 1 -g 30"
X265 = "-c:v libx265 -x265-params log-level=none:keyint=40:pools=1:frame-threads=1"

MADE = {
    "plain.mp4": f"{VIDEO} {SOUND} {X264} -bf 3 -c:a aac",
    "front.mp4": "-i plain.mp4 -c copy -movflags +faststart",
    "cut.mp4": "-ss 3.13 -i plain.mp4 -c copy",
    "cut-behind.mp4": "-ss 3.13 -t 6.5 -i plain.mp4 -c copy",
    "open.mp4": f"{VIDEO} {SOUND} {X264} -x264-params open-gop=1:bframes=3 -c:a aac",
    "open-cut.mov": "-ss 2.7 -i open.mp4 -c copy",
    "no-b.mp4": f"{VIDEO} {SOUND} {X264} -bf 0 -c:a aac",
    "no-b-cut.mp4": "-ss 3.13 -i no-b.mp4 -c copy",
    "intra.mp4": f"{VIDEO} {SOUND} {X264} -g 1 -c:a aac",
    "negative.mp4": f"{VIDEO} {SOUND} {X264} -bf 3 -movflags negative_cts_offsets -c:a libopus",
    "hevc.mp4": f"{VIDEO} {SOUND} {X265} -c:a flac -strict -2",
    "uneven.mp4": "-stream_loop 2 -i plain.mp4 -c copy",
    "uneven-cut.mp4": "-ss 5.1 -i uneven.mp4 -c copy",
    "uneven-no-b.mp4": "-stream_loop 2 -i no-b.mp4 -c copy",
    "pcm.mov": f"{VIDEO} {SOUND} {X264} -c:a pcm_s16le",
    "pcm-24.mov": f"{VIDEO} {SOUND} {X264} -bf 0 -c:a pcm_s24be",
    "alac.mov": f"{VIDEO} {SOUND} {X264} -c:a alac",
    "two-sounds.mp4": f"{VIDEO} {SOUND} {SOUND}:r=48000 -map 0 -map 1 -map 2 {X264} -c:a aac",
    "two-videos.mp4": "-i plain.mp4 -i plain.mp4 -map 0:v -map 1 -c copy",
    "subtitles.mp4": "-i plain.mp4 -i words.srt -map 0 -map 1 -c copy -c:s mov_text",
    "chapters.mp4": "-i plain.mp4 -i chapters.txt -map_metadata 1 -c copy",
    "cover.mp4": "-i plain.mp4 -i cover.png -map 0 -map 1 -c copy -disposition:v:1 attached_pic",
    "turned.mp4": "-i plain.mp4 -c copy -metadata:s:v rotate=90",
    "timecode.mov": "-i plain.mp4 -c copy -timecode 01:00:00:00",
    "late-sound.mp4": "-i plain.mp4 -itsoffset 1.5 -i plain.mp4 -map 0:v -map 1:a -c copy",
    "late-video.mp4": "-itsoffset 2 -i plain.mp4 -i plain.mp4 -map 0:v -map 1:a -c copy",
}
"""FFmpeg's words for recordings, each made of those before it."""

FRAGMENTED = {
    "keys.mp4": "-i plain.mp4 -c copy -movflags empty_moov+frag_keyframe",
    "delayed.mp4": "-i plain.mp4 -c copy -movflags frag_keyframe+delay_moov",
    "frames.mp4": "-i plain.mp4 -c copy -movflags empty_moov+frag_every_frame",
    "frames-cut.mp4": "-ss 3.13 -i plain.mp4 -c copy -movflags delay_moov+frag_every_frame",
    "moofs.mp4": "-i two-sounds.mp4 -map 0 -c copy -movflags empty_moov+frag_keyframe+separate_moof",
    "hevc-keys.mov": "-i hevc.mp4 -map 0:v -c copy -movflags empty_moov+frag_keyframe+default_base_moof",
    "late.mp4": "-i late-sound.mp4 -c copy -movflags empty_moov+frag_keyframe -frag_duration 300000",
    "no-b-keys.mp4": "-i no-b.mp4 -c copy -movflags empty_moov+frag_keyframe",
    "turned-keys.mp4": "-i turned.mp4 -c copy -movflags frag_keyframe+delay_moov",
}
"""The same for recordings whose samples are in fragments."""

WINDOW = 130
"""Samples of a window here: above those of FFmpeg's longest chunk in these files, that of late sound."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("long")
    words = (
        f"{n + 1}\n00:00:{n // 4:02},{n % 4 * 250:03} --> 00:00:{n // 4:02},{n % 4 * 250 + 200:03}\n{n}\n\n"
        for n in range(48)
    )
    (folder / "words.srt").write_text("".join(words))
    pause = "1\n00:00:00,000 --> 00:00:01,000\na\n\n2\n00:00:11,000 --> 00:00:12,000\nb\n"
    (folder / "pause.srt").write_text(pause)
    marks = (f"[CHAPTER]\nTIMEBASE=1/1\nSTART={n}\nEND={n + 1}\ntitle={n}\n" for n in range(12))
    (folder / "chapters.txt").write_text(";FFMETADATA1\ntitle=a day\n" + "".join(marks))
    assert run_ffmpeg(f"-f lavfi -i testsrc=s=32x32 -frames:v 1 {folder}/cover.png".split()) == 0
    for name, command in {**MADE, **FRAGMENTED}.items():
        arguments = [_there(folder, word) for word in command.split()]
        assert run_ffmpeg([*arguments, str(folder / name)]) == 0, name
    return folder


def _there(folder: Path, word: str) -> str:
    return str(folder / word) if (folder / word).is_file() else word


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every movie is long, and read in small windows."""
    monkeypatch.setattr(long_movie, "MANY_SAMPLES", 0)
    monkeypatch.setattr(windows, "WINDOW", WINDOW)
    monkeypatch.setattr(fragment_windows, "WINDOW", WINDOW)
    monkeypatch.setattr(windows, "_OVERLAP", 20)
    monkeypatch.setattr(glimpse, "_SAMPLES", 60)


def told(packet: Any) -> tuple[object, ...]:
    return (
        packet.stream.index,
        packet.pos,
        packet.pts,
        packet.dts,
        packet.duration,
        packet.time_base,
        packet.is_keyframe,
        packet.is_discard,
        packet.is_corrupt,
        packet.is_disposable,
        [(data.data_type, bytes(data)) for data in packet.iter_sidedata()],
        bytes(packet),
    )


def by_windows(path: Path) -> list[tuple[object, ...]]:
    with long_movie.opened(path) as (container, movie):
        return [told(packet) for packet in movie.packets(list(container.streams))]


def by_ffmpeg(path: Path) -> list[tuple[object, ...]]:
    with av.open(str(path), metadata_errors="replace") as container:
        return [told(packet) for packet in container.demux() if packet.size]


@pytest.mark.parametrize("window", [WINDOW, 250, 400, 1 << 16])
@pytest.mark.parametrize("name", [*MADE, *FRAGMENTED])
def test_packets_come_as_ffmpeg_gives_them(
    name: str, window: int, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "WINDOW", window)
    monkeypatch.setattr(fragment_windows, "WINDOW", window)
    assert by_windows(made / name) == by_ffmpeg(made / name)


@pytest.mark.skipif(not CORPUS, reason="the corpus is not here")
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_packets_of_the_corpus_come_as_ffmpeg_gives_them(path: Path) -> None:
    try:
        found = by_windows(path)
    except GiveWay:
        assert path.name not in UNDERSTOOD_IN_CORPUS
        return
    assert path.name in UNDERSTOOD_IN_CORPUS
    assert found == by_ffmpeg(path)


def edited(path: Path, target: Path, shift_ms: int, start: int) -> Path:
    """With every edit so much longer or shorter, and its beginning so many ticks later."""
    data = bytearray(path.read_bytes())
    at = data.find(b"elst")
    while at >= 0:
        place = at + 12 * struct.unpack_from(">I", data, at + 8)[0]
        duration, media_time = struct.unpack_from(">Ii", data, place)
        struct.pack_into(">Ii", data, place, duration + shift_ms, media_time + start)
        at = data.find(b"elst", at + 1)
    target.write_bytes(data)
    return target


@pytest.mark.parametrize("start", [0, 512, 3000, 50_000])
@pytest.mark.parametrize("shift_ms", [-2000, -1234, -81, -80, -40, -1, 3000])
@pytest.mark.parametrize(
    "name", ["plain.mp4", "open-cut.mov", "no-b-cut.mp4", "intra.mp4", "cut-behind.mp4", "uneven-no-b.mp4"]
)
def test_what_edits_trim_is_trimmed(
    name: str, shift_ms: int, start: int, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "WINDOW", 200)
    path = edited(made / name, tmp_path / name, shift_ms, start)
    try:
        found = by_windows(path)
    except GiveWay:
        # It begins or ends windows away from where the track does, or leaves out samples of other durations.
        assert start == 50_000 or shift_ms == -2000
        return
    assert found == by_ffmpeg(path)


CHANGES = {
    "strip": lambda source, target: strip_sei(source, target, 5),
    "write": lambda source, target: write_sei(source, target, Message(243, b"now"), interval_ms=500),
    "copy": lambda source, target: copy_sei(source, source, target, types=(5,), add=True),
}


def outcome(change: str, source: Path, target: Path) -> tuple[Written | str, bytes]:
    try:
        done: Written | str = CHANGES[change](source, target)
    except LayoutkitError as error:
        return str(error), b""
    return done, target.read_bytes()


@pytest.mark.parametrize("suffix", ["ts", "flv", "mov", "264", "mp4"])
@pytest.mark.parametrize(
    ("name", "change"),
    [
        *((name, "strip") for name in MADE),
        *((name, "write") for name in ("plain.mp4", "open-cut.mov", "negative.mp4", "cover.mp4")),
        *((name, "copy") for name in ("plain.mp4", "open.mp4", "two-sounds.mp4")),
    ],
)
def test_what_is_made_of_a_long_movie_is_what_ffmpeg_lets_be_made(
    name: str, change: str, suffix: str, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gives_way(*_: object) -> Written:
        raise GiveWay("asked to")

    target = tmp_path / f"out.{suffix}"
    monkeypatch.setattr(write, "rewrite_by_tables", gives_way)
    with monkeypatch.context() as patch:
        patch.setattr(long_movie, "open_recording", None)  # what lets FFmpeg make its index
        found = outcome(change, made / name, target)
    monkeypatch.setattr(long_movie, "MANY_SAMPLES", 1 << 32)
    assert found == outcome(change, made / name, target)


@pytest.mark.parametrize("suffix", ["ts", "264", "flv", "mov", "mkv"])
@pytest.mark.parametrize("name", ["keys.mp4", "frames-cut.mp4", "moofs.mp4", "turned-keys.mp4"])
def test_what_is_made_of_fragments_is_what_ffmpeg_lets_be_made(
    name: str, suffix: str, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for bits a second, which FFmpeg knows from the first fragments, and Matroska's random names."""
    target = tmp_path / f"out.{suffix}"
    with monkeypatch.context() as patch:
        patch.setattr(long_movie, "open_recording", None)
        done = outcome("strip", made / name, target)
    packets = by_ffmpeg(target) if target.exists() else []
    monkeypatch.setattr(long_movie, "MANY_SAMPLES", 1 << 32)
    again = outcome("strip", made / name, target)
    assert (done[0], len(done[1])) == (again[0], len(again[1]))
    assert packets == (by_ffmpeg(target) if target.exists() else [])
    if suffix in {"ts", "264"}:
        assert done == again


@pytest.mark.parametrize("name", ["plain.mp4", "cover.mp4", "chapters.mp4", "turned.mp4"])
def test_matroska_is_made_of_the_same_packets(
    name: str, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names its tracks and itself at random."""
    target = tmp_path / "out.mkv"
    with monkeypatch.context() as patch:
        patch.setattr(long_movie, "open_recording", None)
        done = strip_sei(made / name, target, 5)
    packets, size = by_ffmpeg(target), target.stat().st_size
    monkeypatch.setattr(long_movie, "MANY_SAMPLES", 1 << 32)
    assert strip_sei(made / name, target, 5) == done
    assert by_ffmpeg(target) == packets
    assert target.stat().st_size == size


@pytest.mark.parametrize(
    "name", ["plain.mp4", "open-cut.mov", "cut-behind.mp4", "two-videos.mp4", "cover.mp4"]
)
def test_messages_are_read_in_windows_too(
    name: str, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    done = write_sei(made / name, path, Message(243, b"now"), every_frame=True)
    with monkeypatch.context() as patch:
        patch.setattr(long_movie, "open_recording", None)
        found = outcome_of_reading(path)
    monkeypatch.setattr(long_movie, "MANY_SAMPLES", 1 << 32)
    assert found == outcome_of_reading(path)
    assert len(found[0]) >= done.inserted > 100


def outcome_of_reading(path: Path) -> tuple[list[SeiMessage], list[str], object, int]:
    told: list[str] = []
    report = Report(on_diagnostic=lambda each: told.append(str(each)))
    rows = list(read_packets(str(path), report=report))
    return rows, told, report.seen, report.packets


OTHERS = {
    "samples in the movie box and in fragments": "-i plain.mp4 -c copy -movflags frag_keyframe",
    "box b'sidx'": "-i plain.mp4 -c copy -movflags dash+frag_keyframe",
    "pictures displayed before they are decoded": "-i plain.mp4 -c copy -movflags cmaf",
    "a fragment of too many samples": "-i plain.mp4 -c copy -movflags empty_moov -frag_duration 9000000",
    "a track that pauses for long": "-i plain.mp4 -i pause.srt -map 0:v -map 1 -c copy -c:s mov_text"
    " -movflags empty_moov+frag_keyframe",
}


@pytest.mark.parametrize("reason", OTHERS)
def test_what_is_not_understood_is_left_to_ffmpeg(reason: str, made: Path, tmp_path: Path) -> None:
    path = tmp_path / "in.mp4"
    assert run_ffmpeg([*(_there(made, word) for word in OTHERS[reason].split()), str(path)]) == 0
    with pytest.raises(GiveWay, match=reason), long_movie.opened(path):
        pass


@pytest.mark.parametrize("number", range(4))
def test_who_ends_the_reading_with_a_signal_gets_no_file(
    number: int, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A signal that arrives in the first of FFmpeg's calls, the last, or two between."""
    read, calls, target = glimpse._Overlaid.read, Counter[str](), tmp_path / "out.ts"
    ends_at = 0

    def counted(overlay: glimpse._Overlaid, size: int) -> bytes:
        calls["read"] += 1
        if calls["read"] == ends_at:
            signal.raise_signal(signal.SIGINT)
        return read(overlay, size)

    monkeypatch.setattr(glimpse._Overlaid, "read", counted)
    strip_sei(made / "plain.mp4", target, 5)
    target.unlink()
    ends_at, calls = 1 + number * (calls["read"] - 1) // 3, Counter()
    was = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            strip_sei(made / "plain.mp4", target, 5)
    finally:
        signal.signal(signal.SIGINT, was)
    assert not any(tmp_path.iterdir())


def test_few_samples_are_left_to_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_movie, "MANY_SAMPLES", 41)
    path = tmp_path / "in.mp4"
    path.write_bytes(mp4(Mp4Track(samples(pictures(count=40)), [avcc(parameter_sets())])))
    with pytest.raises(GiveWay, match=r"^not many samples$"), long_movie.opened(path):
        pass


def test_a_file_that_shrinks_while_it_is_read_is_an_error(made: Path, tmp_path: Path) -> None:
    path = tmp_path / "in.mp4"
    path.write_bytes((made / "plain.mp4").read_bytes())
    size = path.stat().st_size

    def read() -> None:
        with long_movie.opened(path) as (container, movie):
            for number, _ in enumerate(movie.packets(list(container.streams))):
                if number == 100:
                    os.truncate(path, size // 2)

    with pytest.raises(StreamError, match=rf"in\.mp4: the file shrank from {size} to {size // 2} bytes"):
        read()


def test_tables_that_are_others_than_when_it_was_opened_are_an_error(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gives_way(*_: object) -> NoReturn:
        raise GiveWay("no such table")

    said = r"plain\.mp4: it was changed while it was read: no such table$"
    with long_movie.opened(made / "plain.mp4") as (container, movie):
        monkeypatch.setattr(windows.Windows, "_movie_box", gives_way)
        with pytest.raises(StreamError, match=said):
            list(movie.packets(list(container.streams)))

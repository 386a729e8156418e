"""A long MP4 or MOV that is muxed in parts is what FFmpeg's muxer makes of the whole."""

import errno
import hashlib
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import BuiltinMethodType

import av
import pytest

from layoutkit import write_sei
from layoutkit.errors import OutputError, RefusedError, StreamError
from layoutkit.sei import parts, remux, rest, rewrite, signals, stretches
from layoutkit.sei.message import Message
from layoutkit.sei.reader import read_sei
from tests.sei.recording import (
    RATE,
    flv,
    matroska,
    muxed,
    parameter_sets,
    pes_of,
    picture_tags,
    pictures,
    run_ffmpeg,
    sequence_header,
    ts,
    u,
)
from tests.sei.test_corpus import NAMES
from tests.sei.test_fast import is_fast
from tests.sei.test_remux import make, with_cover

MESSAGE = Message(100, b"x" * 30)


def written(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch, *, part: int | None = None
) -> list[str]:
    """Write messages, in parts of so many packets, or by one muxer; the notes, or why it was refused."""
    monkeypatch.setattr(remux, "can_part", parts.can_part if part else lambda *_: False)
    if part:
        monkeypatch.setattr(parts, "PART_PACKETS", part)
    try:
        notes = write_sei(source, target, MESSAGE, interval_ms=200, add=True).notes
    except RefusedError as error:
        notes = [str(error)]
    return [note.replace(str(target), "TARGET") for note in notes]


def is_in_parts(path: Path) -> bool:
    """Whether several muxers wrote it: each of them begins with an ftyp."""
    return path.read_bytes().count(b"ftyp") > 1


def told(path: Path) -> dict[str, object]:
    """All that FFmpeg tells of a recording, the packets of each track by themselves."""
    with av.open(str(path)) as container:
        streams = [
            (
                (stream.type, stream.time_base, stream.start_time, stream.duration, stream.frames)
                + (dict(stream.metadata), stream.disposition)
                + ((found.name, found.codec_tag, found.extradata) if (found := stream.codec_context) else ())
            )
            for stream in container.streams
        ]
        packets: list[list[tuple[object, ...]]] = [[] for _ in streams]
        for packet in container.demux():
            if packet.size:
                packets[packet.stream.index].append(
                    (packet.pts, packet.dts, packet.duration, hashlib.sha256(bytes(packet)).digest())
                    + (packet.is_keyframe, packet.is_discard, packet.is_disposable)
                    + tuple((data.data_type, bytes(data)) for data in packet.iter_sidedata())
                )
        chapters = [(each["start"] * each["time_base"], each["metadata"]) for each in container.chapters()]
        metadata = dict(container.metadata)
        return {"streams": streams, "packets": packets, "chapters": chapters, "metadata": metadata}


CONTAINERS = {"moov", "trak", "mdia", "minf", "stbl", "edts"}
WHERE = {"stsc", "stco", "co64", "mdat", "free", "wide"}
"""Boxes that say where the samples are, or hold them."""


def boxes(data: bytes, path: str = "") -> Iterator[tuple[str, bytes]]:
    """The boxes with what is in them, but for where the samples are."""
    place = 0
    while place < len(data):
        size, kind = (
            int.from_bytes(data[place : place + 4], "big"),
            data[place + 4 : place + 8].decode("latin1"),
        )
        start = place + 8
        if size == 1:
            size, start = int.from_bytes(data[start : start + 8], "big"), place + 16
        content = data[start : place + size]
        if kind in CONTAINERS:
            yield from boxes(content, f"{path}/{kind}")
        elif kind not in WHERE:
            yield f"{path}/{kind}", content
        place += size


def ends(path: Path) -> tuple[list[tuple[str, bytes]], list[int]]:
    """The boxes of a movie, but for how long it and its tracks are in its own ticks; and that."""
    found = list(boxes(path.read_bytes()))
    places = {"/moov/mvhd": 16, "/moov/trak/tkhd": 20}
    others = [
        (kind, data[: places[kind]] + data[places[kind] + 4 :] if kind in places else data)
        for kind, data in found
    ]
    durations = [
        int.from_bytes(data[places[kind] : places[kind] + 4], "big") for kind, data in found if kind in places
    ]
    return others, durations


def assert_same(parted: Path, direct: Path) -> None:
    assert told(parted) == told(direct)
    (boxes_of, durations), (expected, expected_durations) = ends(parted), ends(direct)
    assert boxes_of == expected
    # The movie's clock may be too coarse to tell when exactly the first part ended.
    assert all(0 <= one - other <= 1 for one, other in zip(durations, expected_durations, strict=True))
    assert list(read_sei(parted)) == list(read_sei(direct))


def from_flv(folder: Path) -> Path:
    path = folder / "in.flv"
    path.write_bytes(flv([sequence_header(parameter_sets()), *picture_tags(pictures(), start=50)]))
    return path


def from_ts(folder: Path) -> Path:
    path = folder / "in.ts"
    path.write_bytes(ts(pes_of(pictures(), start=900_000)))
    return path


def over_the_wrap(folder: Path) -> Path:
    path = folder / "in.ts"
    path.write_bytes(ts(pes_of(pictures(), start=(1 << 33) - 20 * 90_000 // RATE)))
    return path


def of_hevc(folder: Path) -> Path:
    path = folder / "in.ts"
    path.write_bytes(ts(pes_of(pictures("hevc"), codec="hevc"), ({256: "hevc"},)))
    return path


def with_pauses(folder: Path) -> Path:
    """Pictures that are not all shown equally long."""
    found = [replace(each, pts=each.pts * 3, dts=each.dts * 3 - each.dts % 2) for each in pictures()]
    path = folder / "in.ts"
    path.write_bytes(ts(pes_of(found)))
    return path


def of_key_frames(folder: Path) -> Path:
    """The same key frame again and again."""
    key = pictures()[0]
    found = [replace(key, pts=number, dts=number) for number in range(40)]
    path = folder / "in.ts"
    path.write_bytes(ts(pes_of(found)))
    return path


def from_matroska(folder: Path) -> Path:
    path = folder / "in.mkv"
    path.write_bytes(matroska(pictures()))
    return path


def with_sound(folder: Path) -> Path:
    return make(folder / "in.mp4")


def with_index_in_front(folder: Path) -> Path:
    return make(folder / "in.mp4", movflags="faststart")


def with_negative_times(folder: Path) -> Path:
    return make(folder / "in.mp4", shift=-15)


def with_sound_in_matroska(folder: Path) -> Path:
    target = folder / "in.mkv"
    write_sei(make(folder / "in.mp4"), target, Message(101, b"y"))
    return target


def with_sound_in_flv(folder: Path) -> Path:
    target = folder / "in.flv"
    write_sei(make(folder / "in.mp4"), target, Message(101, b"y"))
    return target


def with_sound_in_ts(folder: Path) -> Path:
    """Whose sound is in ADTS."""
    target = folder / "in.ts"
    write_sei(make(folder / "in.mp4"), target, Message(101, b"y"))
    return target


def with_opus(folder: Path) -> Path:
    """Packets of 20 and of 60 ms."""
    names = []
    for number, length in enumerate(("20", "60", "20")):
        names.append(f"file '{folder}/{number}.mkv'")
        coded = ["-c:v", "copy", "-c:a", "libopus", "-frame_duration", length]
        mapped = ["-i", str(with_sound(folder)), "-map", "0:v", "-map", "0:a"]
        assert run_ffmpeg([*mapped, *coded, f"{folder}/{number}.mkv"]) == 0
    (folder / "list").write_text("\n".join(names))
    path = folder / "in.mkv"
    listed = ["-f", "concat", "-safe", "0", "-i", str(folder / "list")]
    assert run_ffmpeg([*listed, "-c", "copy", str(path)]) == 0
    return path


def with_a_cover(folder: Path) -> Path:
    target = folder / "in.mkv"
    write_sei(with_cover(folder / "in.mp4", "png", count=80), target, Message(101, b"y"))
    return target


def with_disposable_pictures(folder: Path) -> Path:
    """An MP4 with sdtp, as FFmpeg's muxer has it: every third picture is disposable, though not at first."""
    path = muxed(folder / "in.mp4")
    said = bytes(
        0x20 if each.is_key else 0x18 if number % 3 == 0 and number > 20 else 0x10
        for number, each in enumerate(pictures())
    )
    box = u(4, 12 + len(said)) + b"sdtp" + bytes(4) + said
    data = path.read_bytes()
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"stbl"):
        place = data.index(kind) - 4
        data = (
            data[:place] + u(4, int.from_bytes(data[place : place + 4], "big") + len(box)) + data[place + 4 :]
        )
    place = data.index(b"stsc") - 4
    path.write_bytes(data[:place] + box + data[place:])
    return path


Maker = Callable[[Path], Path]
RECORDINGS: dict[Maker, int] = {
    from_flv: 4,
    from_ts: 4,
    over_the_wrap: 4,
    of_hevc: 4,
    with_pauses: 4,
    of_key_frames: 4,
    from_matroska: 4,
    with_sound: 12,
    with_negative_times: 30,
    with_sound_in_matroska: 4,
    with_sound_in_flv: 4,
    with_sound_in_ts: 4,
    with_opus: 4,
    with_a_cover: 4,
    with_disposable_pictures: 4,
    with_index_in_front: 12,
}
"""Recordings, and packets that make a part: what is decoded before zero is all in the first, as it would be
in a long recording."""


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
@pytest.mark.parametrize("recording", RECORDINGS)
def test_parts_become_what_ffmpeg_makes_of_the_whole(
    recording: Maker, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, direct, parted = recording(tmp_path), tmp_path / f"direct{suffix}", tmp_path / f"parted{suffix}"
    if source.suffix == suffix:
        pytest.skip("it keeps its container")
    notes = written(source, direct, monkeypatch)
    for packets in (RECORDINGS[recording], RECORDINGS[recording] + 7):
        assert written(source, parted, monkeypatch, part=packets) == notes
        if direct.exists():
            assert is_in_parts(parted)
            assert_same(parted, direct)
        else:
            assert notes[0].endswith(("MOV has no place for a cover picture", "opus only supported in MP4."))


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
@pytest.mark.parametrize("name", NAMES)
def test_parts_of_real_recordings_become_what_ffmpeg_makes_of_the_whole(
    name: str, suffix: str, recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, direct, parted = recordings / name, tmp_path / f"direct{suffix}", tmp_path / f"parted{suffix}"
    try:
        notes = written(source, direct, monkeypatch)
    except StreamError as error:
        pytest.skip(str(error))
    assert written(source, parted, monkeypatch, part=24) == notes
    assert parted.exists() == direct.exists()
    if direct.exists():
        assert_same(parted, direct)


def with_timecode(folder: Path) -> Path:
    path = folder / "in.mkv"
    remuxed = ["-i", str(muxed(folder / "in.mp4")), "-c", "copy", str(path)]
    assert run_ffmpeg([*remuxed[:-1], "-metadata:s:v", "timecode=10:00:00:00", remuxed[-1]]) == 0
    return path


def with_fragments(folder: Path) -> Path:
    return make(folder / "in.mp4", movflags="frag_keyframe+empty_moov")


def with_samples_of_pcm(folder: Path) -> Path:
    path = folder / "in.mkv"
    mapped = ["-i", str(with_sound(folder)), "-map", "0:v", "-map", "0:a"]
    assert run_ffmpeg([*mapped, "-c:v", "copy", "-c:a", "pcm_s16le", str(path)]) == 0
    return path


@pytest.mark.parametrize("recording", [with_timecode, with_fragments, with_samples_of_pcm])
def test_what_parts_would_lose_is_muxed_as_a_whole(
    recording: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, direct, whole = recording(tmp_path), tmp_path / "direct.mov", tmp_path / "whole.mov"
    assert written(source, whole, monkeypatch, part=4) == written(source, direct, monkeypatch)
    assert whole.read_bytes() == direct.read_bytes()


@pytest.mark.parametrize("recording", [from_ts, with_index_in_front])
def test_a_recording_of_few_packets_is_as_ffmpeg_writes_it(
    recording: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, direct, target = recording(tmp_path), tmp_path / "direct.mov", tmp_path / "out.mov"
    written(source, direct, monkeypatch)
    written(source, target, monkeypatch, part=100)
    assert target.read_bytes() == direct.read_bytes()


@pytest.mark.parametrize("packets", [4, 5, 20])
def test_times_that_stand_still_are_refused_where_a_part_begins_too(
    packets: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [replace(each, pts=each.pts + 2, dts=number) for number, each in enumerate(pictures())]
    found[5] = replace(found[5], dts=4)
    source, target = tmp_path / "in.flv", tmp_path / "out.mp4"
    source.write_bytes(flv([sequence_header(parameter_sets()), *picture_tags(found)]))
    notes = written(source, target, monkeypatch, part=packets)
    pts = 1000 // RATE * found[5].pts
    assert notes == [f"TARGET: mp4 refuses track 0 packet 5 (PTS {pts}, DTS 160): Invalid argument"]
    assert list(tmp_path.iterdir()) == [source]


def test_large_files_have_sizes_and_offsets_of_64_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, direct, parted = from_ts(tmp_path), tmp_path / "direct.mp4", tmp_path / "parted.mp4"
    written(source, direct, monkeypatch)
    monkeypatch.setattr(parts, "_MAX_MDAT_BYTES", 1000)
    monkeypatch.setattr(stretches, "_MAX_OFFSET", 1000)
    written(source, parted, monkeypatch, part=8)
    data = parted.read_bytes()
    assert b"co64" in data
    assert b"stco" not in data
    assert data[data.index(b"mdat") - 4 :].startswith(u(4, 1))
    assert_same(parted, direct)


def test_long_durations_take_64_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As FFmpeg has them from 6 hours and 38 minutes on, at 90,000 ticks a second."""
    found = [replace(each, pts=each.pts * RATE * 900, dts=each.dts * RATE * 900) for each in pictures()]
    source, direct, parted = tmp_path / "in.ts", tmp_path / "direct.mp4", tmp_path / "parted.mp4"
    source.write_bytes(ts(pes_of(found)))
    written(source, direct, monkeypatch)
    written(source, parted, monkeypatch, part=8)
    assert is_in_parts(parted)
    assert told(parted) == told(direct)
    assert list(boxes(parted.read_bytes())) == list(boxes(direct.read_bytes()))
    (mdhd,) = (content for kind, content in boxes(parted.read_bytes()) if kind.endswith("mdhd"))
    assert mdhd[0] == 1


def test_what_was_muxed_in_parts_is_read_and_written_by_its_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, parted, again = from_ts(tmp_path), tmp_path / "parted.mp4", tmp_path / "again.mp4"
    written(source, parted, monkeypatch, part=8)
    assert is_in_parts(parted)
    assert is_fast(parted)
    monkeypatch.delattr(rewrite, "rewrite")
    assert write_sei(parted, again, Message(101, b"y"), every_frame=True).inserted == len(pictures())
    assert len(list(read_sei(again))) == len(list(read_sei(parted))) + len(pictures())


def test_packets_that_a_muxer_left_out_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = from_ts(tmp_path), tmp_path / "out.mp4"
    taken = parts._Track.taken
    monkeypatch.setattr(parts._Track, "taken", lambda track: taken(track)._replace(packets=9))
    notes = written(source, target, monkeypatch, part=8)
    assert notes == ["TARGET: mp4 cannot finish: track 0: 9 packets became 8 samples"]
    assert list(tmp_path.iterdir()) == [source]


def nothing(_: Callable[[bytes], int], data: bytes) -> int:
    raise OSError(errno.ENOSPC, "full")


def half(write: Callable[[bytes], int], data: bytes) -> int:
    return write(data[: len(data) // 2])


@pytest.mark.parametrize("take", [nothing, half])
def test_a_disk_that_is_full_within_a_part_leaves_the_old_file(
    take: Callable[[Callable[[bytes], int], bytes], int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = from_ts(tmp_path), tmp_path / "out.mp4"
    target.write_bytes(b"old")

    class Full(rest.Rest):
        def __init__(self, path: Path, start: int) -> None:
            super().__init__(path, start)
            self.write = partial(take, self.write)

    monkeypatch.setattr(parts, "Rest", Full)
    with pytest.raises(OutputError, match=r"out\.mp4: cannot be written: No space left on device"):
        written(source, target, monkeypatch, part=8)
    assert target.read_bytes() == b"old"
    assert sorted(tmp_path.iterdir()) == [source, target]


def test_what_a_signal_raises_is_not_lost_in_a_muxer(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"")
    place = rest.Rest(path, 0)
    assert isinstance(place.write, BuiltinMethodType)  # in Python code what a signal raises would be raised
    place.let_go()
    was = signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to end"))
    done: list[bool] = []

    def work() -> None:
        with signals.signals_waiting():
            signal.raise_signal(signal.SIGTERM)
            done.append(True)

    try:
        with pytest.raises(SystemExit, match="told to end"):
            work()
    finally:
        signal.signal(signal.SIGTERM, was)
    assert done

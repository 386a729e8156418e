"""Writing into real recordings: the messages are there, and nothing else has changed."""

import contextlib
import hashlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import pytest

from layoutkit.errors import LayoutkitError, RefusedError, StreamError, TruncatedError
from layoutkit.geometry.grid import grid
from layoutkit.sei.message import Message
from layoutkit.sei.nal import SEI_TYPES, Codec, join, nal_unit_type, spans, split
from layoutkit.sei.packet import framing_of
from layoutkit.sei.reader import read_sei
from layoutkit.sei.row import SeiMessage
from layoutkit.sei.write import copy_sei, strip_sei, write_sei
from tests.sei.recording import (
    Mp4Track,
    avcc,
    flv,
    mp4,
    muxed,
    parameter_sets,
    pictures,
    samples,
    sequence_header,
    u,
)

STREAMS = Path(__file__).parents[3] / "shared" / "data" / "streams"
FILES = sorted(path for path in STREAMS.glob("*.*") if path.suffix != ".tsv")
CANNOT_BE_REWRITTEN = {
    "Eyevinn__cbcs.mp4": "track 0 is encrypted; decrypt it first",
    "shaka__h265-cea.mp4": "track 0 is encrypted; decrypt it first",
    "chemag__pps_fdump_crash.202203.265": "it is not media that FFmpeg can read",
    "tsduck__test-100.1.ts": "track 1 .audio, aac. cannot be muxed: its sample rate is not known",
    "tsduck__test-100.2.ts": "track 1 .audio, aac. cannot be muxed: its sample rate is not known",
    "videojs__zeroLength.ts": "track 1 .audio, aac. cannot be muxed: its sample rate is not known",
}
"""File of the corpus to the reason why there is no output."""

LAYOUT = grid((640, 360), ["alice", "bob", "carol"])


def video_of(path: Path) -> Iterator[tuple[Any, Codec, list[bytes]]]:
    """Each video packet with its NAL units other than SEI and access unit delimiters."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        codec: Codec = "h264" if stream.codec_context.name == "h264" else "hevc"
        framing = framing_of(stream.codec_context.extradata or b"", codec)
        for packet in container.demux(stream):
            if packet.size:
                data = bytes(packet)
                nals = [data[start:end] for start, end in spans(data, framing)[0]]
                skipped = SEI_TYPES[codec] | {9 if codec == "h264" else 35}
                yield (
                    packet,
                    codec,
                    [nal.rstrip(b"\x00") for nal in nals if nal_unit_type(nal[0], codec) not in skipped],
                )


def times_of(path: Path) -> dict[int, list[tuple[object, ...]]]:
    """Timestamps and flags of every packet, and what is in those that are not video."""
    tracks: dict[int, list[tuple[object, ...]]] = {}
    with av.open(str(path)) as container:
        for packet in container.demux():
            if packet.size:
                content = b"" if packet.stream.type == "video" else bytes(packet)
                row = (
                    packet.pts,
                    packet.dts,
                    packet.is_keyframe,
                    packet.is_discard,
                    packet.time_base,
                    content,
                )
                tracks.setdefault(packet.stream.index, []).append(row)
    return tracks


def pictures_of(path: Path) -> list[str]:
    """A hash of each picture; what a decoder makes of a damaged one is the same on one thread only."""
    found = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        for packet in container.demux(stream):
            try:
                found += [hashlib.md5(frame.to_ndarray().tobytes()).hexdigest() for frame in packet.decode()]
            except av.FFmpegError as error:
                found.append(str(error.strerror))
    return found


def first(name: str) -> Path:
    if not (STREAMS / name).exists():
        pytest.skip("the corpus is not here")
    return STREAMS / name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_writing_rule_8_changes_nothing_else(path: Path, tmp_path: Path) -> None:
    target = tmp_path / f"out{path.suffix}"
    if path.name in CANNOT_BE_REWRITTEN:
        with pytest.raises(LayoutkitError, match=CANNOT_BE_REWRITTEN[path.name]):
            write_sei(path, target, LAYOUT, ts=1000, payload_type=101)
        assert list(tmp_path.iterdir()) == []
        return
    done = write_sei(path, target, LAYOUT, ts=1000, payload_type=101)
    found: list[object] = []
    try:
        found += read_sei(str(target), types=[101])
    except TruncatedError:
        assert path.name == "bytedance__h264_aac_48000.flv"  # cut off in its last tag, and so is the copy
    assert done.inserted == len(found) > 0
    before, after = list(video_of(path)), list(video_of(target))
    assert [nals for _, _, nals in after] == [nals for _, _, nals in before]
    assert times_of(target) == times_of(path)
    assert pictures_of(target) == pictures_of(path)


@pytest.mark.parametrize("name", ["axiomatic-systems__video-h264-001.mp4", "bytedance__h264_only.flv"])
def test_stripping_what_was_written_gives_the_file_back(name: str, tmp_path: Path) -> None:
    path = first(name)
    written, stripped = tmp_path / f"a{path.suffix}", tmp_path / f"b{path.suffix}"
    done = write_sei(path, written, LAYOUT, payload_type=101)
    assert strip_sei(written, stripped, 101).removed == done.inserted
    assert stripped.read_bytes() == path.read_bytes()


def test_messages_are_copied_by_time(tmp_path: Path) -> None:
    path = first("axiomatic-systems__video-h264-001.mp4")
    written, copied = tmp_path / "a.mp4", tmp_path / "b.mp4"
    write_sei(path, written, LAYOUT, ts=5)
    copy_sei(written, path, copied)
    assert copied.read_bytes() == written.read_bytes()


def test_layouts_that_are_there_are_refused_replaced_or_added_to(tmp_path: Path) -> None:
    path = first("bytedance__h264_only.flv")
    once, twice = tmp_path / "a.flv", tmp_path / "b.flv"
    count = write_sei(path, once, LAYOUT).inserted
    with pytest.raises(RefusedError, match="layouts of payload type 100 are there already"):
        write_sei(once, twice, LAYOUT)
    assert not twice.exists()
    done = write_sei(once, twice, LAYOUT, replace=True)
    assert (done.inserted, done.removed) == (count, count)
    write_sei(once, twice, LAYOUT, add=True)
    assert len(list(read_sei(str(twice), types=[100]))) == 2 * count


def test_from_mp4_to_ts_the_times_differ_by_one_constant(tmp_path: Path) -> None:
    path = first("axiomatic-systems__video-h264-001.mp4")
    target = tmp_path / "out.ts"
    write_sei(path, target, LAYOUT)
    shifts = [
        packet.pts * packet.time_base - old.pts * old.time_base
        for (packet, *_), (old, *_) in zip(video_of(target), video_of(path), strict=True)
    ]
    assert max(shifts) - min(shifts) < 1 / 90000 * 2


def test_user_data_shows_up_in_frame_side_data(tmp_path: Path) -> None:
    path = first("axiomatic-systems__video-h264-001.mp4")
    target = tmp_path / "out.mp4"
    payload = bytes(range(16)) + b"hello"
    write_sei(path, target, Message(5, payload), every_frame=True)
    with av.open(str(target)) as container:
        frame = next(container.decode(video=0))
        assert payload in [bytes(data) for data in frame.side_data if data.type.name == "SEI_UNREGISTERED"]


@pytest.mark.parametrize("payload_type", [0, 4, 99, 244, 255])
def test_a_payload_type_that_may_not_be_written_is_refused(payload_type: int, tmp_path: Path) -> None:
    with pytest.raises(StreamError, match=f"payload type {payload_type} is|type {payload_type} is taken"):
        write_sei(tmp_path / "in.mp4", tmp_path / "out.mp4", LAYOUT, payload_type=payload_type)


def test_a_row_past_the_end_is_an_error_and_leaves_no_output(tmp_path: Path) -> None:
    path = first("bytedance__h264_only.flv")
    target = tmp_path / "out.flv"
    with pytest.raises(StreamError, match="1 row is past the last picture, the first at 9999"):
        write_sei(path, target, {"pts": 9999, "type": 100, "text": "late"})
    assert not target.exists()


COMMANDS = {
    "write": "write_sei(bare, target, Message(100, b'x' * 1000), every_frame=True)",
    "strip": "strip_sei(written, target, 100)",
    "copy": "copy_sei(written, bare, target)",
}


def big_mp4(folder: Path) -> Path:
    """40 pictures of a megabyte each, nearly all of it filler data."""
    found = [replace(each, nals=(*each.nals, b"\x0c" + b"\xff" * (1 << 20) + b"\x80")) for each in pictures()]
    path = folder / "big.mp4"
    path.write_bytes(mp4(Mp4Track(samples(found), [avcc(parameter_sets())])))
    return path


@pytest.mark.parametrize("suffix", [".ts", ".mp4"])
@pytest.mark.parametrize("name", COMMANDS)
def test_killed_at_any_moment_the_target_is_the_old_file_or_the_new_one(
    name: str, suffix: str, tmp_path: Path
) -> None:
    bare = first("shaka-project__captions-test.ts") if suffix == ".ts" else big_mp4(tmp_path)
    written, target = tmp_path / f"written{suffix}", tmp_path / f"out{suffix}"
    write_sei(bare, written, Message(100, b"x" * 1000), every_frame=True)
    code = (
        "import sys; from layoutkit.sei.write import copy_sei, strip_sei, write_sei;"
        "from layoutkit.sei.message import Message; bare, written, target = sys.argv[1:];"
        f"print(flush=True); {COMMANDS[name]}"
    )
    command = [sys.executable, "-c", code, str(bare), str(written), str(target)]
    start = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    took_s = time.monotonic() - start
    whole = target.read_bytes()
    for moment in range(16):
        target.write_bytes(b"old")
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(took_s * moment / 16)
            process.kill()
        assert target.read_bytes() in (b"old", whole)


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.name not in CANNOT_BE_REWRITTEN], ids=lambda path: path.name
)
def test_what_was_read_stripped_and_written_again_reads_the_same(path: Path, tmp_path: Path) -> None:
    written, stripped, again = (tmp_path / f"{name}{path.suffix}" for name in ("a", "b", "c"))
    write_sei(path, written, [LAYOUT, Message(101, b"text")], ts=1000, payload_type=101, interval_ms=200)
    rows = _rows_of(written)
    assert rows
    assert strip_sei(written, stripped, 101).removed == len(rows)
    assert _rows_of(stripped) == []
    write_sei(stripped, again, rows)
    assert _rows_of(again) == rows


def _rows_of(path: Path) -> list[SeiMessage]:
    found: list[SeiMessage] = []
    with contextlib.suppress(TruncatedError):
        found.extend(read_sei(path, {101}))
    return found


@pytest.mark.parametrize("name", ["in.mp4", "in.ts"])
def test_a_recording_may_have_an_address(name: str, tmp_path: Path) -> None:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    muxed(tmp_path / name)
    handler = partial(Quiet, directory=str(tmp_path))
    target = tmp_path / f"out{Path(name).suffix}"
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            done = write_sei(f"http://127.0.0.1:{server.server_port}/{name}", target, Message(100, b"x"))
        finally:
            server.shutdown()
    assert done.inserted == len([row for row in read_sei(target) if row.payload_type == 100]) == 2


@pytest.mark.parametrize("name", ["r.flv", "r.mp4"])
def test_start_codes_where_the_description_tells_lengths_are_written_to_as_they_are_read(
    name: str, tmp_path: Path
) -> None:
    source, target, bare = tmp_path / name, tmp_path / f"out-{name}", tmp_path / f"bare-{name}"
    held = pictures()
    if name == "r.flv":
        tags = []
        for number, each in enumerate(held):
            head = b"\x17\x01" if each.is_key else b"\x27\x01"
            data = head + u(3, (each.pts - number + 2) * 40) + join(each.nals)
            tags.append(b"\x09" + u(3, len(data), number * 40) + bytes(4) + data)
        source.write_bytes(flv([sequence_header(parameter_sets()), *tags]))
    else:
        coded = [replace(each, data=join(one.nals)) for each, one in zip(samples(held), held, strict=True)]
        source.write_bytes(mp4(Mp4Track(coded, [avcc(parameter_sets())])))
    assert write_sei(source, target, [Message(100, b"x")], every_frame=True).inserted == len(held)
    assert [row.index for row in read_sei(target, {100})] == list(range(len(held)))
    with av.open(str(target)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    kept = [tuple(nal for nal in split(packet) if nal[0] & 31 != 6) for packet in packets]
    assert kept == [each.nals for each in held]
    assert strip_sei(target, bare, 100).removed == len(held)
    assert bare.read_bytes() == source.read_bytes()

"""Reading recordings from end to end: made here with PyAV, then read by function and by command."""

import base64
import io
import json
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest

from layoutkit import read_sei
from layoutkit.errors import StreamError, TruncatedError
from layoutkit.sei import Canvas, Message, Region, SeiMessage, VolumeLayout, join, serialize, split
from layoutkit.sei.clock import WRAP, Clock, in_display_order
from layoutkit.sei.cut import is_cut
from layoutkit.sei.report import RAW_NOTE, Diagnostic, Report
from tests.sei.recording import gray

LAYOUT = VolumeLayout(Canvas(320, 240), (Region("alice", 0, 0, 160, 240, 1, 45),), ts=1_648_544_726)
EVERY = 10
PICTURES = 40
KEYS = [
    "pts", "dts", "index", "keyframe", "type", "layout", "uuid", "text", "data",
    "nal", "message", "after_vcl", "discard",
]  # fmt: skip
NAMES = ["r.mp4", "fragmented.mp4", "r.mov", "r.flv", "r.ts", "r.mkv", "r.h264"]

Make = Callable[..., Path]


@pytest.fixture(scope="module")
def pictures() -> list[tuple[bytes, int, int, bool]]:
    """H.264 with B-frames: each picture in Annex B, its pts and dts in pictures, and whether it is a key."""
    with av.open(io.BytesIO(), "w", format="h264") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        stream.codec_context.options = {"bf": "2", "g": "20", "threads": "1"}
        stream.codec_context.time_base = Fraction(1, 25)
        found = []
        frame = gray()
        for number in range(PICTURES):
            frame.pts = number
            found += stream.encode(frame)
        found += stream.encode(None)
    return [(bytes(each), each.pts, each.dts, each.is_keyframe) for each in found]


@pytest.fixture(scope="module")
def make(pictures: list[tuple[bytes, int, int, bool]], tmp_path_factory: pytest.TempPathFactory) -> Make:
    folder = tmp_path_factory.mktemp("recordings")

    def build(name: str, *, payload: bytes = LAYOUT.serialize(), shift: int = 0) -> Path:
        """A recording with a message of type 100 in every tenth picture; times moved by `shift` pictures."""
        path = folder / f"{shift}-{len(payload)}-{name}"
        sei = serialize([Message(100, payload)])
        options = {"movflags": "frag_keyframe+empty_moov"} if name.startswith("fragmented") else {}
        with av.open(str(path), "w", options=options) as container:
            stream = container.add_stream("libx264", rate=25)
            stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
            stream.time_base = Fraction(1, 25)
            heads = [nal for nal in split(pictures[0][0]) if nal[0] & 31 in (7, 8)]
            stream.codec_context.extradata = join(heads)
            for number, (data, pts, dts, is_key) in enumerate(pictures):
                nals = list(split(data))
                if number % EVERY == 0:
                    first = next(place for place, nal in enumerate(nals) if nal[0] & 31 in (1, 5))
                    nals.insert(first, sei)
                packet = av.Packet(join(nals))
                packet.stream = stream
                packet.time_base = Fraction(1, 25)
                packet.pts, packet.dts, packet.is_keyframe = pts + shift, dts + shift, is_key
                packet.duration = 1
                container.mux(packet)
        return path

    return build


def run(*words: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "layoutkit", *words]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=60)


@pytest.mark.parametrize("name", NAMES)
def test_every_container_gives_the_same_messages(name: str, make: Make, pictures: list) -> None:
    rows = list(read_sei(make(name), {100}))
    assert [row.index for row in rows] == [0, 10, 20, 30]
    assert [row.layout for row in rows] == [LAYOUT] * 4
    assert [row.keyframe for row in rows] == [pictures[number][3] for number in (0, 10, 20, 30)]
    if name.endswith("h264"):
        assert {(row.pts_s, row.dts_s) for row in rows} == {(None, None)}
        return
    steps = [rows[number].pts_s - rows[0].pts_s for number in range(4)]
    wanted = [(pictures[number][1] - pictures[0][1]) / 25 for number in (0, 10, 20, 30)]
    assert steps == pytest.approx(wanted, abs=0.0015)
    assert all(not row.after_vcl and not row.discard and row.message == 0 for row in rows)


def test_the_command_prints_rows_with_all_keys(make: Make) -> None:
    answer = run("sei", "read", str(make("r.mp4")))
    rows = [json.loads(line) for line in answer.stdout.splitlines()]
    assert (answer.returncode, answer.stderr, len(rows)) == (0, b"", 4)
    assert [list(row) for row in rows] == [KEYS] * 4
    assert rows[0]["layout"] == LAYOUT.to_json()
    assert base64.b64decode(rows[0]["data"]) == LAYOUT.serialize()
    assert (rows[0]["type"], rows[0]["uuid"], rows[0]["text"]) == (100, None, LAYOUT.serialize().decode())


def test_a_payload_that_is_no_layout_prints_with_layout_null(make: Make) -> None:
    rows = list(read_sei(make("r.flv", payload=b'{"canvas":{"w":1}}'), {100}))
    assert [(row.layout, row.text) for row in rows] == [(None, '{"canvas":{"w":1}}')] * 4


def test_reading_rule_7_display_order_is_by_pts(make: Make) -> None:
    path = make("r.mp4")
    rows = list(read_sei(path, order="display"))
    assert [row.pts_s for row in rows] == sorted(row.pts_s for row in rows)
    assert sorted(row.index for row in rows) == [row.index for row in read_sei(path)]


def test_reading_rule_7_rows_are_held_until_no_later_packet_can_come_before() -> None:
    times = [(0.0, -0.08), (0.12, -0.04), (0.04, 0.0), (0.08, 0.04)]
    rows = [SeiMessage(1, b"", pts, dts, index) for index, (pts, dts) in enumerate(times)]
    assert [row.index for row in in_display_order(rows)] == [0, 2, 3, 1]


def test_packets_that_an_edit_list_trims_are_marked(make: Make) -> None:
    rows = list(read_sei(make("r.mp4", shift=-15), {100}))
    assert [row.discard for row in rows] == [True, True, False, False]


def test_the_clock_goes_on_at_a_wrap_and_at_a_discontinuity() -> None:
    clock = Clock(ticks_per_second=90_000)
    assert clock.advance(WRAP - 3600, 3600) == (0, None)
    shift, note = clock.advance(0, 3600)
    assert shift == WRAP
    assert note is not None
    assert "wraps" in note
    clock = Clock(ticks_per_second=90_000)
    clock.advance(900_000, 3600)
    shift, note = clock.advance(0, 3600)
    assert shift == 903_600
    assert note == "the clock starts again (a discontinuity): 10.000 s back; times are carried on"
    assert clock.advance(3600, 3600) == (903_600, None)


def test_a_playlist_with_a_discontinuity_keeps_time_going(make: Make, tmp_path: Path) -> None:
    for name in ("a.ts", "b.ts"):
        (tmp_path / name).write_bytes(make("r.ts").read_bytes())
    playlist = tmp_path / "list.m3u8"
    segments = "#EXTINF:1.6,\na.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:1.6,\nb.ts\n"
    head = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n"
    playlist.write_text(head + segments + "#EXT-X-ENDLIST\n")
    told: list[Diagnostic] = []
    rows = list(read_sei(playlist, {100}, report=Report(on_diagnostic=told.append)))
    assert [row.layout for row in rows] == [LAYOUT] * 8
    times = [row.dts_s for row in rows]
    assert times == sorted(times)
    assert any("times are carried on" in each.reason for each in told)


def test_standard_input_is_read_from_a_pipe_and_from_a_file(make: Make) -> None:
    direct = run("sei", "read", str(make("r.ts"))).stdout
    assert direct.count(b"\n") == 4
    assert run("sei", "read", "-", stdin=make("r.ts").read_bytes()).stdout == direct
    command = [sys.executable, "-m", "layoutkit", "sei", "read", "-"]
    with make("r.mp4").open("rb") as file:
        answer = subprocess.run(command, stdin=file, capture_output=True, timeout=60)
    assert (answer.returncode, answer.stdout.count(b"\n")) == (0, 4)


@pytest.mark.parametrize("name", ["r.mkv", "r.flv", "r.ts", "fragmented.mp4"])
def test_a_cut_file_that_standard_input_is_redirected_from_is_told(
    name: str, make: Make, tmp_path: Path
) -> None:
    cut = tmp_path / name
    cut.write_bytes(make(name).read_bytes()[:-200])
    with cut.open("rb") as file:
        answer = subprocess.run(
            [sys.executable, "-m", "layoutkit", "sei", "read", "-"], stdin=file, capture_output=True
        )
    assert (answer.returncode, answer.stdout.count(b"\n")) == (1, 4)
    assert b"standard input: it is cut off" in answer.stderr


@pytest.mark.parametrize("name", ["r.flv", "fragmented.mp4"])
def test_a_cut_is_known_wherever_it_falls_inside_a_tag_or_box(name: str, make: Make, tmp_path: Path) -> None:
    whole = make(name).read_bytes()
    assert is_cut(make(name), {"flv", "mp4"} & {name.split(".")[1]}) is False
    path = tmp_path / name
    for lost in (1, 3, 4, 5, 9, 14, 30):
        path.write_bytes(whole[:-lost])
        with pytest.raises(TruncatedError, match="cut off"):
            list(read_sei(path))


@pytest.mark.parametrize("name", ["r.flv", "r.mp4", "fragmented.mp4"])
@pytest.mark.parametrize("count", [1, 7, 8, 70_000])
def test_zeros_behind_the_end_are_no_cut(name: str, count: int, make: Make, tmp_path: Path) -> None:
    whole = make(name).read_bytes()
    rows = list(read_sei(make(name)))
    path = tmp_path / name
    path.write_bytes(whole + bytes(count))
    assert list(read_sei(path)) == rows
    # What a box lacks and zeros fill, nobody can tell.
    for cut in (whole + b"\0\0\1", *([whole[:-5] + bytes(count)] if name == "r.flv" else [])):
        path.write_bytes(cut)
        with pytest.raises(TruncatedError, match="cut off"):
            list(read_sei(path))


@pytest.mark.parametrize("name", ["r.flv", "fragmented.mp4"])
def test_a_cut_is_told_after_what_came_before_it(name: str, make: Make, tmp_path: Path) -> None:
    whole = make(name).read_bytes()
    cut = tmp_path / name
    cut.write_bytes(whole[: len(whole) * 8 // 10])
    answer = run("sei", "read", str(cut))
    assert answer.returncode == 1
    assert 1 <= answer.stdout.count(b"\n") < 4
    assert b"it is cut off" in answer.stderr
    assert b"Traceback" not in answer.stderr
    rows = read_sei(cut, {100})
    assert next(rows).layout == LAYOUT
    with pytest.raises(TruncatedError, match="cut off"):
        list(rows)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (None, "there is no such file"),
        (b"", "it is empty"),
        (b"no media at all, just words " * 40, "it is not media"),
        (
            b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomavc1\x00\x00\x00\x08mdat",
            "an MP4 without its index (moov)",
        ),
        (
            b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomavc1\x00\x01\x00\x00mdat" + bytes(4096),
            "an MP4 without its index (moov)",
        ),
    ],
)
def test_bad_input_gets_one_line_and_exit_code_2(content: bytes | None, text: str, tmp_path: Path) -> None:
    path = tmp_path / "in.mp4"
    if content is not None:
        path.write_bytes(content)
    answer = run("sei", "read", str(path))
    assert (answer.returncode, answer.stdout) == (2, b"")
    lines = answer.stderr.decode().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"layoutkit: {path}: {text}")


def test_a_directory_and_a_sound_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StreamError, match="it is a directory"):
        list(read_sei(tmp_path))
    sound = tmp_path / "sound.wav"
    with av.open(str(sound), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        stream.layout = "mono"
        frame = av.AudioFrame("s16", "mono", 800)
        frame.sample_rate = 8000
        frame.planes[0].update(bytes(frame.planes[0].buffer_size))
        container.mux(stream.encode(frame))
    with pytest.raises(StreamError, match="there is no video track"):
        list(read_sei(sound))


def test_with_no_row_the_types_seen_are_listed(make: Make) -> None:
    answer = run("sei", "read", str(make("r.mp4")), "--type", "101")
    assert (answer.returncode, answer.stdout) == (0, b"")
    assert answer.stderr.decode().startswith("layoutkit: no SEI of type 101; seen: track 0 (h264): type 5 x1")
    assert b"type 100 x4" in answer.stderr


def test_a_track_that_is_not_there_is_named(make: Make) -> None:
    with pytest.raises(StreamError, match="there is no video track 1; there is 0"):
        list(read_sei(make("r.mp4"), track=1))


def test_a_raw_stream_says_that_it_has_no_clock(make: Make) -> None:
    told: list[Diagnostic] = []
    list(read_sei(make("r.h264"), report=Report(on_diagnostic=told.append)))
    assert [str(each).split(": ", 1)[1] for each in told] == [RAW_NOTE]


def test_strict_makes_damage_fatal(make: Make, tmp_path: Path) -> None:
    data = make("r.h264").read_bytes()
    place = data.index(b"\x06\x64") + 2
    broken = tmp_path / "broken.h264"
    broken.write_bytes(data[:place] + b"\xfe" + data[place + 1 :])
    told: list[Diagnostic] = []
    rows = list(read_sei(broken, {100}, report=Report(on_diagnostic=told.append)))
    assert [row.index for row in rows] == [10, 20, 30]
    damage = [each for each in told if each.is_damage]
    assert [(each.packet, "payload_size 254 exceeds" in each.reason) for each in damage] == [(0, True)]
    answer = run("sei", "read", str(broken), "--strict")
    assert answer.returncode == 2
    assert b"packet 0, byte " in answer.stderr


def test_rows_come_while_the_input_is_still_open(make: Make) -> None:
    command = [sys.executable, "-m", "layoutkit", "sei", "read", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        # FFmpeg looks at some seconds of a stream before it gives its first packet; 30 s are enough.
        whole = make("r.ts").read_bytes()
        for _ in range(20):
            process.stdin.write(whole)
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["index"] == 0
        process.stdin.close()
        rest = process.stdout.read()
    assert rest.count(b"\n") == 79


def test_metadata_that_is_not_utf_8_keeps_nobody_from_reading(make: Make) -> None:
    path = make("r.mp4")
    data = path.read_bytes()
    handler = b"VideoHandler"
    assert handler in data
    path.write_bytes(data.replace(handler, b"\xff" + handler[1:]))
    assert next(read_sei(path, {100})).layout == LAYOUT

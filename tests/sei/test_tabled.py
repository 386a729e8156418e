"""Writing by a recording's own tables beside writing through FFmpeg: the same bytes, or the same error."""

import os
import random
import subprocess
import sys
import tracemalloc
from array import array
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutkit.errors import LayoutkitError, StreamError
from layoutkit.geometry.grid import grid
from layoutkit.sei import carry, glimpse, tabled, write
from layoutkit.sei import contents as contents_module
from layoutkit.sei import order as order_module
from layoutkit.sei import plan as plan_module
from layoutkit.sei.change import Written
from layoutkit.sei.edits import Edits
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.local import PIECE
from layoutkit.sei.fast.scan import scan
from layoutkit.sei.fast.tables import opened_samples
from layoutkit.sei.message import Message, serialize
from layoutkit.sei.mp4 import fixups
from layoutkit.sei.nal import Codec, Framing, join
from layoutkit.sei.order import MAX_HELD
from layoutkit.sei.patch import write_patched
from layoutkit.sei.placement import Edit, merged
from layoutkit.sei.plan import Plan, Timetable, planned
from layoutkit.sei.row import SeiMessage
from layoutkit.sei.schedule import Periodic, Picture, Row, Rows, Source
from layoutkit.sei.track import glimpsed, opened
from layoutkit.sei.unpatchable import Unpatchable
from layoutkit.sei.write import copy_sei, strip_sei, write_sei
from tests.sei.recording import (
    Mp4Track,
    avcc,
    box,
    hvcc,
    mp4,
    parameter_sets,
    pictures,
    run_ffmpeg,
    samples,
    u,
)

STREAMS = Path(__file__).resolve().parents[3] / "shared" / "data" / "streams"
CORPUS = sorted(path for path in STREAMS.glob("*") if path.suffix in {".mp4", ".mov", ".flv"})

FAST_IN_CORPUS = {
    "androidx__fragmented_captions.mp4",
    "androidx__fragmented_captions_h265.mp4",
    "androidx__h265_bframes.mp4",
    "axiomatic-systems__video-h264-001.mp4",
    "bytedance__h264_only.flv",
    "ossrs__avatar.flv",
    "shaka__cea.mp4",
    "videojs__bipbop0.flv",
    "videojs_mux.js__dash-608-captions.mp4",
}
"""Those that the fast way is for. The others are encrypted or cut off, or have an edit list or boxes in their
sample entry that are not understood."""

LAYOUT = grid((640, 360), ["alice", "bob", "carol"])
LAYOUT_JSON = b'{"canvas": {"w": 9, "h": 9}, "regions": []}'

ROWS = [
    SeiMessage(101, b"first", 0.0),
    SeiMessage(101, b"second", 0.41),
    SeiMessage(101, b"by number", index=3),
    SeiMessage(102, b"also", index=3),
    SeiMessage(101, b"before the start", -1.0),
]

Change = Callable[[Path, Path], Written]

CHANGES: dict[str, Change] = {
    "interval": lambda a, b: write_sei(a, b, LAYOUT, ts=7, interval_ms=200),
    "another type": lambda a, b: write_sei(a, b, LAYOUT, ts=7, payload_type=150, interval_ms=90),
    "follow_idr": lambda a, b: write_sei(a, b, Message(101, b"\0\0\1"), follow_idr=True, interval_ms=700),
    "every_frame": lambda a, b: write_sei(a, b, [Message(5, b"u" * 20), LAYOUT], ts=7, every_frame=True),
    "rows": lambda a, b: write_sei(a, b, ROWS),
    "rows past the end": lambda a, b: write_sei(a, b, [*ROWS, SeiMessage(101, b"", 1e6)]),
    "replace": lambda a, b: write_sei(a, b, LAYOUT, ts=9, replace=True),
    "add": lambda a, b: write_sei(a, b, LAYOUT, ts=9, add=True),
    "strip 100": lambda a, b: strip_sei(a, b, 100),
    "strip 5": lambda a, b: strip_sei(a, b, 5),
    "strip uuid": lambda a, b: strip_sei(a, b, 5, uuid="00" * 16),
    "strip 1": lambda a, b: strip_sei(a, b, 1),
}


def outcome(change: Change, source: Path, target: Path) -> tuple[Written | str, bytes | None]:
    """What was done or what was wrong, and the file."""
    target.unlink(missing_ok=True)
    done: Written | str
    try:
        done = change(source, target)
    except LayoutkitError as error:
        done = f"{type(error).__name__}: {error}"
    return done, target.read_bytes() if target.exists() else None


def assert_same(change: Change, source: Path, folder: Path) -> bool:
    """Both ways against each other; whether the fast one went through."""
    target = folder / f"out{source.suffix}"
    gave_way = []

    def watched(*args: Any) -> Written:
        try:
            return by_tables(*args)
        except GiveWay as reason:
            gave_way.append(str(reason))
            raise

    def gives_way(*_: object) -> Written:
        raise GiveWay("asked to")

    by_tables = write.rewrite_by_tables
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(write, "rewrite_by_tables", watched)
        fast = outcome(change, source, target)
        patch.setattr(write, "rewrite_by_tables", gives_way)
        general = outcome(change, source, target)
    assert fast == general
    return not gave_way


@pytest.mark.skipif(not CORPUS, reason="the corpus is not here")
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_every_recording_of_the_corpus_becomes_the_same(path: Path, tmp_path: Path) -> None:
    ways = {name: assert_same(change, path, tmp_path) for name, change in CHANGES.items()}
    assert ways["interval"] == (path.name in FAST_IN_CORPUS), ways


GENERATED = [
    "plain.mp4",
    "front.mp4",
    "fragmented.mp4",
    "r.mov",
    "hevc.mp4",
    "hevc-fragmented.mp4",
    "open.mp4",
    "r.flv",
]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two seconds of video with B-frames and sound; pic_timing in each picture of some, layouts in all."""
    folder = tmp_path_factory.mktemp("tabled")
    found: dict[str, Path] = {}
    for name in GENERATED:
        bare, path = folder / f"bare-{name}", folder / name
        coder = ["-c:v", "libx264", "-bf", "3", "-g", "20", "-threads", "1"]
        if name.startswith("hevc"):
            coder = ["-c:v", "libx265", "-x265-params", "bframes=3:keyint=20:pools=1:log-level=none"]
        elif name in ("open.mp4", "fragmented.mp4"):
            coder += ["-x264-params", "open-gop=1:nal-hrd=vbr:vbv-maxrate=500:vbv-bufsize=500"]
        flags = {
            "front": "faststart",
            "fragmented": "frag_keyframe+empty_moov",
            "hevc-fragmented": "frag_keyframe+empty_moov",
        }
        command = ["-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=2"]
        command += ["-f", "lavfi", "-i", "sine=d=2", *coder, "-c:a", "aac"]
        command += ["-movflags", flags[path.stem]] if path.stem in flags else ["-ar", "44100"]
        command.append(str(bare))
        assert run_ffmpeg(command) == 0
        write_sei(bare, path, [LAYOUT, Message(5, bytes(16) + b"text")], ts=1, interval_ms=200)
        found[name] = path
    return found


@pytest.mark.parametrize("name", GENERATED)
@pytest.mark.parametrize("change", CHANGES)
def test_recordings_of_ffmpeg_become_the_same(
    name: str, change: str, generated: dict[str, Path], tmp_path: Path
) -> None:
    assert assert_same(CHANGES[change], generated[name], tmp_path)


AUD, PREFIX = b"\x09\xf0", b"\x6e\x40\x80\x01"
PIC_TIMING = serialize([Message(1, b"\x12\x34")])
SEVERAL = serialize([Message(1, b"\x12"), Message(100, LAYOUT_JSON)])
TYPE_5 = serialize([Message(5, bytes(16) + b"text")])


def built(
    codec: Codec, framing: Framing, *, before: Sequence[bytes] = (), behind: Sequence[bytes] = ()
) -> bytes:
    """Pictures less their parameter sets, with other NAL units around their slices; none over 255 bytes."""
    sets = parameter_sets(codec)
    found = [
        replace(each, nals=(*before, *(nal[:255] for nal in each.nals if nal not in sets), *behind))
        for each in pictures(codec)
    ]
    config = (avcc if codec == "h264" else hvcc)(sets, framing=framing)
    return mp4(Mp4Track(samples(found, framing=framing), [config], codec))


BUILT = {
    **{f"{codec}, lengths of {n}": built(codec, n) for codec in ("h264", "hevc") for n in (1, 2, 4)},
    "delimiters": built("h264", 4, before=[AUD]),
    "prefixes": built("h264", 2, before=[PREFIX]),
    "prefixes of the next picture": built("h264", 4, behind=[PREFIX]),
    "SEI before and behind": built("h264", 4, before=[AUD, PIC_TIMING, TYPE_5], behind=[SEVERAL]),
    "suffix SEI": built("hevc", 4, behind=[b"\x50\x01" + PIC_TIMING[1:]]),
    "fillers": built("h264", 1, behind=[b"\x0c" + b"\xff" * 99 + b"\x80"]),
}


@pytest.mark.parametrize("name", BUILT)
def test_every_framing_and_order_of_nal_units_becomes_the_same(name: str, tmp_path: Path) -> None:
    source = tmp_path / "in.mp4"
    source.write_bytes(BUILT[name])
    for change in CHANGES.values():
        assert assert_same(change, source, tmp_path)


def test_packets_without_a_picture_and_other_tracks_are_for_the_general_way(tmp_path: Path) -> None:
    source = tmp_path / "in.mp4"
    track = Mp4Track(samples(pictures()), [avcc(parameter_sets())])
    no_picture = replace(track.samples[9], data=join([PIC_TIMING], framing=4))
    lone = replace(track, samples=[*track.samples[:9], no_picture, *track.samples[10:]])
    for tracks in ([lone], [track, track]):
        source.write_bytes(mp4(*tracks))
        for change in CHANGES.values():
            assert not assert_same(change, source, tmp_path)


def test_a_start_code_inside_a_nal_unit_is_one_more_slice_to_ffmpeg(tmp_path: Path) -> None:
    source = tmp_path / "in.mp4"
    source.write_bytes(built("h264", 4, before=[b"\x06\x05\x18" + bytes(18) + b"\x01\x65text\x80"]))
    assert not assert_same(CHANGES["follow_idr"], source, tmp_path)
    assert assert_same(CHANGES["interval"], source, tmp_path)


def test_sound_that_claims_more_bytes_than_the_file_has_ends_the_reading(
    generated: dict[str, Path], tmp_path: Path
) -> None:
    source = tmp_path / "in.mp4"
    data = bytearray(generated["plain.mp4"].read_bytes())
    data[data.rfind(b"stsz") + 4 + 12 + 4 * 20] = 0xFF
    source.write_bytes(data)
    assert not assert_same(CHANGES["interval"], source, tmp_path)


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize("follow_idr", [False, True])
def test_a_packet_that_ends_with_the_first_byte_of_a_slice_becomes_the_same(
    codec: Codec, follow_idr: bool, tmp_path: Path
) -> None:
    source = tmp_path / "in.mp4"
    filler, slice_ = (b"\x0c", b"\x41") if codec == "h264" else (b"\x4c\x01", b"\x02")
    config = avcc(parameter_sets()) if codec == "h264" else hvcc(parameter_sets("hevc"))
    for length in (1, 9):
        # Longer than what is read at once, so that the buffer ends with it.
        data = join([filler + b"\xff" * PIECE], framing=4) + length.to_bytes(4, "big") + slice_
        found = samples(pictures(codec))
        found[5] = replace(found[5], data=data)
        source.write_bytes(mp4(Mp4Track(found, [config], codec)))
        assert not assert_same(
            lambda a, b: write_sei(a, b, Message(101, b"x"), follow_idr=follow_idr), source, tmp_path
        )


@pytest.mark.parametrize("name", ["plain.mp4", "fragmented.mp4", "hevc.mp4", "r.flv"])
@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_recording_becomes_the_same(
    name: str, seed: int, generated: dict[str, Path], tmp_path: Path
) -> None:
    chance = random.Random(f"{name} {seed}")
    data = bytearray(generated[name].read_bytes())
    for _ in range(chance.choice([1, 1, 2, 3])):
        data[chance.randrange(len(data))] = chance.choice([0, 1, 255, 128])
    source = tmp_path / name
    source.write_bytes(data)
    assert_same(CHANGES[chance.choice(list(CHANGES))], source, tmp_path)


@pytest.mark.parametrize("origin", GENERATED)
@pytest.mark.parametrize("name", ["plain.mp4", "hevc-fragmented.mp4"])
def test_messages_are_copied_the_same(
    name: str, origin: str, generated: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = tmp_path / name
    strip_sei(generated[name], bare, 100)
    assert assert_same(lambda a, b: copy_sei(generated[origin], a, b), bare, tmp_path)

    def messages() -> list[tuple[Fraction, Message]]:
        with carry.messages(generated[origin], frozenset({1, 100}), tmp_path, []) as found:
            return list(found)

    def pictures() -> list[tuple[Fraction, int]]:
        shown = carry.shown(bare, None)
        first = shown.pts[shown.order[0]]
        return [((shown.pts[each] - first) * shown.tick, shown.indices[each]) for each in shown.order]

    shown_by_tables, by_tables = pictures(), messages()

    def gives_way(path: str) -> NoReturn:
        raise GiveWay("asked to")

    monkeypatch.setattr(carry, "opened_samples", gives_way)
    assert pictures() == shown_by_tables
    assert messages() == by_tables
    assert len([message for _, message in by_tables if message.payload_type == 100]) == 10


@pytest.mark.parametrize("rate", ["24000/1001", "25", "50", "60000/1001", "120", "500", "1/7", "22.43"])
def test_a_picture_takes_as_long_as_ffmpeg_guesses(rate: str, tmp_path: Path) -> None:
    path = tmp_path / "in.mp4"
    command = f"-f lavfi -i color=s=32x32:r={rate} -frames:v 30 -c:v libx264 -bf 2 {path}"
    assert run_ffmpeg(command.split()) == 0
    with opened_samples(str(path)) as found, opened(path) as (_, track):
        assert found.samples.frame_ticks
        assert tabled.frame_s(path, found) == track.frame_s


UNEVEN = {
    "every third left out": "50,select='mod(n,3)'",
    "a pause": "25,setpts='PTS+gte(N,90)*2/TB'",
    "slower from the middle on": "25,setpts='N*(1+gte(N,100))/25/TB'",
    "milliseconds": "30000/1001,settb=1/1000,setpts='floor(N*1001/30)'",
    "at random": "60,select='gt(random(1),0.4)'",
    "a long one, then short ones": "25,setpts='gte(N,1)*(3+N/100)/TB'",
    "trembling": "25,settb=1/90000,setpts='N*3600+floor(random(1)*3000)'",
    "too fast to be true": "500,select='mod(n,3)'",
}


@pytest.mark.parametrize("sound", ["", "-f lavfi -i sine=d=8"])
@pytest.mark.parametrize("name", UNEVEN)
def test_a_look_at_the_beginning_tells_what_ffmpeg_guesses_from_all(
    name: str, sound: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "in.mp4"
    command = (
        f"-f lavfi -i color=s=32x32:d=8:r={UNEVEN[name]} {sound} -frames:v 200 -fps_mode passthrough "
        f"-video_track_timescale 90000 -c:v libx264 -g 25 -bf 2 {path}"
    )
    assert run_ffmpeg(command.split()) == 0
    for count in (60, 1 << 16):
        monkeypatch.setattr(glimpse, "_SAMPLES", count)
        with opened(path) as (_, track), glimpsed(path) as seen:
            assert seen.frame_s == track.frame_s


def test_a_file_that_shrinks_while_it_is_rewritten_is_an_error(
    generated: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "in.mp4", tmp_path / "out.mp4"
    source.write_bytes(generated["plain.mp4"].read_bytes())
    size = source.stat().st_size

    def shrinks(*words: Any, **options: Any) -> Any:
        os.truncate(source, size // 2)
        return scan(*words, **options)

    monkeypatch.setattr(tabled, "scan", shrinks)
    with pytest.raises(
        StreamError, match=f"the file shrank from {size} to {size // 2} bytes while it was read"
    ):
        write_sei(source, target, LAYOUT, add=True)
    assert list(tmp_path.iterdir()) == [source]


TICK = Fraction(1, 1000)


def sources(chance: random.Random) -> list[Source]:
    def make(elapsed: Fraction) -> Message:
        return Message(100, str(elapsed).encode())

    rows = [
        Row(
            Message(101, bytes([n])),
            *chance.choice(
                [(Fraction(chance.randrange(-100, 999), 1000), None), (None, chance.randrange(9))]
            ),
        )
        for n in range(chance.randrange(5))
    ]
    return [
        Periodic(make, tick=TICK, interval_ms=chance.choice([1, 40, 99, 700])),
        Rows(rows, tick=TICK, frame_s=Fraction(40, 1000)),
        Periodic(make, tick=TICK, follow_idr=True),
        Periodic(make, tick=TICK, every_frame=True),
    ][: chance.randrange(1, 5)]


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 4000)), max_size=90)
    | st.permutations(range(MAX_HELD + 20)).map(lambda order: [(1, each) for each in order]),
    st.integers(0, 1 << 32),
)
def test_all_at_once_is_planned_as_one_by_one(steps: list[tuple[int, int]], seed: int) -> None:
    dts = list(accumulate(step for step, _ in steps))
    pts = [time + delay for time, (_, delay) in zip(dts, steps, strict=True)]
    keys = [index % 7 == 0 for index in range(len(pts))]
    check_plan(dts, pts, keys, seed)


def check_plan(dts: list[int], pts: list[int], keys: list[bool], seed: int) -> None:
    plan = Plan[int](sources(random.Random(seed)))
    expected: dict[int, list[Message]] = {}
    problem = found_problem = ""
    try:
        for index, (shown, decoded) in enumerate(zip(pts, dts, strict=True)):
            expected.update(plan.push(index, Picture(index, shown, decoded, keys[index])))
        expected.update(plan.finish())
    except StreamError as error:
        problem = str(error)
    found: dict[int, list[Message]] = {}
    try:
        found = dict(planned(sources(random.Random(seed)), Timetable(pts, dts, keys)))
    except StreamError as error:
        found_problem = str(error)
    assert found_problem == problem
    if not problem:
        assert found == {index: messages for index, messages in expected.items() if messages}


@pytest.mark.parametrize("block", [1, 7, 65, 300])
def test_pictures_planned_in_blocks_are_planned_as_one_by_one(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_module, "BLOCK", block)
    monkeypatch.setattr(order_module, "BLOCK", block)
    dts = [40 * index for index in range(1000)]
    for delays in ([80], [120, 40, 200, 80, 40], [80, 3000, 40, 40], [9000, *[40] * 500]):
        pts = [time + delays[index % len(delays)] for index, time in enumerate(dts)]
        keys = [index % 50 == 0 for index in range(1000)]
        for seed in range(20):
            check_plan(dts, pts, keys, seed)


def test_planning_takes_few_bytes_a_picture(tmp_path: Path) -> None:
    count = 500_000
    dts = range(0, 40 * count, 40)
    pts = array("q", (time + (80, 200, 120, 40, 80)[index % 5] for index, time in enumerate(dts)))
    source = Periodic(lambda elapsed: Message(101, bytes(800)), tick=Fraction(1, 1000), follow_idr=False)
    tracemalloc.start()
    try:
        edits = (Edit(800 * index, 0, b"x") for index, _ in planned([source], Timetable(pts, dts)))
        with Edits(edits, tmp_path) as made:
            assert len(made) == count // 25
            peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * count


def test_edits_are_in_order_and_the_last_of_a_place_counts(tmp_path: Path) -> None:
    given = [Edit(50, 2, b"late"), Edit(7, 0, b"a" * 9), Edit(9, 3, b""), Edit(7, 1, b"b")]
    with Edits(given, tmp_path) as made:
        assert list(made) == [Edit(7, 1, b"b"), Edit(9, 3, b""), Edit(50, 2, b"late")]
        assert (list(made.offsets), list(made.growths)) == ([7, 9, 50], [0, 0, -3, -1])


def test_a_table_that_claims_any_number_of_samples_of_one_size_takes_no_memory() -> None:
    track = Mp4Track(samples(pictures()), [avcc(parameter_sets())])
    data = mp4(track, track)
    place, grown = data.index(b"mdat") + 8, [0, 5]
    stsz = data.rindex(b"stsz") + 8
    claim = data[:stsz] + b"\0\0\0\1\xff\xff\xff\xff" + data[stsz + 8 :]
    tracemalloc.start()
    try:
        assert list(fixups(claim, [place], grown)) == list(fixups(data, [place], grown))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1 << 20


def test_a_fragment_without_a_header_cannot_be_patched() -> None:
    with pytest.raises(Unpatchable, match="a track fragment without a header"):
        list(fixups(box("moof", box("traf", box("trun", bytes(8)))), [0], [0, 1]))


def _fragment(count: int) -> bytes:
    """Samples of 5 bytes each, which the head of the track's part says once for all."""
    tfhd = box("tfhd", u(4, 0x020010, 1, 5))
    size = len(box("moof", box("traf", tfhd, box("trun", u(4, 1, count, 0)))))
    moof = box("moof", box("traf", tfhd, box("trun", u(4, 1, count, size + 8))))
    return moof + box("mdat", bytes(5 * count))


def test_the_only_sample_of_a_default_size_can_grow() -> None:
    data = _fragment(1)
    place = data.index(b"mdat") + 6
    assert list(fixups(data, [place], [0, 3])) == [
        Edit(data.index(b"tfhd") + 12, 4, u(4, 8)),
        Edit(data.index(b"mdat") - 4, 4, u(4, 16)),
    ]


def test_several_samples_of_a_default_size_cannot_grow() -> None:
    data = _fragment(2)
    with pytest.raises(Unpatchable, match="samples of a default size"):
        list(fixups(data, [data.index(b"mdat") + 6], [0, 3]))


def test_edits_of_a_packet_that_touch_become_one() -> None:
    given = [Edit(20, 5, b""), Edit(9, 0, b"a"), Edit(25, 0, b"new"), Edit(28, 1, b"c")]
    assert merged(given) == [Edit(9, 0, b"a"), Edit(20, 5, b"new"), Edit(28, 1, b"c")]


@pytest.mark.parametrize("name", ["plain.mp4", "fragmented.mp4", "r.flv"])
def test_a_copy_whose_tables_cannot_follow_leaves_an_empty_file(
    name: str, generated: dict[str, Path], tmp_path: Path
) -> None:
    source, target = generated[name], tmp_path / name
    target.touch()
    with opened_samples(str(source)) as found:
        places = list(found.samples.places())
    format_name = "flv" if name.endswith("flv") else "mp4"
    # The last one is in no sample.
    given = [Edit(places[9][0], 0, b"new"), Edit(source.stat().st_size - 1, 0, b"x")]
    with Edits(given, tmp_path) as made, pytest.raises(Unpatchable, match="an edit is in no "):
        write_patched(source, target, format_name, made)
    assert target.read_bytes() == b""


def test_many_bytes_to_put_in_wait_in_a_file_without_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents_module, "_MEMORY_BYTES", 10)
    given = [Edit(offset, offset % 3, bytes([offset]) * offset) for offset in range(50)]
    with Edits(given, tmp_path) as made:
        assert list(made) == given == list(made)
        assert list(tmp_path.iterdir()) == []


def test_nothing_of_it_needs_av(generated: dict[str, Path], tmp_path: Path) -> None:
    code = (
        "import sys; from layoutkit.sei.write import strip_sei, write_sei;"
        "from layoutkit.sei.message import Message; source, one, two = sys.argv[1:];"
        "write_sei(source, one, Message(101, b'x')); strip_sei(one, two, 101);"
        "print('av' in sys.modules)"
    )
    paths = [generated["plain.mp4"], tmp_path / "one.mp4", tmp_path / "two.mp4"]
    answer = subprocess.run([sys.executable, "-c", code, *paths], capture_output=True, text=True, check=True)
    assert answer.stdout == "False\n"
    assert paths[2].read_bytes() == paths[0].read_bytes()


@pytest.mark.parametrize("uuid", [None, "00" * 16, "11" * 16])
def test_a_description_that_holds_messages_becomes_the_same(uuid: str | None, tmp_path: Path) -> None:
    sei = serialize([Message(5, bytes(16) + b"settings"), Message(100, LAYOUT_JSON)], "hevc")
    source, target = tmp_path / "in.mp4", tmp_path / "out.mp4"
    source.write_bytes(
        mp4(Mp4Track(samples(pictures("hevc")), [hvcc([*parameter_sets("hevc"), sei])], "hevc"))
    )
    for change in CHANGES.values():
        assert assert_same(change, source, tmp_path)
    assert assert_same(lambda a, b: strip_sei(a, b, 5, uuid=uuid), source, tmp_path)
    assert strip_sei(source, target, 5, uuid=uuid).removed == (uuid != "11" * 16)

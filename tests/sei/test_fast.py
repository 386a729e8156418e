"""The fast readers beside the general one: the same rows, whatever the file."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest

from layoutkit import write_sei
from layoutkit.errors import LayoutkitError, StreamError, TruncatedError
from layoutkit.sei import Canvas, Message, Region, SeiMessage, VolumeLayout, reader
from layoutkit.sei.fast import read_fast
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.reader import read_sei
from layoutkit.sei.report import Report
from layoutkit.sei.stream import read_packets
from tests.sei.recording import (
    Picture,
    flv,
    gray,
    parameter_sets,
    picture_tags,
    pictures,
    sequence_header,
    with_layouts,
)

STREAMS = Path(__file__).resolve().parents[3] / "shared" / "data" / "streams"
CORPUS = sorted(path for path in STREAMS.glob("*") if path.suffix not in {".tsv", ".md", ".json"})

Outcome = tuple[list[SeiMessage], str, dict[int, dict[int, int]], dict[int, str], int]


def outcome(rows: Iterator[SeiMessage], report: Report) -> Outcome:
    """All that a reading tells: rows, error, types seen, codecs, packets."""
    found: list[SeiMessage] = []
    error = ""
    try:
        found.extend(rows)
    except LayoutkitError as raised:
        error = str(raised)
    return found, error, {key: dict(seen) for key, seen in report.seen.items()}, report.codecs, report.packets


def assert_same(path: Path) -> None:
    """The way `read_sei` takes against the general reader alone, diagnostics included."""
    told: list[list[str]] = [[], []]
    fast, general = (Report(on_diagnostic=lambda each, to=to: to.append(str(each))) for to in told)  # type: ignore[misc]
    ours = outcome(read_sei(path, report=fast), fast)
    theirs = outcome(read_packets(str(path), report=general), general)
    assert ours == theirs
    assert sorted(told[0]) == sorted(told[1])


def is_fast(path: Path) -> bool:
    """Whether the file is read to its end without FFmpeg."""
    try:
        list(read_fast(str(path), None, Report()))
    except GiveWay:
        return False
    except TruncatedError:
        pass
    return True


@pytest.mark.skipif(not CORPUS, reason="the corpus is not here")
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_every_recording_of_the_corpus_gives_the_same(path: Path) -> None:
    assert_same(path)


LAYOUT = VolumeLayout(Canvas(64, 64), (Region("a", 0, 0, 32, 64, 1, 45),), ts=1)
CONTAINERS = ["plain.mp4", "fragmented.mp4", "r.mov", "r.flv"]


@pytest.fixture(scope="module")
def recordings_with_sei(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two seconds of video with B-frames in each container, a layout in every fifth of a second."""
    folder = tmp_path_factory.mktemp("fast")
    found: dict[str, Path] = {}
    for name in CONTAINERS:
        bare = folder / f"bare-{name}"
        options = {"movflags": "frag_keyframe+empty_moov"} if name.startswith("fragmented") else {}
        with av.open(str(bare), "w", options=options) as container:
            stream = container.add_stream("libx264", rate=25)
            stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
            stream.codec_context.options = {"bf": "2", "g": "20", "threads": "1"}
            frame = gray()
            for number in range(50):
                frame.pts, frame.time_base = number, Fraction(1, 25)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        found[name] = folder / name
        write_sei(bare, found[name], [LAYOUT, Message(5, bytes(16) + b"text")], interval_ms=200, ts=1)
    return found


@pytest.mark.parametrize("name", CONTAINERS)
def test_plain_recordings_are_read_without_ffmpeg(name: str, recordings_with_sei: dict[str, Path]) -> None:
    path = recordings_with_sei[name]
    assert is_fast(path)
    assert len(list(read_sei(path, {100}))) == 10
    assert_same(path)


@pytest.mark.parametrize("name", CONTAINERS)
@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_recording_gives_the_same(
    name: str, seed: int, recordings_with_sei: dict[str, Path], tmp_path: Path
) -> None:
    chance = random.Random(f"{name} {seed}")
    data = bytearray(recordings_with_sei[name].read_bytes())
    tables = _interesting(data)
    for _ in range(chance.choice([1, 1, 2, 3])):
        place = chance.choice(tables) + chance.randrange(60)
        if chance.random() < 0.3 or place >= len(data):
            place = chance.randrange(len(data))
        match chance.randrange(10):
            case 0:
                del data[place : place + chance.choice([1, 4, 100])]
            case 1:
                data[place:place] = chance.randbytes(4)
            case _:
                data[place] = chance.choice([0, 1, 255, 128, data[place] ^ 1 << chance.randrange(8)])
    path = tmp_path / name
    path.write_bytes(data)
    assert_same(path)


def _interesting(data: bytearray) -> list[int]:
    """Where boxes, or video tags, say what matters."""
    kinds = [b"elst", b"ctts", b"stts", b"stss", b"stsc", b"stsz", b"stco", b"tfhd", b"tfdt", b"trun"]
    kinds += [b"trex", b"mdhd", b"hdlr", b"stsd", b"avcC", b"\x09\x00\x00"]
    found = [data.find(kind) for kind in kinds]
    return [place for place in found if place >= 0] or [0]


@pytest.mark.parametrize("name", CONTAINERS)
def test_the_general_reader_goes_on_behind_the_last_row(
    name: str, recordings_with_sei: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = recordings_with_sei[name]
    whole = list(read_packets(str(path), report=Report()))
    for number in range(len(whole) + 1):

        def stops(path: str, types: object, report: Report, number: int = number) -> Iterator[SeiMessage]:
            yield from whole[:number]
            raise GiveWay("here")

        monkeypatch.setattr(reader, "read_fast", stops)
        assert list(read_sei(path)) == whole


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_file_that_shrinks_while_it_is_read_is_an_error(
    name: str, recordings_with_sei: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(recordings_with_sei[name].read_bytes())
    rows = read_sei(path)
    next(rows)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(StreamError, match="shrank from"):
        list(rows)


def test_unwanted_messages_are_counted_all_the_same(recordings_with_sei: dict[str, Path]) -> None:
    for path in recordings_with_sei.values():
        for types in ({100}, {5}, {7}, None):
            fast, general = Report(), Report()
            rows = list(read_fast(str(path), types, fast))
            assert rows == list(read_packets(str(path), types, report=general))
            assert fast.seen == general.seen


@pytest.mark.parametrize(
    ("begins_ms", "is_plain"), [(0, True), ((1 << 24) - 900, True), (5 << 24, True), ((1 << 31) - 900, False)]
)
def test_times_past_timestamp_extended_give_the_same(
    begins_ms: int, is_plain: bool, recordings_with_sei: dict[str, Path], tmp_path: Path
) -> None:
    data = bytearray(recordings_with_sei["r.flv"].read_bytes())
    position = 13
    while position < len(data):
        size, kind = int.from_bytes(data[position + 1 : position + 4], "big"), data[position]
        if kind == 9:
            time = begins_ms + int.from_bytes(data[position + 4 : position + 7], "big")
            data[position + 4 : position + 8] = (time & 0xFFFFFF).to_bytes(3, "big") + bytes([time >> 24])
        position += 11 + size + 4
    path = tmp_path / "late.flv"
    path.write_bytes(data)
    assert is_fast(path) == is_plain
    assert_same(path)


AGAIN: dict[str, Callable[[Picture], int]] = {
    "from zero": lambda picture: max(picture.dts, 0),
    "in pairs": lambda picture: picture.dts // 2 * 2,
    "never on": lambda picture: -2,
    "prompt": lambda picture: picture.pts,
}
"""What a muxer may write for the dts of a picture, none of which goes back but the last."""


@pytest.mark.parametrize("name", AGAIN)
@pytest.mark.parametrize("is_in_order", [False, True])
def test_pictures_of_flv_may_have_the_same_dts(name: str, is_in_order: bool, tmp_path: Path) -> None:
    path = tmp_path / "r.flv"
    found = [replace(each, dts=AGAIN[name](each)) for each in with_layouts(pictures(), b"{}", every=3)]
    if is_in_order:
        found = [replace(each, pts=max(number, each.dts)) for number, each in enumerate(found)]
    path.write_bytes(flv([sequence_header(parameter_sets()), *picture_tags(found)]))
    assert is_fast(path) == all(one.dts <= other.dts for one, other in pairwise(found))
    assert_same(path)

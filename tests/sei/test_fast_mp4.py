"""The tables of MP4 in their many forms: the fast reader beside the general one."""

import random
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from layoutkit import strip_sei, write_sei
from layoutkit.sei import Message, read_sei
from tests.sei.recording import (
    Mp4Track,
    Sample,
    avcc,
    box,
    gray,
    mp4,
    parameter_sets,
    pictures,
    samples,
    u,
    with_layouts,
)
from tests.sei.test_fast import LAYOUT, assert_same, is_fast

PAYLOAD = b'{"canvas":{"w":64,"h":64},"regions":[]}'

EVERY_FRAME = "frag_every_frame+empty_moov"
"""A fragment a picture; tried without sound, whose last two packets FFmpeg gives the same time there."""

FLAGS = [
    "frag_keyframe+empty_moov",
    "frag_keyframe+empty_moov+default_base_moof",
    "frag_keyframe+empty_moov+omit_tfhd_offset+separate_moof",
    "dash+frag_keyframe+empty_moov",
]


def record(
    path: Path, movflags: str, *, steps: tuple[int, ...], has_sound: bool = False, begins_ms: int = 0
) -> None:
    """Two seconds of video with B-frames; the pictures are shown for as many ms as `steps` say in turn."""
    with av.open(str(path), "w", options={"movflags": movflags} if movflags else {}) as container:
        video = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        video.codec_context.options = {"bf": "2", "g": "20", "threads": "1"}
        video.codec_context.time_base = Fraction(1, 1000)
        sound = container.add_stream("aac", rate=16000) if has_sound else None
        pts = begins_ms
        for number in range(50):
            frame = gray()
            frame.pts, frame.time_base = pts, Fraction(1, 1000)
            pts += steps[number % len(steps)]
            container.mux(video.encode(frame))
            if sound is not None:
                heard = av.AudioFrame.from_ndarray(np.zeros((1, 640), np.float32), "fltp", "mono")
                heard.sample_rate, heard.pts = 16000, 640 * number
                container.mux(sound.encode(heard))
        for stream in (video, sound):
            if stream is not None:
                container.mux(stream.encode(None))


@pytest.mark.parametrize("steps", [(40,), (40, 30, 50)])
@pytest.mark.parametrize(
    ("movflags", "has_sound"),
    [(EVERY_FRAME, False), *((each, sound) for each in FLAGS for sound in (False, True))],
)
def test_fragments_of_many_forms_give_the_same(
    movflags: str, has_sound: bool, steps: tuple[int, ...], tmp_path: Path
) -> None:
    bare, path = tmp_path / "bare.mp4", tmp_path / "r.mp4"
    record(bare, movflags, steps=steps, has_sound=has_sound)
    write_sei(bare, path, [LAYOUT, Message(5, bytes(16) + b"text")], interval_ms=200, ts=1)
    assert is_fast(path)
    assert_same(path)


@pytest.mark.parametrize("begins_ms", [1, 333, 70_000])
@pytest.mark.parametrize("movflags", ["faststart", "frag_keyframe+delay_moov"])
def test_video_that_begins_late_gives_the_same(movflags: str, begins_ms: int, tmp_path: Path) -> None:
    bare, path = tmp_path / "bare.mp4", tmp_path / "r.mp4"
    record(bare, movflags, steps=(40,), begins_ms=begins_ms)
    write_sei(bare, path, [LAYOUT], interval_ms=200, ts=1)
    assert is_fast(path)
    assert_same(path)
    assert next(read_sei(path)).pts_s == begins_ms / 1000


def _boxes_in(data: bytes, kind: bytes) -> list[tuple[int, int]]:
    """Start and size of each box of a kind, wherever its name stands."""
    found, place = [], data.find(kind)
    while place >= 0:
        found.append((place - 4, int.from_bytes(data[place - 4 : place], "big")))
        place = data.find(kind, place + 1)
    return found


def _lengthened(data: bytes, kind: bytes, around: tuple[bytes, ...]) -> bytes:
    """The file with a byte more at the end of its first box of a kind, and of those around it."""
    (start, size), *_ = _boxes_in(data, kind)
    changed = bytearray(data)
    for each in (kind, *around):
        place, old = max(box for box in _boxes_in(data, each) if box[0] <= start)
        changed[place : place + 4] = (old + 1).to_bytes(4, "big")
    changed[start + size : start + size] = b"\0"
    return bytes(changed)


TABLES = ["stts", "ctts", "stss", "stsc", "stsz", "stco"]


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_of_a_byte_too_many_gives_the_same(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "r.mp4"
    record(path, "faststart", steps=(40, 30))
    path.write_bytes(
        _lengthened(path.read_bytes(), kind.encode(), (b"stbl", b"minf", b"mdia", b"trak", b"moov"))
    )
    assert not is_fast(path)
    assert_same(path)


def test_a_run_of_a_byte_too_many_gives_the_same(tmp_path: Path) -> None:
    path = tmp_path / "r.mp4"
    record(path, FLAGS[0], steps=(40,))
    path.write_bytes(_lengthened(path.read_bytes(), b"trun", (b"traf", b"moof")))
    assert not is_fast(path)
    assert_same(path)


@pytest.mark.parametrize("seed", range(40))
def test_damaged_fragments_give_the_same(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    bare, path = tmp_path / "bare.mp4", tmp_path / "r.mp4"
    record(bare, chance.choice(FLAGS), steps=chance.choice([(40,), (40, 30, 50)]), has_sound=seed % 2 == 0)
    write_sei(bare, path, [LAYOUT], interval_ms=200, ts=1)
    data = bytearray(path.read_bytes())
    kind = chance.choice([b"moof", b"traf", b"tfhd", b"tfdt", b"trun"])
    start, size = chance.choice(_boxes_in(bytes(data), kind))
    place = start + chance.randrange(min(size, 60))
    data[place] = chance.choice([0, 1, 255, 128, data[place] ^ 1 << chance.randrange(8)])
    path.write_bytes(data)
    assert_same(path)


def _with_box(data: bytes, new: bytes, around: tuple[bytes, ...]) -> bytes:
    """The file with a box more at the end of the innermost of nested boxes, each the first of its kind."""
    changed = bytearray(data)
    inside, limit = 0, len(data)
    for kind in around:
        place, size = next(box for box in _boxes_in(data, kind) if inside <= box[0] < limit)
        changed[place : place + 4] = (size + len(new)).to_bytes(4, "big")
        inside, limit = place, place + size
    changed[limit:limit] = new
    return bytes(changed)


USERTYPES = {
    "XMP": ("be7acfcb97a942e89c71999491e3afac", True),
    "spherical video": ("ffcc8263f8554a938814587a02521fdd", False),
}


@pytest.mark.parametrize("movflags", ["", "faststart", FLAGS[0]])
@pytest.mark.parametrize("name", USERTYPES)
def test_a_box_of_a_usertype_gives_the_same(name: str, movflags: str, tmp_path: Path) -> None:
    usertype, is_plain = USERTYPES[name]
    bare, path = tmp_path / "bare.mp4", tmp_path / "r.mp4"
    record(bare, movflags, steps=(40,))
    write_sei(bare, path, [LAYOUT], interval_ms=200, ts=1)
    path.write_bytes(path.read_bytes() + box("uuid", bytes.fromhex(usertype), b"<rdf/>"))
    assert is_fast(path) == is_plain
    assert_same(path)


def test_a_box_too_short_for_its_usertype_gives_the_same(tmp_path: Path) -> None:
    path = tmp_path / "r.mp4"
    record(path, "", steps=(40,))
    path.write_bytes(path.read_bytes() + box("uuid", b"\xbe\x7a"))
    assert not is_fast(path)
    assert_same(path)


def test_the_span_of_composition_offsets_gives_the_same(tmp_path: Path) -> None:
    bare, path = tmp_path / "bare.mp4", tmp_path / "r.mp4"
    record(bare, "", steps=(40,))
    write_sei(bare, path, [LAYOUT], interval_ms=200, ts=1)
    around = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
    path.write_bytes(_with_box(path.read_bytes(), box("cslg", u(4, 0, 0, 0, 1280, 0, 32000)), around))
    assert is_fast(path)
    assert_same(path)


EARLY = "negative_cts_offsets"


@pytest.mark.parametrize("steps", [(40,), (40, 30, 50)])
@pytest.mark.parametrize(
    "movflags",
    [
        f"faststart+{EARLY}",
        *(f"{each}+{EARLY}" for each in FLAGS),
        f"{FLAGS[3]}+global_sidx+{EARLY}",
        f"{EVERY_FRAME}+default_base_moof",
    ],
)
def test_pictures_displayed_before_they_are_decoded_give_the_same(
    movflags: str, steps: tuple[int, ...], tmp_path: Path
) -> None:
    bare, path = tmp_path / "bare.mp4", tmp_path / "r.mp4"
    record(bare, movflags, steps=steps)
    write_sei(bare, path, [LAYOUT], interval_ms=200, ts=1)
    assert is_fast(path)
    assert_same(path)


OFFSETS = (-100_000, -5000, -1024, -512, -40, -1, 0, 1, 80, 512, 1024, 5000)
"""Ticks, of 16,000 a second mostly."""


@pytest.mark.parametrize("seed", range(60))
def test_any_composition_offsets_and_edits_give_the_same(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    bare, path = tmp_path / "bare.mp4", tmp_path / "r.mp4"
    flags = chance.choice(["", f"faststart+{EARLY}", *(f"{each}+{EARLY}" for each in FLAGS)])
    flags += "+delay_moov" if "frag" in flags and chance.random() < 0.5 else ""
    record(bare, flags.replace("empty_moov+", ""), steps=chance.choice([(40,), (40, 30, 50)]))
    write_sei(bare, path, [LAYOUT], interval_ms=200, ts=1)
    data = bytearray(path.read_bytes())
    for start, size in _boxes_in(bytes(data), b"elst"):
        for place in range(start + 16, start + size, 12):
            if chance.random() < 0.5:
                data[place : place + 4] = u(4, chance.choice([0, 1, 500, 2000, 2040, 90_000]))
            if chance.random() < 0.3:
                data[place + 4 : place + 8] = u(4, chance.choice([-1, 0, 80, 512, 1280]))
    for start, size in _boxes_in(bytes(data), b"ctts"):
        for place in range(start + 20, start + size, 8):
            if chance.random() < 0.2:
                data[place : place + 4] = u(4, chance.choice(OFFSETS))
    likely = chance.choice([0.02, 0.3])
    for start, size in _boxes_in(bytes(data), b"trun")[: chance.choice([1, 9])]:
        shown = data[start + 10] & 0x08
        step = 4 * (data[start + 10] & 15).bit_count()
        for place in range(start + size - 4, start + 24, -step) if shown else ():
            if chance.random() < likely:
                data[place : place + 4] = u(4, chance.choice(OFFSETS))
    path.write_bytes(data)
    assert_same(path)


@pytest.mark.parametrize("duration_ms", [1, 1000, 2000, 90_000])
def test_an_edit_of_a_part_of_fragments_gives_the_same(duration_ms: int, tmp_path: Path) -> None:
    bare, path = tmp_path / "bare.mp4", tmp_path / "r.mp4"
    record(bare, "frag_keyframe+delay_moov", steps=(40,))
    write_sei(bare, path, [LAYOUT], interval_ms=200, ts=1)
    data = bytearray(path.read_bytes())
    ((start, _),) = _boxes_in(bytes(data), b"elst")
    data[start + 16 : start + 20] = u(4, duration_ms)
    path.write_bytes(data)
    assert is_fast(path)
    assert_same(path)
    assert len(list(read_sei(path, {100}))) == 10


@pytest.mark.parametrize("has_sound", [False, True])
@pytest.mark.parametrize("every_frame", [False, True])
def test_a_fragment_for_each_picture_keeps_its_form(
    every_frame: bool, has_sound: bool, tmp_path: Path
) -> None:
    bare, path, back = (tmp_path / name for name in ("bare.mp4", "r.mp4", "back.mp4"))
    record(bare, EVERY_FRAME, steps=(40,), has_sound=has_sound)
    write_sei(bare, path, [LAYOUT], interval_ms=200, every_frame=every_frame, ts=1)
    with av.open(str(bare)) as before, av.open(str(path)) as after:
        for mine, theirs in zip(after.demux(), before.demux(), strict=True):
            assert (mine.pts, mine.dts, mine.stream.index) == (theirs.pts, theirs.dts, theirs.stream.index)
    assert len(list(read_sei(path, {100}))) == (50 if every_frame else 10)
    strip_sei(path, back, 100)
    assert back.read_bytes() == bare.read_bytes()


@pytest.mark.parametrize(
    ("entry", "is_plain"), [("mebx", True), ("mett", True), ("urim", False), ("avc1", False)]
)
def test_a_track_of_metadata_gives_the_same(entry: str, is_plain: bool, tmp_path: Path) -> None:
    video = Mp4Track(samples(with_layouts(pictures(), PAYLOAD)), [avcc(parameter_sets())])
    timed = Mp4Track([Sample(b"metadata", 5 * number, 5 * number, True) for number in range(8)], [b""])
    data = bytearray(mp4(video, timed))
    place = data.rindex(b"vide", 0, data.index(b"mdat"))
    data[place : place + 4] = b"meta"
    place = data.index(b"avc1", place)
    data[place : place + 4] = entry.encode()
    path = tmp_path / "r.mp4"
    path.write_bytes(data)
    assert is_fast(path) == is_plain
    assert_same(path)

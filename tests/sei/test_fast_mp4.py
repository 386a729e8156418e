"""The tables of MP4 in their many forms: the fast reader beside the general one."""

import random
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from layoutkit import write_sei
from layoutkit.sei import Message, read_sei
from tests.sei.recording import gray
from tests.sei.test_fast import LAYOUT, assert_same, is_fast

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
    with av.open(str(path), "w", options={"movflags": movflags}) as container:
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

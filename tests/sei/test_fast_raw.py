"""Raw streams read without FFmpeg beside FFmpeg's packets: encoder settings, hostile bytes, piece borders."""

import io
import random
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest

from layoutkit.sei import Message, join, serialize, split
from layoutkit.sei.fast import local
from layoutkit.sei.nal import Codec
from layoutkit.sei.reader import read_sei
from tests.sei.recording import pictures, raw
from tests.sei.test_fast import assert_same, is_fast

SETTINGS = {
    "b": "bframes=2:keyint=10",
    "open-gop": "bframes=3:keyint=8:open-gop=1",
    "slices": "slices=4:keyint=10:aud=1",
    "interlaced": "tff=1:keyint=10",
    "refresh": "intra-refresh=1:keyint=10",
    "timed": "nal-hrd=vbr:vbv-maxrate=500:vbv-bufsize=500:keyint=10:aud=1:bframes=2",
    "one-reference": "ref=1:bframes=0:keyint=20:min-keyint=1:scenecut=80",
}


@pytest.fixture(scope="module")
def streams(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Noise encoded by x264, type 100 in every third picture, type 5 in every sixth as well."""
    folder = tmp_path_factory.mktemp("raw")
    return {name: _encoded(folder / f"{name}.264", options) for name, options in SETTINGS.items()}


def _encoded(path: Path, options: str, *, is_still: bool = False) -> Path:
    with av.open(io.BytesIO(), "w", format="h264") as container:
        stream = container.add_stream("libx264", rate=25, options={"x264-params": f"{options}:threads=1"})
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        content: Callable[[int], bytes] = bytes if is_still else random.Random(1).randbytes
        frame = av.VideoFrame(64, 64, "yuv420p")
        packets = []
        for number in range(24):
            for plane in frame.planes:
                plane.update(content(plane.buffer_size))
            frame.pts, frame.time_base = number, Fraction(1, 25)
            packets += stream.encode(frame)
        packets += stream.encode(None)
    data = b""
    for number, packet in enumerate(packets):
        nals = list(split(bytes(packet)))
        if number % 3 == 0:
            first = next(place for place, nal in enumerate(nals) if nal[0] & 31 in (1, 5))
            held = [Message(100, b'{"a":1}' * (number + 1)), Message(5, bytes(20))]
            nals.insert(first, serialize(held[: 1 + number % 2]))
        data += join(nals)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", SETTINGS)
def test_what_encoders_write_is_read_without_ffmpeg(name: str, streams: dict[str, Path]) -> None:
    assert is_fast(streams[name])
    rows = list(read_sei(streams[name], {100}))
    assert [row.index for row in rows] == list(range(0, 24, 3))
    assert_same(streams[name])


@pytest.mark.parametrize("options", ["slices=4:bframes=2", "cabac=0:slices=4:bframes=2", "cabac=0:bframes=0"])
def test_pictures_that_do_not_change_are_read_without_ffmpeg(options: str, tmp_path: Path) -> None:
    path = _encoded(tmp_path / "s.264", options, is_still=True)
    assert min(len(nal) for nal in split(path.read_bytes()) if nal[0] & 31 == 1) <= 8
    assert is_fast(path)
    assert_same(path)


@pytest.mark.parametrize("name", ["s.265", "s.hevc"])
def test_hevc_is_read_without_ffmpeg(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    found = [picture.with_sei(Message(100, b"{}"), codec="hevc") for picture in pictures("hevc")]
    suffix = bytes([40 << 1, 1]) + serialize([Message(132, bytes(17))], "hevc")[2:]
    path.write_bytes(b"".join(join((*picture.nals, suffix)) for picture in found))
    assert is_fast(path)
    assert {row.after_vcl for row in read_sei(path, {132})} == {True}
    assert_same(path)


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize("size", [*range(1900, 2060, 8), 2420, 4000, 7000, 9000])
def test_settings_of_an_encoder_may_stand_before_the_first_picture(
    codec: Codec, size: int, tmp_path: Path
) -> None:
    path = tmp_path / {"h264": "s.264", "hevc": "s.265"}[codec]
    told = Message(5, bytes(range(16)) + b"cabac=1 ".ljust(size, b"x"))
    first, *others = pictures(codec)
    path.write_bytes(raw([first.with_sei(told, codec=codec), *others]))
    # Where the first look ends in a picture's header, FFmpeg is not sure.
    assert is_fast(path) or 1900 <= size < 2060 or size > 8192
    assert_same(path)


def test_a_stream_under_another_name_or_without_a_key_frame_is_left_to_ffmpeg(tmp_path: Path) -> None:
    whole, later = tmp_path / "s.bin", tmp_path / "s.264"
    whole.write_bytes(raw(pictures()))
    later.write_bytes(raw(pictures()[1:]))
    assert not is_fast(whole)
    assert not is_fast(later)
    assert_same(later)


@pytest.mark.parametrize("name", ["slices", "timed"])
def test_rows_are_the_same_wherever_the_pieces_end(
    name: str, streams: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = list(read_sei(streams[name]))
    for piece in range(2048, 2048 + 120):
        monkeypatch.setattr(local, "PIECE", piece)
        assert is_fast(streams[name])
        assert list(read_sei(streams[name])) == whole


INSERTED = [
    b"\0",
    b"\0\0\1",
    b"\0\0\1\x0a",
    b"\0\0\1\x0b",
    b"\0\0\1\x0c\xff\x80",
    b"\0\0\1\x09\x10",
    b"\0\0\0\1\x06\x05\x01\x00\x80",
    b"\0\0\1\x06\x80",
    b"\0\0\1\x06\x64",
]


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_stream_gives_the_same(
    name: str, seed: int, streams: dict[str, Path], tmp_path: Path
) -> None:
    chance = random.Random(f"{name} {seed}")
    data = bytearray(streams[name].read_bytes())
    codes = [match.start() for match in re.finditer(b"\0\0\1", data)]
    for _ in range(chance.choice([1, 1, 2])):
        place = max(0, min(chance.choice(codes) + chance.randrange(-2, 12), len(data) - 1))
        match chance.randrange(8):
            case 0:
                del data[place : place + chance.choice([1, 2, 3, 4, 5, 100])]
            case 1 | 2:
                data[place:place] = chance.choice(INSERTED)
            case 3:
                del data[place + 1 :]
            case _:
                data[place] = chance.choice(
                    [0, 1, 3, 0x41, 0x65, 6, 0x67, data[place] ^ 1 << chance.randrange(8)]
                )
    path = tmp_path / f"{name}.264"
    path.write_bytes(data)
    assert_same(path)

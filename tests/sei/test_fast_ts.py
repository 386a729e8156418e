"""Transport streams read without FFmpeg beside FFmpeg's packets: encoder settings, hostile bytes, borders."""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutkit import write_sei
from layoutkit.sei import Canvas, Message, Region, VolumeLayout, join, split
from layoutkit.sei.fast import nal_units, transport
from layoutkit.sei.fast.access_units import first_mb
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.nal import Codec
from layoutkit.sei.reader import read_sei
from tests.sei.recording import Pes, gray, pes_of, pictures, track_entry, ts, u, with_layouts
from tests.sei.test_fast import assert_same, is_fast

PACKET = 188
LAYOUT = VolumeLayout(Canvas(64, 64), (Region("a", 0, 0, 32, 64, 1, 45),), ts=1)

SETTINGS = {
    "b": "bframes=2:keyint=10",
    "open-gop": "bframes=3:keyint=8:open-gop=1",
    "slices": "slices=4:keyint=10:aud=1",
    "timed": "nal-hrd=vbr:vbv-maxrate=500:vbv-bufsize=500:keyint=10:aud=1:bframes=2",
}

STILL = {
    "cabac": "weightp=0:bframes=3:keyint=20",
    "cavlc": "cabac=0:bframes=3:keyint=20",
    "weighted": "cabac=0:weightp=2:weightb=1:bframes=2:aud=1",
    "baseline": "cabac=0:bframes=0:8x8dct=0:weightp=0",
    "slices": "weightp=0:slices=4:bframes=2",
    "cavlc-slices": "cabac=0:slices=4:bframes=0",
    "interlaced": "cabac=0:tff=1:bframes=2",
    "timed": "cabac=0:nal-hrd=vbr:vbv-maxrate=500:vbv-bufsize=500:aud=1:bframes=2",
}
"""Pictures that do not change, as of a screen that is shared: P and B slices of a few bytes."""


@pytest.fixture(scope="module")
def streams(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Noise by x264 with sound, as FFmpeg's muxer writes it; a layout and a text in every fifth picture."""
    folder = tmp_path_factory.mktemp("ts")
    return {name: _encoded(folder / f"{name}.ts", options) for name, options in SETTINGS.items()}


def _encoded(path: Path, options: str, *, is_still: bool = False) -> Path:
    bare = path.with_name(f"bare-{path.name}")
    content: Callable[[int], bytes] = bytes if is_still else random.Random(1).randbytes
    with av.open(str(bare), "w") as container:
        video = container.add_stream("libx264", rate=25, options={"x264-params": f"{options}:threads=1"})
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        sound = container.add_stream("aac", rate=8000, layout="mono")
        frame, samples = gray(), av.AudioFrame("fltp", "mono", 1024)
        samples.sample_rate = 8000
        samples.planes[0].update(bytes(samples.planes[0].buffer_size))
        for number in range(50):
            for plane in frame.planes:
                plane.update(content(plane.buffer_size))
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(video.encode(frame))
            if number % 3 == 0:
                samples.pts, samples.time_base = number // 3 * 1024, Fraction(1, 8000)
                container.mux(sound.encode(samples))
        container.mux(video.encode(None))
        container.mux(sound.encode(None))
    write_sei(bare, path, [LAYOUT, Message(5, bytes(16) + b"text")], interval_ms=200)
    return path


@pytest.mark.parametrize("name", SETTINGS)
def test_what_encoders_write_is_read_without_ffmpeg(name: str, streams: dict[str, Path]) -> None:
    assert is_fast(streams[name])
    assert len(list(read_sei(streams[name], {100}))) == 10
    assert_same(streams[name])


@pytest.mark.parametrize("name", STILL)
def test_pictures_that_do_not_change_are_read_without_ffmpeg(name: str, tmp_path: Path) -> None:
    path = _encoded(tmp_path / "s.ts", STILL[name], is_still=True)
    with av.open(str(path)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0)]
    sizes = [len(nal) for packet in packets for nal in split(packet) if nal[0] & 31 == 1]
    assert min(sizes) <= 8
    assert is_fast(path)
    assert len(list(read_sei(path, {100}))) == 10
    assert_same(path)


def _slice(first_mb_in_slice: int, size: int, chance: random.Random) -> bytes:
    """A P slice of so many bytes, which may end before its first field does."""
    number = first_mb_in_slice + 1
    zeros = number.bit_length() - 1
    # slice_type 0, pic_parameter_set_id 0, and what looks like the rest.
    bits = (number << 2 | 3) << 80 - (2 * zeros + 3) | chance.getrandbits(80 - (2 * zeros + 3)) | 1
    ebsp = re.sub(rb"\x00\x00(?=[\x00-\x03])", b"\x00\x00\x03", bits.to_bytes(10, "big"))
    return b"\x41" + ebsp[: size - 1]


@pytest.mark.parametrize("size", range(1, 11))
@pytest.mark.parametrize("start_code", [b"\0\0\1", b"\0\0\0\1"])
def test_a_slice_of_a_few_bytes_hides_nothing_behind_it(start_code: bytes, size: int, tmp_path: Path) -> None:
    """A slice that opens its picture or not, with another behind it or none; messages in the next picture."""
    path = tmp_path / "s.ts"
    packets = pes_of(with_layouts(pictures(size=256), b"{}", every=3))
    chance = random.Random(size)
    # By the bytes behind its header that it has to have, numbers from the least to the largest.
    for needed, numbers in {1: (0, 1, 14), 2: (15, 254), 3: (255, 4094), 4: (4095, 8189)}.items():
        for number in numbers:
            opening = [_slice(0, 9, chance)] if number else []
            for following in ([], [_slice(8190, 9, chance)]):
                nals = [*opening, _slice(number, size, chance), *following]
                data = b"".join([b"\0\0\0\1\x09\xf0", *(start_code + nal for nal in nals)])
                path.write_bytes(ts([*packets[:4], replace(packets[4], data=data), *packets[5:]]))
                assert_same(path)
                assert is_fast(path) or size < max(3, 1 + needed)
                assert not is_fast(path) or size >= 1 + needed


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_both_codecs_are_read_without_ffmpeg(codec: Codec, tmp_path: Path) -> None:
    path = tmp_path / "s.ts"
    found = [picture.with_sei(Message(100, b"{}"), codec=codec) for picture in pictures(codec, size=256)]
    # All pictures are delayed: what FFmpeg thinks of others hangs on their parameter sets.
    packets = [replace(each, dts=(each.dts or 0) - 90) for each in pes_of(found, codec=codec, start=900)]
    path.write_bytes(ts(packets, ({256: codec},)))
    assert is_fast(path)
    assert len(list(read_sei(path, {100}))) == len(found)
    assert_same(path)


@pytest.mark.parametrize("packets", [*range(40, 60), 100, 300])
def test_rows_are_the_same_wherever_the_pieces_end(
    packets: int, streams: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = list(read_sei(streams["timed"]))
    monkeypatch.setattr(transport, "STRETCH", packets * PACKET)
    assert is_fast(streams["timed"])
    assert list(read_sei(streams["timed"])) == whole


@pytest.mark.parametrize("shift", range(192))
def test_start_codes_and_messages_may_be_split_across_packets(shift: int, tmp_path: Path) -> None:
    """A message that grows byte by byte moves all start codes behind it through a packet's border."""
    path = tmp_path / "s.ts"
    path.write_bytes(ts(pes_of(with_layouts(pictures(size=256), bytes(shift % 7) + b"x" * shift))))
    assert is_fast(path)
    rows = [row for row in read_sei(path) if row.payload_type == 100]
    assert [row.payload for row in rows] == [bytes(shift % 7) + b"x" * shift] * 4
    assert_same(path)


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("seed", range(15))
def test_how_a_stream_is_cut_into_packets_does_not_matter(
    name: str, seed: int, streams: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Adaptation fields of any length anywhere, packets without payload, sound and nothing in between."""
    chance = random.Random(f"{name} {seed}")
    path = tmp_path / "s.ts"
    path.write_bytes(recut(streams[name].read_bytes(), chance))
    monkeypatch.setattr(transport, "STRETCH", chance.choice([40, 100, 1000, 10_000]) * PACKET)
    assert is_fast(path)
    assert list(read_sei(path)) == list(read_sei(streams[name]))
    assert_same(path)


def recut(data: bytes, chance: random.Random) -> bytes:
    """The same PES packets of video in other packets; those of sound somewhere else."""
    packets = [data[at : at + PACKET] for at in range(0, len(data), PACKET)]
    found: list[bytes] = []
    others: list[bytes] = []
    held: list[bytes] = []
    counter = 0
    likelihood = chance.choice([0, 0.02, 0.3, 0.9])
    for packet in packets:
        if u(2, 0x100) != bytes([packet[1] & 0x1F, packet[2]]):
            (others if held else found).append(packet)
            continue
        if packet[1] & 0x40 and held:
            for piece in _cut(b"".join(held), counter, likelihood, chance):
                found.append(piece)
                counter = piece[3] & 15
                while others and chance.random() < 0.2:
                    found.append(others.pop(0))
                if chance.random() < 0.1:
                    found.append(b"\x47\x1f\xff\x10" + chance.randbytes(184))
            counter = counter + 1 & 15
            held.clear()
        held.append(packet[5 + packet[4] if packet[3] & 0x20 else 4 :])
    return b"".join([*found, *_cut(b"".join(held), counter, likelihood, chance), *others])


def _cut(pes: bytes, counter: int, likelihood: float, chance: random.Random) -> Iterator[bytes]:
    """The packets of one PES packet; each has an adaptation field with a certain likelihood."""
    place = 0
    while place < len(pes):
        size = chance.choice([1, 2, 3, chance.randrange(184), 184]) if chance.random() < likelihood else 0
        # A PES header stays in one packet.
        size = max(min(size, 184 if place else 140), 184 - (len(pes) - place))
        field = bytes([max(size, 1) - 1, 0]).ljust(size, b"\xff")[:size]
        piece = pes[place : place + 184 - size]
        control = (0x20 if field else 0) | (0x10 | counter if piece else counter - 1 & 15)
        yield bytes([0x47, 0x01 if place else 0x41, 0, control]) + field + piece
        counter = counter + bool(piece) & 15
        place += len(piece)


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("seed", range(15))
def test_a_stream_that_is_damaged_when_cut_anew_gives_the_same(
    name: str, seed: int, streams: dict[str, Path], tmp_path: Path
) -> None:
    chance = random.Random(f"{name} {seed}")
    path = tmp_path / "s.ts"
    path.write_bytes(damaged(recut(streams[name].read_bytes(), chance), chance))
    assert_same(path)


@given(st.lists(st.sampled_from([0, 0, 1, 2]), max_size=80).map(bytes), st.sampled_from([1, 3, 1 << 17]))
def test_start_codes_are_found_at_every_place(data: bytes, block: int) -> None:
    data = b"\xff" + data + b"\xff" * (1 + len(data) % 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nal_units, "_BLOCK", block)
        found = nal_units.start_codes(np.frombuffer(data, np.uint8))
    assert found.tolist() == [match.start() for match in re.finditer(b"\0\0\1", data)]


CODES = st.binary(min_size=5, max_size=5).filter(lambda data: data[0] < 0x80)


def _told(read: Callable[[], int]) -> int | str:
    try:
        return read()
    except GiveWay as reason:
        return str(reason)


def _by_columns(data: bytes, size: int) -> int:
    column = np.frombuffer(b"\x41" + data, np.uint8)
    return int(nal_units._first_mb(column, np.array([0]), np.array([1 + size]))[0])


@given(CODES)
def test_first_mb_in_slice_is_read_by_columns_as_one_by_one(data: bytes) -> None:
    assert _told(lambda: _by_columns(data, 5)) == _told(lambda: first_mb(data))


@given(CODES, st.integers(1, 4))
def test_first_mb_in_slice_is_not_read_behind_the_end(data: bytes, size: int) -> None:
    by_columns = _told(lambda: _by_columns(data, size))
    assert isinstance(by_columns, str) or by_columns == first_mb(data[:size])


def _two_in_one(packets: list[Pes]) -> list[Pes]:
    return [
        *packets[:4],
        Pes(packets[4].data + packets[5].data, packets[4].pts, packets[4].dts),
        *packets[6:],
    ]


def _one_in_two(packets: list[Pes]) -> list[Pes]:
    half = len(packets[4].data) // 2
    first = Pes(packets[4].data[:half], packets[4].pts, packets[4].dts)
    return [*packets[:4], first, Pes(packets[4].data[half:], None, None), *packets[5:]]


def _untimed(packets: list[Pes]) -> list[Pes]:
    return [*packets[:4], Pes(packets[4].data, None, None), *packets[5:]]


def _empty(packets: list[Pes]) -> list[Pes]:
    return [*packets[:4], Pes(join([b"\x09\xf0"]), packets[4].pts, packets[4].dts), *packets[5:]]


def _ending_in_zero(packets: list[Pes]) -> list[Pes]:
    short = Pes(packets[5].data[1:], packets[5].pts, packets[5].dts)
    return [*packets[:4], Pes(packets[4].data + b"\0", packets[4].pts, packets[4].dts), short, *packets[6:]]


def _prompt(packets: list[Pes]) -> list[Pes]:
    """A key frame that is displayed as soon as it is decoded, among pictures that are not."""
    place = next(number for number, each in enumerate(packets) if number and each.is_key)
    key = packets[place]
    return [*packets[:place], Pes(key.data, key.dts, key.dts, is_key=True), *packets[place + 1 :]]


@pytest.mark.parametrize("change", [_prompt, _two_in_one, _one_in_two, _untimed, _empty, _ending_in_zero])
def test_pes_packets_that_are_no_access_units_are_left_to_ffmpeg(change: object, tmp_path: Path) -> None:
    assert callable(change)
    path = tmp_path / "s.ts"
    packets = pes_of(with_layouts(pictures(size=256), b"{}", every=3))
    path.write_bytes(ts(change(packets)))
    assert not is_fast(path)
    assert_same(path)


def _clock_alone(pid: int) -> bytes:
    """A packet with a clock and no payload, whose payload_unit_start_indicator is set all the same."""
    return (
        b"\x47" + u(2, 0x4000 | pid) + b"\x20" + b"\xb7\x10" + (u(4, 900) + b"\x7e\x00").ljust(182, b"\xff")
    )


@pytest.mark.parametrize(("pid", "is_plain"), [(256, True), (257, True), (300, False)])
def test_a_packet_of_a_clock_alone_begins_no_pes_packet(pid: int, is_plain: bool, tmp_path: Path) -> None:
    path = tmp_path / "s.ts"
    found = with_layouts(pictures(size=256), b"{}", every=3)
    data = ts(pes_of(found), tracks=track_entry(257, 0x0F))
    packets = [data[at : at + PACKET] for at in range(0, len(data), PACKET)]
    for step in (2, 3, 7):
        clocked = (
            [packet] if number < 2 or number % step else [_clock_alone(pid), packet]
            for number, packet in enumerate(packets)
        )
        path.write_bytes(b"".join(b"".join(each) for each in clocked))
        assert is_fast(path) == is_plain
        assert len(list(read_sei(path, {100}))) == 14
        assert_same(path)


def test_times_that_wrap_or_leap_are_left_to_ffmpeg(tmp_path: Path) -> None:
    path = tmp_path / "s.ts"
    found = with_layouts(pictures(size=256), b"{}", every=3)
    for start in ((1 << 33) - 40_000, (1 << 33) - 200_000):
        path.write_bytes(ts(pes_of(found, start=start)))
        assert not is_fast(path)
        assert_same(path)
    path.write_bytes(ts([*pes_of(found, start=900_000), *pes_of(found, start=90_000)]))
    assert not is_fast(path)
    assert_same(path)


def test_rows_before_the_damage_are_not_given_twice(streams: dict[str, Path], tmp_path: Path) -> None:
    data = streams["b"].read_bytes()
    whole = data * 40  # the clock starts again behind each copy
    path = tmp_path / "s.ts"
    path.write_bytes(whole)
    assert not is_fast(path)
    assert_same(path)


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("seed", range(50))
def test_a_damaged_stream_gives_the_same(
    name: str, seed: int, streams: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "s.ts"
    path.write_bytes(damaged(streams[name].read_bytes(), random.Random(f"{name} {seed}")))
    assert_same(path)


def damaged(data: bytes, chance: random.Random) -> bytes:
    """The packets with one to three of them missing, doubled, moved or changed."""
    packets = [bytearray(data[at : at + PACKET]) for at in range(0, len(data), PACKET)]
    units = [number for number, packet in enumerate(packets) if packet[1] & 0x40]
    for _ in range(chance.choice([1, 1, 2, 3])):
        number = chance.choice(units) if chance.random() < 0.5 else chance.randrange(len(packets))
        number = min(number, len(packets) - 2)
        packet = packets[number]
        place = chance.randrange(40) if chance.random() < 0.7 else chance.randrange(PACKET)
        match chance.randrange(12):
            case 0:
                del packets[number]
            case 1:
                packets.insert(number, bytearray(packet))
            case 2:
                packets[number], packets[number + 1] = packets[number + 1], packets[number]
            case 3:
                packet[-3:] = chance.choice([b"\0\0\1", b"\0\0\0", b"x\0\0", b"xx\0"])
            case 4:
                packet[place : place + 4] = chance.choice([b"\0\0\1\x06", b"\0\0\1\x09", b"\0\0\1\x41"])
                del packet[PACKET:]
            case 5:
                del packet[place : place + chance.choice([1, 2, 30])]
            case _:
                place = min(place, len(packet) - 1)
                packet[place] = chance.choice(
                    [0, 1, 3, 6, 0x47, 255, packet[place] ^ 1 << chance.randrange(8)]
                )
    return b"".join(packets)

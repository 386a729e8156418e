"""What is in a transport stream beside plain video: other tracks, tables, joints, a beginning and an end."""

import random
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

from layoutkit.errors import TruncatedError
from layoutkit.sei import Message, escape, split, unescape
from layoutkit.sei.nal import Codec
from layoutkit.sei.reader import read_sei
from tests.sei.recording import Pes, Picture, pes_of, pictures, section, track_entry, ts, u
from tests.sei.test_fast import assert_same, is_fast

PACKET = 188
VIDEO, OTHER, MAP = 256, 257, 4096

H264 = "nal-hrd=vbr:vbv-maxrate=500:vbv-bufsize=500:keyint=10:aud=1:bframes=2:threads=1"
HEVC = "hash=1:log-level=none:pools=1:frame-threads=1:keyint=10"


def encoded(
    path: Path, video: str = "libx264", options: str = H264, *, sound: str = "aac", **muxer: str
) -> Path:
    """Two seconds of noise with sound, SEI in each picture, as FFmpeg's muxer writes it when told so."""
    chance = random.Random(1)
    with av.open(str(path), "w", options=muxer) as container:
        stream = container.add_stream(video, rate=25, options={f"{video[3:]}-params": options})
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        track = container.add_stream(sound, rate=48_000, layout="stereo")
        frame = av.VideoFrame(64, 64, "yuv420p")
        resampler = av.AudioResampler(track.codec_context.format, "stereo", 48_000)
        for number in range(50):
            for plane in frame.planes:
                plane.update(chance.randbytes(plane.buffer_size))
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
            samples = av.AudioFrame("s16", "stereo", 1920)
            samples.sample_rate, samples.pts, samples.time_base = 48_000, number * 1920, Fraction(1, 48_000)
            samples.planes[0].update(bytes(samples.planes[0].buffer_size))
            for each in resampler.resample(samples):
                container.mux(track.encode(each))
        container.mux(stream.encode(None))
        container.mux(track.encode(None))
    return path


@pytest.mark.parametrize(
    "flags", ["resend_headers", "system_b", "initial_discontinuity", "pat_pmt_at_frames"]
)
@pytest.mark.parametrize("sound", ["aac", "mp2", "libmp3lame", "ac3", "eac3", "libopus"])
def test_sound_of_any_kind_is_known_not_to_be_video(sound: str, flags: str, tmp_path: Path) -> None:
    path = encoded(tmp_path / "s.ts", sound=sound, mpegts_flags=flags)
    assert is_fast(path)
    assert len(list(read_sei(path, {1}))) == 50
    assert_same(path)


def described(*descriptors: tuple[int, bytes]) -> bytes:
    return b"".join(bytes([tag, len(data)]) + data for tag, data in descriptors)


AC3, TELETEXT, SUBTITLES = (0x6A, b"\0"), (0x56, b"eng\x09\0"), (0x59, b"eng\x10\0\1\0\1")
ID3 = (0x26, b"\xff\xffID3 \xffID3 \0\x0f")
CUES = described((0x05, b"CUEI"))
CUE = bytes.fromhex("fc3011000000000000fffff0000000007a4fbfff")
"""splice_null."""

KNOWN: dict[str, tuple[int, bytes, bytes]] = {
    "id3": (0x15, described(ID3), b""),
    "ac3": (0x81, b"", b""),
    "eac3": (0x87, described((0x05, b"EAC3")), b""),
    "private-ac3": (0x06, described((0x0A, b"eng\0"), AC3), b""),
    "teletext": (0x06, described(TELETEXT), b""),
    "subtitles": (0x06, described(SUBTITLES), b""),
    "opus": (0x06, described((0x05, b"Opus"), (0x7F, b"\x80\x02")), b""),
    "klv": (0x06, described((0x05, b"KLVA")), b""),
    "registered": (0x06, described((0x05, b"AC-3"), AC3), described((0x05, b"GA94"), (0x0E, b"\xc0\0\0"))),
}
UNKNOWN: dict[str, tuple[int, bytes, bytes]] = {
    "private": (0x06, b"", b""),
    "private-with-language": (0x06, described((0x0A, b"eng\0")), b""),
    "private-hevc": (0x06, described((0x05, b"HEVC")), b""),
    "private-of-two": (0x06, described(AC3, (0x05, b"HEVC")), b""),
    "broken": (0x06, described(AC3) + b"\x05\x09", b""),
    "systems": (0x81, b"", described((0x1D, b"\0\0"))),
    "cues": (0x86, b"", b""),
    "user": (0x99, b"", b""),
}


def beside_another(entry: tuple[int, bytes, bytes], *, pid: int = OTHER) -> bytes:
    """Pictures with messages, and some packets of another track behind each third."""
    stream_type, descriptors, info = entry
    packets: list[Pes] = []
    for number, each in enumerate(pes_of(with_messages(pictures()), start=90_000)):
        packets.append(each)
        if number % 3 == 0:
            packets.append(Pes(b"ID3\4\0\0\0\0\0\0" + bytes(40), each.dts, each.dts, pid))
    return ts(packets, tracks=track_entry(OTHER, stream_type, descriptors), info=info)


def with_messages(
    found: tuple[Picture, ...], codec: Codec = "h264", *, payload: bytes = b"{}"
) -> list[Picture]:
    return [picture.with_sei(Message(100, payload), codec=codec) for picture in found]


@pytest.mark.parametrize("name", KNOWN)
def test_a_track_that_is_known_not_to_be_video_is_passed_over(name: str, tmp_path: Path) -> None:
    path = tmp_path / "s.ts"
    path.write_bytes(beside_another(KNOWN[name]))
    assert is_fast(path)
    assert_same(path)


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_track_that_may_be_video_is_left_to_ffmpeg(name: str, tmp_path: Path) -> None:
    path = tmp_path / "s.ts"
    path.write_bytes(beside_another(UNKNOWN[name]))
    assert not is_fast(path)
    assert_same(path)


@pytest.mark.parametrize("name", ["id3", "private-ac3"])
def test_a_track_that_begins_at_another_time_is_left_to_ffmpeg(name: str, tmp_path: Path) -> None:
    path = tmp_path / "s.ts"
    packets = pes_of(with_messages(pictures()), start=9_000_000)
    packets.insert(3, Pes(bytes(40), 90_000, 90_000, OTHER))
    stream_type, descriptors, info = KNOWN[name]
    path.write_bytes(ts(packets, tracks=track_entry(OTHER, stream_type, descriptors), info=info))
    assert not is_fast(path)
    assert_same(path)


@pytest.mark.parametrize("clock", [0, 1 << 31])
def test_cue_messages_have_the_time_of_the_clock(clock: int, tmp_path: Path) -> None:
    path = tmp_path / "s.ts"
    packets = pes_of(with_messages(pictures()), start=90_000 + clock)
    if clock:
        # The pictures' own clock is far from that of the packets, which begins half a second before the dts.
        packets = [
            replace(each, pts=(each.pts or 0) - clock, dts=(each.dts or 0) - clock) for each in packets
        ]
    data = ts(packets, tracks=track_entry(OTHER, 0x86), info=CUES)
    if clock:
        data = re.sub(rb"(?<=[\x07\x10-\xff][\x10\x50])\0\0(?=..[\x7e\xfe]\0)", b"\x40\0", data)
    cue = b"\x47" + u(2, 0x4000 | OTHER) + b"\x10" + (b"\0" + CUE).ljust(184, b"\xff")
    for place in (2, 3, 20):
        data = data[: place * PACKET] + cue + data[place * PACKET :]
    path.write_bytes(data)
    assert is_fast(path) == (clock == 0)
    assert_same(path)


def again(data: bytes, table: Callable[[int], bytes]) -> bytes:
    """With tables before every seventh packet in place of those at the beginning."""
    packets = [data[at : at + PACKET] for at in range(2 * PACKET, len(data), PACKET)]
    return b"".join(
        table(number) + packet if number % 7 == 0 else packet for number, packet in enumerate(packets)
    )


PAT = u(2, 1, 0xE000 | MAP)
PMT = u(2, 0xE000 | VIDEO, 0xF000) + track_entry(VIDEO, 0x1B)


@pytest.mark.parametrize("stuffing", [1, 2, 3, 40, 150])
def test_tables_may_stand_behind_an_adaptation_field(stuffing: int, tmp_path: Path) -> None:
    path = tmp_path / "s.ts"
    data = ts(pes_of(with_messages(pictures())))
    for each in (lambda number: stuffing, lambda number: number % (stuffing + 1)):
        path.write_bytes(
            again(
                data,
                lambda number, each=each: (  # type: ignore[misc]
                    section(0, 0, 1, PAT, stuffing=each(number))
                    + section(MAP, 2, 1, PMT, stuffing=each(number))
                ),
            )
        )
        assert is_fast(path)
        assert_same(path)


def test_tables_whose_version_counts_on_tell_of_the_same_program(tmp_path: Path) -> None:
    path = tmp_path / "s.ts"
    data = ts(pes_of(with_messages(pictures())))
    path.write_bytes(
        again(
            data,
            lambda number: (
                section(0, 0, 1, PAT, version=number % 32) + section(MAP, 2, 1, PMT, version=number % 32)
            ),
        )
    )
    assert is_fast(path)
    assert_same(path)


OTHER_TABLES = {
    "other-video": section(MAP, 2, 1, u(2, 0xE000 | VIDEO, 0xF000) + track_entry(OTHER, 0x1B), version=1),
    "two-videos": section(MAP, 2, 1, PMT + track_entry(OTHER, 0x1B), version=1),
    "sound": section(MAP, 2, 1, PMT + track_entry(OTHER, 0x0F), version=1),
    "other-codec": section(MAP, 2, 1, PMT.replace(b"\x1b", b"\x24"), version=1),
    "other-program": section(MAP, 2, 2, PMT, version=1),
    "other-map": section(0, 0, 1, u(2, 1, 0xE000 | MAP + 1), version=1),
    "two-programs": section(0, 0, 1, PAT + u(2, 2, 0xE000 | MAP + 1), version=1),
    "damaged": section(MAP, 2, 1, PMT)[:20] + b"x" + section(MAP, 2, 1, PMT)[21:],
}


@pytest.mark.parametrize("name", OTHER_TABLES)
def test_tables_of_another_program_are_left_to_ffmpeg(name: str, tmp_path: Path) -> None:
    path = tmp_path / "s.ts"
    data = ts(pes_of(with_messages(pictures())))
    place = 40 * PACKET
    path.write_bytes(data[:place] + OTHER_TABLES[name] + data[place:])
    assert not is_fast(path)
    assert_same(path)


@pytest.fixture(scope="module")
def streams(tmp_path_factory: pytest.TempPathFactory) -> dict[Codec, tuple[bytes, list[bytes]]]:
    """Of a stream of each codec the tables, and its other packets; pictures of several packets each."""
    folder = tmp_path_factory.mktemp("streams")
    made = encoded(folder / "h264.ts"), encoded(folder / "hevc.ts", "libx265", f"{HEVC}:bframes=3")
    found: dict[Codec, tuple[bytes, list[bytes]]] = {}
    for path, codec in zip(made, ("h264", "hevc"), strict=True):
        data = path.read_bytes()
        packets = [data[at : at + PACKET] for at in range(0, len(data), PACKET)]
        found[codec] = b"".join(packets[:3]), packets[3:]  # type: ignore[index]
    return found


Streams = dict[Codec, tuple[bytes, list[bytes]]]


def keys_of(packets: list[bytes]) -> list[int]:
    """Numbers of the video's packets in which a key frame begins: random_access_indicator tells."""
    return [
        number
        for number, each in enumerate(packets)
        if each[1:3] == u(2, 0x4000 | VIDEO) and each[3] & 0x20 and each[4] and each[5] & 0x40
    ]


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize("seed", range(10))
def test_segments_one_after_the_other_are_one_stream(
    seed: int, codec: Codec, streams: Streams, tmp_path: Path
) -> None:
    """Tables again, and counters that start anew, with discontinuity_indicator or without."""
    chance = random.Random(seed)
    tables, packets = streams[codec]
    found = [tables]
    shift = 0
    for packet in packets:
        if packet[1] & 0x40 and chance.random() < 0.3:
            found.append(tables)
            shift = chance.randrange(16)
            if chance.random() < 0.5 and packet[3] & 0x20 and packet[4]:
                packet = packet[:5] + bytes([packet[5] | 0x80]) + packet[6:]
        found.append(packet[:3] + bytes([packet[3] & 0xF0 | packet[3] + shift & 15]) + packet[4:])
    path = tmp_path / "s.ts"
    path.write_bytes(b"".join(found))
    assert is_fast(path)
    assert_same(path)


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_a_stream_may_begin_anywhere(codec: Codec, streams: Streams, tmp_path: Path) -> None:
    path = tmp_path / "s.ts"
    tables, packets = streams[codec]
    fast = []
    for begin in range(0, keys_of(packets)[-1] + 1, 11):
        path.write_bytes(tables + b"".join(packets[begin:]))
        fast.append(is_fast(path))
        assert_same(path)
        path.write_bytes(b"".join(packets[begin : begin + 3]) + tables + b"".join(packets[begin + 3 :]))
        assert_same(path)
    assert fast.count(True) > 0.9 * len(fast)


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_what_ffmpeg_may_take_for_a_raw_stream_is_left_to_it(
    codec: Codec, streams: Streams, tmp_path: Path
) -> None:
    """The first PES packet begins before the file does, but its parameter sets do not."""
    path = tmp_path / "s.ts"
    _, packets = streams[codec]
    key = next(iter(keys_of(packets)))
    start = packets[key][4:].index(b"\0\0\1\xe0") + 4 + 19
    lone = (
        packets[key][:1]
        + u(2, VIDEO)
        + b"\x30"
        + bytes([start - 5])
        + bytes(start - 5)
        + packets[key][start:]
    )
    path.write_bytes(b"".join([lone, *packets[key + 1 :]]))
    assert not is_fast(path)
    assert_same(path)


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_pictures_without_parameter_sets_are_left_to_ffmpeg(
    codec: Codec, streams: Streams, tmp_path: Path
) -> None:
    path = tmp_path / "s.ts"
    tables, packets = streams[codec]
    path.write_bytes(tables + b"".join(packets[keys_of(packets)[-1] + 1 :]))
    assert not is_fast(path)
    assert_same(path)


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_missing_packets_are_missing_for_ffmpeg_too(codec: Codec, streams: Streams, tmp_path: Path) -> None:
    path = tmp_path / "s.ts"
    tables, packets = streams[codec]
    fast = 0
    for place in [*range(0, 100, 3), *range(len(packets) - 30, len(packets))]:
        path.write_bytes(tables + b"".join(packets[:place] + packets[place + 1 :]))
        fast += is_fast(path)
        assert_same(path)
    assert fast >= 20


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_a_stream_whose_last_packet_is_cut_off_is_read_to_there(
    codec: Codec, streams: Streams, tmp_path: Path
) -> None:
    path = tmp_path / "s.ts"
    tables, packets = streams[codec]
    data = tables + b"".join(packets)
    fast = []
    for cut in [*range(1, 400, 13), *range(PACKET, len(data) // 2, 17 * PACKET + 17)]:
        path.write_bytes(data[:-cut])
        fast.append(is_fast(path))
        assert_same(path)
        if cut % PACKET:
            with pytest.raises(TruncatedError, match=r"s\.ts: it is cut off after video packet \d+$"):
                list(read_sei(path))
    assert fast.count(True) > 0.9 * len(fast)


@pytest.mark.parametrize(
    "options",
    ["bframes=0", "bframes=1", "bframes=3", "bframes=4:b-pyramid=0", "bframes=3:open-gop=1:slices=2"],
)
def test_hevc_with_b_frames_is_read_without_ffmpeg(options: str, tmp_path: Path) -> None:
    path = encoded(tmp_path / "s.ts", "libx265", f"{HEVC}:{options}")
    assert is_fast(path)
    assert len(list(read_sei(path, {132}))) == 50
    assert_same(path)


@pytest.mark.parametrize("zeros", [1, 2, 3])
def test_a_pes_packet_of_hevc_may_end_with_the_zero_before_the_next_start_code(
    zeros: int, tmp_path: Path
) -> None:
    path = tmp_path / "s.ts"
    found = [
        replace(each, data=each.data[1:] + bytes(zeros))
        for each in pes_of(with_messages(pictures("hevc"), "hevc"), codec="hevc", start=90_000)
    ]
    assert all(each.data.startswith(b"\0\0\1\x46") for each in found)
    path.write_bytes(ts(found, ({VIDEO: "hevc"},)))
    assert is_fast(path)
    assert_same(path)


def prompt(codec: Codec, change: Callable[[bytes], bytes], *, options: str = "") -> bytes:
    """Pictures that are displayed as soon as they are decoded, and of which no other is made than P and I."""
    coder = av.CodecContext.create("libx264" if codec == "h264" else "libx265", "w")
    assert isinstance(coder, av.VideoCodecContext)
    coder.width, coder.height, coder.pix_fmt, coder.time_base = 64, 64, "yuv420p", Fraction(1, 25)
    coder.options = {
        f"x{codec[1:] if codec == 'h264' else '265'}-params": f"{options}:keyint=10:threads=1"
        if codec == "h264"
        else f"{options}:{HEVC}"
    }
    chance = random.Random(2)
    packets = []
    for number in range(40):
        frame = av.VideoFrame(64, 64, "yuv420p")
        for plane in frame.planes:
            plane.update(chance.randbytes(plane.buffer_size))
        frame.pts = number
        kinds = av.video.frame.PictureType
        frame.pict_type = kinds.P if number % 10 else kinds.I
        packets += coder.encode(frame)
    packets += coder.encode(None)
    found = [
        Picture(tuple(change(nal) for nal in split(bytes(each))), number, number, each.is_keyframe)
        for number, each in enumerate(packets)
    ]
    return ts(pes_of(with_messages(tuple(found), codec), codec=codec), ({VIDEO: codec},))


def same(nal: bytes) -> bytes:
    return nal


class Fields:
    """The bits of a H.264 NAL unit behind its header, and where in them one stands."""

    def __init__(self, nal: bytes) -> None:
        self.bits = "".join(f"{byte:08b}" for byte in unescape(nal)[1:])
        self.place = 0

    def u(self, count: int) -> int:
        self.place += count
        return int(self.bits[self.place - count : self.place] or "0", 2)

    def ue(self) -> int:
        zeros = self.bits.index("1", self.place) - self.place
        self.place += zeros
        return self.u(zeros + 1) - 1


def _to_nal(header: bytes, bits: str) -> bytes:
    bits += "0" * (-len(bits) % 8)
    return header + escape(int(bits, 2).to_bytes(len(bits) // 8, "big"))


def without_vui(nal: bytes) -> bytes:
    """A SPS of x264's for frames of 64x64 that says nothing of how they are displayed."""
    if nal[0] & 31 != 7:
        return nal
    fields = Fields(nal)
    profile = fields.u(24) >> 16
    fields.ue()
    if profile >= 100:
        fields.ue(), fields.ue(), fields.ue(), fields.u(2)
    fields.ue()
    if fields.ue() == 0:
        fields.ue()
    fields.ue(), fields.u(1), fields.ue(), fields.ue()
    assert fields.u(3) in (0b100, 0b110)
    return _to_nal(nal[:1], fields.bits[: fields.place] + "01")


def spread(nal: bytes) -> bytes:
    """The same; and pic_order_cnt_lsb of each slice, four bits behind a frame_num of four, twice as large."""
    if nal[0] & 31 not in (1, 5):
        return without_vui(nal)
    fields = Fields(nal)
    fields.ue(), fields.ue(), fields.ue(), fields.u(4)
    if nal[0] & 31 == 5:
        fields.ue()
    place = fields.place
    lsb = fields.u(4) * 2 % 16
    return _to_nal(nal[:1], fields.bits[:place] + f"{lsb:04b}" + fields.bits[place + 4 :])


PROMPT: dict[str, tuple[Codec, str, Callable[[bytes], bytes], bool]] = {
    "told-not-to-lag": ("h264", "bframes=0", same, True),
    "told-to-lag": ("h264", "bframes=1", same, False),
    "untold": ("h264", "bframes=0", without_vui, True),
    "untold-by-lsb": ("h264", "bframes=1", without_vui, True),
    "untold-with-gaps": ("h264", "bframes=1", spread, False),
    "hevc-told-not-to-lag": ("hevc", "bframes=0", same, True),
    "hevc-told-to-lag": ("hevc", "bframes=1", same, False),
}


@pytest.mark.parametrize("name", PROMPT)
def test_ffmpeg_believes_a_dts_that_is_the_pts_only_where_display_does_not_lag(
    name: str, tmp_path: Path
) -> None:
    codec, options, change, is_believed = PROMPT[name]
    path = tmp_path / "s.ts"
    path.write_bytes(prompt(codec, change, options=options))
    assert is_fast(path) == is_believed
    assert_same(path)
    assert all(row.dts_s == row.pts_s for row in read_sei(path)) == is_believed

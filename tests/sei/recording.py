"""Recordings made for the tests: pictures encoded here, and containers built byte by byte around them.

The builders write what a muxer would refuse or correct, so each test can say exactly what is in its file.
Sources: ISO/IEC 14496-12 (boxes), 14496-15 (avcC, hvcC), Adobe FLV 10.1 Annex E, ISO/IEC 13818-1 2.4.
"""

import io
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import pytest

from layoutkit.sei.message import Message, serialize
from layoutkit.sei.nal import SEI_TYPES, VCL_TYPES, Codec, Framing, join, nal_unit_type, split


def run_ffmpeg(arguments: list[str]) -> int:
    """Run FFmpeg's own program and give its exit code; the test is skipped where it is not installed."""
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("FFmpeg's own program is not installed")
    return subprocess.run([program, "-v", "error", *arguments], capture_output=True, check=False).returncode


RATE = 25
"""Pictures a second of every recording here."""

PARAMETER_SETS: dict[Codec, tuple[int, ...]] = {"h264": (7, 8), "hevc": (32, 33, 34)}

_ENCODERS = {
    "h264": ("libx264", {"bf": "2", "g": "20", "threads": "1"}),
    "hevc": ("libx265", {"x265-params": "bframes=2:keyint=20:pools=1:frame-threads=1:log-level=none:info=0"}),
}


@dataclass(frozen=True)
class Picture:
    """An access unit: its NAL units without start codes, and its times, counted in pictures."""

    nals: tuple[bytes, ...]
    pts: int
    dts: int
    is_key: bool

    def with_sei(self, *messages: Message, codec: Codec = "h264") -> "Picture":
        """The picture with one SEI NAL unit more, directly before its slices."""
        first = next(n for n, nal in enumerate(self.nals) if nal_unit_type(nal[0], codec) in VCL_TYPES[codec])
        sei = serialize(messages, codec)
        return replace(self, nals=(*self.nals[:first], sei, *self.nals[first:]))


def gray(size: int = 64, pix_fmt: str = "yuv420p") -> av.VideoFrame:
    """A picture to encode: a frame made by its size alone holds whatever the memory held."""
    frame = av.VideoFrame(size, size, pix_fmt)
    for plane in frame.planes:
        plane.update(b"\x80" * plane.buffer_size)
    return frame


@cache
def pictures(codec: Codec = "h264", *, count: int = 40, size: int = 64) -> tuple[Picture, ...]:
    """Encoded pictures with B-frames, in decode order, those of a key frame with parameter sets; no SEI."""
    encoder, options = _ENCODERS[codec]
    with av.open(io.BytesIO(), "w", format=codec) as container:
        stream = container.add_stream(encoder, rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = size, size, "yuv420p"
        stream.codec_context.time_base = Fraction(1, RATE)
        frame = gray(size)
        packets = []
        for number in range(count):
            frame.pts = number
            packets += stream.encode(frame)
        packets += stream.encode(None)
    return tuple(
        Picture(
            tuple(nal for nal in split(bytes(each)) if nal_unit_type(nal[0], codec) not in SEI_TYPES[codec]),
            each.pts,
            each.dts,
            each.is_keyframe,
        )
        for each in packets
    )


def parameter_sets(codec: Codec = "h264", *, size: int = 64) -> list[bytes]:
    """The parameter sets of `pictures` of the same size."""
    nals = pictures(codec, size=size)[0].nals
    return [nal for nal in nals if nal_unit_type(nal[0], codec) in PARAMETER_SETS[codec]]


def with_layouts(found: Iterable[Picture], payload: bytes, *, every: int = 10) -> list[Picture]:
    """The pictures, those numbered 0, `every` and so on with a message of type 100."""
    return [
        picture.with_sei(Message(100, payload)) if number % every == 0 else picture
        for number, picture in enumerate(found)
    ]


def raw(found: Iterable[Picture]) -> bytes:
    """Annex B."""
    return b"".join(join(picture.nals) for picture in found)


# MP4


def box(kind: str, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return (8 + len(content)).to_bytes(4, "big") + kind.encode() + content


def u(size: int, *numbers: int) -> bytes:
    """Each number in `size` bytes, big end first; a negative one as two's complement."""
    return b"".join((number % (1 << 8 * size)).to_bytes(size, "big") for number in numbers)


def avcc(nals: Sequence[bytes], *, framing: int = 4) -> bytes:
    """AVCDecoderConfigurationRecord of a SPS and a PPS."""
    sps, pps = nals
    head = b"\x01" + sps[1:4] + bytes([0xFC | framing - 1, 0xE1])
    return head + u(2, len(sps)) + sps + b"\x01" + u(2, len(pps)) + pps


def hvcc(nals: Sequence[bytes], *, framing: int = 4) -> bytes:
    """HEVCDecoderConfigurationRecord with an array for each NAL unit, SEI if there are any included."""
    return hvcc_of([(nal[0] >> 1 & 63, [nal]) for nal in nals], framing=framing)


def hvcc_of(arrays: Sequence[tuple[int, Sequence[bytes]]], *, framing: int = 4) -> bytes:
    """HEVCDecoderConfigurationRecord with those arrays: NAL_unit_type, and NAL units."""
    head = b"\x01" + bytes(20) + bytes([0xFC | framing - 1, len(arrays)])
    return head + b"".join(
        bytes([0x80 | kind]) + u(2, len(nals)) + b"".join(u(2, len(nal)) + nal for nal in nals)
        for kind, nals in arrays
    )


@dataclass(frozen=True)
class Sample:
    """`entry` counts sample entries from 1, `pts` and `dts` in pictures."""

    data: bytes
    pts: int
    dts: int
    is_key: bool
    entry: int = 1


def samples(found: Iterable[Picture], *, framing: Framing = 4, entry: int = 1) -> list[Sample]:
    return [
        Sample(join(each.nals, framing=framing), each.pts, each.dts, each.is_key, entry) for each in found
    ]


@dataclass(frozen=True)
class Mp4Track:
    """A video track: its samples, and a configuration box (`avcC` and its content) for each sample entry."""

    samples: Sequence[Sample]
    entries: Sequence[bytes]
    codec: Codec = "h264"
    size: int = 64
    extra: Sequence[bytes] = field(default=())


def mp4(*tracks: Mp4Track, before: bytes = b"", wide: bool = False) -> bytes:
    """An MP4 with its index before its data, which is one chunk for each sample.

    Args:
        before: boxes before the index.
        wide: sizes of its largest boxes and offsets of its samples in 64 bits.
    """
    head = box("ftyp", b"isom", u(4, 512), b"isomavc1mp41") + before
    data = b"".join(sample.data for track in tracks for sample in track.samples)
    mdat = _box("mdat", wide, data)
    place = len(head) + len(_moov(tracks, 0, wide)) + len(mdat) - len(data)
    return head + _moov(tracks, place, wide) + mdat


def _box(kind: str, wide: bool, *parts: bytes) -> bytes:
    if not wide:
        return box(kind, *parts)
    content = b"".join(parts)
    return u(4, 1) + kind.encode() + u(8, 16 + len(content)) + content


def _moov(tracks: Sequence[Mp4Track], place: int, wide: bool) -> bytes:
    matrix = u(4, 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    duration = max(len(track.samples) for track in tracks)
    mvhd = box(
        "mvhd", bytes(12), u(4, RATE, duration, 1 << 16), b"\x01", bytes(11), matrix, bytes(24), u(4, 99)
    )
    traks = []
    for number, track in enumerate(tracks, 1):
        traks.append(_trak(number, track, place, matrix, wide))
        place += sum(len(sample.data) for sample in track.samples)
    return _box("moov", wide, mvhd, *traks)


def _trak(number: int, track: Mp4Track, place: int, matrix: bytes, wide: bool) -> bytes:
    every = track.samples
    count = len(every)
    side = u(4, track.size << 16)
    tkhd = box("tkhd", u(4, 3, 0, 0, number, 0, count), bytes(16), matrix, side, side)
    mdhd = box("mdhd", bytes(12), u(4, RATE, count), u(2, 0x55C4, 0))
    hdlr = box("hdlr", bytes(8), b"vide", bytes(12), b"v\x00")
    dinf = box("dinf", box("dref", u(4, 0, 1), box("url ", u(4, 1))))
    name, config = ("avc1", "avcC") if track.codec == "h264" else ("hev1", "hvcC")
    look = bytes(6) + u(2, 1) + bytes(16) + u(2, track.size, track.size) + u(4, 72 << 16, 72 << 16, 0)
    look += u(2, 1) + bytes(32) + u(2, 24, -1)
    entries = [box(name, look, box(config, entry), *track.extra) for entry in track.entries]
    offsets = []
    for sample in every:
        offsets.append(place)
        place += len(sample.data)
    keys = [n for n, sample in enumerate(every, 1) if sample.is_key]
    first = min(sample.dts for sample in every)
    stbl = _box(
        "stbl",
        wide,
        box("stsd", u(4, 0, len(entries)), *entries),
        box("stts", u(4, 0, 1, count, 1)),
        # Version 1 knows offsets below zero; none is here, since each pts is at or after its dts.
        box("ctts", u(4, 0, count), *(u(4, 1, each.pts - first - n) for n, each in enumerate(every))),
        box("stsc", u(4, 0, count), *(u(4, n, 1, each.entry) for n, each in enumerate(every, 1))),
        box("stsz", u(4, 0, 0, count), *(u(4, len(each.data)) for each in every)),
        box("co64" if wide else "stco", u(4, 0, count), u(8 if wide else 4, *offsets)),
        box("stss", u(4, 0, len(keys)), u(4, *keys)),
    )
    minf = box("minf", box("vmhd", u(4, 1), bytes(8)), dinf, stbl)
    return box("trak", tkhd, box("mdia", mdhd, hdlr, minf))


def encrypted(found: Iterable[Picture]) -> bytes:
    """An MP4 under common encryption as its boxes tell; the samples themselves stay in clear."""
    key = box("schi", box("tenc", bytes(6) + b"\x01\x08" + bytes(16)))
    scheme = box("sinf", box("frma", b"avc1"), box("schm", bytes(4), b"cenc", b"\x00\x01\x00\x00"), key)
    data = mp4(Mp4Track(samples(found), [avcc(parameter_sets())], extra=[scheme]))
    return data.replace(b"avc1" + bytes(7) + b"\x01", b"encv" + bytes(7) + b"\x01")


# FLV


def flv(tags: Iterable[bytes]) -> bytes:
    return b"FLV\x01\x01" + u(4, 9, 0) + b"".join(tag + u(4, len(tag)) for tag in tags)


def sequence_header(nals: Sequence[bytes], time_ms: int = 0) -> bytes:
    """AVC sequence header: the description of the pictures that follow."""
    return _video_tag(time_ms, b"\x17\x00" + u(3, 0) + avcc(nals))


def picture_tags(found: Iterable[Picture], *, start: int = 0) -> list[bytes]:
    """A tag for each picture, from the time of picture number `start` on."""
    step = 1000 // RATE
    every = list(found)
    first = every[0].dts
    return [
        _video_tag(
            (start + each.dts - first) * step,
            bytes([0x17 if each.is_key else 0x27, 1])
            + u(3, (each.pts - each.dts) * step)
            + join(each.nals, framing=4),
        )
        for each in every
    ]


def _video_tag(time_ms: int, data: bytes) -> bytes:
    return b"\x09" + u(3, len(data), time_ms & 0xFFFFFF) + bytes([time_ms >> 24]) + bytes(3) + data


# MPEG-TS


@dataclass(frozen=True)
class Pes:
    """One PES packet; times in ticks of 90 kHz, before they are cut to 33 bits; None: it carries none."""

    data: bytes
    pts: int | None
    dts: int | None
    pid: int = 256
    is_key: bool = False


STREAM_TYPES: dict[Codec, int] = {"h264": 0x1B, "hevc": 0x24}


def pes_of(found: Iterable[Picture], *, start: int = 0, pid: int = 256, codec: Codec = "h264") -> list[Pes]:
    """A PES packet with an access unit delimiter for each picture; `start`: ticks of the first dts."""
    every = list(found)
    tick = 90_000 // RATE
    shift = start - every[0].dts * tick
    delimiter = b"\x09\xf0" if codec == "h264" else b"\x46\x01\x50"
    return [
        Pes(join([delimiter, *each.nals]), each.pts * tick + shift, each.dts * tick + shift, pid, each.is_key)
        for each in every
    ]


def ts(
    packets: Iterable[Pes],
    programs: Sequence[dict[int, Codec]] = ({256: "h264"},),
    *,
    tracks: bytes = b"",
    info: bytes = b"",
) -> bytes:
    """A transport stream; each program maps the PIDs of its video tracks to their codecs.

    Args:
        tracks: entries of other tracks, in every program's map.
        info: descriptors of every program.
    """
    pmts = {4096 + number: program for number, program in enumerate(programs)}
    pat = b"".join(u(2, number, 0xE000 | pid) for number, pid in enumerate(pmts, 1))
    parts = [section(0, 0, 1, pat)]
    for number, (pid, program) in enumerate(pmts.items(), 1):
        streams = b"".join(track_entry(each, STREAM_TYPES[codec]) for each, codec in program.items())
        head = u(2, 0xE000 | min(program), 0xF000 | len(info)) + info
        parts.append(section(pid, 2, number, head + streams + tracks))
    return b"".join([*parts, *pes_packets(packets)])


def pes_packets(packets: Iterable[Pes]) -> list[bytes]:
    """The packets of PES packets."""
    counters: dict[int, int] = {}
    return [each for packet in packets for each in _pes_packets(packet, counters)]


def track_entry(pid: int, stream_type: int, descriptors: bytes = b"") -> bytes:
    """A track in a program map."""
    return bytes([stream_type]) + u(2, 0xE000 | pid, 0xF000 | len(descriptors)) + descriptors


def section(
    pid: int, table: int, number: int, content: bytes, *, version: int = 0, stuffing: int = 0
) -> bytes:
    """A packet with a section; `stuffing`: bytes of an adaptation field before it."""
    body = u(2, number) + bytes([0xC1 | version << 1]) + b"\x00\x00" + content
    told = bytes([table]) + u(2, 0xB000 | len(body) + 4) + body
    adaptation = bytes([max(stuffing, 1) - 1, 0]).ljust(stuffing, b"\xff")[:stuffing]
    data = adaptation + b"\x00" + told + u(4, _crc(told))
    return b"\x47" + u(2, 0x4000 | pid) + (b"\x30" if adaptation else b"\x10") + data.ljust(184, b"\xff")


def _crc(data: bytes) -> int:
    """CRC-32 of MPEG (ISO/IEC 13818-1 Annex A): not reflected, no final inversion."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc >> 31 else 0)) & 0xFFFFFFFF
    return crc


def _pes_packets(packet: Pes, counters: dict[int, int]) -> list[bytes]:
    times = b""
    flags = 0
    if packet.pts is not None and packet.dts is not None:
        times, flags = _stamp(3, packet.pts) + _stamp(1, packet.dts), 0xC0
    data = b"\x00\x00\x01\xe0\x00\x00\x84" + bytes([flags, len(times)]) + times + packet.data
    found = []
    position = 0
    while position < len(data):
        counter = counters[packet.pid] = (counters.get(packet.pid, -1) + 1) & 15
        start = u(2, (0x4000 if position == 0 else 0) | packet.pid)
        content = bytes([0x50 if packet.is_key else 0x10]) + _clock((packet.dts or 0) - 45_000)
        if position:
            content = b"\x00" if len(data) - position < 183 else b""
        if content or len(data) - position == 183:
            piece = data[position : position + 183 - len(content)]
            content += b"\xff" * (183 - len(content) - len(piece))
            field_bytes = bytes([len(content)]) + content
        else:
            piece, field_bytes = data[position : position + 184], b""
        control = bytes([(0x30 if field_bytes else 0x10) | counter])
        found.append(b"\x47" + start + control + field_bytes + piece)
        position += len(piece)
    return found


def _stamp(prefix: int, ticks: int) -> bytes:
    ticks %= 1 << 33
    return bytes([prefix << 4 | ticks >> 29 & 14 | 1]) + u(
        2, ticks >> 14 & 0xFFFE | 1, ticks << 1 & 0xFFFE | 1
    )


def _clock(ticks: int) -> bytes:
    """program_clock_reference_base, its extension 0."""
    return u(6, (ticks % (1 << 33)) << 15 | 0x7E00)


# Matroska


def matroska(found: Sequence[Picture], *, scale_ns: int = 1_000_000) -> bytes:
    """One cluster with a block for each picture, all lengths known; times are those of decoding.

    `scale_ns` is TimestampScale.
    """

    def element(name: str, *parts: bytes) -> bytes:
        content = b"".join(parts)
        return bytes.fromhex(name) + u(8, 1 << 56 | len(content)) + content

    video = element("e0", element("b0", u(2, 64)), element("ba", u(2, 64)))
    track = element(
        "ae", element("d7", b"\x01"), element("73c5", b"\x01"), element("83", b"\x01"),
        element("86", b"V_MPEG4/ISO/AVC"), element("63a2", avcc(parameter_sets())), video,
    )  # fmt: skip
    blocks = (
        element(
            "a3",
            b"\x81"
            + u(2, number * 1_000_000_000 // scale_ns // RATE)
            + (b"\x80" if each.is_key else b"\x00"),
            join(each.nals, framing=4),
        )
        for number, each in enumerate(found)
    )
    head = element(
        "1a45dfa3", element("4282", b"matroska"), element("4287", b"\x04"), element("4285", b"\x02")
    )
    info = element("1549a966", element("2ad7b1", u(3, scale_ns)))
    cluster = element("1f43b675", element("e7", b"\x00"), *blocks)
    return head + element("18538067", info, element("1654ae6b", track), cluster)


def muxed(path: Path) -> Path:
    """`pictures()` in a file of FFmpeg's, in the container that its suffix names."""
    found = pictures()
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        stream.codec_context.extradata = join([nal for nal in found[0].nals if nal[0] & 31 in (7, 8)])
        for each in found:
            packet = av.Packet(join(each.nals))
            packet.stream, packet.time_base, packet.duration = stream, Fraction(1, RATE), 1
            packet.pts, packet.dts, packet.is_keyframe = each.pts, each.dts, each.is_key
            container.mux(packet)
    return path

"""Length-prefixed packets, looked through for SEI: the part that all containers but two have in common."""

from collections.abc import Callable, Container, Iterable, Iterator
from struct import Struct
from typing import NamedTuple

from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.keyframes import is_keyframe
from layoutkit.sei.fast.local import LocalFile
from layoutkit.sei.nal import FORBIDDEN_ZERO_BIT, HEADER_BYTES, SEI_TYPES, Codec, Framing, nal_unit_type
from layoutkit.sei.packet import framing_of, read_extradata, read_packet
from layoutkit.sei.report import Report
from layoutkit.sei.row import SeiMessage

MAX_PACKET_BYTES = 64 << 20
"""Largest packet that is held: no picture of a real recording comes near it."""

_LONG_TYPE = 0xFF
"""First byte of a payload_type of 255 or more."""

_SPS, _PPS = 7, 8

_length_and_header = Struct(">IB").unpack_from


class Description(NamedTuple):
    """What a container says of its packets: the codec, the bytes of a NAL unit's length, and avcC or hvcC."""

    codec: Codec
    framing: Framing
    extradata: bytes

    @classmethod
    def of(cls, codec: Codec, extradata: bytes) -> "Description":
        """Read avcC or hvcC.

        Raises:
            GiveWay: neither, or a length size that no file may have.
        """
        framing = framing_of(extradata, codec)
        if framing not in (1, 2, 4):
            raise GiveWay(f"packets framed by {framing} bytes")
        if codec == "h264":
            _check_avcc(extradata)
        return cls(codec, framing, extradata)

    def messages(self) -> Iterator[SeiMessage]:
        """The messages that hvcC may hold itself.

        Raises:
            GiveWay: it is damaged.
        """
        found, faults = read_extradata(self.extradata, self.codec)
        if faults:
            raise GiveWay(faults[0].reason)
        for message, nal, number, after_vcl in found:
            yield SeiMessage(
                message.payload_type, message.payload, nal=nal, message=number, after_vcl=after_vcl
            )


def _check_avcc(avcc: bytes) -> None:
    """Make sure that the parameter sets are there: without them FFmpeg knows no key frame.

    Source: AVCDecoderConfigurationRecord, ISO/IEC 14496-15 5.3.3.1.
    """
    position = 5
    for kind, mask in ((_SPS, 0x1F), (_PPS, 0xFF)):
        count = avcc[position] & mask if position < len(avcc) else 0
        position += 1
        for _ in range(count):
            start = position + 2
            position = start + int.from_bytes(avcc[start - 2 : start], "big")
            is_profile_told = kind == _PPS or avcc[start + 1 : start + 4] == avcc[1:4]
            if not start < position <= len(avcc) or avcc[start] & 0x1F != kind or not is_profile_told:
                raise GiveWay("avcC without sound parameter sets")
        if not count:
            raise GiveWay("avcC without parameter sets")


class Stamp(NamedTuple):
    """What a container says of one packet: its times in seconds, and whether it is a key frame."""

    pts_s: float
    dts_s: float
    keyframe: bool


def messages(
    file: LocalFile,
    places: Iterable[tuple[int, int]],
    description: Description,
    stamp: Callable[[int], Stamp],
    types: Container[int] | None,
    report: Report,
) -> Iterator[SeiMessage]:
    """The messages of packets.

    Args:
        places: offset in the file and size, 1 or more, of each packet, in decode order.
        stamp: from a packet's number to what the container says of it; asked only for packets with messages,
            right after `places` gave theirs.

    Raises:
        GiveWay: a packet whose lengths do not end at its end, or a damaged SEI NAL unit. Whether an HEVC
            picture is a key frame FFmpeg asks some containers and not others, so both have to agree.
    """
    index = -1
    for index, packet in _packets_with_sei(file, places, description, types, report):
        found, faults = read_packet(packet, description.codec, description.framing)
        if faults:
            raise GiveWay(f"packet {index}: {faults[0].reason}")
        if found:
            pts_s, dts_s, is_told_key = stamp(index)
            keyframe = is_keyframe(packet, description.codec, description.framing, found)
            if description.codec == "hevc" and keyframe != is_told_key:
                raise GiveWay(f"packet {index}: picture and container disagree whether it is a key frame")
            for message, nal, number, after_vcl in found:
                yield SeiMessage(
                    message.payload_type,
                    message.payload,
                    pts_s,
                    dts_s,
                    index,
                    keyframe,
                    nal,
                    number,
                    after_vcl,
                )


def _packets_with_sei(
    file: LocalFile,
    places: Iterable[tuple[int, int]],
    description: Description,
    types: Container[int] | None,
    report: Report,
) -> Iterator[tuple[int, memoryview]]:
    """Number and bytes of each packet that holds a SEI NAL unit of interest.

    A NAL unit with a single sound message of a type nobody asked for is only counted: many encoders put one
    (pic_timing) into every picture.
    """
    codec, framing = description.codec, description.framing
    header_bytes = HEADER_BYTES[codec]
    is_sei = bytes(nal_unit_type(byte, codec) in SEI_TYPES[codec] for byte in range(256))
    is_wanted = bytes(types is None or byte == _LONG_TYPE or byte in types for byte in range(256))
    seen = [0] * 256
    passed: list[int] = []
    index = -1
    buffer = file.buffer
    for index, (offset, size) in enumerate(places):
        begin = offset - file.start
        if begin < 0 or begin + size > file.held:
            if size > MAX_PACKET_BYTES:
                raise GiveWay(f"packet {index} of {size} bytes")
            begin = file.take(offset, size)
            buffer = file.buffer
            report.position = offset
        end = begin + size
        if framing != 4:
            yield index, memoryview(buffer)[begin:end]
            continue
        position, last = begin, end - 4
        while position < last:
            length, header = _length_and_header(buffer, position)
            if is_sei[header]:
                first = position + 4 + header_bytes
                stop = position + 4 + length
                payload_type = buffer[first] if first + 1 < stop <= end else _LONG_TYPE
                if (
                    is_wanted[payload_type]
                    or header & FORBIDDEN_ZERO_BIT
                    or buffer[first + 1] != stop - first - 3
                    or buffer[stop - 1] != 0x80
                    or buffer.find(b"\x00\x00\x03", first, stop) >= 0
                ):
                    passed.clear()
                    report.packets = index + 1
                    yield index, memoryview(buffer)[begin:end]
                    break
                passed.append(payload_type)
            position += 4 + length
        else:
            if position != end:
                raise GiveWay(f"packet {index}: its lengths do not end at its end")
            if passed:
                for payload_type in passed:
                    seen[payload_type] += 1
                passed.clear()
    report.packets = index + 1
    report.seen[0].update({kind: count for kind, count in enumerate(seen) if count})

"""Whether FFmpeg flags a packet as a key frame: it asks the picture itself, whatever the container says.

What its parsers go by: in H.264 an IDR slice, a recovery point, or an I slice where only one picture is ever
referred to; in HEVC the type of the first slice.
"""

from collections.abc import Sequence

from layoutkit.sei.fast.access_units import IS_PREDICTED
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.nal import VCL_TYPES, Codec, Framing, nal_unit_type, spans
from layoutkit.sei.packet import Found

_START_CODE = b"\x00\x00\x01"

_FIRST_MB_0 = 0x80
"""first_mb_in_slice 0 takes one bit, which is 1."""

_IDR, _SLICE = 5, 1
_IRAP = range(16, 24)
"""nal_unit_type of pictures where decoding can start (H.265 Table 7-1)."""

_BUFFERING_PERIOD, _PIC_TIMING, _RECOVERY_POINT = 0, 1, 6
"""payload_type of the messages in which encoders tell times and places to start."""

_I_SLICES = (2, 7)
"""slice_type of a slice, and of a picture, that refers to no other (H.264 Table 7-6)."""


def is_keyframe(packet: memoryview, codec: Codec, framing: Framing, found: Sequence[Found]) -> bool:
    """Whether a packet, whose messages are `found`, starts a key frame.

    Raises:
        GiveWay: it depends on more than the packet.
    """
    for start, end in spans(packet, framing)[0]:
        kind = nal_unit_type(packet[start], codec)
        if kind not in VCL_TYPES[codec]:
            if _START_CODE in bytes(packet[start:end]):
                raise GiveWay("a start code inside a NAL unit, where FFmpeg sees another one begin")
            continue
        if codec == "hevc":
            if packet[start] & 1 or end - start < 2 or packet[start + 1] >> 3:
                raise GiveWay("a picture of another layer comes first")
            return kind in _IRAP
        if kind == _IDR:
            return True
        if kind != _SLICE:
            raise GiveWay("a picture in partitions")
        if _has_recovery_point(found):
            return True
        if end - start > 1 and is_predicted(packet[start + 1]):
            return False
        if _slice_type(bytes(packet[start + 1 : min(end, start + 17)])) in _I_SLICES:
            raise GiveWay("an I picture that is no IDR: a key frame or not, as its parameter sets say")
        return False
    raise GiveWay("a packet without a picture")


def is_predicted(behind_header: int) -> bool:
    """Whether a H.264 slice that begins a picture is surely none of I, by the byte behind its header."""
    return behind_header >= _FIRST_MB_0 and bool(IS_PREDICTED[behind_header & 0x7F])


def _has_recovery_point(found: Sequence[Found]) -> bool:
    for each in found:
        kind = each.message.payload_type
        if each.after_vcl:
            break
        if kind == _RECOVERY_POINT:
            # recovery_frame_cnt: up to seven zeros tell a number far inside its range.
            if each.message.payload[:1] in (b"", b"\x00"):
                raise GiveWay("a recovery point with a strange recovery_frame_cnt")
            return True
        if kind not in (_BUFFERING_PERIOD, _PIC_TIMING) and kind < 64:
            # A known message that is broken would hide what follows it.
            if any(other.message.payload_type == _RECOVERY_POINT for other in found):
                raise GiveWay("a recovery point behind other messages")
            break
    return False


def _slice_type(header: bytes) -> int:
    """slice_type, which first_mb_in_slice precedes (7.3.3); both are Exp-Golomb codes."""
    bits = "".join(f"{byte:08b}" for byte in header)
    position = 0
    value = 0
    for _ in range(2):
        zeros = bits.find("1", position) - position
        end = position + 2 * zeros + 1
        if zeros < 0 or end > len(bits):
            raise GiveWay("a slice header that ends in its first fields")
        value = int(bits[position + zeros : end], 2) - 1
        position = end
    return value

"""What FFmpeg's parsers tell of an access unit, as far as it is beyond doubt.

Its packets are its parsers' access units: the places where it divides a stream, and the pictures it takes for
key frames, differ from the standards' in what is unusual. All that is unusual gives way.
"""

from collections.abc import Sequence
from functools import cache

from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.message import MAX_SEI_BYTES, Message, parse
from layoutkit.sei.nal import Codec

SLICE, OPENING, SEI, TRAILING = 1, 2, 3, 4
"""What a NAL unit does: slice data; belongs to the next picture where it follows slice data; the same and may
hold messages; stays with the picture before it."""

SUFFIX_SEI = 5
"""HEVC's SEI that stays with the picture before it."""

HEVC_TIDS = range(1, 8)
"""Second byte of the header of a HEVC NAL unit of the base layer: nuh_temporal_id_plus1."""

_PIC_TIMING = 1
_RECOVERY_POINT = 6

MAX_ZEROS = 12
"""Zero bits that a ue(v) begins with at most: one of more is of no use to anybody who writes a header."""

FIRST_MB_BYTES = bytes((2 * zeros + 1) // 8 + 1 for zeros in range(MAX_ZEROS + 1))
"""By the zero bits that first_mb_in_slice begins with, the bytes behind a slice's header that FFmpeg's parser
takes to know it: it wants one bit more, and looks for no start code in them."""

_KNOWN_SEI_BYTES = 64
_KNOWN_SEI = 4096


@cache
def kinds(codec: Codec) -> bytes:
    """What each first byte of a NAL unit means; 0 is to give way: partitions, extensions, other layers."""
    table = bytearray(256)
    for header in range(128):
        if codec == "h264":
            table[header] = _H264.get(header & 31, 0)
        elif not header & 1:  # nuh_layer_id below 32
            table[header] = _HEVC.get(header >> 1, 0)
    return bytes(table)


_H264 = {
    1: SLICE,
    5: SLICE,
    6: SEI,
    7: OPENING,
    8: OPENING,
    9: OPENING,
    10: TRAILING,
    11: TRAILING,
    12: TRAILING,
}

_HEVC = {
    **dict.fromkeys((*range(10), *range(16, 22)), SLICE),
    **dict.fromkeys(range(32, 38), OPENING),
    38: TRAILING,
    39: SEI,
    40: SUFFIX_SEI,
}


def exp_golombs(data: bytes, count: int) -> list[int]:
    """The ue(v) that begin a few bytes (H.264 9.1); GiveWay where they take all of them, or one is large."""
    left = 8 * len(data)
    bits = int.from_bytes(data, "big")
    found = []
    for _ in range(count):
        zeros = left - bits.bit_length()
        left -= 2 * zeros + 1
        if zeros > MAX_ZEROS or left <= 0:
            raise GiveWay("an unusual Exp-Golomb code")
        found.append((bits >> left) - 1)
        bits &= (1 << left) - 1
    return found


def first_mb(data: bytes) -> int:
    """first_mb_in_slice of the bytes behind a H.264 slice's header.

    Raises:
        GiveWay: it takes bytes in which a start code may begin.
    """
    (found,) = exp_golombs(data, 1)
    taken = FIRST_MB_BYTES[(found + 1).bit_length() - 1]
    if b"\x00\x00" in data[: taken + 1]:
        raise GiveWay("a slice that may end in first_mb_in_slice")
    return found


def is_key(header: int, first: int, units: Sequence[Sequence[Message]], codec: Codec) -> bool:
    """Whether FFmpeg takes a picture for a key frame.

    Args:
        header: first byte of the picture's first slice.
        first: H.264: the byte behind it.
        units: messages of the SEI NAL units before it.

    Raises:
        GiveWay: that depends on more than these.
    """
    if codec == "hevc":
        return 16 <= header >> 1 <= 23
    if header & 31 == 5:
        return True
    if any(_is_recovery_point(unit) for unit in units):
        return True
    if not first & 0x80 or not IS_PREDICTED[first & 0x7F]:
        raise GiveWay("an intra picture may be a key frame or not")
    return False


IS_PREDICTED = bytes(
    bits >= 0x40 or bits >> 4 == 2 or 0x10 <= bits < 0x20 or bits in (9, 10) for bits in range(128)
)
"""By the seven bits behind first_mb_in_slice 0: whether they begin with a slice_type that is none of I."""

IS_B = bytes(bits >> 4 == 2 or bits >> 2 == 7 for bits in range(128))
"""By the seven bits behind first_mb_in_slice 0: whether they begin with a slice_type of B, 1 or 6."""


def _is_recovery_point(unit: Sequence[Message]) -> bool:
    for message in unit:
        if message.payload_type == _RECOVERY_POINT:
            exp_golombs(message.payload[:5], 1)
            return True
        if message.payload_type != _PIC_TIMING:
            break
    if any(message.payload_type == _RECOVERY_POINT for message in unit):
        raise GiveWay("a recovery point behind messages that FFmpeg may stop at")
    return False


class SeiUnits:
    """Parses SEI NAL units; the short ones that come again and again, as picture timing does, but once."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._known: dict[bytes, tuple[Message, ...]] = {}

    def messages(self, nal: bytes) -> tuple[Message, ...]:
        """Raises GiveWay where something is wrong with it."""
        known = self._known.get(nal)
        if known is not None:
            return known
        messages, fault = parse(nal, self._codec)
        if fault is not None:
            raise GiveWay(fault.reason)
        if len(nal) <= _KNOWN_SEI_BYTES:
            if len(self._known) >= _KNOWN_SEI:
                self._known.clear()
            self._known[nal] = messages
        return messages


def check_sei_size(size: int) -> None:
    """GiveWay where a SEI NAL unit is longer than is read."""
    if size > MAX_SEI_BYTES:
        raise GiveWay(f"a SEI NAL unit of {size} bytes")

"""The NAL headers of every packet of a track, for those who are going to write into it."""

from array import array
from collections.abc import Collection, Container, Iterable, Sequence
from struct import Struct
from typing import NamedTuple

from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.keyframes import is_keyframe, is_predicted
from layoutkit.sei.fast.local import LocalFile
from layoutkit.sei.fast.packets import Description
from layoutkit.sei.nal import HEADER_BYTES, SEI_TYPES, VCL_TYPES, Codec, Framing, nal_unit_type
from layoutkit.sei.packet import read_packet

_SLICE, _SEI = 1, 2

_LONG_TYPE = 0xFF
"""First byte of a payload_type of 255 or more."""

_START_CODE = b"\x00\x00\x01"

_RECOVERY_POINT = 6

_IDR: dict[Codec, frozenset[int]] = {"h264": frozenset({5}), "hevc": frozenset(range(16, 24))}
"""nal_unit_type of slices that alone make a key frame."""

_LENGTHS: dict[Framing, str] = {1: ">BB", 2: ">HB", 4: ">IB"}
"""A NAL unit's length and the first byte of its header, by the bytes of the length."""


class Scanned(NamedTuple):
    """What was found.

    Attributes:
        with_sei: numbers of the packets that hold SEI of the types asked for, or may do so, in order.
        keyframes: for each packet 1 where it is a key frame, else 0; empty where nobody asked.
    """

    with_sei: Sequence[int]
    keyframes: Sequence[int]


def scan(
    file: LocalFile,
    places: Iterable[tuple[int, int]],
    description: Description,
    types: Collection[int],
    told_keyframes: Container[int] | None = None,
) -> Scanned:
    """Walk the NAL units of packets.

    Args:
        places: offset in the file and size, 1 or more, of each packet, in decode order.
        types: payload types of the messages that are of interest.
        told_keyframes: what the container calls key frames; None: nobody asks which they are.

    Raises:
        GiveWay: a packet whose lengths do not end at its end, or that holds no slice of the base layer.
    """
    codec, framing = description.codec, description.framing
    header_bytes, is_hevc = HEADER_BYTES[codec], codec == "hevc"
    wanted = {*types, _LONG_TYPE} | ({_RECOVERY_POINT} if told_keyframes is not None else set())
    is_wanted = bytes(byte in wanted for byte in range(256))
    kinds = _kinds(codec, with_sei=wanted != {_LONG_TYPE})
    unpack = Struct(_LENGTHS[framing]).unpack_from
    with_sei, keyframes = array("I"), bytearray()
    buffer = file.buffer
    for index, (offset, size) in enumerate(places):
        begin = offset - file.start
        if begin < 0 or begin + size > file.held:
            begin = file.take(offset, size)
            buffer = file.buffer
        end = begin + size
        position, last, slice_at, may_hold = begin, end - framing, 0, False
        while position < last:
            length, header = unpack(buffer, position)
            kind = kinds[header]
            if kind and length:
                nal = position + framing
                if kind == _SLICE:
                    slice_at = slice_at or nal
                    if length < 2 or nal + 1 == end or (is_hevc and (header & 1 or buffer[nal + 1] >> 3)):
                        raise GiveWay(f"packet {index}: a slice of nothing, or of another layer")
                elif not may_hold:
                    first, stop = nal + header_bytes, nal + length
                    # One sound message of a type that nobody asks for, such as pic_timing, is passed over.
                    may_hold = (
                        first + 1 >= stop
                        or stop > end
                        or is_wanted[buffer[first]] == 1
                        or buffer[first + 1] != stop - first - 3
                        or buffer[stop - 1] != 0x80
                        or buffer.find(b"\x00\x00\x03", first, stop) >= 0
                    )
            position += framing + length
        if position != end or not slice_at:
            raise GiveWay(f"packet {index}: its lengths do not end at its end, or it holds no picture")
        if may_hold:
            with_sei.append(index)
        if told_keyframes is not None:
            kind = nal_unit_type(buffer[slice_at], codec)
            is_key = kind in _IDR[codec]
            # A start code before the slice may be the length of a NAL unit; or FFmpeg sees one begin there.
            is_plain = buffer.find(_START_CODE, begin + framing, slice_at - framing) < 0
            if is_hevc or is_key:
                is_sure = is_plain
            else:
                is_sure = is_plain and not may_hold and kind == 1 and is_predicted(buffer[slice_at + 1])
            if not is_sure:
                packet = memoryview(buffer)[begin:end]
                found, faults = read_packet(packet, codec, framing)
                if faults:
                    raise GiveWay(f"packet {index}: {faults[0].reason}")
                is_key = is_keyframe(packet, codec, framing, found)
            if is_hevc and is_key != (index in told_keyframes):
                raise GiveWay(f"packet {index}: picture and container disagree whether it is a key frame")
            keyframes.append(is_key)
    return Scanned(with_sei, keyframes)


def _kinds(codec: Codec, *, with_sei: bool) -> bytes:
    """What each first byte of a NAL unit means."""
    table = bytearray(256)
    for header in range(256):
        kind = nal_unit_type(header, codec)
        if kind in VCL_TYPES[codec]:
            table[header] = _SLICE
        elif with_sei and kind in SEI_TYPES[codec]:
            table[header] = _SEI
    return bytes(table)

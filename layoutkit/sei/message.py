"""SEI messages inside a NAL unit: payload type, size, payload.

Source: H.264 7.3.2.3 sei_rbsp(), 7.3.2.3.1 sei_message(), 7.3.2.11 rbsp_trailing_bits(); H.265 7.3.2.4 and
7.3.5.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from layoutkit.errors import StreamError
from layoutkit.sei.limits import USER_DATA_UNREGISTERED as USER_DATA_UNREGISTERED
from layoutkit.sei.nal import (
    FORBIDDEN_ZERO_BIT,
    H264_SEI,
    HEADER_BYTES,
    HEVC_PREFIX_SEI,
    SEI_TYPES,
    Codec,
    Fault,
    NalHeader,
    nal_unit_type,
)
from layoutkit.sei.rbsp import ebsp_offset, escape, unescape

MAX_SEI_BYTES = 1 << 20
"""Longest SEI NAL unit that is read: over 20 times the largest payload seen in real files (45,166 bytes), and
small enough that a row, its text and its base64 together stay far below the memory a reading may take."""

MAX_MESSAGES = 4096
"""Most messages read from one NAL unit: real ones hold a handful, a crafted one of 1 MiB half a million."""

MAX_PAYLOAD_TYPE = 0xFFFF
"""Highest payload type read: the standards assign none above 255, and a run of FF bytes can claim any."""

_FF_BYTES = re.compile(rb"\xff+")


@dataclass(frozen=True, slots=True)
class Message:
    """One SEI message: `payload` without emulation prevention, as long as payload_size says."""

    payload_type: int
    payload: bytes


class Parsed(NamedTuple):
    """The messages of a NAL unit, and what ended the walk early if something did."""

    messages: tuple[Message, ...]
    fault: Fault | None = None


def parse(nal: bytes | memoryview, codec: Codec = "h264") -> Parsed:
    """Read the messages of a SEI NAL unit (header and EBSP, no start code); never raises for its content.

    A message that is cut off or lies about its size ends the walk; those before it are kept and the fault
    says what happened, its offset counted in the bytes of `nal`. Missing trailing bits and any padding with
    zeros are accepted; nothing is stripped, since a payload may end in NUL.
    """
    if len(nal) > MAX_SEI_BYTES:
        return Parsed(
            (), Fault(0, f"a SEI NAL unit of {len(nal)} bytes exceeds the {MAX_SEI_BYTES} that are read")
        )
    ebsp = bytes(nal)
    if len(ebsp) < HEADER_BYTES[codec]:
        return Parsed((), Fault(0, f"{len(ebsp)} bytes do not hold a NAL header of {HEADER_BYTES[codec]}"))
    kind = nal_unit_type(ebsp[0], codec)
    if ebsp[0] & FORBIDDEN_ZERO_BIT:
        return Parsed((), Fault(0, "forbidden_zero_bit is 1"))
    if kind not in SEI_TYPES[codec]:
        return Parsed((), Fault(0, f"nal_unit_type {kind} is not SEI"))
    rbsp = unescape(ebsp)
    messages, stop = _walk(rbsp, HEADER_BYTES[codec])
    fault = stop and Fault(min(ebsp_offset(ebsp, stop.offset), len(ebsp)), stop.reason)
    return Parsed(tuple(messages), fault)


def _walk(rbsp: bytes, position: int) -> tuple[list[Message], Fault | None]:
    """The messages from `position` on, and what is wrong at which offset of the RBSP."""
    messages: list[Message] = []
    size = len(rbsp)
    content = len(rbsp.rstrip(b"\x00"))
    while position < content and not (position == content - 1 and rbsp[position] == 0x80):
        start, number = position, len(messages)
        if number == MAX_MESSAGES:
            return messages, Fault(start, f"more than {MAX_MESSAGES} messages in one NAL unit")
        payload_type, position = _number(rbsp, position)
        if payload_type is None:
            return messages, Fault(start, f"message {number} is cut off in its payload_type")
        if payload_type > MAX_PAYLOAD_TYPE:
            return messages, Fault(
                start, f"message {number}: payload_type {payload_type} exceeds {MAX_PAYLOAD_TYPE}"
            )
        payload_size, position = _number(rbsp, position)
        if payload_size is None:
            return messages, Fault(
                start, f"message {number} of type {payload_type} is cut off in its payload_size"
            )
        if payload_size > size - position:
            return messages, Fault(
                start,
                f"message {number} of type {payload_type}: payload_size {payload_size} exceeds "
                f"the {size - position} bytes left",
            )
        messages.append(Message(payload_type, rbsp[position : position + payload_size]))
        position += payload_size
    return messages, None


def _number(rbsp: bytes, position: int) -> tuple[int | None, int]:
    """A run of FF bytes and a last byte below FF, as payload_type and payload_size are written."""
    run = _FF_BYTES.match(rbsp, position) if rbsp[position : position + 1] == b"\xff" else None
    end = run.end() if run else position
    if end == len(rbsp):
        return None, end
    return 255 * (end - position) + rbsp[end], end + 1


def serialize(messages: Iterable[Message], codec: Codec = "h264", *, temporal_id: int = 0) -> bytes:
    """One SEI NAL unit (prefix SEI in HEVC) that holds the messages; the inverse of `parse`.

    Args:
        temporal_id: HEVC only, that of the access unit (7.4.2.2); 0 to 6.

    Raises:
        StreamError: no message, or a payload type, size or temporal id that cannot be written and read back.
    """
    held = list(messages)
    if not 1 <= len(held) <= MAX_MESSAGES:
        raise StreamError(f"a SEI NAL unit holds 1 to {MAX_MESSAGES} messages, not {len(held)}")
    if not 0 <= temporal_id <= 6:
        raise StreamError(f"temporal id {temporal_id} is outside 0 to 6")
    parts: list[bytes] = []
    for message in held:
        if not 0 <= message.payload_type <= MAX_PAYLOAD_TYPE:
            raise StreamError(f"payload type {message.payload_type} is outside 0 to {MAX_PAYLOAD_TYPE}")
        parts += [_run(message.payload_type), _run(len(message.payload)), message.payload]
    if codec == "h264":
        header = NalHeader(0, H264_SEI)
    else:
        header = NalHeader(0, HEVC_PREFIX_SEI, nuh_temporal_id_plus1=temporal_id + 1)
    nal = header.serialize(codec) + escape(b"".join([*parts, b"\x80"]))
    if len(nal) > MAX_SEI_BYTES:
        raise StreamError(f"a SEI NAL unit of {len(nal)} bytes exceeds {MAX_SEI_BYTES}; send less in one")
    return nal


def _run(number: int) -> bytes:
    return b"\xff" * (number // 255) + bytes([number % 255])

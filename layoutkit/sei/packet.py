"""The SEI of one packet, and what a track's extradata says of its packets.

Sources: ISO/IEC 14496-15 5.3.3.1 (avcC) and 8.3.3.1 (hvcC); H.264 and H.265 Annex B.
"""

from typing import NamedTuple, cast

from layoutkit.sei.message import Message, parse
from layoutkit.sei.nal import (
    MAX_NALS,
    SEI_TYPES,
    START_CODES,
    VCL_TYPES,
    Codec,
    Fault,
    Framing,
    nal_unit_type,
    spans,
)

MAX_PACKET_MESSAGES = 1 << 16
"""The most messages that are read of one packet: real ones hold some ten, and those of one packet are held
together."""


class Found(NamedTuple):
    """A message and its place in a packet: `nal` counts NAL units of every type, `number` messages."""

    message: Message
    nal: int
    number: int
    after_vcl: bool


def read_packet(
    data: bytes | memoryview, codec: Codec, framing: Framing, *, is_described: bool = True
) -> tuple[list[Found], list[Fault]]:
    """All SEI messages of a packet, and what is wrong with it; the faults' offsets count from its start.

    The framing the extradata tells is trusted, since in length-prefixed data `00 00 01` may be a length. Only
    where the lengths do not end at the packet's end and it begins with a start code is it read as Annex B.

    Args:
        is_described: whether there is extradata; without any, data that does not begin with a start code
            and whose 4-byte lengths end at its end is taken as length-prefixed.
    """
    found_spans, framing_fault = spans(data, framing, limit=MAX_NALS)
    if framing and framing_fault and begins_with_code(data):
        found_spans, framing_fault = spans(data, 0, limit=MAX_NALS)
    elif not framing and not is_described and not begins_with_code(data):
        guessed, fault = spans(data, 4, limit=MAX_NALS)
        if fault is None:
            found_spans, framing_fault = guessed, None
    found: list[Found] = []
    faults: list[Fault] = []
    after_vcl = False
    vcl_types, sei_types = VCL_TYPES[codec], SEI_TYPES[codec]
    for nal, (start, end) in enumerate(found_spans):
        kind = nal_unit_type(data[start], codec)
        if kind in vcl_types:
            after_vcl = True
        elif kind in sei_types:
            messages, fault = parse(data[start:end], codec)
            found += [Found(message, nal, number, after_vcl) for number, message in enumerate(messages)]
            if fault is not None:
                faults.append(Fault(start + fault.offset, fault.reason))
            if len(found) > MAX_PACKET_MESSAGES:
                faults.append(Fault(start, f"more than {MAX_PACKET_MESSAGES} messages in one packet"))
                return found[:MAX_PACKET_MESSAGES], faults
    if framing_fault is not None:
        faults.append(framing_fault)
    return found, faults


def begins_with_code(data: bytes | memoryview) -> bool:
    """Whether a packet may be Annex B; in one of length-prefixed NAL units it may be the first's length."""
    return bytes(data[:4]).startswith(START_CODES)


def framing_of(extradata: bytes, codec: Codec) -> Framing:
    """How a track's packets are framed: lengthSizeMinusOne of avcC or hvcC, else 0 for Annex B."""
    place = 4 if codec == "h264" else 21
    if len(extradata) <= place or extradata[0] != 1:
        return 0
    return cast(Framing, (extradata[place] & 3) + 1)


def read_extradata(extradata: bytes, codec: Codec) -> tuple[list[Found], list[Fault]]:
    """The SEI messages in a track's extradata: hvcC may list SEI NAL units, Annex B may hold anything."""
    if extradata[:1] != b"\x01":
        if not extradata.startswith(START_CODES):
            return [], []
        return read_packet(extradata, codec, 0)
    if codec == "h264":
        return [], []
    found: list[Found] = []
    faults: list[Fault] = []
    nals, fault = hvcc_nals(extradata)
    for nal, (start, end) in enumerate(nals):
        if start < end and nal_unit_type(extradata[start], codec) in SEI_TYPES[codec]:
            messages, wrong = parse(extradata[start:end], codec)
            found += [Found(message, nal, number, False) for number, message in enumerate(messages)]
            if wrong is not None:
                faults.append(Fault(start + wrong.offset, wrong.reason))
    return found, [*faults, fault] if fault else faults


class HvccArray(NamedTuple):
    """An array of hvcC: where it starts and ends, how many NAL units it says that it has, and where each that
    is there starts and ends."""

    start: int
    end: int
    num_nalus: int
    nals: list[tuple[int, int]]


HVCC_NUM_OF_ARRAYS = 22
"""Where numOfArrays stands; the arrays are behind it."""


def hvcc_arrays(hvcc: bytes) -> tuple[list[HvccArray], Fault | None]:
    """The arrays of an HEVCDecoderConfigurationRecord, the last as far as it goes, and what ends it early."""
    found: list[HvccArray] = []
    position = HVCC_NUM_OF_ARRAYS + 1
    if len(hvcc) < position:
        return found, Fault(0, f"hvcC of {len(hvcc)} bytes is shorter than its {position} fixed ones")
    for _ in range(hvcc[HVCC_NUM_OF_ARRAYS]):
        array, nals = position, list[tuple[int, int]]()
        num_nalus = int.from_bytes(hvcc[position + 1 : position + 3], "big")
        position += 3
        for _ in range(num_nalus):
            start = position + 2
            end = start + int.from_bytes(hvcc[position:start], "big")
            if end > len(hvcc) or start > len(hvcc):
                fault = Fault(position, f"hvcC: a NAL unit ends {end - len(hvcc)} bytes past the end")
                return [*found, HvccArray(array, position, num_nalus, nals)], fault
            nals.append((start, end))
            position = end
        found.append(HvccArray(array, position, num_nalus, nals))
    return found, None


def hvcc_nals(hvcc: bytes) -> tuple[list[tuple[int, int]], Fault | None]:
    """Start and end of each NAL unit in the arrays of an HEVCDecoderConfigurationRecord."""
    arrays, fault = hvcc_arrays(hvcc)
    return [nal for array in arrays for nal in array.nals], fault

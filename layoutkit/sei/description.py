"""What a track's description loses where messages are taken out of it: bytes in, edits out.

Source: ISO/IEC 14496-15 8.3.3.1 (hvcC).
"""

from collections.abc import Callable

from layoutkit.sei.message import Message
from layoutkit.sei.nal import SEI_TYPES, START_CODES, Codec, join, nal_unit_type
from layoutkit.sei.packet import HVCC_NUM_OF_ARRAYS, hvcc_arrays
from layoutkit.sei.placement import AccessUnit, Edit, merged, nal_without


def description_without(extradata: bytes, codec: Codec, is_unwanted: Callable[[Message], bool]) -> list[Edit]:
    """The edits that take exactly those messages out of a track's extradata (see `read_extradata`).

    In hvcC a NAL unit that held nothing else goes whole, and so does an array that held no other NAL unit.

    Raises:
        StreamError: what is left of a NAL unit is too long for its length in hvcC.
    """
    if extradata[:1] != b"\x01":
        is_annex_b = extradata.startswith(START_CODES)
        return AccessUnit(extradata, codec, 0).without(is_unwanted) if is_annex_b else []
    return _hvcc_without(extradata, is_unwanted) if codec == "hevc" else []


def _hvcc_without(hvcc: bytes, is_unwanted: Callable[[Message], bool]) -> list[Edit]:
    edits: list[Edit] = []
    gone = 0
    for array in hvcc_arrays(hvcc)[0]:
        of_nals: list[Edit] = []
        left = array.num_nalus
        for start, end in array.nals:
            is_sei = start < end and nal_unit_type(hvcc[start], "hevc") in SEI_TYPES["hevc"]
            rest = nal_without(hvcc[start:end], "hevc", is_unwanted) if is_sei else None
            if rest is not None:
                left -= not rest
                of_nals.append(Edit(start - 2, end - start + 2, join([rest], framing=2) if rest else b""))
        if of_nals and not left:
            edits.append(Edit(array.start, array.end - array.start, b""))
            gone += 1
            continue
        edits += of_nals
        if left != array.num_nalus:
            edits.append(Edit(array.start + 1, 2, left.to_bytes(2, "big")))
    if gone:
        edits.append(Edit(HVCC_NUM_OF_ARRAYS, 1, bytes([hvcc[HVCC_NUM_OF_ARRAYS] - gone])))
    return merged(edits)

"""The NAL units of PES packets, looked at by columns: whether each PES packet is one access unit.

FFmpeg's parser finds the same access units where each PES packet begins with a start code and holds one
picture. What is unusual gives way.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layoutkit.sei.fast.access_units import (
    FIRST_MB_BYTES,
    HEVC_TIDS,
    MAX_ZEROS,
    OPENING,
    SEI,
    SLICE,
    SUFFIX_SEI,
    TRAILING,
    kinds,
)
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.transport import Stretch
from layoutkit.sei.nal import HEADER_BYTES, MAX_NALS, Codec

_SHORT_UNIT = 3
"""Bytes of a NAL unit that are looked at. A slice has to have them: by the byte behind its header FFmpeg's
parsers know that a picture begins, and in H.264 the slice_type; what else such a slice is too short for
changes neither places, times nor key frames."""

_WINDOW = max(FIRST_MB_BYTES) + 1
"""Bytes that first_mb_in_slice is looked for in."""

_FIRST_MB_BYTES = np.frombuffer(FIRST_MB_BYTES, np.uint8)

_BLOCK = 1 << 17
"""Pairs of bytes that stay in the processor's cache until they have been looked at twice."""


class NalUnits(NamedTuple):
    """The NAL units of consecutive PES packets.

    Attributes:
        starts: where each begins, behind its start code.
        ends: where the next start code begins, or the PES packet ends.
        kinds: what each does, as `access_units` tells it.
        pes: number of the PES packet that each is in.
        first_of_pes: by PES packet, the number of its first NAL unit.
        slice_of_pes: by PES packet, the number of its first slice.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    pes: NDArray[np.int64]
    first_of_pes: NDArray[np.int64]
    slice_of_pes: NDArray[np.int64]


def split_access_units(stretch: Stretch, codec: Codec, *, before: int) -> NalUnits:
    """The NAL units of PES packets, each of which is an access unit.

    Args:
        before: the last byte of the PES packet before them.

    Raises:
        GiveWay: one is not, or not beyond doubt.
    """
    data = stretch.data
    codes = start_codes(data)
    pes = np.searchsorted(stretch.begins, codes, "right") - 1
    is_inside = (pes >= 0) & (codes + 3 <= stretch.ends[pes])
    codes, pes = codes[is_inside], pes[is_inside]
    first_of_pes = np.searchsorted(codes, stretch.begins)
    _check_beginnings(stretch, codes, first_of_pes)
    if codec == "h264":
        # FFmpeg's parser of HEVC knows the times of a picture whose start code begins there all the same.
        last_bytes = np.append(before, data[stretch.ends[:-1] - 1])
        if not last_bytes[codes[first_of_pes] == stretch.begins].all():
            raise GiveWay("a start code that two PES packets share")

    starts = codes + 3
    last_of_pes = np.append(first_of_pes[1:], len(codes)) - 1
    if (starts[last_of_pes] + _SHORT_UNIT > stretch.ends).any():
        raise GiveWay("a NAL unit of a byte or two ends a picture")
    if (last_of_pes - first_of_pes >= MAX_NALS).any():
        raise GiveWay("a PES packet of too many NAL units")
    ends = np.append(codes[1:], 0)
    ends[last_of_pes] = stretch.ends

    kind = _kinds(data, starts, codec)
    slices = np.flatnonzero(kind == SLICE)
    first = np.searchsorted(slices, first_of_pes)
    if first[-1] == len(slices) or (slices[first] > last_of_pes).any():
        raise GiveWay("a PES packet without a picture")
    units = NalUnits(starts, ends, kind, pes, first_of_pes, slices[first])
    _check_order(units)
    if (ends[slices] - starts[slices] < _SHORT_UNIT).any():
        raise GiveWay("a slice of a byte or two")
    opens = np.zeros(len(slices), bool)
    opens[first] = True
    _check_slices(data, starts[slices], ends[slices], opens, codec)
    return units


def start_codes(data: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Where `00 00 01` stands in an even number of bytes, of which the first two are not `00 01`.

    They are looked at in pairs: a start code at an even place begins with the pair 00 00, one at an odd place
    ends with the pair 00 01.
    """
    pairs = data.view("<u2")
    is_low, masked = np.empty(len(pairs), bool), np.empty(_BLOCK, np.uint16)
    for begin in range(0, len(pairs), _BLOCK):
        block = pairs[begin : begin + _BLOCK]
        high = np.bitwise_and(block, 0xFEFF, out=masked[: len(block)])
        np.equal(high, 0, out=is_low[begin : begin + _BLOCK])
    places = 2 * np.flatnonzero(is_low)
    is_odd = data.take(places + 1)
    third = data.take(places + 2 - 3 * is_odd, mode="clip")
    found: NDArray[np.int64] = (places - is_odd)[third == 1 - is_odd]
    return found


def _check_beginnings(stretch: Stretch, codes: NDArray[np.int64], first_of_pes: NDArray[np.int64]) -> None:
    """Make sure that each PES packet begins with a start code of its own."""
    if not len(codes) or first_of_pes[-1] == len(codes):
        raise GiveWay("a PES packet without a start code")
    zeros = codes[first_of_pes] - stretch.begins
    if (zeros > 1).any() or stretch.data[stretch.begins[zeros == 1]].any():
        raise GiveWay("a PES packet that does not begin with a start code")


def _kinds(data: NDArray[np.uint8], starts: NDArray[np.int64], codec: Codec) -> NDArray[np.uint8]:
    found: NDArray[np.uint8] = np.frombuffer(kinds(codec), np.uint8)[data[starts]]
    if not found.all():
        raise GiveWay("a NAL unit of an unusual type")
    tid = data[starts + 1]
    if codec == "hevc" and ((tid < HEVC_TIDS.start) | (tid >= HEVC_TIDS.stop)).any():
        raise GiveWay("a NAL unit of another layer, or with a broken header")
    return found


def _check_order(units: NalUnits) -> None:
    """Make sure that nothing in a PES packet belongs to the picture before, or the one behind."""
    first = units.kinds[units.first_of_pes]
    if ((first == TRAILING) | (first == SUFFIX_SEI)).any():
        raise GiveWay("a PES packet that begins with what belongs to the one before")
    is_behind = np.arange(len(units.pes)) > units.slice_of_pes[units.pes]
    if (is_behind & ((units.kinds == OPENING) | (units.kinds == SEI))).any():
        raise GiveWay("a PES packet in which the next picture begins")


def _check_slices(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    opens: NDArray[np.bool_],
    codec: Codec,
) -> None:
    """Make sure that all slices in a PES packet are of one picture, in order; `opens`: its first ones."""
    # first_slice_segment_in_pic_flag, or the one bit that first_mb_in_slice 0 takes.
    is_at_corner = data[starts + HEADER_BYTES[codec]] >= 0x80
    if (is_at_corner != opens).any():
        raise GiveWay("a PES packet of two pictures, or of a part of one")
    if codec == "h264" and not opens.all():
        first_mb = np.zeros(len(starts), np.int64)
        first_mb[~opens] = _first_mb(data, starts[~opens], ends[~opens])
        if (~opens[1:] & (np.diff(first_mb) <= 0)).any():
            raise GiveWay("a PES packet of two pictures")


def _first_mb(
    data: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.int64]:
    """first_mb_in_slice, ue(v) (H.264 9.1), of slices that do not begin a picture: as `first_mb`."""
    window = data.take(starts[:, None] + np.arange(1, 1 + _WINDOW), mode="clip").astype(np.int64)
    bits = window @ (1 << np.arange(8 * _WINDOW - 8, -1, -8))
    _, bit_length = np.frexp(bits)
    zeros = 8 * _WINDOW - bit_length.astype(np.int64)
    if (zeros > MAX_ZEROS).any():
        raise GiveWay("an unusual Exp-Golomb code")
    taken = _FIRST_MB_BYTES[zeros]
    is_taken = np.arange(_WINDOW - 1) < taken[:, None]
    is_pair = window[:, 1:] + window[:, :-1] == 0
    if (is_taken & is_pair).any() or (starts + 1 + taken > ends).any():
        raise GiveWay("a slice that may end in first_mb_in_slice")
    found: NDArray[np.int64] = (bits >> 8 * _WINDOW - 1 - 2 * zeros) - 1
    return found

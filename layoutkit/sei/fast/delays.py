"""Whether FFmpeg believes the dts of PES packets.

Where display lags behind decoding by one picture, it does not believe the dts of one that is no B picture and
is displayed as soon as it is decoded: it makes up another from the pts before. By how many pictures display
lags, FFmpeg's decoder tells from the first ones; its parser says one at the first B picture.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from layoutkit.sei.fast.access_units import IS_B
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.nal_units import NalUnits
from layoutkit.sei.fast.sps import SPS_TYPES, Bits, Order, read_sps
from layoutkit.sei.fast.transport import Stretch
from layoutkit.sei.nal import HEADER_BYTES, Codec
from layoutkit.sei.rbsp import unescape

_IS_B = np.frombuffer(IS_B, bool)

_H264_IDR = 5

_HEVC_PPS = 34
_HEVC_FIRST_IRAP = 16

_PPS_MASK, _PLAIN_PPS = 0xCE, 0xC0
"""First byte of a HEVC PPS that is number 0 of SPS 0 and says num_extra_slice_header_bits 0."""

_B_MASK, _PLAIN_B = 0xE0, 0xE0
"""Byte behind the header of the first slice of a B picture of such a PPS: slice_type 0."""

_HEADER_BYTES = 24
"""Those of a slice in which everything up to pic_order_cnt_lsb stands."""

_MAX_POC_STEP = 2
"""From one frame to the next; FFmpeg takes more for a sign that another is displayed in between."""


class Delays:
    """What is known so far."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._may_lag: bool | None = None
        self._is_prompt = False
        self._has_plain_pps = True

    def check(self, stretch: Stretch, units: NalUnits) -> None:
        """Look at the next stretch.

        Raises:
            GiveWay: FFmpeg may not believe a dts in it, or one before.
        """
        is_b = self._b_pictures(stretch.data, units)
        is_prompt = (stretch.dts == stretch.pts) & ~is_b
        self._is_prompt |= bool(is_prompt.any())
        lags = not is_prompt.all()
        if self._may_lag is None:
            self._may_lag = lags or self._is_told_to_lag(stretch.data, units)
        self._may_lag |= lags
        if self._may_lag and self._is_prompt:
            raise GiveWay("a display that may lag behind decoding, and a picture that does not")

    def _b_pictures(self, data: NDArray[np.uint8], units: NalUnits) -> NDArray[np.bool_]:
        """Which pictures are B pictures, as far as their first slice tells."""
        starts = units.starts[units.slice_of_pes]
        first = data[starts + HEADER_BYTES[self._codec]]
        is_b: NDArray[np.bool_]
        if self._codec == "h264":
            is_b = _IS_B[first & 0x7F]
            return is_b
        pps = units.starts[data[units.starts] >> 1 == _HEVC_PPS]
        self._has_plain_pps &= bool((data[pps + HEADER_BYTES["hevc"]] & _PPS_MASK == _PLAIN_PPS).all())
        is_b = (data[starts] >> 1 < _HEVC_FIRST_IRAP) & (first & _B_MASK == _PLAIN_B)
        if not self._has_plain_pps:
            # Any picture may be one, or not.
            self._may_lag = True
            is_b[:] = False
        return is_b

    def _is_told_to_lag(self, data: NDArray[np.uint8], units: NalUnits) -> bool:
        """Whether parameter sets say so, or the order of the pictures where those do not."""
        header = data[units.starts]
        kinds = header & 31 if self._codec == "h264" else header >> 1
        sps = np.flatnonzero(kinds == SPS_TYPES[self._codec])
        told = {data[units.starts[each] : units.ends[each]].tobytes() for each in sps.tolist()}
        found = [read_sps(nal, self._codec) for nal in told]
        if None not in {each.reorder for each in found}:
            return any(each.reorder for each in found)
        orders = {each.order for each in found}
        slices = units.starts[units.slice_of_pes].tolist()
        heads = (data[start : start + _HEADER_BYTES].tobytes() for start in slices)
        return len(orders) > 1 or not _is_in_order(heads, orders.pop())


def _is_in_order(slices: Iterable[bytes], order: Order | None) -> bool:
    """Whether H.264 frames follow each other in the order of display, none left out.

    Args:
        slices: the beginnings of their first slices.
    """
    if order is None or not order.is_plain or order.kind == 1:
        return False
    before = 0
    for data in slices:
        bits = Bits(unescape(data)[HEADER_BYTES["h264"] :])
        for _ in ("first_mb_in_slice", "slice_type", "pic_parameter_set_id"):
            bits.ue()
        place, count = bits.u(order.frame_num_bits), 1 << order.frame_num_bits
        is_idr = data[0] & 31 == _H264_IDR
        if is_idr:
            bits.ue()
        if order.kind == 0:
            place, count = bits.u(order.lsb_bits), 1 << order.lsb_bits
        largest = 1 if order.kind else _MAX_POC_STEP
        if place if is_idr else (place - before) % count > largest:
            return False
        before = place
    return True

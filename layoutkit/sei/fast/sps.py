"""Sequence parameter sets, as far as somebody here asks what they say.

Sources: H.264 7.3.2.1.1, 7.4.2.1.1 (CropUnitX and CropUnitY) and E.1 (VUI and HRD parameters), H.265
7.3.2.2.1 and 7.3.3, whose names the fields have.
"""

from typing import NamedTuple

from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.nal import HEADER_BYTES, Codec
from layoutkit.sei.rbsp import unescape

SPS_TYPES: dict[Codec, int] = {"h264": 7, "hevc": 33}
"""nal_unit_type."""

_WITH_CHROMA_FORMAT = frozenset({44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244})
"""profile_idc of the H.264 profiles whose SPS says chroma_format_idc."""

_SUBSAMPLING = ((1, 1), (2, 2), (2, 1), (1, 1))
"""SubWidthC and SubHeightC by chroma_format_idc; of one without colours, the units of its cropping."""

_EXTENDED_SAR = 255


class Order(NamedTuple):
    """How a H.264 slice header tells the order of its picture.

    Attributes:
        frame_num_bits, lsb_bits: of frame_num, and of pic_order_cnt_lsb where `kind` is 0.
        kind: pic_order_cnt_type.
        is_plain: whether there are frames only, in one colour plane.
    """

    frame_num_bits: int
    kind: int
    lsb_bits: int
    is_plain: bool


class Sps(NamedTuple):
    """A sequence parameter set.

    Attributes:
        size: width and height of the pictures, pixels.
        order: of H.264.
        reorder: by how many pictures display may lag behind decoding; None: it does not say.
    """

    size: tuple[int, int]
    order: Order | None
    reorder: int | None


def read_sps(nal: bytes, codec: Codec) -> Sps:
    """Raises GiveWay where it is cut off, or says what is unusual."""
    bits = Bits(unescape(nal)[HEADER_BYTES[codec] :])
    return _h264(bits) if codec == "h264" else _hevc(bits)


class Bits:
    """The fields of a RBSP, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._bits = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def u(self, count: int) -> int:
        """An unsigned number of so many bits.

        Raises:
            GiveWay: there are fewer.
        """
        self._left -= count
        if self._left < 0:
            raise GiveWay("a parameter set or slice header that is cut off")
        return self._bits >> self._left & (1 << count) - 1

    def ue(self) -> int:
        """An Exp-Golomb code (H.264 9.1)."""
        zeros = 0
        while not self.u(1):
            zeros += 1
        return (1 << zeros) - 1 + self.u(zeros)


def _h264(bits: Bits) -> Sps:
    profile_idc = bits.u(8)
    bits.u(16)
    bits.ue()
    chroma_format_idc = 1
    if profile_idc in _WITH_CHROMA_FORMAT:
        chroma_format_idc = bits.ue()
        bits.ue()
        bits.ue()
        if chroma_format_idc > 2 or bits.u(2):
            raise GiveWay("a lossless transform, scaling lists, or 4:4:4")
    frame_num_bits = bits.ue() + 4
    pic_order_cnt_type = bits.ue()
    lsb_bits = 0
    if pic_order_cnt_type == 0:
        lsb_bits = bits.ue() + 4
    elif pic_order_cnt_type == 1:
        bits.u(1)
        bits.ue()
        bits.ue()
        for _ in range(bits.ue()):
            bits.ue()
    bits.ue()
    bits.u(1)
    width_in_mbs, height_in_map_units = bits.ue() + 1, bits.ue() + 1
    frame_mbs_only_flag = bits.u(1)
    bits.u(1 if frame_mbs_only_flag else 2)
    unit_x, unit_y = _SUBSAMPLING[chroma_format_idc]
    fields = 2 - frame_mbs_only_flag
    size = _cropped(bits, 16 * width_in_mbs, 16 * height_in_map_units * fields, unit_x, unit_y * fields)
    order = Order(frame_num_bits, pic_order_cnt_type, lsb_bits, bool(frame_mbs_only_flag))
    return Sps(size, order, _reorder_of_vui(bits) if bits.u(1) else None)


def _reorder_of_vui(bits: Bits) -> int | None:
    """num_reorder_frames of VUI parameters."""
    if bits.u(1) and bits.u(8) == _EXTENDED_SAR:
        bits.u(32)
    if bits.u(1):
        bits.u(1)
    if bits.u(1):
        bits.u(4)
        bits.u(24 * bits.u(1))
    if bits.u(1):
        bits.ue()
        bits.ue()
    bits.u(65 * bits.u(1))
    has_hrd = 0
    for _ in ("nal", "vcl"):
        if bits.u(1):
            _skip_hrd(bits)
            has_hrd = 1
    bits.u(1 + has_hrd)
    if not bits.u(1):
        return None
    bits.u(1)
    for _ in range(4):
        bits.ue()
    return bits.ue()


def _skip_hrd(bits: Bits) -> None:
    cpb_cnt = bits.ue() + 1
    bits.u(8)
    for _ in range(cpb_cnt):
        bits.ue()
        bits.ue()
        bits.u(1)
    bits.u(20)


def _hevc(bits: Bits) -> Sps:
    bits.u(4)
    max_sub_layers_minus1 = bits.u(3)
    bits.u(1 + 88 + 8)
    present = [(bits.u(1), bits.u(1)) for _ in range(max_sub_layers_minus1)]
    if max_sub_layers_minus1:
        bits.u(2 * (8 - max_sub_layers_minus1))
    for has_profile, has_level in present:
        bits.u(88 * has_profile + 8 * has_level)
    bits.ue()
    chroma_format_idc = bits.ue()
    if chroma_format_idc > 2:
        raise GiveWay("4:4:4")
    size = _cropped(bits, bits.ue(), bits.ue(), *_SUBSAMPLING[chroma_format_idc])
    for _ in range(3):
        bits.ue()
    reorder = 0
    for _ in range(max_sub_layers_minus1 + 1 if bits.u(1) else 1):
        _, reorder, _ = bits.ue(), bits.ue(), bits.ue()
    return Sps(size, None, reorder)


def _cropped(bits: Bits, width: int, height: int, unit_x: int, unit_y: int) -> tuple[int, int]:
    """The size less what is cropped from left, right, top and bottom, where that is said next."""
    if bits.u(1):
        left, right, top, bottom = bits.ue(), bits.ue(), bits.ue(), bits.ue()
        width -= unit_x * (left + right)
        height -= unit_y * (top + bottom)
    return width, height

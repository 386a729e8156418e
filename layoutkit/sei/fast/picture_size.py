"""Width and height of a MP4's video, where its sample entry and its sequence parameter sets agree on them.

Sources: H.264 7.3.2.1.1 and 7.4.2.1.1 (CropUnitX and CropUnitY), H.265 7.3.2.2.1 and 7.3.3.
"""

from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.local import opened
from layoutkit.sei.fast.mp4 import video_samples
from layoutkit.sei.fast.packets import Description
from layoutkit.sei.nal import HEADER_BYTES, Codec, nal_unit_type, spans
from layoutkit.sei.packet import hvcc_nals
from layoutkit.sei.rbsp import unescape

_SPS: dict[Codec, int] = {"h264": 7, "hevc": 33}

_WITH_CHROMA_FORMAT = frozenset({44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244})
"""profile_idc of the H.264 profiles whose SPS says chroma_format_idc."""

_SUBSAMPLING = ((1, 1), (2, 2), (2, 1), (1, 1))
"""SubWidthC and SubHeightC by chroma_format_idc; of one without colours, the units of its cropping."""


def picture_size(path: str) -> tuple[int, int]:
    """Width and height, pixels.

    Raises:
        GiveWay: the file is not simple, or what it says is not beyond doubt.
    """
    with opened(path) as file:
        if file.read(0, 8)[4:] != b"ftyp":
            raise GiveWay("another container")
        track, samples = video_samples(file)
        codec, framing, _ = track.description
        first = file.read(*next(samples.places()))
    nals = [*_described(track.description), *(first[start:end] for start, end in spans(first, framing)[0])]
    told = {_size(nal, codec) for nal in nals if nal_unit_type(nal[0], codec) == _SPS[codec]}
    if told != {track.size}:
        raise GiveWay(f"a sample entry of {track.size} and sequence parameter sets of {told}")
    return track.size


def _described(description: Description) -> list[bytes]:
    """The first SPS of avcC, which are sound; all NAL units of hvcC."""
    data = description.extradata
    if description.codec == "h264":
        return [data[8 : 8 + int.from_bytes(data[6:8], "big")]]
    return [data[start:end] for start, end in hvcc_nals(data)[0] if start < end]


def _size(nal: bytes, codec: Codec) -> tuple[int, int]:
    """Width and height of the pictures that a SPS describes."""
    bits = _Bits(unescape(nal)[HEADER_BYTES[codec] :])
    return _h264_size(bits) if codec == "h264" else _hevc_size(bits)


class _Bits:
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
            raise GiveWay("a sequence parameter set that is cut off")
        return self._bits >> self._left & (1 << count) - 1

    def ue(self) -> int:
        """An Exp-Golomb code (H.264 9.1)."""
        zeros = 0
        while not self.u(1):
            zeros += 1
        return (1 << zeros) - 1 + self.u(zeros)


def _h264_size(bits: _Bits) -> tuple[int, int]:
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
    bits.ue()
    pic_order_cnt_type = bits.ue()
    if pic_order_cnt_type == 0:
        bits.ue()
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
    return _cropped(bits, 16 * width_in_mbs, 16 * height_in_map_units * fields, unit_x, unit_y * fields)


def _hevc_size(bits: _Bits) -> tuple[int, int]:
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
    return _cropped(bits, bits.ue(), bits.ue(), *_SUBSAMPLING[chroma_format_idc])


def _cropped(bits: _Bits, width: int, height: int, unit_x: int, unit_y: int) -> tuple[int, int]:
    """The size less what is cropped from left, right, top and bottom, where that is said next."""
    if bits.u(1):
        left, right, top, bottom = bits.ue(), bits.ue(), bits.ue(), bits.ue()
        width -= unit_x * (left + right)
        height -= unit_y * (top + bottom)
    return width, height

"""Width and height of the video of MP4 and FLV, where all that tells of them agrees: the sequence parameter
sets, and in MP4 the sample entry."""

from layoutkit.sei.fast.flv import first_sample
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.local import LocalFile, opened
from layoutkit.sei.fast.mp4 import video_samples
from layoutkit.sei.fast.packets import Description
from layoutkit.sei.fast.sps import SPS_TYPES, read_sps
from layoutkit.sei.nal import nal_unit_type, spans
from layoutkit.sei.packet import hvcc_nals


def picture_size(path: str) -> tuple[int, int]:
    """Width and height, pixels.

    Raises:
        GiveWay: the file is not simple, or what it says is not beyond doubt.
    """
    with opened(path) as file:
        head = file.read(0, 8)
        if head.startswith(b"FLV\x01"):
            return _told(file, *first_sample(file))
        if head[4:] != b"ftyp":
            raise GiveWay("another container")
        track, samples = video_samples(file)
        size = _told(file, track.description, next(samples.places()))
    if size != track.size:
        raise GiveWay(f"a sample entry of {track.size} and sequence parameter sets of {size}")
    return size


def _told(file: LocalFile, description: Description, place: tuple[int, int]) -> tuple[int, int]:
    """What the sequence parameter sets say that stand in the description and in the first packet."""
    codec, framing, _ = description
    first = file.read(*place)
    nals = [*_described(description), *(first[start:end] for start, end in spans(first, framing)[0])]
    told = {read_sps(nal, codec).size for nal in nals if nal_unit_type(nal[0], codec) == SPS_TYPES[codec]}
    if len(told) != 1:
        raise GiveWay(f"sequence parameter sets of {told or 'nothing'}")
    return told.pop()


def _described(description: Description) -> list[bytes]:
    """The first SPS of avcC, which are sound; all NAL units of hvcC."""
    data = description.extradata
    if description.codec == "h264":
        return [data[8 : 8 + int.from_bytes(data[6:8], "big")]]
    return [data[start:end] for start, end in hvcc_nals(data)[0] if start < end]

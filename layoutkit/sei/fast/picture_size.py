"""Width and height of a MP4's video, where its sample entry and its sequence parameter sets agree on them."""

from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.local import opened
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
        if file.read(0, 8)[4:] != b"ftyp":
            raise GiveWay("another container")
        track, samples = video_samples(file)
        codec, framing, _ = track.description
        first = file.read(*next(samples.places()))
    nals = [*_described(track.description), *(first[start:end] for start, end in spans(first, framing)[0])]
    told = {read_sps(nal, codec).size for nal in nals if nal_unit_type(nal[0], codec) == SPS_TYPES[codec]}
    if told != {track.size}:
        raise GiveWay(f"a sample entry of {track.size} and sequence parameter sets of {told}")
    return track.size


def _described(description: Description) -> list[bytes]:
    """The first SPS of avcC, which are sound; all NAL units of hvcC."""
    data = description.extradata
    if description.codec == "h264":
        return [data[8 : 8 + int.from_bytes(data[6:8], "big")]]
    return [data[start:end] for start, end in hvcc_nals(data)[0] if start < end]

"""Headers of PES packets: where they end, and the times they tell.

Source: ISO/IEC 13818-1 2.4.3.6, whose names the fields have here.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layoutkit.sei.fast.give_way import GiveWay

TICKS = 90_000
"""Of a PES packet's clock, a second."""

_HEADER = np.dtype(
    [
        ("start_code_and_stream_id", ">u4"),
        ("PES_packet_length", ">u2"),
        ("flags", "u1"),
        ("PTS_DTS_flags", "u1"),
        ("PES_header_data_length", "u1"),
        ("PTS", "u1"),
        ("PTS_words", ">u2", 2),
        ("DTS", "u1"),
        ("DTS_words", ">u2", 2),
    ]
)
"""A marker bit stands in the times behind the third of their 33 bits, the eighteenth and the last."""

_LENGTH_BYTES = 6
"""Those that PES_packet_length does not count."""
_FIXED_BYTES = 9
_PTS, _PTS_AND_DTS = 0x80, 0xC0
_UNTOLD = -(1 << 16)
"""Size of a PES packet of PES_packet_length 0, which only video may have."""

_VIDEO_IDS = range(0x1E0, 0x1F0)
_TIMED_IDS = (0x1BD, *range(0x1C0, 0x1F0), 0x1FC, 0x1FD)


class Headers(NamedTuple):
    """Of consecutive PES packets of video.

    Attributes:
        ends: where the data begins behind each.
        sizes: bytes of data that each announces, or `_UNTOLD`.
        pts, dts: ticks.
    """

    ends: NDArray[np.int64]
    sizes: NDArray[np.int64]
    pts: NDArray[np.int64]
    dts: NDArray[np.int64]

    def check_sizes(self, sizes: NDArray[np.int64]) -> None:
        """GiveWay where there are more data than announced; FFmpeg takes fewer as they are."""
        if ((self.sizes < sizes) & (self.sizes != _UNTOLD)).any():
            raise GiveWay("a PES packet that is longer than it says")


def read_headers(content: NDArray[np.uint8], starts: NDArray[np.int64], stops: NDArray[np.int64]) -> Headers:
    """The headers of PES packets of video.

    Args:
        starts: where they begin.
        stops: where the transport packets that they are in end.

    Raises:
        GiveWay: one is unusual.
    """
    if (starts + _HEADER.itemsize > stops).any():
        raise GiveWay("a PES header in two packets")
    header = content[starts[:, None] + np.arange(_HEADER.itemsize)].view(_HEADER)[:, 0]
    length = header["PES_header_data_length"].astype(np.int64)
    ends = starts + _FIXED_BYTES + length
    code = header["start_code_and_stream_id"]
    is_plain = (code >= _VIDEO_IDS.start) & (code < _VIDEO_IDS.stop) & (header["flags"] & 0xF0 == 0x80)
    if not is_plain.all() or (ends + 5 > stops).any():
        raise GiveWay("an unusual PES header")
    has_both = (header["PTS_DTS_flags"] == _PTS_AND_DTS) & (length >= 10)
    has_pts = (header["PTS_DTS_flags"] == _PTS) & (length >= 5)
    if not (has_both | has_pts).all():
        raise GiveWay("a PES header without times, or with more")
    pts = _ticks(header["PTS"], header["PTS_words"])
    dts = np.where(has_both, _ticks(header["DTS"], header["DTS_words"]), pts)
    packet_length = header["PES_packet_length"].astype(np.int64)
    sizes = packet_length + _LENGTH_BYTES - _FIXED_BYTES - length
    return Headers(ends, np.where(packet_length, sizes, _UNTOLD), pts, dts)


def read_time(content: bytes, start: int) -> int | None:
    """PTS of a PES packet of any track that begins there, ticks; None: it has none. As `read_headers`."""
    if start + _HEADER.itemsize > len(content):
        raise GiveWay("a PES header in two packets")
    header = np.frombuffer(content, _HEADER, 1, start)
    if header["start_code_and_stream_id"][0] not in _TIMED_IDS or header["flags"][0] & 0xC0 != 0x80:
        raise GiveWay("a track of unusual PES packets")
    return int(_ticks(header["PTS"], header["PTS_words"])[0]) if header["PTS_DTS_flags"][0] & _PTS else None


def _ticks(first: NDArray[np.uint8], words: NDArray[np.uint16]) -> NDArray[np.int64]:
    high, middle, low = (each.astype(np.int64) for each in (first, words[:, 0], words[:, 1]))
    return (high & 0x0E) << 29 | middle >> 1 << 15 | low >> 1

"""Headers of PES packets: where their data begins, and its times.

Source: ISO/IEC 13818-1 2.4.3.6, whose names the fields have here.
"""

from struct import Struct

from layoutkit.sei.fast.give_way import GiveWay

TICKS = 90_000
"""Of a PES packet's clock, a second."""

_header = Struct(">IHBBBBHHBHH")
"""Start code and stream_id; PES_packet_length; two bytes of flags and PES_header_data_length; PTS and DTS, in
whose 33 bits a marker bit stands behind the third, the eighteenth and the last."""

_HEADER_BYTES, _LENGTH_BYTES = 9, 6
_PTS, _PTS_AND_DTS = 0x80, 0xC0
_VIDEO_IDS = range(0x1E0, 0x1F0)
_TIMED_IDS = (0x1BD, *range(0x1C0, 0x1F0))


def read_header(buffer: bytearray, start: int, stop: int) -> tuple[int, int, int, int]:
    """The header of a PES packet of video.

    Args:
        start: where it begins.
        stop: where the packet that it is in ends.

    Returns:
        where its data begins, PTS and DTS in ticks, and where its data is to end if all of it followed there;
        0: it does not say.

    Raises:
        GiveWay: it is unusual.
    """
    if start + _header.size > stop:
        raise GiveWay("a PES header in two packets")
    code, length, flags, has, size, p0, p1, p2, d0, d1, d2 = _header.unpack_from(buffer, start)
    begin = start + _HEADER_BYTES + int(size)
    if code not in _VIDEO_IDS or flags & 0xF0 != 0x80 or begin + 5 > stop:
        raise GiveWay("an unusual PES header")
    dts = pts = (p0 & 0x0E) << 29 | p1 >> 1 << 15 | p2 >> 1
    if has == _PTS_AND_DTS and size >= 10:
        dts = (d0 & 0x0E) << 29 | d1 >> 1 << 15 | d2 >> 1
    elif has != _PTS or size < 5:
        raise GiveWay("a PES header without times, or with more")
    return begin, pts, dts, length and start + _LENGTH_BYTES + length


def read_time(buffer: bytearray, start: int, stop: int) -> int | None:
    """PTS of a PES packet of any track, ticks; None: it has none. As `read_header`."""
    if start + _header.size > stop:
        raise GiveWay("a PES header in two packets")
    code, _, flags, has, _, p0, p1, p2, _, _, _ = _header.unpack_from(buffer, start)
    if code not in _TIMED_IDS or flags & 0xC0 != 0x80:
        raise GiveWay("a track of unusual PES packets")
    return (p0 & 0x0E) << 29 | p1 >> 1 << 15 | p2 >> 1 if has & _PTS else None

"""Whether a local file ends before its end, as far as its container tells.

Sources: Adobe FLV 10.1 Annex E.3 (PreviousTagSize), ISO/IEC 14496-12 4.2 (box sizes), RFC 8794 4 and 5
(EBML element ids and data sizes), ISO/IEC 13818-1 2.4.3.2 (sync_byte). A transport stream has no end to miss,
but for that of its last packet; a raw stream has none at all.
"""

from pathlib import Path
from typing import BinaryIO

from layoutkit.errors import TruncatedError
from layoutkit.sei.box_walk import MAX_BOXES, walk
from layoutkit.sei.playlist import has_end

_PIECE = 1 << 16
"""Bytes that are looked at together."""

_BOX_HEADER_BYTES = 8

_SEGMENT = b"\x18\x53\x80\x67"

_TS_SYNC = 0x47
TS_PACKETS = {188: 188, 192: 188, 204: 204}
"""Bytes from one sync_byte of a transport stream to the next, and from a sync_byte to its packet's end: plain
packets, those behind a timestamp of four bytes (M2TS), and those with 16 bytes of error correction."""

_TS_PACKETS_LOOKED_AT, _TS_FEWEST = 32, 5
"""Packets at the end by which sync_bytes are told from other bytes of that value, and the fewest for that."""


def cut_off(name: str, packets: int) -> TruncatedError:
    """The error of a recording that ends before its end, behind so many video packets."""
    where = f"after video packet {packets - 1}" if packets else "before its first video packet"
    return TruncatedError(f"{name}: it is cut off {where}")


def unreachable(name: str) -> TruncatedError:
    """The error of an MP4 from a pipe that gives no packet: there is no way back from an index to them."""
    return TruncatedError(
        f"{name}: it is cut off before its first video packet, or an MP4 with its index (moov) behind its "
        "data, which cannot be read from a pipe: name the file, or redirect it with <"
    )


def is_cut(path: Path, format_names: set[str]) -> bool:
    """Whether an FLV lacks the size behind its last tag, or an MP4's last box, Matroska's segment or the last
    packet of a transport stream ends past the file's end, or a playlist has no end."""
    if "hls" in format_names:
        return not has_end(path)
    with path.open("rb") as file:
        size = path.stat().st_size
        if "flv" in format_names:
            return _flv_is_cut(file, size)
        if "matroska" in format_names:
            return _matroska_is_cut(file, size)
        if "mpegts" in format_names:
            return _ts_is_cut(file, size)
        return "mp4" in format_names and _mp4_is_cut(file, size)


def _flv_is_cut(file: BinaryIO, size: int) -> bool:
    """Whether no tag ends where the file does, but for zeros: some may be of the size behind the tag."""
    end = _end_but_for_zeros(file, size)
    return not any(_is_behind_tag(file, each) for each in range(end, min(end + 3, size) + 1))


def _is_behind_tag(file: BinaryIO, end: int) -> bool:
    if end < 9 + 4 + 11 + 4:
        return False
    file.seek(end - 4)
    tag_size = int.from_bytes(file.read(4), "big")
    if not 11 <= tag_size <= end - 13 - 4:
        return False
    file.seek(end - 4 - tag_size)
    return int.from_bytes(file.read(4)[1:], "big") == tag_size - 11


def _end_but_for_zeros(file: BinaryIO, size: int) -> int:
    """Where the last byte ends that is none."""
    while size:
        start = max(0, size - _PIECE)
        file.seek(start)
        length = len(file.read(size - start).rstrip(b"\0"))
        if length:
            return start + length
        size = start
    return 0


def _mp4_is_cut(file: BinaryIO, size: int) -> bool:
    """Whether the boxes do not end where the file does, but for zeros that are too few to be a box; of one
    with too many boxes nobody knows."""
    end = count = 0
    for box in walk(file, 0, size):
        end, count = box.end, count + 1
    if end > size or size - end >= _BOX_HEADER_BYTES:
        return count < MAX_BOXES
    file.seek(end)
    return any(file.read(size - end))


def _ts_is_cut(file: BinaryIO, size: int) -> bool:
    """Whether the last packet lacks bytes; what does not end in a row of packets is not called cut."""
    for step, length in TS_PACKETS.items():
        window = min(size, step * _TS_PACKETS_LOOKED_AT)
        file.seek(size - window)
        data = file.read(window)
        for first in range(min(step, window)):
            syncs = data[first::step]
            if len(syncs) >= _TS_FEWEST and syncs.count(_TS_SYNC) == len(syncs):
                return first + step * (len(syncs) - 1) + length > window
    return False


def _matroska_is_cut(file: BinaryIO, size: int) -> bool:
    """Whether the segment is longer than the file; one written live has no length, and nobody knows."""
    position = 0
    for element in (b"\x1a\x45\xdf\xa3", _SEGMENT):
        file.seek(position)
        header = file.read(12)
        if header[:4] != element or len(header) < 5 or header[4] == 0:
            return False
        width = 9 - header[4].bit_length()
        length = int.from_bytes(header[4 : 4 + width], "big") & ((1 << 7 * width) - 1)
        if length == (1 << 7 * width) - 1:
            return False
        position += 4 + width + length
    return position > size

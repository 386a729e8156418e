"""Whether a local file ends before its end, as far as its container tells.

Sources: Adobe FLV 10.1 Annex E.3 (PreviousTagSize), ISO/IEC 14496-12 4.2 (box sizes).
"""

from pathlib import Path
from typing import BinaryIO

MAX_BOXES = 1 << 20
"""Top-level boxes looked at: an hour of fragments of 10 ms has 720,000."""


def is_cut(path: Path, format_names: set[str]) -> bool:
    """Whether an FLV lacks the size behind its last tag, or an MP4's last box ends past the file's end."""
    with path.open("rb") as file:
        size = path.stat().st_size
        if "flv" in format_names:
            return _flv_is_cut(file, size)
        return "mp4" in format_names and _mp4_is_cut(file, size)


def _flv_is_cut(file: BinaryIO, size: int) -> bool:
    if size < 9 + 4 + 11 + 4:
        return True
    file.seek(size - 4)
    tag_size = int.from_bytes(file.read(4), "big")
    if not 11 <= tag_size <= size - 13 - 4:
        return True
    file.seek(size - 4 - tag_size)
    return int.from_bytes(file.read(4)[1:], "big") != tag_size - 11


def _mp4_is_cut(file: BinaryIO, size: int) -> bool:
    position = 0
    for _ in range(MAX_BOXES):
        if position >= size:
            return position > size
        file.seek(position)
        header = file.read(16)
        length = int.from_bytes(header[:4], "big")
        if length == 0:
            return False
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        if len(header) < 8 or length < 8:
            return True
        position += length
    return False

"""Boxes of an ISO base media file on the disk, whatever state it is in: for a look before others read it.

Source: ISO/IEC 14496-12 4.2.
"""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

MAX_BOXES = 1 << 20
"""Boxes of one level looked at: an hour of fragments of 10 ms has 720,000."""


class Box(NamedTuple):
    """A box: `start` its header, `body` what is behind that, `end` where it says that it ends."""

    kind: bytes
    start: int
    body: int
    end: int


def walk(file: BinaryIO, start: int, stop: int) -> Iterator[Box]:
    """The boxes between two offsets, `MAX_BOXES` at most. A header that is none ends the walk; the last box
    may claim to end behind `stop`."""
    for _ in range(MAX_BOXES):
        if start + 8 > stop:
            return
        file.seek(start)
        header = file.read(16)
        size, body = int.from_bytes(header[:4], "big"), start + 8
        if size == 1:
            size, body = int.from_bytes(header[8:16], "big"), start + 16
        end = stop if size == 0 else start + size
        if end < body or len(header) < 8:
            return
        yield Box(header[4:8], start, body, end)
        start = end

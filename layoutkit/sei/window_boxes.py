"""The boxes of a track made anew with other tables, as bytes.

Source: ISO/IEC 14496-12, whose names the boxes have here.
"""

import struct
from array import array
from collections.abc import Iterable, Iterator
from itertools import groupby

from layoutkit.sei.fast.boxes import Node
from layoutkit.sei.mp4_boxes import big_endian

_REBUILT = frozenset({b"stts", b"ctts", b"cslg", b"stss", b"stsc", b"stsz", b"stco", b"co64"}) | frozenset(
    {b"sdtp", b"sgpd", b"sbgp"}
)

_PARENTS = frozenset({b"mdia", b"minf"})

_NORMAL_RATE = 0x10000


def box_of(kind: bytes, *parts: bytes | bytearray | memoryview) -> bytes:
    return struct.pack(">I4s", 8 + sum(map(len, parts)), kind) + b"".join(parts)


def counted(kind: bytes, columns: int, *numbers: "array[int]") -> bytes:
    """A table that the count of its rows precedes; the numbers are of no use behind this."""
    count = sum(map(len, numbers)) // columns
    return box_of(kind, struct.pack(">II", 0, count), *map(big_endian, numbers))


def chunk_runs_box(counts: Iterable[int]) -> bytes:
    """stsc of chunks with so many samples each."""
    rows = array("I")
    number = 1
    for count, group in groupby(counts):
        rows.extend((number, count, 1))
        number += sum(1 for _ in group)
    return counted(b"stsc", 3, rows)


def edit_box(shown: int) -> bytes:
    """edts that shows so many ticks, of the movie, from the beginning of the media on."""
    entry = struct.pack(">IQqI", 1, shown, 0, _NORMAL_RATE)
    return box_of(b"edts", box_of(b"elst", struct.pack(">I", 1 << 24), entry))


def every(boxes: dict[bytes, list[Node]]) -> Iterator[tuple[bytes, Node]]:
    return ((kind, box) for kind, found in boxes.items() for box in found)


def rebuilt(
    boxes: dict[bytes, list[Node]], tables: list[bytes], replaced: dict[bytes, bytes]
) -> Iterator[bytes]:
    """The boxes of a track with other tables, and others in place of some."""
    for kind, box in every(boxes):
        if kind in replaced:
            yield replaced[kind]
        elif kind in _PARENTS:
            yield box_of(kind, *rebuilt(box.children(), tables, replaced))
        elif kind == b"stbl":
            kept = (box_of(each, table.data) for each, table in every(box.children()) if each not in _REBUILT)
            yield box_of(kind, *kept, *tables)
        else:
            yield box_of(kind, box.data)

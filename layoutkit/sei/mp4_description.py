"""Where MP4 and MOV describe a track: avcC, hvcC and lhvC in its sample entries.

Source: ISO/IEC 14496-12 8.5.2 (stsd) and 12.1.3 (VisualSampleEntry), 14496-15 5.4.2, 8.4.1 and 9.5.3.
"""

import io
from collections.abc import Container, Iterable
from typing import BinaryIO

from layoutkit.sei.box_walk import Box, walk
from layoutkit.sei.nal import Codec

CONFIGURATIONS: dict[bytes, tuple[Codec, bytes]] = {
    b"avcC": ("h264", b""),
    b"hvcC": ("hevc", b""),
    b"lhvC": ("hevc", b"\x01" + bytes(16)),
}
"""Boxes of a sample entry that hold what decoders begin with: of which codec, and what makes one avcC or hvcC
if it stands before it. That of further layers is like hvcC from lengthSizeMinusOne on."""

STSD_FIELDS_BYTES = 8
"""Version, flags and entry_count, before the sample entries."""

VISUAL_FIELDS_BYTES = 78
"""The fields of a VisualSampleEntry, before its boxes."""


def configurations(file: BinaryIO, track_id: int) -> list[Box]:
    """The configurations in all sample entries of a track, in order; none where several have its number.

    What is damaged is passed over as readers do, and so is a movie box behind the first.
    """
    size = file.seek(0, io.SEEK_END)
    moov = next((box for box in walk(file, 0, size) if box.kind == b"moov"), None)
    traks = [] if moov is None else _inside(file, [moov], {b"trak"})
    found = [trak for trak in traks if track_id in _track_ids(file, trak)]
    if len(found) != 1:
        return []
    for kind in (b"mdia", b"minf", b"stbl", b"stsd"):
        found = _inside(file, found, {kind})
    entries = _inside(file, found, None, STSD_FIELDS_BYTES)
    return _inside(file, entries, CONFIGURATIONS, VISUAL_FIELDS_BYTES)


def _inside(
    file: BinaryIO, parents: Iterable[Box], kinds: Container[bytes] | None, skip: int = 0
) -> list[Box]:
    """The boxes of those kinds, or all, that stand in the parents behind their first `skip` bytes."""
    return [
        box._replace(end=min(box.end, parent.end))
        for parent in parents
        for box in walk(file, parent.body + skip, parent.end)
        if kinds is None or box.kind in kinds
    ]


def _track_ids(file: BinaryIO, trak: Box) -> list[int]:
    """track_ID, as often as there is a tkhd."""
    found = []
    for tkhd in _inside(file, [trak], {b"tkhd"}):
        file.seek(tkhd.body)
        head = file.read(24)
        at = 20 if head[:1] == b"\x01" else 12
        found.append(int.from_bytes(head[at : at + 4], "big"))
    return found

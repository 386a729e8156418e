"""What FFmpeg takes the video of an MP4 to be, told from a look at its beginning.

A home of av. FFmpeg goes by the first pictures, and by how many there are and how long they take together.
But as it opens an MP4 it makes an index of every sample. So it is given the file with tables that end early,
and with times that add up to the same.

Source: ISO/IEC 14496-12 8.6 and 8.7, whose names the boxes and fields have here.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import mul
from pathlib import Path
from typing import BinaryIO

import av
import av.error

from layoutkit.errors import StreamError
from layoutkit.sei.box_walk import walk
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.file_bytes import FileBytes, unpack
from layoutkit.sei.mp4_boxes import Box, boxes, numbers
from layoutkit.sei.placement import Edit
from layoutkit.sei.track import Track, track_of
from layoutkit.sei.unpatchable import Unpatchable

_SAMPLES = 1 << 16
"""Samples of each track that FFmpeg gets to see. It looks at some twenty pictures, or at five seconds."""

_PIECE = 1 << 14
"""Entries of stts added up at once."""

_PARENTS = frozenset({b"trak", b"mdia", b"minf"})


@contextmanager
def opened(path: Path, number: int | None = None) -> Iterator[Track]:
    """The video track of that number or the first of H.264 or HEVC, for a `with`; of its packets the first
    alone are there.

    Raises:
        GiveWay: the tables are not understood, or FFmpeg does not open the file or find the track.
    """
    try:
        with path.open("rb") as file, path.open("rb", buffering=0) as looked_at:
            data = FileBytes(looked_at)
            moov = next((box for box in walk(looked_at, 0, len(data)) if box.kind == b"moov"), None)
            if moov is None:
                raise GiveWay("no movie box")
            cuts = list(_cuts(data, moov.body, min(moov.end, len(data))))
            with av.open(_Overlaid(file, cuts), mode="r", metadata_errors="replace") as container:
                yield track_of(path, container, number)
    except (Unpatchable, StreamError, struct.error, av.error.FFmpegError, OSError) as error:
        raise GiveWay(str(error)) from error


def _cuts(data: FileBytes, start: int, end: int) -> Iterator[Edit]:
    """The edits, none of which moves a byte, that make the tables of each track end early."""
    for box in boxes(data, start, end):
        if box.kind in _PARENTS:
            yield from _cuts(data, box.body, box.end)
        elif box.kind == b"stbl":
            tables = {table.kind: table for table in boxes(data, box.body, box.end)}
            for kind, count_at in ((b"stsz", 8), (b"ctts", 4), (b"stco", 4), (b"co64", 4)):
                if kind in tables:
                    yield from _shorter(data, tables[kind].body + count_at, _SAMPLES)
            if b"stts" in tables:
                yield from _same_times(data, tables[b"stts"])
            if b"stsc" in tables:
                # No run may begin behind the last chunk.
                at = tables[b"stsc"].body + 4
                firsts = numbers(data, at + 4, 3 * unpack(data, ">I", at)[0])[::3]
                yield from _shorter(data, at, bisect_right(firsts, _SAMPLES))


def _shorter(data: FileBytes, count_at: int, most: int) -> Iterator[Edit]:
    if unpack(data, ">I", count_at)[0] > most:
        yield Edit(count_at, 4, struct.pack(">I", most))


def _same_times(data: FileBytes, stts: Box) -> Iterator[Edit]:
    """Entries behind the first ones become two that are for as many samples and last as long."""
    at = stts.body + 4
    (entries,) = unpack(data, ">I", at)
    if entries <= _SAMPLES + 2:
        return
    rest, end = at + 4 + 8 * _SAMPLES, at + 4 + 8 * entries
    count = ticks = 0
    for start in range(rest, end, 8 * _PIECE):
        table = numbers(data, start, min(2 * _PIECE, (end - start) // 4))
        count += sum(table[::2])
        ticks += sum(map(mul, table[::2], table[1::2]))
    each, longer = divmod(ticks, count or 1)
    yield Edit(at, 4, struct.pack(">I", _SAMPLES + 2))
    yield Edit(rest, 16, struct.pack(">4I", count - longer, each, longer, each + 1))


class _Overlaid:
    """A file with other bytes in some places, as PyAV takes one."""

    def __init__(self, file: BinaryIO, edits: Sequence[Edit]) -> None:
        self._file = file
        self._edits = edits
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int) -> bytes:
        start = self._file.tell()
        data = bytearray(self._file.read(size))
        for edit in self._edits:
            first = max(start, edit.offset)
            last = min(start + len(data), edit.offset + edit.removed)
            if first < last:
                data[first - start : last - start] = edit.inserted[first - edit.offset : last - edit.offset]
        return bytes(data)

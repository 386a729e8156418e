"""What FFmpeg takes the video of an MP4 to be, told from a look at its beginning.

A home of av. FFmpeg goes by the first pictures, and by how many there are and how long they take together.
But as it opens an MP4 it makes an index of every sample. So it is given the file with tables that end early,
and with times that add up to the same.

Source: ISO/IEC 14496-12 8.6 and 8.7, whose names the boxes and fields have here.
"""

import os
import struct
from array import array
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from operator import mul
from pathlib import Path
from typing import BinaryIO

import av
import av.error
from av.container import InputContainer

from layoutkit.sei.box_walk import walk
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.file_bytes import FileBytes, unpack
from layoutkit.sei.mp4_boxes import Box, big_endian, boxes, numbers
from layoutkit.sei.placement import Edit
from layoutkit.sei.signals import signals_waiting
from layoutkit.sei.unpatchable import Unpatchable

_SAMPLES = 1 << 16
"""Samples of each track that FFmpeg gets to see. It looks at some twenty pictures, or at five seconds."""

_UNIFORM_AT_ONCE = 1 << 6
"""Samples of one size, which are of uncompressed sound, for each other: FFmpeg takes up to 1,024 at once."""

_PIECE = 1 << 14
"""Entries of stts or stsz added up at once."""

_LONGEST = 1 << 28
"""Bytes of a sample; FFmpeg makes an index of none that is larger than four times that."""

_PARENTS = frozenset({b"trak", b"mdia", b"minf"})


@contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """The recording, for a `with`; of its packets the first alone are there.

    Raises:
        GiveWay: the tables are not understood, or FFmpeg does not open the file.
    """
    with ExitStack() as stack:
        try:
            looked_at = stack.enter_context(path.open("rb", buffering=0))
            data = FileBytes(looked_at)
            moov = next((box for box in walk(looked_at, 0, len(data)) if box.kind == b"moov"), None)
            if moov is None:
                raise GiveWay("no movie box")
            cuts = list(_cuts(data, moov.body, min(moov.end, len(data))))
            container = stack.enter_context(overlaid(path, cuts))
        except (Unpatchable, struct.error, av.error.FFmpegError, OSError) as error:
            raise GiveWay(str(error)) from error
        yield container


@contextmanager
def beginning(path: Path, end: int | None) -> Iterator[InputContainer]:
    """The recording, for a `with`, of which there is all before a place in the file.

    Raises:
        GiveWay: FFmpeg does not open that.
    """
    with ExitStack() as stack:
        try:
            container = stack.enter_context(overlaid(path, [], end=end))
        except av.error.FFmpegError as error:
            raise GiveWay(str(error)) from error
        yield container


@contextmanager
def overlaid(
    path: Path, edits: Sequence[Edit], behind: bytes = b"", end: int | None = None
) -> Iterator[InputContainer]:
    """A file as FFmpeg opens it with other bytes in some places, and some behind its end; for a `with`.

    It reads that through Python, so around each use of it signals have to wait (see `signals`).
    """
    with path.open("rb") as file:
        overlay = _Overlaid(file, edits, behind, end)
        with signals_waiting():
            container = av.open(overlay, mode="r", metadata_errors="replace")
        with container:
            yield container


def _cuts(data: FileBytes, start: int, end: int) -> Iterator[Edit]:
    """The edits, none of which moves a byte, that make the tables of each track end early."""
    for box in boxes(data, start, end):
        if box.kind in _PARENTS:
            yield from _cuts(data, box.body, box.end)
        elif box.kind == b"stbl":
            yield from _table_cuts(data, {table.kind: table for table in boxes(data, box.body, box.end)})


def _table_cuts(data: FileBytes, tables: dict[bytes, Box]) -> Iterator[Edit]:
    """The same for the tables of one track."""
    samples = chunks = _SAMPLES
    if b"stsz" in tables:
        at = tables[b"stsz"].body + 4
        is_uniform, count = unpack(data, ">II", at)
        most = _SAMPLES * _UNIFORM_AT_ONCE if is_uniform else _SAMPLES
        if b"stsc" in tables and count > most:
            samples, chunks, runs = _whole_chunks(data, tables[b"stsc"], most)
            yield from _shorter(data, tables[b"stsc"].body + 4, runs)
            for kind in (b"stco", b"co64"):
                if kind in tables:
                    yield from _shorter(data, tables[kind].body + 4, chunks)
            yield from _shorter(data, at + 4, samples)
            if not is_uniform:
                yield _same_sizes(data, at + 8, samples, count)
    if b"ctts" in tables:
        yield from _shorter(data, tables[b"ctts"].body + 4, samples)
    if b"stts" in tables:
        yield from _same_times(data, tables[b"stts"])


def _whole_chunks(data: FileBytes, stsc: Box, most: int) -> tuple[int, int, int]:
    """Samples in the first chunks, as many as that at least; the number of these, and of their runs.

    Where a chunk is to have more samples than are left, FFmpeg goes by no edit list, and tells no bits a
    second: that is so where one has too many.
    """
    (count,) = unpack(data, ">I", stsc.body + 4)
    table = numbers(data, stsc.body + 8, 3 * min(count, most + 1))
    samples = chunks = runs = 0
    for first, each, following in zip(table[::3], table[1::3], [*table[3::3], 1 << 32], strict=True):
        if first != chunks + 1 or not each:
            raise GiveWay("runs of chunks that do not follow each other, or without samples")
        taken = min(following - first, -(-(most - samples) // each))
        samples, chunks, runs = samples + taken * each, chunks + taken, runs + 1
        if samples >= most:
            break
    return min(samples, 2 * most), chunks, runs


def _shorter(data: FileBytes, count_at: int, most: int) -> Iterator[Edit]:
    if unpack(data, ">I", count_at)[0] > most:
        yield Edit(count_at, 4, struct.pack(">I", most))


def _same_sizes(data: FileBytes, at: int, kept: int, count: int) -> Edit:
    """The last samples kept are as large as all behind them together, by which FFmpeg tells bits a second."""
    larger = kept // 2
    rest, end = at + 4 * (kept - larger), at + 4 * count
    pieces = (numbers(data, start, min(_PIECE, (end - start) // 4)) for start in range(rest, end, 4 * _PIECE))
    each, more = divmod(sum(map(sum, pieces)), larger)
    if each >= _LONGEST:
        raise GiveWay("samples of more bytes than a recording has")
    sizes = array("I", [each + 1]) * more + array("I", [each]) * (larger - more)
    return Edit(rest, 4 * larger, big_endian(sizes))


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
    """A file with other bytes in some places, and more behind its end, as PyAV takes one."""

    def __init__(self, file: BinaryIO, edits: Sequence[Edit], behind: bytes, end: int | None) -> None:
        self._file = file
        self._edits = edits
        self._behind = behind
        self._size = os.fstat(file.fileno()).st_size if end is None else end
        self._at = 0

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        begin = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size + len(self._behind)}
        self._at = begin[whence] + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int) -> bytes:
        start = self._at
        if start >= self._size:
            data = self._behind[start - self._size : start - self._size + size]
            self._at += len(data)
            return data
        if self._file.tell() != start:
            self._file.seek(start)
        data = self._file.read(min(size, self._size - start))
        self._at += len(data)
        edits = [
            each for each in self._edits if each.offset < self._at and start < each.offset + each.removed
        ]
        if not edits:
            return data
        changed = bytearray(data)
        for edit in edits:
            first = max(start, edit.offset)
            last = min(self._at, edit.offset + edit.removed)
            changed[first - start : last - start] = edit.inserted[first - edit.offset : last - edit.offset]
        return bytes(changed)

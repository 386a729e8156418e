"""The sample tables of a track of an MP4 or MOV that was muxed in parts, written as one.

Source: ISO/IEC 14496-12 8.6, 8.7 and 8.9, whose names the boxes and fields have here; which boxes there are
is as FFmpeg's muxer has it.
"""

from __future__ import annotations  # array is generic in its stubs only

import struct
from array import array
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, groupby, repeat, zip_longest
from operator import mul
from typing import BinaryIO, Literal, NamedTuple

from layoutkit.sei.file_bytes import FileBytes, unpack
from layoutkit.sei.mp4_boxes import Box, big_endian, numbers

TABLES = frozenset({b"stts", b"stss", b"sdtp", b"ctts", b"stsc", b"stsz", b"stco", b"co64", b"sgpd", b"sbgp"})
"""The boxes that `write_tables` writes; all others of a track are alike in every part."""

_MAX_OFFSET = (1 << 32) - 1
"""Greatest offset of stco."""

_OPUS_PREROLL = 3840
"""80 ms in ticks of the 48 kHz that Opus always has (RFC 7845 4.6)."""

_DEPENDS, _DEPENDS_NOT = 0x10, 0x20
"""What sdtp says of a picture that is not disposable: it depends on others, or does not."""


class Given(NamedTuple):
    """What the muxer of a part was given of a track.

    Attributes:
        first_dts, last_dts: of its first packet and its last, ticks of the track in the file, from the same
            zero in all parts; None: the packet had none.
        packets: how many.
        keyframes: how many of them are key frames.
    """

    first_dts: int | None
    last_dts: int | None
    packets: int
    keyframes: int


class Stretch(NamedTuple):
    """The samples of a track that are in one part.

    Attributes:
        data, trak, tables: the track, its tables by their kind, and where they are.
        shift: by what the chunk offsets are too low.
        given: what the samples were made of.
        start: when the first is decoded, ticks since the first of all parts.
    """

    data: FileBytes
    trak: Box
    tables: dict[bytes, Box]
    shift: int
    given: Given
    start: int

    def table(self, kind: bytes, columns: int, width: Literal["I", "Q"] = "I") -> array[int]:
        """The numbers of a table, row after row; none where there is no such table."""
        if kind not in self.tables:
            return array(width)
        at = self.tables[kind].body + (8 if kind == b"sbgp" else 4)
        (count,) = unpack(self.data, ">I", at)
        return numbers(self.data, at + 4, columns * count, width)

    def samples(self) -> tuple[int, int]:
        """sample_size and sample_count of stsz."""
        size, count = unpack(self.data, ">II", self.tables[b"stsz"].body + 4)
        return size, count

    def sizes(self) -> array[int]:
        """The size of each sample."""
        size, count = self.samples()
        if size:
            return array("I", [size]) * count
        return numbers(self.data, self.tables[b"stsz"].body + 12, count)

    def delays(self) -> Iterator[int]:
        """From the decoding of each sample until it is shown, ticks."""
        if b"ctts" not in self.tables:
            return repeat(0, self.given.packets)
        return _each(array("i", self.table(b"ctts", 2).tobytes()))

    def steps(self) -> Iterator[int]:
        """From the decoding of each sample to that of the next, ticks; of the last how long it is."""
        return _each(self.table(b"stts", 2))

    def size(self) -> int:
        """Bytes of all samples."""
        size, count = self.samples()
        return size * count or sum(self.sizes())

    def duration(self) -> int:
        """From the decoding of the first sample to the end of the last, ticks."""
        pairs = self.table(b"stts", 2)
        return sum(map(mul, pairs[::2], pairs[1::2]))

    def last_step(self) -> int:
        """From the decoding of the last sample to its end, ticks."""
        return self.table(b"stts", 2)[-1]

    def keys(self) -> Sequence[int]:
        """Numbers of the key frames, from 1; stss is not there where all are, nor where none is."""
        if b"stss" in self.tables:
            return self.table(b"stss", 1)
        return range(1, self.given.keyframes + 1)

    def dependencies(self) -> bytes:
        """What sdtp says, or would say where it is left out because no picture is disposable."""
        if b"sdtp" in self.tables:
            box = self.tables[b"sdtp"]
            return self.data[box.body + 4 : box.end]
        found = bytearray([_DEPENDS]) * self.given.packets
        for key in self.keys():
            found[key - 1] = _DEPENDS_NOT
        return bytes(found)


def write_tables(output: BinaryIO, stretches: Sequence[Stretch], *, is_video: bool) -> None:
    """Write the tables of all the samples, behind each other."""
    kinds = {kind for each in stretches for kind in each.tables}
    packets = sum(each.given.packets for each in stretches)
    with written_box(output, b"stts"), _Runs(output, bytes(4)) as runs:
        for pairs in _steps(stretches):
            runs.extend(pairs)
    if is_video and 0 < sum(each.given.keyframes for each in stretches) < packets:
        _write_keys(output, stretches)
    if b"sdtp" in kinds:
        with written_box(output, b"sdtp"):
            output.write(bytes(4))
            output.writelines(each.dependencies() for each in stretches)
    if b"ctts" in kinds:
        with written_box(output, b"ctts"), _Runs(output, bytes(4)) as runs:
            for each in stretches:
                runs.extend(each.table(b"ctts", 2) or array("I", [each.given.packets, 0]))
    _write_chunks(output, stretches)
    _write_sizes(output, stretches)
    _write_offsets(output, stretches)
    if _is_opus(stretches[0]):
        durations = chain.from_iterable(map(_each, _steps(stretches)))
        _write_groups(
            output, [(each, sum(1 for _ in same)) for each, same in groupby(_roll_distances(durations))]
        )
    elif b"sbgp" in kinds:  # which AAC has
        _write_groups(output, [(1, packets)])


@contextmanager
def written_box(output: BinaryIO, kind: bytes) -> Iterator[None]:
    """A box around what is written within the `with`."""
    start = output.tell()
    output.write(bytes(4) + kind)
    yield
    _put(output, start, output.tell() - start)


class _Runs:
    """A table of how many samples have a value, for a `with`: those next to each other that are alike are one
    row; `head` is before the count of rows."""

    def __init__(self, output: BinaryIO, head: bytes) -> None:
        output.write(head)
        self._output = output
        self._count_at = output.tell()
        self._rows = 0
        self._last = (0, 0)
        output.write(bytes(4))

    def __enter__(self) -> _Runs:
        return self

    def __exit__(self, *_: object) -> None:
        self._settle()
        _put(self._output, self._count_at, self._rows)

    def add(self, count: int, value: int) -> None:
        if self._last[1] == value:
            self._last = self._last[0] + count, value
        elif count:
            self._settle()
            self._last = count, value

    def extend(self, pairs: array[int]) -> None:
        """Add the rows of another such table."""
        if pairs:
            self.add(pairs[0], pairs[1])
        if len(pairs) > 2:
            self._settle()
            self._last = pairs[-2], pairs[-1]
            self._rows += len(pairs) // 2 - 2
            self._output.write(big_endian(pairs[2:-2]))

    def _settle(self) -> None:
        if self._last[0]:
            self._output.write(struct.pack(">II", *self._last))
            self._rows += 1
            self._last = 0, 0


def _steps(stretches: Sequence[Stretch]) -> Iterator[array[int]]:
    """Rows of stts, in which the last sample of a part goes on to the first of the next."""
    for each, following in zip_longest(stretches, stretches[1:]):
        pairs = each.table(b"stts", 2)
        if following is not None:
            last = following.start - each.start - each.duration() + pairs[-1]
            pairs[-2] -= 1
            yield pairs if pairs[-2] else pairs[:-2]
            pairs = array("I", [1, last])
        yield pairs


def _write_keys(output: BinaryIO, stretches: Sequence[Stretch]) -> None:
    with written_box(output, b"stss"):
        output.write(struct.pack(">II", 0, sum(each.given.keyframes for each in stretches)))
        before = 0
        for each in stretches:
            output.write(big_endian(array("I", map(before.__add__, each.keys()))))
            before += each.given.packets


def _write_chunks(output: BinaryIO, stretches: Sequence[Stretch]) -> None:
    """stsc: a row from each chunk on whose samples are more or fewer than those of the one before it."""
    with written_box(output, b"stsc"):
        count_at = output.tell() + 4
        output.write(bytes(8))
        before = rows = last = 0
        for each in stretches:
            table = each.table(b"stsc", 3)
            if table[1] == last:
                del table[:3]
            else:
                last = table[1]
            last = table[-2] if table else last
            table[::3] = array("I", map(before.__add__, table[::3]))
            rows += len(table) // 3
            output.write(big_endian(table))
            before += unpack(each.data, ">I", _offsets(each).body + 4)[0]
        _put(output, count_at, rows)


def _write_sizes(output: BinaryIO, stretches: Sequence[Stretch]) -> None:
    sizes, counts = zip(*(each.samples() for each in stretches), strict=True)
    uniform = sizes[0] if len(set(sizes)) == 1 else 0
    with written_box(output, b"stsz"):
        output.write(struct.pack(">III", 0, uniform, sum(counts)))
        if not uniform:
            output.writelines(big_endian(each.sizes()) for each in stretches)


def _write_offsets(output: BinaryIO, stretches: Sequence[Stretch]) -> None:
    """stco, or co64 where a chunk is so far behind that it takes one."""
    counts = [unpack(each.data, ">I", _offsets(each).body + 4)[0] for each in stretches]
    is_far = max(chain.from_iterable(map(_chunk_offsets, stretches[-1:]))) > _MAX_OFFSET
    with written_box(output, b"co64" if is_far else b"stco"):
        output.write(struct.pack(">II", 0, sum(counts)))
        for each in stretches:
            output.write(big_endian(array("Q" if is_far else "I", _chunk_offsets(each))))


def _write_groups(output: BinaryIO, groups: Sequence[tuple[int, int]]) -> None:
    """sgpd and sbgp: how many samples before them decoding has to begin with, and of how many that holds."""
    distances = [distance for distance, _ in groups if distance]
    if not distances:
        return
    with written_box(output, b"sgpd"):
        output.write(struct.pack(">I4sII", 1 << 24, b"roll", 2, len(distances)))
        output.write(struct.pack(f">{len(distances)}h", *(-each for each in distances)))
    with written_box(output, b"sbgp"):
        output.write(struct.pack(">I4sI", 0, b"roll", len(groups)))
        number = 0
        for distance, count in groups:
            number += bool(distance)
            output.write(struct.pack(">II", count, number if distance else 0))


def _is_opus(stretch: Stretch) -> bool:
    """Whether the first sample entry is that of Opus."""
    at = stretch.tables[b"stsd"].body + 12
    return stretch.data[at : at + 4] == b"Opus"


def _roll_distances(durations: Iterable[int]) -> Iterator[int]:
    """Of each packet of Opus, how many before it are 80 ms long; 0: it has not so many before it."""
    before: deque[int] = deque()
    length = 0
    for duration in durations:
        while before and length - before[0] >= _OPUS_PREROLL:
            length -= before.popleft()
        yield len(before) if length >= _OPUS_PREROLL else 0
        before.append(duration)
        length += duration


def _chunk_offsets(stretch: Stretch) -> Iterator[int]:
    kind = _offsets(stretch).kind
    return map(stretch.shift.__add__, stretch.table(kind, 1, "Q" if kind == b"co64" else "I"))


def _offsets(stretch: Stretch) -> Box:
    return stretch.tables[b"co64" if b"co64" in stretch.tables else b"stco"]


def _each(pairs: array[int]) -> Iterator[int]:
    """The value for each sample."""
    return chain.from_iterable(map(repeat, pairs[1::2], pairs[::2]))


def _put(output: BinaryIO, place: int, number: int) -> None:
    """Put 32 bits where they were left out, and go back to the end."""
    end = output.tell()
    output.seek(place)
    output.write(struct.pack(">I", number))
    output.seek(end)

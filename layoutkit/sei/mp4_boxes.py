"""The boxes of MP4 and MOV, and their tables, as they are read for what has to change in them.

Source: ISO/IEC 14496-12, whose names the boxes and fields have here.
"""

from __future__ import annotations  # array is generic in its stubs only

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import accumulate, chain, islice
from operator import lt, mul, sub
from sys import byteorder
from typing import Literal, NamedTuple

from layoutkit.sei.file_bytes import FileBytes, unpack
from layoutkit.sei.unpatchable import Unpatchable

_TABLE_PIECE = 1 << 18
"""Bytes of a table read at once; numbers of 32 and of 64 bits fill it exactly."""


def is_quicktime(data: bytes) -> bool:
    """Whether a file that begins so is a MOV rather than an MP4."""
    return data[4:8] != b"ftyp" or data[8:12] == b"qt  "


class Box(NamedTuple):
    """A box: `start` its header, `body` what is behind that."""

    kind: bytes
    start: int
    body: int
    end: int


def boxes(data: FileBytes | bytes, start: int, end: int) -> Iterator[Box]:
    """The boxes between two offsets; one that claims more than there is ends there."""
    while start + 8 <= end:
        (size,), kind = unpack(data, ">I", start), data[start + 4 : start + 8]
        body = start + 8
        if size == 1 and start + 16 <= end:
            (size,) = unpack(data, ">Q", body)
            body = start + 16
        stop = end if size == 0 else min(start + size, end)
        if stop < body:
            raise Unpatchable(f"box {kind!r} of {size} bytes")
        yield Box(kind, start, body, stop)
        start = stop


def numbers(data: FileBytes | bytes, start: int, count: int, kind: Literal["I", "Q"] = "I") -> array[int]:
    """A table of 32 or 64 bits.

    Raises:
        Unpatchable: it ends past the file.
    """
    table = array(kind)
    end = start + table.itemsize * count
    if end > len(data):
        raise Unpatchable("a table that ends past the file")
    for at in range(start, end, _TABLE_PIECE):
        table.frombytes(data[at : min(at + _TABLE_PIECE, end)])
    if byteorder == "little":
        table.byteswap()
    return table


def big_endian(numbers: array[int]) -> bytes:
    """The bytes of a table; its numbers are of no use behind this."""
    if byteorder == "little":
        numbers.byteswap()
    return numbers.tobytes()


def first_samples(data: FileBytes | bytes, stsc: Box, chunks: int) -> Callable[[int], tuple[int, int]]:
    """From the number of a chunk to that of its first sample and of the one behind its last."""
    (count,) = unpack(data, ">I", stsc.body + 4)
    table = numbers(data, stsc.body + 8, 3 * count)
    firsts, each = table[::3], table[1::3]
    del table
    if chunks and (firsts[:1] != array("I", [1]) or not all(map(lt, firsts, islice(firsts, 1, None)))):
        raise Unpatchable("runs of chunks that do not follow each other")
    lengths = map(sub, chain(islice(firsts, 1, None), [chunks + 1]), firsts)
    starts = array("q", accumulate(map(mul, lengths, each), initial=0))

    def samples(chunk: int) -> tuple[int, int]:
        run = bisect_right(firsts, chunk + 1) - 1
        start = starts[run] + (chunk + 1 - firsts[run]) * each[run]
        return start, start + each[run]

    return samples

"""A file's bytes where only a few of them are needed: headers and tables that stand far apart."""

import os
from functools import lru_cache
from struct import Struct
from typing import BinaryIO

_WINDOW = 1 << 16
"""Bytes read at once."""


class FileBytes:
    """A file to be sliced like bytes, of which little is in memory; what ends past the file comes short.

    A memory map would be another way, but its pages count as memory, and if somebody shortens the file it
    ends the process.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = os.fstat(file.fileno()).st_size
        self._start = 0
        self._window = b""

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, place: slice) -> bytes:
        start, end, _ = place.indices(self._size)
        begin = start - self._start
        if begin < 0 or end > self._start + len(self._window):
            if end - start > _WINDOW:
                return self._read(start, end - start)
            self._window, self._start, begin = self._read(start, _WINDOW), start, 0
        return self._window[begin : begin + end - start]

    def _read(self, start: int, count: int) -> bytes:
        self._file.seek(start)
        return self._file.read(count)


def unpack(data: FileBytes | bytes, form: str, at: int) -> tuple[int, ...]:
    """Fields at an offset, by `struct`'s letters.

    Raises:
        struct.error: they end past the end.
    """
    fields = _fields(form)
    return fields.unpack(data[at : at + fields.size])


_fields = lru_cache(Struct)

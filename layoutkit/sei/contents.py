"""Bytes that are read long before they are written: they wait in a file, few of them in memory."""

from array import array
from collections.abc import Iterable
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Self

_MEMORY_BYTES = 1 << 20
"""Bytes that are held in memory; where there are more, all wait in the file."""


class Contents:
    """Bytes in the order they were appended, for a `with`; the same several times in a row take room once.

    All are appended before the first is read.

    Args:
        folder: where there is room for them; the file there has no name.
    """

    def __init__(self, folder: Path) -> None:
        self._file = SpooledTemporaryFile(_MEMORY_BYTES, dir=str(folder))  # noqa: SIM115
        self._starts = array("Q", [0])
        self._places = array("I")
        self._appended: bytes | None = None
        self._read: tuple[int, bytes] = (-1, b"")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, number: int) -> bytes:
        place = self._places[number]
        if place != self._read[0]:
            start, end = self._starts[place : place + 2]
            self._file.seek(start)
            self._read = place, self._file.read(end - start)
        return self._read[1]

    def append(self, content: bytes) -> None:
        if content != self._appended:
            self._appended = content
            self._file.write(content)
            self._starts.append(self._starts[-1] + len(content))
        self._places.append(len(self._starts) - 2)

    def keep(self, numbers: Iterable[int]) -> None:
        """Keep only those of these numbers, in their order."""
        self._places = array("I", map(self._places.__getitem__, numbers))

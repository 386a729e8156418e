"""A local file, read in pieces through one buffer.

Nothing is mapped: a map of a file that somebody shortens ends the process, where a read comes back short. In
pieces of this size, copying costs no more time than the page faults of a map do.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from layoutkit.errors import StreamError
from layoutkit.sei.fast.give_way import GiveWay

PIECE = 1 << 19
"""Bytes read at once: they stay in the processor's cache until they are looked at."""

_AHEAD = 4096
"""Bytes read where fewer are asked for: boxes follow each other, and headers what they describe."""


class LocalFile:
    """An open file and the part of it that the buffer holds.

    Attributes:
        name: the path it was opened by.
        size: bytes it had when it was opened.
        buffer: what was read last; only the first `held` bytes count.
        start: where in the file they stand.
    """

    def __init__(self, path: str) -> None:
        self.name = path
        self._file = Path(path).open("rb", buffering=0)  # noqa: SIM115
        self.size = os.fstat(self._file.fileno()).st_size
        self.buffer = bytearray(PIECE)
        self.start = 0
        self.held = 0
        self._ahead = b""
        self._ahead_start = 0

    def __enter__(self) -> "LocalFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def read(self, start: int, size: int) -> bytes:
        """Bytes of their own, apart from the buffer.

        Raises:
            GiveWay: the file ends before.
        """
        begin = start - self._ahead_start
        if begin < 0 or begin + size > len(self._ahead):
            self._file.seek(start)
            self._ahead = self._file.read(max(size, _AHEAD))
            self._ahead_start, begin = start, 0
            if len(self._ahead) < size:
                raise GiveWay(f"{size} bytes at {start} end past the file")
        return self._ahead[begin : begin + size]

    def part(self, start: int, size: int) -> bytes:
        """Bytes of their own, out of the buffer where it holds them; the buffer stays as it is.

        Raises:
            GiveWay: the file ends before.
        """
        begin = start - self.start
        if begin >= 0 and begin + size <= self.held:
            return bytes(self.buffer[begin : begin + size])
        return self.read(start, size)

    def take(self, start: int, size: int) -> int:
        """Have `size` bytes from `start` on in the buffer, and what follows them as far as it has room.

        Returns:
            where in the buffer they begin; good until the next call.

        Raises:
            GiveWay: the file ends before.
        """
        if self.start <= start and start + size <= self.start + self.held:
            return start - self.start
        self.fill(start, size)
        return 0

    def fill(self, start: int, size: int) -> None:
        """Have the file from `start` on at the buffer's beginning: `size` bytes, and what it has room for.

        Raises:
            GiveWay: the file ends before.
        """
        if size > len(self.buffer):
            self.buffer = bytearray(size)
        self._fill(start)
        if size > self.held:
            raise GiveWay(f"{size} bytes at {start} end past the file")

    def pieces(self, *, overlap: int) -> Iterator[tuple[int, int]]:
        """The whole file through the buffer: where each piece begins in the file, and how long it is.

        Args:
            overlap: bytes at the end of a piece that the next one begins with.
        """
        start = 0
        while True:
            self._fill(start)
            yield start, self.held
            if start + self.held >= self.size or self.held < len(self.buffer):
                return
            start += self.held - overlap

    def _fill(self, start: int) -> None:
        self._file.seek(start)
        self.start = start
        self.held = self._file.readinto(self.buffer) or 0

    def check_size(self, name: str) -> None:
        """Make sure that nobody shortened the file meanwhile.

        Raises:
            StreamError: it has fewer bytes than when it was opened.
        """
        size = os.fstat(self._file.fileno()).st_size
        if size < self.size:
            raise StreamError(f"{name}: the file shrank from {self.size} to {size} bytes while it was read")


@contextmanager
def opened(path: str) -> Iterator[LocalFile]:
    """A file, for a `with`.

    Raises:
        GiveWay: it cannot be opened.
        StreamError: it got shorter within the `with`.
    """
    try:
        file = LocalFile(path)
    except OSError as error:
        raise GiveWay(str(error)) from error
    with file:
        try:
            yield file
        finally:
            file.check_size(path)

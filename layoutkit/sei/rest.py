"""The rest of a file, as something that FFmpeg's muxer writes to.

What it calls for each packet is no Python code; around what else it calls signals wait (see `signals`).
"""

from io import SEEK_SET
from pathlib import Path


class Rest:
    """A file from an offset on.

    Where there is no more room, `write` may take less than it is given, and FFmpeg takes no notice: whether
    all is there has to be seen from what is there.
    """

    def __init__(self, path: Path, start: int) -> None:
        self._file = path.open("r+b", buffering=0)
        self._file.seek(start)
        self._start = start
        self.write = self._file.write

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        return self._file.seek(offset + (self._start if whence == SEEK_SET else 0), whence) - self._start

    def tell(self) -> int:
        return self._file.tell() - self._start

    def let_go(self) -> None:
        """Close the file, which FFmpeg is not to do."""
        self._file.close()

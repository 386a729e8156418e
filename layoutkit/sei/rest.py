"""The rest of a file, as something that FFmpeg's muxer writes to.

What a signal raises, as Ctrl-C does, is lost where FFmpeg calls Python: it would go on as if the bytes were
written. So what it calls for each packet is no Python code, and around what else it calls signals wait.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import SEEK_SET
from pathlib import Path

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Those that end a command."""


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


@contextmanager
def signals_waiting() -> Iterator[None]:
    """What signals raise is raised behind the `with`."""
    if threading.current_thread() is not threading.main_thread():  # signals raise nothing anywhere else
        yield
        return
    arrived: list[int] = []
    handlers = {each: signal.getsignal(each) for each in _SIGNALS}
    waiting = [each for each, handler in handlers.items() if callable(handler)]
    for each in waiting:
        signal.signal(each, lambda number, _: arrived.append(number))
    try:
        yield
    finally:
        for each in waiting:
            signal.signal(each, handlers[each])
    for number in arrived:
        signal.raise_signal(number)

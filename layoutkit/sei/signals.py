"""Signals that wait while FFmpeg calls Python.

What a signal raises there, as Ctrl-C does, would be lost: FFmpeg goes on as if bytes were written, or as if
the file ended where it reads.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Those that end a command."""


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

"""What FFmpeg logs while something is done: a few things it tells in no other way.

A home of av.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import av


@contextmanager
def heard(level: int) -> Iterator[list[tuple[int, str, str]]]:
    """The messages of a level and above that this thread's calls log in a `with`: level, who says it, text.

    The level of PyAV's logging, which is the whole process's, is as it was behind it.
    """
    before = av.logging.get_level()
    av.logging.set_level(level)
    try:
        with av.logging.Capture() as log:
            yield log
    finally:
        av.logging.set_level(before)

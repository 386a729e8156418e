"""What FFmpeg logs while something is done: a few things it tells in no other way.

A home of av.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import av


@contextmanager
def heard(level: int) -> Iterator[list[tuple[int, str, str]]]:
    """The messages of a level and above that this thread's calls log in a `with`: level, who says it, text.

    The settings of PyAV's logging, which are the whole process's, are as they were behind it.
    """
    before, is_skipping = av.logging.get_level(), av.logging.get_skip_repeated()
    av.logging.set_level(level)
    av.logging.set_skip_repeated(False)  # else what was said before is not said again, or too late
    try:
        with av.logging.Capture() as log:
            yield log
    finally:
        av.logging.set_skip_repeated(is_skipping)
        av.logging.set_level(before)

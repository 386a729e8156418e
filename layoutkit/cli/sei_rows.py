"""The rows of `sei read`: a recording's messages to standard output, what there is to say of it to standard
error.

Nothing here needs the option parser, which takes as long to load as some minutes of video to read.
"""

import os
import signal
import stat
import sys
import threading
from pathlib import Path

from layoutkit.cli.progress import progress
from layoutkit.errors import TruncatedError
from layoutkit.sei.limits import DEFAULT_TYPE
from layoutkit.sei.line import to_line
from layoutkit.sei.playlist import is_playlist
from layoutkit.sei.reader import Order, read_sei
from layoutkit.sei.report import Report

MAX_TOLD = 100
"""Notes and pieces of damage that are printed: a broken hour has one in each of its 90,000 packets."""

DEFAULT_TYPES = frozenset({DEFAULT_TYPE})

_STDIN = 0


def print_rows(
    file: str,
    types: frozenset[int] | None = DEFAULT_TYPES,
    *,
    track: int | None = None,
    order: Order = "decode",
    strict: bool = False,
) -> None:
    """Print one JSON object a line for each message; the arguments are those of `read_sei`.

    Raises:
        StreamError: it cannot be read, or is damaged where that is an error; the rows before are out.
    """
    # For numpy, where a reader loads it: its threads for linear algebra, which nothing here does, take as
    # long to start as some minutes of video to read.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    told = _Told()
    report = Report(on_diagnostic=told, strict=strict)
    output = sys.stdout.buffer
    # A playlist without an end is asked for more again and again.
    is_live = not _is_on_disk(_STDIN if file == "-" else file) or is_playlist(Path(file))
    is_watched = is_live or not _is_on_disk(output.fileno())
    if is_live:
        _let_ctrl_c_end_it()
    count = 0
    try:
        with progress(file, report, output) as write:
            for row in read_sei(file, types, track=track, order=order, report=report):
                write(to_line(row))
                count += 1
                if is_watched:
                    output.flush()
    except TruncatedError:
        output.flush()
        if count == 0:
            _tell_none(report, types)
        raise
    finally:
        told.tell_rest(file)
    if count == 0:
        _tell_none(report, types)


def _is_on_disk(file: str | int) -> bool:
    """Whether a path, or an open file's number, stands for a file with an end: no pipe and no address."""
    try:
        return stat.S_ISREG(os.stat(file).st_mode)  # noqa: PTH116
    except OSError:
        return False


def _let_ctrl_c_end_it() -> None:
    """Have the system end the process at once: FFmpeg, waiting for a live input, would never look at an
    exception of Python's. Nothing is lost, since each row of such an input is out when the next is read."""
    if threading.current_thread() is threading.main_thread():
        for each in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(each) is not signal.SIG_IGN:
                signal.signal(each, signal.SIG_DFL)


class _Told:
    """Prints notes and damage as they come, as far as anybody would read."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, diagnostic: object) -> None:
        self._count += 1
        if self._count <= MAX_TOLD:
            _tell(diagnostic)

    def tell_rest(self, source: str) -> None:
        if self._count > MAX_TOLD:
            _tell(f"{source}: {self._count - MAX_TOLD} more things are the matter than the {MAX_TOLD} above")


def _tell(text: object) -> None:
    print(f"layoutkit: {text}", file=sys.stderr)


def _tell_none(report: Report, wanted: frozenset[int] | None) -> None:
    """Say that there is no row, and which types there are instead in each track."""
    asked = "" if wanted is None else f" of type {', '.join(map(str, sorted(wanted)))}"
    tracks = "; ".join(
        f"track {number} ({report.codecs[number]}): "
        + (", ".join(f"type {kind} x{seen[kind]}" for kind in sorted(seen)) or "none at all")
        for number, seen in sorted(report.seen.items())
    )
    _tell(f"no SEI{asked}; seen: {tracks}")

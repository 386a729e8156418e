"""`sei read`: one JSON row for each SEI message of a recording."""

import os
import signal
import stat
import sys
import threading
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from layoutkit.sei.limits import DEFAULT_TYPE

if TYPE_CHECKING:
    from layoutkit.sei.report import Report


MAX_TOLD = 100
"""Notes and pieces of damage that are printed: a broken hour has one in each of its 90,000 packets."""


_STDIN = 0


class Order(StrEnum):
    DECODE = "decode"
    DISPLAY = "display"


def register(app: typer.Typer) -> None:
    app.command()(read)


def read(
    file: Annotated[str, typer.Argument(help="A recording, an address, or - for standard input")],
    types: Annotated[
        list[int] | None,
        typer.Option("--type", help="Payload type to print; may be repeated", metavar="N"),
    ] = None,
    is_all: Annotated[bool, typer.Option("--all", help="Print every SEI message of every type")] = False,
    track: Annotated[
        int | None,
        typer.Option("--track", help="Video track, from 0; else the first of H.264 or HEVC", metavar="N"),
    ] = None,
    order: Annotated[Order, typer.Option("--order", help="Order of the rows")] = Order.DECODE,
    strict: Annotated[bool, typer.Option("--strict", help="Damage is an error")] = False,
) -> None:
    """Print one JSON object a line for each volume-layout SEI: pts, layout, text, data."""
    # For numpy, where a reader loads it: its threads for linear algebra, which nothing here does, take as
    # long to start as some minutes of video to read.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

    from layoutkit.cli.progress import progress
    from layoutkit.errors import TruncatedError
    from layoutkit.sei.line import to_line
    from layoutkit.sei.playlist import is_playlist
    from layoutkit.sei.reader import read_sei
    from layoutkit.sei.report import Report

    if is_all and types:
        raise typer.BadParameter("--all prints every type; give either --all or --type")
    for number in types or ():
        if not 0 <= number <= 0xFFFF:
            raise typer.BadParameter(f"--type {number} is outside 0 to 65535")
    wanted = None if is_all else frozenset(types or [DEFAULT_TYPE])
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
            for row in read_sei(file, wanted, track=track, order=order.value, report=report):
                write(to_line(row))
                count += 1
                if is_watched:
                    output.flush()
    except TruncatedError:
        output.flush()
        if count == 0:
            _tell_none(report, wanted)
        raise
    finally:
        told.tell_rest(file)
    if count == 0:
        _tell_none(report, wanted)


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


def _tell_none(report: "Report", wanted: frozenset[int] | None) -> None:
    """Say that there is no row, and which types there are instead in each track."""
    asked = "" if wanted is None else f" of type {', '.join(map(str, sorted(wanted)))}"
    tracks = "; ".join(
        f"track {number} ({report.codecs[number]}): "
        + (", ".join(f"type {kind} x{seen[kind]}" for kind in sorted(seen)) or "none at all")
        for number, seen in sorted(report.seen.items())
    )
    _tell(f"no SEI{asked}; seen: {tracks}")

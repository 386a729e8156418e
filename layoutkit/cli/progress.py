"""A progress bar on the terminal while a large file is read, out of the way of the rows."""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from rich.progress import Progress

    from layoutkit.sei.report import Report

LARGE_BYTES = 100_000_000
"""From here on a reading takes long enough for somebody who waits to want to see it move."""

Write = Callable[[bytes], object]


@contextmanager
def progress(source: str, report: "Report", output: BinaryIO) -> Iterator[Write]:
    """Show how much of a large file is read while the block runs; gives what writes a line of the output.

    There is no bar, and nothing of it is loaded, where standard error is no terminal, or the source no file
    of `LARGE_BYTES` or more. Where the lines go to a terminal as well they are put above the bar.
    """
    size = _size(source) if sys.stderr.isatty() else 0
    if size < LARGE_BYTES:
        yield output.write
        return
    with _bar(source, size, report) as bar:
        yield _above(bar) if output.isatty() else output.write


def _size(source: str) -> int:
    """Bytes of a local file, or of one that standard input is redirected from; 0 for anything else."""
    try:
        status = os.fstat(sys.stdin.fileno()) if source == "-" else Path(source).stat()
    except OSError:
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


def _bar(source: str, size: int, report: "Report") -> "Progress":
    from rich.console import Console, RenderableType
    from rich.progress import BarColumn, DownloadColumn, Progress, TaskProgressColumn, TextColumn
    from rich.progress import TimeRemainingColumn as RemainingColumn

    class ReportProgress(Progress):
        """It asks the report whenever it draws itself, so that the reading never has to tell it."""

        def get_renderables(self) -> Iterator[RenderableType]:
            for task in self.task_ids:
                self.update(task, completed=min(report.position, size))
            yield from super().get_renderables()

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        DownloadColumn(),
        RemainingColumn(),
    )
    bar = ReportProgress(*columns, console=Console(stderr=True), refresh_per_second=4, transient=True)
    bar.add_task("standard input" if source == "-" else Path(source).name, total=size)
    return bar


def _above(bar: "Progress") -> Write:
    def write(line: bytes) -> None:
        bar.console.out(line.decode(errors="replace").removesuffix("\n"), highlight=False)

    return write

"""Standard input and output for what reads a recording twice and writes one as a whole."""

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from layoutkit.errors import LayoutkitError, OutputError, StreamError

_PIPE = "-"


@dataclass(frozen=True)
class Files:
    """A recording to read and one to write, both files; where they stand for a pipe, in `folder`."""

    source: str
    target: Path
    folder: str = ""

    def plain(self, text: str) -> str:
        """A message about them, without the folder and the suffix that nobody has to know of."""
        pipe = rf"{re.escape(self.folder)}/(standard (?:in|out)put)(?:\.\w+)?"
        return re.sub(pipe, r"\1", text) if self.folder else text


@contextmanager
def as_files(source: str, target: Path) -> Iterator[Files]:
    """Files in place of `-`: what standard input holds, and what goes to standard output when all is done.

    Standard output gets the container of the input, and nothing where an error is raised.

    Raises:
        StreamError: standard input cannot be read, or is in a container that is not written.
    """
    if _PIPE not in (source, str(target)):
        yield Files(source, target)
        return
    with TemporaryDirectory(prefix="layoutkit-") as folder:
        files = Files(source, target, folder)
        try:
            if source == _PIPE:
                source = str(_spooled(Path(folder) / "standard input"))
            if str(target) == _PIPE:
                from layoutkit.sei.write import container_suffix

                target = Path(folder) / f"standard output{container_suffix(source)}"
            yield Files(source, target, folder)
        except LayoutkitError as error:
            error.args = tuple(files.plain(str(each)) for each in error.args)
            raise
        if str(files.target) == _PIPE:
            with target.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
            sys.stdout.buffer.flush()


def _spooled(path: Path) -> Path:
    if sys.stdin is None:
        raise StreamError("standard input: it is closed")
    try:
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
    except OSError as error:
        raise OutputError(f"standard input cannot be kept in {path.parent}: {error.strerror}") from error
    return path

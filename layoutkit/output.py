"""Outputs appear whole or not at all."""

import contextlib
import errno
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from layoutkit.errors import OutputError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system says where there is no room for a file."""


@contextlib.contextmanager
def replacing(target: Path, *, inputs: Iterable[Path] = ()) -> Iterator[Path]:
    """Give a temporary path beside `target` to write to, and rename it into place on success.

    The temporary name keeps the target's suffix, since container and picture formats are told by it. A
    symbolic link stays one: what it points to is replaced. On any exception the temporary file is removed
    and the target is left as it was.

    Raises:
        OutputError: the folder does not exist or cannot be written, the target is a folder, a
            device or a pipe, there is no room for it, or the target is one of `inputs`.
    """
    check_target(target, inputs=inputs)
    mode = _mode_for(target)
    place = target.resolve() if target.is_symlink() else target
    # The name is there before the file is, so that an interrupt at any moment finds what to remove.
    temporary = place.parent / f".{target.stem[:100]}.{os.urandom(8).hex()}.part{target.suffix}"
    try:
        try:
            os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except OSError as error:
            raise OutputError(f"{target}: cannot write there: {error.strerror}") from error
        yield temporary
        temporary.chmod(mode)
        temporary.replace(place)
    except OSError as error:
        if not is_full(error):
            raise
        raise OutputError(f"{target}: cannot be written: {os.strerror(error.errno or 0)}") from error
    finally:
        temporary.unlink(missing_ok=True)


def is_full(error: OSError) -> bool:
    """Whether it tells of a place that has no room for what is written."""
    return error.errno in _FULL


def write_text(text: str, target: Path) -> None:
    """Write text to a file, whole or not at all, or to standard output where it is `-`."""
    if str(target) == "-":
        sys.stdout.write(text)
        return
    with replacing(target) as temporary:
        temporary.write_text(text, encoding="utf-8")


def check_target(target: Path, *, inputs: Iterable[Path] = ()) -> None:
    """Raise OutputError where writing `target` is bound to fail or would destroy an input."""
    if target.is_dir():
        raise OutputError(f"{target}: the output is a folder; name a file in it")
    if target.exists() and not target.is_file():
        raise OutputError(f"{target}: the output is a device or a pipe, which no file may take the place of")
    if not target.parent.is_dir():
        raise OutputError(f"{target}: the folder {target.parent} does not exist")
    for source in inputs:
        if target.exists() and source.exists() and target.samefile(source):
            raise OutputError(f"{target}: the output is the input; write to another file")


def _mode_for(target: Path) -> int:
    """Permission bits for the finished file: the old file's, else what the umask leaves."""
    if target.exists():
        return target.stat().st_mode & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask

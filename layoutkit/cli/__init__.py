"""The command line: parse, call, print. One module a command group, loaded when it is asked for."""

import errno
import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import NoReturn

from layoutkit.errors import LayoutkitError, RefusedError, TruncatedError
from layoutkit.output import is_full


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code: 0 done, 1 the answer is no, 2 the input is wrong."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    _open_closed_streams()
    if arguments is None:
        _leave_by_signal()
    try:
        run = _command(words)
        if arguments is None:
            _collect_from_here_on()
        result = run()
        sys.stdout.flush()
    except LayoutkitError as error:
        return _complain(str(error), 1 if isinstance(error, RefusedError | TruncatedError) else 2)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            return _let_go_of_stdout(0)
        if error.errno == errno.ENAMETOOLONG:  # which every look at a file may meet
            return _complain(f"{error.filename}: {error.strerror}", 2)
        if error.filename is not None or not is_full(error):
            raise
        return _let_go_of_stdout(_complain(f"standard output: cannot be written: {error.strerror}", 2))
    except KeyboardInterrupt:
        return 130
    return result if isinstance(result, int) else 0


def _command(words: Sequence[str]) -> Callable[[], object]:
    """What the words ask for, loaded and ready to run; it gives the exit code, where that is not 0.

    A reading of one recording, with nothing else said, needs no option parser, which takes a tenth of the
    time that a reading of an hour does; `app` would make the same of the words.
    """
    if len(words) == 3 and words[:2] == ["sei", "read"] and (words[2] == "-" or not words[2].startswith("-")):
        from layoutkit.cli.sei_rows import print_rows

        return partial(print_rows, words[2])
    from layoutkit.cli.app import command

    return command(words)


def _open_closed_streams() -> None:
    """Put nowhere in the place of standard output and error that are closed (`>&-`): else what a command says
    of the one would go to the other, or to the first file that it opens."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: PTH123, SIM115


def _leave_by_signal() -> None:
    """End as Ctrl-C does, with nothing left behind, where the process is told to or its terminal closes."""

    def leave(number: int, _: object) -> NoReturn:
        raise SystemExit(128 + number)

    for each in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        if signal.getsignal(each) is signal.SIG_DFL:
            signal.signal(each, leave)


def _collect_from_here_on() -> None:
    """Have the garbage collector, which is off while a process starts, look at nothing that is loaded by now,
    be it while the command runs or when the process ends."""
    gc.freeze()
    gc.enable()


def _let_go_of_stdout(code: int) -> int:
    """Keep the interpreter's own flush from complaining: the reader left (`| head -1`), or all is full."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
    return code


def _complain(message: str, code: int) -> int:
    line = " ".join(message.split())
    print(f"layoutkit: {line}", file=sys.stderr)
    return code

"""The command line: parse, call, print. One module a command group, loaded when it is asked for."""

import errno
import gc
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn, cast

import typer

from layoutkit.errors import LayoutkitError, RefusedError, TruncatedError
from layoutkit.output import is_full

_MODULES = {
    "payload": "payload",
    "preview": "preview",
    "sei": "sei",
    "presets": "presets",
    "sheet": "sheet",
    "demo": "demo",
    "validate": "check",
    "schema": "check",
    "rules": "check",
    "convert": "convert",
    "send": "send",
}
"""Command name to the module that registers it, in the order of `--help`."""

_UsageError = cast("type[Exception]", typer.BadParameter.__base__)
"""click's UsageError, wherever this version of typer keeps it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code: 0 done, 1 the answer is no, 2 the input is wrong."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    _open_closed_streams()
    if arguments is None:
        _leave_by_signal()
    try:
        app = _app(words)
        if arguments is None:
            _collect_from_here_on()
        result = app(words, prog_name="layoutkit", standalone_mode=False)
        sys.stdout.flush()
    except LayoutkitError as error:
        return _complain(str(error), 1 if isinstance(error, RefusedError | TruncatedError) else 2)
    except _UsageError as error:
        text: str = error.format_message()  # type: ignore[attr-defined]
        if text.startswith("Usage:"):  # no command was named, and the help is all the message
            print(text, file=sys.stderr)
            return 2
        return _complain(text, 2)
    except typer.Abort:
        return 130
    except SystemExit as leaving:
        # What typer makes of a broken pipe is an exit with 1, which here means that the answer is no.
        if not isinstance(leaving.__context__, BrokenPipeError):
            raise
        return _let_go_of_stdout(0)
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


def _app(words: Sequence[str]) -> typer.Typer:
    """The application with the one command that is asked for, or with all where none is."""
    app = typer.Typer(
        add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
    )
    app.callback()(_layoutkit)
    asked = words[0] if words else ""
    for module in dict.fromkeys([_MODULES[asked]] if asked in _MODULES else _MODULES.values()):
        register = import_module(f"layoutkit.cli.{module}").register
        register(app, words[1:]) if module == "sei" else register(app)
    return app


def _layoutkit() -> None:
    """Layouts and SEI for cloud video mixing: see a layout, send it, read it back."""


def _complain(message: str, code: int) -> int:
    line = " ".join(message.split())
    print(f"layoutkit: {line}", file=sys.stderr)
    return code

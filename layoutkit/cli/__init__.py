"""The command line: parse, call, print. One module a command group, loaded when it is asked for."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import cast

import typer

from layoutkit.errors import LayoutkitError, RefusedError, TruncatedError

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
    try:
        result = _app(words)(words, prog_name="layoutkit", standalone_mode=False)
        sys.stdout.flush()
    except LayoutkitError as error:
        return _complain(str(error), 1 if isinstance(error, RefusedError | TruncatedError) else 2)
    except _UsageError as error:
        return _complain(error.format_message(), 2)  # type: ignore[attr-defined]
    except typer.Abort:
        return 130
    except BrokenPipeError:
        # The reader has what it wanted (`| head -1`); keep the interpreter's own flush from complaining.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return result if isinstance(result, int) else 0


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

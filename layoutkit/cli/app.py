"""The commands, as typer parses them. One module a command group, loaded when it is asked for."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import cast

import typer

from layoutkit.errors import LayoutkitError

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


def command(words: Sequence[str]) -> Callable[[], object]:
    """The one command that is asked for, loaded and ready to run; it gives its exit code where it is not 0.

    Raises, when it runs:
        LayoutkitError: the words make no command, or what the command raises.
    """
    return partial(_run, _app(words), words)


def _run(app: typer.Typer, words: Sequence[str]) -> object:
    try:
        return app(list(words), prog_name="layoutkit", standalone_mode=False)
    except _UsageError as error:
        text: str = error.format_message()  # type: ignore[attr-defined]
        if not text.startswith("Usage:"):
            raise LayoutkitError(text) from error
        print(text, file=sys.stderr)  # no command was named, and the help is all the message
        return 2
    except typer.Abort:
        return 130
    except SystemExit as leaving:
        # What typer makes of a broken pipe is an exit with 1, which here means that the answer is no.
        if isinstance(leaving.__context__, BrokenPipeError):
            raise leaving.__context__ from None
        raise


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

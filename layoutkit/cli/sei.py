"""`sei`: the group of commands about SEI, of which only the one asked for is loaded."""

from collections.abc import Sequence
from importlib import import_module

import typer

_MODULES = {"read": "sei_read", "write": "sei_write", "strip": "sei_write", "copy": "sei_write"}
"""Command name to the module that registers it, in the order of `--help`."""


def register(app: typer.Typer, words: Sequence[str] = ()) -> None:
    """Add the group, with the command that `words` begin with or with all."""
    asked = words[0] if words else ""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    group.callback()(sei)
    for module in dict.fromkeys([_MODULES[asked]] if asked in _MODULES else _MODULES.values()):
        import_module(f"layoutkit.cli.{module}").register(group)
    app.add_typer(group, name="sei")


def sei() -> None:
    """Read the SEI of a recording, and put SEI into one."""

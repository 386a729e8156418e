"""`sei`: the group of commands about SEI, a module each."""

from importlib import import_module

import typer

_MODULES = ("sei_read", "sei_write")


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    group.callback()(sei)
    for module in _MODULES:
        import_module(f"layoutkit.cli.{module}").register(group)
    app.add_typer(group, name="sei")


def sei() -> None:
    """Read the SEI of a recording, and put SEI into one."""

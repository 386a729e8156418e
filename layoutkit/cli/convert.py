"""`convert`: one dialect's layout into the other's."""

import json
import sys
from typing import Annotated, Literal

import typer

from layoutkit.errors import LayoutError, RefusedError, SourceError

_MOST_LINES = 1000
"""A sound body has some ten fields that are left out; nobody reads more than this."""


def register(app: typer.Typer) -> None:
    app.command()(convert)


def convert(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A body, layout parameters or a list; or -")],
    to: Annotated[Literal["publish", "recording"], typer.Option("--to", help="The dialect that is wanted")],
    strict: Annotated[bool, typer.Option("--strict", help="Fail where anything is lost")] = False,
) -> None:
    """Turn the layout of a request into the other dialect; what is lost is listed on standard error."""
    from layoutkit.source import read_json
    from layoutkit.wire.convert import convert as convert_document

    try:
        result = convert_document(read_json(file), to=to)
    except (SourceError, LayoutError) as error:
        text = str(error)
        raise type(error)(text if text.startswith((file, "standard input")) else f"{file}: {text}") from None
    for loss in result.losses[:_MOST_LINES]:
        print(f"layoutkit: lost: {loss}", file=sys.stderr)
    if result.losses[_MOST_LINES:]:
        print(f"layoutkit: lost: {len(result.losses) - _MOST_LINES} things more", file=sys.stderr)
    if strict and result.losses:
        raise RefusedError(f"{file}: {len(result.losses)} things would be lost in {to}")
    print(json.dumps(result.document, indent=2, ensure_ascii=False))

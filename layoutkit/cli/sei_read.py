"""`sei read`: one JSON row for each SEI message of a recording."""

from enum import StrEnum
from typing import Annotated

import typer


class Order(StrEnum):
    DECODE = "decode"
    DISPLAY = "display"


def register(app: typer.Typer) -> None:
    app.command()(read)


def read(
    file: Annotated[str, typer.Argument(help="A recording, an address, or - for standard input")],
    types: Annotated[
        list[int] | None,
        typer.Option("--type", help="Payload type to print; may be repeated", metavar="N"),
    ] = None,
    is_all: Annotated[bool, typer.Option("--all", help="Print every SEI message of every type")] = False,
    track: Annotated[
        int | None,
        typer.Option("--track", help="Video track, from 0; else the first of H.264 or HEVC", metavar="N"),
    ] = None,
    order: Annotated[Order, typer.Option("--order", help="Order of the rows")] = Order.DECODE,
    strict: Annotated[bool, typer.Option("--strict", help="Damage is an error")] = False,
) -> None:
    """Print one JSON object a line for each volume-layout SEI: pts, layout, text, data."""
    from layoutkit.cli.sei_rows import DEFAULT_TYPES, print_rows

    if is_all and types:
        raise typer.BadParameter("--all prints every type; give either --all or --type")
    for number in types or ():
        if not 0 <= number <= 0xFFFF:
            raise typer.BadParameter(f"--type {number} is outside 0 to 65535")
    wanted = None if is_all else frozenset(types or DEFAULT_TYPES)
    print_rows(file, wanted, track=track, order=order.value, strict=strict)

"""`validate`, `schema` and `rules`: the truth about a request before it is sent."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from layoutkit.errors import SourceError
from layoutkit.geometry.rect import Size

if TYPE_CHECKING:
    from layoutkit.wire.rules import Problem


def register(app: typer.Typer) -> None:
    app.command()(validate)
    app.command()(schema)
    app.command()(rules)


def validate(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Request bodies; - is standard input")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Count warnings as errors")] = False,
    canvas: Annotated[
        str | None, typer.Option("--canvas", help="Canvas where the body has none", metavar="WxH")
    ] = None,
    action: Annotated[
        str | None, typer.Option("--action", help="The action, where the fields do not tell")
    ] = None,
) -> int:
    """Find everything wrong with request bodies; several follow one task through its updates.

    Exit code 0: no errors; 1: errors; 2: a file could not be read.
    """
    from layoutkit.source import read_bytes
    from layoutkit.wire.body_text import MAX_BODY_BYTES, parse
    from layoutkit.wire.check import as_problem, check_task
    from layoutkit.wire.rules import Finding

    size = None if canvas is None else Size.parse(canvas)
    problems: list[Problem] = []
    bodies: list[tuple[object, str | None]] = []
    read: dict[str | None, list[Finding]] = {}
    for file in files:
        data = read_bytes(file, MAX_BODY_BYTES + 1)
        if len(data) > MAX_BODY_BYTES:
            message = f"the body is larger than {MAX_BODY_BYTES} bytes; the rest was not read"
            problems.append(as_problem(Finding((), "request-size", message), file=file))
            continue
        body, repeated = parse(data, "standard input" if file == "-" else file)
        bodies.append((body, file))
        read[file] = repeated
    problems += check_task(bodies, action=action, canvas=size, read=read)
    problems.sort(key=lambda one: files.index(one.file or ""))
    _show(problems, as_json=as_json)
    bad = {"error", "warning"} if strict else {"error"}
    return int(any(one.severity in bad for one in problems))


def schema(action: Annotated[str, typer.Argument(help="The API's name of an action")]) -> None:
    """Print the JSON Schema (2020-12) of an action's body."""
    from layoutkit.wire.schema import MODELS
    from layoutkit.wire.schema import schema as schema_of

    if action not in MODELS:
        raise SourceError(f"action {action!r} is not one of {', '.join(MODELS)}")
    print(json.dumps(schema_of(action), indent=2, ensure_ascii=False))


def rules(as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list")] = False) -> None:
    """List the rules that `validate` knows."""
    from layoutkit.wire.rules import RULES

    if as_json:
        print(json.dumps([{"rule": name, **rule._asdict()} for name, rule in RULES.items()], indent=2))
        return
    _table(
        ("rule", "severity", "code", "what holds", "source"),
        [(name, rule.severity, rule.code, rule.summary, rule.source) for name, rule in RULES.items()],
    )


def _show(problems: "Sequence[Problem]", *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([asdict(one) for one in problems], indent=2))
        return
    _table(
        ("file", "severity", "path", "message", "rule", "code"),
        [(one.file or "", one.severity, one.path, one.message, one.rule, one.code) for one in problems],
    )
    kinds = [one.severity for one in problems]
    numbers = [(kinds.count(kind), kind) for kind in ("error", "warning", "note")]
    counts = ", ".join(f"{number} {kind}{'' if number == 1 else 's'}" for number, kind in numbers)
    print(counts, file=sys.stderr)


def _table(head: tuple[str, ...], lines: Sequence[tuple[str, ...]]) -> None:
    """A table on a terminal, tab-separated lines elsewhere."""
    if not sys.stdout.isatty() or len(lines) > 500:
        for line in lines:
            print("\t".join(line))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*head)
    for line in lines:
        table.add_row(*(Text(cell, overflow="fold") for cell in line))
    Console().print(table)

"""Reading a body's text: what JSON leaves open is an error here, and every error has its place."""

import codecs
import json
from typing import Any

from layoutkit.errors import SourceError
from layoutkit.wire.rules import Finding, Path, brief, path_text

MAX_BODY_BYTES = 10 * 1024 * 1024
"""What a signed POST request to the service may hold."""


def parse(data: bytes, name: str) -> tuple[Any, list[Finding]]:
    """JSON and the keys in it that are there twice (the last one counts, as in most readers).

    Raises:
        SourceError: not JSON, with line and column: NaN and deep nesting (over 200) too.
    """
    from pydantic_core import from_json

    data = data.removeprefix(codecs.BOM_UTF8)
    if not data.strip():
        raise SourceError(f"{name}: it is empty; a request body, a layout list or SEI in JSON is expected")
    try:
        from_json(data, allow_inf_nan=False)
    except ValueError as error:
        raise SourceError(f"{name}: not JSON: {_reason(error, data)}") from error
    repeated: dict[int, tuple[dict[str, Any], list[str]]] = {}

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            seen: set[str] = set()
            again = [key for key, _ in pairs if key in seen or seen.add(key)]  # type: ignore[func-returns-value]
            repeated[id(made)] = made, list(dict.fromkeys(again))
        return made

    try:
        value = json.loads(data, object_pairs_hook=collect)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{name}: not JSON: {_reason(error, data)}") from error
    return value, list(_repeated(value, (), repeated)) if repeated else []


def parse_strictly(data: bytes, name: str) -> Any:
    """JSON in which no key is there twice.

    Raises:
        SourceError: as `parse`; or a key is there twice.
    """
    value, repeated = parse(data, name)
    if repeated:
        raise SourceError(f"{name}: {path_text(repeated[0].path)}: {repeated[0].message}")
    return value


def _reason(error: Exception, data: bytes) -> str:
    """Why something is not JSON, at most 200 characters of it."""
    try:
        data.decode()
    except UnicodeDecodeError as wrong:
        line = data.count(b"\n", 0, wrong.start) + 1
        column = wrong.start - data.rfind(b"\n", 0, wrong.start)
        return f"byte {wrong.start} is not UTF-8 at line {line} column {column}"
    return str(error)[:200].replace("recursion limit exceeded", "nested too deeply")


def _repeated(value: object, path: Path, repeated: dict[int, Any]) -> list[Finding]:
    found: list[Finding] = []
    if isinstance(value, dict):
        for key in repeated.get(id(value), ((), ()))[1]:
            message = f"{brief(key)} is there more than once; the last one counts"
            found.append(Finding((*path, key), "duplicate-key", message))
        for key, part in value.items():
            found += _repeated(part, (*path, key), repeated)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            found += _repeated(part, (*path, index), repeated)
    return found

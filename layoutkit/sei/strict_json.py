"""JSON from a stream, decoded so that what was read can be printed as JSON again."""

import json
import math

MAX_DEPTH = 32
"""Deepest nesting of a payload: the service's own has 3 levels, and what is read must be safe to print."""


def decode(text: str, *, levels: int = MAX_DEPTH) -> object:
    """The document of a JSON text.

    Raises:
        ValueError: not JSON, a number JSON cannot carry, or nested deeper than so many levels.
    """
    too_deep = f"nested deeper than {levels} levels"
    try:
        document = _DECODER.decode(text)
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from error
    except RecursionError as error:
        raise ValueError(too_deep) from error
    if _depth(document, levels) > levels:
        raise ValueError(too_deep)
    return document


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is not a number that JSON can carry")
    return number


_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_finite)
"""NaN and Infinity are not JSON and cannot be passed on as JSON, though Python's decoder takes them."""


def _depth(document: object, most: int) -> int:
    """Levels of nesting, 0 for a plain value; it stops counting past `most`."""
    depth, level = 0, list[object]([document])
    while depth <= most:
        nested = [each for each in level if isinstance(each, dict | list)]
        if not nested:
            break
        depth += 1
        level = [child for each in nested for child in (each.values() if isinstance(each, dict) else each)]
    return depth

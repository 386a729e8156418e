"""The first half of a check: fields, types, ranges and forms, as the models have them."""

import functools
import itertools
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from layoutkit.wire.model import NEWER, WireModel
from layoutkit.wire.rules import Finding, Path, brief

_KINDS = {
    "int_type": "an integer",
    "string_type": "a string",
    "bool_type": "true or false",
    "list_type": "an array",
    "model_type": "an object",
    "literal_error": "one of the values listed",
}
_COLORS = {"BackGroundColor", "FontColor"}
_UNKNOWN = (None, True)
"""What a field that the model lacks is taken for: newer than the newest."""

MAX_LENGTH = 1000
"""No list or object of a sound body is longer; looking at no more bounds time and memory."""


def shape_problems(model: type[WireModel], body: dict[str, Any]) -> Iterator[Finding]:
    """Where a body breaks its model, with fields that only newer revisions know; unsorted."""
    fields: list[Finding] = []
    lengths: dict[Path, int] = {}
    if not _is_plain(model, body) and not _walk(model, body, (), fields):
        body = _shortened(body, (), lengths)
        fields.clear()
        _walk(model, body, (), fields)
    yield from fields
    for found in _broken(model, body):
        if found.rule == "too-many" and found.path in lengths:
            words = found.message.split()
            words[2] = str(lengths.pop(found.path))
            found = found._replace(message=" ".join(words))
        yield found
    for path, length in lengths.items():
        message = f"has {length} entries; only the first {MAX_LENGTH} were looked at"
        yield Finding(path, "too-many", message)


def _is_plain(model: type[WireModel], data: object) -> bool:
    """Whether `_walk` would find nothing: the quick look that nearly every body needs alone."""
    if not isinstance(data, dict):
        return True
    if len(data) > MAX_LENGTH:
        return False
    known = _known(model)
    for name, value in data.items():
        kind, is_newer = known.get(name, _UNKNOWN)
        if is_newer:
            return False
        if isinstance(value, list):
            if len(value) > MAX_LENGTH:
                return False
            if kind is not None:
                for one in value:
                    if not _is_plain(kind, one):
                        return False
        elif kind is not None and not _is_plain(kind, value):
            return False
    return True


def _walk(model: type[WireModel], data: object, path: Path, found: list[Finding]) -> bool:
    """Put unknown and newer fields into `found`; False at the first thing longer than `MAX_LENGTH`."""
    if not isinstance(data, dict):
        return True
    if len(data) > MAX_LENGTH:
        return False
    known = _known(model)
    for name, value in data.items():
        kind, is_newer = known.get(name, _UNKNOWN)
        if name not in known:
            found.append(Finding((*path, name), "unknown-field", _unknown(name, known)))
        elif is_newer:
            found.append(Finding((*path, name), "newer-field", _newer(name)))
        if isinstance(value, list):
            if len(value) > MAX_LENGTH:
                return False
            if kind is not None and not all(
                _walk(kind, one, (*path, name, index), found) for index, one in enumerate(value)
            ):
                return False
        elif kind is not None and not _walk(kind, value, (*path, name), found):
            return False
    return True


@functools.cache
def _known(model: type[WireModel]) -> dict[str, tuple[Any, bool]]:
    """The fields of a model, each with the model it holds, or None, and whether only newer SDKs know it."""
    return {
        name: (model_in(field.annotation), field.json_schema_extra is NEWER)
        for name, field in model.model_fields.items()
    }


def _shortened(value: Any, path: Path, lengths: dict[Path, int]) -> Any:
    """A copy with no list or object longer than `MAX_LENGTH`; which were, goes to `lengths`."""
    if not isinstance(value, dict | list):
        return value
    if len(value) > MAX_LENGTH:
        lengths[path] = len(value)
    if isinstance(value, dict):
        items = itertools.islice(value.items(), MAX_LENGTH)
        return {key: _shortened(part, (*path, key), lengths) for key, part in items}
    return [_shortened(part, (*path, index), lengths) for index, part in enumerate(value[:MAX_LENGTH])]


def _broken(model: type[WireModel], body: dict[str, Any]) -> Iterator[Finding]:
    """Where a body breaks the types and ranges of its model."""
    try:
        model.model_validate(body)
    except ValidationError as error:
        details = error.errors(include_url=False)
    else:
        return
    cut = body
    for detail in details:
        yield as_finding(detail)
        if detail["type"] == "too_long" and isinstance(detail["input"], list):
            cut = _cut(cut, detail["loc"], detail["ctx"]["max_length"])
    if cut is not body:
        # What a list holds is not looked at while it is too long; look at as much as may be there.
        yield from (one for one in _broken(model, cut) if one.rule != "too-many")


def as_finding(detail: ErrorDetails) -> Finding:
    """What a model says of a body, in the words of the rules."""
    kind, path, value = detail["type"], detail["loc"], detail["input"]
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    limits = detail.get("ctx", {})
    if kind == "missing":
        return Finding(path, "missing-field", f"{name} is required and absent")
    if kind in {"greater_than_equal", "less_than_equal", "greater_than", "less_than"}:
        word, limit = next(iter(limits.items()))
        words = {"ge": "below", "le": "above", "gt": "not above", "lt": "not below"}
        return Finding(path, "out-of-range", f"{name} {brief(value)} is {words[word]} {limit}")
    if kind == "too_long":
        limit = limits["max_length"]
        return Finding(path, "too-many", f"{name} has {limits['actual_length']} entries, more than {limit}")
    if kind == "literal_error":
        rule = {"Region": "region", "Action": "action-unknown"}.get(name, "not-a-choice")
        if len(path) > 1:
            rule = "not-a-choice"
        return Finding(path, rule, f"{name} {brief(value)} is not {limits['expected']}")
    if kind == "string_too_short":
        return Finding(path, "empty-text", f"{name} is required and empty")
    if kind == "string_too_long":
        rule = "app-data-length" if name == "AppData" else "text-form"
        return Finding(path, rule, f"{name} has {len(value)} characters, more than {limits['max_length']}")
    if kind == "string_pattern_mismatch":
        rule = "color-form" if name in _COLORS else "text-form"
        return Finding(path, rule, f"{name} {brief(value)!r} does not match {limits['pattern']}")
    wanted = _KINDS.get(kind, detail["msg"])
    shown = f'"{brief(value)}"' if isinstance(value, str) else brief(value)
    return Finding(path, "wrong-type", f"{name} {shown} is not {wanted}")


def _cut(body: Any, path: Path, length: int) -> Any:
    """A copy of the body with one list cut to a length; what is not on the way is shared."""
    if not path:
        return body[:length]
    step, rest = path[0], path[1:]
    copy = list(body) if isinstance(body, list) else dict(body)
    copy[step] = _cut(body[step], rest, length)  # type: ignore[index]
    return copy


def model_in(annotation: Any) -> type[WireModel] | None:
    """The model in `Maybe[list[Model]]` and the like."""
    if isinstance(annotation, type) and issubclass(annotation, WireModel):
        return annotation
    found = (model_in(part) for part in getattr(annotation, "__args__", ()))
    return next((kind for kind in found if kind is not None), None)


def _unknown(name: str, fields: Any) -> str:
    near = next((known for known in fields if known.lower() == name.lower()), None)
    return f"{brief(name)} is not a field here" + (f"; {near} is" if near else "")


def _newer(name: str) -> str:
    return f"{name} is not in the 2025-03 documentation; known to newer SDKs"

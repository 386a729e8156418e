"""Everything that is wrong with a request body, before it is sent."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from layoutkit.geometry.rect import CanvasLike, as_canvas
from layoutkit.wire.document import common_beside, unwrap
from layoutkit.wire.plain import as_json, canvas_of
from layoutkit.wire.publish_rules import publish_problems
from layoutkit.wire.recording_rules import recording_problems
from layoutkit.wire.rules import RULES, Finding, Path, Problem, brief, code_of, path_text
from layoutkit.wire.schema import MODELS, SERVICES
from layoutkit.wire.shape import model_in, shape_problems
from layoutkit.wire.task import merge
from layoutkit.wire.task_rules import CONTINUES, task_problems


def check(body: object, action: str | None = None, canvas: CanvasLike | None = None) -> list[Problem]:
    """All problems of one body, in document order.

    Args:
        body: parsed JSON of one of the four actions, bare or with Action, Version and Region, or one of the
            official SDK's request objects.
        action: the API's name; default: what the body says, or its fields tell.
        canvas: its size in pixels, where the body has none.

    Raises:
        SourceError: the action is not one of the four, or cannot be told from the fields.
    """
    return check_task([(as_json(body), None)], action=action, canvas=canvas)


def check_task(
    bodies: Sequence[tuple[object, str | None]],
    *,
    action: str | None = None,
    canvas: CanvasLike | None = None,
    read: Mapping[str | None, Sequence[Finding]] = MappingProxyType({}),
) -> list[Problem]:
    """All problems of bodies that follow each other, each with its file's name or None.

    A Start or Create opens a task; the Update or Modify bodies after it are checked against its state.
    What was found while a file was read takes its place among its body's problems.
    """
    given = None if canvas is None else as_canvas(canvas)
    problems: list[Problem] = []
    start: dict[str, Any] = {}
    state: dict[str, Any] = {}
    opened, sequence = "", None
    for body, file in bodies:
        inner, prefix, name = unwrap(body, action if len(bodies) == 1 else None, file)
        # Common parameters beside the body are checked as those in it, at their own paths.
        beside = common_beside(body, prefix)
        inner = {**beside, **inner}
        found = list(shape_problems(MODELS[name], inner))
        size = canvas_of(inner, name)
        look = publish_problems if SERVICES[name] == "publish" else recording_problems
        if name in CONTINUES:
            start, state, opened, sequence = inner, inner, name, None
            found += look(inner, size or given, start=inner)
        elif opened:
            found += task_problems(start, opened, inner, name, sequence)
            is_its_own = name == CONTINUES[opened]
            size = canvas_of(start, opened) or size
            task = {"start": start, "before": state} if is_its_own else {}
            found += look(inner, size or given, **task)
            state = merge(state, inner) if is_its_own else state
            number = inner.get("SequenceNumber")
            sequence = number if type(number) is int else sequence
        else:
            found += look(inner, size or given)
        inside = [one for one in read.get(file, ()) if one.path[: len(prefix)] == prefix]
        problems += [as_problem(one, name, file) for one in read.get(file, ()) if one not in inside]
        found += [one._replace(path=one.path[len(prefix) :]) for one in inside]
        problems += _placed(found, inner, prefix, beside, name, file)
    return problems


def _placed(
    found: Iterable[Finding],
    body: object,
    prefix: Path,
    beside: Mapping[str, object],
    action: str,
    file: str | None,
) -> list[Problem]:
    """Problems in the order of the document; a missing field stands after those that are there."""
    places: dict[int, dict[object, int]] = {}
    ordered = sorted(dict.fromkeys(found), key=lambda one: (_position(body, one.path, places), one.rule))
    paths = (one.path if one.path and one.path[0] in beside else (*prefix, *one.path) for one in ordered)
    return [
        as_problem(one._replace(path=path), action, file) for one, path in zip(ordered, paths, strict=True)
    ]


def as_problem(found: Finding, action: str = "", file: str | None = None) -> Problem:
    """A finding with all that its rule says."""
    rule = RULES[found.rule]
    source = _field_of(action, found.path) if rule.source == "the field's data type" else rule.source
    field = next((step for step in reversed(found.path) if isinstance(step, str)), "")
    code = code_of(found.rule, action, field)
    return Problem(path_text(found.path), rule.severity, code, found.rule, found.message, source, file)


def _field_of(action: str, path: Path) -> str:
    """Data type and field that a path ends in, as in `McuLayout.ImageWidth`."""
    kind, place = MODELS[action], action
    for step in path:
        if isinstance(step, str):
            place = f"{kind.__name__}.{brief(step)}"
            field = kind.model_fields.get(step)
            kind = (field and model_in(field.annotation)) or kind
    return f"{place}, API 2025-03"


def _position(body: object, path: Path, places: dict[int, dict[object, int]]) -> tuple[int, ...]:
    """Where a path stands in the document, as indices from the outside in; `places` remembers objects."""
    place: list[int] = []
    for step in path:
        if isinstance(body, dict):
            if id(body) not in places:
                places[id(body)] = {key: index for index, key in enumerate(body)}
            place.append(places[id(body)].get(step, len(body)))
            body = body.get(step)
        elif isinstance(body, list) and isinstance(step, int):
            place.append(step)
            body = body[step] if step < len(body) else None
    return tuple(place)

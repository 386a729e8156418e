"""What a JSON document is: whose dialect, which action, and where in it the body stands.

The only place that guesses, and all it goes by are the fields that the models have.
"""

import functools
from collections.abc import Mapping
from typing import Any

from layoutkit.errors import SourceError
from layoutkit.geometry.layout import Service
from layoutkit.wire.model import NEWER, WireModel
from layoutkit.wire.publish_video import McuLayout, McuLayoutParams, McuVideoParams
from layoutkit.wire.recording_layout import MixLayout, MixLayoutParams
from layoutkit.wire.rules import Path, brief
from layoutkit.wire.schema import MODELS, SERVICES

_PARAMS: Mapping[str, type[WireModel]] = {"publish": McuLayoutParams, "recording": MixLayoutParams}
_WINDOWS: Mapping[str, type[WireModel]] = {"publish": McuLayout, "recording": MixLayout}
_COMMON = {"Action", "Version", "Region"}


def action_of(body: Mapping[str, Any]) -> str | None:
    """The action whose fields a body has the most of; None where both dialects have as many.

    Of a Start and its Update (a Create and its Modify) that have as many, the one that opens a task.
    """
    return _nearest(body, MODELS, SERVICES)


def service_of(document: object) -> Service | None:
    """Whose dialect a body, its McuVideoParams, its layout parameters or a bare MixLayoutList is in; None
    where nothing in it tells."""
    if isinstance(document, list):
        return next((told for entry in document if (told := service_of_window(entry))), None)
    if not isinstance(document, Mapping):
        return None
    if is_params(document):
        return _as_service(_nearest(document, _PARAMS)) or service_of(document.get("MixLayoutList"))
    if is_video(document):
        return "publish"
    action = action_of(document)
    return None if action is None else SERVICES[action]


def service_of_window(entry: object) -> Service | None:
    """Whose window an entry of a MixLayoutList is."""
    return _as_service(_nearest(entry, _WINDOWS)) if isinstance(entry, Mapping) else None


def is_params(document: Mapping[str, object]) -> bool:
    """Whether an object is McuLayoutParams or MixLayoutParams, by itself."""
    return "MixLayoutMode" in document or "MixLayoutList" in document


def is_video(document: Mapping[str, object]) -> bool:
    """Whether an object is McuVideoParams, by itself."""
    return bool(document.keys() & (McuVideoParams.model_fields.keys() & {"LayoutParams", "VideoEncode"}))


def unwrap(
    body: object, action: str | None = None, file: str | None = None
) -> tuple[dict[str, Any], Path, str]:
    """The body itself, its path in what was given, and its action.

    API explorers export a body between Action, Version and Region, or in an object beside them.

    Raises:
        SourceError: no object, or no action that can be told.
    """
    where = file or "the body"
    if not isinstance(body, dict):
        kind = "a list" if isinstance(body, list) else brief(body)
        raise SourceError(f"{where}: {kind} is not an object; a request body is expected")
    prefix = _wrapper(body)
    inner: dict[str, Any] = body[prefix[0]] if prefix else body
    name = action or body.get("Action") or inner.get("Action") or action_of(inner)
    known = ", ".join(MODELS)
    if name is None:
        raise SourceError(f"{where}: its action cannot be told from its fields; name it (--action): {known}")
    if not isinstance(name, str) or name not in MODELS:
        raise SourceError(f"{where}: action {brief(name)} is not one of {known}")
    return inner, prefix, name


def unwrapped(document: object) -> object:
    """The body itself where it is wrapped with Action, Version and Region; anything else as it is."""
    return unwrap(document)[0] if isinstance(document, dict) and "Action" in document else document


def common_beside(body: object, prefix: Path) -> dict[str, Any]:
    """The common parameters beside a wrapped body; those in a body are its own."""
    if not prefix or not isinstance(body, Mapping):
        return {}
    return {name: value for name, value in body.items() if name in _COMMON and name not in body[prefix[0]]}


def _wrapper(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The one field beside the common ones that holds the body, where there is such a field."""
    rest = [name for name in body if name not in _COMMON]
    if "Action" not in body or len(rest) != 1 or not isinstance(body[rest[0]], dict):
        return ()
    return () if any(rest[0] in kind.model_fields for kind in MODELS.values()) else (rest[0],)


def _nearest(
    data: Mapping[str, object],
    kinds: Mapping[str, type[WireModel]],
    dialects: Mapping[str, str] | None = None,
) -> str | None:
    """The first of the kinds that has the most of the fields; None where another dialect's has as many.

    Fields that only newer SDKs know count where the documented ones decide nothing.
    """
    scores = {name: _score(data, kind) for name, kind in kinds.items()}
    best = max(scores.values())
    equal = [name for name, score in scores.items() if score == best]
    tie = len({name if dialects is None else dialects[name] for name in equal}) > 1
    return None if tie or best == (0, 0) else equal[0]


def _score(data: Mapping[str, object], kind: type[WireModel]) -> tuple[int, int]:
    documented, every = _fields(kind)
    return len(data.keys() & documented), len(data.keys() & every)


@functools.cache
def _fields(kind: type[WireModel]) -> tuple[frozenset[str], frozenset[str]]:
    """A model's documented fields, and all; the common parameters belong to every action."""
    fields = {name: field for name, field in kind.model_fields.items() if name not in _COMMON}
    documented = (name for name, field in fields.items() if field.json_schema_extra is not NEWER)
    return frozenset(documented), frozenset(fields)


def _as_service(name: str | None) -> Service | None:
    return "publish" if name == "publish" else "recording" if name == "recording" else None

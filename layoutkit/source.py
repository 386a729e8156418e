"""What a SOURCE is: a template, a preset, a request body, a layout list, SEI, in a file or already parsed.

Every command and `layoutkit.load` go through here, so that what works in one place works in all.
"""

import difflib
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypedDict, Unpack

from layoutkit import presets
from layoutkit.errors import LayoutError, SourceError
from layoutkit.geometry.floating import floating
from layoutkit.geometry.grid import LastRow, grid
from layoutkit.geometry.layout import Layout, ParticipantLike, Service, StageSide
from layoutkit.geometry.rect import DEFAULT_CANVAS, Align, CanvasLike, Rounding
from layoutkit.geometry.screen_share import screen_share

DEFAULT_USERS = 4
"""How many users a template is shown with where nobody says."""

TEMPLATES: Mapping[str, Callable[..., Layout]] = {
    "grid": grid,
    "floating": floating,
    "screen-share": screen_share,
}

MAX_SOURCE_BYTES = 64 * 1024 * 1024
"""No request body comes near this; it bounds what `-` can make us hold."""


class TemplateOptions(TypedDict, total=False):
    """How a template is expanded; what is absent takes the template's own default."""

    stage: ParticipantLike | None
    rounding: Rounding
    align: Align
    last_row: LastRow
    stage_side: StageSide
    hold_audio_only: bool


_TAKES: Mapping[str, frozenset[str]] = {
    "grid": frozenset({"rounding", "align", "last_row", "hold_audio_only"}),
    "floating": frozenset({"rounding", "align", "stage", "hold_audio_only"}),
    "screen-share": frozenset({"rounding", "align", "stage", "stage_side", "hold_audio_only"}),
    "a preset": frozenset({"rounding", "align"}),
    "a request body": frozenset({"rounding", "align", "last_row"}),
    "a volume-layout SEI": frozenset(),
}
"""Which options mean something to which source; another one given is a mistake that is named."""


def load(
    source: object,
    *,
    participants: Iterable[ParticipantLike] | None = None,
    canvas: CanvasLike | None = None,
    default_canvas: CanvasLike = DEFAULT_CANVAS,
    service: Service | None = None,
    **options: Unpack[TemplateOptions],
) -> Layout:
    """The layout a source describes.

    Args:
        source: the name of a template or preset, the path of a JSON file, `-` for standard input, JSON
            already parsed, or an object of the official SDK. JSON may be a whole request body, its layout
            parameters, a MixLayoutList, a preset, a volume-layout SEI payload or a row of `sei read`.
        participants: in entry order. Default: a template has user-1 to user-4, a preset its own number,
            a body everybody it names.
        canvas: size in pixels; default: what the source itself says.
        default_canvas: size where neither says one.
        service: "publish" (default) or "recording"; a body that tells its dialect needs none.
        options: as the template functions take them.

    Raises:
        SourceError: the source cannot be found, read or understood, or an option means nothing to it.
        LayoutError: the layout is impossible.
    """
    if not isinstance(source, str | Path):
        from layoutkit.wire.plain import as_json

        return _from_json(
            as_json(source), "the source", participants, canvas, default_canvas, service, options
        )
    name = str(source)
    if name in TEMPLATES:
        _check_options(name, options)
        people = default_users(DEFAULT_USERS) if participants is None else participants
        return TEMPLATES[name](canvas or default_canvas, people, service=service or "publish", **options)
    if name in presets.names():
        return _from_preset(name, participants, canvas or default_canvas, service, options)
    _check_known(name)
    return _from_json(read_json(name), _label(name), participants, canvas, default_canvas, service, options)


def load_task(
    sources: Sequence[str | Path],
    *,
    participants: Iterable[ParticipantLike] | None = None,
    canvas: CanvasLike | None = None,
    **options: Unpack[TemplateOptions],
) -> Layout:
    """What a task shows after all its bodies: the last Start or Create body and the updates behind it.

    Args:
        sources: paths of request bodies in the order they are sent, or `-`.
        participants, canvas, options: as `load` takes them.

    Raises:
        SourceError: as `load`; or an update that continues no task, or a task of the other service.
    """
    from layoutkit.wire.document import unwrap
    from layoutkit.wire.schema import SERVICES
    from layoutkit.wire.task import merge

    opened = ""
    state: Mapping[str, object] | None = None
    for source in sources:
        label = _label(str(source))
        if label in TEMPLATES or label in presets.names():
            raise SourceError(f"{label} is no body of a task; --compare draws several layouts side by side")
        body, _, action = unwrap(read_json(str(source)), file=label)
        if action in {"StartPublishCdnStream", "CreateCloudRecording"}:
            state, opened = body, action
        elif state is None:
            raise SourceError(f"{label}: {action} continues a task; give the body that starts it first")
        elif SERVICES[action] != SERVICES[opened]:
            raise SourceError(f"{label}: {action} cannot continue a task of the other service")
        else:
            state = merge(state, body)
    label = ", ".join(_label(str(source)) for source in sources)
    return _from_json(state, label, participants, canvas, DEFAULT_CANVAS, None, options)


def service_of(source: str) -> Service | None:
    """The dialect a file's body is in; None for a template, a preset, standard input and what tells none."""
    if source == "-" or source in TEMPLATES or source in presets.names():
        return None
    _check_known(source)
    from layoutkit.wire.document import service_of as told_by
    from layoutkit.wire.document import unwrapped

    return told_by(unwrapped(read_json(source)))


def takes(kind: str, option: str) -> bool:
    """Whether an option means something to a kind of source."""
    return option in _TAKES[kind]


def default_users(count: int) -> list[str]:
    """The ids user-1 to user-`count`."""
    return [f"user-{number}" for number in range(1, count + 1)]


def read_json(name: str) -> object:
    """The JSON in a file, or on standard input where the name is `-`.

    JSON lines give their first row that has a layout, as `sei read FILE | layoutkit preview -` wants.

    Raises:
        SourceError: no such file, not readable, too large, empty, not JSON, or a key is there twice.
    """
    from layoutkit.wire.body_text import parse_strictly

    label = _label(name)
    data = read_bytes(name, MAX_SOURCE_BYTES + 1)
    if len(data) > MAX_SOURCE_BYTES:
        raise SourceError(f"{label}: over {MAX_SOURCE_BYTES} bytes; no layout is that large")
    try:
        return parse_strictly(data, label)
    except SourceError:
        rows = _rows(data)
        if not rows:
            raise
        return rows[0]


def read_bytes(name: str, limit: int) -> bytes:
    """The first `limit` bytes of a file, or of standard input where the name is `-`.

    Raises:
        SourceError: no such file, or not readable.
    """
    try:
        if name == "-":
            return sys.stdin.buffer.read(limit)
        path = Path(name)
        if path.is_dir():
            raise SourceError(f"{name}: a folder; name a JSON file in it")
        with path.open("rb") as file:
            return file.read(limit)
    except FileNotFoundError:
        raise SourceError(f"{name}: no such file") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SourceError(f"{_label(name)}: cannot be read: {reason}") from error


def _label(name: str) -> str:
    return "standard input" if name == "-" else name


def _rows(data: bytes) -> list[object]:
    """The rows of JSON lines that carry a layout; none where any line is not a JSON object."""
    from layoutkit.wire.body_text import parse_strictly

    rows: list[object] = []
    for line in data.splitlines():
        try:
            row = parse_strictly(line, "")
        except SourceError:
            return []
        if not isinstance(row, dict):
            return []
        if row.get("layout") is not None:
            rows.append(row)
    return rows


def _check_known(name: str) -> None:
    """Raise SourceError, with the near names, for a name that neither is a file nor looks like one."""
    if name == "-" or os.path.exists(name) or name.endswith(".json") or "/" in name:  # noqa: PTH110
        return
    known = [*TEMPLATES, *presets.names()]
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(known)}"
    raise SourceError(f"{name!r} is no template, preset or file; {hint}")


def _check_options(kind: str, options: TemplateOptions) -> None:
    foreign = sorted(option for option in options if not takes(kind, option))
    if foreign:
        named = ", ".join("--" + option.replace("_", "-") for option in foreign)
        raise SourceError(f"{named} means nothing to {kind}")


def _from_json(
    document: object,
    label: str,
    participants: Iterable[ParticipantLike] | None,
    canvas: CanvasLike | None,
    default_canvas: CanvasLike,
    service: Service | None,
    options: TemplateOptions,
) -> Layout:
    if isinstance(document, Mapping):
        if "regions" in document or {"layout", "type", "data"} <= document.keys():
            return _from_sei(document, label, participants, canvas, options)
        if presets.is_preset(document):
            return _from_preset(
                document, participants, canvas or default_canvas, service, options, label=label
            )
    elif not isinstance(document, Sequence) or isinstance(document, str):
        raise SourceError(f"{label}: a JSON object or list is expected, not {json.dumps(document)[:40]}")
    _check_options("a request body", options)
    from layoutkit.wire.layout import to_layout

    if isinstance(document, Mapping) and "Action" in document:
        from layoutkit.wire.document import unwrap

        document, _, _ = unwrap(document, file=label)

    try:
        return to_layout(
            document,
            participants=participants,
            canvas=canvas,
            default_canvas=default_canvas,
            service=service,
            rounding=options.get("rounding", "equal"),
            align=options.get("align", 1),
            last_row=options.get("last_row"),
        )
    except (SourceError, LayoutError) as error:
        raise type(error)(f"{label}: {error}") from None


def _from_preset(
    preset: object,
    participants: Iterable[ParticipantLike] | None,
    canvas: CanvasLike,
    service: Service | None,
    options: TemplateOptions,
    *,
    label: str = "",
) -> Layout:
    _check_options("a preset", options)
    if isinstance(preset, str):
        found = presets.load(preset)
    else:
        try:
            found = presets.from_json(preset, name=Path(label).stem)
        except SourceError as error:
            raise SourceError(f"{label}: {error}") from None
    return found.layout(
        canvas,
        default_users(found.users) if participants is None else participants,
        service=service or "publish",
        rounding=options.get("rounding", "equal"),
        align=options.get("align", 1),
    )


def _from_sei(
    document: object,
    label: str,
    participants: Iterable[ParticipantLike] | None,
    canvas: CanvasLike | None,
    options: TemplateOptions,
) -> Layout:
    """A decoded SEI says itself who is where on which canvas; nothing can be asked of it."""
    from layoutkit.sei.row import layout_of

    _check_options("a volume-layout SEI", options)
    if participants is not None or canvas is not None:
        given = "--users" if participants is not None else "--canvas"
        raise SourceError(f"{given} means nothing to a volume-layout SEI; {label} says that itself")
    try:
        return layout_of(document).to_layout()
    except SourceError as error:
        raise SourceError(f"{label}: {error}") from None

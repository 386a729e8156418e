"""The options that several commands share, and how their text is read."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, TypedDict, Unpack, cast

import typer

from layoutkit.errors import LayoutError, SourceError
from layoutkit.geometry.layout import Layout, Participant, Service, Stream, as_participants
from layoutkit.geometry.rect import DEFAULT_CANVAS, Align, CanvasLike, Size
from layoutkit.source import DEFAULT_USERS, TEMPLATES, TemplateOptions, default_users, takes

MAX_USERS = 1000
"""Far past the 25 windows a mix can have; it bounds what `--users N` can make us hold."""

SourceArgument = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE",
        help="grid, floating or screen-share; a preset; a JSON file (body, layout list, preset, SEI); or -",
    ),
]
UsersOption = Annotated[
    str | None,
    typer.Option(
        "--users",
        help="How many users, or who in entry order: alice,bob:screen,carol:audio,dave@room",
        metavar="N|LIST",
    ),
]
CanvasOption = Annotated[
    str | None,
    typer.Option(
        "--canvas", help="Size of the output picture; 1280x720 where the source says none", metavar="WxH"
    ),
]
ServiceOption = Annotated[
    Literal["publish", "recording"] | None,
    typer.Option("--service", help="Whose rules and dialect: publish (default) or recording"),
]
StageOption = Annotated[
    str | None,
    typer.Option("--stage", help="Who has the large window", metavar="USER[:screen]"),
]
RoundingOption = Annotated[
    Literal["equal", "fill"] | None,
    typer.Option("--rounding", help="equal: windows of one size (default); fill: neighbours meet"),
]
AlignOption = Annotated[
    Literal["1", "2"] | None,
    typer.Option("--align", help="Coordinates are multiples of this many pixels; 2 suits 4:2:0 video"),
]
LastRowOption = Annotated[
    Literal["start", "center"] | None,
    typer.Option("--last-row", help="Where a grid's last row begins; default: the service's"),
]
StageSideOption = Annotated[
    Literal["left", "right"] | None,
    typer.Option("--stage-side", help="Where screen-share has its large window"),
]
FontOption = Annotated[
    Path | None, typer.Option("--font", help="Font for all text; default: the system's", metavar="FILE")
]


def parse_users(text: str) -> list[Participant]:
    """Participants from `--users`: a count, or names with `@room`, `:screen` or `:audio` behind them.

    Raises:
        LayoutError: nobody is named, a count outside 1 to `MAX_USERS`, or a name of another form.
    """
    stripped = text.strip()
    if re.fullmatch(r"[+-]?\d+", stripped, re.ASCII):
        if not 1 <= len(stripped) <= 9 or not 1 <= int(stripped) <= MAX_USERS:
            raise LayoutError(f"--users {stripped[:20]}: the number of users is from 1 to {MAX_USERS}")
        return [Participant(name) for name in default_users(int(stripped))]
    people = [parse_user(word) for word in stripped.split(",")]
    if len(people) > MAX_USERS:
        raise LayoutError(f"--users: {len(people)} users are named; the limit is {MAX_USERS}")
    return list(as_participants(people))


def parse_user(text: str) -> Participant:
    """One participant from `name`, `name@room`, and either with `:screen` or `:audio` behind it."""
    name, colon, kind = text.strip().partition(":")
    if colon and kind not in {"screen", "audio"}:
        raise LayoutError(f"user {text.strip()!r}: behind the colon stands screen or audio, not {kind!r}")
    user_id, at, room_id = name.partition("@")
    if not user_id or (at and not room_id):
        raise LayoutError(
            f"user {text.strip()!r}: a name is missing; write name, name@room, name:screen or name:audio"
        )
    return Participant(
        user_id,
        room_id or None,
        Stream.SCREEN if kind == "screen" else Stream.CAMERA,
        sends_video=kind != "audio",
    )


def parse_stage(text: str, people: list[Participant]) -> Participant:
    """The participant that `--stage` means; LayoutError where nobody of that name and stream is there."""
    wanted = parse_user(text)
    for person in people:
        if person.is_same_stream(wanted):
            return wanted
    there = ", ".join(str(person) for person in people[:10]) + (", ..." if len(people) > 10 else "")
    raise LayoutError(f"--stage {text}: not among the users {there}")


def template_options(
    source: str,
    people: list[Participant] | None,
    *,
    stage: str | None = None,
    rounding: str | None = None,
    align: str | None = None,
    last_row: str | None = None,
    stage_side: str | None = None,
) -> TemplateOptions:
    """The options that were given, as `source.load` takes them."""
    options: dict[str, object] = {"rounding": rounding, "last_row": last_row, "stage_side": stage_side}
    if align is not None:
        options["align"] = cast(Align, int(align))
    if stage is not None:
        there = people or [Participant(name) for name in default_users(DEFAULT_USERS)]
        has_stage = source in TEMPLATES and takes(source, "stage")
        options["stage"] = parse_stage(stage, there) if has_stage else parse_user(stage)
    return cast(TemplateOptions, {key: value for key, value in options.items() if value is not None})


class LayoutOptions(TypedDict):
    """What every command that loads a layout may be told of it, as it was given; None: nothing."""

    users: str | None
    canvas: str | None
    service: Service | None
    stage: str | None
    rounding: str | None
    align: str | None
    last_row: str | None
    stage_side: str | None


def load_layout(
    source: str,
    *updates: str,
    default_canvas: CanvasLike = DEFAULT_CANVAS,
    **given: Unpack[LayoutOptions],
) -> Layout:
    """The layout of a SOURCE and the common options, as every command understands them.

    With `updates` the source is the body that starts a task, and they are the bodies that continue it.
    `default_canvas` is the size where neither the source nor `--canvas` says one.

    Raises:
        LayoutkitError: see `source.load`; or a layout without a window, which is of no use to anybody.
    """
    from layoutkit.source import load, load_task

    people = None if given["users"] is None else parse_users(given["users"])
    size = None if given["canvas"] is None else Size.parse(given["canvas"])
    options = template_options(
        source,
        people,
        stage=given["stage"],
        rounding=given["rounding"],
        align=given["align"],
        last_row=given["last_row"],
        stage_side=given["stage_side"],
    )
    if updates:
        layout = load_task([source, *updates], participants=people, canvas=size, **options)
    else:
        layout = load(
            source,
            participants=people,
            canvas=size,
            default_canvas=default_canvas,
            service=given["service"],
            **options,
        )
    if not layout.windows:
        hint = "; say who is there with --users" if people is None else ""
        if layout.audio_only:
            hint = f"; {len(layout.audio_only)} send only audio and take no place"
        raise LayoutError(f"{source}: there is no window to show{hint}")
    return layout


def refuse(options: Mapping[str, object], *, without: str) -> None:
    """Raise SourceError where one of the options was given, and it means nothing without another."""
    foreign = [name for name, value in options.items() if value is not None and value is not False]
    if foreign:
        named = ", ".join("--" + name.replace("_", "-") for name in foreign)
        raise SourceError(f"{named} means nothing without {without}")


def tell(layout: Layout) -> None:
    """Say on standard error what a user should know about a layout before using it."""
    for note in layout.notes:
        print(f"layoutkit: note: {note}", file=sys.stderr)
    for people, fate in ((layout.dropped, "dropped, no place is left"), (layout.audio_only, "only heard")):
        if people:
            names = ", ".join(str(person) for person in people[:10])
            more = f" and {len(people) - 10} more" if len(people) > 10 else ""
            print(f"layoutkit: note: {fate}: {names}{more}", file=sys.stderr)

"""`sei write`, `sei strip` and `sei copy`: messages into recordings, out of them, and across."""

import os
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from layoutkit.cli.options import (
    AlignOption,
    LastRowOption,
    RoundingOption,
    ServiceOption,
    StageOption,
    StageSideOption,
    UsersOption,
    load_layout,
    tell,
)
from layoutkit.cli.pipes import Files, as_files
from layoutkit.errors import SourceError, StreamError

if TYPE_CHECKING:
    from layoutkit.sei.change import Written
    from layoutkit.sei.row import SeiMessage
    from layoutkit.sei.write import What

InArgument = Annotated[
    Path, typer.Argument(metavar="IN", help="The recording, H.264 or HEVC; or - for standard input")
]
OutArgument = Annotated[
    Path,
    typer.Argument(metavar="OUT", help="The file to write, whose suffix tells the container; or -"),
]
ReplaceOption = Annotated[bool, typer.Option("--replace", help="Take out the layouts that are there")]
TrackOption = Annotated[
    int | None,
    typer.Option("--track", metavar="N", help="Video track of IN, from 0; else the first of H.264 or HEVC"),
]
AddOption = Annotated[bool, typer.Option("--add", help="Leave the layouts that are there")]


def register(sei: typer.Typer) -> None:
    """Add the commands to the group `sei`."""
    sei.command()(write)
    sei.command()(strip)
    sei.command()(copy)


def write(
    source: InArgument,
    target: OutArgument,
    layout: Annotated[
        str | None, typer.Option("--layout", metavar="SOURCE", help="One layout, again and again")
    ] = None,
    messages: Annotated[
        list[Path] | None,
        typer.Option("--messages", metavar="FILE", help="A schedule: rows as `sei read` prints them; or -"),
    ] = None,
    text: Annotated[
        str | None, typer.Option("--text", help="Pass-through text, again and again, in a message of --type")
    ] = None,
    uuid: Annotated[
        str | None, typer.Option("--uuid", metavar="HEX", help="32 hex digits, for a text of type 5")
    ] = None,
    payload_type: Annotated[int, typer.Option("--type", help="Payload type of the layout or text")] = 100,
    interval: Annotated[int, typer.Option("--interval", metavar="MS", help="Time between two")] = 1000,
    follow_idr: Annotated[bool, typer.Option("--follow-idr", help="Each key frame carries one too")] = False,
    every_frame: Annotated[bool, typer.Option("--every-frame", help="Each picture carries one")] = False,
    app_data: Annotated[str, typer.Option("--app-data", help="Text the layout carries")] = "",
    ts: Annotated[
        int | None, typer.Option("--ts", help="Seconds since 1970 in the first layout; default: now")
    ] = None,
    track: TrackOption = None,
    replace: ReplaceOption = False,
    add: AddOption = False,
    users: UsersOption = None,
    canvas: Annotated[
        str | None,
        typer.Option(
            "--canvas", help="Size of the layout; the video's where the source says none", metavar="WxH"
        ),
    ] = None,
    service: ServiceOption = None,
    stage: StageOption = None,
    rounding: RoundingOption = None,
    align: AlignOption = None,
    last_row: LastRowOption = None,
    stage_side: StageSideOption = None,
) -> None:
    """Put SEI messages into a recording, without re-encoding it."""
    from layoutkit.sei.message import USER_DATA_UNREGISTERED, Message
    from layoutkit.sei.rows import uuid_bytes
    from layoutkit.sei.write import video_size, write_sei

    if replace and add:
        raise StreamError("--replace and --add exclude each other")
    if source == Path("-") and Path("-") in (messages or []):
        raise StreamError("standard input is the recording or the messages, not both")
    with as_files(source, target) as files:
        what: list[What] = []
        if layout is not None:
            scene = load_layout(
                layout,
                users=users,
                canvas=canvas,
                service=service,
                stage=stage,
                rounding=rounding,
                align=align,
                last_row=last_row,
                stage_side=stage_side,
                default_canvas=video_size(files.source, track=track),
            )
            tell(scene)
            what.append(scene)
        if text is not None:
            if (payload_type == USER_DATA_UNREGISTERED) != (uuid is not None):
                raise StreamError(f"--uuid goes with a text of --type 5, and the type is {payload_type}")
            what.append(Message(payload_type, (uuid_bytes(uuid) if uuid else b"") + os.fsencode(text)))
        if not (what or messages):
            raise StreamError("give --layout, --text or --messages: there is nothing to write")
        done = write_sei(
            files.source,
            files.target,
            chain(what, *map(_rows, messages or [])),
            interval_ms=interval,
            follow_idr=follow_idr,
            every_frame=every_frame,
            payload_type=payload_type if layout is not None else 100,
            app_data=app_data,
            ts=ts,
            replace=replace,
            add=add,
            track=track,
        )
        _tell(files, done)


def strip(
    source: InArgument,
    target: OutArgument,
    payload_type: Annotated[int, typer.Option("--type", help="Payload type of what is taken out")],
    uuid: Annotated[
        str | None, typer.Option("--uuid", metavar="HEX", help="Only messages that begin with it")
    ] = None,
    track: TrackOption = None,
) -> None:
    """Take SEI messages of one type out of a recording."""
    from layoutkit.sei.write import strip_sei

    with as_files(source, target) as files:
        _tell(files, strip_sei(files.source, files.target, payload_type, uuid=uuid, track=track))


def copy(
    origin: Annotated[Path, typer.Argument(metavar="FROM", help="The recording that carries the messages")],
    source: InArgument,
    target: OutArgument,
    payload_type: Annotated[
        list[int] | None, typer.Option("--type", help="Payload types to carry over; default 100")
    ] = None,
    track: TrackOption = None,
    replace: ReplaceOption = False,
    add: AddOption = False,
) -> None:
    """Carry SEI messages over to a re-encode of the same recording."""
    from layoutkit.sei.write import copy_sei

    if origin == Path("-"):
        raise StreamError("FROM is a file; only IN may be standard input")
    with as_files(source, target) as files:
        types = payload_type or [100]
        done = copy_sei(
            origin, files.source, files.target, types=types, replace=replace, add=add, track=track
        )
        _tell(files, done)


def _rows(file: Path) -> Iterator["SeiMessage"]:
    """The rows of a schedule, each looked at here, where its line is known, and none held."""
    from layoutkit.sei.row import SeiMessage
    from layoutkit.sei.rows import row_of
    from layoutkit.sei.strict_json import MAX_DEPTH, decode

    is_empty = True
    for number, line in enumerate(_lines(file), 1):
        if not line.strip():
            continue
        try:
            row = decode(line, levels=MAX_DEPTH + 1)  # a row's layout is a payload's own document
        except ValueError as error:
            raise SourceError(f"{file}: line {number} is {error}") from error
        if not isinstance(row, dict):
            raise SourceError(f"{file}: line {number} is not a JSON object")
        try:
            made = row_of(row)
        except (SourceError, StreamError) as error:
            raise SourceError(f"{file}: line {number}: {error}") from error
        message = made.message
        yield SeiMessage(message.payload_type, message.payload, row.get("pts"), index=made.index)
        is_empty = False
    if is_empty:
        raise SourceError(f"{file}: there is no row in it")


def _lines(file: Path) -> Iterator[str]:
    """The lines of a file in UTF-8, or of standard input where it is `-`."""
    try:
        with nullcontext(sys.stdin.buffer) if str(file) == "-" else file.open("rb") as lines:
            for number, line in enumerate(lines):
                yield line.removesuffix(b"\n").decode("utf-8" if number else "utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SourceError(f"{file}: cannot be read: {reason}") from error


def _tell(files: Files, done: "Written") -> None:
    for note in done.notes:
        _note(files.plain(note))
    taken = f", {done.removed} taken out" if done.removed else ""
    told = f"{files.target}: {done.inserted} messages put in{taken}, {done.pictures} pictures"
    print(files.plain(told), file=sys.stderr)


def _note(text: str) -> None:
    print(f"layoutkit: note: {text}", file=sys.stderr)

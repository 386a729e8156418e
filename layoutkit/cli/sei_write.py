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
    LayoutOptions,
    RoundingOption,
    ServiceOption,
    StageOption,
    StageSideOption,
    UsersOption,
    load_layout,
    refuse,
    tell,
)
from layoutkit.cli.pipes import Files, as_files
from layoutkit.errors import SourceError, StreamError
from layoutkit.sei.limits import DEFAULT_TYPE

if TYPE_CHECKING:
    from layoutkit.sei.change import Written
    from layoutkit.sei.row import SeiMessage
    from layoutkit.sei.write import What

InArgument = Annotated[
    str,
    typer.Argument(metavar="IN", help="The recording, H.264 or HEVC; an address, or - for standard input"),
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
    payload_type: Annotated[
        int | None, typer.Option("--type", help="Payload type of the layout or text; default: 100")
    ] = None,
    interval: Annotated[
        int | None, typer.Option("--interval", metavar="MS", help="Time between two; default: 1000")
    ] = None,
    follow_idr: Annotated[bool, typer.Option("--follow-idr", help="Each key frame carries one too")] = False,
    every_frame: Annotated[bool, typer.Option("--every-frame", help="Each picture carries one")] = False,
    app_data: Annotated[str | None, typer.Option("--app-data", help="Text the layout carries")] = None,
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
    if [layout, *(map(str, messages or [])), source].count("-") > 1:
        raise StreamError("standard input is the recording, the layout or the messages, and only one of them")
    if layout is None and text is None and not messages:
        raise StreamError("give --layout, --text or --messages: there is nothing to write")
    given: LayoutOptions = {
        "users": users,
        "canvas": canvas,
        "service": service,
        "stage": stage,
        "rounding": rounding,
        "align": align,
        "last_row": last_row,
        "stage_side": stage_side,
    }
    if layout is None:
        refuse({**given, "app_data": app_data, "ts": ts}, without="--layout")
        if text is None:
            often = {"interval": interval, "follow_idr": follow_idr, "every_frame": every_frame}
            refuse({"type": payload_type, **often}, without="--layout or --text")
    if text is None:
        refuse({"uuid": uuid}, without="--text")
    number = DEFAULT_TYPE if payload_type is None else payload_type
    with as_files(source, target) as files:
        what: list[What] = []
        if layout is not None:
            scene = load_layout(layout, default_canvas=video_size(files.source, track=track), **given)
            tell(scene)
            what.append(scene)
        if text is not None:
            if number == USER_DATA_UNREGISTERED and uuid is None:
                raise StreamError("a text of --type 5 begins with a UUID: give it as --uuid")
            if number != USER_DATA_UNREGISTERED and uuid is not None:
                raise StreamError(f"--uuid goes with a text of --type 5, and the type is {number}")
            what.append(Message(number, (uuid_bytes(uuid) if uuid else b"") + os.fsencode(text)))
        done = write_sei(
            files.source,
            files.target,
            chain(what, *map(_rows, messages or [])),
            interval_ms=1000 if interval is None else interval,
            follow_idr=follow_idr,
            every_frame=every_frame,
            payload_type=number if layout is not None else DEFAULT_TYPE,
            app_data=app_data or "",
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
    origin: Annotated[str, typer.Argument(metavar="FROM", help="The recording that carries the messages")],
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

    if origin == "-":
        raise StreamError("FROM is a file or an address; only IN may be standard input")
    with as_files(source, target) as files:
        types = payload_type or [DEFAULT_TYPE]
        done = copy_sei(
            origin, files.source, files.target, types=types, replace=replace, add=add, track=track
        )
        _tell(files, done)


def _rows(file: Path) -> Iterator["SeiMessage"]:
    """The rows of a schedule, each looked at here, where its line is known, and none held."""
    from layoutkit.sei.row import SeiMessage
    from layoutkit.sei.rows import row_of
    from layoutkit.sei.strict_json import MAX_DEPTH, decode

    name = "standard input" if file == Path("-") else str(file)
    is_empty = True
    for number, line in enumerate(_lines(file, name), 1):
        if not line.strip():
            continue
        try:
            row = decode(line, levels=MAX_DEPTH + 1)  # a row's layout is a payload's own document
        except ValueError as error:
            raise SourceError(f"{name}: line {number} is {error}") from error
        if not isinstance(row, dict):
            raise SourceError(f"{name}: line {number} is not a JSON object")
        try:
            made = row_of(row)
        except (SourceError, StreamError) as error:
            raise SourceError(f"{name}: line {number}: {error}") from error
        message = made.message
        yield SeiMessage(message.payload_type, message.payload, row.get("pts"), index=made.index)
        is_empty = False
    if is_empty:
        raise SourceError(f"{name}: there is no row in it")


def _lines(file: Path, name: str) -> Iterator[str]:
    """The lines of a file in UTF-8, or of standard input where it is `-`."""
    try:
        with nullcontext(sys.stdin.buffer) if file == Path("-") else file.open("rb") as lines:
            for number, line in enumerate(lines):
                try:
                    yield line.removesuffix(b"\n").decode("utf-8" if number else "utf-8-sig")
                except UnicodeDecodeError as error:
                    raise SourceError(
                        f"{name}: line {number + 1} is not UTF-8: {error.reason} at byte {error.start}"
                    ) from error
    except OSError as error:
        raise SourceError(f"{name}: cannot be read: {error.strerror}") from error


def _tell(files: Files, done: "Written") -> None:
    for note in done.notes:
        _note(files.plain(note))
    taken = f", {done.removed} taken out" if done.removed else ""
    message, picture = ("" if count == 1 else "s" for count in (done.inserted, done.pictures))
    told = f"{done.inserted} message{message} put in{taken}, {done.pictures} picture{picture}"
    print(files.plain(f"{files.target}: {told}"), file=sys.stderr)


def _note(text: str) -> None:
    print(f"layoutkit: note: {text}", file=sys.stderr)

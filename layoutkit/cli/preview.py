"""`preview`: a layout as a picture."""

from pathlib import Path
from typing import Annotated

import typer

from layoutkit.cli.options import (
    AlignOption,
    CanvasOption,
    LastRowOption,
    RoundingOption,
    ServiceOption,
    SourceArgument,
    StageOption,
    StageSideOption,
    UsersOption,
    load_layout,
    tell,
)
from layoutkit.errors import LayoutError

MAX_SECONDS = 1_000_000
"""Eleven days: longer than any recording; it bounds the time stamps a seek is asked for."""


def register(app: typer.Typer) -> None:
    app.command()(preview)


def preview(
    source: SourceArgument,
    updates: Annotated[
        list[str] | None,
        typer.Argument(metavar="[UPDATE]...", help="bodies that continue the task SOURCE starts"),
    ] = None,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="The picture to write", metavar="FILE.png")],
    users: UsersOption = None,
    canvas: CanvasOption = None,
    service: ServiceOption = None,
    stage: StageOption = None,
    rounding: RoundingOption = None,
    align: AlignOption = None,
    last_row: LastRowOption = None,
    stage_side: StageSideOption = None,
    source_file: Annotated[
        list[str] | None,
        typer.Option("--source", help="A user's picture or video; repeatable", metavar="USER[:screen]=FILE"),
    ] = None,
    sources: Annotated[
        Path | None, typer.Option("--sources", help="Folder of pictures named after users", metavar="DIR")
    ] = None,
    at: Annotated[
        float, typer.Option("--at", help="Which moment of videos and of a recording's SEI", metavar="SECONDS")
    ] = 0.0,
    labels: Annotated[bool, typer.Option("--labels", help="Label windows that show a picture, too")] = False,
    now: Annotated[
        str | None, typer.Option("--now", help="The time that timestamps show; default: now", metavar="TIME")
    ] = None,
) -> None:
    """Draw a layout, or what a recording's SEI says, as a picture: PNG, JPEG or WebP, or PNG to -."""
    from layoutkit.cli.picture import is_recording, layout_at, parse_now, parse_sources
    from layoutkit.raster.save import check_output, write_picture

    kind = check_output(output)
    if not 0 <= at <= MAX_SECONDS:
        raise LayoutError(f"--at {at}: the moment is from 0 to {MAX_SECONDS} seconds")
    pictures = parse_sources(source_file or [], sources)
    moment = parse_now(now)
    if not updates and is_recording(source):
        layout = layout_at(source, at)
    else:
        layout = load_layout(
            source,
            *updates or (),
            users=users,
            canvas=canvas,
            service=service,
            stage=stage,
            rounding=rounding,
            align=align,
            last_row=last_row,
            stage_side=stage_side,
        )
    tell(layout)
    from layoutkit.raster.paint import paint

    picture = paint(layout, sources=pictures, labels=labels, now=moment, at_s=at)
    write_picture(picture, output, kind)

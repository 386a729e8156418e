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
) -> None:
    """Draw a layout as a picture."""
    from layoutkit.output import check_target, replacing

    check_target(output)
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

    picture = paint(layout)
    with replacing(output) as temporary:
        picture.save(temporary)

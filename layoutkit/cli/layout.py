"""`payload` and `preview`: a layout as the service's JSON, and as a picture."""

import json
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
    app.command()(payload)
    app.command()(preview)


def payload(
    source: SourceArgument,
    users: UsersOption = None,
    canvas: CanvasOption = None,
    service: ServiceOption = None,
    stage: StageOption = None,
    rounding: RoundingOption = None,
    align: AlignOption = None,
    last_row: LastRowOption = None,
    stage_side: StageSideOption = None,
    dynamic: Annotated[
        bool, typer.Option("--dynamic", help="Ask for the template by name instead of listing its windows")
    ] = False,
) -> None:
    """Print a layout as the service's layout parameters, JSON."""
    from layoutkit.wire import to_layout_params

    layout = load_layout(
        source,
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
    params = to_layout_params(layout, service=service or "publish", dynamic=dynamic)
    print(json.dumps(params, indent=2, ensure_ascii=False))


def preview(
    source: SourceArgument,
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

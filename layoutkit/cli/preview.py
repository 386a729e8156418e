"""`preview`: a layout as a picture."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from layoutkit.cli.options import (
    AlignOption,
    CanvasOption,
    FontOption,
    LastRowOption,
    LayoutOptions,
    RoundingOption,
    ServiceOption,
    SourceArgument,
    StageOption,
    StageSideOption,
    UsersOption,
    load_layout,
    tell,
)
from layoutkit.errors import LayoutError, SourceError
from layoutkit.geometry.layout import Layout
from layoutkit.output import check_target, write_text

MAX_SECONDS = 1_000_000
"""Eleven days: longer than any recording; it bounds the time stamps a seek is asked for."""


def register(app: typer.Typer) -> None:
    app.command()(preview)


def preview(
    source: SourceArgument,
    more: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MORE]...", help="bodies that continue SOURCE's task, or with --compare more sources"
        ),
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
        Path | None,
        typer.Option("--sources", help="Folder of files USER.png and USER@screen.png", metavar="DIR"),
    ] = None,
    at: Annotated[
        float, typer.Option("--at", help="Which moment of videos and of a recording's SEI", metavar="SECONDS")
    ] = 0.0,
    labels: Annotated[bool, typer.Option("--labels", help="Label windows that show a picture, too")] = False,
    now: Annotated[
        str | None, typer.Option("--now", help="The time that timestamps show; default: now", metavar="TIME")
    ] = None,
    assets: Annotated[
        Path | None,
        typer.Option("--assets", help="Folder with the pictures a body names by URL", metavar="DIR"),
    ] = None,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Fetch pictures a body names by URL; nothing is otherwise")
    ] = False,
    font: FontOption = None,
    legend: Annotated[
        bool, typer.Option("--legend", help="Add a strip with place, size, z-order and visible share")
    ] = False,
    compare: Annotated[bool, typer.Option("--compare", help="Draw several sources side by side")] = False,
    svg: Annotated[bool, typer.Option("--svg", help="Write the layout as SVG")] = False,
) -> None:
    """Draw a layout, or what a recording's SEI says, as a picture: PNG, JPEG, WebP or SVG; PNG to -."""
    from layoutkit.cli.picture import (
        fetcher,
        is_recording,
        layout_at,
        parse_now,
        parse_sources,
        shown,
        unused,
        with_folder,
    )

    if not 0 <= at <= MAX_SECONDS:
        raise LayoutError(f"--at {at}: the moment is from 0 to {MAX_SECONDS} seconds")

    def warn(warning: str) -> None:
        print(f"layoutkit: warning: {warning}", file=sys.stderr)

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

    def load(*names: str) -> Layout:
        if len(names) == 1 and is_recording(names[0]):
            if foreign := [name for name, value in given.items() if value is not None]:
                options = ", ".join("--" + name.replace("_", "-") for name in foreign)
                raise SourceError(f"{options} means nothing to a recording; its SEI says that itself")
            layout = layout_at(names[0], at, warn)
        else:
            layout = load_layout(*names, **given)
        tell(layout)
        return layout

    names = [source, *(more or [])]
    svg = svg or output.suffix.lower() == ".svg"
    if svg and (legend or compare):
        raise LayoutError("SVG draws one layout, without --legend and --compare")
    from layoutkit.raster.assets import Assets
    from layoutkit.raster.fonts import Fonts
    from layoutkit.raster.paint import paint
    from layoutkit.raster.save import check_output, check_svg_output, write_picture

    kind = check_svg_output(output) if svg else check_output(output)
    fonts, moment, named = Fonts(font), parse_now(now), parse_sources(source_file or [])
    pictures = with_folder(named, sources)
    images = Assets(assets, fetch=fetcher() if fetch else None)
    layouts = [load(name) for name in names] if compare else [load(*names)]
    document, painted = "", []
    if svg:
        from layoutkit.raster.svg import to_svg

        document = to_svg(
            layouts[0], sources=pictures, images=images, labels=labels, now=moment, at_s=at, fonts=fonts
        )
    else:
        painted = [
            paint(layout, sources=pictures, images=images, labels=labels, now=moment, at_s=at, fonts=fonts)
            for layout in layouts
        ]
    if legend:
        from layoutkit.raster.legend import with_legend

        painted = [with_legend(*pair, fonts=fonts) for pair in zip(painted, layouts, strict=True)]
    if compare:
        from layoutkit.raster.sheet import arrange

        painted = [arrange(list(zip(names, painted, strict=True)), columns=len(names), fonts=fonts)]
    if str(output) != "-":
        read = [*(Path(name) for name in names if name != "-"), *filter(None, [font])]
        check_target(output, inputs=[*read, *shown(pictures, layouts), *images.opened])
    if svg:
        write_text(document, output)
    else:
        write_picture(painted[0], output, kind)
    for warning in (
        *unused(named, layouts),
        *images.missing.values(),
        *filter(None, [fonts.complaint()]),
    ):
        warn(warning)

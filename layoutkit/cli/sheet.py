"""`sheet`: one template with many numbers of users, on one picture."""

import re
from pathlib import Path
from typing import Annotated, Literal

import typer

from layoutkit.cli.options import CanvasOption, FontOption, ServiceOption
from layoutkit.errors import LayoutError
from layoutkit.geometry.layout import Service
from layoutkit.geometry.rect import DEFAULT_CANVAS, Size
from layoutkit.geometry.roster import MAX_WINDOWS
from layoutkit.source import TEMPLATES, default_users, takes

TILE_PX = 384
"""Width of one layout on the sheet: five in a row fill a full-HD screen."""


def register(app: typer.Typer) -> None:
    app.command()(sheet)


def sheet(
    template: Annotated[Literal["grid", "floating", "screen-share"], typer.Argument(metavar="TEMPLATE")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The picture to write", metavar="FILE.png")],
    counts: Annotated[
        str, typer.Option("--counts", help="Numbers of users: 1-25, or 1,4,9", metavar="LIST")
    ] = "1-16",
    canvas: CanvasOption = None,
    service: ServiceOption = None,
    font: FontOption = None,
) -> None:
    """Draw a template with each of several numbers of users, side by side.

    Without --service the sheet is a published mix's up to 16 users, and a recording's beyond.
    """
    from layoutkit.raster.fonts import Fonts
    from layoutkit.raster.paint import paint
    from layoutkit.raster.save import check_output, write_picture
    from layoutkit.raster.sheet import arrange

    kind, fonts = check_output(output, inputs=filter(None, [font])), Fonts(font)
    numbers = parse_counts(counts)
    size = DEFAULT_CANVAS if canvas is None else Size.parse(canvas)
    chosen: Service = service or ("publish" if max(numbers) <= MAX_WINDOWS["publish"] else "recording")
    if max(numbers) > MAX_WINDOWS[chosen]:
        raise LayoutError(f"--counts {counts}: {chosen} shows at most {MAX_WINDOWS[chosen]} windows")
    stage = {"stage": default_users(1)[0]} if takes(template, "stage") else {}
    layouts = [
        (str(number), TEMPLATES[template](size, default_users(number), service=chosen, **stage))
        for number in numbers
    ]
    picture = arrange(
        [(caption, paint(layout, fonts=fonts)) for caption, layout in layouts],
        columns=min(5, max(1, len(layouts))),
        tile_width=TILE_PX,
        fonts=fonts,
    )
    write_picture(picture, output, kind)


def parse_counts(text: str) -> list[int]:
    """Numbers of users from `1-25`, `1,4,9` or a mixture.

    Raises:
        LayoutError: another form, or a number outside 1 to 25.
    """
    numbers: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,4})(?:-(\d{1,4}))?\s*", part, re.ASCII)
        if match is None:
            raise LayoutError(f"--counts {text!r}: write numbers and ranges, as in 1-9,16,25")
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last <= MAX_WINDOWS["recording"]:
            raise LayoutError(f"--counts {part.strip()}: not a range from 1 to {MAX_WINDOWS['recording']}")
        numbers += range(first, last + 1)
    return list(dict.fromkeys(numbers))

"""Scenarios: what goes in, and the layout and picture that came out when somebody last looked.

A folder holds `scenario.json`, the request body that it names, `layout.json` and `picture.png`.
`python -m tests.golden [NAME]...` makes the last two anew; look at the pictures before committing them.
"""

import dataclasses
import json
import re
from datetime import datetime
from enum import Enum
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from layoutkit import load, paint
from layoutkit.cli.options import parse_user
from layoutkit.geometry.layout import Layout
from layoutkit.geometry.rect import Size
from layoutkit.geometry.scene import ImageRef

FOLDER = Path(__file__).parent
NOW = datetime.fromisoformat("2025-03-11T08:00:00+00:00")
_COLORS = ("#7a1f2b", "#1f5f3a", "#22407f", "#7a5a12", "#5a2a77", "#0f5f6b")


def names() -> list[str]:
    """The scenarios there are."""
    return sorted(path.parent.name for path in FOLDER.glob("*/scenario.json"))


def card(text: str) -> Image.Image:
    """A test card from `NUMBER-WIDTHxHEIGHT`; `a` in front makes it half transparent on its right, `m` all
    transparent outside an ellipse.

    Cells of 80 pixels count from 1, row by row; the frame is 8 pixels wide, so that a cut shows.
    """
    match = re.fullmatch(r"([am]?)(\d+)-(\d+)x(\d+)", text)
    assert match, text
    number, width, height = map(int, match.groups()[1:])
    picture = Image.new("RGB", (width, height), _COLORS[number % len(_COLORS)])
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(32)
    columns = width // 80
    for cell in range(columns * (height // 80)):
        x, y = cell % columns * 80, cell // columns * 80
        draw.rectangle((x, y, x + 79, y + 79), outline="#c0c0c0")
        draw.text((x + 40, y + 40), str(cell + 1), "white", font, anchor="mm")
    draw.rectangle((0, 0, width - 1, height - 1), outline="#ffe040", width=8)
    if match[1] == "a":
        alpha = Image.new("L", picture.size, 255)
        alpha.paste(96, (width // 2, 0, width, height))
        picture.putalpha(alpha)
    elif match[1] == "m":
        alpha = Image.new("L", picture.size)
        ImageDraw.Draw(alpha).ellipse((0, 0, width - 1, height - 1), fill=255)
        picture.putalpha(alpha)
    return picture


def image(ref: ImageRef) -> Image.Image | None:
    """The card whose name is the last part of a URL; none is called `lost`."""
    name = ref.url.rpartition("/")[2].removesuffix(".png")
    return None if name == "lost" else card(name)


def made(name: str) -> tuple[Layout, Image.Image]:
    """The layout and picture of a scenario, today."""
    said = json.loads((FOLDER / name / "scenario.json").read_text())
    body = said.get("body")
    source: object = said.get("template")
    if body is not None:
        source = json.loads((FOLDER / name / body).read_text())
    layout = load(
        source,
        participants=[parse_user(user) for user in said["participants"]],
        canvas=Size.parse(said["canvas"]) if "canvas" in said else None,
        **({"stage": parse_user(said["stage"])} if "stage" in said else {}),
    )
    sources = {parse_user(user): card(text) for user, text in said["sources"].items()}
    picture = paint(layout, sources=sources, images=image, now=NOW, labels=said.get("labels", False))
    return layout, picture


def as_json(layout: Layout) -> str:
    """Every field of a layout."""
    return json.dumps(dataclasses.asdict(layout), indent=1, default=_plain) + "\n"


def _plain(value: object) -> object:
    assert isinstance(value, Enum), value
    return value.name

"""Every render mode of both dialects, by a numbered test card: where each field of it must land.

What must be is computed here from the rules' own words, without the geometry engine.
"""

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from layoutkit import paint
from layoutkit.geometry.scene import Background, Color
from layoutkit.wire import to_layout

COLUMNS, ROWS = 8, 6
CANVAS = (420, 300)
BACKGROUND = (0, 90, 40)
SOURCES = [(640, 360), (360, 640), (480, 480), (800, 200)]
WINDOWS = [(20, 10, 320, 180), (7, 5, 181, 270), (100, 60, 200, 200), (0, 0, 420, 90)]
Scale = tuple[float, float, float, float]
"""Across and down from pixels of the source to pixels of the window, and where its corner comes to lie."""


def color(column: int, row: int) -> tuple[int, int, int]:
    number = row * COLUMNS + column
    return (60 + 4 * number, 250 - 5 * number, number * 37 % 256)


def card(width: int, height: int) -> Image.Image:
    """48 fields, each in the colour of its number."""
    picture = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(picture)
    for column, row in product(range(COLUMNS), range(ROWS)):
        left, top = width * column // COLUMNS, height * row // ROWS
        right, bottom = width * (column + 1) // COLUMNS, height * (row + 1) // ROWS
        draw.rectangle((left, top, right - 1, bottom - 1), color(column, row))
    return picture


def centred(across: float, down: float, source: tuple[float, float], window: tuple[int, int]) -> Scale:
    return across, down, (window[0] - source[0] * across) / 2, (window[1] - source[1] * down) / 2


def expected(kind: str, source: tuple[float, float], window: tuple[int, int]) -> Scale:
    across, down = window[0] / source[0], window[1] / source[1]
    if kind == "stretch":
        return centred(across, down, source, window)
    if kind == "crop":
        return centred(max(across, down), max(across, down), source, window)
    if kind in ("scale", "bars"):
        return centred(min(across, down), min(across, down), source, window)
    # Smart: of the side that crop would cut, at most a fifth; what is left is stretched.
    cover = max(across, down)
    kept_x = max(window[0] / cover, source[0] * 0.8)
    kept_y = max(window[1] / cover, source[1] * 0.8)
    return centred(window[0] / kept_x, window[1] / kept_y, source, window)


PUBLISH = {0: "crop", 1: "scale", 2: "bars"}
RECORDING = {0: "stretch", 1: "crop", 2: "scale", 3: "smart"}


def published(mode: int, window: tuple[int, int, int, int], crop: dict[str, int] | None = None) -> dict:  # type: ignore[type-arg]
    x, y, width, height = window
    place = {"LocationX": x, "LocationY": y, "ImageWidth": width, "ImageHeight": height, "RenderMode": mode}
    place["UserMediaStream"] = {"UserInfo": {"UserId": "a", "RoomId": "1", "RoomIdType": 0}, "StreamType": 0}  # type: ignore[assignment]
    if crop is not None:
        place["CustomCrop"] = crop  # type: ignore[assignment]
    return {"MixLayoutMode": 4, "MixLayoutList": [place]}


def recorded(mode: int, window: tuple[int, int, int, int]) -> dict:  # type: ignore[type-arg]
    x, y, width, height = window
    place = {"Left": x, "Top": y, "Width": width, "Height": height, "RenderMode": mode, "UserId": "a"}
    return {"MixLayoutMode": 4, "MixLayoutList": [place]}


def check(
    document: dict,  # type: ignore[type-arg]
    kind: str,
    source: Image.Image,
    window: tuple[int, int, int, int],
    crop: tuple[int, int, int, int] | None = None,
    *,
    file: Path | None = None,
    off: int = 3,
) -> None:
    """Look at nine places in each field (in small ones at one) that are in the window, and at the bars.

    `file`: shows what `source` does, with colours up to `off` levels beside its.
    """
    layout = to_layout(document, participants=["a"], canvas=CANVAS)
    layout = replace(layout, background=Background(Color(*BACKGROUND)))
    picture = paint(layout, sources={"a": file or source})
    left, top, width, height = window
    cut = crop or (0, 0, source.width, source.height)
    across, down, x0, y0 = expected(kind, (cut[2], cut[3]), (width, height))
    seen = 0
    reach_x, reach_y = source.width / COLUMNS * across / 4, source.height / ROWS * down / 4
    parts = (0.25, 0.5, 0.75) if min(reach_x, reach_y) >= 2 else (0.5,)
    fields = product(range(COLUMNS), range(ROWS), parts, parts)
    for column, row, part_x, part_y in fields:
        x = ((column + part_x) * source.width / COLUMNS - cut[0]) * across + x0
        y = ((row + part_y) * source.height / ROWS - cut[1]) * down + y0
        # Nearer to an edge the colours of two fields, or of a field and a bar, are mixed.
        in_x = max(x0, 0) + 2 <= x <= min(x0 + cut[2] * across, width) - 2
        in_y = max(y0, 0) + 2 <= y <= min(y0 + cut[3] * down, height) - 2
        if not (in_x and in_y):
            continue
        seen += 1
        found = picture.getpixel((left + int(x), top + int(y)))
        assert isinstance(found, tuple)
        assert max(abs(a - b) for a, b in zip(found, color(column, row), strict=True)) <= off, (column, row)
    assert seen >= 4
    bar = (0, 0, 0) if kind == "bars" else BACKGROUND
    if kind in ("scale", "bars"):
        if x0 >= 3:
            assert picture.getpixel((left + 1, top + height // 2)) == bar
            assert picture.getpixel((left + width - 2, top + height // 2)) == bar
        if y0 >= 3:
            assert picture.getpixel((left + width // 2, top + 1)) == bar
            assert picture.getpixel((left + width // 2, top + height - 2)) == bar


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("size", SOURCES)
@pytest.mark.parametrize("mode", PUBLISH)
def test_publish(mode: int, size: tuple[int, int], window: tuple[int, int, int, int]) -> None:
    check(published(mode, window), PUBLISH[mode], card(*size), window)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("size", SOURCES)
@pytest.mark.parametrize("mode", RECORDING)
def test_recording(mode: int, size: tuple[int, int], window: tuple[int, int, int, int]) -> None:
    check(recorded(mode, window), RECORDING[mode], card(*size), window)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("mode", PUBLISH)
def test_custom_crop_comes_first(mode: int, window: tuple[int, int, int, int]) -> None:
    cut = (160, 60, 320, 240)
    crop = dict(zip(("LocationX", "LocationY", "Width", "Height"), cut, strict=True))
    check(published(mode, window, crop), PUBLISH[mode], card(640, 360), window, cut)

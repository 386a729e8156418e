"""Windows, placeholders and watermarks without a pixel on the canvas cost nothing and break nothing."""

from itertools import product

import pytest
from PIL import Image

from layoutkit import Layout, Participant, Rect, Size, Window, paint
from layoutkit.geometry.layout import Shows
from layoutkit.geometry.scene import (
    Color,
    ImageRef,
    ImageWatermark,
    Placeholder,
    RenderMode,
    TextWatermark,
    Watermark,
)
from layoutkit.raster.svg import to_svg

RED = Image.new("RGB", (8, 8), "red")
RECTS = [Rect(3, 3, 0, 0), Rect(3, 3, 0, 10), Rect(3, 3, 10, 0), Rect(40, 0, 9, 9), Rect(-9, 0, 9, 9)]


def check(window: Window, marks: tuple[Watermark, ...] = ()) -> None:
    layout = Layout(Size(40, 40), (window,), watermarks=marks)
    for sources, labels in product(({}, {"a": RED}), (False, True)):
        for found in (RED, None):
            picture = paint(layout, sources=sources, images=lambda _, found=found: found, labels=labels)
            assert picture.getbbox() is None
            svg = to_svg(layout, sources=sources, images=lambda _, found=found: found, labels=labels)
            assert svg.endswith("</svg>\n")


@pytest.mark.parametrize("rect", RECTS, ids=str)
@pytest.mark.parametrize("mode", RenderMode)
def test_what_lies_nowhere_leaves_the_canvas_as_it_is(mode: RenderMode, rect: Rect) -> None:
    here = ImageRef("https://x/p.png")
    marks = (ImageWatermark(here, rect), TextWatermark("text", rect, fill=Color(1, 2, 3)))
    for shows, mask in product(Shows, (None, here)):
        window = Window(rect, Participant("a"), shows, render_mode=mode, mask=mask)
        check(window, marks)
        for size in (None, Size(5, 5), Size(0, 3)):
            check(Window(rect, Participant("a"), shows, placeholder=Placeholder(here, mode, size, 3)))


@pytest.mark.parametrize("size", [Size(0, 3), Size(3, 0)])
def test_a_placeholder_without_pixels_leaves_its_window_as_it_is(size: Size) -> None:
    away = Placeholder(ImageRef("https://x/p.png"), size=size)
    window = Window(Rect(0, 0, 20, 20), Participant("a"), Shows.NOBODY, placeholder=away)
    assert paint(Layout(Size(40, 40), (window,)), images=lambda _: RED).getbbox() is None

"""A placeholder of its own size, and a colour that is behind one thing and not the other."""

import pytest
from PIL import Image

from layoutkit import paint
from layoutkit.geometry.layout import Layout, Participant, Shows, Window
from layoutkit.geometry.rect import Rect, Size
from layoutkit.geometry.scene import Background, Behind, Color, ImageRef, Placeholder, RenderMode

RED, BLUE, GREEN = Color(200, 0, 0), Color(0, 0, 200), Color(0, 200, 0)
WINDOW = Rect(10, 20, 100, 60)


def painted(window: Window) -> Image.Image:
    layout = Layout(Size(120, 100), (window,), background=Background(GREEN))
    return paint(layout, images=lambda _: Image.new("RGB", (7, 5), RED))


def waiting(**fit: object) -> Window:
    placeholder = Placeholder(ImageRef("https://x.example/a.png"), **fit)  # type: ignore[arg-type]
    return Window(WINDOW, Participant("a"), Shows.NOBODY, placeholder=placeholder, background=BLUE)


@pytest.mark.parametrize(("width", "height"), [(40, 20), (41, 21), (1, 1), (100, 60), (400, 10), (10, 400)])
def test_it_stands_in_the_middle_and_stays_inside(width: int, height: int) -> None:
    picture = painted(waiting(size=Size(width, height)))
    left, top = WINDOW.x + (WINDOW.width - width) // 2, WINDOW.y + (WINDOW.height - height) // 2
    for y in range(100):
        for x in range(120):
            inside = WINDOW.x <= x < WINDOW.right and WINDOW.y <= y < WINDOW.bottom
            covered = left <= x < left + width and top <= y < top + height
            assert picture.getpixel((x, y)) == (GREEN if not inside else RED if covered else BLUE)


def test_its_corners_are_round() -> None:
    picture = painted(waiting(size=Size(40, 40), radius_px=20))
    left, top = WINDOW.x + 30, WINDOW.y + 10
    for x, y in ((left, top), (left + 39, top), (left, top + 39), (left + 39, top + 39)):
        assert picture.getpixel((x, y)) == BLUE
    for x, y in ((left + 20, top), (left, top + 20), (left + 20, top + 20), (left + 6, top + 6)):
        assert picture.getpixel((x, y)) == RED


@pytest.mark.parametrize(
    ("behind", "shows", "there"),
    [
        (Behind.BOTH, Shows.VIDEO, True),
        (Behind.BOTH, Shows.NOBODY, True),
        (Behind.VIDEO, Shows.VIDEO, True),
        (Behind.VIDEO, Shows.NOBODY, False),
        (Behind.PLACEHOLDER, Shows.VIDEO, False),
        (Behind.PLACEHOLDER, Shows.NOBODY, True),
    ],
)
def test_a_colour_is_behind_what_it_is_for(behind: Behind, shows: Shows, there: bool) -> None:
    window = Window(
        WINDOW,
        Participant("a"),
        shows,
        render_mode=RenderMode.SCALE,
        placeholder=Placeholder(ImageRef("https://x.example/a.png"), RenderMode.SCALE),
        background=BLUE,
        background_behind=behind,
    )
    layout = Layout(Size(120, 100), (window,), background=Background(GREEN))
    picture = paint(
        layout,
        sources={"a": Image.new("RGB", (5, 5), RED)},
        images=lambda _: Image.new("RGB", (5, 5), RED),
    )
    assert picture.getpixel((60, 50)) == RED
    assert picture.getpixel((12, 50)) == (BLUE if there else GREEN)

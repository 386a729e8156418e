"""A label stands where it can be read, and says what is to be known of a window."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from layoutkit import Layout, Participant, Rect, Size, Window, floating, paint
from layoutkit.geometry.layout import Shows
from layoutkit.geometry.scene import Background, Color, ImageRef, Placeholder
from layoutkit.raster.color import user_color
from layoutkit.raster.content import label_room
from layoutkit.raster.fonts import Fonts
from layoutkit.raster.label import caption, label_lines, tag
from layoutkit.raster.svg import to_svg
from layoutkit.raster.typeset import ELLIPSIS


@pytest.mark.parametrize("count", [2, 8, 12, 16])
def test_the_stage_s_label_is_beside_the_windows_in_front_of_it(count: int) -> None:
    layout = floating((1280, 720), [f"user-{number}" for number in range(count)])
    stage, *others = layout.windows
    assert stage.participant is not None
    picture = paint(layout)
    for window in others:
        box = (window.rect.x, window.rect.y, window.rect.right, window.rect.bottom)
        picture.paste(user_color(stage.participant.user_id), box)
    letters = picture.convert("L").point([255 * (value > 200) for value in range(256)])
    found = letters.getbbox()
    assert found is not None
    left, top, right, bottom = found
    assert all(
        right <= each.rect.x or left >= each.rect.right or bottom <= each.rect.y or top >= each.rect.bottom
        for each in others
    )


def test_a_label_keeps_out_of_no_window_that_cannot_be_seen() -> None:
    behind = Window(Rect(0, 0, 200, 100), Participant("a"))
    for opacity, is_moved in ((0.0, False), (0.1, True)):
        air = Window(Rect(0, 0, 120, 100), Participant("b"), z_order=1, opacity=opacity)
        room = label_room(behind, [air], Rect(0, 0, 200, 100))
        assert (room != behind.rect) is is_moved


def texts(window: Window) -> list[str]:
    return [each.line.text for each in caption(window.rect, label_lines(window), Fonts()).lines]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((320, 180), ["user-1", "320x180  stage"]),
        ((56, 180), ["user-1", "56x180", "stage"]),
        ((320, 16), ["user-1  320x16  stage"]),
        ((60, 16), ["user-1"]),
        ((60, 9), []),
    ],
)
def test_a_label_makes_do_with_the_room_there_is(size: tuple[int, int], expected: list[str]) -> None:
    assert texts(Window(Rect(0, 0, *size), Participant("user-1"), is_stage=True)) == expected


def test_a_name_too_long_for_a_low_window_is_shortened_without_its_size() -> None:
    (text,) = texts(Window(Rect(0, 0, 80, 16), Participant("somebody-with-a-long-name")))
    assert text.startswith("somebody")
    assert text.endswith(ELLIPSIS)


@pytest.mark.parametrize("size", [(200, 100), (64, 16), (5, 5)])
def test_the_stage_has_a_double_edge_where_there_is_room(size: tuple[int, int]) -> None:
    def painted(is_stage: bool) -> Image.Image:
        window = Window(Rect(2, 2, *size), Participant("a"), is_stage=is_stage)
        return paint(Layout(Size(size[0] + 4, size[1] + 4), (window,)))

    edge = painted(True).getpixel((2, 2))
    assert painted(True).getpixel((3, 3)) == edge != painted(False).getpixel((3, 3))
    assert painted(True).getpixel((1, 1)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("shows", "who", "expected"),
    [
        (Shows.VIDEO, Participant("a"), "200x100"),
        (Shows.AUDIO_ONLY, Participant("a"), "200x100  audio only  out.png"),
        (Shows.NOBODY, Participant("a"), "200x100  absent  out.png"),
        (Shows.NOBODY, None, "200x100  out.png"),
    ],
)
def test_why_there_is_no_picture_is_said(shows: Shows, who: Participant | None, expected: str) -> None:
    away = Placeholder(ImageRef("https://x/out.png"))
    assert label_lines(Window(Rect(0, 0, 200, 100), who, shows, placeholder=away))[1] == expected


def test_who_sends_video_is_never_hidden_by_a_placeholder() -> None:
    away = Placeholder(ImageRef("https://x/out.png"))
    window = Window(Rect(0, 0, 200, 100), Participant("a"), placeholder=away)
    red = Image.new("RGB", (8, 8), "red")
    assert paint(Layout(Size(200, 100), (window,)), images=lambda _: red).getpixel((4, 4)) == user_color("a")
    window = replace(window, shows=Shows.AUDIO_ONLY)
    assert paint(Layout(Size(200, 100), (window,)), images=lambda _: red).getpixel((4, 4)) == (255, 0, 0)


def test_a_label_is_over_a_placeholder_s_picture_where_it_is_asked_for() -> None:
    away, white = Placeholder(ImageRef("https://x/out.png")), Image.new("RGB", (8, 8), "white")
    window = Window(Rect(0, 0, 200, 100), Participant("a"), Shows.NOBODY, placeholder=away)
    layout = Layout(Size(200, 100), (window,))
    for labels in (False, True):
        picture = paint(layout, images=lambda _: white, labels=labels)
        assert (picture.getpixel((0, 99)) == (255, 255, 255)) is not labels
        assert (
            "a  200x100  absent  out.png" in to_svg(layout, images=lambda _: white, labels=labels)
        ) is labels


def test_the_place_of_who_is_absent_shows_what_is_behind_it() -> None:
    behind = Background(Color(1, 99, 2))
    rect = Rect(10, 10, 200, 100)
    for who in (None, Participant("a")):
        away = paint(Layout(Size(220, 120), (Window(rect, who, Shows.NOBODY),), behind))
        assert away.getpixel((14, 14)) == behind.color
        assert away.getpixel((10, 10)) != behind.color
    there = paint(Layout(Size(220, 120), (Window(rect, Participant("a"), Shows.AUDIO_ONLY),), behind))
    assert there.getpixel((14, 14)) == user_color("a")


@given(st.text(max_size=40), st.integers(1, 300), st.integers(1, 200), st.booleans())
def test_a_label_of_any_kind_stays_in_its_room(name: str, width: int, height: int, is_tag: bool) -> None:
    room, lines = Rect(7, 3, width, height), (name, f"{width}x{height}")
    label = tag(room, lines, Fonts()) if is_tag else caption(room, lines, Fonts(), on_plate=True)
    if label.plate is not None:
        assert label.plate.intersection(room) == label.plate
    for each in label.lines:
        assert each.line.width_px <= width
        assert each.x >= room.x
        assert each.baseline <= room.bottom

from PIL import Image, ImageChops

from layoutkit.geometry.floating import floating
from layoutkit.geometry.grid import grid
from layoutkit.geometry.layout import Layout, Participant, Window
from layoutkit.geometry.rect import Rect, Size
from layoutkit.geometry.scene import Background, Color
from layoutkit.raster.color import edge_color, user_color
from layoutkit.raster.paint import paint


def test_a_layout_without_windows_is_its_background() -> None:
    picture = paint(Layout(Size(8, 4), (), Background(Color(1, 2, 3))))
    assert (picture.mode, picture.size) == ("RGB", (8, 4))
    assert picture.getcolors() == [(32, (1, 2, 3))]


def test_each_window_has_its_users_color_and_an_edge_at_its_corners() -> None:
    layout = grid((1280, 720), [f"user-{n}" for n in range(1, 10)])
    picture = paint(layout)
    for window in layout.windows:
        rect = window.rect
        assert window.participant is not None
        for x in (rect.x, rect.right - 1):
            for y in (rect.y, rect.bottom - 1):
                assert picture.getpixel((x, y)) == edge_color(user_color(window.participant.user_id))
        inside = picture.getpixel((rect.x + 1, rect.y + 1))
        assert inside == user_color(window.participant.user_id)


def test_higher_windows_are_in_front_wherever_they_are_listed() -> None:
    low = Window(Rect(0, 0, 60, 60), Participant("low"))
    high = Window(Rect(20, 20, 60, 60), Participant("high"), z_order=1)
    painted = paint(Layout(Size(80, 80), (high, low)))
    assert painted.getpixel((21, 21)) == painted.getpixel((59, 21)) == user_color("high")
    assert painted.tobytes() == paint(Layout(Size(80, 80), (low, high))).tobytes()


def test_a_label_stays_inside_its_window() -> None:
    long_name = "a user whose name is much longer than any window is wide " * 3
    for size in (Size(300, 16), Size(16, 300), Size(40, 40), Size(3, 3), Size(200, 100)):
        window = Window(Rect(20, 20, size.width, size.height), Participant(long_name))
        layout = Layout(Size(400, 400), (window,))
        blank = Image.new("RGB", (400, 400))
        changed = ImageChops.difference(paint(layout), blank).getbbox()
        assert changed == (20, 20, 20 + size.width, 20 + size.height)


def test_the_name_can_be_seen_in_a_window_16_pixels_high() -> None:
    layout = Layout(Size(64, 16), (Window(Rect(0, 0, 64, 16), Participant("user-1")),))
    colors = paint(layout).getcolors()
    assert colors is not None
    assert len(colors) > 2


def test_painting_twice_gives_the_same_bytes() -> None:
    layout = floating((320, 180), ["a", "b", "c"])
    assert paint(layout).tobytes() == paint(layout).tobytes()

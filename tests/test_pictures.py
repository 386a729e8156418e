"""The comparison that pictures are held to sees what it is for."""

from PIL import Image, ImageDraw

from layoutkit import Layout, Participant, Rect, Size, Window, paint
from tests.pictures import moved


def drawn(x: int, name: str = "user-1") -> Image.Image:
    return paint(Layout(Size(320, 180), (Window(Rect(x, 20, 200, 100), Participant(name)),)))


def test_a_window_that_is_a_pixel_further_right_has_moved() -> None:
    assert not moved(drawn(30), drawn(30))
    assert moved(drawn(31), drawn(30))
    assert moved(drawn(30), drawn(30).crop((0, 0, 319, 180)))


def test_another_color_is_seen_and_other_letters_are_not() -> None:
    other = drawn(30, "user-2")
    assert moved(other, drawn(30))
    blurred = drawn(30)
    ImageDraw.Draw(blurred).text((120, 60), "user", "white", font_size=20)
    assert not moved(blurred, drawn(30))

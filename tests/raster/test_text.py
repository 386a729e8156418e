"""Laws of text in a box: nothing leaves it, nothing is lost that fits, nothing is cut inside a character."""

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from layoutkit import Participant, Rect, Size, Window, paint
from layoutkit.geometry.layout import Layout
from layoutkit.raster.fonts import Fonts
from layoutkit.raster.script import cleaned, clusters
from layoutkit.raster.text import draw_lines, paragraph
from layoutkit.raster.typeset import ELLIPSIS, Line, fit, set_line, wrap

FAMILY, FLAG, THUMB = "👨\u200d👩\u200d👧", "🇨🇳", "👍🏽"
PARTS = ["a", "b", "W", " ", "é", "漢", "字", "か", "한", FAMILY, FLAG, THUMB, "-"]
"""Characters of a left-to-right line, each one as a reader sees it."""

texts = st.lists(st.sampled_from(PARTS), max_size=40).map("".join)
sizes = st.integers(8, 40)
rooms = st.integers(0, 600)


def text_of(line: Line) -> str:
    """What a line shows; its runs are the same but for the joiners of what no font joins."""
    drawn, joiners = "".join(run.text for run in line.runs), str.maketrans("", "", "\u200d")
    assert drawn.translate(joiners) == line.text.translate(joiners)
    return line.text


@given(texts, sizes, rooms)
def test_a_fitted_line_is_whole_or_ends_in_an_ellipsis_between_two_characters(
    text: str, size_px: int, room_px: int
) -> None:
    line = fit(text, size_px, room_px, Fonts())
    assert line.width_px <= room_px
    if set_line(text, size_px, Fonts()).width_px <= room_px:
        assert text_of(line) == cleaned(text)
    elif line.runs:
        kept = text_of(line).removesuffix(ELLIPSIS)
        assert text_of(line) == kept + ELLIPSIS
        parts = clusters(cleaned(text))
        assert kept in {"".join(parts[:count]).rstrip() for count in range(len(parts))}


@given(texts, sizes, rooms)
def test_a_shortened_line_could_not_be_longer(text: str, size_px: int, room_px: int) -> None:
    line = fit(text, size_px, room_px, Fonts())
    if not line.runs or text_of(line) == cleaned(text):
        return
    parts = clusters(cleaned(text))
    kept = text_of(line).removesuffix(ELLIPSIS)
    longer = {"".join(parts[:count]).rstrip() for count in range(len(parts))}
    following = min((each for each in longer if len(each) > len(kept)), key=len, default=None)
    if following is not None:
        assert set_line(following + ELLIPSIS, size_px, Fonts()).width_px > room_px


@given(texts, sizes, rooms)
def test_wrapping_keeps_every_character_in_order(text: str, size_px: int, room_px: int) -> None:
    lines = wrap(text, size_px, room_px, Fonts())
    kept = "".join(text_of(line) for line in lines)
    assert kept.replace(" ", "") == cleaned(text).replace(" ", "")
    for line in lines:
        assert line.width_px <= room_px or len(clusters(text_of(line))) == 1


@given(texts, sizes, st.tuples(*[st.integers(0, 60)] * 4))
def test_no_pixel_outside_the_box_of_a_text_changes(
    text: str, size_px: int, box: tuple[int, int, int, int]
) -> None:
    image = Image.new("RGB", (100, 100), (1, 2, 3))
    rect = Rect(*box)
    draw_lines(image, rect, paragraph(text, rect, fonts=Fonts(), size_px=size_px))
    image.paste((1, 2, 3), (rect.x, rect.y, rect.right, rect.bottom))
    assert image.tobytes() == Image.new("RGB", (100, 100), (1, 2, 3)).tobytes()


@given(st.text(max_size=30), st.integers(1, 40), st.integers(1, 200))
def test_a_placeholder_of_any_size_keeps_its_label_inside(name: str, height: int, width: int) -> None:
    window = Window(Rect(3, 4, width, height), participant=Participant(name or "x"))
    picture = paint(Layout(Size(width + 8, height + 8), (window,)))
    picture.paste((0, 0, 0), (3, 4, 3 + width, 4 + height))
    assert picture.getbbox() is None


def test_a_window_sixteen_pixels_high_says_who_is_in_it() -> None:
    window = Window(Rect(0, 0, 90, 16), participant=Participant("somebody with a long name"))
    picture = paint(Layout(Size(90, 16), (window,))).convert("L").crop((1, 1, 89, 15))
    assert picture.getextrema()[1] > 200  # white letters

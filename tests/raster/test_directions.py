"""Right-to-left text in a line with text of the other direction."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutkit import grid
from layoutkit.raster.bidi import levels, mirrored, runs_right_to_left
from layoutkit.raster.fonts import Fonts
from layoutkit.raster.paint import paint
from layoutkit.raster.typeset import set_line


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("John Smith", "John Smith"),
        ("אבג דהו", "והד גבא"),
        ("אבג John Smith", "John Smith גבא"),
        ("John אבג דהו Smith", "John והד גבא Smith"),
        # A number runs from left to right, and stands where the letters before it put it.
        ("abc אבג 123 def", "abc 123 גבא def"),
        ("abc אבג 123 דהו def", "abc והד 123 גבא def"),
        ("אבג 123 abc", "abc 123 גבא"),
        ("abc 123 אבג", "abc 123 גבא"),
        ("אבג-abc-12.5-xyz", "abc-12.5-xyz-גבא"),
        ("אבג 12.5% דהו", "והד 12.5% גבא"),
        ("אבג 1,000-2,000", "1,000-2,000 גבא"),
        ("אבג ١٢٣ abc", "abc ١٢٣ גבא"),
        ("(אבג) [דהו]", "[והד] (גבא)"),
        ("user-7 (אבג)", "user-7 (גבא)"),
        ("אבג:screen", "screen:גבא"),
    ],
)
def test_a_line_is_drawn_as_unicode_orders_it(text: str, drawn: str) -> None:
    """Hebrew has no forms that depend on neighbours: the order of its letters is all there is to see."""
    line = set_line(text, 16, Fonts())
    shown = "".join(mirrored(run.text) if run.right_to_left else run.text for run in line.runs)
    assert shown == drawn


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Behind Arabic letters a hyphen joins no numbers; behind Hebrew ones it does.
        ("م 1-2", [1, 1, 2, 1, 2]),
        ("א 1-2", [1, 1, 2, 2, 2]),
        # A mark goes with its letter.
        ("אx\u0331ב", [1, 2, 2, 1]),
        ("אב  ", [1, 1, 1, 1]),
        ("a אב  ", [0, 0, 1, 1, 0, 0]),
    ],
)
def test_the_levels_of_numbers_marks_and_spaces_at_the_end(text: str, expected: list[int]) -> None:
    assert levels(text, runs_right_to_left(text)) == expected


@given(st.text("abאבج )(1 ́", max_size=20))
def test_a_line_keeps_every_character(text: str) -> None:
    assert len(levels(text, runs_right_to_left(text))) == len(text)
    drawn = "".join(run.text for run in set_line(text, 16, Fonts()).runs)
    assert sorted(drawn) == sorted(unicodedata.normalize("NFC", text))


def test_brackets_turn_round_with_the_text() -> None:
    assert mirrored("(אב)") == "(בא)"


def test_lone_joiners_take_no_room() -> None:
    assert set_line("\u200d", 20, Fonts()).width_px == 0
    assert set_line("a \u200d\ufe0fb", 20, Fonts()).width_px == set_line("a b", 20, Fonts()).width_px


def test_a_glyph_that_freetype_refuses_leaves_its_place_empty() -> None:
    assert paint(grid((320, 180), ["a\ufdfdb"])).size == (320, 180)

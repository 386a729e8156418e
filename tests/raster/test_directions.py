"""Right-to-left text in a line with text of the other direction."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutkit import grid
from layoutkit.raster.fonts import Fonts
from layoutkit.raster.paint import paint
from layoutkit.raster.script import directions, mirrored, runs_right_to_left
from layoutkit.raster.typeset import set_line


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("John Smith", [("John Smith", False)]),
        ("سلام عليكم", [("سلام عليكم", True)]),
        ("محمد John Smith", [("محمد ", True), ("John Smith", False)]),
        ("John سلام عليكم Smith", [("John ", False), ("سلام عليكم", True), (" Smith", False)]),
    ],
)
def test_neutral_characters_go_with_their_neighbours_else_with_the_line(
    text: str, pieces: list[tuple[str, bool]]
) -> None:
    assert directions(text, runs_right_to_left(text)) == pieces


@given(st.text("abאבج )(1 ́", max_size=20))
def test_a_line_keeps_every_character(text: str) -> None:
    kept = "".join(piece for piece, _ in directions(text, runs_right_to_left(text)))
    assert kept == text
    drawn = "".join(run.text for run in set_line(text, 16, Fonts()).runs)
    assert sorted(drawn) == sorted(unicodedata.normalize("NFC", text))


def test_brackets_turn_round_with_the_text() -> None:
    assert mirrored("(אב)") == "(בא)"


def test_lone_joiners_take_no_room() -> None:
    assert set_line("\u200d", 20, Fonts()).width_px == 0
    assert set_line("a \u200d\ufe0fb", 20, Fonts()).width_px == set_line("a b", 20, Fonts()).width_px


def test_a_glyph_that_freetype_refuses_leaves_its_place_empty() -> None:
    assert paint(grid((320, 180), ["a\ufdfdb"])).size == (320, 180)

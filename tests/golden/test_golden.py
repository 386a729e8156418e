"""Whole scenarios: the layout to the last field, the picture but for the edges of letters."""

import pytest
from PIL import Image

from tests.golden.scenario import FOLDER, as_json, made, names
from tests.pictures import differences, moved

MEAN_LEVELS = 0.5
"""Of 255, over the whole picture: versions of FreeType set the edges of letters differently."""


@pytest.mark.parametrize("name", names())
def test_a_scenario_comes_out_as_it_was_looked_at(name: str) -> None:
    layout, picture = made(name)
    assert as_json(layout) == (FOLDER / name / "layout.json").read_text()
    with Image.open(FOLDER / name / "picture.png") as kept:
        assert not moved(picture, kept)
        assert differences(picture, kept).mean() < MEAN_LEVELS

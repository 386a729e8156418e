"""Whole scenarios: the layout to the last field, the picture but for the edges of letters."""

import numpy as np
import pytest
from PIL import Image

from tests.golden.scenario import FOLDER, as_json, made, names

MEAN_LEVELS = 0.5
"""Versions of FreeType set the edges of letters differently; a window one pixel off exceeds this."""


@pytest.mark.parametrize("name", names())
def test_a_scenario_comes_out_as_it_was_looked_at(name: str) -> None:
    layout, picture = made(name)
    assert as_json(layout) == (FOLDER / name / "layout.json").read_text()
    with Image.open(FOLDER / name / "picture.png") as kept:
        assert picture.size == kept.size
        difference = np.abs(np.asarray(picture, np.int16) - np.asarray(kept, np.int16))
    assert difference.mean() < MEAN_LEVELS

"""`renders/` shows what the commands beside its pictures draw today."""

import re
from pathlib import Path

import pytest
from PIL import Image

from benchmarks.gallery import FOLDER, draw, index, pictures
from tests.pictures import differences, moved

MEAN_LEVELS = 1.0
"""Of 255, let pass over a whole picture: versions of FreeType set the edges of letters differently."""


@pytest.fixture(scope="module")
def redrawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("renders")
    draw(folder)
    return folder


@pytest.mark.parametrize("name", pictures())
def test_a_picture_is_up_to_date(redrawn: Path, name: str) -> None:
    with Image.open(redrawn / name) as now, Image.open(FOLDER / name) as kept:
        assert not moved(now, kept)
        assert differences(now, kept).mean() < MEAN_LEVELS


def test_the_list_is_up_to_date_and_nothing_else_lies_there() -> None:
    assert (FOLDER / "README.md").read_text() == index()
    assert {path.name for path in FOLDER.iterdir()} == {"README.md", *pictures()}


def test_the_readme_shows_pictures_that_are_there() -> None:
    readme = (FOLDER.parent / "README.md").read_text()
    shown = re.findall(r"\(renders/([^)]+)\)", readme)
    assert shown
    assert set(shown) <= {"README.md", *pictures()}

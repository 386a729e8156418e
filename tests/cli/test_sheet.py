"""`sheet` and `presets`."""

from pathlib import Path

import pytest
from PIL import Image

from layoutkit import Layout, Rect, Size, Window, presets
from layoutkit.cli.presets import sketch
from layoutkit.cli.sheet import parse_counts
from tests.cli.conftest import Run


def test_a_sheet_holds_every_count(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "sheet.png"
    answer = run("sheet", "grid", "--counts", "1-3,6", "--canvas", "160x90", "-o", target)
    assert (answer.code, answer.err) == (0, "")
    with Image.open(target) as sheet:
        # Four pictures of 160x90 in a row, 16 apart, below captions of 28 pixels.
        assert sheet.size == (16 + 4 * 176, 16 + 28 + 90 + 16)


@pytest.mark.parametrize(
    ("words", "centred"),
    [
        (["--counts", "3"], True),
        (["--counts", "3,16"], True),
        (["--counts", "3,17"], False),
        (["--counts", "3", "--service", "recording"], False),
    ],
)
def test_a_sheet_is_a_published_mix_s_as_far_as_that_goes(
    run: Run, tmp_path: Path, words: list[str], centred: bool
) -> None:
    """Publishing centres a grid's last row: of three windows the third has nothing on its left."""
    target = tmp_path / "sheet.png"
    assert run("sheet", "grid", *words, "--canvas", "160x90", "-o", target).code == 0
    with Image.open(target) as sheet:
        assert (sheet.getpixel((16 + 10, 16 + 28 + 80)) == (0, 0, 0)) is centred


def test_a_sheet_of_large_canvases_is_five_wide_and_fits_a_screen(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "sheet.png"
    assert run("sheet", "grid", "--counts", "1-6", "--canvas", "1920x1080", "-o", target).code == 0
    with Image.open(target) as sheet:
        assert sheet.size == (16 + 5 * (384 + 16), 16 + 2 * (28 + 216 + 16))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--counts", "1-30"], "--counts 1-30: not a range from 1 to 25"),
        (["--counts", "0"], "--counts 0: not a range from 1 to 25"),
        (["--counts", "9-3"], "--counts 9-3: not a range from 1 to 25"),
        (["--counts", "a"], "write numbers and ranges"),
        (["--counts", "20", "--service", "publish"], "publish shows at most 16 windows"),
        (["--canvas", "2x2"], "canvas 2x2 is too small"),
    ],
)
def test_a_mistake_gets_one_line(run: Run, tmp_path: Path, words: list[str], message: str) -> None:
    answer = run("sheet", "grid", *words, "-o", tmp_path / "x.png")
    assert answer.code == 2
    assert message in answer.err
    assert list(tmp_path.iterdir()) == []


def test_a_sheet_is_written_in_the_font_that_is_named(run: Run, tmp_path: Path) -> None:
    dejavu = Path("/usr/share/fonts/truetype/dejavu/DejaVuSerif-Bold.ttf")
    if not dejavu.is_file():
        pytest.skip("DejaVu is not installed")
    words = ["sheet", "grid", "--counts", "1-2", "--canvas", "160x90"]
    assert run(*words, "-o", tmp_path / "plain.png").code == 0
    assert run(*words, "--font", dejavu, "-o", tmp_path / "serif.png").code == 0
    assert (tmp_path / "plain.png").read_bytes() != (tmp_path / "serif.png").read_bytes()
    answer = run(*words, "--font", __file__, "-o", tmp_path / "x.png")
    assert (answer.code, answer.err) == (
        2,
        f"layoutkit: {__file__}: the file is no TrueType or OpenType font\n",
    )
    assert not (tmp_path / "x.png").exists()


def test_counts_are_numbers_and_ranges_without_repetition() -> None:
    assert parse_counts("3, 1-4,9") == [3, 1, 2, 4, 9]


def test_presets_are_listed_with_a_sketch(run: Run) -> None:
    answer = run("presets")
    assert answer.code == 0
    for name in presets.names():
        assert f"\n{name}: {presets.load(name).description}\n" in "\n" + answer.out


def test_a_sketch_shows_what_is_in_front() -> None:
    behind, front = Window(Rect(0, 0, 320, 90)), Window(Rect(160, 40, 160, 50), z_order=1)
    lines = sketch(Layout(Size(320, 90), (front, behind)))
    assert lines == ["2" * 32] * 4 + ["2" * 16 + "1" * 16] * 5

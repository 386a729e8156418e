"""Which font draws which character; the fonts are made here, so that every machine has the same."""

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont
from hypothesis import given
from hypothesis import strategies as st

from layoutkit.errors import SourceError
from layoutkit.raster import fonts as module
from layoutkit.raster.cmap import NotAFontError, read_cmaps
from layoutkit.raster.fonts import PILLOW, Fonts
from layoutkit.raster.typeset import set_line
from tests.cli.conftest import Run, run

__all__ = ["run"]

GREEK, KANA, HAN = "αβγ", "あいう", "漢字"

code_points = st.sets(st.characters(min_codepoint=0x20, exclude_categories=["Cs", "Cn"]).map(ord), min_size=1)
"""Of characters: U+FFFF, which closes the tables of every font, is none."""


def font(characters: str, name: str = "Test") -> TTFont:
    """A font in which each of the characters is a square."""
    builder = FontBuilder(1000, isTTF=True)
    glyphs = [f"glyph{number}" for number in range(len(characters))]
    builder.setupGlyphOrder([".notdef", *glyphs])
    builder.setupCharacterMap({ord(each): glyph for each, glyph in zip(characters, glyphs, strict=True)})
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for corner in ((100, 700), (800, 700), (800, 0)):
        pen.lineTo(corner)
    pen.closePath()
    square = pen.glyph()
    builder.setupGlyf(dict.fromkeys((".notdef", *glyphs), square))
    builder.setupHorizontalMetrics(dict.fromkeys((".notdef", *glyphs), (900, 100)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": name, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    return builder.font


def saved(path: Path, characters: str, name: str = "Test") -> Path:
    font(characters, name).save(path)
    return path


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Sequence[Path]], None]]:
    """Gives the machine these fonts and no others."""

    def have(paths: Sequence[Path]) -> None:
        monkeypatch.setattr(module, "system_fonts", lambda: tuple(paths))
        module._system_face.cache_clear()

    yield have
    module._system_face.cache_clear()


@given(code_points)
def test_the_characters_of_a_font_are_those_that_fonttools_reads(codes: set[int]) -> None:
    made, file = font("".join(map(chr, codes))), io.BytesIO()
    made.save(file)
    (cmap,) = read_cmaps(file)
    known = made.getBestCmap()
    near = {code + step for code in codes for step in (-1, 0, 1) if 0x20 <= code + step <= 0x10FFFF}
    assert {code for code in near if chr(code) in cmap} == near & known.keys()


def test_each_face_of_a_collection_has_its_own_characters(tmp_path: Path) -> None:
    path = tmp_path / "two.ttc"
    collection = TTCollection()
    collection.fonts = [font(GREEK), font(KANA)]
    collection.save(path)
    with path.open("rb") as file:
        greek, kana = read_cmaps(file)
    assert [("α" in each, "あ" in each) for each in (greek, kana)] == [(True, False), (False, True)]


def test_a_font_that_breaks_off_anywhere_is_told_or_read(tmp_path: Path) -> None:
    data = saved(tmp_path / "whole.ttf", GREEK + KANA).read_bytes()
    for size in range(len(data)):
        try:
            assert len(read_cmaps(io.BytesIO(data[:size]))) == 1
        except NotAFontError:
            continue


def test_a_font_is_found_by_what_it_covers(machine: Callable[[Sequence[Path]], None], tmp_path: Path) -> None:
    greek, kana = saved(tmp_path / "greek.ttf", GREEK), saved(tmp_path / "kana.ttf", KANA)
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(greek.read_bytes()[:200])
    machine([broken, tmp_path / "missing.ttf", greek, kana])
    fonts = Fonts()
    for text, path in ((GREEK, greek), (KANA, kana)):
        face = fonts.face(text)
        assert face is not None
        assert face.path == path
    assert fonts.face("αあ") is None
    assert [run.face.path for run in set_line("αあ", 20, fonts).runs] == [greek, kana]
    assert fonts.complaint() is None


def test_a_word_is_in_one_font_where_one_has_all_of_it(
    machine: Callable[[Sequence[Path]], None], tmp_path: Path
) -> None:
    some, whole = saved(tmp_path / "some.ttf", "α"), saved(tmp_path / "whole.ttf", GREEK)
    machine([some, whole])
    assert [run.face.path for run in set_line("αβγ", 20, Fonts()).runs] == [whole]
    assert [run.face.path for run in set_line("α", 20, Fonts()).runs] == [some]


def test_a_font_that_is_named_comes_first(machine: Callable[[Sequence[Path]], None], tmp_path: Path) -> None:
    own, other = saved(tmp_path / "own.ttf", "abα"), saved(tmp_path / "other.ttf", GREEK)
    machine([other])
    fonts = Fonts(own)
    paths = [face and face.path for face in map(fonts.face, ("ab", "α", "β", "c"))]
    assert paths == [own, own, other, None]


def test_letters_are_not_taken_from_a_font_for_chinese_where_another_has_them() -> None:
    names = ["NotoSansCJK-Regular.ttc", "DejaVuSans.ttf", "DejaVuSans-Bold.ttf"]
    found = sorted(map(Path, names), key=module._rank)
    assert [path.name for path in found] == [
        "DejaVuSans.ttf",
        "NotoSansCJK-Regular.ttc",
        "DejaVuSans-Bold.ttf",
    ]


def test_emoji_that_no_font_joins_fall_apart_without_their_joiners(
    machine: Callable[[Sequence[Path]], None], tmp_path: Path
) -> None:
    machine([saved(tmp_path / "man.ttf", "👨")])
    fonts = Fonts()
    line = set_line("a 👨\u200d👩\u200d👧", 20, fonts)
    assert "".join(run.text for run in line.runs) == "a 👨👩👧"
    assert line.text == "a 👨\u200d👩\u200d👧"
    assert fonts.missing == {"👩", "👧"}


def test_plain_ascii_looks_for_no_font(monkeypatch: pytest.MonkeyPatch) -> None:
    def look() -> tuple[Path, ...]:
        raise AssertionError("fonts were looked for")

    monkeypatch.setattr(module, "system_fonts", look)
    text = "".join(map(chr, range(0x20, 0x7F)))
    assert {run.face for run in set_line(text, 20, Fonts()).runs} == {PILLOW}


@pytest.mark.parametrize(
    ("text", "named", "package"),
    [
        ("漢字", "字 (U+5B57), 漢 (U+6F22)", "fonts-noto-cjk"),
        ("한", "한 (U+D55C)", "fonts-noto-cjk"),
        ("Ж", "Ж (U+0416)", "fonts-dejavu-core"),
        ("مر", "ر (U+0631), م (U+0645)", "fonts-noto-core"),
        ("😀", "😀 (U+1F600)", "fonts-noto-color-emoji"),
    ],
)
def test_what_no_font_has_is_told_with_what_to_install(
    text: str, named: str, package: str, machine: Callable[[Sequence[Path]], None]
) -> None:
    machine([])
    fonts = Fonts()
    set_line(f"a {text} b", 20, fonts)
    complaint = fonts.complaint()
    assert complaint is not None
    assert f"has {named}; install" in complaint
    assert f"apt install {package})" in complaint


def test_many_missing_characters_are_told_in_a_line(machine: Callable[[Sequence[Path]], None]) -> None:
    machine([])
    fonts = Fonts()
    set_line("".join(map(chr, range(0x4E00, 0x4E80))), 20, fonts)
    complaint = fonts.complaint() or ""
    assert "and 120 more" in complaint
    assert len(complaint) < 400


@pytest.mark.parametrize("content", [None, b"", b"no font", b"\x00\x01\x00\x00" + bytes(20)])
def test_a_named_font_that_is_none_is_refused(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "own.ttf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=r"own\.ttf: "):
        Fonts(path)


def test_a_preview_warns_of_what_no_font_has(
    machine: Callable[[Sequence[Path]], None], tmp_path: Path, run: Run
) -> None:
    machine([])
    target = tmp_path / "x.png"
    answer = run("preview", "grid", "--users", "山田,b", "-o", target)
    assert (answer.code, target.exists()) == (0, True)
    assert answer.err.startswith("layoutkit: warning: no font on this machine has 山 (U+5C71), 田 (U+7530);")
    own = saved(tmp_path / "own.ttf", HAN + "山田")
    assert run("preview", "grid", "--users", "山田,b", "--font", own, "-o", target).err == ""
    refused = run("preview", "grid", "--font", tmp_path / "none.ttf", "-o", target)
    assert (refused.code, refused.err.count("\n")) == (2, 1)

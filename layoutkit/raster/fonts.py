"""Which font draws which character.

Plain ASCII is drawn in the font that Pillow carries, so that it looks the same on every machine and no font
is looked for. For anything else the system's fonts are asked, in an order that prefers plain sans faces.
"""

import os
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from layoutkit.errors import SourceError
from layoutkit.raster.cmap import CharacterMap, NotAFontError, read_cmaps
from layoutkit.raster.script import is_joiner

_SUFFIXES = {".ttf", ".otf", ".ttc", ".otc"}
_STYLE = re.compile(
    "bold|italic|oblique|light|thin|black|medium|heavy|semi|extra|condensed|narrow|mono|serif|math|symbol"
)
"""Each of these in a file's name makes it a worse choice for plain text."""

_STRIKES_PX = (109, 160, 136, 128, 96, 64, 52, 48, 40, 32, 20)
"""Sizes that colour fonts made of bitmaps come in: Noto Color Emoji 109, Apple Color Emoji 160 and others."""

_PACKAGES = (
    (("CJK ", "HIRAGANA", "KATAKANA", "HANGUL", "FULLWIDTH", "IDEOGRAPHIC", "BOPOMOFO"), "fonts-noto-cjk"),
    (("LATIN", "GREEK", "CYRILLIC"), "fonts-dejavu-core"),
)
"""Beginnings of Unicode character names to the Debian package that has them."""


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a font file; `path` None is the font that Pillow carries."""

    path: Path | None = None
    index: int = 0


PILLOW = Face()


class Fonts:
    """The fonts of one picture, and what they turned out not to have.

    Attributes:
        missing: characters that were asked for and that no font has.

    Raises:
        SourceError: `path` is not a font file.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._own: list[tuple[Face, CharacterMap]] = []
        self.missing: set[str] = set()
        if path is not None:
            self._own = [(Face(path, index), cmap) for index, cmap in enumerate(_cmaps(path, required=True))][
                :1
            ]

    def face(self, text: str, *, around: str = "", color: bool = False) -> Face | None:
        """The face that has every character of `text`, or None.

        Args:
            text: what is to be drawn in one face.
            around: the text it stands in, which tells Chinese from Japanese and Korean.
            color: prefer an emoji font.
        """
        wanted = frozenset(character for character in text if not is_joiner(character))
        for face, cmap in self._own:
            if all(character in cmap for character in wanted):
                return face
        if all(" " <= character <= "~" for character in wanted) and not color:
            return PILLOW
        return _system_face(wanted, _language(around or text), color)

    def complaint(self) -> str | None:
        """One sentence naming the characters no font has, and what to install; None where all were found."""
        if not self.missing:
            return None
        characters = sorted(self.missing)
        named = ", ".join(f"{character} (U+{ord(character):04X})" for character in characters[:8])
        more = f" and {len(characters) - 8} more" if len(characters) > 8 else ""
        packages = " ".join(sorted({_package(character) for character in characters}))
        return (
            f"no font on this machine has {named}{more}; install one that has "
            f"(on Debian: apt install {packages}) or name one with --font"
        )


@lru_cache(maxsize=256)
def sized(face: Face, size_px: int) -> tuple[ImageFont.FreeTypeFont, float]:
    """A face at a size, and the factor its drawing is to be scaled by (1 save for bitmap fonts)."""
    if face.path is None:
        font = ImageFont.load_default(size_px)
        if not isinstance(font, ImageFont.FreeTypeFont):
            raise SourceError("this Pillow was built without FreeType and cannot draw text")
        # Kerning by raqm would move letters by a pixel on machines that have it.
        return font.font_variant(layout_engine=ImageFont.Layout.BASIC), 1.0
    try:
        return ImageFont.truetype(face.path, size_px, index=face.index), 1.0
    except OSError:
        for strike in _STRIKES_PX:
            try:
                return ImageFont.truetype(face.path, strike, index=face.index), size_px / strike
            except OSError:
                continue
    raise SourceError(f"{face.path}: Pillow cannot read this font")


@lru_cache(maxsize=4096)
def _system_face(wanted: frozenset[str], language: str, color: bool) -> Face | None:
    files = system_fonts()
    if color:
        files = tuple(sorted(files, key=lambda path: "emoji" not in path.name.lower()))
    for path in files:
        having = [
            Face(path, index)
            for index, cmap in enumerate(_cmaps(path))
            if all(character in cmap for character in wanted)
        ]
        if having:
            return _for_language(having, language)
    return None


@lru_cache(maxsize=1)
def system_fonts() -> tuple[Path, ...]:
    """The font files of this machine, plain sans faces first."""
    found = _from_fontconfig() or _from_folders()
    return tuple(sorted({path for path in found if path.suffix.lower() in _SUFFIXES}, key=_rank))


def _from_fontconfig() -> list[Path]:
    program = shutil.which("fc-list")
    if program is None:
        return []
    try:
        answer = subprocess.run(
            [program, "--format", "%{file}\n"], capture_output=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return [Path(os.fsdecode(line)) for line in answer.stdout.splitlines()]


def _from_folders() -> Iterable[Path]:
    home = Path.home()
    if sys.platform == "win32":
        folders = [Path(os.environ.get("WINDIR", "C:/Windows"), "Fonts")]
    elif sys.platform == "darwin":
        folders = [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    else:
        folders = [
            Path("/usr/share/fonts"),
            Path("/usr/local/share/fonts"),
            home / ".local/share/fonts",
            home / ".fonts",
        ]
    return [path for folder in folders if folder.is_dir() for path in folder.rglob("*")]


def _rank(path: Path) -> tuple[int, bool, bool, bool, str]:
    """Chinese and Japanese fonts have the letters of others too, but as wide as their own."""
    name = path.stem.lower()
    return len(_STYLE.findall(name)), "cjk" in name, "noto" not in name, "sans" not in name, str(path)


@lru_cache(maxsize=512)
def _cmaps(path: Path, *, required: bool = False) -> tuple[CharacterMap, ...]:
    if path.is_fifo():
        # Opening it would wait for a writer, and FreeType wants to read it again.
        raise SourceError(f"{path}: a pipe; name a font file")
    try:
        with path.open("rb") as file:
            return tuple(read_cmaps(file))
    except OSError as error:
        if required:
            raise SourceError(f"{path}: cannot read the font: {error.strerror}") from error
    except NotAFontError as error:
        if required:
            raise SourceError(f"{path}: {error}") from error
    return ()


def _for_language(faces: list[Face], language: str) -> Face:
    """Of several faces of one collection the one for the language, as `Noto Sans CJK SC`."""
    if len(faces) > 1:
        for face in faces:
            family = str(sized(face, 16)[0].getname()[0])
            if language in family.split() and "Mono" not in family:
                return face
    return faces[0]


def _language(text: str) -> str:
    """SC, JP or KR: kana are Japanese, hangul Korean, and han characters by themselves Chinese."""
    names = {unicodedata.name(character, "").split(" ")[0] for character in text if ord(character) > 0x1100}
    if names & {"HIRAGANA", "KATAKANA"}:
        return "JP"
    return "KR" if "HANGUL" in names else "SC"


def _package(character: str) -> str:
    name = unicodedata.name(character, "")
    for beginnings, package in _PACKAGES:
        if name.startswith(beginnings):
            return package
    return "fonts-noto-color-emoji" if unicodedata.category(character) == "So" else "fonts-noto-core"

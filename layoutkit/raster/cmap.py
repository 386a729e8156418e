"""Which characters a font file has, read from its `cmap` tables alone.

Pillow draws an empty box for a character a font lacks and does not say so. Layout of the tables: OpenType
specification 1.9, "cmap", subtable formats 4 (the Basic Multilingual Plane) and 12 (all of Unicode).
"""

import struct
from bisect import bisect_left
from dataclasses import dataclass
from typing import BinaryIO

MAX_FACES = 64
"""Faces read of one collection; the largest in use (Noto CJK) has 10."""

MAX_TABLE = 8_000_000
"""Bytes read of one `cmap`; the largest in use have about 0.6 million."""


class NotAFontError(Exception):
    """The file is no TrueType or OpenType font, or it is broken."""


@dataclass(frozen=True, slots=True)
class CharacterMap:
    """The characters of one face, as sorted, inclusive ranges of code points."""

    firsts: tuple[int, ...]
    lasts: tuple[int, ...]

    def __contains__(self, character: str) -> bool:
        code = ord(character)
        index = bisect_left(self.lasts, code)
        return index < len(self.lasts) and self.firsts[index] <= code


def read_cmaps(file: BinaryIO) -> list[CharacterMap]:
    """The character map of each face in a font file: one, or several of a collection (.ttc).

    Raises:
        NotAFontError: the file is not such a font or breaks off.
    """
    read: dict[tuple[int, int], CharacterMap] = {}
    try:
        places = [_place(file, offset) for offset in _face_offsets(file)]
        for start, length in dict.fromkeys(places):
            # The faces of a collection often share one table: Noto CJK's ten have five.
            read[start, length] = _best_map(_at(file, start, length))
        return [read[place] for place in places]
    except (struct.error, IndexError) as error:
        raise NotAFontError("the font breaks off or is damaged") from error


def _face_offsets(file: BinaryIO) -> tuple[int, ...]:
    tag = _at(file, 0, 4)
    if tag == b"ttcf":
        (count,) = struct.unpack(">L", _at(file, 8, 4))
        count = min(count, MAX_FACES)
        return struct.unpack(f">{count}L", _at(file, 12, 4 * count))
    if tag in {b"\x00\x01\x00\x00", b"OTTO", b"true"}:
        return (0,)
    raise NotAFontError("the file is no TrueType or OpenType font")


def _place(file: BinaryIO, offset: int) -> tuple[int, int]:
    """Where a face's `cmap` is and how long."""
    (tables,) = struct.unpack(">H", _at(file, offset + 4, 2))
    for tag, _, start, length in struct.iter_unpack(">4sLLL", _at(file, offset + 12, 16 * tables)):
        if tag == b"cmap":
            return start, min(length, MAX_TABLE)
    raise NotAFontError("the font has no character map")


def _best_map(table: bytes) -> CharacterMap:
    """The subtable with all of Unicode where there is one, else the one of the first plane."""
    (count,) = struct.unpack_from(">H", table, 2)
    by_format: dict[int, int] = {}
    for platform, encoding, offset in struct.iter_unpack(">HHL", table[4 : 4 + 8 * count]):
        if platform == 0 or (platform == 3 and encoding in {1, 10}):
            by_format.setdefault(struct.unpack_from(">H", table, offset)[0], offset)
    if 12 in by_format:
        ranges = _ranges_12(table, by_format[12])
    elif 4 in by_format:
        ranges = _ranges_4(table, by_format[4])
    else:
        ranges = []
    ranges.sort()
    return CharacterMap(tuple(first for first, _ in ranges), tuple(last for _, last in ranges))


def _ranges_12(table: bytes, offset: int) -> list[tuple[int, int]]:
    (count,) = struct.unpack_from(">L", table, offset + 12)
    groups = table[offset + 16 : offset + 16 + 12 * count]
    return [
        (first + (glyph == 0), last)
        for first, last, glyph in struct.iter_unpack(">LLL", groups[: len(groups) // 12 * 12])
    ]


def _ranges_4(table: bytes, offset: int) -> list[tuple[int, int]]:
    (segments,) = struct.unpack_from(">H", table, offset + 6)
    segments //= 2
    start = offset + 14
    lasts = struct.unpack_from(f">{segments}H", table, start)
    firsts = struct.unpack_from(f">{segments}H", table, start + 2 * segments + 2)
    deltas = struct.unpack_from(f">{segments}H", table, start + 4 * segments + 2)
    offsets_at = start + 6 * segments + 2
    offsets = struct.unpack_from(f">{segments}H", table, offsets_at)
    ranges = []
    for index, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
        if first == 0xFFFF or last < first:
            continue
        if offsets[index] == 0:
            # The glyph is code + delta modulo 65536: the missing glyph 0 at one code at most.
            hole = -deltas[index] & 0xFFFF
            pieces = [(first, hole - 1), (hole + 1, last)] if first <= hole <= last else [(first, last)]
            ranges += [piece for piece in pieces if piece[0] <= piece[1]]
            continue
        at = offsets_at + 2 * index + offsets[index]
        glyphs = struct.unpack_from(f">{last - first + 1}H", table, at)
        ranges += [(first + n, first + n) for n, glyph in enumerate(glyphs) if glyph]
    return ranges


def _at(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(length)

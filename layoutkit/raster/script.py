"""What Unicode says about text that is to be set: characters as readers see them, and words."""

import re
import unicodedata

_NOT_AT_START = frozenset("，。、！？：；）】》」』〉”’,.!?:;)]}%…")
"""Closing marks that no line starts with (simplified from JIS X 4051)."""


_LONE_JOINERS = re.compile("(^| )[\u200c\u200d\ufe00-\ufe0f]+")
"""Joiners and variation selectors with nothing before them to join: a font would draw a box for each."""


def clusters(text: str) -> list[str]:
    """The text cut where a reader sees one character end and the next begin.

    A base with its combining marks, an emoji with its modifiers or joined to others, a flag. (The cases of
    Unicode Standard Annex 29 that fonts show; Hangul is expected as whole syllables.)
    """
    parts: list[str] = []
    for character in text:
        if parts and _continues(parts[-1], character):
            parts[-1] += character
        else:
            parts.append(character)
    return parts


def _continues(before: str, character: str) -> bool:
    code = ord(character)
    if unicodedata.category(character) in {"Mn", "Me", "Mc"} or character in "\u200c\u200d":
        return True
    if 0x1F3FB <= code <= 0x1F3FF or 0xE0020 <= code <= 0xE007F:
        return True
    if before[-1] == "\u200d" and is_emoji(character):
        return True
    return _is_flag_half(character) and len(before) == 1 and _is_flag_half(before)


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def is_joiner(character: str) -> bool:
    """Joiners and variation selectors ask for a form of their neighbours and need no glyph themselves."""
    return (
        character in "\u200c\u200d"
        or "\ufe00" <= character <= "\ufe0f"
        or "\U000e0020" <= character <= "\U000e007f"
    )


def is_emoji(cluster: str) -> bool:
    """Whether a cluster is meant in colour: by its block, or because it asks for it (U+FE0F)."""
    return "\ufe0f" in cluster or 0x1F000 <= ord(cluster[0]) <= 0x1FAFF


def cleaned(text: str) -> str:
    """Line breaks and tabs as spaces; without control characters, and without directions set by hand."""
    text = unicodedata.normalize("NFC", text) if not text.isascii() else text
    spaced = (" " if character.isspace() else character for character in text)
    kept = "".join(
        character
        for character in spaced
        if unicodedata.category(character) not in {"Cc", "Cs"}
        and not "\u202a" <= character <= "\u202e"
        and not "\u2066" <= character <= "\u2069"
    )
    return kept if kept.isascii() else _LONE_JOINERS.sub(r"\1", kept)


def words_of(text: str) -> list[str]:
    """Pieces a line may be broken between, each with the spaces behind it."""
    words: list[str] = []
    for cluster in clusters(text):
        joined = words and not _may_break(words[-1], cluster)
        if joined:
            words[-1] += cluster
        else:
            words.append(cluster)
    return words


def _may_break(before: str, cluster: str) -> bool:
    """Whether a line may end between the two (simplified from Unicode Standard Annex 14)."""
    if cluster == " " or cluster in _NOT_AT_START:
        return False
    return before.endswith(" ") or _is_wide(before[-1]) or _is_wide(cluster[0])


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in {"W", "F"}

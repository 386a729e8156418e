"""Rules for texts that both dialects share: image URLs and room ids."""

import re
from collections.abc import Iterator
from typing import Final

from layoutkit.wire.rules import Finding, Path, brief

_ALLOWED: Final = re.compile(r"[0-9a-zA-Z\-._~:/?#\[\]@!&()*+,%=;|]*")
_CHINESE: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


def url_problems(
    url: object, suffixes: tuple[str, ...], path: Path, *, needs_suffix: bool = False
) -> Iterator[Finding]:
    """An image URL with a suffix or characters that the service does not take."""
    if not isinstance(url, str) or not url:
        return
    name = re.split(r"[?#]", url, maxsplit=1)[0].rpartition("/")[2]
    dot, suffix = name.rpartition(".")[1:]
    allowed = ", ".join(suffixes)
    if dot and suffix.lower() not in suffixes:
        yield Finding(path, "image-suffix", f"the suffix .{brief(suffix)} is none of {allowed}")
    elif not dot and needs_suffix:
        yield Finding(path, "image-suffix-missing", f"the URL does not end in a suffix: {allowed}")
    if _CHINESE.search(url):
        yield Finding(path, "url-chinese", f"{brief(url)} contains Chinese characters")
    elif not _ALLOWED.fullmatch(url):
        bad = next(character for character in url if not _ALLOWED.fullmatch(character))
        yield Finding(path, "url-characters", f"{bad!a} is not among the characters a URL may have")


def room_problems(room: object, path: Path, *, is_integer: bool) -> Iterator[Finding]:
    """An integer room id that is none."""
    if (
        is_integer
        and isinstance(room, str)
        and not (re.fullmatch(r"[0-9]{1,10}", room) and int(room) < 2**32)
    ):
        yield Finding(path, "room-id-form", f"{brief(room)!r} is not a 32-bit integer, as RoomIdType says")

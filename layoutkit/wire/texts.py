"""Rules for texts and ids: image URLs, room ids, applications and their regions."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from layoutkit.wire.rules import Finding, Path, brief

_ALLOWED: Final = re.compile(r"[0-9a-zA-Z\-._~:/?#\[\]@!&()*+,%=;|]*")
_CHINESE: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")

_CHINA: Final = ("ap-beijing", "ap-shanghai", "ap-guangzhou", "ap-hongkong")
_APP_REGIONS: Final = {"1400": _CHINA, "200": ("ap-singapore",), "400": ("ap-singapore",)}
"""First digits of an application's id to the regions for it (StartPublishCdnStream, precaution 7)."""


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
        and room
        and not (re.fullmatch(r"[0-9]{1,10}", room) and int(room) < 2**32)
    ):
        yield Finding(path, "room-id-form", f"{brief(room)!r} is not a 32-bit integer, as RoomIdType says")


def app_region_problems(body: Mapping[str, Any]) -> Iterator[Finding]:
    """A region that is not one for the application."""
    app, region = body.get("SdkAppId"), body.get("Region")
    if type(app) is not int or app >= 2**64 or not isinstance(region, str):
        return
    for start, regions in _APP_REGIONS.items():
        if str(app).startswith(start) and region not in regions:
            message = f"SdkAppId {app} begins with {start}, whose region is {' or '.join(regions)}"
            yield Finding(("Region",), "region-of-app", f"{message}, not {brief(region)}")

"""Layouts in the very form that the service sends, told without taking their JSON apart.

`VolumeLayout.parse` is what says whether a payload is a layout; what is plain here is one beyond doubt.
"""

import re
from functools import lru_cache

from layoutkit.geometry.limits import MAX_SIDE
from layoutkit.sei.limits import LAYOUT_TYPES, MAX_APP_DATA, MAX_REGIONS, MILLISECONDS_FROM

_NUMBER = r"(0|[1-9][0-9]{0,8})"
_TEXT = r'([^"\\\x00-\x1f]*)'
"""Characters that stand for themselves."""

_LAYOUT = re.compile(
    rf'\{{"app_data":"{_TEXT}","canvas":\{{"w":{_NUMBER},"h":{_NUMBER}\}},"regions":\[(?:\{{(.*)\}})?\],'
    rf'"ver":"{_TEXT}","ts":(0|[1-9][0-9]{{0,11}})\}}'
)
_REGION = re.compile(
    rf'"uid":"[^"\\\x00-\x1f]+","zorder":(?:{_NUMBER}),"volume":{_NUMBER},'
    rf'"x":{_NUMBER},"y":{_NUMBER},"w":{_NUMBER},"h":{_NUMBER}'
)
_MAX_REGION = 512
"""Characters of a region that is kept in mind; the service's user ids have 32 at most."""


def plain_text(payload_type: int, payload: bytes) -> str | None:
    """The text of a sound layout, exactly as `VolumeLayout.serialize` writes one with nothing escaped;
    None: any other message."""
    if payload_type not in LAYOUT_TYPES or not payload.startswith(b'{"app_data":"'):
        return None
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return None
    return text if _is_plain(text) else None


def _is_plain(text: str) -> bool:
    match = _LAYOUT.fullmatch(text)
    if match is None:
        return False
    app_data, w, h, regions, _, ts = match.groups()
    width, height = int(w), int(h)
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        return False
    if len(app_data) > MAX_APP_DATA or int(ts) >= MILLISECONDS_FROM:
        return False
    parts = regions.split("},{") if regions is not None else []
    if len(parts) > MAX_REGIONS:
        return False
    for part in parts:
        if len(part) > _MAX_REGION:
            return False
        right, bottom = _extent(part)
        if right > width or bottom > height:
            return False
    return True


@lru_cache(maxsize=4096)
def _extent(region: str) -> tuple[int, int]:
    """Right and bottom edge of a region; past every canvas where it is not in the plain form."""
    match = _REGION.fullmatch(region)
    if match is None:
        return _NOWHERE
    _, volume, x, y, w, h = map(int, match.groups())
    return (x + w, y + h) if w and h and volume <= 100 else _NOWHERE


_NOWHERE = (MAX_SIDE + 1, MAX_SIDE + 1)

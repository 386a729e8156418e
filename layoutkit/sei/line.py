"""The line of JSON that a row is printed as.

Where a payload is in the service's own form, it is the text of its layout as it stands: it has only to be
looked at, not taken apart and put together again. `row.to_row` is what every line says.
"""

import re
from binascii import b2a_base64
from functools import lru_cache

from layoutkit.geometry.limits import MAX_SIDE
from layoutkit.sei.limits import LAYOUT_TYPES, MAX_APP_DATA, MAX_REGIONS, MILLISECONDS_FROM
from layoutkit.sei.row import SeiMessage, to_row

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


def to_line(message: SeiMessage) -> bytes:
    """The row as one line of JSON in UTF-8, its newline included."""
    line = _plain_line(message)
    if line is not None:
        return line
    import json

    row = to_row(message)
    try:
        return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    except UnicodeEncodeError:  # half a surrogate pair, which a layout's JSON can spell as an escape
        return json.dumps(row, separators=(",", ":")).encode() + b"\n"


def _plain_line(message: SeiMessage) -> bytes | None:
    """The line of a message whose payload is a layout in the service's own form; None: any other."""
    if message.payload_type not in LAYOUT_TYPES or not message.payload.startswith(b'{"app_data":"'):
        return None
    try:
        text = message.payload.decode()
    except UnicodeDecodeError:
        return None
    if not _is_plain(text):
        return None
    data = b2a_base64(message.payload, newline=False).decode()
    # Nothing else in a plain text needs an escape in a string of JSON.
    quoted = text.replace('"', '\\"')
    return (
        f'{{"pts":{_number(message.pts_s)},"dts":{_number(message.dts_s)},'
        f'"index":{"null" if message.index is None else message.index},'
        f'"keyframe":{_truth(message.keyframe)},"type":{message.payload_type},"layout":{text},"uuid":null,'
        f'"text":"{quoted}","data":"{data}","nal":{message.nal},"message":{message.message},'
        f'"after_vcl":{_truth(message.after_vcl)},"discard":{_truth(message.discard)}}}\n'
    ).encode()


def _number(value: float | None) -> str:
    return "null" if value is None else repr(value)


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _is_plain(text: str) -> bool:
    """Whether a text is a sound layout exactly as `VolumeLayout.serialize` writes it."""
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

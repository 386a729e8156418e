"""The line of JSON that a row is printed as.

Where a payload is in the service's own form, it is the text of its layout as it stands: it has only to be
looked at, not taken apart and put together again. `row.to_row` is what every line says.
"""

from binascii import b2a_base64

from layoutkit.sei.plain_layout import plain_text
from layoutkit.sei.row import SeiMessage, to_row


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
    text = plain_text(message.payload_type, message.payload)
    if text is None:
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

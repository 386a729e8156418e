"""Rows of `sei read` as a schedule to write, and which payload types may be written."""

import base64
import sys
from collections.abc import Mapping
from fractions import Fraction

from layoutkit.errors import StreamError
from layoutkit.sei.limits import DEFAULT_TYPE
from layoutkit.sei.message import MAX_SEI_BYTES, USER_DATA_UNREGISTERED, Message, serialize
from layoutkit.sei.row import LAYOUT_TYPES, TIMESTAMP_TYPE, SeiMessage
from layoutkit.sei.schedule import Row, exactly
from layoutkit.sei.volume_layout import VolumeLayout

ASSIGNED = {
    128: "structure_of_pictures_info",
    129: "active_parameter_sets",
    130: "decoding_unit_info",
    131: "temporal_sub_layer_zero_idx",
    132: "decoded_picture_hash",
    133: "scalable_nesting",
    134: "region_refresh_info",
    136: "time_code",
    137: "mastering_display_colour_volume",
    142: "colour_remapping_info",
    144: "content_light_level_info",
    147: "alternative_transfer_characteristics",
    148: "ambient_viewing_environment",
    149: "content_colour_volume",
    150: "equirectangular_projection",
    154: "sphere_rotation",
    155: "regionwise_packing",
    156: "omni_viewport",
    165: "alpha_channel_info",
    176: "three_dimensional_reference_displays_info",
    177: "depth_representation_info",
    200: "sei_manifest",
    201: "sei_prefix_indication",
    202: "annotated_regions",
    205: "shutter_interval_info",
}
"""payloadType values from 100 on that H.264 D.1 or H.265 D.2 give to something else."""


_MAX_INDEX = (1 << 62) - 1
"""Highest number of a packet, far more than any file has; 64 bits hold it."""


def check_payload_type(payload_type: int) -> None:
    """Raise StreamError unless messages of that type may be written: 5, or 100 to 254 except 244."""
    if payload_type == TIMESTAMP_TYPE:
        raise StreamError(f"payload type {TIMESTAMP_TYPE} is taken: the service keeps it for timestamps")
    if payload_type != USER_DATA_UNREGISTERED and payload_type not in LAYOUT_TYPES:
        raise StreamError(f"payload type {payload_type} is neither 5 nor from 100 to 254")


def check_layout_type(payload_type: int) -> None:
    """Raise StreamError unless a layout may be sent under that type: 100 to 254 except 244."""
    check_payload_type(payload_type)
    if payload_type not in LAYOUT_TYPES:
        raise StreamError(f"a layout's payload type is from 100 to 254, not {payload_type}")


def uuid_bytes(text: str) -> bytes:
    """16 bytes from 32 hex digits, with or without hyphens; StreamError where it is none."""
    try:
        value = bytes.fromhex(text.replace("-", ""))
    except ValueError:
        value = b""
    if len(value) != 16:
        raise StreamError(f"UUID {text!r} is not 32 hex digits")
    return value


def row_of(thing: SeiMessage | Mapping[str, object]) -> Row:
    """A row of a schedule from what `sei read` gives: `data` wins over `text` over `layout`.

    Raises:
        StreamError: a key is missing or of the wrong kind, or the payload type may not be written.
    """
    if isinstance(thing, SeiMessage):
        check_payload_type(thing.payload_type)
        _check_index(thing.index)
        message = _short_enough(Message(thing.payload_type, thing.payload))
        return Row(message, _exactly(thing.pts_s), thing.index)
    type_ = thing.get("type", DEFAULT_TYPE)
    pts, index = thing.get("pts"), thing.get("index")
    if not isinstance(type_, int) or isinstance(type_, bool):
        raise StreamError(f"a row's type {type_!r} is not an integer")
    if pts is not None and (
        not isinstance(pts, int | float) or isinstance(pts, bool) or not abs(pts) <= sys.float_info.max
    ):
        raise StreamError(f"a row's pts {pts!r} is not a number of seconds")
    if index is not None and (not isinstance(index, int) or isinstance(index, bool)):
        raise StreamError(f"a row's index {index!r} is not an integer")
    _check_index(index)
    check_payload_type(type_)
    return Row(_short_enough(Message(type_, _payload(thing, type_))), _exactly(pts), index)


def _short_enough(message: Message) -> Message:
    """The message, if it can be written: whoever knows its row can say which it is, the writer cannot."""
    if len(message.payload) > MAX_SEI_BYTES // 2:  # emulation prevention adds half of them at most
        serialize([message])
    return message


def _check_index(index: int | None) -> None:
    if index is not None and not 0 <= index <= _MAX_INDEX:
        limit = "below 0" if index < 0 else f"above {_MAX_INDEX}"
        raise StreamError(f"a row's index {index} is {limit}")


def _exactly(seconds: float | None) -> Fraction | None:
    return None if seconds is None else exactly(seconds)


def _payload(row: Mapping[str, object], payload_type: int) -> bytes:
    has_uuid = payload_type == USER_DATA_UNREGISTERED
    if (data := row.get("data")) is not None:
        try:
            payload = base64.b64decode(_string("data", data), validate=True)
        except ValueError as error:
            raise StreamError(f"a row's data is not base64: {error}") from error
        if has_uuid and len(payload) < 16:
            raise StreamError(f"a row of type 5 holds {len(payload)} bytes; its UUID alone takes 16")
        return payload
    if (text := row.get("text")) is not None:
        uuid = row.get("uuid")
        if has_uuid and uuid is None:
            raise StreamError("a row of type 5 with a text needs a uuid")
        prefix = uuid_bytes(_string("uuid", uuid)) if has_uuid else b""
        try:
            return prefix + _string("text", text).encode()
        except UnicodeEncodeError as error:
            raise StreamError("a row's text holds half a surrogate pair, which no UTF-8 can carry") from error
    if (layout := row.get("layout")) is not None:
        check_layout_type(payload_type)
        return VolumeLayout.from_json(layout).serialize()
    raise StreamError("a row has none of data, text and layout: there is nothing to write")


def _string(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise StreamError(f"a row's {key} {value!r} is not a string")
    return value

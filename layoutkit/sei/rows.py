"""Rows of `sei read` as a schedule to write, and which payload types may be written."""

import base64
import binascii
from collections.abc import Mapping
from fractions import Fraction

from layoutkit.errors import StreamError
from layoutkit.sei.message import USER_DATA_UNREGISTERED, Message
from layoutkit.sei.row import LAYOUT_TYPES, TIMESTAMP_TYPE, SeiMessage
from layoutkit.sei.schedule import Row
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


def check_payload_type(payload_type: int) -> None:
    """Raise StreamError unless messages of that type may be written: 5, or 100 to 254 except 244."""
    if payload_type == TIMESTAMP_TYPE:
        raise StreamError(f"payload type {TIMESTAMP_TYPE} is taken: the service keeps it for timestamps")
    if payload_type != USER_DATA_UNREGISTERED and payload_type not in LAYOUT_TYPES:
        raise StreamError(f"payload type {payload_type} is neither 5 nor from 100 to 254")


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
        at = None if thing.pts_s is None else Fraction(thing.pts_s)
        return Row(Message(thing.payload_type, thing.payload), at, thing.index)
    type_ = thing.get("type", 100)
    pts, index = thing.get("pts"), thing.get("index")
    if not isinstance(type_, int) or isinstance(type_, bool):
        raise StreamError(f"a row's type {type_!r} is not an integer")
    if pts is not None and (not isinstance(pts, int | float) or isinstance(pts, bool)):
        raise StreamError(f"a row's pts {pts!r} is not a number of seconds")
    if index is not None and (not isinstance(index, int) or isinstance(index, bool)):
        raise StreamError(f"a row's index {index!r} is not an integer")
    check_payload_type(type_)
    return Row(Message(type_, _payload(thing, type_)), None if pts is None else Fraction(pts), index)


def _payload(row: Mapping[str, object], payload_type: int) -> bytes:
    if (data := row.get("data")) is not None:
        try:
            payload = base64.b64decode(str(data), validate=True)
        except binascii.Error as error:
            raise StreamError(f"a row's data is not base64: {error}") from error
        if payload_type == USER_DATA_UNREGISTERED and len(payload) < 16:
            raise StreamError(f"a row of type 5 holds {len(payload)} bytes; its UUID alone takes 16")
        return payload
    if (text := row.get("text")) is not None:
        prefix = b""
        if payload_type == USER_DATA_UNREGISTERED:
            prefix = uuid_bytes(str(row.get("uuid") or ""))
        return prefix + str(text).encode()
    if (layout := row.get("layout")) is not None:
        return VolumeLayout.from_json(layout).serialize()
    raise StreamError("a row has none of data, text and layout: there is nothing to write")

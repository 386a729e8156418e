"""One SEI message with its place in a recording, and the JSON row it is printed as.

Nothing here needs av: the readers that do without it start in a fraction of the time.
"""

from binascii import b2a_base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from layoutkit.errors import SourceError
from layoutkit.sei.limits import LAYOUT_TYPES as LAYOUT_TYPES
from layoutkit.sei.limits import TIMESTAMP_TYPE as TIMESTAMP_TYPE
from layoutkit.sei.limits import USER_DATA_UNREGISTERED

if TYPE_CHECKING:
    from layoutkit.sei.volume_layout import VolumeLayout

_UUID_BYTES = 16


@dataclass(frozen=True, slots=True)
class SeiMessage:
    """One SEI message and where it was found.

    Attributes:
        payload_type: payloadType, 100 for a volume layout unless the request said otherwise.
        payload: the whole payload, without emulation prevention, the UUID of type 5 included.
        pts_s: presentation time of its packet, seconds; None in raw streams and in extradata.
        dts_s: decoding time of its packet, seconds; None likewise.
        index: number of its video packet, from 0 in decode order; None in extradata.
        keyframe: whether the container flags the packet as a key frame.
        nal: number of its NAL unit in the packet (or in the extradata), from 0, every type counted.
        message: its number in the NAL unit, from 0.
        after_vcl: whether slice data stands before it in the packet.
        discard: whether an edit list trims the packet, so that a player shows nothing of it.
    """

    payload_type: int
    payload: bytes
    pts_s: float | None = None
    dts_s: float | None = None
    index: int | None = None
    keyframe: bool = False
    nal: int = 0
    message: int = 0
    after_vcl: bool = False
    discard: bool = False

    @property
    def uuid(self) -> str | None:
        """For type 5 the UUID as 32 lower-case hex digits, else None."""
        if self.payload_type != USER_DATA_UNREGISTERED or len(self.payload) < _UUID_BYTES:
            return None
        return self.payload[:_UUID_BYTES].hex()

    @property
    def text(self) -> str | None:
        """What follows the UUID, or for other types the whole payload, where it is UTF-8."""
        if self.payload_type != USER_DATA_UNREGISTERED:
            rest = self.payload
        elif len(self.payload) >= _UUID_BYTES:
            rest = self.payload[_UUID_BYTES:]
        else:
            return None
        try:
            return rest.decode()
        except UnicodeDecodeError:
            return None

    @property
    def layout(self) -> "VolumeLayout | None":
        """The volume layout, where the type can carry one and the payload is one."""
        from layoutkit.sei.volume_layout import VolumeLayout

        if self.payload_type not in LAYOUT_TYPES or not self.payload.lstrip().startswith((b"{", b"JSON{")):
            return None
        try:
            return VolumeLayout.parse(self.payload)
        except SourceError:
            return None


def seconds(ticks: int, numerator: int, denominator: int) -> float:
    """A timestamp in seconds: one rounding only, so that every reader prints the same digits."""
    return ticks * numerator / denominator


def to_row(message: SeiMessage) -> dict[str, object]:
    """The JSON row of a message; all keys are always there."""
    layout = message.layout
    return {
        "pts": message.pts_s,
        "dts": message.dts_s,
        "index": message.index,
        "keyframe": message.keyframe,
        "type": message.payload_type,
        "layout": None if layout is None else layout.to_json(),
        "uuid": message.uuid,
        "text": message.text,
        "data": b2a_base64(message.payload, newline=False).decode(),
        "nal": message.nal,
        "message": message.message,
        "after_vcl": message.after_vcl,
        "discard": message.discard,
    }


def layout_of(document: object) -> "VolumeLayout":
    """The volume layout of a decoded JSON document: a payload's own, or a row as `to_row` makes them.

    Raises:
        SourceError: neither, or a row without a layout; the message names every problem with its path.
    """
    from layoutkit.sei.volume_layout import VolumeLayout

    if isinstance(document, dict) and {"layout", "type", "data"} <= document.keys():
        if document["layout"] is None:
            raise SourceError(f"the SEI row of type {document['type']!r} carries no volume layout")
        return VolumeLayout.from_json(document["layout"])
    return VolumeLayout.from_json(document)

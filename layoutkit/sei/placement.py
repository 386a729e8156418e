"""Where in an access unit a SEI NAL unit goes, and how messages are taken out again: bytes in, edits out.

Everything is an `Edit` of the bytes at hand, so that what is not edited cannot change. The same edits serve a
packet that is muxed anew and a file that is copied around them.

Sources: H.264 7.4.1.2.3 (order of NAL units in an access unit), H.265 7.4.2.4.4.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from layoutkit.sei.message import Message, parse
from layoutkit.sei.nal import (
    HEADER_BYTES,
    SEI_TYPES,
    VCL_TYPES,
    Codec,
    Framing,
    NalHeader,
    join,
    nal_unit_type,
    spans,
)
from layoutkit.sei.packet import begins_with_code
from layoutkit.sei.rbsp import escape, unescape

H264_PREFIX_NAL = 14
"""nal_unit_type of the prefix NAL unit, which belongs to the slice right behind it (H.264 7.4.1.2.3)."""


@dataclass(frozen=True, slots=True)
class Edit:
    """`removed` bytes from `offset` on give way to `inserted`."""

    offset: int
    removed: int
    inserted: bytes

    @property
    def growth(self) -> int:
        """By how many bytes what is edited becomes longer."""
        return len(self.inserted) - self.removed

    def moved(self, by: int) -> "Edit":
        """The same edit where the bytes stand `by` further on, as a packet does in its file."""
        return Edit(self.offset + by, self.removed, self.inserted)


def offset_of(edit: Edit) -> int:
    """By which edits are put in order."""
    return edit.offset


def apply(data: bytes | memoryview, edits: Iterable[Edit]) -> bytes:
    """The bytes with the edits made, which stand in order of their offsets and do not overlap."""
    parts: list[bytes | memoryview] = []
    position = 0
    view = memoryview(data)
    for edit in edits:
        parts += [view[position : edit.offset], edit.inserted]
        position = edit.offset + edit.removed
    parts.append(view[position:])
    return b"".join(parts)


def merged(edits: Iterable[Edit]) -> list[Edit]:
    """Edits of one packet in the order of their offsets, those that touch as one."""
    found: list[Edit] = []
    for edit in sorted(edits, key=offset_of):
        if found and found[-1].offset + found[-1].removed == edit.offset:
            last = found.pop()
            edit = Edit(last.offset, last.removed + edit.removed, last.inserted + edit.inserted)
        found.append(edit)
    return found


class AccessUnit:
    """A packet's bytes and the NAL units in it, as many of them as can be walked.

    Every packet of a recording passes through here, so what is not always needed is found when asked for.
    """

    __slots__ = ("codec", "data", "framing", "spans", "types")

    def __init__(self, data: bytes | memoryview, codec: Codec, framing: Framing) -> None:
        """Find the NAL units; one that is cut off by the packet's end is not counted among them.

        Where the lengths that `framing` tells do not end at the packet's end, it may be Annex B all the same.
        """
        found, fault = spans(data, framing)
        if fault is not None and framing and begins_with_code(data):
            framing = 0
            found, fault = spans(data, framing)
        if fault is not None and framing and found and found[-1][0] - framing == fault.offset:
            found.pop()
        self.data = data
        self.codec: Codec = codec
        self.framing: Framing = framing
        self.spans = found
        self.types = [nal_unit_type(data[start], codec) for start, _ in found]

    @property
    def has_sei(self) -> bool:
        return not SEI_TYPES[self.codec].isdisjoint(self.types)

    @property
    def may_hold_json(self) -> bool:
        """Whether a volume layout can be among the SEI; a look that spares most packets the parsing."""
        return self.has_sei and any(b"{" in bytes(self.data[start:end]) for start, end in self._sei_spans())

    @property
    def first_slice(self) -> int | None:
        """Number of the base layer's first VCL NAL unit; without one a message waits for the next packet."""
        vcl = VCL_TYPES[self.codec]
        for number, type_ in enumerate(self.types):
            if type_ in vcl and (self.codec == "h264" or self._header(number).nuh_layer_id == 0):
                return number
        return None

    @property
    def insertion(self) -> int | None:
        """Offset of a new SEI NAL unit: right before the first slice and the prefix NAL units touching it.

        That is behind access unit delimiter, parameter sets and all SEI that is there, so a buffering period
        stays the first message of its access unit. None without a slice.
        """
        first = self.first_slice
        return None if first is None else self._start(self._behind_prefixes(first))

    @property
    def tail(self) -> int:
        """Offset of the prefix NAL units at the end, which belong to the next packet's slice; else the end.

        FFmpeg's parser cuts H.264 streams there.
        """
        place = self._behind_prefixes(len(self.spans))
        return self._start(place) if place < len(self.spans) else len(self.data)

    @property
    def temporal_id(self) -> int:
        """That of the first slice (H.265 7.4.2.2); 0 in H.264."""
        first = self.first_slice
        if self.codec == "h264" or first is None:
            return 0
        return max(0, self._header(first).nuh_temporal_id_plus1 - 1)

    def framed(self, nal: bytes) -> bytes:
        """A NAL unit as it stands in this packet: behind its length, or behind a start code of four bytes.

        Raises:
            StreamError: it is too long for the packet's length prefixes.
        """
        return join([nal], framing=self.framing)

    def messages(self) -> list[Message]:
        """All SEI messages that can be read, in order."""
        return [
            message
            for start, end in self._sei_spans()
            for message in parse(self.data[start:end], self.codec).messages
        ]

    def without(self, is_unwanted: Callable[[Message], bool]) -> list[Edit]:
        """The edits that take out exactly those messages.

        A NAL unit that held nothing else goes whole. In any other the header, the other messages and all
        that stands behind them, understood or not, stay as they are.
        """
        edits = []
        for start, end in self._sei_spans():
            number = self.spans.index((start, end))
            first, last = self._start(number), self._end(number)
            rest = nal_without(bytes(self.data[start:last]), self.codec, is_unwanted)
            if rest is None:
                continue
            if rest:
                edits.append(Edit(first, last - first, self.framed(rest)))
            else:
                first += self._zero_byte_to_keep(number)
                edits.append(Edit(first, last - first, b""))
        return edits

    def _sei_spans(self) -> list[tuple[int, int]]:
        sei = SEI_TYPES[self.codec]
        return [span for span, type_ in zip(self.spans, self.types, strict=True) if type_ in sei]

    def _header(self, number: int) -> NalHeader:
        start, end = self.spans[number]
        return NalHeader.parse(bytes(self.data[start : min(end, start + 2)]), self.codec) or NalHeader(0, 0)

    def _behind_prefixes(self, number: int) -> int:
        """The first of the prefix NAL units that touch unit `number` from before, or `number` itself."""
        while self.codec == "h264" and number and self.types[number - 1] == H264_PREFIX_NAL:
            number -= 1
        return number

    def _start(self, number: int) -> int:
        """Where the framing of a unit begins; in Annex B with the zero byte of a start code of four."""
        nal = self.spans[number][0]
        if self.framing:
            return nal - self.framing
        return nal - 4 if nal >= 4 and self.data[nal - 4] == 0 else nal - 3

    def _end(self, number: int) -> int:
        """Where the next unit's framing begins."""
        return self._start(number + 1) if number + 1 < len(self.spans) else self.spans[number][1]

    def _zero_byte_to_keep(self, number: int) -> int:
        """1 where the unit behind becomes the first and needs the four-byte start code (Annex B.1.2)."""
        if self.framing or number or len(self.spans) < 2:
            return 0
        return int(self.spans[0][0] - self._start(0) == 4 and self.spans[1][0] - self._start(1) == 3)


def nal_without(nal: bytes, codec: Codec, is_unwanted: Callable[[Message], bool]) -> bytes | None:
    """The NAL unit less those messages; empty where nothing is left, None where there is none of them."""
    parsed = parse(nal, codec)
    if not any(map(is_unwanted, parsed.messages)):
        return None
    if parsed.fault is None and all(map(is_unwanted, parsed.messages)):
        return b""
    header, rbsp = nal[: HEADER_BYTES[codec]], unescape(nal[HEADER_BYTES[codec] :])
    kept, position = [], 0
    for message in parsed.messages:
        end = position + _written_bytes(message)
        if not is_unwanted(message):
            kept.append(rbsp[position:end])
        position = end
    rest = rbsp[position:]
    # Zero bytes behind the trailing bits are no part of the RBSP (trailing_zero_8bits, B.1.2): not escaped.
    zeros = min(len(nal) - len(nal.rstrip(b"\x00")), len(rest) - len(rest.rstrip(b"\x00")))
    return header + escape(b"".join([*kept, rest[: len(rest) - zeros]])) + bytes(zeros)


def _written_bytes(message: Message) -> int:
    """Bytes a message takes in the RBSP: type and size in runs of FF, then the payload (7.3.2.3.1)."""
    return message.payload_type // 255 + len(message.payload) // 255 + 2 + len(message.payload)

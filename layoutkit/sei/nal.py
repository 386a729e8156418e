"""NAL units: their headers, and the two framings they come in.

Sources: H.264 7.3.1, Annex B and ISO/IEC 14496-15 5.3 (length prefixes); H.265 7.3.1.2, Annex B.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from struct import Struct
from typing import Literal, NamedTuple

from layoutkit.errors import StreamError

Codec = Literal["h264", "hevc"]
Framing = Literal[0, 1, 2, 3, 4]
"""Bytes of the length before each NAL unit; 0: start codes (Annex B). No file may have 3, and it is read all
the same."""

HEADER_BYTES: dict[Codec, int] = {"h264": 1, "hevc": 2}

FORBIDDEN_ZERO_BIT = 0x80
"""Of a header's first byte."""

H264_SEI = 6
HEVC_PREFIX_SEI = 39
HEVC_SUFFIX_SEI = 40

SEI_TYPES: dict[Codec, frozenset[int]] = {
    "h264": frozenset({H264_SEI}),
    "hevc": frozenset({HEVC_PREFIX_SEI, HEVC_SUFFIX_SEI}),
}
"""nal_unit_type of SEI (H.264 Table 7-1, H.265 Table 7-1)."""

VCL_TYPES: dict[Codec, range] = {"h264": range(1, 6), "hevc": range(32)}
"""nal_unit_type of slice data of the primary coded picture (same tables)."""

MAX_NAL_BYTES = 64 << 20
"""The most `split` holds of one NAL unit, so that a stream without a second start code does not fill the
memory; a picture of 8192x4320 without any compression has 53 MB."""

MAX_NALS = 1 << 16
"""The most NAL units that are read of one packet: both codecs allow some 600 slices a picture, and a crafted
packet of 64 MiB could hold 16 million NAL units."""

START_CODES = (b"\x00\x00\x01", b"\x00\x00\x00\x01")
"""What Annex B data begins with."""

_START_CODE = re.compile(rb"\x00\x00\x01")

_LENGTHS = {1: Struct(">B").unpack_from, 2: Struct(">H").unpack_from, 4: Struct(">I").unpack_from}
"""The quick way to read a length, by its bytes: every packet of some readers passes through here."""


class Fault(NamedTuple):
    """What is wrong with some bytes, and how far into them."""

    offset: int
    reason: str


class NalHeader(NamedTuple):
    """The header's fields under the standards' names; those of the other codec are 0."""

    forbidden_zero_bit: int
    nal_unit_type: int
    nal_ref_idc: int = 0
    nuh_layer_id: int = 0
    nuh_temporal_id_plus1: int = 0

    @classmethod
    def parse(cls, nal: bytes, codec: Codec) -> "NalHeader | None":
        """Read the header; None where the bytes do not hold one."""
        if len(nal) < HEADER_BYTES[codec]:
            return None
        first = nal[0]
        if codec == "h264":
            return cls(first >> 7, first & 0x1F, nal_ref_idc=first >> 5 & 3)
        second = nal[1]
        return cls(
            first >> 7,
            first >> 1 & 0x3F,
            nuh_layer_id=(first & 1) << 5 | second >> 3,
            nuh_temporal_id_plus1=second & 7,
        )

    def serialize(self, codec: Codec) -> bytes:
        """The header's one or two bytes; the inverse of `parse`."""
        if codec == "h264":
            return bytes([self.forbidden_zero_bit << 7 | self.nal_ref_idc << 5 | self.nal_unit_type])
        return bytes(
            [
                self.forbidden_zero_bit << 7 | self.nal_unit_type << 1 | self.nuh_layer_id >> 5,
                (self.nuh_layer_id & 0x1F) << 3 | self.nuh_temporal_id_plus1,
            ]
        )


def nal_unit_type(first_byte: int, codec: Codec) -> int:
    """The type told by a NAL unit's first byte; the cheap way for those who ask for nothing else."""
    return first_byte & 0x1F if codec == "h264" else first_byte >> 1 & 0x3F


def spans(
    data: bytes | memoryview, framing: Framing, *, limit: int | None = None
) -> tuple[list[tuple[int, int]], Fault | None]:
    """Start and end of each NAL unit in `data`, a whole packet, and what is wrong with the framing.

    In Annex B a span reaches to the next start code: the zero bytes that may stand before that are not taken
    away, since a NAL unit without trailing bits can end in a payload's own NUL. Length-prefixed data is
    never searched for start codes: a first NAL unit of 256 to 511 bytes begins with `00 00 01`.

    Args:
        limit: how many NAL units are looked at; any more are a fault.
    """
    if framing == 0:
        return _annex_b_spans(data, limit)
    found: list[tuple[int, int]] = []
    position, size = 0, len(data)
    unpack = _LENGTHS.get(framing)
    while position < size:
        if len(found) == limit:
            return found, _too_many(position, limit)
        start = position + framing
        if start > size:
            left = size - position
            return found, Fault(position, f"{left} bytes are left where a NAL unit's length takes {framing}")
        length = unpack(data, position)[0] if unpack else int.from_bytes(data[position:start], "big")
        end = start + length
        if end > size:
            fault = Fault(
                position, f"a NAL unit of {end - start} bytes exceeds the {size - start} bytes left"
            )
            # Its first bytes may still hold whole messages, as in the last packet of a file cut off.
            return [*found, (start, size)] if start < size else found, fault
        if end > start:
            found.append((start, end))
        position = end
    return found, None


def _too_many(position: int, limit: int) -> Fault:
    return Fault(position, f"more than {limit} NAL units in one packet")


def _annex_b_spans(data: bytes | memoryview, limit: int | None) -> tuple[list[tuple[int, int]], Fault | None]:
    matches = _START_CODE.finditer(data)
    codes = [match.start() for match in (matches if limit is None else islice(matches, limit + 1))]
    if not codes:
        return [], Fault(0, f"no start code in {len(data)} bytes") if len(data) else None
    if limit is not None and len(codes) > limit:
        found = [(code + 3, end) for code, end in pairwise(codes) if code + 3 < end]
        return found, _too_many(codes[-1], limit)
    ends = [*codes[1:], len(data)]
    found = [(code + 3, end) for code, end in zip(codes, ends, strict=True) if code + 3 < end]
    if any(data[: codes[0]]):
        return found, Fault(0, f"{codes[0]} bytes stand before the first start code")
    return found, None


def split(data: bytes | Iterable[bytes], *, framing: Framing = 0) -> Iterator[bytes]:
    """The NAL units of a byte stream, without start codes or lengths; how the bytes arrive is no matter.

    Args:
        data: the stream, whole or in pieces.
        framing: 0 for Annex B, else the bytes of each length prefix. In Annex B the zero bytes after a NAL
            unit are not its own (B.1.2), and what stands before the first start code is passed over.

    Raises:
        StreamError: a length-prefixed stream ends inside a NAL unit, or one exceeds `MAX_NAL_BYTES`.
    """
    pieces = (bytes(data),) if isinstance(data, bytes | bytearray | memoryview) else data
    return _split_start_codes(pieces) if framing == 0 else _split_lengths(pieces, framing)


def _split_start_codes(pieces: Iterable[bytes]) -> Iterator[bytes]:
    parts: list[bytes] | None = None
    held = 0
    rest = b""
    for piece in pieces:
        window = rest + piece
        position = 0
        for match in _START_CODE.finditer(window):
            if parts is not None:
                parts.append(window[position : match.start()])
                yield from _joined(parts)
            parts, held = [], 0
            position = match.end()
        # The last two bytes may belong to a start code that the next piece completes.
        cut = max(position, len(window) - 2)
        if parts is not None and cut > position:
            parts.append(window[position:cut])
            held += cut - position
            _check_size(held)
        rest = window[cut:]
    if parts is not None:
        yield from _joined([*parts, rest])


def _joined(parts: list[bytes]) -> Iterator[bytes]:
    nal = b"".join(parts).rstrip(b"\x00")
    if nal:
        yield nal


def _split_lengths(pieces: Iterable[bytes], framing: int) -> Iterator[bytes]:
    pending: list[bytes] = []
    held, needed, length = 0, framing, None
    for piece in pieces:
        pending.append(piece)
        held += len(piece)
        if held < needed:
            continue
        window, position = b"".join(pending), 0
        while held - position >= needed:
            taken = window[position : position + needed]
            position += needed
            if length is None:
                length = int.from_bytes(taken, "big")
                _check_size(length)
                needed = length
            else:
                if taken:
                    yield taken
                needed, length = framing, None
        pending, held = [window[position:]], held - position
    if held or length:
        raise StreamError(f"the stream ends {needed - held} bytes before the end of a NAL unit or its length")


def _check_size(size: int) -> None:
    if size > MAX_NAL_BYTES:
        raise StreamError(
            f"a NAL unit of {size} bytes or more exceeds the {MAX_NAL_BYTES} bytes that are held"
        )


def join(nals: Iterable[bytes], *, framing: Framing = 0) -> bytes:
    """NAL units as one stream, behind start codes of four bytes or their lengths; the inverse of `split`.

    Raises:
        StreamError: a NAL unit is too long for `framing` bytes of length, or empty.
    """
    parts: list[bytes] = []
    for nal in nals:
        if not nal:
            raise StreamError("an empty NAL unit cannot be written: it has no header")
        if framing and len(nal) >= 1 << 8 * framing:
            raise StreamError(f"a NAL unit of {len(nal)} bytes does not fit a length of {framing} bytes")
        parts += [len(nal).to_bytes(framing, "big") if framing else b"\x00\x00\x00\x01", bytes(nal)]
    return b"".join(parts)

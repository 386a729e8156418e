"""Emulation prevention: RBSP bytes to the bytes of a NAL unit (EBSP) and back.

Source: H.264 7.3.1 nal_unit() and 7.4.1, H.265 7.3.1.1: `00 00` is never followed by a byte of 0 to 3, other
than by emulation_prevention_three_byte.
"""

import re

_NEEDS_PREVENTION = re.compile(rb"\x00\x00(?=[\x00-\x03])")


def escape(rbsp: bytes) -> bytes:
    """The EBSP of an RBSP. One that ends in `00 00` gets a final `03` (7.4.1, cabac_zero_word)."""
    ebsp = _NEEDS_PREVENTION.sub(b"\x00\x00\x03", rbsp)
    return ebsp + b"\x03" if ebsp.endswith(b"\x00\x00") else ebsp


def unescape(ebsp: bytes) -> bytes:
    """The RBSP of an EBSP; the inverse of `escape`, and total: any bytes have an RBSP."""
    return ebsp.replace(b"\x00\x00\x03", b"\x00\x00")


def ebsp_offset(ebsp: bytes, rbsp_offset: int) -> int:
    """Where in `ebsp` the byte stands that `unescape(ebsp)` has at `rbsp_offset`; the end's is the end's."""
    removed = 0
    found = ebsp.find(b"\x00\x00\x03")
    while found >= 0 and found + 2 - removed <= rbsp_offset:
        removed += 1
        found = ebsp.find(b"\x00\x00\x03", found + 3)
    return rbsp_offset + removed

"""FLV: the sizes that have to change where tags grow or shrink. Bytes in, edits out.

Source: Adobe Flash Video File Format Specification 10.1, annex E.
"""

import struct
from bisect import bisect_left
from collections.abc import Iterator

from layoutkit.sei.file_bytes import FileBytes, unpack
from layoutkit.sei.near import HasNumbers
from layoutkit.sei.placement import Edit, offset_of
from layoutkit.sei.unpatchable import Unpatchable

_TAG_HEADER_BYTES = 11
_SCRIPT = 18
_MAX_DATA_SIZE = 0xFFFFFF


def fixups(data: FileBytes | bytes, offsets: HasNumbers, growths: HasNumbers) -> Iterator[Edit]:
    """The edits of tag sizes, and of file positions in onMetaData, that edits of video tags ask for.

    They come in the order of their offsets.

    Args:
        offsets, growths: of the edits, as `Edits` has them.

    Raises:
        Unpatchable: the tags cannot be followed to the last edit, or one outgrows its size field.
    """
    try:
        (position,) = unpack(data, ">I", 5)
        position += 4  # PreviousTagSize0
        done = 0
        while position + _TAG_HEADER_BYTES <= len(data):
            kind, high, low = unpack(data, ">BBH", position)
            size = high << 16 | low
            end = position + _TAG_HEADER_BYTES + size
            found = []
            if kind & 0x1F == _SCRIPT:
                found = _metadata(data, position, min(end, len(data)), offsets, growths)
            if done < len(offsets) and offsets[done] < end:
                first = done
                while done < len(offsets) and offsets[done] < end:
                    done += 1
                new = size + growths[done] - growths[first]
                if not 0 <= new <= _MAX_DATA_SIZE:
                    raise Unpatchable(f"a tag of {new} bytes")
                found.append(Edit(position + 1, 3, new.to_bytes(3, "big")))
                if end + 4 <= len(data):
                    found.append(Edit(end, 4, struct.pack(">I", new + _TAG_HEADER_BYTES)))
            yield from sorted(found, key=offset_of)
            position = end + 4
    except struct.error as error:
        raise Unpatchable(str(error)) from error
    if done != len(offsets):
        raise Unpatchable("an edit is in no tag")


def _metadata(
    data: FileBytes | bytes, start: int, end: int, offsets: HasNumbers, growths: HasNumbers
) -> list[Edit]:
    """File positions of key frames, and the file's size, where onMetaData has them (as AMF0 doubles)."""
    script = data[start:end]
    made = []

    def fix(at: int, *, is_total: bool = False) -> None:
        if at + 9 > len(script) or script[at] != 0:
            return
        (old,) = struct.unpack_from(">d", script, at + 1)
        moved = old + (growths[-1] if is_total else growths[bisect_left(offsets, old)])
        made.append(Edit(start + at + 1, 8, struct.pack(">d", moved)))

    if (at := script.find(b"\x00\x08filesize")) >= 0:
        fix(at + 10, is_total=True)
    if (at := script.find(b"\x00\x0dfilepositions\x0a")) >= 0 and at + 20 <= len(script):
        (count,) = struct.unpack_from(">I", script, at + 16)
        for number in range(min(count, (len(script) - at - 20) // 9)):
            fix(at + 20 + 9 * number)
    return made

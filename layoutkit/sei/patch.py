"""A file copied around the edits of its video packets: other bytes stay, but for sizes.

A home of av, for the type of its packets.
"""

from __future__ import annotations  # av.Packet is generic in its stubs only

from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, BinaryIO, Self

from av.packet import Packet

from layoutkit.sei import flv, mp4
from layoutkit.sei.placement import Edit
from layoutkit.sei.remux import RAW, is_same_container

_PIECE = 1 << 18
"""Bytes copied at once, through one buffer that stays in the processor's cache."""

_FLV_HEADERS_BYTES = 16
"""From a tag's start, which is the packet's `pos`, to the packet: tag header 11, then codec, packet type and
composition time, 5 (annex E.4.3)."""


def can_patch(source: Path, source_format: str, target_format: str) -> bool:
    """Whether a recording of that demuxer keeps its container by being copied around the edits."""
    if not source.is_file() or not is_same_container(source_format, target_format):
        return False
    if target_format in {"mp4", "mov"}:
        with source.open("rb") as file:
            return mp4.is_quicktime(file.read(12)) == (target_format == "mov")
    return source_format in RAW or source_format == "flv"


class Patch:
    """Collects the edits of a file's packets by where the packets stand in it."""

    def __init__(self, source: Path, target_format: str) -> None:
        self._format = target_format
        self._file = source.open("rb", buffering=0)
        self._edits: dict[int, Edit] = {}
        self._is_possible = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, packet: Packet[Any], edits: list[Edit]) -> None:
        """Take the edits of one packet."""
        if not edits:
            return
        position = (packet.pos or 0) + (_FLV_HEADERS_BYTES if self._format == "flv" else 0)
        if packet.pos is None or not self._stands_at(packet, position):
            self._is_possible = False
            return
        for edit in edits:
            self._edits[position + edit.offset] = edit.moved(position)

    def finish(self, target: Path) -> bool:
        """Write the copy; False, and nothing written, where a packet is not found in the file as it is."""
        if not self._is_possible:
            return False
        edits = sorted(self._edits.values(), key=_offset)
        try:
            edits = sorted([*edits, *self._fixups(edits)], key=_offset)
        except mp4.Unpatchable:
            return False
        with target.open("wb", buffering=_PIECE) as output:
            _copy(self._file, output, edits)
        return True

    def _fixups(self, edits: list[Edit]) -> list[Edit]:
        """What the container's tables ask for."""
        if self._format in RAW or not edits:
            return []
        with mmap(self._file.fileno(), 0, access=ACCESS_READ) as data:
            return flv.fixups(data, edits) if self._format == "flv" else mp4.fixups(data, edits)

    def _stands_at(self, packet: Packet[Any], position: int) -> bool:
        self._file.seek(position)
        return self._file.read(packet.size) == memoryview(packet)


def _offset(edit: Edit) -> int:
    return edit.offset


def _copy(source: BinaryIO, target: BinaryIO, edits: list[Edit]) -> None:
    buffer = memoryview(bytearray(_PIECE))
    position = 0
    source.seek(0)
    for edit in edits:
        _copy_bytes(source, target, edit.offset - position, buffer)
        target.write(edit.inserted)
        position = edit.offset + edit.removed
        source.seek(position)
    _copy_bytes(source, target, None, buffer)


def _copy_bytes(source: BinaryIO, target: BinaryIO, count: int | None, buffer: memoryview) -> None:
    """Copy so many bytes, or all that are left."""
    while count is None or count > 0:
        piece = buffer if count is None or count > len(buffer) else buffer[:count]
        size = source.readinto(piece)  # type: ignore[attr-defined]
        if not size:
            return
        target.write(piece[:size])
        count = None if count is None else count - size

"""A file copied around the edits of its video packets: all other bytes stay as they are.

A home of av, for the type of its packets.
"""

from __future__ import annotations  # av.Packet is generic in its stubs only

from pathlib import Path
from typing import Any, BinaryIO

from av.packet import Packet

from layoutkit.sei.placement import Edit
from layoutkit.sei.remux import RAW, is_same_container

_CHUNK = 1 << 20


def can_patch(source_format: str, target_format: str) -> bool:
    """Whether a recording of that demuxer keeps its container by being copied around the edits."""
    return source_format in RAW and is_same_container(source_format, target_format)


class Patch:
    """Collects the edits of a file's packets by where the packets stand in it."""

    def __init__(self, source: Path) -> None:
        self._source = source
        self._file = source.open("rb")
        self._edits: dict[int, Edit] = {}
        self._is_possible = True

    def write(self, packet: Packet[Any], edits: list[Edit]) -> None:
        """Take the edits of one packet."""
        if not edits:
            return
        if packet.pos is None or not self._stands_at(packet, packet.pos):
            self._is_possible = False
            return
        for edit in edits:
            self._edits[packet.pos + edit.offset] = edit.moved(packet.pos)

    def finish(self, target: Path) -> bool:
        """Write the copy; False, and nothing written, where a packet is not found in the file as it is."""
        with self._file:
            if not self._is_possible:
                return False
            with target.open("wb") as output:
                _copy(self._file, output, sorted(self._edits.values(), key=lambda edit: edit.offset))
        return True

    def _stands_at(self, packet: Packet[Any], position: int) -> bool:
        self._file.seek(position)
        return self._file.read(packet.size) == memoryview(packet)


def _copy(source: BinaryIO, target: BinaryIO, edits: list[Edit]) -> None:
    position = 0
    source.seek(0)
    for edit in edits:
        _copy_bytes(source, target, edit.offset - position)
        target.write(edit.inserted)
        position = edit.offset + edit.removed
        source.seek(position)
    _copy_bytes(source, target, None)


def _copy_bytes(source: BinaryIO, target: BinaryIO, count: int | None) -> None:
    """Copy so many bytes, or all that are left."""
    while count is None or count > 0:
        piece = source.read(_CHUNK if count is None else min(count, _CHUNK))
        if not piece:
            return
        target.write(piece)
        count = None if count is None else count - len(piece)

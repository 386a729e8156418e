"""A file copied around the edits of its video packets: other bytes stay, but for sizes."""

from collections.abc import Callable, Iterable
from heapq import merge
from pathlib import Path
from typing import BinaryIO

from layoutkit.sei import flv, mp4
from layoutkit.sei.edits import Edits
from layoutkit.sei.file_bytes import FileBytes
from layoutkit.sei.formats import RAW, is_same_container
from layoutkit.sei.message import Message
from layoutkit.sei.mp4_boxes import is_quicktime
from layoutkit.sei.mp4_description import CONFIGURATIONS, configurations
from layoutkit.sei.nal import Codec
from layoutkit.sei.packet import read_extradata
from layoutkit.sei.placement import Edit, offset_of
from layoutkit.sei.unpatchable import Unpatchable

_PIECE = 1 << 18
"""Bytes copied at once, through one buffer that stays in the processor's cache."""


def can_patch(source: Path, source_format: str, target_format: str) -> bool:
    """Whether a recording of that demuxer keeps its container by being copied around the edits."""
    if not source.is_file() or not is_same_container(source_format, target_format):
        return False
    if target_format in {"mp4", "mov"}:
        with source.open("rb") as file:
            return is_quicktime(file.read(12)) == (target_format == "mov")
    return source_format in RAW or source_format == "flv"


def description_edits(
    source: Path,
    target_format: str,
    track_id: int,
    extradata: bytes,
    codec: Codec,
    removals: Callable[[bytes, Codec], list[Edit]],
) -> list[Edit]:
    """What goes out of all that describes a track, by places in the file.

    Args:
        track_id: that of MP4 and MOV.
        extradata: what the recording's reader has of it, avcC or hvcC; it may have put several into one.
        removals: what goes out of one.

    Raises:
        Unpatchable: something does, but where it stands is not known.
    """
    edits: list[Edit] = []
    found: set[Message] = set()
    if target_format in {"mp4", "mov"}:
        with source.open("rb", buffering=0) as file:
            for box in configurations(file, track_id):
                box_codec, before = CONFIGURATIONS[box.kind]
                file.seek(box.body)
                content = before + file.read(box.end - box.body)
                place = box.body - len(before)
                edits += [edit.moved(place) for edit in removals(content, box_codec)]
                found |= _messages(content, box_codec)
    if not _messages(extradata, codec) <= found and removals(extradata, codec):
        raise Unpatchable("a description whose place is not known")
    return edits


def _messages(extradata: bytes, codec: Codec) -> set[Message]:
    return {each.message for each in read_extradata(extradata, codec)[0]}


def write_patched(source: Path, target: Path, target_format: str, edits: Edits) -> None:
    """Copy a recording around the edits, whose offsets count from the file's start.

    Args:
        target: an empty file.

    Raises:
        Unpatchable: the container's tables cannot follow; the file is empty again.
    """
    # Not "wb": a file system may take a file that was cut off for one that has to be on the disk when it is
    # closed (ext4's auto_da_alloc), and then closing takes as long as all the rest.
    with (
        source.open("rb", buffering=0) as file,
        source.open("rb", buffering=0) as looked_at,
        target.open("r+b") as output,
    ):
        try:
            _copy(file, output, merge(edits, _fixups(looked_at, target_format, edits), key=offset_of))
        except Unpatchable:
            output.seek(0)
            output.truncate()
            raise


def _fixups(file: BinaryIO, target_format: str, edits: Edits) -> Iterable[Edit]:
    """What the container's tables ask for, found as the copy gets there: it is as much as the edits."""
    if target_format in RAW or not edits:
        return ()
    fixups = flv.fixups if target_format == "flv" else mp4.fixups
    return fixups(FileBytes(file), edits.offsets, edits.growths)


def _copy(source: BinaryIO, target: BinaryIO, edits: Iterable[Edit]) -> None:
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

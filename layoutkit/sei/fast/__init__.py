"""Fast readers of local recordings, one a container; none needs FFmpeg, and numpy only those of MPEG-TS
and of playlists of it.

Each looks at the bytes that matter and at nothing else. The general reader is the judge of what is right: a
fast one yields what that would, in the same order, and at the first thing it does not understand, or that
there would be something to say about, it gives way. The general reader then goes on behind the last row.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterator
from importlib import import_module
from typing import Protocol, cast

from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.local import LocalFile
from layoutkit.sei.nal import START_CODES
from layoutkit.sei.report import Report
from layoutkit.sei.row import SeiMessage

_HEAD_BYTES = 1024
"""Bytes by which a container is told."""

_RAW_SUFFIXES = (".264", ".h264", ".avc", ".265", ".h265", ".hevc")

_CONTAINERS: dict[str, Callable[[str, bytes], bool]] = {
    "mp4": lambda path, head: head[4:8] == b"ftyp",
    "flv": lambda path, head: head.startswith(b"FLV\x01"),
    "ts": lambda path, head: head.startswith(b"\x47") and set(head[::188]) == {0x47},
    "hls": lambda path, head: head.startswith(b"#EXTM3U"),
    "raw": lambda path, head: path.lower().endswith(_RAW_SUFFIXES) and head.startswith(START_CODES),
}
"""Module of this package to whether it is the one for a file of that name that begins with those bytes."""


class Reader(Protocol):
    """A module of this package that reads one container."""

    def messages(self, file: LocalFile, types: Container[int] | None, report: Report) -> Iterator[SeiMessage]:
        """The messages of the only video track, in decode order.

        Those of types that are not wanted may come as well, and are counted here; where the reader passes
        over one, it counts it in `report.seen[0]` itself. It sets `report.codecs[0]` before the first message
        and keeps `report.packets` and `report.position` up to date; notes and damage it has none, since it
        gives way to the reader that tells them.

        Raises:
            GiveWay: at the first thing that it does not understand.
        """


def reader_for(path: str, head: bytes) -> Reader | None:
    """The module that reads a file that begins with `head`; None: there is no fast way."""
    for name, begins in _CONTAINERS.items():
        if begins(path, head):
            return cast(Reader, import_module(f"layoutkit.sei.fast.{name}"))
    return None


def read_fast(path: str, types: Container[int] | None, report: Report) -> Iterator[SeiMessage]:
    """Rows in decode order, up to where the file stops being simple, if it does.

    Raises:
        GiveWay: the rows so far are right, and the general reader has to give the others; `report` is as it
            was before.
        StreamError: the file got shorter while it was read.
    """
    try:
        opened = LocalFile(path)
    except OSError as error:
        raise GiveWay(str(error)) from error
    with opened as file:
        seen = report.seen.setdefault(0, Counter())
        try:
            reader = reader_for(path, file.read(0, min(file.size, _HEAD_BYTES)))
            if reader is None:
                raise GiveWay("a container that has no fast reader")
            for row in reader.messages(file, types, report):
                seen[row.payload_type] += 1
                if types is None or row.payload_type in types:
                    yield row
        except (GiveWay, OSError) as reason:
            report.seen.clear()
            report.codecs.clear()
            report.packets = report.position = 0
            file.check_size(path)
            raise GiveWay(str(reason)) from reason
        file.check_size(path)

"""HLS playlists of local segments of MPEG-TS: one after the other they are one transport stream.

So FFmpeg reads them, whatever the playlist says of their lengths. Source: RFC 8216 4.3, whose tags these are.
"""

import re
from bisect import bisect_right
from collections.abc import Container, Iterator
from itertools import accumulate
from pathlib import Path

from layoutkit.sei.fast import ts
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.local import PIECE, LocalFile
from layoutkit.sei.fast.program import PACKET_BYTES
from layoutkit.sei.playlist import MAX_PLAYLIST_BYTES
from layoutkit.sei.report import Report
from layoutkit.sei.row import SeiMessage

_FIRST_LINE, _LAST_LINE, _LENGTH = "#EXTM3U", "#EXT-X-ENDLIST", "#EXTINF:"

_TAG = re.compile(
    r"""\#EXT(?:
        INF:\d+(?:\.\d*)?(?:,.*)?
      | -X-(?:VERSION|TARGETDURATION|MEDIA-SEQUENCE):\d{1,18}
      | -X-PLAYLIST-TYPE:(?:VOD|EVENT)
      | -X-INDEPENDENT-SEGMENTS
      | -X-ALLOW-CACHE:(?:YES|NO)
    )""",
    re.VERBOSE | re.ASCII,
)
"""A line between the first and the last of a playlist of whole files in clear, without a discontinuity."""

_DATE = "#EXT-X-PROGRAM-DATE-TIME:"

_NAME = re.compile(r"[\w-][\w.-]*\.ts", re.ASCII)

_PLAIN_PATH = re.compile(r"/?(?:[\w-][\w.-]*/)*[\w-][\w.-]*")
"""One that FFmpeg takes as it is, where it makes up the segments' addresses from it."""


def messages(file: LocalFile, types: Container[int] | None, report: Report) -> Iterator[SeiMessage]:
    """The messages of the only video track (see `fast.Reader`)."""
    if file.size > MAX_PLAYLIST_BYTES or not _PLAIN_PATH.fullmatch(file.name):
        raise GiveWay("a playlist that is too long, or of an unusual name")
    folder = Path(file.name).parent
    names = _segments(file.read(0, file.size).decode(errors="replace"))
    yield from ts.rows(Segments([folder / name for name in names]), types, report)


def _segments(playlist: str) -> list[str]:
    """The names of the segments."""
    lines = [
        line for line in playlist.replace("\r\n", "\n").split("\n") if line and not line.startswith(_DATE)
    ]
    if len(lines) < 2 or lines[0] != _FIRST_LINE or lines[-1] != _LAST_LINE:
        raise GiveWay("a playlist without an end")
    names = []
    is_segment = False
    for line in lines[1:-1]:
        if not (_NAME if is_segment else _TAG).fullmatch(line):
            raise GiveWay("a playlist of other than whole segments beside it")
        if is_segment:
            names.append(line)
        is_segment = not is_segment and line.startswith(_LENGTH)
    if is_segment:
        raise GiveWay("a length without a segment")
    return names


class Segments:
    """Files as one.

    Attributes:
        size: bytes of all of them.
        buffer: what was read last.
    """

    def __init__(self, paths: list[Path]) -> None:
        self._paths = paths
        self._sizes = [path.stat().st_size for path in paths]
        if any(size % PACKET_BYTES for size in self._sizes):
            raise GiveWay("a segment whose last packet is cut off")
        self._ends = list(accumulate(self._sizes))
        self.size = sum(self._sizes)
        self.buffer = bytearray(PIECE)

    def read(self, start: int, size: int) -> bytes:
        """Bytes of their own, as `fill`."""
        self.fill(start, size)
        return bytes(self.buffer[:size])

    def fill(self, start: int, size: int) -> None:
        """Have `size` bytes from `start` on at the buffer's beginning.

        Raises:
            GiveWay: a segment got shorter.
        """
        if size > len(self.buffer):
            self.buffer = bytearray(size)
        view = memoryview(self.buffer)[:size]
        number = bisect_right(self._ends, start)
        while view:
            left = self._ends[number] - start
            part = view[:left]
            with self._paths[number].open("rb", buffering=0) as file:
                file.seek(self._sizes[number] - left)
                if file.readinto(part) != len(part):
                    raise GiveWay(f"{self._paths[number]} got shorter")
            view, start, number = view[left:], start + left, number + 1

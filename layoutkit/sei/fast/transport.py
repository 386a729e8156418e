"""The packets of a transport stream, many at a time and looked at by columns.

Source: ISO/IEC 13818-1 2.4.3.2 (packets) and 2.4.3.4 (adaptation fields), whose names the fields have here.
"""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.local import PIECE
from layoutkit.sei.fast.pes import read_headers, read_time
from layoutkit.sei.fast.program import PACKET_BYTES, PAT_PID, Sections, is_reserved

_CONTENT_BYTES = PACKET_BYTES - 4

_PACKET = np.dtype([("header", ">u4"), ("content", f"V{_CONTENT_BYTES}")])

_SYNC_BYTE = 0xFF00_0000
_TRANSPORT_ERROR_INDICATOR = 0x80_0000
_PAYLOAD_UNIT_START_INDICATOR = 0x40_0000
_PID = 0x1FFF00
_TRANSPORT_SCRAMBLING_CONTROL = 0xC0
_ADAPTATION_FIELD, _PAYLOAD = 0x20, 0x10
"""The two bits of adaptation_field_control."""

_CONTINUITY_COUNTER = 0x0F

_PCR_FLAG = 0x10
_PCR_BYTES = 7
"""Of an adaptation field with program_clock_reference, behind its length, at least."""

STRETCH = 16 * PIECE
"""Bytes that are looked at at once: enough that calling numpy a hundred times for them costs little."""

_MAX_STRETCH = 64 * PIECE
"""Bytes in which two PES packets of the video have to begin: no picture of a real recording has as many."""


class Packets(Protocol):
    """Where the packets are: a local file, or several one after the other; see `LocalFile`."""

    size: int
    buffer: bytearray

    def read(self, start: int, size: int) -> bytes: ...

    def fill(self, start: int, size: int) -> None: ...


class Stretch(NamedTuple):
    """Consecutive PES packets of the video, whole; good until the second one after it is asked for.

    Attributes:
        position: where in the file they begin.
        data: what they hold, with other bytes between one and the next; an even number.
        begins, ends: where in `data` that of each PES packet begins and ends.
        pts, dts: of each, ticks.
    """

    position: int
    data: NDArray[np.uint8]
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]
    pts: NDArray[np.int64]
    dts: NDArray[np.int64]


class Transport:
    """The only video track of a transport stream.

    Attributes:
        others_begin: ticks of the first PTS of each other track, and of the clock where FFmpeg takes its time
            for that of one, once the first stretch is there.
    """

    def __init__(self, file: Packets, sections: Sections) -> None:
        self._file = file
        self._sections = sections
        self._program = program = sections.program
        self.others_begin: list[int] = []
        self._is_named = np.zeros(1 << 13, bool)
        self._is_named[[pid for pid in range(1 << 13) if is_reserved(pid)]] = True
        self._is_named[[program.map, program.video, *program.others]] = True
        self._header = self._spare_header = np.empty(0, np.uint32)
        self._content = self._spare_content = np.empty(0, _PACKET["content"])

    def stretches(self) -> Iterator[Stretch]:
        """The file in pieces that end where a PES packet of the video does.

        Raises:
            GiveWay: a packet is scrambled, damaged, out of step or tells of another program; or a PES header
                is unusual. FFmpeg takes no notice of missing packets.
        """
        position, wanted = 0, STRETCH // PACKET_BYTES
        size = self._file.size - self._file.size % PACKET_BYTES
        while position < size:
            count = min(wanted, (size - position) // PACKET_BYTES)
            self._read(position, count)
            starts = self._unit_starts(count)
            if position + count * PACKET_BYTES < size:
                if len(starts) < 2:
                    if count >= _MAX_STRETCH // PACKET_BYTES:
                        raise GiveWay("a PES packet that is too large, or no video")
                    wanted = min(4 * count, _MAX_STRETCH // PACKET_BYTES)
                    continue
                count = int(starts[-1])
                starts = starts[:-1]
            if position == 0:
                self.others_begin = self._times_of_others(count)
            is_video = self._find_video(count)
            # FFmpeg passes over what comes before the first PES packet, too.
            if len(starts):
                yield self._stretch(position, int(starts[0]), is_video)
                # The next one is made while this one is looked at.
                self._header, self._spare_header = self._spare_header, self._header
                self._content, self._spare_content = self._spare_content, self._content
            position += count * PACKET_BYTES
            wanted = STRETCH // PACKET_BYTES

    def _read(self, position: int, count: int) -> None:
        """Have headers and contents of the packets from a position on apart, as columns."""
        if count > len(self._header):
            self._header = np.empty(count, np.uint32)
            self._content = np.empty(count, _PACKET["content"])
        # Little by little, while the bytes are in the processor's cache.
        step = PIECE // PACKET_BYTES
        for first in range(0, count, step):
            last = min(first + step, count)
            self._file.fill(position + first * PACKET_BYTES, (last - first) * PACKET_BYTES)
            packets = np.frombuffer(self._file.buffer, _PACKET, last - first)
            self._header[first:last] = packets["header"]
            self._content[first:last] = packets["content"]

    def _unit_starts(self, count: int) -> NDArray[np.int64]:
        """The packets in which a PES packet of the video begins; those with sections say what they always do.

        Raises:
            GiveWay: they are out of step or damaged, or tell of another program.
        """
        header = self._header[:count]
        if (header & (_SYNC_BYTE | _TRANSPORT_ERROR_INDICATOR) != 0x47 << 24).any():
            raise GiveWay("packets out of step, or one with transport_error_indicator")
        starts = np.flatnonzero(header & _PAYLOAD_UNIT_START_INDICATOR)
        pids = (header[starts] & _PID) >> 8
        if not self._is_named[pids].all():
            raise GiveWay("a PID that the program does not name")
        self._check_sections(starts[(pids == PAT_PID) | (pids == self._program.map)])
        # Of a packet with a clock alone FFmpeg does not mind the indicator.
        is_video = (pids == self._program.video) & (header[starts] & _PAYLOAD != 0)
        found: NDArray[np.int64] = starts[is_video]
        return found

    def _check_sections(self, packets: NDArray[np.int64]) -> None:
        """Make sure that the sections that begin in these packets tell of the same program."""
        controls = self._header[packets] & ~np.uint32(_CONTINUITY_COUNTER)
        contents = self._content[packets]
        for control in set(controls.tolist()):
            told = contents[controls == control]
            first = told[:1].tobytes()
            each = {first} if told.tobytes() == first * len(told) else set(told.tolist())
            self._sections.check({control.to_bytes(4, "big") + content for content in each})

    def _times_of_others(self, count: int) -> list[int]:
        """`others_begin` as far as these packets tell."""
        first: dict[int, int] = {}
        timed = self._program.others - self._program.cues
        unit_start = _PAYLOAD_UNIT_START_INDICATOR | _PAYLOAD
        for packet in np.flatnonzero(self._header[:count] & unit_start == unit_start).tolist():
            header = int(self._header[packet])
            pid = (header & _PID) >> 8
            if pid in timed and pid not in first:
                content = self._content[packet].tobytes()
                start = 1 + content[0] if header & _ADAPTATION_FIELD else 0
                time = read_time(content, start)
                if time is not None:
                    first[pid] = time
        return [*first.values(), *self._clock_begins(count)]

    def _clock_begins(self, count: int) -> list[int]:
        """The first program_clock_reference, ticks, where FFmpeg takes it for a time and there is one."""
        header = self._header[:count]
        is_clock = (header & _PID == (self._program.clock or 0) << 8) & (header & _ADAPTATION_FIELD != 0)
        fields = self._content[:count][is_clock].view(np.uint8).reshape(-1, _CONTENT_BYTES)
        told = fields[(fields[:, 0] >= _PCR_BYTES) & (fields[:, 1] & _PCR_FLAG != 0)][:1, 2:7].tobytes()
        # Behind the 33 bits of a clock of 90 kHz stand others, of a faster one.
        return [int.from_bytes(told, "big") >> 7] if self._program.clock is not None and told else []

    def _find_video(self, count: int) -> NDArray[np.bool_]:
        """Which packets carry payload of the video.

        Raises:
            GiveWay: one is scrambled, or says that it carries nothing at all.
        """
        header = self._header[:count]
        is_video: NDArray[np.bool_] = header & _PID == self._program.video << 8
        own = header[is_video]
        if (own & _TRANSPORT_SCRAMBLING_CONTROL).any() or not (own & (_ADAPTATION_FIELD | _PAYLOAD)).all():
            raise GiveWay("a scrambled packet, or one without anything")
        is_video[is_video] = own & _PAYLOAD != 0
        return is_video

    def _stretch(self, position: int, first: int, is_video: NDArray[np.bool_]) -> Stretch:
        """The PES packets that begin at the packet `first` and behind it."""
        is_video = is_video[first:]
        header = self._header[first : first + len(is_video)]
        content = self._content[first : first + len(is_video)].view(np.uint8)

        # Where the bytes of one PES packet do not simply go on; of other packets everything is skipped.
        has_more = header & (_PAYLOAD_UNIT_START_INDICATOR | _ADAPTATION_FIELD) != 0
        breaks = np.flatnonzero(has_more | ~is_video)
        header, is_video, places = header[breaks], is_video[breaks], breaks * _CONTENT_BYTES
        skipped = content[places].astype(np.int64) + 1
        skipped[header & _ADAPTATION_FIELD == 0] = 0
        skipped[~is_video] = _CONTENT_BYTES
        if (skipped > _CONTENT_BYTES).any():
            raise GiveWay("an adaptation field that is longer than its packet")
        opens = is_video & (header & _PAYLOAD_UNIT_START_INDICATOR != 0)
        headers = read_headers(content, (places + skipped)[opens], places[opens] + _CONTENT_BYTES)
        ends = np.append(places[opens][1:], len(content)) - _close_gaps(content, places, skipped, opens)
        headers.check_sizes(ends - headers.ends)
        return Stretch(position, content, headers.ends, ends, headers.pts, headers.dts)


def _close_gaps(
    content: NDArray[np.uint8],
    places: NDArray[np.int64],
    skipped: NDArray[np.int64],
    opens: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Move what PES packets hold over what interrupts them.

    Args:
        places: where PES packets and interruptions begin.
        skipped: how long an interruption is.
        opens: whether a PES packet begins there.

    Returns:
        how many bytes shorter each PES packet is now.
    """
    pes = np.cumsum(opens) - 1
    total = np.cumsum(np.where(opens, 0, skipped))
    before = total[opens]
    starts, stops = places + skipped, np.append(places[1:], len(content))
    moved = ~opens & (starts < stops)
    columns = (starts - total + before[pes], starts, stops)
    view = content.data
    for to, start, stop in zip(*(column[moved].tolist() for column in columns), strict=True):
        view[to : to + stop - start] = view[start:stop]
    shorter: NDArray[np.int64] = np.append(before[1:], total[-1]) - before
    return shorter

"""The packets of a transport stream, a piece of the file at a time and looked at by columns.

Source: ISO/IEC 13818-1 2.4.3 (packets and adaptation fields), whose names the fields have here.
"""

import re

from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.local import PIECE, LocalFile
from layoutkit.sei.fast.program import PACKET_BYTES, SYNC, Program, is_reserved

_START_CODE = re.compile(b"\x00\x00\x01")
_UNIT_STARTS = re.compile(b"[\x40-\x5f]")
_LOW_BYTES = re.compile(b"[\x00\x01]")

_ADAPTATION, _PAYLOAD, _SCRAMBLED = 0x20, 0x10, 0xC0
"""Bits of a header's last byte: adaptation_field_control and transport_scrambling_control."""

_WITHOUT_PRIORITY = bytes(byte & ~0x20 for byte in range(256))
_COUNTERS = bytes(byte & 15 if byte & 0xD0 == _PAYLOAD else 255 for byte in range(256))
_CYCLE = bytes(range(16)) * (PIECE // PACKET_BYTES // 16 + 2)


class Packets:
    """The packets at the beginning of a file's buffer.

    Places count bytes from the beginning of the buffer, packets from the first in it.

    Attributes:
        is_video: by packet, 255 where it carries payload of the video, else 0.
        others: packets in which a unit of another track begins, and its PID.
    """

    def __init__(self, file: LocalFile, program: Program) -> None:
        self._file = file
        self._program = program
        high, low = program.video >> 8, program.video & 0xFF
        self._is_high = bytes(255 * (byte & 0x1F == high) for byte in range(256))
        self._is_low = bytes(255 * (byte == low) for byte in range(256))
        self._counter: int | None = None
        self.is_video = bytearray()
        self.others: list[tuple[int, int]] = []

    def starts(self, count: int) -> list[int]:
        """Take the headers of the first `count` packets: those in which a unit of the video begins.

        Raises:
            GiveWay: they are out of step or damaged, or tell of another program.
        """
        buffer, end = self._file.buffer, count * PACKET_BYTES
        if buffer[0:end:PACKET_BYTES] != SYNC * count:
            raise GiveWay("packets out of step")
        highs = self._highs = buffer[1:end:PACKET_BYTES].translate(_WITHOUT_PRIORITY)
        if not highs.isascii():
            raise GiveWay("a packet with transport_error_indicator")
        lows = self._lows = buffer[2:end:PACKET_BYTES]
        self._controls = buffer[3:end:PACKET_BYTES]
        others, sections = self._program.others, self._program.sections
        video_low, video_high = self._program.video & 0xFF, self._program.video >> 8 | 0x40
        found = []
        self.others.clear()
        for match in _UNIT_STARTS.finditer(highs):
            packet = match.start()
            low, high = lows[packet], highs[packet]
            if low == video_low and high == video_high:
                found.append(packet)
                continue
            pid = (high & 0x1F) << 8 | low
            if pid in sections:
                if not buffer.startswith(sections[pid], packet * PACKET_BYTES + 4):
                    raise GiveWay("another program")
            elif pid in others:
                self.others.append((packet, pid))
            elif not is_reserved(pid):
                raise GiveWay(f"PID {pid} that the program does not name")
        return found

    def choose(self, count: int) -> None:
        """Mark those of the first `count` packets that carry video.

        Raises:
            GiveWay: one is missing among them, or scrambled.
        """
        highs = int.from_bytes(self._highs[:count].translate(self._is_high), "little")
        lows = int.from_bytes(self._lows[:count].translate(self._is_low), "little")
        mask = highs & lows
        controls = self._controls[:count]
        self.is_video = bytearray(mask.to_bytes(count, "little"))
        # A sound packet's control byte is never 0: the zeros are the packets of others.
        used = (int.from_bytes(controls, "little") & mask).to_bytes(count, "little")
        counters = used.translate(_COUNTERS, b"\x00")
        expected = counters[0] if self._counter is None and counters else (self._counter or 0) + 1 & 15
        is_simple = len(counters) + 16 <= len(_CYCLE) and used.count(0) == self.is_video.count(0)
        if not is_simple or counters != _CYCLE[expected : expected + len(counters)]:
            self._walk_counters(count)
        elif counters:
            self._counter = counters[-1]
        lasts = int.from_bytes(self._file.buffer[187 : count * PACKET_BYTES : PACKET_BYTES], "little")
        others = mask ^ ((1 << 8 * count) - 1)
        self._lasts = (lasts | others).to_bytes(count, "little")

    def _walk_counters(self, count: int) -> None:
        """Check packet by packet; one without payload does not count, and is marked as none of the video."""
        for packet in range(count):
            if not self.is_video[packet]:
                continue
            control = self._controls[packet]
            if control & _SCRAMBLED or not control & (_ADAPTATION | _PAYLOAD):
                raise GiveWay("a scrambled packet, or one without anything")
            has_payload = bool(control & _PAYLOAD)
            if not has_payload:
                self.is_video[packet] = 0
            if self._counter is not None and control & 15 != (self._counter + has_payload) & 15:
                raise GiveWay("a packet is missing")
            self._counter = control & 15

    def headers(self, end: int) -> tuple[list[int], set[int]]:
        """Where bytes stand before `end` that follow a start code; a place past the end closes the list.

        Returns:
            the places, in order, among them some in packets of others and behind codes in adaptation fields;
            and those behind a code that two packets of one unit of the video share.
        """
        places = [match.end() for match in _START_CODE.finditer(self._file.buffer, 0, end)]
        split = set()
        for match in _LOW_BYTES.finditer(self._lasts):
            packet = match.start()
            if self._may_split_code(packet):
                place = self._behind_split_code(packet)
                if place:
                    split.add(place)
        if split:
            places = sorted({*places, *split})
        places.append(end + PACKET_BYTES)
        return places, split

    def _may_split_code(self, packet: int) -> bool:
        """Whether a packet that ends in 0 or 1 may end within a start code, as far as a look tells."""
        buffer, end = self._file.buffer, (packet + 1) * PACKET_BYTES
        if buffer[end - 1]:
            return not buffer[end - 2] and not buffer[end - 3]
        following = packet + 1
        is_plain = following < len(self.is_video) and self.is_video[following]
        return not is_plain or bool(self._controls[following] & _ADAPTATION) or buffer[end + 4] <= 1

    def _behind_split_code(self, packet: int) -> int:
        """The place behind a start code that this packet begins and the next one ends; 0: there is none."""
        following = self.is_video.find(255, packet + 1)
        if not self.is_video[packet] or following < 0 or self._highs[following] & 0x40:
            return 0
        buffer, end = self._file.buffer, (packet + 1) * PACKET_BYTES
        start = self.payload(following)
        stop = (following + 1) * PACKET_BYTES
        if end - self.payload(packet) < 3 or stop - start < 3:
            return self._rule_out_split_code(packet, following)
        code = bytes(buffer[end - 3 : end] + buffer[start : start + 2])
        at = code.find(b"\x00\x00\x01")
        return 0 if at < 0 else start + at

    def _rule_out_split_code(self, packet: int, following: int) -> int:
        """0, where two packets of next to nothing hold no byte that ends a start code."""
        buffer = self._file.buffer
        ends = (packet + 1) * PACKET_BYTES, (following + 1) * PACKET_BYTES
        near = buffer[max(self.payload(packet), ends[0] - 3) : ends[0]]
        if 1 in near or 1 in buffer[self.payload(following) : ends[1]][:3]:
            raise GiveWay("a start code that three packets may share")
        return 0

    def payload(self, packet: int) -> int:
        """Where the payload of a packet begins."""
        base = packet * PACKET_BYTES
        if not self._controls[packet] & _ADAPTATION:
            return base + 4
        length = self._file.buffer[base + 4]
        if length > 183:
            raise GiveWay("an adaptation field that is longer than its packet")
        return base + 5 + length

    def is_in_adaptation(self, packet: int, place: int) -> bool:
        """Whether a start code before `place`, all in one packet, begins before the payload."""
        return bool(self._controls[packet] & _ADAPTATION) and place - 3 < self.payload(packet)

    def size(self, start: int, end: int) -> int:
        """Bytes of video between a place in a payload and the end of a packet."""
        first = start // PACKET_BYTES
        return (
            (first + 1) * PACKET_BYTES
            - start
            + sum(
                (packet + 1) * PACKET_BYTES - self.payload(packet)
                for packet in range(first + 1, end // PACKET_BYTES)
                if self.is_video[packet]
            )
        )

    def bytes_between(self, start: int, end: int, *, about: int | None = None) -> bytes:
        """The bytes of the video between two places; of many, no packet more than `about` so many take."""
        buffer, packet = self._file.buffer, start // PACKET_BYTES
        stop = (packet + 1) * PACKET_BYTES
        data = bytes(buffer[start : min(stop, end)])
        while stop < end and (about is None or len(data) < about):
            packet = self.is_video.find(255, packet + 1)
            if packet < 0 or packet * PACKET_BYTES >= end:
                break
            stop = (packet + 1) * PACKET_BYTES
            data += buffer[self.payload(packet) : min(stop, end)]
        return data

    def last_byte(self, end: int) -> int:
        """The last byte of the video before the packet at `end`."""
        packet = self.is_video.rfind(255, 0, end // PACKET_BYTES)
        return self._file.buffer[(packet + 1) * PACKET_BYTES - 1]

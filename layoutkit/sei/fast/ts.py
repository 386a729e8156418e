"""MPEG-TS: one pattern scan finds the NAL units in the packets as they lie.

PES packets are taken for access units, as FFmpeg's parser finds them where each begins with a start code and
holds one picture. Only messages are put together out of the packets that hold them.

Source: ISO/IEC 13818-1 2.4.3.6 (PES packets), whose names the fields have here.
"""

from collections.abc import Container, Iterator

from layoutkit.sei.fast.access_units import (
    HEVC_TIDS,
    IS_B,
    OPENING,
    SEI,
    SLICE,
    SUFFIX_SEI,
    SeiUnits,
    check_sei_size,
    first_mb,
    is_key,
    kinds,
)
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.local import PIECE, LocalFile
from layoutkit.sei.fast.packets import MAX_PACKET_BYTES
from layoutkit.sei.fast.pes import TICKS, read_header, read_time
from layoutkit.sei.fast.probed import settled
from layoutkit.sei.fast.program import PACKET_BYTES, Program, find_program
from layoutkit.sei.fast.transport import Packets
from layoutkit.sei.message import Message
from layoutkit.sei.nal import MAX_NALS
from layoutkit.sei.report import Report
from layoutkit.sei.row import SeiMessage, seconds

_HEAD_BYTES = 1000 * PACKET_BYTES
"""Where the program has to be told."""

_LEAST_BYTES = 20 * PACKET_BYTES

_LOOK_AHEAD = 6
"""Bytes from a NAL unit's header on that are looked at."""

_SHORT_SLICE = 8
"""Bytes of a slice below which FFmpeg's parser may look for first_mb_in_slice in the next NAL unit."""

_LAST_TICK = (1 << 33) - (1 << 30)
"""A clock that starts behind this may wrap in a few hours, and FFmpeg wonders whether it has."""

_MAX_APART = 30 * TICKS
"""Ticks between the beginnings of two tracks that are believed to be of one clock."""

Unit = tuple[int, tuple[Message, ...]]
"""Number of a SEI NAL unit in its access unit, and its messages."""


def messages(file: LocalFile, types: Container[int] | None, report: Report) -> Iterator[SeiMessage]:
    """The messages of the only video track (see `fast.Reader`)."""
    if file.size % PACKET_BYTES or file.size < _LEAST_BYTES:
        raise GiveWay("the last packet is cut off, or there are too few for FFmpeg to know what they are")
    program = find_program(file.read(0, min(file.size, _HEAD_BYTES)))
    report.codecs[0] = program.codec
    return settled(_Scan(file, program, types, report).rows(), report)


class _Scan:
    """One way through the file, in pieces that end where a PES packet of the video does."""

    def __init__(
        self, file: LocalFile, program: Program, types: Container[int] | None, report: Report
    ) -> None:
        self._file = file
        self._codec = program.codec
        self._packets = Packets(file, program)
        self._types = types
        self._report = report
        self._kinds = kinds(program.codec)
        self._sei_units = SeiUnits(program.codec)
        self._pts = self._dts = self._index = -1
        self._ends_in_zero = self._is_delayed = self._is_prompt = False

    def rows(self) -> Iterator[SeiMessage]:
        """All rows."""
        position, wanted = 0, PIECE // PACKET_BYTES
        while position < self._file.size:
            count = min(wanted, (self._file.size - position) // PACKET_BYTES)
            self._file.fill(position, count * PACKET_BYTES)
            self._report.position = position
            starts = self._packets.starts(count)
            used = count
            if position + count * PACKET_BYTES < self._file.size:
                if len(starts) < 2:
                    if count * PACKET_BYTES > MAX_PACKET_BYTES:
                        raise GiveWay("a PES packet that is too large, or no video")
                    wanted = 4 * count
                    continue
                used = starts.pop()
            self._packets.choose(used)
            if position == 0 and self._packets.is_video.find(255) != (starts[0] if starts else -1):
                raise GiveWay("video before its first PES packet")
            yield from self._pes_packets(starts, used * PACKET_BYTES)
            position += used * PACKET_BYTES
            wanted = PIECE // PACKET_BYTES
        if self._index < 0:
            raise GiveWay("no picture")
        self._report.packets = self._index + 1

    def _pes_packets(self, starts: list[int], end: int) -> Iterator[SeiMessage]:
        """The rows of the PES packets that begin in the packets `starts`; the last one ends at `end`."""
        if not starts:
            return
        places, split = self._packets.headers(end)
        ends = [packet * PACKET_BYTES for packet in starts[1:]] + [end]
        number, is_video = 0, self._packets.is_video
        for packet, stop in zip(starts, ends, strict=True):
            begin = self._begin(packet, stop)
            while places[number] < begin + 3:
                number += 1
            first = number
            while places[number] < stop:
                number += 1
            own = places[first:number]
            if len(own) > 2:
                own = [place for place in own if is_video[place // PACKET_BYTES]]
            if len(own) == 2 and self._is_plain(begin, *own):
                self._index += 1
                self._check_delay(self._file.buffer[own[1] + 1])
            else:
                yield from self._access_unit(begin, stop, own, split)
        self._ends_in_zero = not self._packets.last_byte(end)

    def _is_plain(self, begin: int, opening: int, picture: int) -> bool:
        """Whether an access unit of two NAL units needs no second look, as most do not: it begins with a
        delimiter or a parameter set, and its slice begins in the packet with its PES header."""
        buffer, kind_of = self._file.buffer, self._kinds
        return (
            self._index >= 0
            and opening == begin + 4
            and not buffer[begin]
            and picture + _SHORT_SLICE <= begin + -begin % PACKET_BYTES
            and kind_of[buffer[opening]] == OPENING
            and kind_of[buffer[picture]] == SLICE
            and (
                buffer[picture + 1] >= 0x80
                if self._codec == "h264"
                else buffer[picture + 2] >= 0x80 and {buffer[opening + 1], buffer[picture + 1]} <= HEVC_TIDS
            )
        )

    def _begin(self, packet: int, end: int) -> int:
        """Read the header of a PES packet: its times, and where its data begins.

        Raises:
            GiveWay: it is unusual, or its times do not follow those before.
        """
        if not self._packets.is_video[packet]:
            raise GiveWay("a PES packet without payload")
        stop = (packet + 1) * PACKET_BYTES
        begin, pts, dts, last = read_header(self._file.buffer, self._packets.payload(packet), stop)
        if not self._dts < dts <= pts:
            raise GiveWay("times that do not go forward")
        if self._index < 0:
            self._check_clocks(dts)
        elif dts - self._dts > _LAST_TICK:
            raise GiveWay("a clock that leaps")
        self._pts, self._dts = pts, dts
        if last and last - begin != self._packets.size(begin, end):
            raise GiveWay("a PES packet of another size than it says")
        return begin

    def _check_clocks(self, dts: int) -> None:
        """Make sure that the tracks begin together: FFmpeg believes that all are of one clock."""
        first: dict[int, int] = {}
        for packet, pid in self._packets.others:
            if pid in first:
                continue
            stop = (packet + 1) * PACKET_BYTES
            time = read_time(self._file.buffer, self._packets.payload(packet), stop)
            if time is not None:
                first[pid] = time
        ticks = [*first.values(), dts]
        if max(ticks) - min(ticks) > _MAX_APART or max(ticks) > _LAST_TICK:
            raise GiveWay("tracks that do not begin together, or a clock that is about to wrap")

    def _access_unit(self, begin: int, end: int, places: list[int], split: set[int]) -> Iterator[SeiMessage]:
        """The rows of the access unit of one PES packet.

        Args:
            begin: where its data begins.
            end: where its last packet ends.
            places: what follows start codes in these packets, as `Packets.headers` tells.
            split: the places behind start codes that packets share.
        """
        buffer, packets, kind_of = self._file.buffer, self._packets, self._kinds
        is_video, is_hevc = packets.is_video, self._codec == "hevc"
        self._check_beginning(begin, places)
        self._index += 1
        nal, last_mb, open_sei, open_slice = -1, -1, 0, 0
        first_slice: tuple[int, int] | None = None
        held: list[Unit] = []
        sets = set()
        for place in places:
            packet, offset = divmod(place, PACKET_BYTES)
            if not offset or not is_video[packet]:
                continue
            if packets.is_in_adaptation(packet, place) and place not in split:
                continue
            header = buffer[place]
            kind = kind_of[header]
            if not kind:
                raise GiveWay(f"a NAL unit with header {header:#x}")
            if open_sei:
                held.append((nal, self._messages(open_sei, place, code=3)))
                open_sei = 0
            elif open_slice:
                self._check_slice(open_slice, place, code=3)
                open_slice = 0
            nal += 1
            if offset + _LOOK_AHEAD <= PACKET_BYTES:
                first, second = buffer[place + 1], buffer[place + 2]
            else:
                ahead = packets.bytes_between(place, end, about=_LOOK_AHEAD)
                if len(ahead) < 3:
                    raise GiveWay("a NAL unit of a byte or two ends a picture")
                first, second = ahead[1], ahead[2]
            if is_hevc and first not in HEVC_TIDS:
                raise GiveWay("a NAL unit of another layer, or with a broken header")
            if kind == SLICE:
                open_slice = place
                if is_hevc:
                    first, opens = second, second >= 0x80
                else:
                    mb = 0
                    if not first & 0x80:
                        mb = first_mb(packets.bytes_between(place + 1, end, about=_LOOK_AHEAD)[:5])
                    opens = not mb
                    if mb <= last_mb:
                        raise GiveWay("a PES packet of two pictures")
                    last_mb = mb
                if opens != (first_slice is None):
                    raise GiveWay("a PES packet of two pictures, or of a part of one")
                if opens:
                    first_slice = (header, first)
                    if held:
                        yield from self._rows(held, first_slice, after_vcl=False)
                        held.clear()
            elif kind in (SEI, OPENING):
                if first_slice is not None:
                    raise GiveWay("a PES packet in which the next picture begins")
                if kind == SEI:
                    open_sei = place
                elif not self._index:
                    sets.add(header >> 1 if is_hevc else header & 31)
            elif kind == SUFFIX_SEI:
                open_sei = place
        if first_slice is None or nal >= MAX_NALS:
            raise GiveWay("a PES packet without a picture, or of too many NAL units")
        if not self._index and not sets >= ({32, 33, 34} if is_hevc else {7, 8}):
            raise GiveWay("a beginning without parameter sets")
        self._check_delay(first_slice[1])
        if open_sei:
            held.append((nal, self._messages(open_sei, end, code=0)))
        elif open_slice:
            self._check_slice(open_slice, end, code=0)
        if held:
            yield from self._rows(held, first_slice, after_vcl=True)

    def _check_beginning(self, begin: int, places: list[int]) -> None:
        """Make sure that a PES packet begins with a start code of its own that opens an access unit."""
        buffer = self._file.buffer
        place = places[0] if places else 0
        is_long = place == begin + 4 and not buffer[begin]
        if (place != begin + 3 and not is_long) or place % PACKET_BYTES == 0:
            raise GiveWay("a PES packet that does not begin with a start code")
        if not is_long and self._is_behind_zero(begin // PACKET_BYTES):
            raise GiveWay("a start code that two PES packets share")
        if self._kinds[buffer[place]] not in (SLICE, OPENING, SEI):
            raise GiveWay("a PES packet that begins with what belongs to the one before")

    def _check_delay(self, first: int) -> None:
        """Make sure that FFmpeg believes the picture's dts.

        Where pictures are delayed by one, it does not if one that is no B picture is displayed as soon as it
        is decoded. `first`: of H.264, the byte behind the header of its first slice.
        """
        if self._dts < self._pts:
            self._is_delayed = True
        elif self._codec == "hevc" or not IS_B[first & 0x7F]:
            self._is_prompt = True
        if self._is_delayed and self._is_prompt:
            raise GiveWay("delayed pictures, and one that is not")

    def _is_behind_zero(self, packet: int) -> bool:
        """Whether the video ends in a zero before a packet."""
        if self._packets.is_video.find(255) == packet:
            return self._ends_in_zero
        return not self._packets.last_byte(packet * PACKET_BYTES)

    def _check_slice(self, start: int, end: int, *, code: int) -> None:
        """GiveWay where there are too few bytes of a slice; before `end`, `code` bytes are none of it."""
        is_near = end - start < _SHORT_SLICE or start % PACKET_BYTES > PACKET_BYTES - _SHORT_SLICE
        if is_near:
            data = self._packets.bytes_between(start, end, about=2 * _SHORT_SLICE)
            if len(data) - code < _SHORT_SLICE:
                raise GiveWay("a slice of a few bytes")

    def _messages(self, start: int, end: int, *, code: int) -> tuple[Message, ...]:
        """The messages of a SEI NAL unit; before `end`, `code` bytes are none of it."""
        data = self._packets.bytes_between(start, end)
        data = data[: len(data) - code]
        check_sei_size(len(data))
        return self._sei_units.messages(data)

    def _rows(
        self, units: list[Unit], first_slice: tuple[int, int], *, after_vcl: bool
    ) -> Iterator[SeiMessage]:
        types = self._types
        if types is not None:
            found = [each.payload_type for _, unit in units for each in unit]
            if not any(kind in types for kind in found):
                seen = self._report.seen[0]
                for kind in found:
                    seen[kind] += 1
                return
        # FFmpeg asks what stands before the picture.
        key = is_key(*first_slice, () if after_vcl else [unit for _, unit in units], self._codec)
        pts_s, dts_s = seconds(self._pts, 1, TICKS), seconds(self._dts, 1, TICKS)
        self._report.packets = self._index + 1
        for nal, unit in units:
            for number, each in enumerate(unit):
                yield SeiMessage(
                    each.payload_type, each.payload, pts_s, dts_s, self._index, key, nal, number, after_vcl
                )

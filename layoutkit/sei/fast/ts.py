"""MPEG-TS: PES packets are taken for access units, and all those of some megabytes are looked at at once.

Only messages are read one by one. This reader alone needs numpy: no other container has as many packets, some
four million an hour.
"""

import re
from collections.abc import Container, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from layoutkit.sei.cut import cut_off, is_cut
from layoutkit.sei.fast.access_units import OPENING, SEI, SUFFIX_SEI, SeiUnits, is_key
from layoutkit.sei.fast.ahead import ahead
from layoutkit.sei.fast.delays import Delays
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.local import LocalFile
from layoutkit.sei.fast.nal_units import NalUnits, split_access_units
from layoutkit.sei.fast.pes import TICKS
from layoutkit.sei.fast.probed import settled
from layoutkit.sei.fast.program import PACKET_BYTES, Sections, find_program
from layoutkit.sei.fast.transport import Packets, Stretch, Transport
from layoutkit.sei.message import Message
from layoutkit.sei.nal import HEADER_BYTES
from layoutkit.sei.report import Report
from layoutkit.sei.row import SeiMessage, seconds

_HEAD_BYTES = 1000 * PACKET_BYTES
"""Where the program has to be told."""

_PROBED_BYTES = 2048
"""By which FFmpeg tells what it is."""

_START_CODE = re.compile(rb"\x00\x00\x01(.)", re.DOTALL)

_LEAST_BYTES = 20 * PACKET_BYTES

_LAST_TICK = (1 << 33) - (1 << 30)
"""A clock that starts behind this may wrap in a few hours, and FFmpeg wonders whether it has."""

_MAX_APART = 30 * TICKS
"""Ticks between the beginnings of two tracks that are believed to be of one clock."""

Unit = tuple[int, bool, tuple[Message, ...]]
"""Number of a SEI NAL unit in its access unit, whether it stands behind slice data, and its messages."""


def messages(file: LocalFile, types: Container[int] | None, report: Report) -> Iterator[SeiMessage]:
    """The messages of the only video track (see `fast.Reader`).

    Raises:
        TruncatedError: behind the last, where the last packet is cut off, as the general reader does.
    """
    yield from rows(file, types, report)
    if file.size % PACKET_BYTES:
        file.check_size(file.name)
        if is_cut(Path(file.name), {"mpegts"}):
            raise cut_off(file.name, report.packets)


def rows(file: Packets, types: Container[int] | None, report: Report) -> Iterator[SeiMessage]:
    """The messages up to the last whole packet."""
    if file.size < _LEAST_BYTES:
        raise GiveWay("too few packets for FFmpeg to know what they are")
    head = file.read(0, min(file.size, _HEAD_BYTES))
    _check_probing(head)
    sections = find_program(head)
    report.codecs[0] = sections.program.codec
    yield from settled(_Scan(file, sections, types, report).rows(), report)


def _check_probing(head: bytes) -> None:
    """Make sure that FFmpeg does not take them for a raw stream: it does not where PES packets begin."""
    codes = _START_CODE.findall(head[:_PROBED_BYTES])
    if codes and max(codes) < b"\x80":
        raise GiveWay("a beginning in the middle of a picture, in which NAL units begin")


class _Scan:
    """One way through the file."""

    def __init__(
        self, file: Packets, sections: Sections, types: Container[int] | None, report: Report
    ) -> None:
        self._codec = codec = sections.program.codec
        self._transport = Transport(file, sections)
        self._types = types
        self._report = report
        self._sei_units = SeiUnits(codec)
        self._index, self._dts = 0, -1
        self._last_byte = 0xFF
        self._delays = Delays(codec)

    def rows(self) -> Iterator[SeiMessage]:
        """All rows."""
        for stretch in ahead(self._transport.stretches()):
            self._report.position = stretch.position
            self._check_times(stretch)
            data = stretch.data
            units = split_access_units(stretch, self._codec, before=self._last_byte)
            if not self._index:
                self._check_parameter_sets(data, units)
            header = units.starts[units.slice_of_pes]
            first = data[header + HEADER_BYTES[self._codec]]
            self._delays.check(stretch, units)
            yield from self._pictures(stretch, units, data[header], first)
            self._index += len(stretch.dts)
            self._dts = int(stretch.dts[-1])
            self._last_byte = int(data[stretch.ends[-1] - 1])
        if not self._index:
            raise GiveWay("no picture")
        self._report.packets = self._index

    def _check_times(self, stretch: Stretch) -> None:
        """Make sure that FFmpeg believes the clock, and that the tracks begin together."""
        dts = stretch.dts
        steps = dts - np.append(self._dts, dts[:-1])
        if (steps <= 0).any() or (dts > stretch.pts).any():
            raise GiveWay("times that do not go forward")
        if not self._index:
            # FFmpeg believes that all tracks are of one clock.
            begins = [*self._transport.others_begin, int(dts[0])]
            if max(begins) - min(begins) > _MAX_APART or max(begins) > _LAST_TICK:
                raise GiveWay("tracks that do not begin together, or a clock that is about to wrap")
            steps = steps[1:]
        if (steps > _LAST_TICK).any():
            raise GiveWay("a clock that leaps")

    def _check_parameter_sets(self, data: NDArray[np.uint8], units: NalUnits) -> None:
        """Make sure that a picture near the beginning comes with all that FFmpeg needs to know it."""
        opening = np.flatnonzero(units.kinds == OPENING)
        headers = data[units.starts[opening]]
        wanted, found = ({32, 33, 34}, headers >> 1) if self._codec == "hevc" else ({7, 8}, headers & 31)
        holders = [set(units.pes[opening[found == each]].tolist()) for each in wanted]
        if not set.intersection(*holders):
            raise GiveWay("a beginning without parameter sets")

    def _pictures(
        self, stretch: Stretch, units: NalUnits, headers: NDArray[np.uint8], first: NDArray[np.uint8]
    ) -> Iterator[SeiMessage]:
        """The rows of a stretch.

        Args:
            headers: first byte of the header of each picture's first slice.
            first: the byte behind that header.
        """
        sei = np.flatnonzero((units.kinds == SEI) | (units.kinds == SUFFIX_SEI))
        pes = units.pes[sei]
        columns = (
            pes,
            sei - units.first_of_pes[pes],
            sei > units.slice_of_pes[pes],
            units.starts[sei],
            units.ends[sei],
        )
        found = zip(*(column.tolist() for column in columns), strict=True)
        for number, group in groupby(found, itemgetter(0)):
            held = [
                (nal, after_vcl, self._sei_units.messages(stretch.data[start:end].tobytes()))
                for _, nal, after_vcl, start, end in group
            ]
            if self._is_wanted(held):
                before = [unit for _, after_vcl, unit in held if not after_vcl]
                key = is_key(int(headers[number]), int(first[number]), before, self._codec)
                times = int(stretch.pts[number]), int(stretch.dts[number])
                yield from self._rows(held, self._index + number, times, key)

    def _is_wanted(self, units: list[Unit]) -> bool:
        """Whether any message of an access unit is asked for; if not, they are counted."""
        if self._types is None:
            return True
        found = [each.payload_type for _, _, unit in units for each in unit]
        if any(kind in self._types for kind in found):
            return True
        seen = self._report.seen[0]
        for kind in found:
            seen[kind] += 1
        return False

    def _rows(self, units: list[Unit], index: int, times: tuple[int, int], key: bool) -> Iterator[SeiMessage]:
        pts_s, dts_s = (seconds(ticks, 1, TICKS) for ticks in times)
        self._report.packets = index + 1
        for nal, after_vcl, unit in units:
            for number, each in enumerate(unit):
                yield SeiMessage(
                    each.payload_type, each.payload, pts_s, dts_s, index, key, nal, number, after_vcl
                )

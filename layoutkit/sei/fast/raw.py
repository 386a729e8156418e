"""Raw Annex B streams: one pattern scan finds every start code, and the access units are counted."""

import re
from collections.abc import Callable, Container, Iterator

from layoutkit.sei.fast.access_units import (
    OPENING,
    SEI,
    SLICE,
    SUFFIX_SEI,
    SeiUnits,
    check_sei_size,
    exp_golombs,
    first_mb,
    is_key,
    kinds,
)
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.local import LocalFile
from layoutkit.sei.message import Message
from layoutkit.sei.nal import Codec
from layoutkit.sei.report import RAW_NOTE, Report
from layoutkit.sei.row import SeiMessage

_START_CODE = re.compile(b"\x00\x00\x01")

_PROBES_BYTES = (1 << 11, 1 << 12, 1 << 13)
"""What FFmpeg looks at to tell what a file is: more each time, until it is sure."""

_LOOK_AHEAD = 16
"""Bytes from a start code on that have to be in the buffer with it."""


def messages(file: LocalFile, types: Container[int] | None, report: Report) -> Iterator[SeiMessage]:
    """As `Reader` says; there are no times."""
    codec = _codec(file)
    report.codecs[0] = codec
    pictures = _Pictures(codec, types, report)
    for start, size in file.pieces(overlap=_LOOK_AHEAD):
        report.position = start
        yield from pictures.piece(file, start, size, is_last=start + size >= file.size)
    yield from pictures.end(file)
    report.note(file.name, RAW_NOTE)


class _Pictures:
    """Access units as FFmpeg's parser divides a stream.

    One begins at what may stand before a picture, where that follows slice data, and at a slice that does not
    lie behind the last one in the picture.
    """

    def __init__(self, codec: Codec, types: Container[int] | None, report: Report) -> None:
        self._codec = codec
        self._types = types
        self._report = report
        self._kinds = kinds(codec)
        self._sei_units = SeiUnits(codec)
        self._index = 0
        self._nal = -1
        self._first_slice: tuple[int, int] | None = None
        self._last_mb = 0
        self._open: tuple[int, int] | None = None
        self._held: list[tuple[int, tuple[Message, ...]]] = []

    def piece(self, file: LocalFile, start: int, size: int, *, is_last: bool) -> Iterator[SeiMessage]:
        """Rows that are certain once the start codes in the buffer are known.

        Args:
            start: where in the file the buffer begins.
            size: bytes of it.
        """
        buffer, kind_of, is_hevc = file.buffer, self._kinds, self._codec == "hevc"
        first_slice, nal, last_mb = self._first_slice, self._nal, self._last_mb
        # All start codes that begin before the overlap, and none in it.
        for match in _START_CODE.finditer(buffer, 0, size if is_last else size - _LOOK_AHEAD + 2):
            code = match.start()
            if code + 5 >= size:
                raise GiveWay("a NAL unit of a byte or two ends the file")
            header, first = buffer[code + 3], buffer[code + 4]
            kind = kind_of[header]
            if not kind:
                raise GiveWay(f"a NAL unit with header {header:#x}")
            if is_hevc:
                if not 1 <= first <= 7:
                    raise GiveWay("a NAL unit of another layer, or with a broken header")
                first = buffer[code + 5]
                opens = kind in (OPENING, SEI) or (kind == SLICE and first >= 0x80)
            elif kind == SLICE:
                mb = 0 if first & 0x80 else first_mb(bytes(buffer[code + 4 : min(code + 9, size)]))
                opens = first_slice is None or mb <= last_mb
                last_mb = mb
                if opens and mb:
                    raise GiveWay("a picture that begins with its middle")
            else:
                opens = kind in (OPENING, SEI)
            if self._open is not None:
                yield from self._close(file, start + code, begins_picture=opens)
            if first_slice is not None and opens:
                self._index += 1
                nal, first_slice = -1, None
                self._first_slice = None
            nal += 1
            if kind == SLICE:
                if first_slice is None:
                    if not opens:
                        raise GiveWay("a picture that begins with its middle")
                    self._first_slice = first_slice = (header, first)
                    if self._held:
                        yield from self._rows(self._held, after_vcl=False)
                        self._held.clear()
            elif kind in (SEI, SUFFIX_SEI):
                self._open = (start + code + 3, nal)
        self._nal, self._last_mb = nal, last_mb

    def end(self, file: LocalFile) -> Iterator[SeiMessage]:
        """The rows left at the end of the file."""
        if self._open is not None:
            yield from self._close(file, file.size, begins_picture=False)
        if self._first_slice is None:
            raise GiveWay("the last access unit holds no picture")
        self._report.packets = self._index + 1

    def _close(self, file: LocalFile, end: int, *, begins_picture: bool) -> Iterator[SeiMessage]:
        assert self._open is not None
        (start, nal), self._open = self._open, None
        check_sei_size(end - start)
        data = file.part(start, end - start)
        if begins_picture and self._first_slice is not None and data.endswith(b"\x00"):
            data = data[:-1]  # the first byte of the next picture's start code
        unit = (nal, self._sei_units.messages(data))
        if self._first_slice is None:
            self._held.append(unit)
        else:
            yield from self._rows([unit], after_vcl=True)

    def _rows(self, units: list[tuple[int, tuple[Message, ...]]], *, after_vcl: bool) -> Iterator[SeiMessage]:
        assert self._first_slice is not None
        types = self._types
        if types is not None and not any(each.payload_type in types for _, unit in units for each in unit):
            self._report.seen[0].update(each.payload_type for _, unit in units for each in unit)
            return
        key = is_key(*self._first_slice, [unit for _, unit in units], self._codec)
        self._report.packets = self._index + 1
        for nal, unit in units:
            for number, each in enumerate(unit):
                yield SeiMessage(
                    each.payload_type, each.payload, None, None, self._index, key, nal, number, after_vcl
                )


def _codec(file: LocalFile) -> Codec:
    """The codec, where FFmpeg is sure of it as well: it wants parameter sets and a key frame.

    Some kilobytes of SEI may stand before that frame: encoders tell their settings so.
    """
    for size in _PROBES_BYTES:
        head = file.read(0, min(file.size, size))
        units = [head[match.end() : match.end() + _LOOK_AHEAD] for match in _START_CODE.finditer(head)]
        units = [unit for unit in units if len(unit) > 1]  # all that FFmpeg looks at
        may_go_on = False
        for codec, is_sure in _IS_SURE.items():
            found = {kinds(codec)[unit[0]] for unit in units}
            if 0 not in found and is_sure(units):
                return codec
            may_go_on |= found == {OPENING, SEI}
        if not may_go_on:
            break
    raise GiveWay("FFmpeg may take it for something else")


def _is_h264(units: list[bytes]) -> bool:
    """Whether the NAL units have the nal_ref_idc their types want, and name parameter sets before them."""
    sequences: set[int] = set()
    pictures: set[int] = set()
    has_key_frame = False
    for unit in units:
        kind = unit[0] & 31
        if kind in (5, 7, 8) and len(unit) < _LOOK_AHEAD:
            raise GiveWay("FFmpeg may not see enough of a NAL unit")
        if kind != 1 and bool(unit[0] >> 5) != (kind in (5, 7, 8)):
            return False
        if kind == 7:
            if unit[2] & 3:
                return False
            sequences |= set(exp_golombs(unit[4:], 1))
        elif kind == 8:
            picture, sequence = exp_golombs(unit[1:], 2)
            if sequence not in sequences:
                return False
            pictures.add(picture)
        elif kind in (1, 5):
            _, slice_type, picture = exp_golombs(unit[1:], 3)
            if slice_type > 9 or picture not in pictures:
                return False
            has_key_frame = has_key_frame or kind == 5
    return has_key_frame


def _is_hevc(units: list[bytes]) -> bool:
    types = {unit[0] >> 1 for unit in units if unit[1] <= 7}
    return {32, 33, 34} <= types and not types.isdisjoint(range(16, 22))


_IS_SURE: dict[Codec, Callable[[list[bytes]], bool]] = {"h264": _is_h264, "hevc": _is_hevc}

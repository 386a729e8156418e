"""The movie boxes of an MP4 or MOV that was muxed in parts, written as one.

Source: ISO/IEC 14496-12, whose names the boxes and fields have here; durations and bit rates follow from the
samples as FFmpeg's muxer has it.
"""

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import BinaryIO, NamedTuple

from layoutkit.sei.file_bytes import FileBytes, unpack
from layoutkit.sei.mp4_boxes import Box, boxes
from layoutkit.sei.stretches import TABLES, Given, Stretch, write_tables, written_box

_TOO_LONG = (1 << 31) - 1
"""From that many ticks on FFmpeg writes a duration in 64 bits: some readers take 32 bits for signed."""

_NORMAL_SPEED = 0x10000

_BEFORE_RATES = rb"(btrt.{4}|esds.{22})"
"""What stands before the greatest and the average bit rate: the name of a box, and bufferSizeDB or as much of
descriptors (ISO/IEC 14496-1 7.2.6), whose lengths FFmpeg writes in four bytes."""


class Part(NamedTuple):
    """A part: its movie box, by what its chunk offsets are too low, and what its muxer was given.

    That is told of each track, by numbers that rise as the trak boxes do.
    """

    moov: Box
    shift: int
    tracks: Mapping[int, Given]


class LostSamplesError(Exception):
    """A part's tables are not of the packets that its muxer was given."""


def write_joined(
    data: FileBytes, parts: Sequence[Part], bit_rates: Mapping[int, int], output: BinaryIO
) -> None:
    """Write the movie box of all parts, of which the first has something of every track.

    Args:
        data: where the movie boxes of the parts are.
        bit_rates: what the muxer was told of each track, bits a second; 0: nothing.
        output: it is written to from where it stands.

    Raises:
        LostSamplesError: a part's tables are not of the packets that its muxer was given.
    """
    moov = parts[0].moov
    mvhd = next(_inside(data, moov, b"mvhd"))
    timescale = _timescale(data, mvhd)
    tracks = {
        trak.start: _Track(_stretches(data, parts, trak, number), timescale, bit_rates.get(number, 0))
        for trak, number in zip_longest(_inside(data, moov, b"trak"), sorted(parts[0].tracks))
    }
    with written_box(output, b"moov"):
        for box in boxes(data, moov.body, moov.end):
            if box.kind == b"mvhd":
                duration = max(track.movie_duration for track in tracks.values())
                _write_header(data, box, duration, output)
            elif box.start in tracks:
                tracks[box.start].write(output)
            else:
                output.write(data[box.start : box.end])


def _stretches(data: FileBytes, parts: Sequence[Part], trak: Box, number: int | None) -> list[Stretch]:
    """A track's samples in each part where it has some.

    Args:
        trak: the track in the first part.
        number: None: it is of chapters, all of which FFmpeg's first muxer made samples of.
    """
    if number is None:
        return [_stretch(data, trak, parts[0].shift, None, 0)]
    found: list[Stretch] = []
    for part in parts:
        given = part.tracks.get(number)
        if given is None:
            continue
        trak = list(_inside(data, part.moov, b"trak"))[sorted(part.tracks).index(number)]
        start = 0
        if found:
            before = found[-1]
            start = before.start + before.duration()
            if given.first_dts is not None and before.given.last_dts is not None:
                start += given.first_dts - before.given.last_dts - before.last_step()
        found.append(_stretch(data, trak, part.shift, given, start))
        _, count = found[-1].samples()
        if count != given.packets:
            raise LostSamplesError(f"track {number}: {given.packets} packets became {count} samples")
    return found


def _stretch(data: FileBytes, trak: Box, shift: int, given: Given | None, start: int) -> Stretch:
    stbl = next(_inside(data, trak, b"mdia", b"minf", b"stbl"))
    tables = {box.kind: box for box in boxes(data, stbl.body, stbl.end)}
    if given is None:
        _, count = unpack(data, ">II", tables[b"stsz"].body + 4)
        given = Given(None, None, count, count)
    return Stretch(data, trak, tables, shift, given, start)


class _Track:
    """A track of all parts, described as in the first.

    Attributes:
        movie_duration: from the beginning of the movie to the end of the track, ticks of the movie.
    """

    def __init__(self, stretches: Sequence[Stretch], movie_timescale: int, bit_rate: int) -> None:
        self._stretches = stretches
        self._head = head = stretches[0]
        self._data = head.data
        self._movie_timescale = movie_timescale
        self._bit_rate = bit_rate
        mdhd = next(_inside(head.data, head.trak, b"mdia", b"mdhd"))
        self._timescale = _timescale(head.data, mdhd)
        ends = [
            each.start
            + (next(each.delays()) if each is not head else self._first_delay())
            + _duration(each.data, next(_inside(each.data, each.trak, b"mdia", b"mdhd")))
            for each in stretches
        ]
        self._longer = max(ends) - ends[0]
        self._duration = _duration(head.data, mdhd) + self._longer
        # Where the movie's clock is the coarser one, the first part may have ended a little earlier.
        before = _duration(head.data, next(_inside(head.data, head.trak, b"tkhd")))
        end = before * self._timescale // movie_timescale
        self.movie_duration = self._in_movie(end + self._longer) if self._longer else before

    def write(self, output: BinaryIO) -> None:
        self._write(output, self._head.trak)

    def _first_delay(self) -> int:
        """From the decoding of the first sample of all to where the duration of the track begins."""
        head = self._head
        first = next(head.delays())
        elst = next(_inside(head.data, head.trak, b"edts", b"elst"), None)
        if elst is None:
            return first
        *empty, (_, media_time) = _edits(head.data, elst)
        if empty:
            return media_time
        # What is decoded at zero or before is there to be shown from zero on: the least delay of it counts.
        time = -media_time
        for delay, step in zip(head.delays(), head.steps(), strict=True):
            if time > 0:
                break
            first = min(first, delay)
            time += step
        return first

    def _in_movie(self, ticks: int) -> int:
        """Ticks of the track in ticks of the movie, rounded up."""
        return -(-ticks * self._movie_timescale // self._timescale)

    def _write(self, output: BinaryIO, box: Box) -> None:
        data = self._data
        if box.kind in {b"trak", b"mdia", b"minf", b"edts"}:
            with written_box(output, box.kind):
                for each in boxes(data, box.body, box.end):
                    self._write(output, each)
        elif box.kind == b"tkhd":
            _write_header(data, box, self.movie_duration, output)
        elif box.kind == b"mdhd":
            _write_header(data, box, self._duration, output)
        elif box.kind == b"elst":
            self._write_edits(output, box)
        elif box.kind == b"stbl":
            with written_box(output, b"stbl"):
                for each in boxes(data, box.body, box.end):
                    if each.kind == b"stsd":
                        output.write(self._with_bit_rates(data[each.start : each.end]))
                    elif each.kind not in TABLES:
                        output.write(data[each.start : each.end])
                write_tables(output, self._stretches, is_video=self._is_video())
        else:
            output.write(data[box.start : box.end])

    def _is_video(self) -> bool:
        hdlr = next(_inside(self._data, self._head.trak, b"mdia", b"hdlr"))
        return self._data[hdlr.body + 8 : hdlr.body + 12] == b"vide"

    def _write_edits(self, output: BinaryIO, elst: Box) -> None:
        *empty, (duration, media_time) = _edits(self._data, elst)
        duration += self._in_movie(self._duration) - self._in_movie(self._duration - self._longer)
        edits = [*empty, (duration, media_time)]
        is_long = any(each >= _TOO_LONG for each, _ in edits)
        with written_box(output, b"elst"):
            output.write(struct.pack(">B3xI", is_long, len(edits)))
            for each in edits:
                output.write(struct.pack(">QqI" if is_long else ">IiI", *each, _NORMAL_SPEED))

    def _with_bit_rates(self, stsd: bytes) -> bytes:
        """The description of the samples, with the bit rates of all in place of those of the first part."""
        head, last = self._head, self._stretches[-1]
        before = self._bit_rates(head.size(), head.duration())
        now = self._bit_rates(sum(each.size() for each in self._stretches), last.start + last.duration())
        return re.sub(_BEFORE_RATES + re.escape(before), lambda found: found[1] + now, stsd, flags=re.DOTALL)

    def _bit_rates(self, size: int, duration: int) -> bytes:
        """The greatest and the average one: FFmpeg knows of the greatest only what it was told."""
        average = size * 8 * self._timescale // duration & 0xFFFFFFFF if duration else 0
        return struct.pack(">II", max(average, self._bit_rate), average)


def _inside(data: FileBytes, parent: Box, kind: bytes, *further: bytes) -> Iterator[Box]:
    """The boxes of a kind in another, or those of further kinds in it."""
    for box in boxes(data, parent.body, parent.end):
        if box.kind == kind:
            if further:
                yield from _inside(data, box, *further)
            else:
                yield box


class _Header(NamedTuple):
    """mvhd, mdhd or tkhd: what stands before the duration, but for version and times, and what behind it."""

    flags: bytes
    creation_time: int
    modification_time: int
    between: bytes
    duration: int
    rest: bytes


def _header(data: FileBytes, box: Box) -> _Header:
    content = data[box.body : box.end]
    width = 8 if content[0] else 4
    place = 4 + 2 * width
    end = place + (8 if box.kind == b"tkhd" else 4)
    times = (int.from_bytes(content[at : at + width], "big") for at in (4, 4 + width, end))
    creation_time, modification_time, duration = times
    return _Header(
        content[1:4], creation_time, modification_time, content[place:end], duration, content[end + width :]
    )


def _duration(data: FileBytes, box: Box) -> int:
    return _header(data, box).duration


def _timescale(data: FileBytes, box: Box) -> int:
    """Of mvhd or mdhd."""
    return int.from_bytes(_header(data, box).between, "big")


def _write_header(data: FileBytes, box: Box, duration: int, output: BinaryIO) -> None:
    """Write a header again, with another duration."""
    header = _header(data, box)
    is_long = duration >= _TOO_LONG
    width = 8 if is_long else 4
    with written_box(output, box.kind):
        output.write(bytes([is_long]) + header.flags)
        output.write(header.creation_time.to_bytes(width, "big"))
        output.write(header.modification_time.to_bytes(width, "big"))
        output.write(header.between + duration.to_bytes(width, "big") + header.rest)


def _edits(data: FileBytes, elst: Box) -> list[tuple[int, int]]:
    """segment_duration and media_time of each."""
    version, count = unpack(data, ">B3xI", elst.body)
    form, size = (">Qq", 20) if version else (">Ii", 12)
    found = (unpack(data, form, elst.body + 8 + number * size) for number in range(count))
    return [(duration, media_time) for duration, media_time in found]

"""A long MP4 or MOV, muxed in parts: FFmpeg's muxer holds an index entry for each packet until its end.

A home of av. The file begins as FFmpeg writes it. After so many packets its muxer ends, and another one goes
on behind the samples, where the movie box was. At the end the movie boxes of all are made one; samples stay
where they are.
"""

from __future__ import annotations  # av.Packet is generic in its stubs only

import errno
import os
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream

from layoutkit.sei.box_walk import walk
from layoutkit.sei.file_bytes import FileBytes
from layoutkit.sei.joined import Part, write_joined
from layoutkit.sei.make import FASTSTART
from layoutkit.sei.mp4_boxes import Box
from layoutkit.sei.rest import Rest
from layoutkit.sei.stretches import Given
from layoutkit.sei.track import codec_of

PART_PACKETS = 300_000
"""Packets after which a part ends: FFmpeg's muxer takes 72 bytes for each. A recording of fewer, as two hours
of pictures and sound have, is as FFmpeg writes it."""

_VIDEO = frozenset({"h264", "hevc"})
_SOUND = frozenset({"aac", "ac3", "alac", "flac", "mp2", "mp3", "opus"})
"""Codecs of which each packet becomes a sample by itself. What is made of E-AC-3 and TrueHD goes by packets
before it, and a packet of PCM is many samples."""

_MAX_RATE_OF_V1 = 0xFFFF
"""Greatest sample rate of MOV's short description of sound; the long one says how long all samples are."""


_REORDERED = 32
"""Packets within which one without a DTS, which FFmpeg's muxer reckons from those before, ends no part."""

_MAX_MDAT_BYTES = (1 << 32) - 1
"""What a box's size of 32 bits can say; for the 64 bits of a larger one, FFmpeg leaves room before it."""

_LONG_HEADER_BYTES, _ROOM_BYTES = 16, 8

_PIECE = 1 << 20
"""Bytes moved at once."""

_PART_BEGINS_S = 1000
"""When a part behind the first begins for its muxer, seconds; no tracks are that far apart."""


def can_part(
    source: InputContainer, tracks: Iterable[Stream], target_format: str, options: Mapping[str, str]
) -> bool:
    """Whether parts of a file become what FFmpeg would have made of the whole.

    Args:
        tracks: those of `source` that are muxed.
        target_format: FFmpeg's name of the container.
        options: of its muxer.
    """
    if target_format not in {"mp4", "mov"} or options.get("movflags", FASTSTART) != FASTSTART:
        return False
    if _has_timecode(source.metadata):
        return False
    return all(_is_cover(each) or _is_simple(each, target_format) for each in tracks)


def _is_cover(stream: Stream) -> bool:
    return bool(stream.disposition & Disposition.attached_pic)


def _is_simple(stream: Stream, target_format: str) -> bool:
    if _has_timecode(stream.metadata):
        return False
    if isinstance(stream, AudioStream):
        is_short = target_format != "mov" or stream.codec_context.sample_rate <= _MAX_RATE_OF_V1
        return codec_of(stream) in _SOUND and is_short
    # Where there is no description, FFmpeg makes it of a part's first packet.
    return codec_of(stream) in _VIDEO and bool(stream.codec_context.extradata)


def _has_timecode(metadata: Mapping[str, str]) -> bool:
    """Whether FFmpeg makes a track of a timecode, which is as long as the whole."""
    return "timecode" in map(str.lower, metadata)


def part_options(options: Mapping[str, str], packet: Packet[Any]) -> dict[str, str]:
    """Options of the muxer of a part behind the first, which begins with that packet.

    Only how its times differ counts, but what is at zero or before would be treated in a way of its own.
    """
    begins_s = int((packet.dts or 0) * (packet.time_base or 1))
    new = {**options, "output_ts_offset": f"{(_PART_BEGINS_S - begins_s) * 1_000_000}us"}
    new["flush_packets"] = "0"  # else what is no file of FFmpeg's own is written to for each packet
    new.pop("avoid_negative_ts", None)
    return new


@dataclass(slots=True)
class _Track:
    """A track, and what the muxer of a part was given of it so far.

    `first` and `last` are DTS, the one in ticks of the file, the other, which changes, of the recording.
    """

    time_base: Fraction
    bit_rate: int
    tick: Fraction = Fraction(0)
    first: int | None = None
    last: int | None = None
    packets: int = 0
    keyframes: int = 0

    def add(self, packet: Packet[Any]) -> bool:
        is_behind = True
        if not self.packets:
            self.tick = packet.time_base or self.time_base
            self.first = self._in_file(packet.dts)
            before = self._in_file(self.last)
            is_behind = self.first is None or before is None or self.first > before
        self.last = packet.dts
        self.packets += 1
        self.keyframes += packet.is_keyframe
        return is_behind

    def taken(self) -> Given:
        """What it was given, of which there is nothing then."""
        given = Given(self.first, self._in_file(self.last), self.packets, self.keyframes)
        self.first, self.packets, self.keyframes = None, 0, 0
        return given

    def _in_file(self, time: int | None) -> int | None:
        """In ticks of the file, to the nearest as FFmpeg has it."""
        if time is None:
            return None
        ticks = int(abs(time) * self.tick / self.time_base + Fraction(1, 2))
        return ticks if time >= 0 else -ticks


class Parts:
    """The parts of a file, the first of which FFmpeg's muxer is writing.

    Args:
        path: the file.
        tracks: the tracks in the file by their numbers in the recording, which rise as they do.
        is_index_in_front: whether the movie box is to be before the samples, which FFmpeg leaves to this.
    """

    def __init__(self, path: Path, tracks: Mapping[int, Stream], *, is_index_in_front: bool) -> None:
        self._path = path
        self._is_index_in_front = is_index_in_front
        self._tracks = {
            number: _Track(track.time_base or Fraction(1), track.codec_context.bit_rate or 0)
            for number, track in tracks.items()
            if not _is_cover(track)
        }
        self._rest: Rest | None = None
        self._moovs = TemporaryFile(dir=path.parent)  # noqa: SIM115
        self._parts: list[Part] = []
        self._start = 0
        self._left = PART_PACKETS

    @property
    def tracks(self) -> Iterable[int]:
        """Numbers of the tracks that are in every part, which cover pictures are not."""
        return self._tracks

    def close(self) -> None:
        """Let go of the file, whatever became of it."""
        self._moovs.close()
        if self._rest is not None:
            self._rest.let_go()

    def is_full(self) -> bool:
        """Whether the part is to end: it has packets enough, and the first one some of each track."""
        return self._left <= 0 and (bool(self._parts) or all(each.packets for each in self._tracks.values()))

    def add(self, number: int, packet: Packet[Any]) -> bool:
        """Take note of a packet that the muxer of the part is given of a track.

        Returns:
            whether it is decoded behind the last one of the part before, which that muxer cannot tell.
        """
        self._left -= 1
        if packet.dts is None:
            self._left = max(self._left, _REORDERED)
        track = self._tracks.get(number)
        return track is None or track.add(packet)

    def next(self) -> Rest:
        """What the next muxer is to write to, when that of a part has ended."""
        end = self._end()
        if self._rest is not None:
            self._rest.let_go()
        self._rest = Rest(self._path, end)
        return self._rest

    def finish(self) -> None:
        """Make one file of the parts, when the last muxer has ended.

        Raises:
            LostSamplesError: a muxer left packets out.
        """
        if not (self._parts or self._is_index_in_front):
            return
        end = self._end()
        self._moovs.flush()
        with self._path.open("r+b") as file:
            _lengthen_mdat(file, end)
            if self._is_index_in_front:
                size = self._movie_size()
                place = next(walk(file, 0, end)).end  # that of ftyp
                _move(file, place, end, size)
                file.seek(place)
                self._write_movie(file, size)
            else:
                file.seek(end)
                self._write_movie(file, 0)

    def _write_movie(self, output: BinaryIO, shift: int) -> None:
        """Write the movie box, for samples that are so many bytes further behind."""
        parts = [part._replace(shift=part.shift + shift) for part in self._parts]
        bit_rates = {number: each.bit_rate for number, each in self._tracks.items()}
        write_joined(FileBytes(self._moovs), parts, bit_rates, output)

    def _movie_size(self) -> int:
        """Bytes of the movie box before the samples, whose offsets grow by them and may take more bytes."""
        size = -1
        with TemporaryFile(dir=self._path.parent) as file:
            while size != file.tell():
                size = file.tell()
                file.seek(0)
                self._write_movie(file, size)
        return size

    def _end(self) -> int:
        """Take the movie box of a part out of the file, which ends there."""
        with self._path.open("r+b") as file:
            end = file.seek(0, os.SEEK_END)
            moov = next((box for box in walk(file, self._start, end) if box.kind == b"moov"), None)
            if moov is None or moov.end != end:  # for a moment there was less room than bytes
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            start = self._moovs.tell()
            file.seek(moov.start)
            copyfileobj(file, self._moovs)
            file.truncate(moov.start)
        given = {number: each.taken() for number, each in self._tracks.items() if each.packets}
        place = Box(b"moov", start, start + moov.body - moov.start, self._moovs.tell())
        self._parts.append(Part(place, self._start, given))
        self._start = moov.start
        self._left = PART_PACKETS
        return moov.start


def _lengthen_mdat(file: BinaryIO, end: int) -> None:
    """Have the first mdat go on to there."""
    mdat = next(box for box in walk(file, 0, end) if box.kind == b"mdat")
    start, size = mdat.start, end - mdat.start
    is_long = mdat.body - start == _LONG_HEADER_BYTES
    if not is_long and size > _MAX_MDAT_BYTES:
        is_long, start, size = True, start - _ROOM_BYTES, size + _ROOM_BYTES
    file.seek(start)
    file.write(struct.pack(">I4sQ", 1, b"mdat", size) if is_long else struct.pack(">I4s", size, b"mdat"))


def _move(file: BinaryIO, start: int, end: int, distance: int) -> None:
    """Move bytes of a file further behind."""
    for place in reversed(range(start, end, _PIECE)):
        file.seek(place)
        piece = file.read(min(_PIECE, end - place))
        file.seek(place + distance)
        file.write(piece)

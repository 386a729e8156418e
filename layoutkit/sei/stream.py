"""The general reader: packets through FFmpeg, whatever it opens. Nothing is decoded."""

import re
from collections import Counter
from collections.abc import Callable, Container, Iterator
from contextlib import ExitStack
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from layoutkit.errors import StreamError, TruncatedError
from layoutkit.sei.clock import Clock
from layoutkit.sei.cut import cut_off, is_cut, unreachable
from layoutkit.sei.ffmpeg_log import heard
from layoutkit.sei.formats import RAW
from layoutkit.sei.long_movie import opened_recording
from layoutkit.sei.nal import Codec
from layoutkit.sei.opening import file_of
from layoutkit.sei.packet import Found, framing_of, read_extradata, read_packet
from layoutkit.sei.playlist import is_playlist, missing_files
from layoutkit.sei.report import RAW_NOTE, Report
from layoutkit.sei.row import SeiMessage, seconds

T = TypeVar("T")

CODECS: dict[str, Codec] = {"h264": "h264", "hevc": "hevc"}
"""FFmpeg's codec names of the two that carry SEI here."""

_SKIPPED = re.compile(r"Segment (\d+) of playlist (\d+) failed too many times, skipping")
"""What FFmpeg's reader of playlists logs of a segment that it gives up; both are counted from 0."""

_RESTARTING_FORMATS = frozenset({"mpegts", "hls"})
"""Formats whose clock may wrap or start again inside a file."""


def video_tracks(container: InputContainer) -> list[VideoStream]:
    """The tracks of video, numbered from 0 in this list's order; cover pictures are none."""
    cover = av.stream.Disposition.attached_pic
    return [stream for stream in container.streams.video if not stream.disposition & cover]


def choose_track(container: InputContainer, name: str, track: int | None) -> int:
    """The number of the video track to read: the one asked for, else the first of H.264 or HEVC.

    Raises:
        StreamError: there is no video, no such track, or its codec carries no SEI of these kinds.
    """
    tracks = video_tracks(container)
    if not tracks:
        raise StreamError(f"{name}: there is no video track")
    if track is not None and not 0 <= track < len(tracks):
        there = f"are 0 to {len(tracks) - 1}" if len(tracks) > 1 else "is 0"
        raise StreamError(f"{name}: there is no video track {track}; there {there}")
    wanted = range(len(tracks)) if track is None else [track]
    for number in wanted:
        if _codec_name(tracks[number]) in CODECS:
            return number
    codecs = ", ".join(f"track {number} {_codec_name(tracks[number])}" for number in wanted)
    raise StreamError(f"{name}: SEI is in H.264 and HEVC; there is {codecs}")


def _codec_name(stream: VideoStream) -> str:
    # FFmpeg has no context for a codec it does not know.
    return stream.codec_context.name if stream.codec_context else "of an unknown codec"


def read_packets(
    source: str, types: Container[int] | None = None, *, track: int | None = None, report: Report
) -> Iterator[SeiMessage]:
    """Messages in decode order, one packet held at a time.

    Args:
        source: a file, an address FFmpeg opens, or `-`.
        types: the payload types wanted; None: all.
        track: which video track, from 0; None: the first of H.264 or HEVC.
        report: filled with what is met beside the messages.

    Raises:
        StreamError: as `open_recording` and `choose_track`, and where the input fails while it is read.
        TruncatedError: the recording is cut off; all that came before was given.
    """
    name = "standard input" if source == "-" else source
    path = file_of(source)
    segments = _Segments(name, report)
    with ExitStack() as stack:
        opening = partial(stack.enter_context, opened_recording(source))
        container, movie = opening() if path else segments.heard(opening)
        chosen = choose_track(container, name, track)
        format_names = set(container.format.name.split(","))
        streams = video_tracks(container)
        readers = {
            # Of a track that nobody asked for only the types are told.
            stream.index: _Track(
                stream,
                name,
                number,
                report if number == chosen else Report(seen=report.seen, codecs=report.codecs),
                format_names,
            )
            for number, stream in enumerate(streams)
            if _codec_name(stream) in CODECS
        }
        if len(streams) > 1 and track is None:
            report.note(name, f"{len(streams)} video tracks; track {chosen} is read")
        if path is not None and is_playlist(path):
            for missing in missing_files(path):
                report.damage(name, f"{missing}; what is in it is left out")
        if format_names & RAW:
            report.note(name, RAW_NOTE)
        size = _size(path)
        is_last_cut = False
        for reader in readers.values():
            found = reader.extradata(reader.stream.codec_context.extradata or b"")
            yield from (row for row in found if reader.number == chosen and _is_wanted(row, types))
        wanted = [reader.stream for reader in readers.values()]
        packets = movie.packets(wanted) if movie else demux(container, name, wanted)
        if path is None and "hls" in format_names:
            packets = segments.heard_all(packets)
        try:
            for packet in packets:
                if packet.size == 0:
                    continue
                if packet.pos is not None and packet.pos > report.position:
                    report.position = packet.pos
                reader = readers[packet.stream.index]
                rows = reader.packet(packet)
                if reader.number == chosen:
                    is_last_cut = packet.is_corrupt
                    report.packets = reader.count
                    yield from (row for row in rows if _is_wanted(row, types))
        except (av.FFmpegError, OSError) as error:
            if isinstance(error, av.EOFError | av.InvalidDataError):
                is_piped_mp4 = source == "-" and path is None and "mp4" in format_names
                if is_piped_mp4 and not report.packets:
                    raise unreachable(name) from error
                raise cut_off(name, report.packets) from error
            raise StreamError(f"{name}: reading failed: {error.strerror or error}") from error
        shrunk = _size(path)
        if size is not None and (shrunk is None or shrunk < size):
            raise StreamError(f"{name}: the file shrank from {size} to {shrunk or 0} bytes while it was read")
        if path is not None and size is not None and not is_last_cut and is_cut(path, format_names):
            raise cut_off(name, report.packets)
        if is_last_cut:
            raise TruncatedError(
                f"{name}: it is cut off: video packet {report.packets - 1}, its last, is incomplete"
            )


class _Segments:
    """Tells which segments of a playlist behind an address are passed over; only FFmpeg's log says so."""

    def __init__(self, name: str, report: Report) -> None:
        self._name = name
        self._report = report

    def heard(self, step: Callable[[], T]) -> T:
        """What a step gives, once what FFmpeg logged in it is told."""
        with heard(av.logging.WARNING) as log:
            result = step()
        for _, _, text in log:
            if (skipped := _SKIPPED.match(text)) is not None:
                which = f"segment {skipped[1]} of playlist {skipped[2]}"
                self._report.damage(self._name, f"{which} cannot be read; what is in it is left out")
        return result

    def heard_all(self, packets: "Iterator[Packet[Stream]]") -> "Iterator[Packet[Stream]]":
        while (packet := self.heard(lambda: next(packets, None))) is not None:
            yield packet


def demux(container: InputContainer, name: str, streams: list[Any]) -> "Iterator[Packet[Stream]]":
    try:
        yield from container.demux(streams)
    except IndexError as error:
        # PyAV numbers tracks by their place in a list that some damaged files make it lose count of.
        raise StreamError(f"{name}: its tracks cannot be told apart: the file is damaged") from error


def _is_wanted(row: SeiMessage, types: Container[int] | None) -> bool:
    return types is None or row.payload_type in types


def _size(path: Path | None) -> int | None:
    """Bytes of a local file; None for what has no size."""
    try:
        return path.stat().st_size if path is not None and path.is_file() else None
    except OSError:
        return None


class _Track:
    """One video track while it is read: its framing, its clock, and how many packets it had."""

    def __init__(
        self, stream: VideoStream, name: str, number: int, report: Report, format_names: set[str]
    ) -> None:
        self.stream = stream
        self.number = number
        self.count = 0
        self._name = name
        self._report = report
        self._codec = CODECS[stream.codec_context.name]
        self._is_raw = bool(format_names & RAW)
        time_base = stream.time_base or Fraction(1, 90_000)
        self._time_base = (time_base.numerator, time_base.denominator)
        restarts = bool(format_names & _RESTARTING_FORMATS)
        wraps = not framing_of(stream.codec_context.extradata or b"", self._codec)
        self._clock = Clock(ticks_per_second=float(1 / time_base), wraps=wraps) if restarts else None
        self._told_encrypted = False
        self._seen = report.seen.setdefault(number, Counter())
        report.codecs[number] = self._codec

    def extradata(self, extradata: bytes) -> list[SeiMessage]:
        """Take a new description of the packets to come; the messages it holds itself."""
        self._framing = framing_of(extradata, self._codec)
        self._is_described = bool(extradata)
        if self._framing == 3:
            self._report.damage(self._name, "lengthSizeMinusOne 2 is not allowed; read as told")
        found, faults = read_extradata(extradata, self._codec)
        for fault in faults:
            self._report.damage(self._name, f"extradata: {fault.reason}", offset=fault.offset)
        return [self._row(each, None, None, None) for each in found]

    def packet(self, packet: "Packet[Stream]") -> list[SeiMessage]:
        """The messages of the next packet, those of an extradata that comes with it first."""
        rows: list[SeiMessage] = []
        if packet.has_sidedata("new_extradata"):
            rows = self.extradata(bytes(packet.get_sidedata("new_extradata")))
        index, self.count = self.count, self.count + 1
        if not self._told_encrypted and packet.has_sidedata("encryption_info"):
            self._told_encrypted = True
            self._report.note(self._name, f"track {self.number} is encrypted; only SEI in clear is read")
        data = memoryview(cast(bytes, packet))
        found, faults = read_packet(data, self._codec, self._framing, is_described=self._is_described)
        pts, dts = self._times(packet, index)
        rows += [self._row(each, pts, dts, index, packet) for each in found]
        for fault in faults:
            self._report.damage(self._name, fault.reason, packet=index, offset=fault.offset)
        return rows

    def _times(self, packet: "Packet[Stream]", index: int) -> tuple[float | None, float | None]:
        if self._is_raw:
            return None, None
        shift = 0
        if self._clock is not None:
            shift, note = self._clock.advance(packet.dts, packet.duration or 0)
            if note:
                self._report.note(self._name, note, packet=index)
        pts = None if packet.pts is None else seconds(packet.pts + shift, *self._time_base)
        dts = None if packet.dts is None else seconds(packet.dts + shift, *self._time_base)
        return pts, dts

    def _row(
        self,
        found: Found,
        pts_s: float | None,
        dts_s: float | None,
        index: int | None,
        packet: "Packet[Stream] | None" = None,
    ) -> SeiMessage:
        self._seen[found.message.payload_type] += 1
        return SeiMessage(
            found.message.payload_type,
            found.message.payload,
            pts_s,
            dts_s,
            index,
            packet is not None and packet.is_keyframe,
            found.nal,
            found.number,
            found.after_vcl,
            packet is not None and packet.is_discard,
        )

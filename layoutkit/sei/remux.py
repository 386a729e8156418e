"""A recording's tracks in a new container, their packets as they are.

A home of av. What the muxer refuses is an error that names the track, the packet and its timestamps.
"""

from __future__ import annotations  # av.Packet is generic in its stubs only

import contextlib
import errno
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from layoutkit.errors import RefusedError
from layoutkit.output import is_full
from layoutkit.sei.ffmpeg_log import heard
from layoutkit.sei.formats import ANNEX_B, RAW, RUNNING_CLOCKS, format_of, is_same_container
from layoutkit.sei.joined import LostSamplesError
from layoutkit.sei.make import FASTSTART, is_other_make, make_options
from layoutkit.sei.no_place import MOV_LANGUAGES, has_only_tracks, what_is_lost, why_no_track
from layoutkit.sei.no_time import TimeLimits
from layoutkit.sei.parts import Parts, can_part, part_options
from layoutkit.sei.placement import Edit
from layoutkit.sei.programs import Program, muxer_metadata, programs_of
from layoutkit.sei.signals import signals_waiting
from layoutkit.sei.track import Track, codec_of, edited, opened

_MILLISECOND = Fraction(1, 1000)
"""What FFmpeg's muxer of Matroska counts in."""


class Remux:
    """An output container with the tracks of `source`; packets are given to it in the order they were read.

    Args:
        source: the opened recording.
        track: the track whose packets may be edited.
        path: the file to write.
        target: the file it will become, for errors.
        degrees: by which players turn the video, where the container has no place for that.
        extradata: the description of the track's packets, as it is to be.

    Raises:
        RefusedError: the container takes no such track, or no track without timestamps.
    """

    def __init__(
        self,
        source: InputContainer,
        track: Track,
        path: Path,
        *,
        target: Path,
        degrees: int,
        extradata: bytes,
    ) -> None:
        self._target = target
        self._source = track.name
        self._video = video = track.video
        self._format = format_of(target)
        self._is_same = is_same_container(source.format.name, self._format)
        if source.format.name in RAW and self._format not in RAW:
            raise RefusedError(
                f"{target}: a raw stream has no timestamps, so it cannot be muxed into {self._format}; "
                "write a raw stream again"
            )
        file = Path(track.name)
        self._is_other_make = self._is_same and is_other_make(file, self._format)
        self._programs = self._programs_of(source, file)
        self._chapters = source.chapters()
        # Of data the chapters were read from.
        streams = [each for each in source.streams if not (self._chapters and each.type == "data")]
        self._options = make_options(
            self._format,
            file,
            self._programs,
            time_base=video.time_base,
            is_same=self._is_same,
            begins_us=source.start_time or 0,
            has_running_clock=source.format.name in RUNNING_CLOCKS,
        )
        is_in_parts = can_part(source, streams, self._format, self._options)
        is_index_in_front = is_in_parts and self._options.pop("movflags", "") == FASTSTART
        self._output = av.open(str(path), "w", format=self._format, container_options=self._options)
        self._parts: Parts | None = None
        self._tracks: dict[int, Stream] = {}
        self._counts: dict[int, int] = {}
        self._last_dts: dict[int, int] = {}
        self._trimmed = 0
        self._degrees = degrees
        self._extradata = extradata
        for stream in streams:
            self._take(stream)
        self._output.metadata.update(source.metadata)
        if self._is_same:
            for program in self._programs:
                self._output.metadata.update(muxer_metadata(program))
        if self._chapters and not has_only_tracks(self._format):
            self._output.set_chapters(self._chapters)
        self._begin()
        self._is_coarser = self._is_same and self._format == "matroska" and _tick(video) < _MILLISECOND
        self._streams = {stream.index: stream for stream in streams if stream.index in self._tracks}
        self._limits = {
            number: TimeLimits(self._format, _tick(stream), _tick(self._tracks[number]))
            for number, stream in self._streams.items()
        }
        self._start_s: Fraction | None = None
        if is_in_parts:
            self._parts = Parts(path, self._tracks, is_index_in_front=is_index_in_front)

    @property
    def video(self) -> Stream:
        """The track whose packets may be edited, as it is written."""
        return self._tracks[self._video.index]

    @property
    def notes(self) -> list[str]:
        """What the new container has no place for; complete when all packets are written."""
        lost = what_is_lost(
            self._format,
            chapters=len(self._chapters),
            degrees=self._degrees,
            trimmed=self._trimmed,
            programs=len(self._programs),
            is_coarser=self._is_coarser,
        )
        return [f"{self._target}: {each}" for each in lost]

    def write(self, packet: Packet[Any], edits: list[Edit]) -> None:
        """Mux one packet, with the edits made to its bytes."""
        track = packet.stream.index
        if track not in self._tracks:
            return
        self._trimmed += packet.is_discard and packet.stream is self._video
        number = self._counts[track] = self._counts.get(track, -1) + 1
        pts, dts = packet.pts, packet.dts  # muxing puts them into other ticks
        self._check_times(packet, number)
        if edits:
            packet = edited(packet, edits)
        if self._parts is not None:
            if self._parts.is_full():
                self._begin_part(self._parts, packet)
            if not self._parts.add(track, packet):
                raise self._refused(track, number, pts, dts, os.strerror(errno.EINVAL))
        packet.stream = self._tracks[track]
        try:
            self._output.mux_one(packet)
        except av.error.FFmpegError as error:
            _check_room(error)
            raise self._refused(track, number, pts, dts, error.strerror or str(error)) from error

    def close(self) -> None:
        """Write what the container has at its end."""
        self._end()
        if self._parts is not None:
            try:
                self._parts.finish()
            except LostSamplesError as error:
                raise RefusedError(f"{self._target}: {self._format} cannot finish: {error}") from error
            self._parts.close()

    def abandon(self) -> None:
        """Let go of a file that is not wanted any more."""
        with contextlib.suppress(av.error.FFmpegError, ValueError, OSError):
            self._output.close()
        if self._parts is not None:
            self._parts.close()

    def _end(self) -> None:
        try:
            with signals_waiting():
                self._output.close()
        except av.error.FFmpegError as error:
            _check_room(error)
            raise RefusedError(f"{self._target}: {self._format} cannot finish: {error.strerror}") from error

    def _begin_part(self, parts: Parts, packet: Packet[Any]) -> None:
        """Go on with another muxer, from this packet on."""
        self._end()
        self._output = av.open(
            parts.next(), "w", format=self._format, container_options=part_options(self._options, packet)
        )
        self._tracks = {number: self._add(self._streams[number]) for number in parts.tracks}
        self._begin()

    def _programs_of(self, source: InputContainer, file: Path) -> list[Program]:
        """The programs of a transport stream that have tracks.

        Raises:
            RefusedError: there are several, and a transport stream is to be written, too.
        """
        if source.format.name != "mpegts" or not file.is_file():
            return []
        pids = {stream.id for stream in source.streams}
        by_tracks = {each.tracks & pids: each for each in reversed(programs_of(file))}
        programs = sorted((by_tracks[tracks] for tracks in by_tracks if tracks), key=_number)
        if self._is_same and len(programs) > 1:
            numbers = ", ".join(str(each.number) for each in programs)
            raise RefusedError(
                f"{self._target}: programs {numbers} cannot be muxed: mpegts is written with one; "
                "take one of them out first, or write another container"
            )
        return programs

    def _begin(self) -> None:
        """Write what the container has at its beginning; the time bases of its tracks are known then."""
        with heard(av.logging.ERROR) as log:
            try:
                with signals_waiting():
                    self._output.start_encoding()
            except av.error.FFmpegError as error:
                _check_room(error)
                self.abandon()
                # Which track it is about, only the log says.
                reason = " ".join(text.strip() for _, _, text in log) or error.strerror
                raise RefusedError(f"{self._target}: {self._format} cannot begin: {reason}") from error

    def _take(self, stream: Stream) -> None:
        """Make a track of the output for one of the recording."""
        is_cover = bool(stream.disposition & Disposition.attached_pic)
        reason = why_no_track(
            stream.type,
            codec_of(stream) or "unknown",
            {each.type for each in self._output.streams},
            self._format,
            is_cover=is_cover,
            is_same=self._is_same,
        ) or _what_is_unknown(stream, self._format)
        if reason is not None:
            raise self._no_track(stream, reason)
        if is_cover and self._format == "matroska":
            self._attach(stream)
        else:
            self._tracks[stream.index] = self._add(stream)

    def _add(self, stream: Stream) -> Stream:
        try:
            track = self._output.add_stream_from_template(stream, opaque=True)
        except (ValueError, av.error.FFmpegError) as error:
            raise self._no_track(stream, " ".join(str(error).split())) from error
        if self._is_same:
            if self._format == "mpegts":
                track.id = stream.id
            elif stream.codec_context is not None and (stream.type == "video" or not self._is_other_make):
                # hvc1 and hev1, avc1 and avc3 differ in where parameter sets may stand.
                track.codec_context.codec_tag = self._tag(stream)
        if stream is self._video and (stream.codec_context.extradata or b"") != self._extradata:
            track.codec_context.extradata = self._extradata
        # As a number: PyAV 16 and 17 take nothing else.
        track.disposition = stream.disposition.value  # type: ignore[assignment]
        track.metadata.update(stream.metadata)
        if self._format == "mov" and (language := MOV_LANGUAGES.get(stream.metadata.get("language", ""))):
            track.metadata["language"] = language
        return track

    def _tag(self, stream: Stream) -> str:
        try:
            return stream.codec_context.codec_tag
        except UnicodeDecodeError as error:
            raise self._no_track(stream, "the name of its sample entry is not ASCII") from error

    def _attach(self, cover: Stream) -> None:
        """Attach a cover picture, as Matroska has it: whole, before the first packet."""
        codec = codec_of(cover).replace("mj", "j")
        if codec not in {"png", "jpeg"}:
            raise self._no_track(cover, "a cover picture is PNG or JPEG")
        with opened(self._source) as (container, _):
            packets = container.demux(container.streams[cover.index])
            picture = next((packet for packet in packets if packet.size), None)
            if picture is None:
                raise self._no_track(cover, "there is no picture in it")
            file_name = cover.metadata.get("filename", f"cover.{codec.replace('e', '')}")
            self._output.add_attachment(file_name, f"image/{codec}", bytes(memoryview(picture)))

    def _no_track(self, stream: Stream, reason: str) -> RefusedError:
        codec = codec_of(stream) or "unknown"
        return RefusedError(
            f"{self._target}: track {stream.index} ({stream.type}, {codec}) cannot be muxed: {reason}"
        )

    def _check_times(self, packet: Packet[Any], number: int) -> None:
        track, pts, dts = packet.stream.index, packet.pts, packet.dts
        if self._format in RAW:
            return
        if pts is not None and dts is not None and pts < dts:
            raise self._refused(track, number, pts, dts, "PTS is before DTS")
        if dts is None:
            return
        last, whose = self._last_dts.get(track), "the one before it"
        if last is None:
            last, whose = self._started(packet, dts), "when the recording begins"
        elif dts < last:
            raise self._refused(track, number, pts, dts, f"DTS is before {last}, {whose}")
        limits = self._limits[track]
        reason = limits.why_not(dts if pts is None else pts, dts, packet.duration or 0, last, whose)
        if reason is not None:
            raise self._refused(track, number, pts, dts, reason)
        self._last_dts[track] = dts

    def _started(self, packet: Packet[Any], dts: int) -> int:
        """When the recording begins, in ticks of a track whose first packet this is."""
        tick = _tick(packet.stream)
        if self._start_s is None:
            self._start_s = dts * tick
        return round(self._start_s / tick)

    def _refused(
        self, track: int, number: int, pts: int | None, dts: int | None, reason: str
    ) -> RefusedError:
        return RefusedError(
            f"{self._target}: {self._format} refuses track {track} packet {number} "
            f"(PTS {pts}, DTS {dts}): {reason}"
        )


def _check_room(error: av.error.FFmpegError) -> None:
    """Raise OSError where it is not the muxer that refuses, but a disk that is full."""
    reason = OSError(error.errno, error.strerror)
    if is_full(reason):
        raise reason from error


def _what_is_unknown(stream: Stream, target_format: str) -> str | None:
    """What no muxer does without, and FFmpeg found nothing of in the packets that it looked at."""
    if isinstance(stream, AudioStream) and stream.codec_context and not stream.codec_context.sample_rate:
        return "its sample rate is not known"
    if isinstance(stream, VideoStream) and stream.codec_context and target_format not in ANNEX_B:
        context = stream.codec_context
        return None if context.width and context.height else "its size is not known"
    return None


def _number(program: Program) -> int:
    return program.number


def _tick(stream: Stream) -> Fraction:
    """Seconds in a tick of a track's times; where it tells none, FFmpeg's own."""
    return stream.time_base or Fraction(1, av.time_base)

"""A recording's tracks in a new container, their packets as they are.

A home of av. What the muxer refuses is an error that names the track, the packet and its timestamps.
"""

from __future__ import annotations  # av.Packet is generic in its stubs only

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from layoutkit.errors import RefusedError
from layoutkit.sei.formats import ANNEX_B, RAW, format_of, is_same_container
from layoutkit.sei.placement import Edit, apply


class Remux:
    """An output container with the tracks of `source`; packets are given to it in the order they were read.

    Args:
        source: the opened recording.
        video: the track whose packets may be edited.
        path: the file to write.
        target: the file it will become, for errors.

    Raises:
        RefusedError: the container takes no such track, or no track without timestamps.
    """

    def __init__(self, source: InputContainer, video: VideoStream, path: Path, *, target: Path) -> None:
        self._target = target
        self._video = video
        self._format = format_of(target)
        self._is_same = is_same_container(source.format.name, self._format)
        if source.format.name in RAW and self._format not in RAW:
            raise RefusedError(
                f"{target}: a raw stream has no timestamps, so it cannot be muxed into {self._format}; "
                "write a raw stream again"
            )
        self._output = av.open(
            str(path), "w", format=self._format, container_options=self._options(source, video)
        )
        self._tracks: dict[int, Stream] = {}
        self._counts: dict[int, int] = {}
        self._last_dts: dict[int, int] = {}
        chapters = source.chapters()
        for stream in source.streams:
            if not (chapters and stream.type == "data"):  # the text track that the chapters were read from
                self._tracks[stream.index] = self._add(stream)
        self._output.metadata.update(source.metadata)
        if chapters and self._format not in ANNEX_B:
            self._output.set_chapters(chapters)

    def write(self, packet: Packet[Any], edits: list[Edit]) -> None:
        """Mux one packet, with the edits made to its bytes."""
        track = packet.stream.index
        if track not in self._tracks:
            return
        number = self._counts[track] = self._counts.get(track, -1) + 1
        self._check_times(packet, number)
        if edits:
            packet = _edited(packet, edits)
        packet.stream = self._tracks[track]
        try:
            self._output.mux_one(packet)
        except av.error.FFmpegError as error:
            raise self._refused(track, number, packet, error.strerror or str(error)) from error

    def close(self) -> None:
        """Write what the container has at its end."""
        try:
            self._output.close()
        except av.error.FFmpegError as error:
            raise RefusedError(f"{self._target}: {self._format} cannot finish: {error.strerror}") from error

    def abandon(self) -> None:
        """Let go of a file that is not wanted any more."""
        try:
            self._output.close()
        except (av.error.FFmpegError, ValueError):
            return

    def _options(self, source: InputContainer, video: VideoStream) -> dict[str, str]:
        if self._format == "mpegts":
            # Else the muxer moves every timestamp by its delay.
            return {"mpegts_copyts": "1"} if self._is_same else {}
        if self._format in {"mp4", "mov"}:
            options = {}
            if video.time_base is not None:
                # Edit lists count in the movie's timescale: with a coarser one timestamps move.
                options["movie_timescale"] = str(_timescale(video.time_base))
            if self._is_same and (flags := _movflags(Path(source.name.removeprefix("file:")))):
                options["movflags"] = flags
            return options
        return {}

    def _add(self, stream: Stream) -> Stream:
        try:
            track = self._output.add_stream_from_template(stream, opaque=True)
        except (ValueError, av.error.FFmpegError) as error:
            name = stream.codec_context.name if stream.codec_context else "unknown"
            reason = " ".join(str(error).split())
            raise RefusedError(
                f"{self._target}: track {stream.index} ({stream.type}, {name}) cannot be muxed: {reason}"
            ) from error
        if self._is_same:
            if self._format == "mpegts":
                track.id = stream.id
            elif stream.codec_context is not None:
                # hvc1 and hev1, avc1 and avc3 differ in where parameter sets may stand.
                track.codec_context.codec_tag = stream.codec_context.codec_tag
        track.disposition = stream.disposition
        track.metadata.update(stream.metadata)
        return track

    def _check_times(self, packet: Packet[Any], number: int) -> None:
        track, pts, dts = packet.stream.index, packet.pts, packet.dts
        if self._format in RAW:
            return
        if pts is not None and dts is not None and pts < dts:
            raise self._refused(track, number, packet, "PTS is before DTS")
        last = self._last_dts.get(track)
        if dts is not None and last is not None and dts < last:
            raise self._refused(track, number, packet, f"DTS is before {last}, the one before it")
        if dts is not None:
            self._last_dts[track] = dts

    def _refused(self, track: int, number: int, packet: Packet[Any], reason: str) -> RefusedError:
        return RefusedError(
            f"{self._target}: {self._format} refuses track {track} packet {number} "
            f"(PTS {packet.pts}, DTS {packet.dts}): {reason}"
        )


def _edited(packet: Packet[Any], edits: list[Edit]) -> Packet[Any]:
    """A packet with other bytes and everything else of the old one that PyAV lets be set."""
    new: Packet[Any] = Packet(apply(memoryview(packet), edits))
    new.pts, new.dts, new.duration = packet.pts, packet.dts, packet.duration
    new.time_base = packet.time_base
    new.is_keyframe = packet.is_keyframe
    new.is_corrupt = packet.is_corrupt
    for data in packet.iter_sidedata():
        new.set_sidedata(data)
    return new


def _timescale(time_base: Fraction) -> int:
    """The timescale FFmpeg's mov muxer gives a video track of that time base: 10,000 or more."""
    scale = time_base.denominator
    while scale < 10_000:
        scale *= 2
    return scale


def _movflags(path: Path) -> str:
    """What keeps an MP4's make: index in front, or fragments."""
    boxes: list[bytes] = []
    with path.open("rb") as file:
        while len(boxes) < 64 and len(header := file.read(16)) >= 8:
            size = int.from_bytes(header[:4], "big")
            if size == 1:
                size = int.from_bytes(header[8:16], "big")
            boxes.append(header[4:8])
            if size < 8:
                break
            file.seek(size - len(header), 1)
    if b"moof" in boxes:
        return "+frag_keyframe+empty_moov+default_base_moof"
    if b"moov" in boxes and b"mdat" in boxes and boxes.index(b"moov") < boxes.index(b"mdat"):
        return "+faststart"
    return ""

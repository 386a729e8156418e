"""The video track of a recording, opened to be rewritten: its packets, pictures and access units.

A home of av.
"""

from __future__ import annotations  # av.Packet is generic in its stubs only

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av.error
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from layoutkit.errors import RefusedError, StreamError
from layoutkit.sei import glimpse
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.formats import RAW
from layoutkit.sei.long_movie import LongMovie, opened_recording
from layoutkit.sei.nal import Codec, Framing
from layoutkit.sei.packet import framing_of
from layoutkit.sei.placement import AccessUnit, Edit, apply
from layoutkit.sei.schedule import Picture
from layoutkit.sei.stream import choose_track, demux, video_tracks

_DEFAULT_RATE = 25


@dataclass(frozen=True, slots=True)
class Track:
    """The video track of an opened recording, `name` its file or address."""

    name: str
    video: VideoStream
    codec: Codec
    framing: Framing
    tick: Fraction
    frame_s: Fraction
    notes: tuple[str, ...] = ()
    movie: LongMovie | None = None

    @property
    def extradata(self) -> bytes:
        """The description of its packets, avcC, hvcC or parameter sets; empty where there is none."""
        return self.video.codec_context.extradata or b""


class opened:
    """A recording and its video track, the one of that number or the first of H.264 or HEVC, for a `with`.

    Packets are read with `packets`: of a long MP4 the container itself gives but the first.

    Raises:
        StreamError: it cannot be read, has no H.264 or HEVC, or no track of that number.
    """

    def __init__(self, source: str | Path, number: int | None = None) -> None:
        self._name = str(source)
        self._number = number

    def __enter__(self) -> tuple[InputContainer, Track]:
        with ExitStack() as stack:
            container, movie = stack.enter_context(opened_recording(self._name))
            track = replace(track_of(self._name, container, self._number), movie=movie)
            self._stack = stack.pop_all()
        return container, track

    def __exit__(self, *_: object) -> None:
        self._stack.close()


@contextmanager
def glimpsed(path: Path, number: int | None = None) -> Iterator[Track]:
    """The video track of that number or the first of H.264 or HEVC of an MP4, for a `with`; of its packets
    the first alone are there.

    Raises:
        GiveWay: FFmpeg does not open the file, or find the track.
    """
    with glimpse.opened(path) as container:
        try:
            track = track_of(path, container, number)
        except StreamError as error:
            raise GiveWay(str(error)) from error
        yield track


def track_of(source: str | Path, container: InputContainer, number: int | None) -> Track:
    """The video track of that number in an opened recording; None: the first of H.264 or HEVC."""
    name = str(source)
    video = video_tracks(container)[choose_track(container, name, number)]
    codec = cast(Codec, video.codec_context.name)
    rate = video.guessed_rate or video.average_rate or Fraction(_DEFAULT_RATE)
    notes: tuple[str, ...] = ()
    tick = video.time_base or Fraction(1, 1000)
    if container.format.name in RAW:
        tick = 1 / rate
        notes = (f"{name}: a raw stream has no clock; its pictures are counted at {float(rate):g} a second",)
    return Track(
        name, video, codec, framing_of(video.codec_context.extradata or b"", codec), tick, 1 / rate, notes
    )


def codec_of(stream: Stream) -> str:
    """FFmpeg's name of a track's codec; empty: it is not known."""
    return stream.codec_context.codec.canonical_name if stream.codec_context else ""


def pictures_of(container: InputContainer, track: Track) -> Iterator[tuple[Picture, AccessUnit]]:
    index = -1
    for packet in packets(container, track, only_video=True):
        index += 1
        yield picture_of(packet, index), access_unit(packet, track)


def picture_of(packet: Packet[Any], index: int) -> Picture:
    """Its place in time; where there are no timestamps, by its number."""
    dts = index if packet.dts is None else packet.dts
    return Picture(
        index, dts if packet.pts is None else packet.pts, dts, packet.is_keyframe, packet.is_discard
    )


def access_unit(packet: Packet[Any], track: Track) -> AccessUnit:
    return AccessUnit(memoryview(packet), track.codec, track.framing)


def packets(container: InputContainer, track: Track, *, only_video: bool = False) -> Iterator[Packet[Any]]:
    """The packets that hold something; RefusedError where the video is encrypted."""
    streams = [track.video] if only_video else list(container.streams)
    demuxed = track.movie.packets(streams) if track.movie else demux(container, track.name, streams)
    try:
        for packet in demuxed:
            if not packet.size:
                continue
            if (only_video or packet.stream is track.video) and _is_encrypted(packet):
                raise RefusedError(f"{track.name}: track {track.video.index} is encrypted; decrypt it first")
            yield packet
    except av.error.FFmpegError as error:
        raise StreamError(f"{track.name}: cannot be read to its end: {error.strerror}") from error


def edited(packet: Packet[Any], edits: list[Edit]) -> Packet[Any]:
    """A packet with other bytes and everything else of the old one that PyAV lets be set."""
    new: Packet[Any] = Packet(apply(memoryview(packet), edits))
    new.pts, new.dts, new.duration = packet.pts, packet.dts, packet.duration
    new.time_base = packet.time_base
    new.is_keyframe = packet.is_keyframe
    new.is_corrupt = packet.is_corrupt
    for data in packet.iter_sidedata():
        new.set_sidedata(data)
    return new


def _is_encrypted(packet: Packet[Any]) -> bool:
    # `has_sidedata` takes ten times as long where there is none, as in nearly all packets.
    return any(data.data_type == "encryption_info" for data in packet.iter_sidedata())

"""A recording rewritten, its packets read through FFmpeg: the way for whatever it opens.

A home of av. A file that keeps its container is copied around the edits where its tables can be fixed up (see
`patch`), so that nothing else can change; any other is muxed anew (see `remux`).
"""

from __future__ import annotations  # av.Packet is generic in its stubs only

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from heapq import merge
from pathlib import Path
from typing import Any

import av
import av.error
from av.container import InputContainer
from av.packet import Packet, PacketSideData
from av.stream import Stream

from layoutkit.errors import RefusedError
from layoutkit.sei.change import Change, Insertions, MakeChange, Written
from layoutkit.sei.edits import Edits
from layoutkit.sei.formats import ANNEX_B, format_of, is_same_container
from layoutkit.sei.message import Message
from layoutkit.sei.nal import Codec
from layoutkit.sei.no_place import has_only_tracks
from layoutkit.sei.patch import can_patch, description_edits, write_patched
from layoutkit.sei.placement import AccessUnit, Edit, apply, merged, offset_of
from layoutkit.sei.plan import Plan
from layoutkit.sei.remux import Remux
from layoutkit.sei.signals import signals_waiting
from layoutkit.sei.track import Track, access_unit, opened, packets, picture_of
from layoutkit.sei.unpatchable import Unpatchable

_FLV_HEADERS_BYTES = 16
"""From a tag's start, which is the packet's `pos`, to the packet: tag header 11, then codec, packet type and
composition time, 5 (annex E.4.3)."""

_NEW_EXTRADATA = 1
"""AV_PKT_DATA_NEW_EXTRADATA, of FFmpeg's enum AVPacketSideDataType."""


def rewrite(
    source: str,
    target: Path,
    temporary: Path,
    make_change: MakeChange,
    number: int | None,
) -> tuple[Written, set[str]]:
    """Write the changed recording to `temporary`, which is to become `target`.

    Args:
        source: a file or an address.
        number: which video track; None: the first of H.264 or HEVC.

    Returns:
        what was done, and FFmpeg's names of the source's container.
    """
    format_name = format_of(target)
    with opened(source, number) as (container, track):
        formats = set(container.format.name.split(","))
        if can_patch(file := Path(source), container.format.name, format_name):
            change = make_change(track.tick, lambda: track.frame_s)
            run = _run(container, track, change, only_video=True)
            with suppress(Unpatchable):
                described = description_edits(
                    file,
                    format_name,
                    track.video.id,
                    track.extradata,
                    track.codec,
                    change.description_removals,
                )
                placed = _placed(file, run, is_flv=format_name == "flv")
                with Edits(merge(described, placed, key=offset_of), temporary.parent) as edits:
                    write_patched(file, temporary, format_name, edits)
                return _told(change, track), formats
        degrees = _rotation_lost(container, track, format_name)
    with opened(source, number) as (container, track):
        change = make_change(track.tick, lambda: track.frame_s)
        extradata = apply(track.extradata, change.description_removals(track.extradata, track.codec))
        remux = Remux(container, track, temporary, target=target, degrees=degrees, extradata=extradata)
        try:
            convert = None
            if format_name in ANNEX_B and track.framing:
                convert = _to_annex_b(track, remux.video)
                track = replace(track, framing=0)
            for packet, edits_of in _run(container, track, change, convert=convert):
                remux.write(packet, edits_of)
            remux.close()
        except BaseException:
            remux.abandon()
            raise
        change.done.notes += remux.notes
        return _told(change, track), formats


def _rotation_lost(source: InputContainer, track: Track, target_format: str) -> int:
    """Degrees by which players turn a video that is to be muxed into a container without a place for that.

    Only frames tell, so the first is decoded: no packets can be read of `source` behind this. (Opened once
    more beside it, the recording would have its index in memory twice.)
    """
    if not has_only_tracks(target_format) or is_same_container(source.format.name, target_format):
        return 0
    try:
        with signals_waiting():
            frame = next(source.decode(track.video), None)
    except (av.error.FFmpegError, IndexError):  # which is told when the packets themselves are read
        return 0
    return frame.rotation if isinstance(frame, av.VideoFrame) else 0


def _told(change: Change, track: Track) -> Written:
    """What was done, with what is to be said of the clock where something went by it."""
    if change.sources:
        change.done.notes += track.notes
    return change.done


def _run(
    container: InputContainer,
    track: Track,
    change: Change,
    *,
    only_video: bool = False,
    convert: av.BitStreamFilterContext | None = None,
) -> Iterator[tuple[Packet[Any], list[Edit]]]:
    """The packets with what is to be edited in each."""
    run = _Run(track, change)
    for packet in packets(container, track, only_video=only_video):
        if packet.stream is not track.video:
            yield packet, []
            continue
        if not only_video and packet.has_sidedata("new_extradata"):
            _redescribe(packet, track.codec, change)
        for each in [packet] if convert is None else run.converted(packet, convert):
            each.stream = track.video
            yield from run.push(each)
    yield from run.finish()


def _redescribe(packet: Packet[Any], codec: Codec, change: Change) -> None:
    """Change the description that a packet brings of itself and of those behind it."""
    extradata = bytes(packet.get_sidedata("new_extradata"))
    if edits := change.description_removals(extradata, codec):
        extradata = apply(extradata, edits)
        data = PacketSideData(_NEW_EXTRADATA, len(extradata))  # type: ignore[call-arg]  # not in the stubs
        data.update(extradata)
        packet.set_sidedata(data)


def _to_annex_b(track: Track, described: Stream) -> av.BitStreamFilterContext:
    """What puts NAL units behind start codes, and before them what stands in the description of a track."""
    try:
        return av.BitStreamFilterContext(f"{track.codec}_mp4toannexb", described)
    except av.error.FFmpegError as error:
        raise RefusedError(
            f"{track.name}: track {track.video.index}: its parameter sets cannot be put behind start codes: "
            f"{error.strerror}"
        ) from error


class _Run:
    """A change, made to the packets as they come."""

    def __init__(self, track: Track, change: Change) -> None:
        self._track = track
        self._change = change
        self._plan: Plan[tuple[Packet[Any], AccessUnit, list[Edit]]] = Plan(change.sources)
        self._insertions = Insertions()
        self._index = -1
        self._held: tuple[Packet[Any], AccessUnit, list[Edit]] | None = None

    def converted(self, packet: Packet[Any], convert: av.BitStreamFilterContext) -> Sequence[Packet[Any]]:
        """The next packet to be taken, its NAL units behind start codes."""
        pts, dts = packet.pts, packet.dts  # the filter takes all out of the packet
        try:
            return convert.filter(packet)
        except av.error.FFmpegError as error:
            raise RefusedError(
                f"{self._track.name}: track {self._track.video.index} packet {self._index + 1} "
                f"(PTS {pts}, DTS {dts}): its NAL units cannot be put behind start codes: "
                f"{error.strerror}"
            ) from error

    def push(self, packet: Packet[Any]) -> Iterator[tuple[Packet[Any], list[Edit]]]:
        """Take a video packet; yield those that are settled, with their edits."""
        self._index += 1
        unit = access_unit(packet, self._track)
        edits = self._change.removals(unit, self._index) if unit.has_sei else []
        is_picture = unit.first_slice is not None
        self._change.done.pictures += is_picture
        if not self._change.sources:
            yield packet, edits
            return
        picture = picture_of(packet, self._index) if is_picture else None
        for item, messages in self._plan.push((packet, unit, edits), picture):
            yield from self._settle(*item, messages)

    def finish(self) -> Iterator[tuple[Packet[Any], list[Edit]]]:
        for item, messages in self._plan.finish():
            yield from self._settle(*item, messages)
        if self._held is not None:
            packet, _, edits = self._held
            yield packet, merged(edits)

    def _settle(
        self, packet: Packet[Any], unit: AccessUnit, edits: list[Edit], messages: list[Message]
    ) -> Iterator[tuple[Packet[Any], list[Edit]]]:
        """Place the messages; one packet is held, since its end may be where the next one's SEI belongs."""
        held = self._held
        if messages:
            before = None if held is None else (lambda unit=held[1]: unit)
            edit, is_before = self._insertions.edit(unit, before, messages)
            self._change.done.inserted += len(messages)
            (held[2] if held and is_before else edits).append(edit)
        if held is not None:
            yield held[0], merged(held[2])
        self._held = packet, unit, edits


def _placed(source: Path, run: Iterable[tuple[Packet[Any], list[Edit]]], *, is_flv: bool) -> Iterator[Edit]:
    """The edits of packets, by where the packets stand in the file.

    Raises:
        Unpatchable: a packet that is edited is not in the file as it is.
    """
    headers_bytes = _FLV_HEADERS_BYTES if is_flv else 0
    with source.open("rb", buffering=0) as file:
        for packet, edits in run:
            if not edits:
                continue
            position = (packet.pos or 0) + headers_bytes
            file.seek(position)
            if packet.pos is None or file.read(packet.size) != memoryview(packet):
                raise Unpatchable("a packet is not in the file as it is")
            for edit in edits:
                yield edit.moved(position)

"""SEI messages into recordings, out of them, and from one to another; nothing is re-encoded.

A home of av. A file that keeps its container is copied around the edits where its tables can be fixed up (see
`patch`), so that nothing else can change; any other is muxed anew (see `remux`).
"""

from __future__ import annotations  # av.Packet is generic in its stubs only

import dataclasses
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import av.error
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from layoutkit.errors import RefusedError, StreamError
from layoutkit.geometry.layout import Layout
from layoutkit.output import check_target, replacing
from layoutkit.sei.message import Message, serialize
from layoutkit.sei.nal import Codec, Framing
from layoutkit.sei.packet import framing_of
from layoutkit.sei.patch import Patch, can_patch
from layoutkit.sei.placement import AccessUnit, Edit
from layoutkit.sei.remux import ANNEX_B, RAW, Remux, format_of
from layoutkit.sei.row import LAYOUT_TYPES, SeiMessage
from layoutkit.sei.rows import check_payload_type, row_of, uuid_bytes
from layoutkit.sei.schedule import Periodic, Picture, Plan, Rows, Source
from layoutkit.sei.stream import open_recording
from layoutkit.sei.volume_layout import DEFAULT_TYPE, VolumeLayout

What = Layout | VolumeLayout | Message | SeiMessage | Mapping[str, object]
"""One thing to write: a layout or a message goes in again and again, a row where it says."""

_DEFAULT_RATE = 25


@dataclass(slots=True)
class Written:
    """What was done: messages put in and taken out, and pictures seen."""

    inserted: int = 0
    removed: int = 0
    pictures: int = 0
    notes: list[str] = field(default_factory=list)


def write_sei(
    source: str | Path,
    target: str | Path,
    messages: What | Iterable[What],
    *,
    interval_ms: int = 1000,
    follow_idr: bool = False,
    every_frame: bool = False,
    payload_type: int = DEFAULT_TYPE,
    app_data: str = "",
    ts: int | None = None,
    replace: bool = False,
    add: bool = False,
) -> Written:
    """Put SEI messages into a recording.

    Args:
        source: the recording, H.264 or HEVC.
        target: the file to write; its suffix tells the container. It is replaced only when all is done.
        messages: a Layout or VolumeLayout (sent as volume-layout SEI) or a Message, repeated by the clock; or
            rows as `sei read` gives them, each with its place; or any number of them.
        interval_ms: milliseconds between repetitions, counted from the first picture shown.
        follow_idr: each key frame carries the repeated messages as well.
        every_frame: each picture carries them.
        payload_type: that of layouts, 100 to 254 except 244.
        app_data: carried by layouts, under 4,096 characters.
        ts: seconds since 1970 in the first layout; later ones count on. None: now.
        replace: take out the layouts of the same payload types that are there.
        add: leave them and add to them.

    Raises:
        StreamError: the recording, or a message that cannot be written.
        RefusedError: layouts are there already and neither `replace` nor `add` is set; the container
            refuses a track or a packet; the recording is encrypted.
        OutputError: the target cannot be written.
    """
    check_payload_type(payload_type)
    things: list[What] = _as_list(messages)
    if not things:
        raise StreamError("there is no message to write")
    rows = [row_of(thing) for thing in things if isinstance(thing, SeiMessage | Mapping)]
    start = int(time.time()) if ts is None else ts
    makers: list[Callable[[Fraction], Message]] = [
        _maker(thing, payload_type, start, app_data)
        for thing in things
        if not isinstance(thing, SeiMessage | Mapping)
    ]
    for make in makers:
        check_payload_type(make(Fraction(0)).payload_type)

    def change(track: _Track) -> _Writing:
        sources: list[Source] = [
            Periodic(
                make,
                tick=track.tick,
                interval_ms=interval_ms,
                follow_idr=follow_idr,
                every_frame=every_frame,
            )
            for make in makers
        ]
        if rows:
            sources.append(Rows(rows, tick=track.tick, frame_s=track.frame_s))
        types = {make(Fraction(0)).payload_type for make in makers} | {r.message.payload_type for r in rows}
        return _Writing(track, Plan(sources), frozenset(types), replace=replace, add=add)

    return _rewrite(Path(source), Path(target), change)


def strip_sei(
    source: str | Path, target: str | Path, payload_type: int, *, uuid: str | None = None
) -> Written:
    """Take out the messages of one type, of type 5 only those of `uuid` where it is given.

    Other messages in the same NAL units stay. Raises what `write_sei` raises.
    """
    prefix = b"" if uuid is None else uuid_bytes(uuid)

    def is_unwanted(message: Message) -> bool:
        return message.payload_type == payload_type and message.payload.startswith(prefix)

    return _rewrite(Path(source), Path(target), lambda track: _Stripping(track, is_unwanted))


def copy_sei(
    origin: str | Path,
    source: str | Path,
    target: str | Path,
    *,
    types: Iterable[int] = (DEFAULT_TYPE,),
    replace: bool = False,
    add: bool = False,
) -> Written:
    """Carry the messages of `origin` over to `source`, a re-encode of the same recording, as `target`.

    Each goes to the picture whose time since the first picture shown is nearest, within half a frame; the
    others are left out and counted in the notes. Raises what `write_sei` raises.

    Args:
        types: payload types to carry over.
    """
    wanted_types = frozenset(types)
    for payload_type in wanted_types:
        check_payload_type(payload_type)
    check_target(Path(target), inputs=[Path(source), Path(origin)])
    messages = _messages(Path(origin), wanted_types)
    with _opened(Path(source)) as (container, track):
        half = track.frame_s / 2
        shown = [picture for picture, _ in _pictures(container, track) if not picture.is_discarded]
        pictures = sorted((picture.pts * track.tick, picture.index) for picture in shown)
    if not pictures:
        raise StreamError(f"{source}: no picture of it is shown")
    times = [pts - pictures[0][0] for pts, _ in pictures]
    rows = []
    for time_s, message in messages:
        nearest = _nearest(times, time_s)
        if abs(times[nearest] - time_s) <= half:
            rows.append(SeiMessage(message.payload_type, message.payload, index=pictures[nearest][1]))
    if not rows:
        raise RefusedError(f"{origin}: of {len(messages)} messages none has a picture within half a frame")
    written = write_sei(source, target, rows, replace=replace, add=add)
    if lost := len(messages) - len(rows):
        written.notes.append(f"{lost} messages have no picture within half a frame and were left out")
    return written


def _messages(path: Path, types: frozenset[int]) -> list[tuple[Fraction, Message]]:
    """Messages of those types with their seconds since the first picture shown."""
    found, first = [], None
    with _opened(path) as (container, track):
        for picture, unit in _pictures(container, track):
            if not picture.is_discarded and (first is None or picture.pts < first):
                first = picture.pts
            found += [(picture.pts, message) for message in unit.messages() if message.payload_type in types]
        return [((pts - (first or 0)) * track.tick, message) for pts, message in found]


def _pictures(container: InputContainer, track: _Track) -> Iterator[tuple[Picture, AccessUnit]]:
    index = -1
    for packet in _packets(container, track, only_video=True):
        index += 1
        yield _picture(packet, index), _access_unit(packet, track)


def _picture(packet: Packet[Any], index: int) -> Picture:
    """Its place in time; where there are no timestamps, by its number."""
    dts = index if packet.dts is None else packet.dts
    return Picture(
        index, dts if packet.pts is None else packet.pts, dts, packet.is_keyframe, packet.is_discard
    )


def _packets(container: InputContainer, track: _Track, *, only_video: bool = False) -> Iterator[Packet[Any]]:
    """The packets that hold something; RefusedError where the video is encrypted."""
    try:
        for packet in container.demux(track.video) if only_video else container.demux():
            if not packet.size:
                continue
            if packet.stream is track.video and _is_encrypted(packet):
                raise RefusedError(f"{track.path}: track {track.video.index} is encrypted; decrypt it first")
            yield packet
    except av.error.FFmpegError as error:
        raise StreamError(f"{track.path}: cannot be read to its end: {error.strerror}") from error


def _is_encrypted(packet: Packet[Any]) -> bool:
    # `has_sidedata` takes ten times as long where there is none, as in nearly all packets.
    return any(data.data_type == "encryption_info" for data in packet.iter_sidedata())


def video_size(source: str | Path) -> tuple[int, int]:
    """Width and height of a recording's video, pixels."""
    with _opened(Path(source)) as (_, track):
        return track.video.width, track.video.height


def _nearest(times: list[Fraction], wanted: Fraction) -> int:
    place = bisect_left(times, wanted)
    candidates = [n for n in (place - 1, place) if 0 <= n < len(times)]
    return min(candidates, key=lambda n: abs(times[n] - wanted))


def _as_list(messages: What | Iterable[What]) -> list[What]:
    if isinstance(messages, Layout | VolumeLayout | Message | SeiMessage | Mapping):
        return [messages]
    return list(messages)


def _maker(
    thing: Layout | VolumeLayout | Message, payload_type: int, start: int, app_data: str
) -> Callable[[Fraction], Message]:
    """Makes the message of a moment, seconds since the first picture."""
    if isinstance(thing, Message):
        return lambda _: thing
    first = (
        VolumeLayout.from_layout(thing, ts=start, app_data=app_data) if isinstance(thing, Layout) else thing
    )
    return lambda elapsed: Message(
        payload_type, dataclasses.replace(first, ts=start + int(elapsed)).serialize()
    )


@dataclass(frozen=True, slots=True)
class _Track:
    """The video track of an opened recording."""

    path: Path
    video: VideoStream
    codec: Codec
    framing: Framing
    tick: Fraction
    frame_s: Fraction
    notes: tuple[str, ...] = ()


class _opened:
    """A recording and its video track, for a `with`.

    Raises:
        StreamError: it cannot be read, or has no H.264 or HEVC.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> tuple[InputContainer, _Track]:
        path = self._path
        self._container = open_recording(str(path))
        try:
            return self._container, _track(path, self._container)
        except BaseException:
            self._container.close()
            raise

    def __exit__(self, *_: object) -> None:
        self._container.close()


def _track(path: Path, container: InputContainer) -> _Track:
    codecs = [stream for stream in container.streams.video if stream.codec_context is not None]
    for video in codecs:
        if video.codec_context.name in ("h264", "hevc"):
            break
    else:
        found = ", ".join(stream.codec_context.name for stream in codecs) or "none"
        raise StreamError(f"{path}: there is no H.264 or HEVC video track; video found: {found}")
    codec = cast(Codec, video.codec_context.name)
    rate = video.guessed_rate or video.average_rate or Fraction(_DEFAULT_RATE)
    notes: tuple[str, ...] = ()
    tick = video.time_base or Fraction(1, 1000)
    if container.format.name in RAW:
        tick = 1 / rate
        notes = (f"{path}: a raw stream has no clock; its pictures are counted at {float(rate):g} a second",)
    return _Track(
        path, video, codec, framing_of(video.codec_context.extradata or b"", codec), tick, 1 / rate, notes
    )


class _Writing:
    """Puts what a plan says into the packets it is given."""

    def __init__(
        self, track: _Track, plan: Plan[Any], types: frozenset[int], *, replace: bool, add: bool
    ) -> None:
        self.done = Written(notes=list(track.notes))
        self._track = track
        self._plan = plan
        self._types = types & LAYOUT_TYPES
        self._replace = replace
        self._add = add
        self._index = -1
        self._held: tuple[Packet[Any], AccessUnit, list[Edit]] | None = None

    def push(self, packet: Packet[Any]) -> Iterator[tuple[Packet[Any], list[Edit]]]:
        """Take a video packet; yield those that are settled, with their edits."""
        self._index += 1
        unit = _access_unit(packet, self._track)
        edits = self._removals(unit)
        picture = None
        if unit.first_slice is not None:
            self.done.pictures += 1
            picture = _picture(packet, self._index)
        for item, messages in self._plan.push((packet, unit, edits), picture):
            yield from self._settle(item, messages)

    def finish(self) -> Iterator[tuple[Packet[Any], list[Edit]]]:
        for item, messages in self._plan.finish():
            yield from self._settle(item, messages)
        if self._held is not None:
            packet, _, edits = self._held
            yield packet, edits

    def _removals(self, unit: AccessUnit) -> list[Edit]:
        if self._add or not self._types or not unit.may_hold_json:
            return []
        if self._replace:
            edits = unit.without(self._is_layout)
            self.done.removed += sum(map(self._is_layout, unit.messages())) if edits else 0
            return edits
        for message in unit.messages():
            if self._is_layout(message):
                raise RefusedError(
                    f"{self._track.path}: layouts of payload type {message.payload_type} are there already, "
                    f"first in packet {self._index}; say whether to replace them or to add to them"
                )
        return []

    def _is_layout(self, message: Message) -> bool:
        return (
            message.payload_type in self._types
            and SeiMessage(message.payload_type, message.payload).layout is not None
        )

    def _settle(
        self, item: tuple[Packet[Any], AccessUnit, list[Edit]], messages: list[Message]
    ) -> Iterator[tuple[Packet[Any], list[Edit]]]:
        """Place the messages; one packet is held, since its end may be where the next one's SEI belongs."""
        _, unit, edits = item
        place = unit.insertion if messages else None
        if place is not None:
            nals = b"".join(
                unit.framed(serialize([message], unit.codec, temporal_id=unit.temporal_id))
                for message in messages
            )
            self.done.inserted += len(messages)
            held = self._held
            if unit.first_slice == 0 and held is not None and held[1].tail < len(held[1].data):
                held[2].append(Edit(held[1].tail, 0, nals))
            else:
                edits.append(Edit(place, 0, nals))
        edits.sort(key=lambda edit: edit.offset)
        if self._held is not None:
            yield self._held[0], self._held[2]
        self._held = item


class _Stripping:
    """Takes messages out of the packets it is given."""

    def __init__(self, track: _Track, is_unwanted: Callable[[Message], bool]) -> None:
        self.done = Written()
        self._track = track
        self._is_unwanted = is_unwanted

    def push(self, packet: Packet[Any]) -> Iterator[tuple[Packet[Any], list[Edit]]]:
        unit = _access_unit(packet, self._track)
        self.done.pictures += unit.first_slice is not None
        edits = unit.without(self._is_unwanted) if unit.has_sei else []
        if edits:
            self.done.removed += sum(map(self._is_unwanted, unit.messages()))
        yield packet, edits

    def finish(self) -> Iterator[tuple[Packet[Any], list[Edit]]]:
        return iter(())


def _access_unit(packet: Packet[Any], track: _Track) -> AccessUnit:
    return AccessUnit(memoryview(packet), track.codec, track.framing)


def _rewrite(source: Path, target: Path, make_change: Callable[[_Track], _Writing | _Stripping]) -> Written:
    """Run a change over a recording and put the result in the target's place."""
    check_target(target, inputs=[source])
    format_name = format_of(target)
    with replacing(target, inputs=[source]) as temporary:
        with _opened(source) as (container, track):
            if can_patch(source, container.format.name, format_name):
                change = make_change(track)
                with Patch(source, format_name) as patch:
                    _run(container, track, change, patch, only_video=True)
                    if patch.finish(temporary):
                        return change.done
        with _opened(source) as (container, track):
            convert = None
            if format_name in ANNEX_B and track.framing:
                convert = av.BitStreamFilterContext(f"{track.codec}_mp4toannexb", track.video)
                track = _Track(
                    track.path, track.video, track.codec, 0, track.tick, track.frame_s, track.notes
                )
            change = make_change(track)
            remux = Remux(container, track.video, temporary, target=target)
            try:
                _run(container, track, change, remux, convert=convert)
                remux.close()
            except BaseException:
                remux.abandon()
                raise
            return change.done


def _run(
    container: InputContainer,
    track: _Track,
    change: _Writing | _Stripping,
    sink: Remux | Patch,
    *,
    only_video: bool = False,
    convert: av.BitStreamFilterContext | None = None,
) -> None:
    for packet in _packets(container, track, only_video=only_video):
        if packet.stream is not track.video:
            sink.write(packet, [])
            continue
        for each in [packet] if convert is None else convert.filter(packet):
            each.stream = track.video
            for done, edits in change.push(each):
                sink.write(done, edits)
    for done, edits in change.finish():
        sink.write(done, edits)

"""SEI messages into recordings, out of them, and from one to another; nothing is re-encoded."""

import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterable, Mapping, Set
from fractions import Fraction
from pathlib import Path

from layoutkit.errors import RefusedError, StreamError
from layoutkit.geometry.layout import Layout
from layoutkit.output import replacing
from layoutkit.sei import carry
from layoutkit.sei.change import MakeChange, Stripping, Writing, Written
from layoutkit.sei.cut import is_cut
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.picture_size import picture_size
from layoutkit.sei.formats import suffix_of
from layoutkit.sei.held import HeldRows
from layoutkit.sei.make import is_other_make
from layoutkit.sei.message import MAX_PAYLOAD_TYPE, Message
from layoutkit.sei.row import SeiMessage
from layoutkit.sei.rows import ASSIGNED, check_layout_type, check_payload_type, row_of, uuid_bytes
from layoutkit.sei.schedule import Periodic, Row, Rows, Source
from layoutkit.sei.tabled import rewrite_by_tables
from layoutkit.sei.volume_layout import DEFAULT_TYPE, VolumeLayout

What = Layout | VolumeLayout | Message | SeiMessage | Mapping[str, object]
"""One thing to write: a layout or a message goes in again and again, a row where it says."""


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
    track: int | None = None,
) -> Written:
    """Put SEI messages into a recording.

    Args:
        source: the recording, H.264 or HEVC: a file, or an address that FFmpeg opens.
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
        track: which video track, from 0; None: the first of H.264 or HEVC. Other tracks stay as they are.

    Raises:
        StreamError: the recording, or a message that cannot be written.
        RefusedError: layouts are there already and neither `replace` nor `add` is set; the container
            refuses a track or a packet; the recording is encrypted.
        OutputError: the target cannot be written.
    """
    check_payload_type(payload_type)
    recording, end = str(source), Path(target)
    with replacing(end, inputs=[Path(source)]) as temporary, HeldRows(temporary.parent) as rows:
        things: list[Layout | VolumeLayout | Message] = []
        for thing in _each(messages):
            if isinstance(thing, SeiMessage | Mapping):
                rows.append(row_of(thing))
            else:
                things.append(thing)
        if not (things or rows):
            raise StreamError("there is no message to write")
        start = int(time.time()) if ts is None else ts
        makers = [_maker(thing, payload_type, start, app_data) for thing in things]
        types = rows.types | {make(Fraction(0)).payload_type for make in makers}
        for each in types:
            check_payload_type(each)

        def change(tick: Fraction, frame_s: Callable[[], Fraction]) -> Writing:
            sources: list[Source] = [
                Periodic(
                    make,
                    tick=tick,
                    interval_ms=interval_ms,
                    follow_idr=follow_idr,
                    every_frame=every_frame,
                )
                for make in makers
            ]
            if rows:
                sources.append(Rows(rows, tick=tick, frame_s=frame_s()))
            return Writing(recording, sources, frozenset(types), replace=replace, add=add)

        written = _rewrite(recording, end, temporary, change, track)
    written.notes += _warnings(types)
    return written


def strip_sei(
    source: str | Path,
    target: str | Path,
    payload_type: int,
    *,
    uuid: str | None = None,
    track: int | None = None,
) -> Written:
    """Take out the messages of one type, of type 5 only those of `uuid` where it is given.

    Those in the track's description (hvcC) go as well; other messages in the same NAL units stay.
    Raises what `write_sei` raises.
    """
    if not 0 <= payload_type <= MAX_PAYLOAD_TYPE:
        raise StreamError(f"payload type {payload_type} is outside 0 to {MAX_PAYLOAD_TYPE}")
    prefix = b"" if uuid is None else uuid_bytes(uuid)
    recording, end = str(source), Path(target)
    with replacing(end, inputs=[Path(source)]) as temporary:
        return _rewrite(recording, end, temporary, lambda *_: Stripping(payload_type, prefix), track)


def copy_sei(
    origin: str | Path,
    source: str | Path,
    target: str | Path,
    *,
    types: Iterable[int] = (DEFAULT_TYPE,),
    replace: bool = False,
    add: bool = False,
    track: int | None = None,
) -> Written:
    """Carry the messages of `origin` over to `source`, a re-encode of the same recording, as `target`.

    Each goes to the picture whose time since the first picture shown is nearest, within half a frame; the
    others are left out and counted in the notes. Raises what `write_sei` raises.

    Args:
        types: payload types to carry over.
        track: which video track of `source`, from 0; of `origin` it is always the first of H.264 or HEVC.
    """
    wanted_types = frozenset(types)
    for payload_type in wanted_types:
        check_payload_type(payload_type)
    recording, end = str(source), Path(target)
    with replacing(end, inputs=[Path(source), Path(origin)]) as temporary, HeldRows(temporary.parent) as rows:
        lost, notes = 0, list[str]()
        with carry.messages(str(origin), wanted_types, temporary.parent, notes) as found:
            pictures = carry.shown(recording, track)
            for time_s, message in found:
                if (index := pictures.nearest(time_s)) is None:
                    lost += 1
                else:
                    rows.append(Row(message, index=index))
        if not (rows or lost):
            asked = ", ".join(map(str, sorted(wanted_types)))
            raise RefusedError(f"{origin}: there is no SEI of type {asked} in it to carry over")
        if not rows:
            raise RefusedError(f"{origin}: none of its {lost} messages has a picture within half a frame")
        frame_s = pictures.frame_s
        del pictures

        def change(tick: Fraction, _: object) -> Writing:
            sources = [Rows(rows, tick=tick, frame_s=frame_s)]
            return Writing(recording, sources, frozenset(rows.types), replace=replace, add=add)

        written = _rewrite(recording, end, temporary, change, track)
    written.notes += [*notes, *_warnings(rows.types)]
    if lost:
        written.notes.append(f"{lost} messages have no picture within half a frame and were left out")
    return written


def video_size(source: str | Path, *, track: int | None = None) -> tuple[int, int]:
    """Width and height of a recording's video, pixels."""
    if track in (None, 0):
        with contextlib.suppress(GiveWay):
            return picture_size(str(source))
    from layoutkit.sei.track import glimpsed, opened

    with contextlib.suppress(GiveWay), glimpsed(Path(source), track) as seen:
        return seen.video.width, seen.video.height
    with opened(source, track) as (_, video):
        return video.video.width, video.video.height


def container_suffix(source: str | Path) -> str:
    """The file name suffix that means a recording's own container.

    Raises:
        StreamError: it cannot be read, or its container cannot be written.
    """
    from layoutkit.sei.track import opened

    with opened(source) as (container, _):
        name = container.format.name
    suffix = suffix_of(name)
    if suffix is None:
        raise StreamError(f"{source}: the container {name} is not written; name a file for the output")
    return ".mov" if suffix == ".mp4" and is_other_make(Path(source), "mp4") else suffix


def _each(messages: What | Iterable[What]) -> Iterable[What]:
    if isinstance(messages, Layout | VolumeLayout | Message | SeiMessage | Mapping):
        return [messages]
    return messages


def _maker(
    thing: Layout | VolumeLayout | Message, payload_type: int, start: int, app_data: str
) -> Callable[[Fraction], Message]:
    """Makes the message of a moment, seconds since the first picture."""
    if isinstance(thing, Message):
        return lambda _: thing
    check_layout_type(payload_type)
    first = (
        VolumeLayout.from_layout(thing, ts=start, app_data=app_data) if isinstance(thing, Layout) else thing
    )
    serialize = dataclasses.replace(first, ts=start).serializer()
    return lambda elapsed: Message(payload_type, serialize(start + int(elapsed)))


def _warnings(types: Set[int]) -> list[str]:
    return [
        f"payload type {each} means something else in the standards: {ASSIGNED[each]}"
        for each in sorted(types & ASSIGNED.keys())
    ]


def _rewrite(
    source: str, target: Path, temporary: Path, make_change: MakeChange, number: int | None
) -> Written:
    """Run a change over a recording; `temporary` is to take the target's place."""
    if (done := _rewritten_by_tables(Path(source), target, temporary, make_change, number)) is not None:
        return done
    from layoutkit.sei.rewrite import rewrite

    done, formats = rewrite(source, target, temporary, make_change, number)
    if Path(source).is_file() and is_cut(Path(source), formats):
        done.notes.append(f"{source} is cut off, and so is what was made of it")
    return done


def _rewritten_by_tables(
    source: Path, target: Path, temporary: Path, make_change: MakeChange, number: int | None
) -> Written | None:
    """What was done the fast way; None: it has to be done the general one."""
    if number not in (None, 0) or not source.is_file():
        return None
    try:
        return rewrite_by_tables(source, target, temporary, make_change)
    except GiveWay:
        return None

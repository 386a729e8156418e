"""MP4, MOV and FLV rewritten by their own tables, without FFmpeg: the fast way for simple recordings.

What is to be done comes from the same change as in `rewrite`, which takes over wherever this gives way. Only
packets that something is for are held; of all others the NAL headers are looked at.
"""

from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from heapq import merge
from itertools import groupby, islice
from pathlib import Path

from layoutkit.sei.change import Change, Insertions, MakeChange, Written
from layoutkit.sei.edits import Edits
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.local import opened
from layoutkit.sei.fast.scan import scan
from layoutkit.sei.fast.tables import Tabled, opened_samples
from layoutkit.sei.formats import format_of
from layoutkit.sei.message import Message
from layoutkit.sei.patch import description_edits, write_patched
from layoutkit.sei.placement import AccessUnit, Edit, merged, offset_of
from layoutkit.sei.plan import Timetable, planned
from layoutkit.sei.unpatchable import Unpatchable

_MAX_SURE_RATE = 200
"""Pictures a second up to which FFmpeg takes a rate that all pictures have at its word (its limit is 210)."""


def rewrite_by_tables(source: Path, target: Path, temporary: Path, make_change: MakeChange) -> Written:
    """Write the changed recording to `temporary`, which is to become `target`.

    Raises:
        GiveWay: the recording is not one for this way, and nothing was written.
    """
    # It must not get shorter while it is copied either.
    with opened(str(source)):
        change, format_name, edits = _gathered(source, target, temporary, make_change)
        with edits:
            try:
                write_patched(source, temporary, format_name, edits)
            except Unpatchable as reason:
                raise GiveWay(str(reason)) from reason
    return change.done


def _gathered(
    source: Path, target: Path, temporary: Path, make_change: MakeChange
) -> tuple[Change, str, Edits]:
    """The change, the container and all edits; the tables of the samples are let go of."""
    with opened_samples(str(source), format_of(target)) as recording:
        samples = recording.samples
        change = make_change(Fraction(1, samples.timescale), partial(frame_s, source, recording))
        edits = merge(_of_description(source, recording, change), _edits(recording, change), key=offset_of)
        return change, recording.format_name, Edits(edits, temporary.parent)


def _of_description(source: Path, recording: Tabled, change: Change) -> list[Edit]:
    _, format_name, (codec, _, extradata), _, track_id = recording
    try:
        return description_edits(source, format_name, track_id, extradata, codec, change.description_removals)
    except (Unpatchable, OSError) as reason:
        raise GiveWay(str(reason)) from reason


def frame_s(source: Path, recording: Tabled) -> Fraction:
    """Seconds of a picture; FFmpeg is asked where it may go by more than the tables.

    Raises:
        GiveWay: the recording is not one for this way.
    """
    samples = recording.samples
    ticks = samples.frame_ticks
    if ticks and samples.timescale <= _MAX_SURE_RATE * ticks:
        return Fraction(ticks, samples.timescale)
    if recording.format_name != "flv":
        from layoutkit.sei.track import glimpsed

        with glimpsed(source) as track:
            return track.frame_s
    from layoutkit.sei.track import opened as opened_by_ffmpeg

    with opened_by_ffmpeg(source) as (_, track):
        return track.frame_s


def _edits(recording: Tabled, change: Change) -> Iterator[Edit]:
    """What the change asks for, by places in the file; of edits of one place the last counts.

    Raises:
        GiveWay: the recording is not one for this way, or cannot be read.
    """
    try:
        yield from _made(recording, change)
    except OSError as error:
        raise GiveWay(str(error)) from error


def _made(recording: Tabled, change: Change) -> Iterator[Edit]:
    file, _, description, samples, _ = recording
    goes_by_keyframes = any(each.goes_by_keyframes for each in change.sources)
    told = samples.keys if goes_by_keyframes else None
    scanned = scan(file, samples.places(), description, change.types, told)
    timetable = Timetable(samples.pts, samples.dts, scanned.keyframes, samples.start)

    def unit_at(place: tuple[int, int]) -> AccessUnit:
        return AccessUnit(file.read(*place), description.codec, description.framing)

    insertions = Insertions()
    with_sei = ((index, None) for index in scanned.with_sei)
    places = samples.places()
    passed = 0
    last_places: deque[tuple[int, int]] = deque(maxlen=2)
    for index, group in groupby(merge(with_sei, planned(change.sources, timetable), key=_index), key=_index):
        last_places.extend(islice(places, index + 1 - passed))
        passed = index + 1
        (offset, _), unit = last_places[-1], unit_at(last_places[-1])
        edits: list[Edit] = []
        for _, messages in group:
            if messages is None:
                edits += [edit.moved(offset) for edit in change.removals(unit, index)]
            else:
                before = partial(unit_at, last_places[0]) if index else None
                edit, is_before = insertions.edit(unit, before, messages)
                edits.append(edit.moved(last_places[0][0] if is_before else offset))
                change.done.inserted += len(messages)
        yield from merged(edits)
    change.done.pictures = len(samples.sizes)


def _index(entry: tuple[int, list[Message] | None]) -> int:
    return entry[0]

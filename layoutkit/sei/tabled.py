"""MP4, MOV and FLV rewritten by their own tables, without FFmpeg: the fast way for simple recordings.

What is to be done comes from the same change as in `rewrite`, which takes over wherever this gives way. Only
packets that something is for are held; of all others the NAL headers are looked at.
"""

from array import array
from fractions import Fraction
from functools import partial
from pathlib import Path

from layoutkit.sei.change import Change, Insertions, MakeChange, Written
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.samples import Samples
from layoutkit.sei.fast.scan import scan
from layoutkit.sei.fast.tables import Tabled, opened_samples
from layoutkit.sei.formats import format_of
from layoutkit.sei.mp4 import Unpatchable
from layoutkit.sei.patch import write_patched
from layoutkit.sei.placement import AccessUnit, Edit
from layoutkit.sei.plan import Timetable, planned

_MAX_SURE_RATE = 200
"""Pictures a second up to which FFmpeg takes a rate that all pictures have at its word (its limit is 210)."""


def rewrite_by_tables(source: Path, target: Path, temporary: Path, make_change: MakeChange) -> Written:
    """Write the changed recording to `temporary`, which is to become `target`.

    Raises:
        GiveWay: the recording is not one for this way, and nothing was written.
    """
    with opened_samples(str(source)) as recording:
        if format_of(target) != recording.format_name:
            raise GiveWay("another container to write")
        samples = recording.samples
        change = make_change(Fraction(1, samples.timescale), partial(frame_s, source, samples))
        try:
            edits = _edits(recording, change)
        except OSError as error:
            raise GiveWay(str(error)) from error
        try:
            write_patched(source, temporary, recording.format_name, edits)
        except Unpatchable as reason:
            raise GiveWay(str(reason)) from reason
        return change.done


def frame_s(source: Path, samples: Samples) -> Fraction:
    """Seconds of a picture; FFmpeg is asked where it may go by more than the tables."""
    ticks = samples.frame_ticks
    if ticks and samples.timescale <= _MAX_SURE_RATE * ticks:
        return Fraction(ticks, samples.timescale)
    from layoutkit.sei.track import opened

    with opened(source) as (_, track):
        return track.frame_s


def _edits(recording: Tabled, change: Change) -> list[Edit]:
    """What the change asks for, by places in the file."""
    file, _, description, samples = recording
    goes_by_keyframes = any(each.goes_by_keyframes for each in change.sources)
    told = samples.keys if goes_by_keyframes else None
    scanned = scan(file, samples.places(), description, change.types, told)
    pts, dts = (array("q", [time - samples.start for time in times]) for times in (samples.pts, samples.dts))
    messages = planned(change.sources, Timetable(pts, dts, scanned.keyframes))

    def unit_of(index: int) -> AccessUnit:
        data = file.read(scanned.offsets[index], samples.sizes[index])
        return AccessUnit(data, description.codec, description.framing)

    insertions = Insertions()
    edits: dict[int, Edit] = {}
    for index in sorted(scanned.with_sei | messages.keys()):
        offset = scanned.offsets[index]
        unit = unit_of(index)
        made = change.removals(unit, index) if index in scanned.with_sei else []
        for edit in made:
            edits[offset + edit.offset] = edit.moved(offset)
        if index in messages:
            before = partial(unit_of, index - 1) if index else None
            edit, is_before = insertions.edit(unit, before, messages[index])
            moved = edit.moved(scanned.offsets[index - is_before])
            edits[moved.offset] = moved
    change.done.pictures = len(samples.sizes)
    change.done.inserted = sum(map(len, messages.values()))
    return list(edits.values())

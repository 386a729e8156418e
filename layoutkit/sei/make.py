"""How a container is made: what FFmpeg's muxers have to be told to make one like the one that is read."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path

from layoutkit.sei.box_walk import walk
from layoutkit.sei.mp4_boxes import is_quicktime
from layoutkit.sei.programs import Program, muxer_options

FASTSTART = "+faststart"
"""movflags for an index before the samples."""

_BOXES_LOOKED_AT = 64
"""Boxes at the top level by which it is told how an MP4 is made: the first fragment is among them."""


def make_options(
    target_format: str,
    source: Path,
    programs: Sequence[Program],
    *,
    time_base: Fraction | None,
    is_same: bool,
    begins_us: int,
    has_running_clock: bool,
) -> dict[str, str]:
    """Options of the muxer that writes the tracks of `source`.

    Args:
        target_format: FFmpeg's name of the container to be written.
        programs: of a transport stream that is read, those that have tracks.
        time_base: seconds in a tick of the video track.
        is_same: whether it is the container that is read.
        begins_us: microseconds at which the recording begins; below zero before a clock wraps.
        has_running_clock: whether that is when the recording began, of a clock that had started before.
    """
    if target_format == "mpegts":
        # Else the muxer moves every timestamp by its delay, or up to zero.
        options = {"mpegts_copyts": "1", "avoid_negative_ts": "disabled"} if is_same else {}
        for program in programs:
            options |= muxer_options(program)
        return options
    # Else players show nothing for as long as the clock had run, or refuse an edit list that says so.
    from_zero = {"output_ts_offset": f"{-begins_us}us"} if has_running_clock and begins_us > 0 else {}
    options = {} if is_same else from_zero
    if target_format in {"mp4", "mov"}:
        if time_base is not None:
            # Edit lists count in the movie's timescale: with a coarser one timestamps move.
            options["movie_timescale"] = str(_timescale(time_base))
        if begins_us < 0 and not is_same:
            # Else the muxer has an edit list trim what is before zero.
            options["avoid_negative_ts"] = "make_non_negative"
        if is_same and (flags := _movflags(source)):
            options["movflags"] = flags
    return options


def is_other_make(source: Path, target_format: str) -> bool:
    """Whether it is a MOV to be written as MP4 or the other way round; they name sound differently."""
    if target_format not in {"mp4", "mov"} or not source.is_file():
        return False
    with source.open("rb") as file:
        return is_quicktime(file.read(12)) != (target_format == "mov")


def _timescale(time_base: Fraction) -> int:
    """The timescale FFmpeg's mov muxer gives a video track of that time base: 10,000 or more."""
    scale = time_base.denominator
    while scale < 10_000:
        scale *= 2
    return scale


def _movflags(source: Path) -> str:
    """What keeps an MP4's make: index in front, or fragments; nothing of one that has an address."""
    if not source.is_file():
        return ""
    with source.open("rb") as file:
        boxes = [box.kind for box in islice(walk(file, 0, source.stat().st_size), _BOXES_LOOKED_AT)]
    if b"moof" in boxes:
        return "+frag_keyframe+empty_moov+delay_moov+default_base_moof"
    if b"moov" in boxes and b"mdat" in boxes and boxes.index(b"moov") < boxes.index(b"mdat"):
        return FASTSTART
    return ""

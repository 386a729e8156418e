"""Messages and pictures of two recordings, by their times since the first picture shown of each.

MP4 and FLV are read by their tables where these tell all; anything else through FFmpeg.
"""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import NamedTuple

from layoutkit.errors import StreamError
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.packets import messages as packet_messages
from layoutkit.sei.fast.tables import opened_samples
from layoutkit.sei.held import HeldMessages
from layoutkit.sei.message import Message
from layoutkit.sei.order import in_order
from layoutkit.sei.report import Report
from layoutkit.sei.tabled import frame_s


class Shown(NamedTuple):
    """The pictures of a recording in the order of display.

    Attributes:
        times: of each, in ticks since the first.
        indices: numbers of their packets.
        tick: seconds of one.
        frame_s: seconds of a picture.
    """

    times: Sequence[int]
    indices: Sequence[int]
    tick: Fraction
    frame_s: Fraction

    @classmethod
    def of(cls, pts: Sequence[int], numbers: Sequence[int], tick: Fraction, frame_s: Fraction) -> "Shown":
        """Put pictures in order, of which there are their times and the numbers of their packets."""
        order = in_order(pts)
        first = pts[order[0]] if order else 0
        times = array("q", (pts[place] - first for place in order))
        return cls(times, array("I", map(numbers.__getitem__, order)), tick, frame_s)

    def nearest(self, time_s: Fraction) -> int | None:
        """Number of the packet whose picture is shown nearest, within half a frame."""
        wanted, half = time_s / self.tick, self.frame_s / self.tick / 2
        place = bisect_left(self.times, ceil(wanted))
        candidates = [each for each in (place - 1, place) if 0 <= each < len(self.times)]
        best = min(candidates, key=lambda each: abs(self.times[each] - wanted))
        return self.indices[best] if abs(self.times[best] - wanted) <= half else None


def shown(path: Path, number: int | None) -> Shown:
    """The pictures that a recording shows.

    Args:
        number: which video track; None: the first of H.264 or HEVC.

    Raises:
        StreamError: it cannot be read, or shows none.
    """
    if number in (None, 0):
        with suppress(GiveWay, OSError), opened_samples(str(path)) as recording:
            samples = recording.samples
            tick = Fraction(1, samples.timescale)
            return Shown.of(samples.pts, range(len(samples.pts)), tick, frame_s(path, samples))
    from layoutkit.sei.track import opened, pictures_of

    with opened(path, number) as (container, track):
        pts, numbers = array("q"), array("I")
        for picture, _ in pictures_of(container, track):
            if not picture.is_discarded:
                pts.append(picture.pts)
                numbers.append(picture.index)
        found = Shown.of(pts, numbers, track.tick, track.frame_s)
    if not found.times:
        raise StreamError(f"{path}: no picture of it is shown")
    return found


@contextmanager
def messages(
    path: Path, types: frozenset[int], folder: Path, notes: list[str]
) -> Iterator[Iterator[tuple[Fraction, Message]]]:
    """Messages of those types with their seconds since the first picture shown, for a `with`.

    Args:
        folder: where there is room for them.
        notes: what is to be said of the times is added to them.

    Raises:
        StreamError: the recording cannot be read.
    """
    for gathered in (_by_tables, _by_packets):
        with HeldMessages(folder) as held:
            try:
                times, start, tick = gathered(path, types, held, notes)
            except GiveWay:
                continue
            yield (((time - start) * tick, held[number]) for number, time in enumerate(times))
            return


def _by_tables(
    path: Path, types: frozenset[int], held: HeldMessages, notes: list[str]
) -> tuple[Sequence[int], int, Fraction]:
    """The messages' times in ticks, that of the first picture shown, and seconds of a tick."""
    times = array("q")
    report = Report()
    report.seen[0] = Counter()
    try:
        with opened_samples(str(path)) as (file, _, description, samples):
            for row in packet_messages(file, samples.places(), description, samples.stamp, types, report):
                if row.payload_type in types and row.index is not None:
                    times.append(samples.pts[row.index])
                    held.append(Message(row.payload_type, row.payload))
            return times, min(samples.pts), Fraction(1, samples.timescale)
    except OSError as error:
        raise GiveWay(str(error)) from error


def _by_packets(
    path: Path, types: frozenset[int], held: HeldMessages, notes: list[str]
) -> tuple[Sequence[int], int, Fraction]:
    from layoutkit.sei.track import opened, pictures_of

    times, start = array("q"), None
    with opened(path) as (container, track):
        for picture, unit in pictures_of(container, track):
            if not picture.is_discarded and (start is None or picture.pts < start):
                start = picture.pts
            for message in unit.messages():
                if message.payload_type in types:
                    times.append(picture.pts)
                    held.append(message)
        notes += track.notes
        return times, start or 0, track.tick

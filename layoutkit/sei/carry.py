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
    """The pictures of a recording.

    Attributes:
        pts: the time of each, in ticks.
        indices: the number of each one's packet.
        order: their places in these, in the order of display.
        tick: seconds of one.
        frame_s: seconds of a picture.
    """

    pts: Sequence[int]
    indices: Sequence[int]
    order: Sequence[int]
    tick: Fraction
    frame_s: Fraction

    def nearest(self, time_s: Fraction) -> int | None:
        """Number of the packet whose picture is shown nearest that time since the first, if any is near."""
        pts, order = self.pts, self.order
        wanted, half = time_s / self.tick + pts[order[0]], self.frame_s / self.tick / 2
        place = bisect_left(order, ceil(wanted), key=pts.__getitem__)
        candidates = order[max(0, place - 1) : place + 1]
        best = min(candidates, key=lambda each: abs(pts[each] - wanted))
        return self.indices[best] if abs(pts[best] - wanted) <= half else None


def shown(source: str, number: int | None) -> Shown:
    """The pictures that a recording shows.

    Args:
        number: which video track; None: the first of H.264 or HEVC.

    Raises:
        StreamError: it cannot be read, or shows none.
    """
    if number in (None, 0):
        with suppress(GiveWay, OSError), opened_samples(source) as recording:
            samples = recording.samples
            tick = Fraction(1, samples.timescale)
            pts = samples.pts
            return Shown(pts, range(len(pts)), in_order(pts), tick, frame_s(Path(source), recording))
    from layoutkit.sei.track import opened, pictures_of

    with opened(source, number) as (container, track):
        pts, numbers = array("q"), array("I")
        for picture, _ in pictures_of(container, track):
            if not picture.is_discarded:
                pts.append(picture.pts)
                numbers.append(picture.index)
    if not pts:
        raise StreamError(f"{source}: no picture of it is shown")
    return Shown(pts, numbers, in_order(pts), track.tick, track.frame_s)


@contextmanager
def messages(
    source: str, types: frozenset[int], folder: Path, notes: list[str]
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
                times, start, tick = gathered(source, types, held, notes)
            except GiveWay:
                continue
            yield (((time - start) * tick, held[number]) for number, time in enumerate(times))
            return


def _by_tables(
    source: str, types: frozenset[int], held: HeldMessages, notes: list[str]
) -> tuple[Sequence[int], int, Fraction]:
    """The messages' times in ticks, that of the first picture shown, and seconds of a tick."""
    times = array("q")
    report = Report()
    report.seen[0] = Counter()
    try:
        with opened_samples(source) as (file, _, description, samples, _):
            for row in packet_messages(file, samples.places(), description, samples.stamp, types, report):
                if row.payload_type in types and row.index is not None:
                    times.append(samples.pts[row.index])
                    held.append(Message(row.payload_type, row.payload))
            return times, min(samples.pts), Fraction(1, samples.timescale)
    except OSError as error:
        raise GiveWay(str(error)) from error


def _by_packets(
    source: str, types: frozenset[int], held: HeldMessages, notes: list[str]
) -> tuple[Sequence[int], int, Fraction]:
    from layoutkit.sei.track import opened, pictures_of

    times, start = array("q"), None
    with opened(source) as (container, track):
        for picture, unit in pictures_of(container, track):
            if not picture.is_discarded and (start is None or picture.pts < start):
                start = picture.pts
            for message in unit.messages():
                if message.payload_type in types:
                    times.append(picture.pts)
                    held.append(message)
        notes += track.notes
        return times, start or 0, track.tick

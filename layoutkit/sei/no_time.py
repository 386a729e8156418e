"""Times that the container a recording is muxed into has no numbers for: refused, by track and packet.

FFmpeg's muxers write other times in their place, or end the process.

Sources: ISO/IEC 14496-12 8.6.1.2 (sample_delta) and 8.6.1.3 (sample_offset), Adobe FLV 10.1 Annex E.4.1
(Timestamp, TimestampExtended) and E.4.3.1 (CompositionTime), ISO/IEC 13818-1 2.4.3.7 (PTS, DTS), RFC 9559
5.1.3.1 (Timestamp, with the nanoseconds that FFmpeg counts in).
"""

from dataclasses import dataclass
from fractions import Fraction

_END_S = (1 << 63) // 10**9
"""Nanoseconds in 64 bits, 292 years, are what times are reckoned in at the finest."""

_SIGNED_32 = (1 << 31) - 1

_STEP_OF_MP4 = _SIGNED_32 - 1
"""FFmpeg holds a sample_delta, of 32 bits without a sign, in an int, and takes the last value of it as too
long."""


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The greatest numbers of a container, in its own `tick`; None: that of each track."""

    tick: Fraction | None
    step: int
    delay: int
    end: int | None = None
    duration: int | None = None


_NUMBERS = {
    "mp4": _Numbers(None, _STEP_OF_MP4, _SIGNED_32, duration=_SIGNED_32),
    "flv": _Numbers(Fraction(1, 1000), _SIGNED_32, (1 << 23) - 1, end=_SIGNED_32),
    # They wrap: what is more than half of all numbers later is taken for earlier.
    "mpegts": _Numbers(Fraction(1, 90_000), (1 << 32) - 1, (1 << 32) - 1),
}
_NUMBERS["mov"] = _NUMBERS["mp4"]


class TimeLimits:
    """How far apart the times of one track may be in a container.

    Args:
        target_format: FFmpeg's name of the container.
        tick: seconds in a tick of the track as it is given.
        target_tick: seconds in a tick of the track in the container.
    """

    def __init__(self, target_format: str, tick: Fraction, target_tick: Fraction) -> None:
        self._format = target_format
        self._tick = tick
        self._end = self._start = int(_END_S / tick)
        self._step = self._delay = self._duration = 2 * self._end
        numbers = _NUMBERS.get(target_format)
        if numbers is not None:
            per_tick = (numbers.tick or target_tick) / tick
            self._step = int(numbers.step * per_tick)
            self._delay = int(numbers.delay * per_tick)
            if numbers.end is not None:
                self._end = int(numbers.end * per_tick)
            if numbers.duration is not None:
                self._duration = int(numbers.duration * per_tick)

    def why_not(self, pts: int, dts: int, duration: int, before: int, whose: str) -> str | None:
        """Why a packet of those times has no place; None: it has.

        Args:
            pts, dts, duration: its times, in ticks as they are given.
            before: the DTS that it follows.
            whose: what that is, for the answer.
        """
        if not -self._start <= dts <= self._end:
            return f"DTS is {self._said(dts)}, and {self._format} counts up to {self._said(self._end)}"
        for ticks, limit, is_so in (
            (abs(dts - before), self._step, f"from {before}, {whose}"),
            (pts - dts, self._delay, "before PTS"),
            (duration, self._duration, "before the packet's end"),
        ):
            if ticks > limit:
                return f"DTS is {self._said(ticks)} {is_so}, and {self._format} holds {self._said(limit)}"
        return None

    def _said(self, ticks: int) -> str:
        return f"{float(ticks * self._tick):.9g} s"

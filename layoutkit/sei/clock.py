"""Time through a stream: it goes forward, and rows can be put in the order of display."""

import heapq
from collections.abc import Iterable, Iterator

from layoutkit.sei.row import SeiMessage

WRAP = 1 << 33
"""Ticks after which the clock of MPEG-TS starts again (ISO/IEC 13818-1 2.4.3.7)."""

BACKWARDS_S = 1.0
"""A decoding time this much before the last one is a new start of the clock; less is a muxer's jitter."""

MAX_REORDER = 32
"""Packets after which a row is let go whatever the times say: both codecs reorder by 16 pictures at most
(max_dec_frame_buffering, sps_max_num_reorder_pics), twice that with fields."""


class Clock:
    """Carries time on where a stream's own starts again: at a wrap of 33 bits or a discontinuity.

    FFmpeg straightens out wraps by itself: where a stream begins less than a minute before one, its times
    before the wrap are below zero, else those behind it go on past 33 bits. That is noted. It takes a
    clock that was set back for a wrap as well, and leaps 26 hours ahead; that is undone.

    Args:
        wraps: whether it has 33 bits; that of fragments of MP4 in a playlist can only start again.
    """

    def __init__(self, *, ticks_per_second: float, wraps: bool = True) -> None:
        self._rate = ticks_per_second
        self._wraps = wraps
        self._shift = 0
        self._last: int | None = None
        self._last_own: int | None = None
        self._step = 0

    def advance(self, dts: int | None, duration: int) -> tuple[int, str | None]:
        """What to add to this packet's times, and a note where that or the clock's own course has changed."""
        if dts is None:
            return self._shift, None
        note = None
        shifted = dts + self._shift
        if self._last is not None and self._last_own is not None:
            leap = shifted - self._last
            back = -leap if leap < 0 else WRAP - leap
            if leap < -BACKWARDS_S * self._rate or (self._wraps and leap > WRAP // 2):
                wrapped = self._wraps and leap < 0 and abs(back - WRAP) < 10 * self._rate
                self._shift += WRAP if wrapped else self._step - leap
                shifted = dts + self._shift
                why = "the 33-bit clock wraps" if wrapped else "the clock starts again (a discontinuity)"
                note = f"{why}: {back / self._rate:.3f} s back; times are carried on"
            elif self._wraps and self._last_own < 0 <= dts:
                note = "the 33-bit clock wraps: times before are below zero"
            elif self._wraps and self._last_own < WRAP <= dts:
                note = "the 33-bit clock wraps: times are carried on"
        self._step = duration or (shifted - self._last if self._last is not None else 0)
        self._last, self._last_own = shifted, dts
        return self._shift, note


def in_display_order(rows: Iterable[SeiMessage]) -> Iterator[SeiMessage]:
    """Rows by their pts; each is held until no later packet can come before it.

    A later packet is displayed no earlier than it is decoded, so a row whose pts is at or before the newest
    dts can go. Rows without a pts keep their place in decode order.
    """
    held: list[tuple[float, int, SeiMessage]] = []
    for number, row in enumerate(rows):
        if row.pts_s is None:
            yield row
            continue
        while held and (
            (row.dts_s is not None and held[0][0] <= row.dts_s)
            or (row.index or 0) - (held[0][2].index or 0) > MAX_REORDER
        ):
            yield heapq.heappop(held)[2]
        heapq.heappush(held, (row.pts_s, number, row))
    while held:
        yield heapq.heappop(held)[2]

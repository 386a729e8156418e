"""`read_sei`: the messages of a recording, by whichever way is right for it."""

import os
from collections.abc import Collection, Iterator
from typing import Literal

from layoutkit.sei.fast import read_fast
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.report import Report
from layoutkit.sei.row import SeiMessage

Order = Literal["decode", "display"]


def read_sei(
    source: str | os.PathLike[str],
    types: Collection[int] | None = None,
    *,
    track: int | None = None,
    order: Order = "decode",
    report: Report | None = None,
) -> Iterator[SeiMessage]:
    """The SEI messages of a recording, one packet held at a time; no frame is decoded.

    Args:
        source: a file, an address that FFmpeg opens, or `-` for standard input.
        types: payload types wanted, as in `{100}`; None: all.
        track: which video track, from 0; None: the first of H.264 or HEVC.
        order: "decode", as the packets come, or "display", by pts; raw streams know only the first.
        report: filled with notes, damage and the types there are; `Report(strict=True)` makes damage fatal.

    Raises:
        StreamError: it cannot be read.
        TruncatedError: it is cut off; raised after the last message before the cut.
    """
    rows = _rows(os.fspath(source), types, track, report or Report())
    if order == "display":
        from layoutkit.sei.clock import in_display_order

        return in_display_order(rows)
    return rows


def _rows(
    source: str, types: Collection[int] | None, track: int | None, report: Report
) -> Iterator[SeiMessage]:
    """The fast reader's rows as long as there are any, then the general reader's from behind the last."""
    last: tuple[int, int, int] | None = None
    if track in (None, 0) and os.path.isfile(source):  # noqa: PTH113
        try:
            for row in read_fast(source, types, report):
                last = _place(row)
                yield row
            return
        except GiveWay:
            pass
    from layoutkit.sei.stream import read_packets

    for row in read_packets(source, types, track=track, report=report):
        if last is not None:
            # A message of an extradata that changes midway has no place of its own: it is behind what was
            # printed once that has been passed.
            place = _place(row)
            if place <= last:
                last = None if place == last else last
                continue
            last = None
        yield row


def _place(row: SeiMessage) -> tuple[int, int, int]:
    """Where a row stands in decode order; what the extradata holds comes first."""
    return (-1 if row.index is None else row.index, row.nal, row.message)

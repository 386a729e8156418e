"""`read_sei`: the messages of a recording, by whichever way is right for it."""

import os
from collections.abc import Collection, Iterator
from typing import Literal

from layoutkit.sei.clock import in_display_order
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
    from layoutkit.sei.stream import read_packets

    rows = read_packets(os.fspath(source), types, track=track, report=report or Report())
    return in_display_order(rows) if order == "display" else rows

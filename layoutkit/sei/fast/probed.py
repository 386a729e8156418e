"""Rows of a container whose times FFmpeg may read in another way for what it meets at the beginning."""

from collections.abc import Iterator

from layoutkit.sei.report import Report
from layoutkit.sei.row import SeiMessage

_PROBED_BYTES = 8 << 20
"""FFmpeg looks at some 5 MB before it gives the first packet."""


def settled(rows: Iterator[SeiMessage], report: Report) -> Iterator[SeiMessage]:
    """The rows, held until this much of the file is known to be sound."""
    held: list[SeiMessage] = []
    for row in rows:
        held.append(row)
        if report.position > _PROBED_BYTES:
            yield from held
            held.clear()
    yield from held

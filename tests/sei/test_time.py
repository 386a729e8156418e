"""Time through real streams: where a clock wraps or starts again, it goes on."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import av
import pytest

from layoutkit.sei import SeiMessage
from layoutkit.sei.clock import WRAP
from layoutkit.sei.message import Message
from layoutkit.sei.reader import read_sei
from layoutkit.sei.report import Report
from layoutkit.sei.write import write_sei
from tests.sei.recording import pes_of, pictures, ts, with_layouts

PAYLOAD = b'{"canvas":{"w":64,"h":64},"regions":[]}'
TICK = 90_000 // 25
SECOND = 90_000

Read = Callable[[bytes], tuple[list[SeiMessage], list[str]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Rows of a transport stream, and what was told about it."""

    def read(data: bytes) -> tuple[list[SeiMessage], list[str]]:
        path = tmp_path / "in.ts"
        path.write_bytes(data)
        told: list[str] = []
        report = Report(on_diagnostic=lambda each: told.append(str(each).removeprefix(f"{path}: ")))
        return list(read_sei(path, {100}, report=report)), told

    return read


def steps(rows: list[SeiMessage]) -> list[float]:
    """Seconds from each row's decoding to that of the next."""
    times = [row.dts_s for row in rows]
    return [round(b - a, 6) for a, b in pairwise(times)]


def delays(rows: list[SeiMessage]) -> list[float]:
    return [round(row.pts_s - row.dts_s, 6) for row in rows]


def test_a_clock_that_wraps_soon_begins_below_zero(read: Read) -> None:
    found = with_layouts(pictures(), PAYLOAD)
    rows, told = read(ts(pes_of(found, start=WRAP - 20 * TICK)))
    assert [row.dts_s for row in rows] == [-0.8, -0.4, 0.0, 0.4]
    assert delays(rows) == [0.08, 0.16, 0.08, 0.16]
    assert told == ["packet 20: the 33-bit clock wraps: times before are below zero"]


def test_a_clock_that_wraps_later_goes_on(read: Read) -> None:
    found = with_layouts(pictures(), PAYLOAD)
    packets = pes_of(found, start=WRAP - 100 * SECOND) + pes_of(found, start=WRAP - 20 * TICK)
    rows, told = read(ts(packets))
    assert steps(rows) == [0.4, 0.4, 0.4, 98.0, 0.4, 0.4, 0.4]
    assert delays(rows) == [0.08, 0.16, 0.08, 0.16] * 2
    assert told == ["packet 60: the 33-bit clock wraps: times are carried on"]


@pytest.mark.parametrize(
    ("before", "after", "back"), [(1000, 1, "1000.560"), (10, 0, "11.560"), (1000, 990, "11.560")]
)
def test_a_clock_that_starts_again_is_carried_on(read: Read, before: int, after: int, back: str) -> None:
    found = with_layouts(pictures(), PAYLOAD)
    rows, told = read(ts(pes_of(found, start=before * SECOND) + pes_of(found, start=after * SECOND)))
    assert rows[0].dts_s == before
    assert steps(rows) == [0.4] * 7
    assert delays(rows) == [0.08, 0.16, 0.08, 0.16] * 2
    assert told == [
        f"packet 40: the clock starts again (a discontinuity): {back} s back; times are carried on"
    ]


@pytest.mark.parametrize(
    ("suffix", "by_s"), [("ts", 0.0), ("mp4", 0.8), ("mov", 0.8), ("mkv", 0.72), ("flv", 0.8)]
)
def test_writing_rule_8_what_is_before_a_wrap_stays_and_is_shown(
    suffix: str, by_s: float, tmp_path: Path
) -> None:
    """Where times must not be below zero, all are later by one constant: Matroska has no DTS to count."""
    source, target = tmp_path / "in.ts", tmp_path / f"out.{suffix}"
    source.write_bytes(ts(pes_of(pictures(), start=WRAP - 20 * TICK)))
    write_sei(source, target, Message(100, PAYLOAD), every_frame=True)
    before, after = times(source), times(target)
    assert len(after) == len(before) == 40
    assert {is_discarded for _, is_discarded in after} == {False}
    moved = {round(there - here, 3) for (here, _), (there, _) in zip(before, after, strict=True)}
    assert moved == {by_s}


def times(path: Path) -> list[tuple[float, bool]]:
    """PTS of each picture, seconds, and whether it is trimmed."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.size]
        return [(float(packet.pts * stream.time_base), packet.is_discard) for packet in packets]

"""The fast readers beside the general one: the same rows, whatever the file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from layoutkit.errors import LayoutkitError
from layoutkit.sei import SeiMessage
from layoutkit.sei.fast import read_fast
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.reader import read_sei
from layoutkit.sei.report import Report
from layoutkit.sei.stream import read_packets

STREAMS = Path(__file__).resolve().parents[3] / "shared" / "data" / "streams"
CORPUS = sorted(path for path in STREAMS.glob("*") if path.suffix not in {".tsv", ".md", ".json"})

Outcome = tuple[list[SeiMessage], str, dict[int, dict[int, int]], dict[int, str], int]


def outcome(rows: Iterator[SeiMessage], report: Report) -> Outcome:
    """All that a reading tells: rows, error, types seen, codecs, packets."""
    found: list[SeiMessage] = []
    error = ""
    try:
        found.extend(rows)
    except LayoutkitError as raised:
        error = str(raised)
    return found, error, {key: dict(seen) for key, seen in report.seen.items()}, report.codecs, report.packets


def assert_same(path: Path) -> None:
    """The way `read_sei` takes against the general reader alone, diagnostics included."""
    told: list[list[str]] = [[], []]
    fast, general = (Report(on_diagnostic=lambda each, to=to: to.append(str(each))) for to in told)  # type: ignore[misc]
    ours = outcome(read_sei(path, report=fast), fast)
    theirs = outcome(read_packets(str(path), report=general), general)
    assert ours == theirs
    assert sorted(told[0]) == sorted(told[1])


def is_fast(path: Path) -> bool:
    """Whether the file is read to its end without FFmpeg."""
    try:
        list(read_fast(str(path), None, Report()))
    except GiveWay:
        return False
    return True


@pytest.mark.skipif(not CORPUS, reason="the corpus is not here")
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_every_recording_of_the_corpus_gives_the_same(path: Path) -> None:
    assert_same(path)

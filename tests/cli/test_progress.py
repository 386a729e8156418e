"""The progress bar: on a terminal, for a large file, and nowhere else."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from layoutkit.cli.progress import LARGE_BYTES
from tests.sei.recording import Mp4Track, avcc, mp4, parameter_sets, pictures, samples, with_layouts

SHOW_CURSOR, HIDE_CURSOR = b"\x1b[?25h", b"\x1b[?25l"


PAYLOAD = b'{"canvas":{"w":64,"h":64},"regions":[]}'


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A recording of four layouts, and so much empty space behind it that the file is a large one."""
    path = tmp_path / "large.mp4"
    track = Mp4Track(samples(with_layouts(pictures(), PAYLOAD)), [avcc(parameter_sets())])
    with path.open("wb") as file:
        file.write(mp4(track) + LARGE_BYTES.to_bytes(4, "big") + b"free")
        file.truncate(file.tell() + LARGE_BYTES - 8)
    return path


def read_on_a_terminal(path: Path, *, rows_too: bool = False) -> tuple[bytes, bytes]:
    """Standard output, and what a terminal at standard error, or at both, is sent."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "layoutkit", "sei", "read", str(path)]
    output = theirs if rows_too else subprocess.PIPE
    with subprocess.Popen(
        command, stdout=output, stderr=theirs, env={**os.environ, "COLUMNS": "80"}
    ) as process:
        os.close(theirs)
        sent = []
        try:
            while piece := os.read(ours, 1 << 16):
                sent.append(piece)
        except OSError:  # Linux tells the end of a terminal in this way
            pass
        printed = process.stdout.read() if process.stdout else b""
    os.close(ours)
    assert process.returncode == 0
    return printed, b"".join(sent)


def test_a_large_file_has_a_bar_that_goes_away(large: Path) -> None:
    printed, sent = read_on_a_terminal(large)
    assert [json.loads(line)["type"] for line in printed.splitlines()] == [100] * 4
    assert sent.startswith(HIDE_CURSOR)
    assert b"large.mp4" in sent
    assert b"0%" in sent
    assert sent.endswith(SHOW_CURSOR + b"\r\x1b[1A\x1b[2K")


def test_rows_on_the_same_terminal_stand_above_the_bar(large: Path) -> None:
    _, sent = read_on_a_terminal(large, rows_too=True)
    lines = [part.split(b"\r\n")[0] for part in sent.split(b"\x1b[2K")]
    assert [json.loads(line)["index"] for line in lines if line.startswith(b"{")] == [0, 10, 20, 30]
    assert b"large.mp4" in sent


def test_a_small_file_has_none(large: Path) -> None:
    os.truncate(large, large.stat().st_size - LARGE_BYTES)
    printed, sent = read_on_a_terminal(large)
    assert (printed.count(b"\n"), sent) == (4, b"")


def test_what_is_no_terminal_sees_none_and_loads_nothing_for_it(large: Path) -> None:
    code = (
        "import sys; from layoutkit.cli import main; main(['sei', 'read', sys.argv[1]]); "
        "sys.exit('rich.progress' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", code, str(large)], capture_output=True)
    assert (answer.returncode, answer.stderr, answer.stdout.count(b"\n")) == (0, b"", 4)

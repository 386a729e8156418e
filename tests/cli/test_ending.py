"""How a command ends when its output goes nowhere, or somebody ends it."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.sei.recording import (
    Mp4Track,
    avcc,
    mp4,
    parameter_sets,
    pes_of,
    pictures,
    raw,
    samples,
    ts,
    with_layouts,
)

LAYOUTKIT = [sys.executable, "-m", "layoutkit"]
PAYLOAD = b'{"canvas":{"w":64,"h":64},"regions":[]}'


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ending") / "in.ts"
    path.write_bytes(ts(pes_of(with_layouts(pictures(), PAYLOAD))))
    return path


def hear_ctrl_c() -> None:
    """In the background of a shell the signal is ignored, and that is passed on."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def shell(line: str, recording: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of the shell in which `read` reads the recording and `strip` makes a copy of it."""
    python = f"'{sys.executable}' -m layoutkit sei"
    line = line.replace("read", f"{python} read '{recording}'").replace(
        "strip", f"{python} strip '{recording}' - --type 100"
    )
    command = ["bash", "-c", f"set -o pipefail; {line}"]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.parametrize("command", ["read --all", "strip"])
def test_a_reader_that_has_enough_is_no_error(command: str, recording: Path) -> None:
    answer = shell(f"{command} | head -c 10 | wc -c", recording)
    assert (answer.returncode, answer.stdout.strip()) == (0, "10")
    assert "Traceback" not in answer.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")  # noqa: PTH110
@pytest.mark.parametrize("command", ["read", "strip"])
def test_a_standard_output_without_room_is_one_line(command: str, recording: Path) -> None:
    answer = shell(f"{command} > /dev/full", recording)
    assert answer.returncode == 2
    told = answer.stderr.splitlines()[-1]
    assert told == "layoutkit: standard output: cannot be written: No space left on device"


def test_closed_streams_are_nobody_elses(recording: Path) -> None:
    assert shell("read >&-", recording).returncode == 0
    rows = shell("read --type 99 2>&-", recording)
    assert (rows.returncode, rows.stdout) == (0, "")
    assert len(shell("read 2>&-", recording).stdout.splitlines()) == 4


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_ended_leaves_nothing_behind(number: int, tmp_path: Path) -> None:
    source, target = tmp_path / "in.h264", tmp_path / "out.h264"
    source.write_bytes(raw(pictures()))
    # It waits for rows, however long the signal takes to come.
    command = [*LAYOUTKIT, "sei", "write", str(source), str(target), "--messages", "-"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stderr=subprocess.DEVNULL, preexec_fn=hear_ctrl_c) as process:
        while process.poll() is None and not list(tmp_path.glob(".out.*.part.h264")):
            time.sleep(0.001)
        process.send_signal(number)
        assert process.wait(60) == 128 + number
    assert list(tmp_path.iterdir()) == [source]


def test_reading_a_playlist_that_may_grow_ends_at_once(recording: Path, tmp_path: Path) -> None:
    path = tmp_path / "live.m3u8"
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1.6,\n{recording}\n")
    command = [*LAYOUTKIT, "sei", "read", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, preexec_fn=hear_ctrl_c) as process:
        assert process.stdout is not None
        assert b'"index":0,' in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == -signal.SIGINT


def test_reading_a_live_input_ends_at_once(recording: Path) -> None:
    command = [*LAYOUTKIT, "sei", "read", "-"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, preexec_fn=hear_ctrl_c) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(recording.read_bytes() * 40)
        process.stdin.flush()
        assert b'"index":0,' in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == -signal.SIGINT


@pytest.mark.parametrize("name", ["out.mp4", "out.mov", "out.mkv", "out.ts", "out.flv"])
def test_a_disk_without_room_is_one_line_and_leaves_nothing(name: str, tmp_path: Path) -> None:
    source = tmp_path / "in.mp4"
    source.write_bytes(mp4(Mp4Track(samples(pictures(size=128)), [avcc(parameter_sets(size=128))])))
    command = [*LAYOUTKIT, "sei", "write", str(source), str(tmp_path / name), "--layout", "grid"]
    room = source.stat().st_size // 2
    answer = subprocess.run(
        [*command, "--every-frame"], capture_output=True, text=True, preexec_fn=lambda: leave_room(room)
    )
    told = f"layoutkit: {tmp_path / name}: cannot be written: File too large\n"
    assert (answer.returncode, answer.stderr) == (2, told)
    assert list(tmp_path.iterdir()) == [source]


def leave_room(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize(("words", "commands"), [([], ["preview", "sei"]), (["sei"], ["read", "copy"])])
def test_without_a_command_the_help_is_shown_line_by_line(
    words: list[str], commands: list[str], run: Run
) -> None:
    answer = run(*words)
    assert (answer.code, answer.out) == (2, "")
    shown = answer.err.splitlines()
    assert shown[0] == " ".join(["Usage: layoutkit", *words, "[OPTIONS] COMMAND [ARGS]..."])
    assert {line.split()[0] for line in shown if line.startswith("  ") and line.strip()} >= set(commands)


@pytest.mark.parametrize(
    "words",
    [
        ["sei", "read", "LONG"],
        ["sei", "strip", "LONG", "out.mp4", "--type", "100"],
        ["sei", "strip", "in.mp4", "LONG.mp4", "--type", "100"],
        ["preview", "grid", "-o", "LONG.png"],
    ],
)
def test_a_name_that_is_too_long_is_one_line(words: list[str], run: Run) -> None:
    answer = run(*(word.replace("LONG", "x" * 5000) for word in words))
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"layoutkit: {'x' * 5000}")
    assert answer.err.endswith(": File name too long\n")

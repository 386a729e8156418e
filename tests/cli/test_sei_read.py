"""A reading of which nothing is said but the recording, beside the same one through the option parser."""

import subprocess
import sys
from pathlib import Path

import pytest

from layoutkit.sei.volume_layout import Canvas, Region, VolumeLayout
from tests.cli.conftest import Run
from tests.sei.recording import Mp4Track, avcc, mp4, parameter_sets, pictures, samples, with_layouts

PAYLOAD = VolumeLayout(Canvas(64, 64), (Region("a", 0, 0, 64, 64, volume=7),), ts=9).serialize()


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    track = Mp4Track(samples(with_layouts(pictures(), PAYLOAD)), [avcc(parameter_sets())])
    path = tmp_path / "in.mp4"
    path.write_bytes(mp4(track))
    return path


def read(*words: object) -> tuple[str, list[str]]:
    """What a reading prints, and which of the modules that take long to load it loaded."""
    code = (
        "import sys; from layoutkit.cli import main; code = main(['sei', 'read', *sys.argv[1:]]); "
        "print(*sorted({'typer', 'rich', 'av', 'numpy', 'json'} & set(sys.modules)), file=sys.stderr); "
        "sys.exit(code)"
    )
    command = [sys.executable, "-c", code, *map(str, words)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return answer.stdout, answer.stderr.split()


def test_both_ways_print_the_same_rows_and_load_no_more_than_they_need(recording: Path) -> None:
    plain, parsed = read(recording), read(recording, "--order", "decode")
    assert plain[0] == parsed[0]
    assert plain[0].count('"volume":7') == plain[0].count("\n") == 4
    assert plain[1] == []
    assert "typer" in parsed[1]


@pytest.mark.parametrize("name", ["missing.mp4", ".", "", "x" * 5000, "-x", "--help", "--", "--all"])
def test_both_ways_end_alike(name: str, run: Run) -> None:
    plain, parsed = run("sei", "read", name), run("sei", "read", "--order", "decode", name)
    assert plain == parsed
    assert plain.code == (0 if name == "--help" else 2)

"""`demo`: what a newcomer sees first."""

import json
from pathlib import Path

from PIL import Image

import layoutkit
from tests.cli.conftest import Run


def test_the_demo_leaves_a_recording_whose_sei_says_what_was_written(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    answer = run("demo", "-o", folder)
    assert (answer.code, answer.err) == (0, "")
    for path in folder.iterdir():
        assert str(path) in answer.out
    rows = list(layoutkit.read_sei(folder / "recording.mp4", types={100}))
    assert [row.pts_s for row in rows] == [0.0, 1.0, 2.0, 3.0]
    shown = [[region.uid for region in row.layout.regions] for row in rows if row.layout]
    assert shown == 2 * [["alice", "bob", "carol"]] + 2 * [["alice", "bob", "carol", "dave"]]
    assert list(layoutkit.read_sei(folder / "clip.mp4", types={100})) == []
    with Image.open(folder / "decoded-0.png") as picture:
        assert picture.size == (1280, 720)
    payload = (folder / "payload.json").read_text()
    assert answer.out.endswith(payload)
    assert len(json.loads(payload)["MixLayoutList"]) == 3


def test_the_demo_runs_again_over_its_own_files(run: Run, tmp_path: Path) -> None:
    assert run("demo", "-o", tmp_path).code == 0
    assert run("demo", "-o", tmp_path).code == 0


def test_a_folder_that_cannot_be_made_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "none" / "demo", tmp_path / "file"):
        answer = run("demo", "-o", folder)
        assert answer.code == 2
        assert answer.err.startswith(f"layoutkit: {folder}: the folder cannot be made: ")

"""Outputs appear whole or not at all."""

import errno
import os
from pathlib import Path

import pytest

from layoutkit.errors import OutputError
from layoutkit.output import check_target, replacing


def test_a_finished_output_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "x.png"
    target.write_bytes(b"old")
    target.chmod(0o640)
    with replacing(target) as temporary:
        assert temporary.suffix == ".png"
        assert temporary.parent == tmp_path
        temporary.write_bytes(b"new")
        assert target.read_bytes() == b"old"
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [target]


def test_a_new_output_gets_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    plain, target = tmp_path / "plain", tmp_path / "target"
    plain.touch()
    with replacing(target):
        pass
    assert target.stat().st_mode == plain.stat().st_mode


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, failure: type[BaseException]) -> None:
    target = tmp_path / "x.mp4"
    target.write_bytes(b"old")

    def fail() -> None:
        with replacing(target) as temporary:
            temporary.write_bytes(b"half")
            raise failure

    with pytest.raises(failure):
        fail()
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_an_output_is_never_the_input(tmp_path: Path) -> None:
    source = tmp_path / "in.mp4"
    source.write_bytes(b"precious")
    link = tmp_path / "link.mp4"
    os.link(source, link)
    for target in (source, tmp_path / "." / "in.mp4", link):
        with pytest.raises(OutputError, match="the output is the input"), replacing(target, inputs=[source]):
            pass
    assert source.read_bytes() == b"precious"


@pytest.mark.parametrize(("name", "message"), [("", "is a folder"), ("none/x.png", "none does not exist")])
def test_an_impossible_place_is_named(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(OutputError, match=message), replacing(tmp_path / name):
        pass


def test_a_full_disk_is_told_in_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    with pytest.raises(OutputError, match=r"out\.txt: cannot be written: No space left"), replacing(target):
        raise OSError(errno.ENOSPC, "full")
    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    folder, link = tmp_path / "folder", tmp_path / "latest.mp4"
    folder.mkdir()
    link.symlink_to(folder / "real.mp4")
    for content in (b"first", b"second"):
        with replacing(link) as temporary:
            temporary.write_bytes(content)
        assert (folder / "real.mp4").read_bytes() == content
    assert link.is_symlink()
    assert list(folder.iterdir()) == [folder / "real.mp4"]


def test_a_device_is_not_replaced() -> None:
    with pytest.raises(OutputError, match="/dev/null: the output is a device or a pipe"):
        check_target(Path(os.devnull))

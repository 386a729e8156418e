"""Files that end too early, or change under the reader: what came before is kept, and it is said."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from layoutkit.errors import StreamError, TruncatedError
from layoutkit.sei.cut import is_cut
from layoutkit.sei.reader import read_sei
from tests.sei.recording import (
    Mp4Track,
    avcc,
    flv,
    matroska,
    mp4,
    parameter_sets,
    pes_of,
    picture_tags,
    pictures,
    raw,
    samples,
    sequence_header,
    ts,
    with_layouts,
)

PAYLOAD = b'{"canvas":{"w":64,"h":64},"regions":[]}'
FILLER = b"\x0c" + b"\xff" * 100_000 + b"\x80"
"""A NAL unit of filler data, so that a file is longer than any buffer between it and the reader."""

NAMES = ["in.mp4", "in.flv", "in.mkv", "in.ts", "in.h264"]


def recording(name: str) -> bytes:
    """Forty pictures of 100 kB, a layout in every tenth."""
    found = [replace(each, nals=(*each.nals, FILLER)) for each in with_layouts(pictures(), PAYLOAD)]
    match name:
        case "in.mp4":
            return mp4(Mp4Track(samples(found), [avcc(parameter_sets())]))
        case "in.flv":
            return flv([sequence_header(parameter_sets()), *picture_tags(found)])
        case "in.mkv":
            return matroska(found)
        case "in.ts":
            return ts(pes_of(found))
    return raw(found)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_cut_in_the_middle_keeps_the_rows_before(name: str, tmp_path: Path) -> None:
    whole = recording(name)
    path = tmp_path / name
    path.write_bytes(whole)
    command = [sys.executable, "-m", "layoutkit", "sei", "read", str(path)]
    before = subprocess.run(command, capture_output=True, text=True)
    rows = before.stdout.splitlines()
    assert (before.returncode, len(rows)) == (0, 4)
    path.write_bytes(whole[: len(whole) * 7 // 10 | 1])  # at an odd place: inside a transport packet
    after = subprocess.run(command, capture_output=True, text=True)
    assert after.stdout.splitlines() == rows[:3]
    if name == "in.h264":  # such a stream may end anywhere
        assert (after.returncode, "cut off" in after.stderr) == (0, False)
    else:
        assert after.returncode == 1
        assert f"{name}: it is cut off" in after.stderr.splitlines()[-1]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_shrinks_while_it_is_read_is_an_error(name: str, tmp_path: Path) -> None:
    whole = recording(name)
    path = tmp_path / name
    path.write_bytes(whole)
    rows = read_sei(path, {100})
    assert next(rows).index == 0
    with path.open("r+b") as file:
        file.truncate(len(whole) // 2)
    with pytest.raises(StreamError, match=f"the file shrank from {len(whole)} to {len(whole) // 2} bytes"):
        list(rows)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_grows_while_it_is_read_is_none(name: str, tmp_path: Path) -> None:
    whole = recording(name)
    path = tmp_path / name
    path.write_bytes(whole[: len(whole) * 7 // 10])
    rows = read_sei(path, {100})
    found = [next(rows).index]
    path.write_bytes(whole)
    found += [row.index for row in rows]
    assert found[:3] == [0, 10, 20]


def test_of_damage_without_end_the_first_hundred_pieces_are_told(tmp_path: Path) -> None:
    bad = b"\x06\x64\xfe\x00\x80"
    found = [replace(each, nals=(*[bad] * 50, *each.nals)) for each in with_layouts(pictures(), PAYLOAD)]
    path = tmp_path / "in.h264"
    path.write_bytes(raw(found))
    command = [sys.executable, "-m", "layoutkit", "sei", "read", str(path)]
    answer = subprocess.run(command, capture_output=True, text=True)
    lines = answer.stderr.splitlines()
    assert (answer.returncode, answer.stdout.count("\n"), len(lines)) == (0, 4, 101)
    assert "packet 1, byte " in lines[90]
    assert lines[-1] == f"layoutkit: {path}: 1901 more things are the matter than the 100 above"


def test_matroska_is_cut_where_its_segment_ends_past_the_file(tmp_path: Path) -> None:
    whole = matroska(with_layouts(pictures(), PAYLOAD))
    path = tmp_path / "in.mkv"
    path.write_bytes(whole)
    assert not is_cut(path, {"matroska", "webm"})
    for lost in (1, 7, 50):
        path.write_bytes(whole[:-lost])
        assert is_cut(path, {"matroska", "webm"})
        with pytest.raises(TruncatedError, match="cut off"):
            list(read_sei(path))
    place = whole.index(bytes.fromhex("18538067")) + 4
    path.write_bytes(whole[:place] + b"\x01" + b"\xff" * 7 + whole[place + 8 : -50])
    assert not is_cut(path, {"matroska", "webm"})


@pytest.mark.parametrize(
    ("before", "behind"), [(0, 0), (4, 0), (0, 16)], ids=["plain", "M2TS", "with parity"]
)
@pytest.mark.parametrize("lead", [0, 8])
def test_a_transport_stream_is_cut_inside_its_last_packet(
    before: int, behind: int, lead: int, tmp_path: Path
) -> None:
    plain = ts(pes_of(with_layouts(pictures(), PAYLOAD)))
    packets = [plain[start : start + 188] for start in range(0, len(plain), 188)]
    whole = bytes(lead) + b"".join(bytes(before) + each + bytes(behind) for each in packets)
    path = tmp_path / "in.ts"
    path.write_bytes(whole)
    assert len(list(read_sei(path))) == 4
    for lost in {1, behind + 1, behind + 187}:
        path.write_bytes(whole[:-lost])
        with pytest.raises(TruncatedError, match="it is cut off after video packet 3"):
            list(read_sei(path))
    for sound in (whole[: -before - 188 - behind], whole + bytes(1000)):
        path.write_bytes(sound)
        assert not is_cut(path, {"mpegts"})

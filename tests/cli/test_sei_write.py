"""`sei write`, `sei strip` and `sei copy` as their users run them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from layoutkit.sei import SeiMessage
from layoutkit.sei.line import to_line
from layoutkit.sei.reader import read_sei
from tests.cli.conftest import Run
from tests.sei.recording import RATE, Mp4Track, avcc, mp4, muxed, parameter_sets, pictures, samples

UUID = "00112233445566778899aabbccddeeff"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """40 pictures with B-frames, 25 a second, key frames at 0 and 20; no SEI."""
    return muxed(tmp_path / "bare.mp4")


def rows_of(path: Path) -> list[SeiMessage]:
    return list(read_sei(path))


def shown(path: Path) -> list[float]:
    """Presentation times of the messages, from the first, in pictures."""
    times = [row.pts_s for row in rows_of(path)]
    assert all(time is not None for time in times)
    return sorted(round((time or 0) * RATE) for time in times)


def test_a_layout_is_repeated_and_its_clock_counts_on(bare: Path, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "out.mp4"
    answer = run(
        "sei", "write", bare, target, "--layout", "grid", "--users", "4", "--interval", "400", "--ts", "100"
    )
    assert (answer.code, answer.out) == (0, "")
    assert answer.err == f"{target}: 4 messages put in, 40 pictures\n"
    assert shown(target) == [0, 10, 20, 30]
    layouts = [row.layout for row in rows_of(target)]
    assert [layout and layout.ts for layout in layouts] == [100, 100, 100, 101]
    assert layouts[0] is not None
    assert (layouts[0].canvas.w, layouts[0].canvas.h, len(layouts[0].regions)) == (64, 64, 4)


PAYLOAD = {"canvas": {"w": 640, "h": 360}, "regions": [{"uid": "a", "x": 0, "y": 0, "w": 640, "h": 360}]}
PLACE = {"LocationX": 0, "LocationY": 0, "ImageWidth": 32, "ImageHeight": 64, "ZOrder": 0}
WINDOW = {"UserMediaStream": {"UserInfo": {"UserId": "a"}, "StreamType": 0}, **PLACE}
PARAMS = {"MixLayoutMode": 4, "MixLayoutList": [WINDOW]}
ENCODE = {"Width": 640, "Height": 360, "Fps": 15, "BitRate": 500, "Gop": 2}


@pytest.mark.parametrize(
    ("source", "words", "canvas"),
    [
        (PAYLOAD, [], (640, 360)),
        ({"VideoParams": {"VideoEncode": ENCODE, "LayoutParams": PARAMS}}, [], (640, 360)),
        ({"VideoParams": {"VideoEncode": ENCODE, "LayoutParams": PARAMS}}, ["--canvas", "32x80"], (32, 80)),
        (PARAMS, [], (64, 64)),
        (PARAMS, ["--canvas", "32x80"], (32, 80)),
    ],
)
def test_the_canvas_is_the_users_else_the_sources_else_the_videos(
    source: dict[str, object],
    words: list[str],
    canvas: tuple[int, int],
    bare: Path,
    tmp_path: Path,
    run: Run,
) -> None:
    file, target = tmp_path / "source.json", tmp_path / "out.mp4"
    file.write_text(json.dumps(source))
    assert run("sei", "write", bare, target, "--layout", file, *words).code == 0
    layout = rows_of(target)[0].layout
    assert layout is not None
    assert (layout.canvas.w, layout.canvas.h, len(layout.regions)) == (*canvas, 1)


@pytest.mark.parametrize(
    ("words", "count"),
    [(["--interval", "800"], 2), (["--interval", "1600", "--follow-idr"], 2), (["--every-frame"], 40)],
)
def test_when(words: list[str], count: int, bare: Path, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "out.mp4"
    assert run("sei", "write", bare, target, "--layout", "grid", *words).code == 0
    assert len(rows_of(target)) == count


def test_layouts_that_are_there_are_refused_replaced_or_added_to(
    bare: Path, tmp_path: Path, run: Run
) -> None:
    one, two = tmp_path / "one.mp4", tmp_path / "two.mp4"
    assert run("sei", "write", bare, one, "--layout", "grid").code == 0
    refused = run("sei", "write", one, two, "--layout", "grid")
    assert refused.code == 1
    assert "--replace" in refused.err or "replace" in refused.err
    assert not two.exists()
    assert (
        "2 messages put in, 2 taken out" in run("sei", "write", one, two, "--layout", "grid", "--replace").err
    )
    assert len(rows_of(two)) == 2
    assert run("sei", "write", one, two, "--layout", "grid", "--add").code == 0
    assert len(rows_of(two)) == 4


def test_what_was_read_can_be_written(bare: Path, tmp_path: Path, run: Run) -> None:
    written, stripped, again = (tmp_path / f"{name}.mp4" for name in ("a", "b", "c"))
    run("sei", "write", bare, written, "--layout", "grid", "--interval", "200")
    rows = tmp_path / "rows.jsonl"
    rows.write_bytes(b"".join(map(to_line, rows_of(written))))
    assert run("sei", "strip", written, stripped, "--type", "100").code == 0
    assert stripped.read_bytes() == bare.read_bytes()
    assert run("sei", "write", stripped, again, "--messages", rows).code == 0
    assert again.read_bytes() == written.read_bytes()


def test_data_wins_over_text_over_layout(bare: Path, tmp_path: Path, run: Run) -> None:
    layout = {"canvas": {"w": 64, "h": 64}, "regions": [], "ts": 1}
    rows = [
        {"pts": None, "index": 0, "type": 100, "data": "ZGF0YQ==", "text": "text", "layout": layout},
        {"pts": None, "index": 1, "type": 100, "data": None, "text": "text", "layout": layout},
        {"pts": None, "index": 2, "type": 100, "layout": layout},
        {"pts": None, "index": 3, "type": 5, "uuid": UUID, "text": "text"},
    ]
    schedule, target = tmp_path / "rows.jsonl", tmp_path / "out.mp4"
    schedule.write_text("".join(json.dumps(row) + "\n\n" for row in rows))
    assert run("sei", "write", bare, target, "--messages", schedule).code == 0
    found = rows_of(target)
    assert [row.index for row in found] == [0, 1, 2, 3]
    assert [row.payload for row in found[:2]] == [b"data", b"text"]
    assert found[2].layout is not None
    assert found[3].payload == bytes.fromhex(UUID) + b"text"


def test_a_pts_goes_to_the_first_picture_from_half_a_frame_before(
    bare: Path, tmp_path: Path, run: Run
) -> None:
    rows = [{"pts": pts, "text": "x"} for pts in (0.0, 0.41, 0.419, 0.42, 0.421, 1.579)]
    schedule, target = tmp_path / "rows.jsonl", tmp_path / "out.mp4"
    schedule.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run("sei", "write", bare, target, "--messages", schedule).code == 0
    assert shown(target) == [0, 10, 10, 10, 11, 39]


def test_a_schedule_may_begin_with_a_byte_order_mark_and_hold_any_text(
    bare: Path, tmp_path: Path, run: Run
) -> None:
    texts = ["a\u2028b", "c\x85d\x1ce", "f"]
    lines = [json.dumps({"index": 0, "text": text}, ensure_ascii=False) + "\r\n" for text in texts]
    schedule, target = tmp_path / "rows.jsonl", tmp_path / "out.mp4"
    schedule.write_bytes(b"\xef\xbb\xbf" + "\n".join(lines).encode())
    assert run("sei", "write", bare, target, "--messages", schedule).code == 0
    assert [row.text for row in rows_of(target)] == texts


def test_a_schedule_that_is_no_utf_8_is_told_by_its_line(bare: Path, tmp_path: Path, run: Run) -> None:
    schedule = tmp_path / "rows.jsonl"
    schedule.write_bytes(b'{"index": 0, "text": "x"}\n\n{"index": 0, "text": "\xe9"}\n')
    answer = run("sei", "write", bare, tmp_path / "out.mp4", "--messages", schedule)
    told = f"layoutkit: {schedule}: line 3 is not UTF-8: invalid continuation byte at byte 22\n"
    assert (answer.code, answer.err) == (2, told)


def test_one_message_is_told_as_one(bare: Path, tmp_path: Path, run: Run) -> None:
    schedule, target = tmp_path / "rows.jsonl", tmp_path / "out.mp4"
    schedule.write_text('{"index": 0, "text": "x"}\n')
    answer = run("sei", "write", bare, target, "--messages", schedule)
    assert answer.err == f"{target}: 1 message put in, 40 pictures\n"


def test_several_sources_at_once(bare: Path, tmp_path: Path, run: Run) -> None:
    schedule, target = tmp_path / "rows.jsonl", tmp_path / "out.mp4"
    schedule.write_text('{"index": 0, "text": "x", "type": 101}\n')
    words = ["--layout", "grid", "--messages", schedule, "--messages", schedule]
    assert run("sei", "write", bare, target, *words).code == 0
    assert sorted(row.payload_type for row in rows_of(target)) == [100, 100, 101, 101]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"pts": 1.63, "text": "x"}', "past the last picture"),
        ('{"index": 40, "text": "x"}', "past the last picture"),
        ('{"text": "x"}', "rows.jsonl: line 1: a row has neither a PTS nor an index"),
        ('{"index": 0}', "none of data, text and layout"),
        ('{"index": 0, "type": 244, "text": "x"}', "244 is taken"),
        ('{"index": 0, "type": 99, "text": "x"}', "neither 5 nor from 100 to 254"),
        ('{"index": 0, "type": 255, "text": "x"}', "neither 5 nor from 100 to 254"),
        ('{"index": 0, "type": 5, "text": "x"}', "line 1: a row of type 5 with a text needs a uuid"),
        ('{"index": 0, "type": 5, "text": "x", "uuid": "x"}', "is not 32 hex digits"),
        ('{"index": 0, "type": 5, "data": "eA=="}', "a row of type 5 holds 1 bytes; its UUID alone takes 16"),
        ('{"index": 0, "data": "%"}', "not base64"),
        ('{"index": 0, "data": 7}', "a row's data 7 is not a string"),
        ('{"index": 0, "text": 7}', "a row's text 7 is not a string"),
        ('{"index": 0, "text": "\\ud800"}', "a row's text holds half a surrogate pair"),
        ('{"index": -1, "text": "x"}', "a row's index -1 is below 0"),
        (f'{{"index": {1 << 62}, "text": "x"}}', f"a row's index {1 << 62} is above {(1 << 62) - 1}"),
        (f'{{"pts": 1{"0" * 309}, "text": "x"}}', f"a row's pts 1{'0' * 309} is not a number of seconds"),
        ('{"index": 0.5, "text": "x"}', "a row's index 0.5 is not an integer"),
        ('{"pts": "1", "text": "x"}', "a row's pts '1' is not a number of seconds"),
        ('{"pts": NaN, "text": "x"}', "line 1 is not JSON: NaN is not a number that JSON can carry"),
        ('{"pts": 1e999, "text": "x"}', "line 1 is not JSON: 1e999 is not a number that JSON can carry"),
        ('{"pts": 1e300, "text": "x"}', "past the last picture, the first at 1e+300 s"),
        ('{"index": 0, "layout": {"canvas": {"w": 1}}}', "line 1: volume layout: $.canvas.h: is missing"),
        ('{"index": 0, "type": 5, "layout": {}}', "a layout's payload type is from 100 to 254, not 5"),
        (
            f'{{"index": 0, "text": "{"x" * (1 << 20)}"}}',
            f"line 1: a SEI NAL unit of {(1 << 20) + 4116} bytes exceeds {1 << 20}; send less in one",
        ),
        ("[" * 100_000, "line 1 is nested deeper than 33 levels"),
        ("[1]", "line 1 is not a JSON object"),
        ("{", "line 1 is not JSON"),
        ("", "there is no row in it"),
    ],
)
def test_a_bad_row_is_named_and_leaves_no_output(
    line: str, said: str, bare: Path, tmp_path: Path, run: Run
) -> None:
    schedule, target = tmp_path / "rows.jsonl", tmp_path / "out.mp4"
    schedule.write_text(line + "\n")
    answer = run("sei", "write", bare, target, "--messages", schedule)
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert said in answer.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bare.mp4", "rows.jsonl"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "nothing to write"),
        (["--layout", "grid", "--replace", "--add"], "exclude each other"),
        (["--layout", "grid", "--type", "244"], "244 is taken"),
        (["--layout", "grid", "--type", "5"], "a layout's payload type is from 100 to 254, not 5"),
        (["--layout", "grid", "--ts", "100000000000"], "$.ts: 100000000000 s is 100000000000 or above"),
        (["--text", "x", "--type", "5"], "a text of --type 5 begins with a UUID: give it as --uuid"),
        (["--text", "x", "--uuid", UUID], "--uuid goes with a text of --type 5, and the type is 100"),
        (["--text", "x", "--type", "5", "--uuid", "12"], "is not 32 hex digits"),
        (["--layout", "grid", "--uuid", UUID], "--uuid means nothing without --text"),
        (["--text", "x", "--users", "2", "--ts", "0"], "--users, --ts means nothing without --layout"),
        (["--text", "x", "--app-data", ""], "--app-data means nothing without --layout"),
        (["--messages", "-", "--type", "101"], "--type means nothing without --layout or --text"),
        (["--messages", "-", "--every-frame"], "--every-frame means nothing without --layout or --text"),
        (["--messages", "-", "--interval", "1000"], "--interval means nothing without --layout or --text"),
        (["--messages", "-", "--layout", "-"], "the recording, the layout or the messages, and only one"),
        (["--layout", "grid", "--interval", "0"], "below 1 ms"),
        (["--layout", "nothing-of-that-name"], "nothing-of-that-name"),
        (["--messages", "missing.jsonl"], "missing.jsonl"),
    ],
)
def test_bad_options_give_one_line(words: list[str], said: str, bare: Path, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "out.mp4"
    answer = run("sei", "write", bare, target, *words)
    assert answer.code == 2
    assert said in answer.err
    assert answer.err.count("\n") == 1
    assert not target.exists()


@pytest.mark.parametrize("target", ["bare.mp4", "no/such/folder/out.mp4", "out.txt"])
def test_a_target_that_cannot_be_is_refused(target: str, bare: Path, tmp_path: Path, run: Run) -> None:
    before = bare.read_bytes()
    answer = run("sei", "write", bare, tmp_path / target, "--layout", "grid")
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert bare.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["bare.mp4"]


def test_a_type_with_another_meaning_is_told_wherever_it_comes_from(
    bare: Path, tmp_path: Path, run: Run
) -> None:
    schedule = tmp_path / "rows.jsonl"
    schedule.write_text('{"index": 0, "text": "x", "type": 137}\n')
    for words in (["--messages", schedule], ["--layout", "grid", "--type", "137"]):
        answer = run("sei", "write", bare, tmp_path / "out.mp4", *words)
        assert answer.code == 0
        assert "payload type 137 means something else in the standards: mastering_display" in answer.err


def test_a_recording_that_is_cut_off_is_told(bare: Path, tmp_path: Path, run: Run) -> None:
    flv, cut = tmp_path / "whole.flv", tmp_path / "cut.flv"
    assert run("sei", "write", bare, flv, "--layout", "grid").code == 0
    cut.write_bytes(flv.read_bytes()[:-40])
    answer = run("sei", "write", cut, tmp_path / "out.flv", "--layout", "grid", "--replace")
    assert f"{cut} is cut off, and so is what was made of it" in answer.err


def test_strip_takes_one_uuid_and_leaves_the_other(bare: Path, tmp_path: Path, run: Run) -> None:
    one, two, three = (tmp_path / f"{name}.mp4" for name in ("a", "b", "c"))
    run("sei", "write", bare, one, "--text", "x", "--type", "5", "--uuid", UUID)
    run("sei", "write", one, two, "--text", "y", "--type", "5", "--uuid", UUID[::-1])
    answer = run("sei", "strip", two, three, "--type", "5", "--uuid", UUID)
    assert (answer.code, answer.err) == (0, f"{three}: 0 messages put in, 2 taken out, 40 pictures\n")
    assert {row.uuid for row in rows_of(three)} == {UUID[::-1]}
    assert run("sei", "strip", two, three, "--type", "5", "--uuid", "zz").code == 2


def test_copy_goes_by_the_time_since_the_first_picture(bare: Path, tmp_path: Path, run: Run) -> None:
    written, other, copied = tmp_path / "a.mp4", tmp_path / "b.ts", tmp_path / "c.ts"
    run("sei", "write", bare, written, "--layout", "grid", "--interval", "400")
    run("sei", "strip", written, other, "--type", "100")
    answer = run("sei", "copy", written, other, copied)
    assert (answer.code, "4 messages put in" in answer.err) == (0, True)
    first = min(row.pts_s or 0 for row in rows_of(copied))
    assert sorted(round(((row.pts_s or 0) - first) * RATE) for row in rows_of(copied)) == [0, 10, 20, 30]
    assert [row.payload for row in rows_of(copied)] == [row.payload for row in rows_of(written)]
    nothing = run("sei", "copy", bare, other, tmp_path / "d.ts", "--type", "101", "--type", "5")
    assert nothing.code == 1
    assert nothing.err == f"layoutkit: {bare}: there is no SEI of type 5, 101 in it to carry over\n"


def test_copy_tells_of_the_pictures_of_a_raw_stream_that_they_are_counted(
    bare: Path, tmp_path: Path, run: Run
) -> None:
    written, raw, copied = tmp_path / "a.mp4", tmp_path / "b.264", tmp_path / "c.mp4"
    run("sei", "write", bare, written, "--layout", "grid", "--interval", "400")
    assert run("sei", "strip", written, raw, "--type", "1").code == 0
    answer = run("sei", "copy", raw, bare, copied)
    assert (answer.code, answer.err.splitlines()) == (
        0,
        [
            f"layoutkit: note: {raw}: a raw stream has no clock; its pictures are counted at 25 a second",
            f"{copied}: 4 messages put in, 40 pictures",
        ],
    )


def test_the_template_s_own_options_are_taken(bare: Path, tmp_path: Path, run: Run) -> None:
    words = ["--layout", "grid", "--users", "2", "--canvas", "101x50", "--rounding", "fill"]
    target = tmp_path / "out.mp4"
    assert run("sei", "write", bare, target, *words).code == 0
    layout = rows_of(target)[0].layout
    assert layout is not None
    assert [region.w for region in layout.regions] == [50, 51]


def layoutkit(*words: object, given: bytes) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "layoutkit", *map(str, words)]
    return subprocess.run(command, input=given, capture_output=True, check=False)


@pytest.mark.parametrize("suffix", ["mp4", "mov", "flv", "ts", "mkv"])
def test_a_pipe_gives_what_files_give(suffix: str, tmp_path: Path, run: Run) -> None:
    source, target, piped = (tmp_path / f"{name}.{suffix}" for name in ("in", "out", "piped"))
    muxed(source)
    words = ["--layout", "grid", "--users", "4", "--ts", "100"]
    assert run("sei", "write", source, target, *words).code == 0
    answer = layoutkit("sei", "write", "-", "-", *words, given=source.read_bytes())
    assert answer.returncode == 0
    assert answer.stderr.decode().splitlines()[-1] == ("standard output: 2 messages put in, 40 pictures")
    piped.write_bytes(answer.stdout)
    assert rows_of(piped) == rows_of(target)
    back = layoutkit("sei", "strip", "-", "-", "--type", "100", given=answer.stdout)
    assert (back.returncode, back.stdout != b"") == (0, True)
    piped.write_bytes(back.stdout)
    assert rows_of(piped) == []


def test_a_pipe_that_is_no_recording_gives_one_line_and_no_output() -> None:
    for given in (b"", b"text", b"\x47" * 2000):
        answer = layoutkit("sei", "strip", "-", "-", "--type", "100", given=given)
        assert (answer.returncode, answer.stdout) == (2, b"")
        assert answer.stderr.decode().startswith("layoutkit: standard input: ")
        assert answer.stderr.count(b"\n") == 1


def test_standard_input_is_read_once(bare: Path, tmp_path: Path, run: Run) -> None:
    answer = run("sei", "write", "-", tmp_path / "x.mp4", "--messages", "-")
    assert answer.code == 2
    assert "the recording, the layout or the messages, and only one of them" in answer.err
    answer = run("sei", "copy", "-", bare, tmp_path / "x.mp4")
    assert (answer.code, "FROM is a file" in answer.err) == (2, True)


def test_another_track_than_the_first_is_written_to(tmp_path: Path, run: Run) -> None:
    source, target, stripped = (tmp_path / f"{name}.mp4" for name in ("in", "out", "stripped"))
    source.write_bytes(mp4(*(Mp4Track(samples(pictures()), [avcc(parameter_sets())]) for _ in range(2))))
    answer = run("sei", "write", source, target, "--layout", "grid", "--track", "1")
    assert (answer.code, "2 messages put in" in answer.err) == (0, True)
    assert [len(list(read_sei(target, track=track))) for track in (0, 1)] == [0, 2]
    answer = run("sei", "strip", target, stripped, "--type", "100", "--track", "1")
    assert (answer.code, "2 taken out" in answer.err) == (0, True)
    assert stripped.read_bytes() == source.read_bytes()
    copied = tmp_path / "copied.mp4"
    answer = run("sei", "copy", _with_layout(tmp_path, run), source, copied, "--track", "1")
    assert answer.code == 0
    assert [len(list(read_sei(copied, track=track))) for track in (0, 1)] == [0, 2]
    answer = run("sei", "strip", source, tmp_path / "x.mp4", "--type", "100", "--track", "2")
    assert (answer.code, "there is no video track 2; there are 0 to 1" in answer.err) == (2, True)


def _with_layout(folder: Path, run: Run) -> Path:
    bare, written = muxed(folder / "one.mp4"), folder / "one-written.mp4"
    assert run("sei", "write", bare, written, "--layout", "grid").code == 0
    return written


@pytest.mark.parametrize("kind", [-1, 65536, 999999])
def test_a_type_that_no_message_can_have_is_refused(kind: int, bare: Path, tmp_path: Path, run: Run) -> None:
    answer = run("sei", "strip", bare, tmp_path / "x.mp4", "--type", kind)
    assert answer.code == 2
    assert answer.err == f"layoutkit: payload type {kind} is outside 0 to 65535\n"
    assert not (tmp_path / "x.mp4").exists()


def test_a_recording_that_has_an_address_is_called_by_it(tmp_path: Path, run: Run) -> None:
    address = "http://127.0.0.1:1//in.mp4"
    for words in (["write", address, tmp_path / "x.mp4", "--text", "x"], ["copy", address, address, "x.mp4"]):
        answer = run("sei", *words)
        assert answer.code == 2
        assert answer.err.startswith(f"layoutkit: {address}: it cannot be opened: ")


def test_what_has_an_address_goes_to_standard_output(bare: Path) -> None:
    answer = layoutkit("sei", "write", f"file:{bare}", "-", "--text", "x", given=b"")
    assert (answer.returncode, answer.stdout[4:8]) == (0, b"ftyp")
    assert answer.stderr == b"standard output: 2 messages put in, 40 pictures\n"

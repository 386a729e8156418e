"""What there is to open: playlists however they name their segments, addresses, and what is not there."""

import re
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import av
import pytest

from layoutkit.errors import StreamError, TruncatedError
from layoutkit.sei import Message, opening
from layoutkit.sei.playlist import missing_files
from layoutkit.sei.reader import read_sei
from layoutkit.sei.report import Report
from layoutkit.sei.row import SeiMessage
from layoutkit.sei.stream import read_packets
from layoutkit.sei.write import write_sei
from tests.sei.recording import (
    Mp4Track,
    avcc,
    box,
    mp4,
    muxed,
    parameter_sets,
    pes_of,
    pictures,
    samples,
    ts,
    u,
)
from tests.sei.recording import with_layouts as layouts_in
from tests.sei.test_fast_mp4 import record

PAYLOAD = b'{"canvas":{"w":64,"h":64},"regions":[]}'
EXTM3U = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n"

Playlist = Callable[..., Path]


@pytest.fixture
def playlist(tmp_path: Path) -> Playlist:
    """A playlist of these segments; those that are there are `a.ts`, `sub/c` and one with an odd name."""
    segment = ts(pes_of(layouts_in(pictures(), PAYLOAD)))
    (tmp_path / "sub").mkdir()
    for name in ("a.ts", "sub/c", "odd name #1 é.bin"):
        (tmp_path / name).write_bytes(segment)

    def build(*segments: str, name: str = "list.m3u8") -> Path:
        path = tmp_path / name
        body = "".join(f"#EXT-X-DISCONTINUITY\n#EXTINF:1.6,\n{each}\n" for each in segments)
        path.write_text(f"{EXTM3U}{body}#EXT-X-ENDLIST\n")
        return path

    return build


def told_of(source: str | Path) -> tuple[int, list[str]]:
    """How many layouts there are, and what is told beside them of damage."""
    told: list[str] = []
    report = Report(on_diagnostic=lambda each: told.append(each.reason) if each.is_damage else None)
    return len(list(read_sei(source, {100}, report=report))), told


@pytest.mark.parametrize(
    "segments",
    [
        ("a.ts", "sub/c"),
        ("sub/../a.ts", "odd name #1 é.bin"),
        ("FOLDER/a.ts", "FOLDER/sub/c"),
        ("file://FOLDER/a.ts", "file:FOLDER/sub/c"),
    ],
    ids=["relative", "odd", "absolute", "address"],
)
@pytest.mark.parametrize("name", ["list.m3u8", "list.M3U", "a list"])
def test_a_playlist_names_local_segments_in_any_way(
    playlist: Playlist, tmp_path: Path, segments: tuple[str, ...], name: str
) -> None:
    path = playlist(*(each.replace("FOLDER", str(tmp_path)) for each in segments), name=name)
    assert told_of(path) == (8, [])


@pytest.mark.parametrize(("segments", "count"), [(("a.ts", "gone.ts", "sub/c"), 8), (("a.ts", "gone.ts"), 4)])
def test_a_segment_that_is_missing_is_told(playlist: Playlist, segments: tuple[str, ...], count: int) -> None:
    path = playlist(*segments)
    assert told_of(path) == (count, ["there is no file gone.ts; what is in it is left out"])
    with pytest.raises(StreamError, match=r"there is no file gone\.ts"):
        list(read_sei(path, report=Report(strict=True)))


@pytest.mark.parametrize(
    ("segments", "missing"), [(("a.ts", "gone.ts", "sub/c"), 1), (("gone.ts", "a.ts", "sub/c"), 0)]
)
def test_a_segment_that_is_missing_behind_an_address_is_told(
    playlist: Playlist, segments: tuple[str, ...], missing: int
) -> None:
    """Nobody can look there beforehand; an address of a file is as good as one of a server."""
    address = f"file:{playlist(*segments)}"
    level = av.logging.get_level()
    said = f"segment {missing} of playlist 0 cannot be read; what is in it is left out"
    assert told_of(address) == (8, [said])
    assert av.logging.get_level() == level
    with pytest.raises(StreamError, match=said):
        list(read_sei(address, report=Report(strict=True)))


def test_a_playlist_without_any_of_its_segments_names_one(playlist: Playlist) -> None:
    with pytest.raises(StreamError, match=r"none of its segments can be read; there is no file gone\.ts"):
        list(read_sei(playlist("gone.ts")))


def test_a_master_playlist_gives_its_first_variant_and_says_so(playlist: Playlist, tmp_path: Path) -> None:
    playlist("a.ts", name="one.m3u8")
    playlist("sub/c", name="two.m3u8")
    path = tmp_path / "master.m3u8"
    variants = [f"#EXT-X-STREAM-INF:BANDWIDTH={n}\n{name}.m3u8\n" for n, name in ((9, "one"), (99, "two"))]
    path.write_text("#EXTM3U\n" + "".join(variants))
    told: list[str] = []
    rows = list(read_sei(path, {100}, report=Report(on_diagnostic=lambda each: told.append(each.reason))))
    assert [row.index for row in rows] == [0, 10, 20, 30]
    assert told == ["2 video tracks; track 0 is read"]


def test_a_segment_that_a_variant_lacks_is_told(playlist: Playlist, tmp_path: Path) -> None:
    playlist("a.ts", "gone.ts", name="one.m3u8")
    path = tmp_path / "master.m3u8"
    names = ["one.m3u8", "two.m3u8", "master.m3u8"]
    path.write_text("#EXTM3U\n" + "".join(f"#EXT-X-STREAM-INF:BANDWIDTH=9\n{name}\n" for name in names[:2]))
    assert told_of(path) == (
        4,
        [
            "there is no file two.m3u8; what is in it is left out",
            "there is no file gone.ts, which one.m3u8 names; what is in it is left out",
        ],
    )
    assert list(missing_files(tmp_path / "one.m3u8")) == ["there is no file gone.ts"]


@pytest.mark.parametrize("is_master", [False, True])
def test_a_playlist_without_an_end_is_followed_for_a_while_and_told(
    is_master: bool, playlist: Playlist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(opening._LOCAL_HLS_OPTIONS, "m3u8_hold_counters", "2")
    path = playlist("a.ts", "sub/c", "a.ts", "sub/c", "a.ts")
    path.write_text(path.read_text().replace("#EXT-X-ENDLIST", "").replace("DURATION:2", "DURATION:1"))
    if is_master:
        path = tmp_path / "master.m3u8"
        path.write_text("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=9\nlist.m3u8\n")
    found = []
    with pytest.raises(TruncatedError, match="it is cut off after video packet 199"):
        found.extend(read_sei(path, {100}))
    assert len(found) == 20


def test_playlists_that_name_each_other_are_looked_at_once(tmp_path: Path) -> None:
    paths = [tmp_path / "a.m3u8", tmp_path / "b.m3u8"]
    for path, other in zip(paths, reversed(paths), strict=True):
        path.write_text(f'#EXTM3U\n#EXT-X-MAP:BYTERANGE="9@0",URI="no.mp4"\n{other.name}\n{path.name}\n')
    assert list(missing_files(paths[0])) == [
        "there is no file no.mp4",
        "there is no file no.mp4, which b.m3u8 names",
    ]


def test_addresses_of_ffmpegs_own_are_opened(playlist: Playlist, tmp_path: Path) -> None:
    playlist()
    segment = tmp_path / "a.ts"
    assert told_of(f"file:{segment}") == (4, [])
    assert told_of(f"concat:{segment}|{segment}") == (8, [])
    with pytest.raises(StreamError, match="such:thing: it cannot be opened: Protocol not found"):
        told_of("such:thing")


def test_a_file_whose_name_looks_like_an_address_is_a_file(
    playlist: Playlist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    playlist()
    (tmp_path / "12:30:00.ts").write_bytes((tmp_path / "a.ts").read_bytes())
    (tmp_path / "call:one.ts").write_bytes((tmp_path / "a.ts").read_bytes())
    monkeypatch.chdir(tmp_path)
    assert told_of("12:30:00.ts") == told_of("call:one.ts") == (4, [])


def test_only_an_mp4_that_lacks_its_index_is_said_to_lack_it(tmp_path: Path) -> None:
    whole = mp4(Mp4Track(samples(pictures()), [avcc(parameter_sets())]))
    path = tmp_path / "in.mp4"
    path.write_bytes(box("ftyp", b"isom", bytes(4)) + box("mdat", bytes(100)))
    with pytest.raises(StreamError, match="without its index"):
        list(read_sei(path))
    path.write_bytes(whole[: whole.index(b"stco")])
    with pytest.raises(StreamError, match="cut off before its first video packet"):
        list(read_sei(path))
    # Pictures behind lengths that no description tells of: it has an index, and FFmpeg makes nothing of it.
    path.write_bytes(mp4(Mp4Track(samples(pictures()), [b""])))
    with pytest.raises(StreamError, match=r"in\.mp4: it is not media that FFmpeg can read"):
        list(read_sei(path))


def test_reading_rule_4_an_index_of_more_pictures_than_bytes_is_refused(tmp_path: Path) -> None:
    whole = mp4(Mp4Track(samples(pictures()), [avcc(parameter_sets())]))
    place = whole.index(b"stsz") + 8
    path = tmp_path / "in.mp4"
    path.write_bytes(whole[:place] + u(4, 7, 400_000_000) + whole[place + 8 :])
    text = f"400000000 pictures of 7 bytes or more, which the {len(whole)} bytes of the file cannot hold"
    with pytest.raises(StreamError, match=text):
        list(read_sei(path))
    run = box("trun", u(4, 1, 400_000_000, 0))
    moof = box("moof", box("mfhd", u(4, 0, 1)), box("traf", box("tfhd", u(4, 0, 1)), run))
    path.write_bytes(whole + moof)
    with pytest.raises(StreamError, match="400000000 pictures of 1 bytes or more"):
        list(read_packets(str(path), report=Report()))
    path.write_bytes(whole)
    assert list(read_packets(str(path), {100}, report=Report())) == []


def test_a_box_that_ends_beyond_all_files_leaves_no_index(tmp_path: Path) -> None:
    path = tmp_path / "in.mp4"
    path.write_bytes(box("ftyp", b"isom", u(4, 512)) + u(4, 1) + b"free" + u(8, (1 << 63) + 9) + bytes(64))
    with pytest.raises(StreamError, match="an MP4 without its index"):
        list(read_sei(path))


def test_a_playlist_on_standard_input_is_told(playlist: Playlist) -> None:
    command = [sys.executable, "-m", "layoutkit", "sei", "read", "-"]
    with playlist("a.ts").open("rb") as file:
        answer = subprocess.run(command, stdin=file, capture_output=True, text=True)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == (
        "layoutkit: standard input: a playlist names files beside it; name the playlist itself\n"
    )


@pytest.fixture
def segments(tmp_path: Path) -> tuple[bytes, list[bytes]]:
    """The initialization segment of a recording whose decoding begins below zero, and the media segments."""
    bare, path = tmp_path / "bare.mp4", tmp_path / "whole.mp4"
    record(bare, "frag_keyframe+delay_moov", steps=(40,))
    write_sei(bare, path, Message(100, PAYLOAD), interval_ms=200)
    data = path.read_bytes()
    starts = [match.start() - 4 for match in re.finditer(b"moof", data)]
    return data[: starts[0]], [data[a:b] for a, b in pairwise([*starts, len(data)])]


def test_a_playlist_of_fragments_has_no_clock_that_wraps(
    segments: tuple[bytes, list[bytes]], tmp_path: Path
) -> None:
    path = tmp_path / "list.m3u8"
    init, media = segments
    (tmp_path / "init.mp4").write_bytes(init)
    text = f'{EXTM3U}#EXT-X-MAP:URI="init.mp4"\n'
    for number, each in enumerate(media):
        (tmp_path / f"{number}.m4s").write_bytes(each)
        text += f"#EXTINF:0.8,\n{number}.m4s\n"
    path.write_text(f"{text}#EXT-X-ENDLIST\n")
    told: list[str] = []
    rows = list(read_sei(path, {100}, report=Report(on_diagnostic=lambda each: told.append(str(each)))))
    assert rows == list(read_sei(tmp_path / "whole.mp4", {100}))
    assert (rows[0].pts_s, rows[0].dts_s, told) == (0.0, -0.08, [])


@pytest.mark.parametrize("before", [b"", box("styp", b"msdh", u(4, 0)), box("sidx", bytes(24))])
def test_a_media_segment_by_itself_is_told(
    before: bytes, segments: tuple[bytes, list[bytes]], tmp_path: Path
) -> None:
    path = tmp_path / "1.m4s"
    path.write_bytes(before + segments[1][0])
    text = r"1\.m4s: a media segment without its initialization segment \(moov\); name the playlist, or join"
    with pytest.raises(StreamError, match=text):
        list(read_sei(path))


@pytest.mark.parametrize("whole", [0, 1, 2])
@pytest.mark.parametrize("left", [8, 60, -8, -1])
def test_a_recording_that_is_cut_off_in_the_head_of_a_fragment_is_read_to_there(
    whole: int, left: int, segments: tuple[bytes, list[bytes]], tmp_path: Path
) -> None:
    init, media = segments
    path = tmp_path / "cut.mp4"
    path.write_bytes(init + b"".join(media[:whole]))
    rows = list(read_sei(path, {100}))
    assert len(rows) == 4 * whole
    head = int.from_bytes(media[whole][:4], "big")
    with path.open("ab") as file:
        file.write(media[whole][: head + left if left < 0 else left])
    found: list[SeiMessage] = []
    where = f"after video packet {20 * whole - 1}" if whole else "before its first video packet"
    with pytest.raises(TruncatedError, match=rf"cut\.mp4: it is cut off {where}$"):
        found.extend(read_sei(path, {100}))
    assert found == rows


def test_what_a_recording_that_is_cut_off_in_the_head_of_a_fragment_holds_can_be_written(
    segments: tuple[bytes, list[bytes]], tmp_path: Path
) -> None:
    init, (first, second, *_) = segments
    path, whole, target = tmp_path / "a:b,c.mp4", tmp_path / "whole.mp4", tmp_path / "out.mp4"
    path.write_bytes(init + first + second[:60])
    whole.write_bytes(init + first)
    done = write_sei(path, target, Message(101, PAYLOAD), interval_ms=200)
    assert (done.inserted, done.pictures) == (4, 20)
    assert done.notes[-1] == f"{path} is cut off, and so is what was made of it"
    rows = [(row.payload, row.pts_s, row.dts_s, row.index, row.keyframe) for row in read_sei(whole, {100})]
    for kind in (100, 101):
        found = read_sei(target, {kind})
        assert [(row.payload, row.pts_s, row.dts_s, row.index, row.keyframe) for row in found] == rows


def test_an_mp4_with_its_index_behind_from_a_pipe_is_told(tmp_path: Path) -> None:
    path = tmp_path / "r.mp4"
    record(path, "", steps=(40,))
    data = path.read_bytes()
    place, end = data.index(b"mdat") - 4, data.index(b"moov") - 4
    # More than FFmpeg holds of what it has read.
    spare = bytes(1 << 20)
    size = u(4, end - place + len(spare))
    path.write_bytes(data[:place] + size + data[place + 4 : end] + spare + data[end:])
    assert len(list(read_sei(path))) == 1
    command = [sys.executable, "-m", "layoutkit", "sei", "read", "-", "--type", "101"]
    answer = subprocess.run(command, input=path.read_bytes(), capture_output=True)
    assert answer.stdout == b""
    assert b"which cannot be read from a pipe: name the file, or redirect it with <" in answer.stderr


def test_of_a_flv_no_index_is_made(tmp_path: Path) -> None:
    """It would have an entry for each packet of sound and each key frame, however long the recording is."""
    path = muxed(tmp_path / "in.flv")
    with opening.open_recording(str(path)) as container:
        assert sum(bool(packet.size) for packet in container.demux()) == len(pictures())
        assert [len(stream.index_entries) for stream in container.streams] == [0]
    with av.open(str(path)) as container:
        list(container.demux())
        assert len(container.streams[0].index_entries) > 0

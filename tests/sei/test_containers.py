"""Containers whose every byte is chosen here: what real files do seldom, and readers get wrong.

The rules named are those of reading SEI: 6, a description of the packets that changes midway or holds SEI
itself, and 8, that the frames' side data tells of type 5 alone.
"""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

from layoutkit.errors import StreamError
from layoutkit.sei import Message, SeiMessage, join, serialize, split
from layoutkit.sei.reader import read_sei
from layoutkit.sei.report import Report
from layoutkit.sei.stream import read_packets
from tests.sei.recording import (
    Mp4Track,
    Picture,
    Sample,
    avcc,
    encrypted,
    flv,
    gray,
    hvcc,
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
IN_FOUR = [0, 10, 20, 30]
IN_EIGHT = [*IN_FOUR, 40, 50, 60, 70]

Read = Callable[..., tuple[list[SeiMessage], list[str]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Rows of a recording of these bytes, and what was told; the general reader gives the same rows."""

    def read(data: bytes, name: str, *, track: int | None = None) -> tuple[list[SeiMessage], list[str]]:
        path = tmp_path / name
        path.write_bytes(data)
        told: list[str] = []
        report = Report(on_diagnostic=lambda each: told.append(each.reason))
        rows = list(read_sei(path, {100, 176}, track=track, report=report))
        again: list[str] = []
        general = Report(on_diagnostic=lambda each: again.append(each.reason))
        assert list(read_packets(str(path), {100, 176}, track=track, report=general)) == rows
        assert (again, general.seen, general.codecs) == (told, report.seen, report.codecs)
        return rows, told

    return read


def places(rows: list[SeiMessage]) -> list[int | None]:
    return [row.index for row in rows]


def later(found: list[Sample], by: int) -> list[Sample]:
    return [replace(each, pts=each.pts + by, dts=each.dts + by) for each in found]


def short() -> list[Picture]:
    """Pictures whose NAL units fit a length of one byte; no decoder would like them."""
    cut = [replace(each, nals=tuple(nal[:250] for nal in each.nals)) for each in pictures()]
    return with_layouts(cut, PAYLOAD)


SMALL, LARGE = with_layouts(pictures(), PAYLOAD), with_layouts(pictures(size=128), PAYLOAD)


def test_reading_rule_6_a_second_sequence_header_in_flv(read: Read) -> None:
    tags = [sequence_header(parameter_sets()), *picture_tags(SMALL)]
    tags += [sequence_header(parameter_sets(size=128), 1600), *picture_tags(LARGE, start=40)]
    rows, told = read(flv(tags), "in.flv")
    assert (places(rows), told) == (IN_EIGHT, [])
    assert [row.dts_s for row in rows] == [0.0, 0.4, 0.8, 1.2, 1.6, 2.0, 2.4, 2.8]


@pytest.mark.parametrize(("first", "second"), [(4, 4), (4, 2), (2, 4), (4, 1)])
def test_reading_rule_6_a_second_sample_entry_with_lengths_of_its_own(
    read: Read, first: int, second: int
) -> None:
    found = samples(SMALL, framing=first)
    found += later(samples(short() if second == 1 else LARGE, framing=second, entry=2), 40)
    entries = [avcc(parameter_sets(), framing=first), avcc(parameter_sets(size=128), framing=second)]
    rows, told = read(mp4(Mp4Track(found, entries)), "in.mp4")
    assert (places(rows), told) == (IN_EIGHT, [])


def test_reading_rule_6_new_parameter_sets_in_a_transport_stream(read: Read) -> None:
    packets = pes_of(SMALL) + pes_of(LARGE, start=40 * 3600)
    rows, told = read(ts(packets), "in.ts")
    assert (places(rows), told) == (IN_EIGHT, [])
    assert places(read(raw(SMALL + LARGE), "in.h264")[0]) == IN_EIGHT


@pytest.mark.parametrize("holder", [1, 2])
def test_reading_rule_6_sei_in_hvcc_has_neither_time_nor_index(read: Read, holder: int) -> None:
    sei = serialize([Message(176, b"3d"), Message(100, PAYLOAD)], "hevc")
    found = [
        each.with_sei(Message(100, PAYLOAD), codec="hevc") if number % 10 == 0 else each
        for number, each in enumerate(pictures("hevc"))
    ]
    plain = parameter_sets("hevc")
    entries = [hvcc([*plain, sei] if number == holder else plain) for number in (1, 2)]
    data = mp4(Mp4Track(samples(found) + later(samples(found, entry=2), 40), entries, codec="hevc"))
    rows, _ = read(data, "in.mp4")
    before = IN_FOUR if holder == 2 else []
    assert places(rows) == [*before, None, None, *IN_EIGHT[len(before) :]]
    itself = [row for row in rows if row.index is None]
    assert [(row.payload_type, row.pts_s, row.dts_s, row.keyframe) for row in itself] == [
        (176, None, None, False),
        (100, None, None, False),
    ]


def test_reading_rule_8_side_data_of_frames_tells_of_type_5_alone(tmp_path: Path) -> None:
    own = bytes(range(16)) + b"text"
    path = tmp_path / "in.h264"
    path.write_bytes(raw([each.with_sei(Message(100, PAYLOAD), Message(5, own)) for each in pictures()]))
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    unregistered = [bytes(data) for frame in frames for data in frame.side_data if "SEI" in data.type.name]
    assert unregistered == [own] * 40
    assert [row.payload_type for row in read_sei(path)] == [100, 5] * 40


@pytest.mark.parametrize("framing", [1, 2, 4])
def test_lengths_of_one_two_and_four_bytes(read: Read, framing: int) -> None:
    found = samples(short() if framing == 1 else SMALL, framing=framing)
    rows, told = read(mp4(Mp4Track(found, [avcc(parameter_sets(), framing=framing)])), "in.mp4")
    assert (places(rows), told) == (IN_FOUR, [])


@pytest.mark.parametrize("entry", [avcc(parameter_sets()), join(parameter_sets()), b""])
def test_annex_b_inside_mp4(read: Read, entry: bytes) -> None:
    rows, told = read(mp4(Mp4Track(samples(SMALL, framing=0), [entry])), "in.mp4")
    assert (places(rows), told) == (IN_FOUR, [])


def test_annex_b_inside_matroska(read: Read, tmp_path: Path) -> None:
    made = tmp_path / "made.mkv"
    with av.open(str(made), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height = 64, 64
        stream.codec_context.extradata = join(parameter_sets())
        for each in SMALL:
            packet = av.Packet(join(each.nals))
            packet.stream, packet.time_base = stream, Fraction(1, 25)
            packet.pts, packet.dts, packet.is_keyframe = each.pts, each.dts, each.is_key
            container.mux(packet)
    data = made.read_bytes()
    with av.open(str(made)) as container:
        stored = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    for each in sorted(stored, key=len, reverse=True):  # a short one may be the end of a long one
        data = data.replace(each, join(split(each, framing=4)))
    assert data.count(serialize([Message(100, PAYLOAD)])) == 4
    assert join([serialize([Message(100, PAYLOAD)])]) in data
    assert places(read(data, "in.mkv")[0]) == IN_FOUR


@pytest.mark.parametrize("name", ["in.mp4", "in.flv", "in.ts", "in.h264"])
def test_reading_rule_1_any_nal_ref_idc_is_found_in_every_container(read: Read, name: str) -> None:
    sei = serialize([Message(100, PAYLOAD)])
    found = list(pictures())
    for number, header in zip(IN_FOUR, b"\x06\x26\x46\x66", strict=True):
        *before, last = found[number].nals
        found[number] = replace(found[number], nals=(*before, bytes([header]) + sei[1:], last))
    sets = parameter_sets()
    data = {
        "in.mp4": mp4(Mp4Track(samples(found), [avcc(sets)])),
        "in.flv": flv([sequence_header(sets), *picture_tags(found)]),
        "in.ts": ts(pes_of(found)),
        "in.h264": raw(found),
    }
    assert places(read(data[name], name)[0]) == IN_FOUR


def test_several_nal_units_a_picture_and_one_behind_its_slice(read: Read) -> None:
    head, *rest = pictures()
    one, two = serialize([Message(100, b"1"), Message(100, b"2")]), serialize([Message(100, b"3")])
    slice_nal = head.nals[-1]
    head = replace(head, nals=(*head.nals[:-1], one, two, slice_nal, serialize([Message(100, b"4")])))
    rows, _ = read(mp4(Mp4Track(samples([head, *rest]), [avcc(parameter_sets())])), "in.mp4")
    first = len(head.nals) - 4
    assert [(row.payload, row.nal, row.message, row.after_vcl) for row in rows] == [
        (b"1", first, 0, False),
        (b"2", first, 1, False),
        (b"3", first + 1, 0, False),
        (b"4", first + 3, 0, True),
    ]


def test_both_fields_of_a_picture_and_a_suffix_message(read: Read) -> None:
    field_nals = [nal for each in pictures()[:2] for nal in each.nals]
    first = next(n for n, nal in enumerate(field_nals) if nal[0] & 31 == 5)
    sei = serialize([Message(100, b"second field")])
    both = Picture((*field_nals[: first + 1], sei, *field_nals[first + 1 :]), 0, 0, True)
    rows, _ = read(mp4(Mp4Track(samples([both]), [avcc(parameter_sets())])), "in.mp4")
    assert [(row.payload, row.after_vcl) for row in rows] == [(b"second field", True)]
    suffix = bytearray(serialize([Message(100, b"suffix")], "hevc"))
    suffix[0] = 40 << 1
    found = [replace(each, nals=(*each.nals, bytes(suffix))) for each in pictures("hevc")]
    rows, _ = read(mp4(Mp4Track(samples(found), [hvcc(parameter_sets("hevc"))], codec="hevc")), "in.mp4")
    assert [(row.index, row.after_vcl) for row in rows] == [(number, True) for number in range(40)]


def test_of_several_tracks_the_first_is_read_unless_one_is_named(read: Read) -> None:
    entry = avcc(parameter_sets())
    data = mp4(Mp4Track(samples(pictures()), [entry]), Mp4Track(samples(SMALL), [entry]))
    assert read(data, "in.mp4") == ([], ["2 video tracks; track 0 is read"])
    rows, told = read(data, "in.mp4", track=1)
    assert (places(rows), told) == (IN_FOUR, [])


def test_of_several_programs_the_first_is_read_unless_one_is_named(read: Read) -> None:
    pairs = zip(pes_of(pictures()), pes_of(LARGE, pid=300), strict=True)
    data = ts([each for pair in pairs for each in pair], [{256: "h264"}, {300: "h264"}])
    assert read(data, "in.ts") == ([], ["2 video tracks; track 0 is read"])
    assert places(read(data, "in.ts", track=1)[0]) == IN_FOUR


def test_a_track_without_a_single_packet_is_a_track(read: Read) -> None:
    data = ts(pes_of(SMALL), [{256: "h264", 257: "h264"}])
    rows, told = read(data, "in.ts")
    assert (places(rows), told) == (IN_FOUR, ["2 video tracks; track 0 is read"])


def test_damage_in_a_track_that_is_not_read_is_not_told(tmp_path: Path) -> None:
    entry = avcc(parameter_sets())
    bad = b"\x06\x64\xfe\x00\x80"
    broken = [replace(each, nals=(bad, *each.nals)) for each in pictures()]
    path = tmp_path / "in.mp4"
    path.write_bytes(mp4(Mp4Track(samples(SMALL), [entry]), Mp4Track(samples(broken), [entry])))
    report = Report(strict=True)
    assert len(list(read_sei(path, {100}, report=report))) == 4
    with pytest.raises(StreamError, match="payload_size 254 exceeds"):
        list(read_sei(path, {100}, track=1, report=report))


def test_why_there_is_none_tells_each_track(tmp_path: Path) -> None:
    entry = avcc(parameter_sets())
    path = tmp_path / "in.mp4"
    path.write_bytes(mp4(Mp4Track(samples(pictures()), [entry]), Mp4Track(samples(SMALL), [entry])))
    report = Report()
    assert list(read_sei(path, {101}, report=report)) == []
    assert (report.codecs, report.seen) == ({0: "h264", 1: "h264"}, {0: {}, 1: {100: 4}})


def test_an_encrypted_track_is_told(read: Read) -> None:
    assert read(mp4(Mp4Track(samples(SMALL), [avcc(parameter_sets())])), "in.mp4")[1] == []
    rows, told = read(encrypted(SMALL), "in.mp4")
    assert told == ["track 0 is encrypted; only SEI in clear is read"]
    assert places(rows) == IN_FOUR


def test_a_cover_picture_is_no_track(tmp_path: Path) -> None:
    path = tmp_path / "cover.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = 16, 16, "yuvj420p"
        stream.disposition = av.stream.Disposition.attached_pic.value
        frame = gray(16, "yuvj420p")
        frame.pts = 0
        container.mux(stream.encode(frame) + stream.encode(None))
    with pytest.raises(StreamError, match="there is no video track"):
        list(read_sei(path))


def test_splitting_is_what_the_reader_does(read: Read) -> None:
    data = raw(SMALL)
    found = [nal for nal in split(data) if nal[0] & 31 == 6]
    assert [serialize([Message(row.payload_type, row.payload)]) for row in read(data, "in.h264")[0]] == found

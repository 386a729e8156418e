"""From container to container: what stands beside the pictures comes along (writing rule 9)."""

import struct
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutkit import write_sei
from layoutkit.errors import RefusedError
from layoutkit.geometry.grid import grid
from layoutkit.sei.message import Message
from layoutkit.sei.nal import Codec, join, split
from layoutkit.sei.programs import Program, Service, programs_of
from layoutkit.sei.reader import read_sei
from tests.sei.recording import (
    RATE,
    Mp4Track,
    Pes,
    avcc,
    box,
    encrypted,
    flv,
    gray,
    matroska,
    mp4,
    parameter_sets,
    pes_of,
    pes_packets,
    picture_tags,
    pictures,
    run_ffmpeg,
    samples,
    section,
    sequence_header,
    ts,
    u,
)

CHAPTERS = [(0, 800, "Start"), (800, 1600, "End")]
IDENTITY = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
QUARTER_TURN = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 64 << 16, 0, 0x40000000)


def make(path: Path, *, movflags: str = "", shift: int = 0, language: str = "fra") -> Path:
    """Video with B-frames turned by a quarter, sound in French, two chapters and a title.

    `shift` moves the video's times, in pictures; what comes before zero is trimmed by an edit list.
    """
    found = pictures()
    with av.open(str(path), "w", options={"movflags": movflags} if movflags else {}) as container:
        container.metadata["title"] = "Lesson one"
        video = container.add_stream("libx264", rate=RATE)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        video.codec_context.extradata = join([nal for nal in found[0].nals if nal[0] & 31 in (7, 8)])
        video.metadata["language"] = "deu"
        sound = container.add_stream("aac", rate=8000)
        sound.metadata["language"] = language
        disposition = av.stream.Disposition.default | av.stream.Disposition.hearing_impaired
        sound.disposition = disposition.value
        container.set_chapters(
            [
                {
                    "id": number,
                    "start": start,
                    "end": end,
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": title},
                }
                for number, (start, end, title) in enumerate(CHAPTERS)
            ]
        )
        for each in found:
            packet = av.Packet(join(each.nals))
            packet.stream, packet.time_base, packet.duration = video, Fraction(1, RATE), 1
            packet.pts, packet.dts, packet.is_keyframe = each.pts + shift, each.dts + shift, each.is_key
            container.mux(packet)
        frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        frame.sample_rate = 8000
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        for number in range(12):
            frame.pts = number * 1024
            container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    data = path.read_bytes()
    assert data.count(IDENTITY) >= 2
    # The movie has a matrix as well, before those of its tracks.
    place = data.index(IDENTITY, data.index(b"tkhd"))
    path.write_bytes(data[:place] + QUARTER_TURN + data[place + len(QUARTER_TURN) :])
    return path


def described(path: Path) -> dict[str, object]:
    """What a player is told beside the packets."""
    with av.open(str(path)) as container:
        tracks = {stream.type: stream for stream in container.streams if stream.type != "data"}
        chapters = [
            (round(each["start"] * each["time_base"] * 1000), round(each["end"] * each["time_base"] * 1000))
            + (each["metadata"].get("title"),)
            for each in container.chapters()
        ]
        frame = next(container.decode(video=0))
        return {
            "title": container.metadata.get("title"),
            "chapters": chapters,
            "language": tracks["audio"].metadata.get("language"),
            "hears": bool(tracks["audio"].disposition & av.stream.Disposition.hearing_impaired),
            "rotation": frame.rotation,
        }


@pytest.mark.parametrize("name", ["out.mp4", "out.mov", "out.mkv"])
def test_writing_rule_9_chapters_language_rotation_and_title_come_along(name: str, tmp_path: Path) -> None:
    source, target = make(tmp_path / "in.mp4"), tmp_path / name
    done = write_sei(source, target, grid((64, 64), ["a"]), interval_ms=400)
    assert len(list(read_sei(target, {100}))) == done.inserted == 4
    before, after = described(source), described(target)
    assert before["rotation"] in (90, -90)
    assert before["chapters"] == CHAPTERS
    if name == "out.mov":  # MOV, as FFmpeg writes it, has no place for it
        before.pop("hears")
        after.pop("hears")
    assert after == before


def test_writing_rule_9_matroska_to_matroska_and_back(tmp_path: Path) -> None:
    source, middle, back = make(tmp_path / "in.mp4"), tmp_path / "a.mkv", tmp_path / "b.mp4"
    write_sei(source, tmp_path / "first.mkv", grid((64, 64), ["a"]), interval_ms=400)
    write_sei(tmp_path / "first.mkv", middle, grid((64, 64), ["b"]), interval_ms=400, replace=True)
    write_sei(middle, back, grid((64, 64), ["c"]), interval_ms=400, replace=True)
    assert described(back) == described(middle) == described(source)


@pytest.mark.parametrize(
    ("movflags", "kinds"),
    [
        ("faststart", [b"ftyp", b"moov", b"free", b"mdat"]),
        ("frag_keyframe+empty_moov", [b"ftyp", b"moov", b"moof", b"mdat"]),
    ],
)
def test_writing_rule_9_faststart_and_fragments_stay(
    movflags: str, kinds: list[bytes], tmp_path: Path
) -> None:
    source = make(tmp_path / "in.mp4", movflags=movflags)
    for name in ("out.mp4", "out.mov"):
        write_sei(source, tmp_path / name, grid((64, 64), ["a"]))
        data = (tmp_path / name).read_bytes()
        places = [data.index(kind) for kind in kinds if kind in data]
        assert places == sorted(places)
        assert (b"moof" in data) == ("frag" in movflags)


def test_writing_rule_9_the_sample_entry_stays(tmp_path: Path) -> None:
    source = make(tmp_path / "in.mp4")
    data = source.read_bytes()
    source.write_bytes(data.replace(b"avc1\0\0\0\0", b"avc3\0\0\0\0"))
    for name in ("out.mp4", "out.mov"):
        write_sei(source, tmp_path / name, grid((64, 64), ["a"]))
        assert b"avc3\0\0\0\0" in (tmp_path / name).read_bytes()


def test_writing_rule_9_a_track_that_cannot_be_muxed_is_named(tmp_path: Path) -> None:
    source = tmp_path / "in.mkv"
    with av.open(str(source), "w") as container:
        video = container.add_stream("libx264", rate=RATE)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        sound = container.add_stream("mp2", rate=16_000)
        sound.codec_context.layout = "mono"
        frame = gray()
        for number in range(5):
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        container.mux(sound.encode(None))
    with pytest.raises(RefusedError, match=r"track 1 \(audio, mp2"):
        write_sei(source, tmp_path / "out.flv", grid((64, 64), ["a"]))
    assert [path.name for path in tmp_path.iterdir()] == ["in.mkv"]


def with_cover(path: Path, codec: str, *, count: int = 5) -> Path:
    """A recording with a cover picture, as MP4 has it."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=RATE)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        cover = container.add_stream(codec, rate=1)
        cover.width, cover.height = 16, 16
        cover.pix_fmt = "rgb24" if codec == "png" else "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic.value
        for number in range(count):
            frame = gray()
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        frame = gray(16, cover.pix_fmt)
        frame.pts, frame.time_base = 0, Fraction(1, 1)
        container.mux([*cover.encode(frame), *cover.encode(None)])
    return path


def cover_of(path: Path) -> bytes:
    with av.open(str(path)) as container:
        covers = [each for each in container.streams if each.disposition & av.stream.Disposition.attached_pic]
        return bytes(next(packet for packet in container.demux(covers) if packet.size))


@pytest.mark.parametrize("codec", ["png", "mjpeg"])
def test_writing_rule_9_a_cover_picture_comes_along_or_is_named(codec: str, tmp_path: Path) -> None:
    source, there, back = with_cover(tmp_path / "in.mp4", codec), tmp_path / "a.mkv", tmp_path / "b.mp4"
    write_sei(source, there, grid((64, 64), ["a"]))
    write_sei(there, back, grid((64, 64), ["b"]), replace=True)
    assert cover_of(there) == cover_of(back) == cover_of(source)
    for name, reason in [
        ("out.mov", "MOV has no place for a cover picture"),
        ("out.ts", "MPEG-TS has no stream type for it"),
        ("out.flv", "FLV holds one track of video"),
    ]:
        with pytest.raises(RefusedError, match=rf"track 1 \(video, {codec}\) cannot be muxed: {reason}"):
            write_sei(source, tmp_path / name, grid((64, 64), ["a"]))
        assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["out.ts", "out.flv"])
def test_writing_rule_9_what_a_container_has_no_place_for_is_told(name: str, tmp_path: Path) -> None:
    source, target = make(tmp_path / "in.mp4"), tmp_path / name
    rotation = described(source)["rotation"]
    kind = {"out.ts": "mpegts", "out.flv": "flv"}[name]
    assert write_sei(source, target, grid((64, 64), ["a"])).notes == [
        f"{target}: 2 chapters are left out: {kind} has no place for them",
        f"{target}: the rotation by {rotation} degrees is left out: {kind} has no place for it",
    ]


@pytest.mark.parametrize(("name", "kind"), [("out.mkv", "matroska"), ("out.mov", None), ("out.mp4", None)])
def test_writing_rule_9_pictures_that_an_edit_list_trims_are_told_where_they_are_shown(
    name: str, kind: str | None, tmp_path: Path
) -> None:
    source, target = make(tmp_path / "in.mp4", shift=-15), tmp_path / name
    done = write_sei(source, target, [Message(100, b"x")], every_frame=True)
    trimmed = [row.discard for row in read_sei(target, {100})]
    assert (done.inserted, sum(trimmed)) == (40, 0 if kind else 15)
    told = f"{target}: 15 pictures that an edit list trims are shown: {kind} has no place for one"
    assert done.notes == ([told] if kind else [])


@pytest.mark.parametrize(("language", "of_mov"), [("zho", "chi"), ("deu", "ger"), ("jpn", "jpn")])
def test_writing_rule_9_languages_have_names_of_their_own_in_mov(
    language: str, of_mov: str, tmp_path: Path
) -> None:
    source, target = make(tmp_path / "in.mp4", language=language), tmp_path / "out.mov"
    write_sei(source, target, grid((64, 64), ["a"]))
    assert described(source)["language"] == language
    assert described(target)["language"] == of_mov


@pytest.mark.parametrize("name", ["out.mp4", "out.mov", "out.mkv", "out.ts", "out.flv"])
def test_writing_rule_9_an_encrypted_track_is_refused(name: str, tmp_path: Path) -> None:
    source = tmp_path / "in.mp4"
    source.write_bytes(encrypted(pictures()))
    with pytest.raises(RefusedError, match=r"in\.mp4: track 0 is encrypted; decrypt it first"):
        write_sei(source, tmp_path / name, grid((64, 64), ["a"]))
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize(
    ("pts", "dts", "said"),
    [
        (3, 4, r"refuses track 0 packet 5 \(PTS 120, DTS 160\): PTS is before DTS"),
        (9, 1, r"refuses track 0 packet 5 \(PTS 360, DTS 40\): DTS is before 160, the one before it"),
    ],
)
def test_writing_rule_9_times_that_no_muxer_takes_are_named(
    pts: int, dts: int, said: str, tmp_path: Path
) -> None:
    found = [replace(each, pts=each.pts + 2, dts=number) for number, each in enumerate(pictures())]
    found[5] = replace(found[5], pts=pts, dts=dts)
    source = tmp_path / "in.flv"
    source.write_bytes(flv([sequence_header(parameter_sets()), *picture_tags(found)]))
    for name in ("out.mkv", "out.mp4", "out.ts"):
        with pytest.raises(RefusedError, match=said):
            write_sei(source, tmp_path / name, grid((64, 64), ["a"]))
        assert list(tmp_path.iterdir()) == [source]


def test_writing_rule_8_times_stay_to_the_tick(tmp_path: Path) -> None:
    """A first picture at a thirtieth of a second, which no count of milliseconds is."""
    source, target, rate = tmp_path / "in.mp4", tmp_path / "out.mov", 30
    with av.open(str(source), "w", options={"movie_timescale": "30000"}) as container:
        video = container.add_stream("libx264", rate=rate)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        video.codec_context.extradata = join(parameter_sets())
        for each in pictures():
            packet = av.Packet(join(each.nals))
            packet.stream, packet.time_base, packet.duration = video, Fraction(1, rate), 1
            packet.pts, packet.dts, packet.is_keyframe = each.pts + 1, each.dts + 1, each.is_key
            container.mux(packet)
    write_sei(source, target, grid((64, 64), ["a"]))
    before, after = times(source), times(target)
    assert min(pts for pts, _ in before) == Fraction(1, rate)
    assert after == before


def times(path: Path, track: int = 0) -> list[tuple[Fraction, Fraction]]:
    """PTS and DTS of each packet of a track, seconds."""
    with av.open(str(path)) as container:
        found = [each for each in container.demux(container.streams[track]) if each.size]
        return [(each.pts * each.time_base, each.dts * each.time_base) for each in found]


@pytest.mark.parametrize("name", ["out.ts", "out.264"])
def test_writing_rule_6_parameter_sets_stay_in_front_of_what_is_put_in(name: str, tmp_path: Path) -> None:
    source, target = tmp_path / "in.mp4", tmp_path / name
    source.write_bytes(mp4(Mp4Track(samples(pictures()), [avcc(parameter_sets())])))
    write_sei(source, target, [Message(100, b"x")], every_frame=True)
    with av.open(str(target)) as container:
        keys = [bytes(each) for each in container.demux(video=0) if each.size and each.is_keyframe]
    assert keys
    for key in keys:
        kinds = [nal[0] & 31 for nal in split(key)]
        assert [kind for kind in kinds if kind != 9] == [7, 8, 6, 5]


def with_jump(path: Path, *, count: int, delay: int = 0) -> Path:
    """An MP4 whose pictures from number 5 on are so many pictures' time later, the fifth shown later yet."""
    found = [replace(each, pts=each.pts + 2, dts=number) for number, each in enumerate(pictures())]
    moved = [replace(each, pts=each.pts + count, dts=each.dts + count) for each in found[5:]]
    moved[0] = replace(moved[0], pts=moved[0].dts + delay)
    path.write_bytes(flv([sequence_header(parameter_sets()), *picture_tags([*found[:5], *moved])]))
    return path


@pytest.mark.parametrize(
    ("name", "limit_s"),
    [("out.mp4", "134217.728"), ("out.mov", "134217.728"), ("out.ts", "47721.859")],
)
def test_writing_rule_9_a_jump_that_a_container_has_no_number_for_is_named(
    name: str, limit_s: str, tmp_path: Path
) -> None:
    """2^31 ticks of the 16 kHz that MP4 has for milliseconds are 134217.728 s, 2^32 of 90 kHz 47721.859."""
    step_s = float(limit_s)
    fits, jumps = int(step_s * RATE) - 1, int(step_s * RATE) + 1
    source = with_jump(tmp_path / "fits.flv", count=fits)
    write_sei(source, tmp_path / name, grid((64, 64), ["a"]))
    before, after = times(source), times(tmp_path / name)
    assert {late - early for (_, early), (_, late) in zip(before, after, strict=True)} == {
        after[0][1] - before[0][1]
    }
    (tmp_path / name).unlink()
    source.unlink()
    source = with_jump(tmp_path / "jumps.flv", count=jumps)
    said = (
        rf"refuses track 0 packet 5 \(PTS \d+, DTS {(jumps + 5) * 40}\): "
        rf"DTS is [\d.]+ s from 160, the one before it, and \w+ holds {int(step_s)}\."
    )
    with pytest.raises(RefusedError, match=said):
        write_sei(source, tmp_path / name, grid((64, 64), ["a"]))
    assert list(tmp_path.iterdir()) == [source]


def composition_times(path: Path) -> set[int]:
    """CompositionTime of the pictures of an FLV, milliseconds."""
    data, place, found = path.read_bytes(), 13, set()
    while place < len(data):
        tag = data[place + 11 : (place := place + 15 + int.from_bytes(data[place + 1 : place + 4], "big"))]
        if tag[:2] in (b"\x17\x01", b"\x27\x01"):
            found.add(int.from_bytes(tag[2:5], "big", signed=True))
    return found


def test_writing_rule_9_a_delay_that_flv_has_no_number_for_is_named(tmp_path: Path) -> None:
    """CompositionTime has 24 bits with a sign, for milliseconds: 8388.607 s."""
    found = [replace(each, pts=each.pts + 2, dts=number) for number, each in enumerate(pictures())]
    for pts, is_taken in [(5 + 209_715, True), (5 + 209_716, False)]:
        source, target = tmp_path / "in.mp4", tmp_path / "out.flv"
        late = [*found[:5], replace(found[5], pts=pts), *found[6:]]
        source.write_bytes(mp4(Mp4Track(samples(late), [avcc(parameter_sets())])))
        if is_taken:
            write_sei(source, target, [Message(100, b"x")])
            # Told by the bytes: FFmpeg's own reader takes such a time for an error.
            delays = {each.pts - each.dts for each in late}
            assert composition_times(target) == {delay * 1000 // RATE for delay in delays}
            target.unlink()
            continue
        said = r"packet 5 \(PTS 209721, DTS 5\): DTS is 8388.64 s before PTS, and flv holds 8388.6"
        with pytest.raises(RefusedError, match=said):
            write_sei(source, target, [Message(100, b"x")])
        assert list(tmp_path.iterdir()) == [source]


def shown_s(path: Path) -> list[Fraction]:
    """When each picture is displayed, in decode order, seconds."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        tick = stream.time_base or Fraction(0)
        return [each.pts * tick for each in container.demux(stream) if each.pts is not None]


@pytest.mark.parametrize("source_name", ["in.ts", "in.flv"])
@pytest.mark.parametrize("name", ["out.mp4", "out.mov", "out.mkv", "out.flv", "out.ts"])
def test_writing_rule_8_a_clock_that_had_run_before_the_recording_keeps_no_player_waiting(
    source_name: str, name: str, tmp_path: Path
) -> None:
    source, target, hour = tmp_path / source_name, tmp_path / name, 3600
    if source_name == "in.ts":
        source.write_bytes(ts(pes_of(pictures(), start=hour * 90_000)))
    else:
        late = picture_tags(pictures(), start=hour * RATE)
        source.write_bytes(flv([sequence_header(parameter_sets(), hour * 1000), *late]))
    write_sei(source, target, [Message(100, b"x")])
    before, after = shown_s(source), shown_s(target)
    assert min(before) >= hour
    shifts = {ours - theirs for ours, theirs in zip(after, before, strict=True)}
    assert len(shifts) == 1
    if source.suffix == target.suffix:
        assert shifts == {0}
    elif name in {"out.mp4", "out.mov"}:
        assert min(after) == 0
    elif name in {"out.mkv", "out.flv"}:
        # A DTS below zero has no place there, so all is as much later.
        lag = max(each.pts - number for number, each in enumerate(pictures()))
        assert min(after) <= Fraction(lag, RATE)


@pytest.mark.parametrize(("scale_ns", "is_finer"), [(1_000_000, False), (100_000, True)])
def test_writing_rule_8_times_finer_than_matroska_is_written_with_are_told(
    scale_ns: int, is_finer: bool, tmp_path: Path
) -> None:
    source, target = tmp_path / "in.mkv", tmp_path / "out.mkv"
    source.write_bytes(matroska(pictures(), scale_ns=scale_ns))
    told = f"{target}: times are rounded to milliseconds: matroska is written with no finer ones"
    assert write_sei(source, target, [Message(100, b"x")]).notes == ([told] if is_finer else [])
    assert shown_s(target) == shown_s(source)


def test_writing_rule_9_a_track_that_begins_late_does_so_in_fragments(tmp_path: Path) -> None:
    source, target = tmp_path / "in.mp4", tmp_path / "out.mov"
    flags = {"movflags": "frag_keyframe+empty_moov+delay_moov"}
    with av.open(str(source), "w", options=flags) as container:
        video = container.add_stream("libx264", rate=RATE)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        video.codec_context.extradata = join(parameter_sets())
        sound = container.add_stream("aac", rate=8000)
        for each in pictures():
            packet = av.Packet(join(each.nals))
            packet.stream, packet.time_base, packet.duration = video, Fraction(1, RATE), 1
            packet.pts, packet.dts, packet.is_keyframe = each.pts, each.dts, each.is_key
            container.mux(packet)
            sounding = av.Packet(bytes(320))
            sounding.stream, sounding.time_base, sounding.duration = sound, Fraction(1, 8000), 320
            sounding.pts = sounding.dts = each.dts * 320 + 8000
            container.mux(sounding)
    write_sei(source, target, grid((64, 64), ["a"]))
    for track in (0, 1):
        assert times(target, track) == times(source, track)
    assert times(target, 1)[0][0] == Fraction(8000 - 2 * 320, 8000)


def test_writing_rule_9_nal_units_that_do_not_convert_are_named(tmp_path: Path) -> None:
    source, target = tmp_path / "in.mp4", tmp_path / "out.ts"
    found = samples(pictures())
    found[7] = replace(found[7], data=b"\x00\x00\xff\xff" + found[7].data[4:])
    source.write_bytes(mp4(Mp4Track(found, [avcc(parameter_sets())])))
    said = (
        r"in\.mp4: track 0 packet 7 \(PTS \d+, DTS \d+\): its NAL units cannot be put behind start codes: I"
    )
    with pytest.raises(RefusedError, match=said):
        write_sei(source, target, grid((64, 64), ["a"]))
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize("name", ["out.ts", "out.264"])
def test_writing_rule_9_parameter_sets_that_do_not_convert_are_named(name: str, tmp_path: Path) -> None:
    source = tmp_path / "in.mp4"
    description = avcc(parameter_sets())
    broken = description[:6] + b"\x7f\xff" + description[8:]
    source.write_bytes(mp4(Mp4Track(samples(pictures()), [broken])))
    with pytest.raises(
        RefusedError, match=r"in\.mp4: track 0: its parameter sets cannot be put behind start"
    ):
        write_sei(source, tmp_path / name, grid((64, 64), ["a"]))
    assert list(tmp_path.iterdir()) == [source]


def test_writing_rule_9_a_title_that_is_not_text_costs_nothing_else(tmp_path: Path) -> None:
    source, target = make(tmp_path / "in.mp4"), tmp_path / "out.flv"
    source.write_bytes(source.read_bytes().replace(b"Lesson one", b"Less\xff\xc1 one"))
    assert write_sei(source, target, grid((64, 64), ["a"])).pictures == 40
    with av.open(str(target)) as container:
        assert container.metadata["title"] == "Less\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER} one"


def test_writing_rule_9_a_sample_entry_that_cannot_stay_is_named(tmp_path: Path) -> None:
    source = make(tmp_path / "in.mp4")
    # With items, whose places are not understood, it is muxed anew.
    source.write_bytes(source.read_bytes().replace(b"mp4a", b"mp\xe1a") + box("iloc", bytes(8)))
    said = r"track 1 \(audio, aac\) cannot be muxed: the name of its sample entry is not ASCII"
    with pytest.raises(RefusedError, match=said):
        write_sei(source, tmp_path / "out.mp4", grid((64, 64), ["a"]))
    assert list(tmp_path.iterdir()) == [source]


def test_writing_rule_9_sound_is_named_as_its_container_does(tmp_path: Path) -> None:
    source = tmp_path / "in.mov"
    with_sound(source, "pcm_s16le")
    assert b"sowt" in source.read_bytes()
    write_sei(source, tmp_path / "out.mp4", grid((64, 64), ["a"]))
    assert b"ipcm" in (tmp_path / "out.mp4").read_bytes()
    for track in (0, 1):
        assert times(tmp_path / "out.mp4", track) == times(source, track)


def test_writing_rule_9_what_ffmpeg_says_of_a_track_is_told(tmp_path: Path) -> None:
    source = tmp_path / "in.mp4"
    with_sound(source, "flac")
    level = av.logging.get_level()
    for _ in range(2):
        with pytest.raises(RefusedError, match=r"out\.mov: mov cannot begin: flac only supported in MP4\.$"):
            write_sei(source, tmp_path / "out.mov", grid((64, 64), ["a"]))
    assert av.logging.get_level() == level
    assert list(tmp_path.iterdir()) == [source]


def with_sound(path: Path, codec: str) -> None:
    """Pictures and as much silence."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=RATE)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        video.codec_context.extradata = join(parameter_sets())
        sound = container.add_stream(codec, rate=8000)
        for each in pictures():
            packet = av.Packet(join(each.nals))
            packet.stream, packet.time_base, packet.duration = video, Fraction(1, RATE), 1
            packet.pts, packet.dts, packet.is_keyframe = each.pts, each.dts, each.is_key
            container.mux(packet)
        frame = av.AudioFrame(format="s16", layout="stereo", samples=12_800)
        frame.sample_rate, frame.pts = 8000, 0
        frame.planes[0].update(bytes(frame.planes[0].buffer_size))
        container.mux([*sound.encode(frame), *sound.encode(None)])


def clock_reference(pid: int, ticks: int) -> bytes:
    """A packet with program_clock_reference alone."""
    field = u(1, 183, 0x10) + (ticks << 15 | 0x7E00).to_bytes(6, "big")
    return (b"\x47" + u(2, pid) + b"\x20" + field).ljust(188, b"\xff")


TWO_PROGRAMS: list[dict[int, Codec]] = [{256: "h264"}, {257: "h264"}]


def test_writing_rule_8_several_programs_are_not_joined_without_a_word(tmp_path: Path) -> None:
    source = tmp_path / "in.ts"
    pairs = zip(pes_of(pictures()), pes_of(pictures(), pid=257), strict=True)
    source.write_bytes(ts([each for pair in pairs for each in pair], TWO_PROGRAMS))
    with pytest.raises(
        RefusedError, match=r"out\.ts: programs 1, 2 cannot be muxed: mpegts is written with one"
    ):
        write_sei(source, tmp_path / "out.ts", grid((64, 64), ["a"]))
    assert list(tmp_path.iterdir()) == [source]
    for name, kind in [("out.mkv", "matroska"), ("out.mp4", "mp4")]:
        target = tmp_path / name
        notes = write_sei(source, target, grid((64, 64), ["a"])).notes
        assert notes == [f"{target}: the tracks of 2 programs are together: {kind} has no programs"]
        with av.open(str(target)) as container:
            assert len(container.streams.video) == 2


def test_writing_rule_8_a_program_that_is_named_only_is_none(tmp_path: Path) -> None:
    """As in a recording of one program of many."""
    source = tmp_path / "in.ts"
    made = ts(pes_of(pictures()), TWO_PROGRAMS)
    source.write_bytes(made[:376] + made[376 + 188 :])  # without the second map
    assert [each.number for each in programs_of(source)] == [1]
    assert write_sei(source, tmp_path / "out.ts", grid((64, 64), ["a"])).notes == []


@pytest.mark.parametrize("step", [188, 192, 204])
def test_programs_are_found_in_packets_of_any_length(step: int, tmp_path: Path) -> None:
    plain, spaced = tmp_path / "plain.ts", tmp_path / "spaced.ts"
    data = ts(pes_of(pictures()), TWO_PROGRAMS)
    plain.write_bytes(data)
    spaced.write_bytes(b"".join(bytes(step - 188) + data[at : at + 188] for at in range(0, len(data), 188)))
    found = programs_of(spaced)
    assert [(each.number, each.map, each.tracks) for each in found] == [(1, 4096, {256}), (2, 4097, {257})]
    assert found == programs_of(plain)


def test_writing_rule_8_a_program_keeps_its_numbers_its_name_and_its_lead(tmp_path: Path) -> None:
    """A video PID of 4096 is what FFmpeg would give to the map."""
    source, target = tmp_path / "in.ts", tmp_path / "out.ts"
    numbers = {"transport_stream_id": "9", "service_id": "77", "pmt_start_pid": "480", "service_type": "25"}
    options = {f"mpegts_{name}": value for name, value in numbers.items()}
    with av.open(str(source), "w", options={**options, "max_delay": "600000"}) as container:
        container.metadata.update({"service_provider": "", "service_name": "第一套"})
        video = container.add_stream("libx264", rate=RATE)
        video.width, video.height, video.pix_fmt, video.id = 64, 64, "yuv420p", 4096
        for each in pictures():
            packet = av.Packet(join(each.nals))
            packet.stream, packet.time_base, packet.duration = video, Fraction(1, RATE), 1
            packet.pts, packet.dts, packet.is_keyframe = each.pts, each.dts, each.is_key
            container.mux(packet)
    write_sei(source, target, grid((64, 64), ["a"]))
    service = Service(25, "", "第一套")
    assert (
        programs_of(target)
        == programs_of(source)
        == [Program(9, 77, 480, frozenset({4096}), service, 54_000)]
    )


@pytest.mark.parametrize(
    ("clock", "lead"),
    [(0, 9000), (9000, 0), (9001, 0), ((1 << 33) - 300, 9300), ((1 << 33) - 891_001, 0)],
    ids=["before", "at", "behind", "before a wrap", "too far"],
)
@pytest.mark.parametrize("has_dts", [False, True])
def test_a_clock_runs_before_its_pictures(clock: int, lead: int, has_dts: bool, tmp_path: Path) -> None:
    """The other track's PES packets have a clock, too, which is not the program's."""
    path = tmp_path / "in.ts"
    packets = pes_packets([Pes(join(pictures()[0].nals), 9000 + 3600 * has_dts, 9000, 257)] * 3)
    head = ts([], [{256: "h264", 257: "h264"}]) + clock_reference(256, clock)
    path.write_bytes(head + b"".join(packets))
    assert programs_of(path)[0].lead == lead


def test_sound_that_shares_pes_packets_goes_on_to(tmp_path: Path) -> None:
    first, again = tmp_path / "first.ts", tmp_path / "again.ts"
    command = "-f lavfi -i color=s=64x64:d=3 -f lavfi -i sine=d=3 -c:v libx264 -c:a aac -b:a 32k"
    assert run_ffmpeg([*command.split(), str(first)]) == 0
    write_sei(first, again, grid((64, 64), ["a"]))
    begins = [path.read_bytes().count(b"\x00\x00\x01\xc0") for path in (first, again)]
    assert begins[0] == begins[1] < 15


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (b"Das Erste", "Das Erste"),
        (b"\x05\xdcT\xfc", "ÜTü"),
        (b"\x10\x00\x02\xb1x", "ąx"),
        (b"\x10\x00\x0c\xb1x", "�x"),
        (b"\x10", ""),
        (b"\x11\x52\x2b\x00a", "别a"),
        (b"\x15" + "é".encode(), "é"),
        (b"\xc2e", "�e"),
        (b"\x1fa", "a"),
        (b"", ""),
    ],
)
def test_names_are_written_in_many_ways(text: bytes, name: str, tmp_path: Path) -> None:
    descriptor = bytes([0x48, 5 + len(text), 1, 2, *b"tv", len(text)]) + text
    content = (
        u(2, 1) + b"\xff" + u(2, 1) + b"\xfc" + u(2, 0x8000 | len(descriptor) + 3) + b"\x50\x01x" + descriptor
    )
    path = tmp_path / "in.ts"
    path.write_bytes(ts(pes_of(pictures())) + section(0x11, 0x42, 1, content))
    (program,) = programs_of(path)
    assert program.service == Service(1, "tv", name)


@given(st.binary(max_size=60))
def test_names_may_be_anything(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("names") / "in.ts"
    path.write_bytes(ts(pes_of(pictures())) + section(0x11, 0x42, 1, content))
    assert [each.number for each in programs_of(path)] == [1]

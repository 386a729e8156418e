"""Messages in the description of a track (hvcC, or parameter sets behind start codes), taken out of it.

The rule named is that of writing SEI: 8, nothing else changes. What a file has to become is told by whoever
made it: the builders of these tests, or FFmpeg's muxer, given the description without those messages.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutkit.errors import RefusedError, StreamError
from layoutkit.sei import write
from layoutkit.sei.change import Written
from layoutkit.sei.description import description_without
from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.message import Message, serialize
from layoutkit.sei.nal import join
from layoutkit.sei.packet import read_extradata
from layoutkit.sei.placement import apply
from layoutkit.sei.reader import read_sei
from layoutkit.sei.write import strip_sei, write_sei
from tests.sei.recording import (
    Mp4Track,
    avcc,
    box,
    hvcc,
    hvcc_of,
    mp4,
    parameter_sets,
    pictures,
    run_ffmpeg,
    samples,
    u,
)

SETTINGS = Message(5, bytes(16) + b"settings")
OTHER = Message(137, b"colours")
LAYOUT = Message(100, b'{"canvas": {"w": 9, "h": 9}, "regions": []}')


def is_settings(message: Message) -> bool:
    return message == SETTINGS


MESSAGES = st.lists(
    st.one_of(
        st.just(SETTINGS),
        st.builds(Message, st.sampled_from([1, 5, 100, 300]), st.binary(max_size=40)),
    ),
    min_size=1,
    max_size=4,
)
SETS = st.sampled_from(parameter_sets("hevc"))
ARRAYS = st.lists(st.tuples(st.integers(0, 63), st.lists(st.one_of(SETS, MESSAGES), max_size=4)), max_size=5)


@given(ARRAYS)
def test_writing_rule_8_exactly_those_messages_leave_hvcc(
    arrays: list[tuple[int, list[bytes | list[Message]]]],
) -> None:
    def nals(of: Sequence[bytes | list[Message]], *, wanted: bool) -> list[bytes]:
        kept = (
            each
            if isinstance(each, bytes)
            else [message for message in each if not (wanted and is_settings(message))]
            for each in of
        )
        return [each if isinstance(each, bytes) else serialize(each, "hevc") for each in kept if each]

    whole = hvcc_of([(kind, nals(of, wanted=False)) for kind, of in arrays])
    left = [(kind, of, nals(of, wanted=True)) for kind, of in arrays]
    # An array that held nothing before is none of ours.
    expected = hvcc_of([(kind, rest) for kind, of, rest in left if rest or not of])
    assert apply(whole, description_without(whole, "hevc", is_settings)) == expected


@given(ARRAYS, st.lists(st.tuples(st.integers(0), st.integers(0, 255)), max_size=4), st.integers(0, 60))
def test_writing_rule_8_of_a_damaged_hvcc_the_other_messages_stay(
    arrays: list[tuple[int, list[bytes | list[Message]]]], damage: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(
        hvcc_of(
            [
                (kind, [each if isinstance(each, bytes) else serialize(each, "hevc") for each in of])
                for kind, of in arrays
            ]
        )
    )
    for place, value in damage:
        data[place % len(data)] = value
    hurt = b"\x01" + bytes(data[1 : len(data) - cut])
    found = [each.message for each in read_extradata(hurt, "hevc")[0]]
    left = apply(hurt, description_without(hurt, "hevc", is_settings))
    assert [each.message for each in read_extradata(left, "hevc")[0]] == [
        message for message in found if not is_settings(message)
    ]
    assert (left == hurt) == (SETTINGS not in found)


def test_writing_rule_8_an_avcc_and_what_is_no_description_stay() -> None:
    sei = serialize([SETTINGS])
    for data in (avcc(parameter_sets()) + sei, b"", sei, b"\x01", join([serialize([OTHER])])):
        assert description_without(data, "h264", is_settings) == []
    assert description_without(b"\x01" * 22, "hevc", is_settings) == []


def test_what_outgrows_its_length_in_hvcc_is_an_error() -> None:
    # Its zeros are not escaped as they stand.
    nal = serialize([SETTINGS], "hevc")[:-1] + bytes(60_000) + b"\x80"
    with pytest.raises(StreamError, match=r"a NAL unit of \d+ bytes does not fit a length of 2 bytes"):
        description_without(hvcc([nal]), "hevc", is_settings)


def described(*messages: Message) -> bytes:
    """A hvcC with a NAL unit of those messages."""
    return hvcc([*parameter_sets("hevc"), *([serialize(messages, "hevc")] if messages else [])])


HEVC = samples(pictures("hevc"))

BUILT: dict[str, Callable[[bytes], bytes]] = {
    "one entry": lambda entry: mp4(Mp4Track(HEVC, [entry], "hevc")),
    "sizes and offsets of 64 bits": lambda entry: mp4(Mp4Track(HEVC, [entry], "hevc"), wide=True),
    "lengths of 2": lambda entry: mp4(
        Mp4Track(samples(pictures("hevc"), framing=2), [entry[:21] + b"\xfd" + entry[22:]], "hevc")
    ),
    "two entries": lambda entry: mp4(
        Mp4Track([*HEVC[:20], *(replace(each, entry=2) for each in HEVC[20:])], [entry, entry], "hevc")
    ),
    "an entry with more boxes": lambda entry: mp4(
        Mp4Track(HEVC, [entry], "hevc", extra=[box("pasp", u(4, 1, 1)), box("btrt", bytes(12))])
    ),
    "behind another track": lambda entry: mp4(
        Mp4Track(samples(pictures()), [avcc(parameter_sets())]), Mp4Track(HEVC, [entry], "hevc")
    ),
}


@pytest.mark.parametrize("way", ["by tables", "by packets"])
@pytest.mark.parametrize("name", BUILT)
def test_writing_rule_8_only_the_description_and_what_tells_of_its_size_change(
    name: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "by packets":
        monkeypatch.setattr(write, "rewrite_by_tables", gives_way)
    source, target = tmp_path / "in.mp4", tmp_path / "out.mp4"
    source.write_bytes(BUILT[name](described(SETTINGS, OTHER)))
    track = 1 if name == "behind another track" else None
    done = strip_sei(source, target, 5, track=track)
    assert target.read_bytes() == BUILT[name](described(OTHER))
    assert (done.removed, done.notes) == (2 if name == "two entries" else 1, [])
    assert strip_sei(target, source, 5, track=track).removed == 0
    assert source.read_bytes() == target.read_bytes()


def gives_way(*_: object) -> Written:
    raise GiveWay("asked to")


def test_writing_rule_8_the_description_of_another_track_stays(tmp_path: Path) -> None:
    source, target = tmp_path / "in.mp4", tmp_path / "out.mp4"
    track = partial(Mp4Track, HEVC, codec="hevc")
    source.write_bytes(mp4(track([described(SETTINGS)]), track([described(SETTINGS)])))
    assert strip_sei(source, target, 5, track=1).removed == 1
    assert target.read_bytes() == mp4(track([described(SETTINGS)]), track([described()]))


def test_writing_rule_8_what_describes_further_layers_stays_but_for_the_messages(tmp_path: Path) -> None:
    source, target = tmp_path / "in.mp4", tmp_path / "out.mp4"

    def built(*messages: Message) -> bytes:
        # lhvC is hvcC less general_profile_space to general_level_idc and chromaFormat to avgFrameRate.
        entry = described(OTHER, *messages)
        lhvc = box("lhvC", entry[:1] + b"\xf0\0\xfc" + entry[21:])
        return mp4(Mp4Track(HEVC, [entry], "hevc", extra=[lhvc]))

    source.write_bytes(built(SETTINGS))
    assert strip_sei(source, target, 5).removed == 2
    assert target.read_bytes() == built()


def test_writing_rule_8_tracks_are_told_by_their_numbers(tmp_path: Path) -> None:
    source, target = tmp_path / "in.mp4", tmp_path / "out.mp4"

    def built(*entries: bytes, numbers: tuple[int, int]) -> bytes:
        data = mp4(*(Mp4Track(HEVC, [entry], "hevc") for entry in entries))
        for old, new in enumerate(numbers, 1):
            head = b"tkhd" + u(4, 3, 0, 0)
            data = data.replace(head + u(4, old, 0), head + u(4, new, 0), 1)
        return data

    source.write_bytes(built(described(SETTINGS), described(SETTINGS), numbers=(7, 1)))
    assert strip_sei(source, target, 5).removed == 1
    assert target.read_bytes() == built(described(), described(SETTINGS), numbers=(7, 1))
    # Where both have the same, the recording is muxed anew.
    source.write_bytes(built(described(SETTINGS), described(OTHER), numbers=(7, 7)))
    assert strip_sei(source, target, 5).removed == 1
    assert [row.payload_type for track in (0, 1) for row in read_sei(target, track=track)] == [137]


def test_writing_rule_8_parameter_sets_behind_start_codes_stay(tmp_path: Path) -> None:
    source, target = tmp_path / "in.mp4", tmp_path / "out.mp4"
    sets = parameter_sets()

    def built(nals: Sequence[bytes]) -> bytes:
        return mp4(Mp4Track(samples(pictures(), framing=0), [join(nals)]))

    source.write_bytes(built([serialize([SETTINGS]), *sets, serialize([OTHER, SETTINGS])]))
    assert strip_sei(source, target, 5).removed == 2
    assert target.read_bytes() == built([*sets, serialize([OTHER])])


def test_writing_rule_8_an_index_of_segments_before_the_description_tells_where_they_begin(
    tmp_path: Path,
) -> None:
    source, target = tmp_path / "in.mp4", tmp_path / "out.mp4"

    def built(entry: bytes) -> bytes:
        track = Mp4Track(HEVC, [entry], "hevc")
        whole = mp4(track)
        mdat = whole.index(b"mdat") - 4
        moov = mdat - (whole.index(b"moov") - 4)
        sidx = box("sidx", u(4, 0, 1, 1000, 0, moov), u(2, 0, 1), u(4, len(whole) - mdat, 40, 0))
        return mp4(track, before=sidx)

    source.write_bytes(built(described(SETTINGS)))
    assert strip_sei(source, target, 5).removed == 1
    assert target.read_bytes() == built(described())


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of x265, which describes itself in hvcC, with sound."""
    path = tmp_path_factory.mktemp("description") / "x265.mp4"
    command = "-f lavfi -i testsrc2=s=96x64:r=25:d=2 -f lavfi -i sine=d=2 -c:v libx265 -x265-params"
    assert run_ffmpeg([*command.split(), "bframes=3:keyint=20:pools=1:log-level=none", str(path)]) == 0
    return path


def without_settings(extradata: bytes) -> bytes:
    """The hvcC of x265 less its last array, which is that of SEI."""
    sei = extradata.rindex(b"\x00\x01", 0, extradata.index(b"x265") - 20) - 1
    assert extradata[sei] & 63 == 39
    return extradata[:22] + bytes([extradata[22] - 1]) + extradata[23:sei]


def remuxed(
    source: Path,
    target: Path,
    options: dict[str, str],
    change: Callable[[bytes], bytes],
    *,
    only_video: bool = False,
) -> bytes:
    """What FFmpeg's muxer makes of a recording with the description of its video changed."""
    with av.open(str(source)) as container, av.open(str(target), "w", container_options=options) as output:
        taken = container.streams.video if only_video else list(container.streams)
        tracks = [output.add_stream_from_template(each, opaque=True) for each in taken]
        context = tracks[0].codec_context
        context.extradata = change(context.extradata or b"")
        for packet in container.demux(taken):
            if packet.size:
                packet.stream = tracks[packet.stream.index]
                output.mux(packet)
    return target.read_bytes()


MOVFLAGS = [
    "use_metadata_tags",  # the movie box behind the samples
    "faststart",
    "frag_keyframe+empty_moov",
    "frag_keyframe+empty_moov+default_base_moof",
    "frag_keyframe+empty_moov+omit_tfhd_offset+separate_moof",
    "frag_keyframe",
    "frag_keyframe+dash",
    "frag_keyframe+dash+global_sidx",
]


@pytest.mark.parametrize("way", ["by tables", "by packets"])
@pytest.mark.parametrize("suffix", ["mp4", "mov"])
@pytest.mark.parametrize("movflags", MOVFLAGS)
def test_writing_rule_8_as_if_ffmpeg_had_been_given_no_such_message(
    movflags: str, suffix: str, way: str, recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "by packets":
        monkeypatch.setattr(write, "rewrite_by_tables", gives_way)
    source, target = tmp_path / f"in.{suffix}", tmp_path / f"out.{suffix}"
    assert b"x265 (build" in remuxed(recording, source, {"movflags": movflags}, lambda each: each)
    expected = remuxed(recording, tmp_path / f"new.{suffix}", {"movflags": movflags}, without_settings)
    done = strip_sei(source, target, 5)
    assert (done.removed, done.notes) == (1, [])
    assert target.read_bytes() == expected
    assert b"x265 (build" not in expected
    assert [row for row in read_sei(target) if row.payload_type == 5] == []
    # And so it is where samples change as well.
    write_sei(source, target, SETTINGS, interval_ms=200)
    done = strip_sei(target, source, 5)
    assert (done.removed, source.read_bytes() == expected) == (11, True)


def contents(path: Path) -> tuple[bytes | None, list[tuple[int, int | None, int | None, bytes]]]:
    """The description of the video, and all packets: their track and times, and their bytes."""
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        found = [
            (packet.stream.index, packet.pts, packet.dts, bytes(packet))
            for packet in container.demux()
            if packet.size
        ]
        return context.extradata, found


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.flv"])
@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "flv", "ts", "hevc"])
def test_writing_rule_8_into_another_container_as_if_there_had_been_no_such_message(
    name: str, suffix: str, recording: Path, tmp_path: Path
) -> None:
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    sources = tmp_path / "with" / name, tmp_path / "without" / name
    targets = [source.with_name(f"out.{suffix}") for source in sources]
    only_video = suffix == "hevc"
    remuxed(recording, sources[0], {}, lambda each: each, only_video=only_video)
    remuxed(recording, sources[1], {}, without_settings, only_video=only_video)
    counts = [strip_sei(source, target, 5).removed for source, target in zip(sources, targets, strict=True)]
    assert counts == [1, 0]
    assert contents(targets[0]) == contents(targets[1])
    assert b"x265 (build" not in targets[0].read_bytes()


def test_writing_rule_8_a_description_that_comes_midway_changes_as_well(tmp_path: Path) -> None:
    source = tmp_path / "in.mp4"
    found = [*HEVC[:20], *(replace(each, entry=2) for each in HEVC[20:])]
    for suffix in ("flv", "mkv"):
        entries = [described(OTHER), described(SETTINGS, OTHER)]
        source.write_bytes(mp4(Mp4Track(found, entries, "hevc")))
        target, expected = tmp_path / f"out.{suffix}", tmp_path / f"expected.{suffix}"
        assert strip_sei(source, target, 5).removed == 1
        assert b"settings" not in target.read_bytes()
        source.write_bytes(mp4(Mp4Track(found, [described(OTHER)] * 2, "hevc")))
        assert strip_sei(source, expected, 5).removed == 0
        assert contents(target) == contents(expected)


def traced(path: Path) -> list[int]:
    """Payload types that FFmpeg finds in the description of the video."""
    with av.open(str(path)) as container, av.logging.Capture() as logged:
        av.logging.set_level(av.logging.TRACE)
        try:
            av.BitStreamFilterContext("trace_headers", container.streams.video[0])
        finally:
            av.logging.set_level(None)
    return [int(line.split("=")[-1]) for *_, line in logged if "last_payload_type_byte" in line]


@pytest.mark.parametrize(
    ("name", "payload_type"),
    [("Eyevinn__stereo_spatial.mp4", 176), ("androidx__fragmented_captions_h265.mp4", 5)],
)
@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_ffmpeg_finds_no_such_message_in_real_descriptions(
    name: str, payload_type: int, suffix: str, recordings: Path, tmp_path: Path
) -> None:
    target = tmp_path / f"out.{suffix}"
    assert traced(recordings / name) == [payload_type]
    assert strip_sei(recordings / name, target, payload_type).removed == 1
    assert traced(target) == []
    if suffix == "mp4":
        assert contents(target)[1] == contents(recordings / name)[1]


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_layouts_in_the_description_are_refused_replaced_or_added_to(suffix: str, tmp_path: Path) -> None:
    source, target = tmp_path / "in.mp4", tmp_path / f"out.{suffix}"
    source.write_bytes(mp4(Mp4Track(HEVC, [described(SETTINGS, LAYOUT, Message(100, b"{"))], "hevc")))
    told = (
        f"{source}: layouts of payload type 100 are there already, first in the description of the track; "
        "say whether to replace them or to add to them"
    )
    with pytest.raises(RefusedError) as refused:
        write_sei(source, target, LAYOUT)
    assert str(refused.value) == told
    assert not target.exists()
    assert write_sei(source, target, replace(LAYOUT, payload_type=101)).removed == 0
    done = write_sei(source, target, LAYOUT, replace=True)
    assert (done.inserted, done.removed) == (2, 1)
    rows = list(read_sei(target, types=[100]))
    assert [row.payload for row in rows if row.layout is not None] == [LAYOUT.payload] * 2
    added = write_sei(source, target, LAYOUT, add=True)
    assert (added.inserted, added.removed) == (2, 0)

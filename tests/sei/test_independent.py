"""What was written, as FFmpeg's own tools see it."""

from collections import Counter
from pathlib import Path

import av
import av.logging
import pytest

from layoutkit import read_sei, strip_sei, write_sei
from layoutkit.sei import Canvas, Message, Region, VolumeLayout
from layoutkit.sei.nal import nal_unit_type, split
from tests.sei.recording import muxed

LAYOUT = VolumeLayout(Canvas(64, 64), (Region("a", 0, 0, 32, 64, 1, 45),), ts=0, app_data="\x00" * 8)
UUID = bytes(range(16))
USER_DATA = Message(5, UUID + b"\x00\x00\x01 hello")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A recording without SEI."""
    return muxed(tmp_path / "bare.mp4")


@pytest.mark.parametrize("name", ["out.mp4", "out.ts", "out.mkv", "out.flv", "out.mov"])
def test_trace_headers_logs_what_was_written(name: str, bare: Path, tmp_path: Path) -> None:
    target = tmp_path / name
    done = write_sei(bare, target, [LAYOUT, USER_DATA], interval_ms=400)
    assert done.inserted == 8
    with av.open(str(target)) as container, av.logging.Capture() as logged:
        av.logging.set_level(av.logging.TRACE)
        try:
            trace = av.BitStreamFilterContext("trace_headers", container.streams.video[0])
            for packet in container.demux(video=0):
                if packet.size:
                    trace.filter(packet)
        finally:
            av.logging.set_level(None)
    types = Counter(
        int(line.split("=")[-1])
        for _, _, line in logged
        for line in line.splitlines()
        if "last_payload_type_byte" in line
    )
    assert (types[100], types[5]) == (4, 4)


def test_h264_metadata_writes_the_same_bytes_again(bare: Path, tmp_path: Path) -> None:
    write_sei(bare, tmp_path / "out.ts", [LAYOUT, USER_DATA], interval_ms=400)
    with av.open(str(tmp_path / "out.ts")) as container:
        stream = container.streams.video[0]
        # Some option has to be set for the filter to do anything: the level that is there already.
        again = av.BitStreamFilterContext("h264_metadata=level=auto", stream)
        compared = 0
        for packet in container.demux(stream):
            if not packet.size:
                continue
            before = [nal for nal in split(bytes(packet)) if nal_unit_type(nal[0], "h264") == 6]
            after = [
                nal
                for made in again.filter(packet)
                for nal in split(bytes(made))
                if nal_unit_type(nal[0], "h264") == 6
            ]
            assert after == before
            compared += len(before)
    assert compared == 8


def test_user_data_shows_up_in_frame_side_data(bare: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.mp4"
    write_sei(bare, target, [LAYOUT, USER_DATA], interval_ms=400)
    with av.open(str(target)) as container:
        seen = [
            bytes(data)
            for frame in container.decode(video=0)
            for data in frame.side_data
            if data.type.name == "SEI_UNREGISTERED"
        ]
    assert seen == [USER_DATA.payload] * 4


def test_what_h264_metadata_wrote_can_be_read_and_taken_out(bare: Path, tmp_path: Path) -> None:
    inserted = "086f3693-b7b3-4f2c-9653-21492feee5b8+hello"
    theirs, stripped = tmp_path / "theirs.mp4", tmp_path / "stripped.mp4"
    with av.open(str(bare)) as container, av.open(str(theirs), "w") as output:
        stream = container.streams.video[0]
        track = output.add_stream_from_template(stream, opaque=True)
        adds = av.BitStreamFilterContext(f"h264_metadata=sei_user_data={inserted}", stream, track)
        for packet in container.demux(stream):
            if packet.size:
                for made in adds.filter(packet):
                    made.stream = track
                    output.mux(made)
    rows = list(read_sei(theirs))
    assert {(row.payload_type, row.uuid) for row in rows} == {(5, "086f3693b7b34f2c965321492feee5b8")}
    done = strip_sei(theirs, stripped, 5, uuid="086f3693b7b34f2c965321492feee5b8")
    assert done.removed == len(rows) > 0
    assert list(read_sei(stripped)) == []

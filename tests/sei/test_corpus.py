"""Real recordings: what is found is what FFmpeg's trace_headers logs, up to its first error in a packet."""

import re
from collections.abc import Iterator
from pathlib import Path

import av
import av.bitstream
import av.logging
import pytest

from layoutkit import read_sei
from layoutkit.errors import TruncatedError
from layoutkit.sei.row import SeiMessage

RECORDINGS = Path(__file__).parents[3] / "shared" / "data" / "streams"
NAMES = sorted(path.name for path in RECORDINGS.glob("*") if path.suffix != ".tsv")

UNREADABLE = {"chemag__pps_fdump_crash.202203.265": "broken parameter sets; FFmpeg finds no picture size"}

DIFFERENT = {
    "bytedance__h264_aac_48000.flv": "pic_timing: `Invalid value at dpb_output_delay: bitstream ended`",
    "bytedance__ts-avc_index.ts": "its AUD: `rbsp_stop_one_bit out of range: 0, but must be in [1,1]`",
    "shaka__cea.mp4": "no trailing bits: `Invalid SEI message: payload_size too large (53 bytes)`",
}
"""Files where trace_headers gives up on packets that hold more messages, with FFmpeg's reason."""

FIELD = re.compile(r"^\d+ +(\S+) +[01]* = (\d+)$")


def traced(path: Path) -> Iterator[list[list[int]]]:
    """For the extradata and then each packet, [type, size] of each message that FFmpeg logs."""
    level = av.logging.get_level()
    skips = av.logging.get_skip_repeated()
    av.logging.set_level(av.logging.TRACE)
    av.logging.set_skip_repeated(False)
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            with av.logging.Capture() as logs:
                bitstream = av.bitstream.BitStreamFilterContext("trace_headers", stream)
            yield messages(logs)
            for packet in container.demux(stream):
                if packet.size:
                    with av.logging.Capture() as logs:
                        try:
                            bitstream.filter(packet)
                        except av.FFmpegError:
                            bitstream.flush()
                    yield messages(logs)
    finally:
        av.logging.set_level(level)
        av.logging.set_skip_repeated(skips)


def messages(logs: list[tuple[int, str, str]]) -> list[list[int]]:
    found: list[list[int]] = []
    value = 0
    for _, name, text in logs:
        match = FIELD.match(text.strip()) if name == "trace_headers" else None
        if match is None:
            continue
        field, number = match[1], int(match[2])
        if field == "ff_byte":
            value += 255
        elif field == "last_payload_type_byte":
            found.append([value + number])
            value = 0
        elif field == "last_payload_size_byte":
            found[-1].append(value + number)
            value = 0
    return [each for each in found if len(each) == 2]


def read(path: Path) -> list[SeiMessage]:
    rows: list[SeiMessage] = []
    try:
        rows.extend(read_sei(path))
    except TruncatedError:
        assert path.name == "bytedance__h264_aac_48000.flv"
    return rows


@pytest.mark.parametrize("name", [name for name in NAMES if name not in UNREADABLE])
def test_a_recording_has_the_messages_that_trace_headers_logs(name: str, recordings: Path) -> None:
    path = recordings / name
    ours: dict[int | None, list[list[int]]] = {}
    for row in read(path):
        ours.setdefault(row.index, []).append([row.payload_type, len(row.payload)])
    differs = False
    for number, theirs in enumerate(traced(path)):
        mine = ours.pop(number - 1 if number else None, [])
        assert mine[: len(theirs)] == theirs, f"packet {number - 1}"
        differs = differs or mine != theirs
    assert ours == {}
    assert differs == (name in DIFFERENT)


def test_the_type_100_of_a_real_stream_is_told_from_a_layout(recordings: Path) -> None:
    rows = [row for row in read(recordings / "bytedance__h264_aac_48000.flv") if row.payload_type == 100]
    assert [(row.index, row.pts_s, row.layout) for row in rows] == [(0, 5108.0, None), (50, 5110.0, None)]
    assert all(row.text is not None and row.text.startswith('JSON{"live_crop"') for row in rows)

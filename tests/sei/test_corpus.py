"""Real recordings: what is found is, bit by bit, what FFmpeg's trace_headers logs, up to its first error in a
packet."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
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
"""Files where trace_headers gives up inside packets that hold more, with FFmpeg's reason."""

FIELD = re.compile(r"^(\d+) +(\S+) +([01]+) = (\d+)$")
"""A syntax element as FFmpeg logs it: its place in the NAL unit's RBSP, its name, its bits, its value."""


@dataclass
class Traced:
    """A message that FFmpeg logged, and every bit of its payload that it read; `-` for those it did not."""

    payload_type: int
    start: int = 0
    bits: list[str] = field(default_factory=list)

    def differs(self, row: SeiMessage) -> bool:
        """Whether a row has another type, another size, or another bit anywhere."""
        ours = "".join(f"{byte:08b}" for byte in row.payload)
        if (row.payload_type, len(ours)) != (self.payload_type, len(self.bits)):
            return True
        return any(theirs not in ("-", mine) for theirs, mine in zip(self.bits, ours, strict=True))


def traced(path: Path) -> Iterator[list[Traced]]:
    """For the extradata and then each packet, each message that FFmpeg logs."""
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


def messages(logs: list[tuple[int, str, str]]) -> list[Traced]:
    found: list[Traced] = []
    value = 0
    is_inside = False
    for _, name, text in logs:
        match = FIELD.match(text.strip()) if name == "trace_headers" else None
        if match is None:
            continue
        position, field_name, bits, number = int(match[1]), match[2], match[3], int(match[4])
        if field_name == "ff_byte":
            value += 255
        elif field_name == "last_payload_type_byte":
            found.append(Traced(value + number))
            value, is_inside = 0, False
        elif field_name == "last_payload_size_byte":
            found[-1].start = position + 8
            found[-1].bits = ["-"] * 8 * (value + number)
            value, is_inside = 0, True
        elif position == 0:
            is_inside = False  # another NAL unit
        elif is_inside:
            place = position - found[-1].start
            if 0 <= place <= len(found[-1].bits) - len(bits):
                found[-1].bits[place : place + len(bits)] = bits
    return [each for each in found if each.start]


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
    ours: dict[int | None, list[SeiMessage]] = {}
    for row in read(path):
        ours.setdefault(row.index, []).append(row)
    gave_up = False
    for number, theirs in enumerate(traced(path)):
        mine = ours.pop(number - 1 if number else None, [])
        assert len(mine) >= len(theirs), f"packet {number - 1}"
        for row, message in zip(mine, theirs, strict=False):
            assert not message.differs(row), f"packet {number - 1}: {row}"
        gave_up = gave_up or len(mine) > len(theirs) or any("-" in message.bits for message in theirs)
    assert ours == {}
    assert gave_up == (name in DIFFERENT)


def test_the_type_100_of_a_real_stream_is_told_from_a_layout(recordings: Path) -> None:
    rows = [row for row in read(recordings / "bytedance__h264_aac_48000.flv") if row.payload_type == 100]
    assert [(row.index, row.pts_s, row.layout) for row in rows] == [(0, 5108.0, None), (50, 5110.0, None)]
    assert all(row.text is not None and row.text.startswith('JSON{"live_crop"') for row in rows)

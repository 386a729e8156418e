"""What holds for any bytes at all: the laws that the fuzzer drives, and a test drives with its corpus."""

from layoutkit.errors import SourceError
from layoutkit.sei import VolumeLayout, escape, join, parse, serialize, split, unescape
from layoutkit.sei.line import to_line
from layoutkit.sei.nal import Codec, Framing
from layoutkit.sei.packet import framing_of, read_extradata, read_packet
from layoutkit.sei.row import SeiMessage

CODECS: tuple[Codec, ...] = ("h264", "hevc")
FRAMINGS: tuple[Framing, ...] = (0, 1, 2, 4)


def check(data: bytes) -> None:
    """Raise AssertionError where a law is broken; any other exception is a crash."""
    assert unescape(escape(data)) == data
    assert list(split(join(split(data)))) == list(split(data))
    for codec in CODECS:
        framing_of(data, codec)
        read_extradata(data, codec)
        for framing in FRAMINGS:
            found, faults = read_packet(data, codec, framing)
            assert all(0 <= fault.offset <= len(data) for fault in faults)
            for each in found:
                to_line(SeiMessage(each.message.payload_type, each.message.payload))
        messages = parse(data, codec).messages
        if messages:
            assert parse(serialize(messages, codec), codec) == (messages, None)
    try:
        layout = VolumeLayout.parse(data)
    except SourceError:
        return
    if layout.dialect == "tencent":
        assert VolumeLayout.parse(layout.serialize()) == layout

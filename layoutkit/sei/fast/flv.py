"""FLV: packets found by walking its tags.

Source: Adobe FLV 10.1 Annex E.4, whose names the fields have here.
"""

from array import array
from collections.abc import Container, Iterator
from struct import Struct

from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.fast.local import LocalFile
from layoutkit.sei.fast.packets import Description, Stamp
from layoutkit.sei.fast.packets import messages as packet_messages
from layoutkit.sei.fast.probed import settled
from layoutkit.sei.fast.samples import Numbers, Samples, check_sizes
from layoutkit.sei.report import Report
from layoutkit.sei.row import SeiMessage, seconds

_TIMESCALE = 1000
"""Ticks a second of every time."""

_HEADER_BYTES = 9
_SIZE_BYTES, _TAG_BYTES, _AVC_BYTES = 4, 11, 5
_HEAD_BYTES = _SIZE_BYTES + _TAG_BYTES

_AUDIO, _VIDEO, _SCRIPT = 8, 9, 18
_KEY_FRAME, _INTER_FRAME = 0x17, 0x27
"""FrameType and CodecID (AVC) of the video tags that are understood."""

_SIGN = 0x80
"""The highest bit of TimestampExtended: a time after 24 days, where FFmpeg wonders whether clocks wrap."""

_MAX_COMPOSITION = 1 << 16
"""Milliseconds between decoding and display that are believed; negative ones are above."""

_SEQUENCE_HEADER, _NALU, _END_OF_SEQUENCE = 0, 1, 2

_tag = Struct(">III3xBI")
"""PreviousTagSize; TagType and DataSize; Timestamp and TimestampExtended; StreamID; FrameType and CodecID;
AVCPacketType and CompositionTime."""


def messages(file: LocalFile, types: Container[int] | None, report: Report) -> Iterator[SeiMessage]:
    """The messages of the video tags (see `fast.Reader`)."""
    walk = _Walk(file)
    report.codecs[0] = "h264"
    rows = packet_messages(file, walk.places(), walk.description, walk.stamp, types, report)
    return settled(rows, report)


def video_samples(file: LocalFile) -> tuple[Description, Samples]:
    """What the packets are, and where and when each is.

    Raises:
        GiveWay: at the first tag that is not understood.
    """
    walk = _Walk(file)
    offsets, sizes, dts, pts, keys = array("Q"), array("I"), array("q"), array("q"), array("I")
    for index, (offset, size) in enumerate(walk.places()):
        offsets.append(offset)
        sizes.append(size)
        dts.append(walk.dts)
        pts.append(walk.dts + walk.composition)
        if walk.frame == _KEY_FRAME:
            keys.append(index)
    check_sizes(sizes)
    samples = Samples([(offsets, 1)], sizes, dts, pts, Numbers(keys), start=0, timescale=_TIMESCALE)
    return walk.description, samples


class _Walk:
    """One way through the tags; `stamp` tells of the packet that `places` gave last."""

    def __init__(self, file: LocalFile) -> None:
        self._file = file
        if file.read(0, _HEADER_BYTES)[5:] != b"\0\0\0\x09":
            raise GiveWay("a header of an unknown length")
        self._sequence_header = b""
        self.dts, self.composition, self.frame = -1, 0, 0
        start, size = next(self._tags(is_first=True))
        self._sequence_header = file.read(start, size)
        self.description = Description.of("h264", self._sequence_header)

    def stamp(self, index: int) -> Stamp:
        return Stamp(
            seconds(self.dts + self.composition, 1, _TIMESCALE),
            seconds(self.dts, 1, _TIMESCALE),
            self.frame == _KEY_FRAME,
        )

    def places(self) -> Iterator[tuple[int, int]]:
        """Offset and size of each packet, in order.

        Raises:
            GiveWay: at the first tag that is not understood.
        """
        return self._tags()

    def _tags(self, *, is_first: bool = False) -> Iterator[tuple[int, int]]:
        """The packets; or the first sequence header alone, which has to stand before them."""
        file, unpack, tag_bytes = self._file, _tag.unpack_from, _tag.size
        position, last_size, sound, heard = _HEADER_BYTES, 0, 0, 0
        end = file.size - _SIZE_BYTES
        buffer, held_from, held_to = file.buffer, file.start, file.start + file.held - tag_bytes
        while position < end:
            if not held_from <= position <= held_to:
                file.take(position, tag_bytes)
                buffer, held_from, held_to = file.buffer, file.start, file.start + file.held - tag_bytes
            previous, kind, time, frame, packet = unpack(buffer, position - held_from)
            if previous != last_size or time & _SIGN:
                raise GiveWay(
                    f"the tag before {position} is of another size than it says, or that one is late"
                )
            ticks = time >> 8 | (time & 0xFF) << 24
            size = kind & 0xFFFFFF
            start = position + _HEAD_BYTES
            last_size = size + _TAG_BYTES
            position = start + size
            if kind < _VIDEO << 24:
                if kind < _AUDIO << 24:
                    raise GiveWay(f"a tag of type {kind >> 24}")
                if ticks < heard:
                    raise GiveWay("sound that goes back in time")
                heard = ticks
                if frame != sound or not size:
                    if sound:
                        raise GiveWay("sound of two formats, or of none")
                    sound = frame
            elif kind < (_VIDEO + 1) << 24:
                if frame not in (_KEY_FRAME, _INTER_FRAME) or size < _AVC_BYTES:
                    raise GiveWay(f"a video tag of codec and frame {frame:#x}")
                packet_type = packet >> 24
                if packet_type == _NALU and size > _AVC_BYTES and not is_first:
                    self.composition = packet & 0xFFFFFF
                    if self.composition > _MAX_COMPOSITION:
                        raise GiveWay("a picture that is displayed before it is decoded, or long after")
                    if ticks <= self.dts:
                        raise GiveWay("times that do not go forward")
                    self.dts = ticks
                    self.frame = frame
                    yield start + _AVC_BYTES, size - _AVC_BYTES
                    # Whoever takes the packet may have read on.
                    buffer, held_from, held_to = file.buffer, file.start, file.start + file.held - tag_bytes
                elif packet_type == _SEQUENCE_HEADER:
                    if is_first:
                        yield start + _AVC_BYTES, size - _AVC_BYTES
                    if file.read(start + _AVC_BYTES, size - _AVC_BYTES) != self._sequence_header:
                        raise GiveWay("another sequence header")
                elif packet_type != _END_OF_SEQUENCE or size != _AVC_BYTES:
                    raise GiveWay(f"a video tag of packet type {packet_type}")
            elif kind >> 24 != _SCRIPT or not size:
                raise GiveWay(f"a tag of type {kind >> 24} and {size} bytes")
        if position != end or is_first or file.read(end, _SIZE_BYTES) != last_size.to_bytes(4, "big"):
            raise GiveWay("the last tag does not end the file, or there is no video")

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

_AUDIO, _VIDEO, _SCRIPT, _NEXT = 8 << 24, 9 << 24, 18 << 24, 1 << 24
"""TagType, as it stands above DataSize; one type's tags are below the next's."""

_KEY_FRAME, _INTER_FRAME = 0x17, 0x27
"""FrameType and CodecID (AVC) of the video tags that are understood."""

_NEVER = -1
"""In the place of the time of a tag before the first."""

_EXTENDED = 0xFF
"""TimestampExtended, the highest byte of a time, which stands behind the others. As long as it stays the
same, which is for hours, times can be compared as they stand."""

_SIGN = 0x80
"""Its highest bit: a time after 24 days, where FFmpeg wonders whether clocks wrap."""

_TYPE = 0xFF << 24
_SEQUENCE_HEADER, _NALU, _END_OF_SEQUENCE = 0, 1 << 24, 2 << 24
"""AVCPacketType, as it stands above CompositionTime."""

_LAST_NALU = _NALU + (1 << 16)
"""A minute between decoding and display is believed; negative times are above."""

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
    offsets, sizes, dts, pts, keys = array("Q"), array("I"), array("I"), array("I"), array("I")
    for index, (offset, size) in enumerate(walk.places()):
        offsets.append(offset)
        sizes.append(size)
        dts.append(walk.dts)
        pts.append(walk.pts)
        if walk.is_key:
            keys.append(index)
    check_sizes(sizes)
    samples = Samples([(offsets, 1)], sizes, dts, pts, Numbers(keys), start=0, timescale=_TIMESCALE)
    return walk.description, samples


def first_sample(file: LocalFile) -> tuple[Description, tuple[int, int]]:
    """What the packets are, and offset and size of the first of them.

    Raises:
        GiveWay: there is none, or a tag before it that is not understood.
    """
    walk = _Walk(file)
    place = next(walk.places(), None)
    if place is None:
        raise GiveWay("no packet")
    return walk.description, place


class _Walk:
    """One way through the tags; `stamp` tells of the packet that `places` gave last."""

    def __init__(self, file: LocalFile) -> None:
        self._file = file
        if file.read(0, _HEADER_BYTES)[5:] != b"\0\0\0\x09":
            raise GiveWay("a header of an unknown length")
        self._sequence_header = b""
        self._time, self._packet, self.is_key = _NEVER, _NALU, False
        start, size = next(self._tags(is_first=True))
        self._sequence_header = file.read(start, size)
        self.description = Description.of("h264", self._sequence_header)

    @property
    def dts(self) -> int:
        """Milliseconds."""
        return _ticks(self._time)

    @property
    def pts(self) -> int:
        """Milliseconds."""
        return self.dts + self._packet - _NALU

    def stamp(self, index: int) -> Stamp:
        return Stamp(seconds(self.pts, 1, _TIMESCALE), seconds(self.dts, 1, _TIMESCALE), self.is_key)

    def places(self) -> Iterator[tuple[int, int]]:
        """Offset and size of each packet, in order.

        Raises:
            GiveWay: at the first tag that is not understood.
        """
        return self._tags()

    def _tags(self, *, is_first: bool = False) -> Iterator[tuple[int, int]]:
        """The packets; or the first sequence header alone, which has to stand before them."""
        file, unpack, tag_bytes = self._file, _tag.unpack_from, _tag.size
        position, last_size, sound, heard = _HEADER_BYTES, 0, 0, _NEVER
        end = file.size - _SIZE_BYTES
        buffer, held_from, held_to = file.buffer, 0, -1
        while position < end:
            if position > held_to:
                file.take(position, tag_bytes)
                buffer, held_from = file.buffer, file.start
                held_to = held_from + file.held - tag_bytes
            previous, kind, time, frame, packet = unpack(buffer, position - held_from)
            if previous != last_size:
                raise GiveWay(f"the tag before {position} is of another size than it says")
            size = kind & 0xFFFFFF
            start = position + _HEAD_BYTES
            last_size = size + _TAG_BYTES
            position = start + size
            if _AUDIO <= kind < _VIDEO:
                if (time < heard or (time ^ heard) & _EXTENDED) and _ticks(time) < _ticks(heard):
                    raise GiveWay("sound that goes back in time")
                heard = time
                if frame != sound or not size:
                    if sound:
                        raise GiveWay("sound of two formats, or of none")
                    sound = frame
            elif _VIDEO <= kind < _VIDEO + _NEXT:
                if frame not in (_KEY_FRAME, _INTER_FRAME) or size < _AVC_BYTES:
                    raise GiveWay(f"a video tag of codec and frame {frame:#x}")
                if _NALU <= packet <= _LAST_NALU and size > _AVC_BYTES and not is_first:
                    last = self._time
                    # Muxers write 0 for what would be below, so that several pictures have the same time.
                    if (time < last or (time ^ last) & _EXTENDED) and _ticks(time) < _ticks(last):
                        raise GiveWay("times that go back")
                    self._time, self._packet, self.is_key = time, packet, frame == _KEY_FRAME
                    yield start + _AVC_BYTES, size - _AVC_BYTES
                    if file.start != held_from:  # whoever took the packet has read on
                        buffer, held_from, held_to = (
                            file.buffer,
                            file.start,
                            file.start + file.held - tag_bytes,
                        )
                elif packet & _TYPE == _SEQUENCE_HEADER:
                    if is_first:
                        yield start + _AVC_BYTES, size - _AVC_BYTES
                    if file.read(start + _AVC_BYTES, size - _AVC_BYTES) != self._sequence_header:
                        raise GiveWay("another sequence header")
                elif packet & _TYPE != _END_OF_SEQUENCE or size != _AVC_BYTES:
                    raise GiveWay(f"a video tag of packet type and time {packet:#x}")
            elif not _SCRIPT <= kind < _SCRIPT + _NEXT or not size or time & _SIGN:
                raise GiveWay(f"a tag of type {kind >> 24} and {size} bytes")
        if position != end or is_first or file.read(end, _SIZE_BYTES) != last_size.to_bytes(4, "big"):
            raise GiveWay("the last tag does not end the file, or there is no video")


def _ticks(time: int) -> int:
    """Milliseconds of Timestamp and TimestampExtended as they stand; -1 of `_NEVER`.

    Raises:
        GiveWay: there are too many.
    """
    if time & _SIGN and time != _NEVER:
        raise GiveWay("a time after 24 days")
    return time >> 8 | (time & _EXTENDED) << 24

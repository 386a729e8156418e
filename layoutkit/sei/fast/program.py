"""The program of a transport stream: which packets carry the video.

Sources: ISO/IEC 13818-1 2.4.4 (program association and program map sections) and 2.6 (descriptors), whose
names the fields have; ETSI EN 300 468 6.1 and annex D (descriptors of private tracks); ATSC A/52 annexes A
and G (AC-3 and E-AC-3); ANSI/SCTE 35 8.1 (cue messages).
"""

from collections.abc import Iterator
from typing import NamedTuple

from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.nal import Codec

PACKET_BYTES = 188

PAT_PID = 0
_FIRST_FREE_PID = 0x20
_NULL_PID = 0x1FFF
_PAT, _PMT = 0, 2
"""table_id of the two sections."""

_VIDEO: dict[int, Codec] = {0x1B: "h264", 0x24: "hevc"}
_OTHERS = frozenset({0x03, 0x04, 0x0F, 0x11, 0x15, 0x81, 0x87})
"""stream_type of what is never video: MPEG audio, AAC in both wrappings, timed metadata, AC-3 and E-AC-3."""

_PRIVATE = 0x06
_CUES = 0x86

_REGISTRATION, _IOD = 0x05, 0x1D
"""Descriptors of who defined a private track, and of MPEG-4 systems, which may tell another codec."""

_SUBTITLE_TAGS = frozenset({0x56, 0x59})
_PRIVATE_TAGS = _SUBTITLE_TAGS | {0x6A, 0x7A, 0x7B}
"""Descriptors that private tracks of teletext and subtitles, and of AC-3, E-AC-3 and DTS have."""

_PRIVATE_FORMATS = frozenset(
    {b"AC-3", b"EAC3", b"DTS1", b"DTS2", b"DTS3", b"ID3 ", b"KLVA", b"Opus", b"VANC"}
)
"""format_identifier of registered private tracks that are never video."""

_CRC_POLYNOMIAL = 0x04C11DB7


class Program(NamedTuple):
    """The only program of a stream, with its only video track.

    Attributes:
        number: program_number.
        map: PID of the packets with the program map.
        video: PID of the video.
        others: PIDs of its other tracks.
        cues: those of them that carry sections in place of PES packets.
        clock: PID of the packets whose program_clock_reference FFmpeg takes for the time of any track; None:
            for that of none.
    """

    number: int
    map: int
    codec: Codec
    video: int
    others: frozenset[int]
    cues: frozenset[int]
    clock: int | None


class _Track(NamedTuple):
    pid: int
    stream_type: int
    descriptors: bytes


def is_reserved(pid: int) -> bool:
    """Whether packets of a PID carry tables of the system's, or nothing."""
    return pid < _FIRST_FREE_PID or pid == _NULL_PID


def find_program(head: bytes) -> "Sections":
    """What the packets in `head` tell of the program.

    Raises:
        GiveWay: there is none, or more than one, or one with more or less than one video track.
    """
    pat = _section_in(_packet_of(head, PAT_PID))
    _, pmt_pid = _entry_of_pat(pat)
    return Sections(pat, _section_in(_packet_of(head, pmt_pid)))


class Sections:
    """The association and the map of a program, and all packets that were found to tell of the same."""

    def __init__(self, pat: bytes, pmt: bytes) -> None:
        self._pat, self._pmt = pat, pmt
        self._known: set[bytes] = set()
        self.program = _program(pat, pmt)

    def check(self, packets: set[bytes]) -> None:
        """Make sure that packets in which a section begins tell of the same program.

        FFmpeg knows each track by the first map; what another says of the same tracks does not matter to it.
        """
        for packet in packets - self._known:
            section = _section_in(packet)
            pat, pmt = (self._pat, section) if section[0] == _PMT else (section, self._pmt)
            if _program(pat, pmt) != self.program:
                raise GiveWay("another program")
            self._known.add(packet)


def _program(pat: bytes, pmt: bytes) -> Program:
    number, pmt_pid = _entry_of_pat(pat)
    if int.from_bytes(pmt[3:5], "big") != number:
        raise GiveWay("the map of another program")
    clock, info, tracks = _content_of_pmt(pmt)
    video = [(each.pid, _VIDEO[each.stream_type]) for each in tracks if each.stream_type in _VIDEO]
    others = frozenset(each.pid for each in tracks if _is_never_video(each, info))
    pids = {PAT_PID, pmt_pid, *(each.pid for each in tracks)}
    is_clear = len(pids) == len(tracks) + 2 and not any(is_reserved(pid) for pid in pids - {PAT_PID})
    if len(video) != 1 or len(others) != len(tracks) - 1 or not is_clear or clock in (PAT_PID, pmt_pid):
        raise GiveWay("a program of other than one video track and what is known not to be video")
    if _IOD in dict(_descriptors(info)):
        raise GiveWay("a program of MPEG-4 systems")
    ((pid, codec),) = video
    cues = frozenset(each.pid for each in tracks if each.stream_type == _CUES)
    is_timed_by_clock = cues or any(
        each.stream_type == _PRIVATE and _SUBTITLE_TAGS.intersection(dict(_descriptors(each.descriptors)))
        for each in tracks
    )
    return Program(number, pmt_pid, codec, pid, others, cues, clock if is_timed_by_clock else None)


def _is_never_video(track: _Track, info: bytes) -> bool:
    """Whether FFmpeg knows what a track holds, and that this is not video; `info`: what the program tells."""
    if track.stream_type == _CUES:
        return (_REGISTRATION, b"CUEI") in _descriptors(info)
    if track.stream_type != _PRIVATE:
        return track.stream_type in _OTHERS
    told = list(_descriptors(track.descriptors))
    formats = {data[:4] for tag, data in told if tag == _REGISTRATION}
    return formats <= _PRIVATE_FORMATS and bool(formats or _PRIVATE_TAGS.intersection(tag for tag, _ in told))


def _packet_of(head: bytes, pid: int) -> bytes:
    """The first packet of a PID in which a section begins."""
    for start in range(0, len(head) - PACKET_BYTES + 1, PACKET_BYTES):
        high, low = head[start + 1 : start + 3]
        if high & 0x40 and (high & 0x1F) << 8 | low == pid:
            return head[start : start + PACKET_BYTES]
    raise GiveWay(f"no packet of PID {pid} near the beginning")


def _section_in(packet: bytes) -> bytes:
    """The section that begins in a packet, from its table_id on to its CRC.

    Raises:
        GiveWay: it is not whole, not alone, damaged or not in force.
    """
    control = packet[3] & 0xF0
    start = 4 + (1 + packet[4] if control == 0x30 else 0)
    content = packet[start:]
    if packet[1] & 0xC0 != 0x40 or control not in (0x10, 0x30) or len(content) < 9 or content[0]:
        raise GiveWay("an unusual packet with a section")
    size = 3 + (int.from_bytes(content[2:4], "big") & 0xFFF)
    section = content[1 : 1 + size]
    if len(section) < size or size < 12 or _crc(section):
        raise GiveWay("a section that is damaged or in several packets")
    is_in_force = section[5] & 1
    is_of_program = section[0] == (_PMT if int.from_bytes(packet[1:3], "big") & 0x1FFF else _PAT)
    if not is_in_force or not is_of_program or section[6:8] != b"\0\0" or content[1 + size :].strip(b"\xff"):
        raise GiveWay("a section that is not in force yet, one of several or another one")
    return section[:-4]


def _crc(section: bytes) -> int:
    """CRC-32 of a section with its own (Annex A): 0 where it is right."""
    crc = 0xFFFFFFFF
    for byte in section:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (_CRC_POLYNOMIAL if crc >> 31 else 0)) & 0xFFFFFFFF
    return crc


def _entry_of_pat(section: bytes) -> tuple[int, int]:
    """program_number and PID of the only program; number 0 is none."""
    entries = [
        (
            int.from_bytes(section[at : at + 2], "big"),
            int.from_bytes(section[at + 2 : at + 4], "big") & 0x1FFF,
        )
        for at in range(8, len(section) - 3, 4)
    ]
    programs = [entry for entry in entries if entry[0]]
    if len(programs) != 1:
        raise GiveWay(f"{len(programs)} programs")
    return programs[0]


def _content_of_pmt(section: bytes) -> tuple[int, bytes, list[_Track]]:
    """PCR_PID, the program's descriptors, and its tracks."""
    at = 12 + (int.from_bytes(section[10:12], "big") & 0xFFF)
    info = section[12:at]
    tracks = []
    while at + 5 <= len(section):
        pid = int.from_bytes(section[at + 1 : at + 3], "big") & 0x1FFF
        end = at + 5 + (int.from_bytes(section[at + 3 : at + 5], "big") & 0xFFF)
        tracks.append(_Track(pid, section[at], section[at + 5 : end]))
        at = end
    if at != len(section):
        raise GiveWay("a program map that does not end at its end")
    return int.from_bytes(section[8:10], "big") & 0x1FFF, info, tracks


def _descriptors(data: bytes) -> Iterator[tuple[int, bytes]]:
    """descriptor_tag and content of each."""
    at = 0
    while at < len(data):
        end = at + 2 + data[at + 1] if at + 1 < len(data) else len(data) + 1
        if end > len(data):
            raise GiveWay("a descriptor that is longer than its place")
        yield data[at], data[at + 2 : end]
        at = end

"""The program of a transport stream: which packets carry the video.

Source: ISO/IEC 13818-1 2.4.4 (program association and program map sections), whose names the fields have.
"""

from typing import NamedTuple

from layoutkit.sei.fast.give_way import GiveWay
from layoutkit.sei.nal import Codec

PACKET_BYTES = 188
SYNC = b"\x47"

_PAT_PID = 0
_FIRST_FREE_PID = 0x20
_NULL_PID = 0x1FFF
_PAT, _PMT = 0, 2
"""table_id of the two sections."""

_VIDEO: dict[int, Codec] = {0x1B: "h264", 0x24: "hevc"}
_OTHERS = frozenset({0x03, 0x04, 0x0F, 0x11, 0x15})
"""stream_type of what is never video: MPEG audio, AAC in both wrappings, timed metadata."""

_CRC_POLYNOMIAL = 0x04C11DB7


class Program(NamedTuple):
    """The only program of a stream, with its only video track.

    Attributes:
        video: PID of the video.
        others: PIDs of its other tracks.
        sections: PID to the content, behind the four bytes of its header, of each packet with a section that
            says all this; every such packet has to say the same.
    """

    codec: Codec
    video: int
    others: frozenset[int]
    sections: dict[int, bytes]


def is_reserved(pid: int) -> bool:
    """Whether packets of a PID carry tables of the system's, or nothing."""
    return pid < _FIRST_FREE_PID or pid == _NULL_PID


def find_program(head: bytes) -> Program:
    """The program that the packets in `head` tell of.

    Raises:
        GiveWay: there is none, or more than one, or one with more or less than one video track.
    """
    pat_packet = _unit_of(head, _PAT_PID)
    programs = [
        (number, pid) for number, pid in _entries_of_pat(_section(pat_packet, _PAT)[5:]) if number != 0
    ]
    if len(programs) != 1:
        raise GiveWay(f"{len(programs)} programs")
    ((_, pmt_pid),) = programs
    pmt_packet = _unit_of(head, pmt_pid)
    streams = _streams_of_pmt(_section(pmt_packet, _PMT)[5:])
    video = [(pid, _VIDEO[kind]) for pid, kind in streams if kind in _VIDEO]
    others = frozenset(pid for pid, kind in streams if kind in _OTHERS)
    pids = {_PAT_PID, pmt_pid, *(pid for pid, _ in streams)}
    is_clear = len(pids) == len(streams) + 2 and not any(is_reserved(pid) for pid in pids - {_PAT_PID})
    if len(video) != 1 or len(others) != len(streams) - 1 or not is_clear:
        raise GiveWay("a program of other than one video track and sound")
    ((pid, codec),) = video
    return Program(codec, pid, others, {_PAT_PID: pat_packet, pmt_pid: pmt_packet})


def _unit_of(head: bytes, pid: int) -> bytes:
    """Content of the first packet of a PID, in which a section begins."""
    for start in range(0, len(head) - PACKET_BYTES + 1, PACKET_BYTES):
        high, low, control = head[start + 1 : start + 4]
        if (high & 0x1F) << 8 | low == pid:
            if high & 0xC0 != 0x40 or control & 0xF0 != 0x10:
                raise GiveWay(f"no section begins in the first packet of PID {pid}")
            return head[start + 4 : start + PACKET_BYTES]
    raise GiveWay(f"no packet of PID {pid} near the beginning")


def _section(content: bytes, table: int) -> bytes:
    """What stands between section_length and the CRC of a section that is whole and in force."""
    start = 1 + content[0]
    size = int.from_bytes(content[start + 1 : start + 3], "big") & 0xFFF
    section = content[start : start + 3 + size]
    if content[0] or len(section) < 3 + size or size < 9 or section[0] != table or _crc(section):
        raise GiveWay("a section that is damaged or in several packets")
    is_in_force = section[5] & 1
    if not is_in_force or section[6:8] != b"\0\0" or content[start + 3 + size :].strip(b"\xff"):
        raise GiveWay("a section that is not in force yet, or one of several")
    return section[3:-4]


def _crc(section: bytes) -> int:
    """CRC-32 of a section with its own (Annex A): 0 where it is right."""
    crc = 0xFFFFFFFF
    for byte in section:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (_CRC_POLYNOMIAL if crc >> 31 else 0)) & 0xFFFFFFFF
    return crc


def _entries_of_pat(content: bytes) -> list[tuple[int, int]]:
    """program_number and PID of each entry."""
    return [
        (
            int.from_bytes(content[at : at + 2], "big"),
            int.from_bytes(content[at + 2 : at + 4], "big") & 0x1FFF,
        )
        for at in range(0, len(content) - 3, 4)
    ]


def _streams_of_pmt(content: bytes) -> list[tuple[int, int]]:
    """PID and stream_type of each track."""
    at = 4 + (int.from_bytes(content[2:4], "big") & 0xFFF)
    found = []
    while at + 5 <= len(content):
        found.append((int.from_bytes(content[at + 1 : at + 3], "big") & 0x1FFF, content[at]))
        at += 5 + (int.from_bytes(content[at + 3 : at + 5], "big") & 0xFFF)
    if at != len(content):
        raise GiveWay("a program map that does not end at its end")
    return found

"""The programs of a transport stream, as far as its beginning tells: FFmpeg's muxer writes one, and PyAV does
not tell which track is of which.

Sources: ISO/IEC 13818-1 2.4.3.2 (packets), 2.4.3.4 (adaptation fields), 2.4.3.6 (PES packets), 2.4.4.3
(program association section) and 2.4.4.8 (program map section), ETSI EN 300 468 5.2.3 (service description
section), 6.2.33 (service descriptor) and Annex A (text), whose names the fields have.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from layoutkit.sei.cut import TS_PACKETS

_LOOKED_AT_BYTES = 4 << 20
"""Maps come at least every half second, in which the fullest transport stream has some two million bytes."""

_SYNCS = b"\x47" * 5
_PAT, _PMT, _SDT = 0, 2, 0x42
"""table_id of the sections; that of the first is its PID as well."""

_WRAP = 1 << 33
"""Ticks after which clocks start again."""

_LEADS = range(10 * 90_000 + 1)
"""What is believed of a lead."""

_VIDEO_IDS = range(0xE0, 0xF0)
"""stream_id of video."""

_SDT_PID = 0x11
_SERVICE_DESCRIPTOR = 0x48

_ISO_8859 = {number: f"iso8859-{number}" for number in (*range(1, 12), 13, 14, 15)}
_TEXT_TABLES = {
    **{number - 4: name for number, name in _ISO_8859.items() if number > 4},
    0x11: "utf-16-be",
    0x13: "gb2312",
    0x14: "big5",
    0x15: "utf-8",
}
"""First byte of a text to its characters."""


class Service(NamedTuple):
    """What a program is called, and service_type."""

    kind: int
    provider: str
    name: str


@dataclass(frozen=True, slots=True)
class Program:
    """One program.

    Attributes:
        transport: transport_stream_id of the stream that it is in.
        number: program_number.
        map: PID of its map.
        tracks: PIDs of its tracks.
        service: what it is called; None: it has no name.
        lead: ticks of 90 kHz from its clock, as it stands where a picture begins, to when that is decoded, at
            the least: what a receiver has to take it in.
    """

    transport: int
    number: int
    map: int
    tracks: frozenset[int]
    service: Service | None = None
    lead: int = 0


def programs_of(path: Path) -> list[Program]:
    """The programs that are named at the beginning of a transport stream and whose maps are there, too."""
    with path.open("rb") as file:
        packets = list(_packets(file.read(_LOOKED_AT_BYTES)))
    named = {
        _number(section, at) & 0xFFFF: (_number(section, 3), _number(section, at + 2) & 0x1FFF)
        for section in _sections(packets, _PAT, _PAT)
        for at in range(8, len(section) - 7, 4)
    }
    services = dict(each for section in _sections(packets, _SDT_PID, _SDT) for each in _services(section))
    found = []
    for number, (transport, pid) in sorted(named.items()):
        maps = [each for each in _sections(packets, pid, _PMT) if number and _number(each, 3) == number]
        if maps:
            tracks = frozenset(track for each in maps for track in _tracks(each))
            lead = min(_leads(packets, _number(maps[0], 8) & 0x1FFF, tracks), default=0)
            kept = lead if lead in _LEADS else 0
            found.append(Program(transport, number, pid, tracks, services.get(number), kept))
    return found


def muxer_options(program: Program) -> dict[str, str]:
    """What has FFmpeg's muxer write the program under its own numbers, as far as it takes them."""
    numbers = {
        "mpegts_transport_stream_id": (program.transport, 1, 0xFFFF),
        "mpegts_service_id": (program.number, 1, 0xFFFF),
        "mpegts_pmt_start_pid": (program.map, 0x20, 0x1FFA),
        "mpegts_service_type": (program.service.kind if program.service else 0, 1, 0xFF),
        # Microseconds. Sound of half as long is put into one PES packet, as it was.
        "max_delay": (round(program.lead * 100 / 9), 0, 10_000_000),
    }
    return {name: str(value) for name, (value, low, high) in numbers.items() if low <= value <= high}


def muxer_metadata(program: Program) -> dict[str, str]:
    """What has it write the program under its own name."""
    service = program.service
    return {} if service is None else {"service_provider": service.provider, "service_name": service.name}


def _packets(data: bytes) -> Iterator[bytes]:
    for step in TS_PACKETS:
        for first in range(step):
            if data[first : first + step * len(_SYNCS) : step] == _SYNCS:
                yield from (data[at : at + 188] for at in range(first, len(data) - 187, step))
                return


def _sections(packets: list[bytes], pid: int, table: int) -> Iterator[bytes]:
    """The whole sections of that table_id in the packets of a PID, each with its CRC."""
    held = b""
    for packet in packets:
        if _number(packet, 1) & 0x1FFF != pid:
            continue
        payload = packet[5 + packet[4] if packet[3] & 0x20 else 4 :]
        if packet[1] & 0x40 and payload:
            held = payload[1 + payload[0] :]
        else:
            held += payload if held else b""
        while len(held) >= 3 and held[0] != 0xFF and len(held) >= (size := 3 + (_number(held, 1) & 0xFFF)):
            if held[0] == table and size >= 12:
                yield held[:size]
            held = held[size:]


def _leads(packets: list[bytes], clock_pid: int, tracks: frozenset[int]) -> Iterator[int]:
    """From the clock to the decoding time of each picture, ticks."""
    clock = None
    for packet in packets:
        pid, has_field = _number(packet, 1) & 0x1FFF, packet[3] & 0x20
        if pid == clock_pid and has_field and packet[4] >= 7 and packet[5] & 0x10:
            clock = int.from_bytes(packet[6:11], "big") >> 7
        if clock is not None and pid in tracks and packet[1] & 0x40:
            time = _decoding_time(packet[5 + packet[4] if has_field else 4 :])
            if time is not None:
                yield (time - clock + _WRAP // 2) % _WRAP - _WRAP // 2


def _decoding_time(pes: bytes) -> int | None:
    """DTS, or PTS where that is the same, of the video that begins there; None: there is none, or no time."""
    at = 14 if pes[7:8] > b"\xbf" else 9
    if len(pes) < at + 5 or pes[:3] != b"\0\0\1" or pes[3] not in _VIDEO_IDS or pes[7] < 0x80:
        return None
    high, middle, low = pes[at], _number(pes, at + 1), _number(pes, at + 3)
    return (high & 0x0E) << 29 | middle >> 1 << 15 | low >> 1


def _services(section: bytes) -> Iterator[tuple[int, Service]]:
    """Numbers of programs, and what each is called."""
    at, end = 11, len(section) - 4
    while at + 5 <= end:
        number, at, stop = _number(section, at), at + 5, at + 5 + (_number(section, at + 3) & 0xFFF)
        while at + 2 <= min(stop, end):
            tag, content = section[at], section[at + 2 : at + 2 + section[at + 1]]
            at += 2 + section[at + 1]
            if tag == _SERVICE_DESCRIPTOR and content:
                provider, rest = _counted(content[1:])
                yield number, Service(content[0], _text(provider), _text(_counted(rest)[0]))
        at = stop


def _counted(data: bytes) -> tuple[bytes, bytes]:
    """As many bytes as the first says, and those behind them."""
    end = 1 + data[0] if data else 0
    return data[1:end], data[end:]


def _text(data: bytes) -> str:
    """A text, written as its first byte says; without one below 0x20 it is of ISO/IEC 6937, whose letters
    without accents are those of ASCII."""
    if not data or data[0] >= 0x20:
        table = "ascii"
    elif data[0] == 0x10:
        table, data = _ISO_8859.get(_number(data, 1), "ascii"), data[3:]
    else:
        table, data = _TEXT_TABLES.get(data[0], "ascii"), data[1:]
    return data.decode(table, "replace")


def _tracks(section: bytes) -> Iterator[int]:
    at = 12 + (_number(section, 10) & 0xFFF)
    while at + 5 <= len(section) - 4:
        yield _number(section, at + 1) & 0x1FFF
        at += 5 + (_number(section, at + 3) & 0xFFF)


def _number(data: bytes, at: int) -> int:
    """The 16 bits that begin there."""
    return int.from_bytes(data[at : at + 2], "big")

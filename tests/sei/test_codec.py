"""The codec's laws, then literals in hex. The rules named are those of H.264 7.3.1, 7.3.2.3 and 7.4.1."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutkit.errors import StreamError
from layoutkit.sei import Message, escape, join, parse, serialize, split, unescape
from layoutkit.sei.message import MAX_MESSAGES, MAX_PAYLOAD_TYPE, MAX_SEI_BYTES
from layoutkit.sei.nal import MAX_NALS, NalHeader, spans
from layoutkit.sei.packet import MAX_PACKET_MESSAGES, framing_of, read_extradata, read_packet
from layoutkit.sei.rbsp import ebsp_offset

CODECS = st.sampled_from(["h264", "hevc"])
FRAMINGS = st.sampled_from([0, 1, 2, 3, 4])
ZERO_HEAVY = st.lists(st.sampled_from([0, 0, 0, 1, 2, 3, 4, 0x80, 0xFF]), max_size=80).map(bytes)
PAYLOADS = ZERO_HEAVY | st.binary(max_size=600)
MESSAGES = st.lists(st.builds(Message, st.integers(0, 600), PAYLOADS), min_size=1, max_size=5)
NALS = st.lists(
    st.binary(min_size=1, max_size=90).map(lambda data: escape(b"\x06" + data + b"\x80")), max_size=6
)


def loop_unescape(ebsp: bytes) -> bytes:
    """The standard's own loop, byte by byte."""
    rbsp = bytearray()
    zeros = 0
    for byte in ebsp:
        if zeros >= 2 and byte == 3:
            zeros = 0
            continue
        zeros = zeros + 1 if byte == 0 else 0
        rbsp.append(byte)
    return bytes(rbsp)


@given(PAYLOADS)
def test_unescaping_undoes_escaping_and_leaves_no_start_code(rbsp: bytes) -> None:
    ebsp = escape(rbsp)
    assert unescape(ebsp) == rbsp
    assert re.search(rb"\x00\x00[\x00-\x02]", ebsp) is None


@given(PAYLOADS)
def test_unescaping_equals_the_standards_loop_on_any_bytes(ebsp: bytes) -> None:
    assert unescape(ebsp) == loop_unescape(ebsp)


@given(PAYLOADS)
def test_an_offset_in_the_rbsp_points_at_the_same_byte_in_the_ebsp(rbsp: bytes) -> None:
    ebsp = escape(rbsp)
    for offset, byte in enumerate(rbsp):
        assert ebsp[ebsp_offset(ebsp, offset)] == byte


@given(MESSAGES, CODECS)
def test_parsing_undoes_serializing(messages: list[Message], codec: str) -> None:
    parsed = parse(serialize(messages, codec), codec)
    assert parsed.messages == tuple(messages)
    assert parsed.fault is None


@given(MESSAGES, CODECS, st.integers(0, 9))
def test_padding_with_zeros_is_no_message(messages: list[Message], codec: str, zeros: int) -> None:
    assert parse(serialize(messages, codec) + bytes(zeros), codec).messages == tuple(messages)


@given(MESSAGES, CODECS, st.data())
def test_any_mutation_of_a_nal_gives_messages_or_a_fault(
    messages: list[Message], codec: str, data: st.DataObject
) -> None:
    nal = bytearray(serialize(messages, codec))
    for _ in range(data.draw(st.integers(1, 4))):
        nal[data.draw(st.integers(0, len(nal) - 1))] = data.draw(st.integers(0, 255))
    mutated = bytes(nal[: data.draw(st.integers(0, len(nal)))])
    found, fault = parse(mutated, codec)
    assert sum(len(each.payload) for each in found) <= len(mutated)
    if fault is not None:
        assert 0 <= fault.offset <= len(mutated)
        assert fault.reason


@given(st.binary(max_size=300) | ZERO_HEAVY, CODECS, FRAMINGS)
def test_any_packet_gives_messages_or_faults(data: bytes, codec: str, framing: int) -> None:
    found, faults = read_packet(data, codec, framing)
    assert all(0 <= fault.offset <= len(data) for fault in faults)
    assert sum(len(each.message.payload) for each in found) <= len(data)


@given(st.binary(max_size=80), CODECS)
def test_any_extradata_gives_messages_or_faults(data: bytes, codec: str) -> None:
    for extradata in (data, b"\x01" + data):
        found, faults = read_extradata(extradata, codec)
        assert framing_of(extradata, codec) in range(5)
        assert len(found) <= len(extradata)
        assert all(fault.reason for fault in faults)


@given(NALS, FRAMINGS, st.data())
def test_splitting_undoes_joining_however_the_bytes_arrive(
    nals: list[bytes], framing: int, data: st.DataObject
) -> None:
    stream = join(nals, framing=framing)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert list(split(stream, framing=framing)) == nals
    assert list(split(pieces, framing=framing)) == nals
    assert [stream[a:b].rstrip(b"\x00") for a, b in spans(stream, framing)[0]] == nals


LITERALS = [
    ("h264", "06 64 02 7b7d 80", [(100, "7b7d")]),
    ("h264", "06 ff00 01 aa 80", [(255, "aa")]),
    ("h264", "06 ff01 01 aa 80", [(256, "aa")]),
    ("h264", "06 05 04 0000 03 0001 80", [(5, "00000001")]),
    ("h264", "06 00 00 80 00 80", [(0, ""), (128, "")]),
    ("hevc", "4e01 64 02 7b7d 80", [(100, "7b7d")]),
]


@pytest.mark.parametrize(("codec", "nal", "messages"), LITERALS)
def test_literals_are_read_and_written_alike(codec: str, nal: str, messages: list[tuple[int, str]]) -> None:
    values = [Message(kind, bytes.fromhex(payload)) for kind, payload in messages]
    assert serialize(values, codec) == bytes.fromhex(nal)
    assert parse(bytes.fromhex(nal), codec) == (tuple(values), None)


@pytest.mark.parametrize("header", ["06", "26", "46", "66"])
def test_reading_rule_1_any_nal_ref_idc_is_accepted(header: str) -> None:
    assert parse(bytes.fromhex(header + "64 01 41 80")).messages == (Message(100, b"A"),)


@pytest.mark.parametrize(
    ("ending", "why"),
    [
        ("", "no trailing bits at all"),
        ("80", "trailing bits"),
        ("80 0000", "zeros after them"),
        ("00", "a zero instead"),
        ("80 000003 000003", "cabac_zero_word"),
    ],
)
def test_reading_rule_2_nothing_is_stripped_and_no_phantom_appears(ending: str, why: str) -> None:
    nal = bytes.fromhex("06 64 02 4100" + ending)
    assert parse(nal) == ((Message(100, b"A\x00"),), None), why


def test_reading_rule_3_sei_between_the_slices_of_a_second_field_is_found() -> None:
    sei = [serialize([Message(kind, b"x"), Message(kind, b"y")]) for kind in (100, 101)]
    packet = join([sei[0], b"\x65\x88", sei[1], b"\x65\x88"])
    found, faults = read_packet(packet, "h264", 0)
    places = [(each.message.payload_type, each.nal, each.number, each.after_vcl) for each in found]
    assert places == [(100, 0, 0, False), (100, 0, 1, False), (101, 2, 0, True), (101, 2, 1, True)]
    assert faults == []


def test_hevc_suffix_sei_after_the_slice_is_found() -> None:
    suffix = bytearray(serialize([Message(132, b"hash")], "hevc"))
    suffix[0] = 40 << 1
    found, _ = read_packet(join([b"\x26\x01\xaf", bytes(suffix)], framing=4), "hevc", 4)
    assert [(each.message, each.after_vcl) for each in found] == [(Message(132, b"hash"), True)]


def test_reading_rule_4_a_lying_message_costs_itself_and_no_neighbour() -> None:
    bad = bytes.fromhex("06 64 01 41 65 7f 42 80")
    found, faults = read_packet(join([bad, serialize([Message(102, b"C")])], framing=4), "h264", 4)
    assert [each.message for each in found] == [Message(100, b"A"), Message(102, b"C")]
    reason = "message 1 of type 101: payload_size 127 exceeds the 2 bytes left"
    assert [fault.reason for fault in faults] == [reason]
    assert faults[0].offset == 8


@pytest.mark.parametrize(
    ("nal", "reason"),
    [
        (b"", "0 bytes do not hold a NAL header of 1"),
        (b"\x65\x88", "nal_unit_type 5 is not SEI"),
        (b"\x86\x64\x00\x80", "forbidden_zero_bit is 1"),
        (b"\x06\xff", "message 0 is cut off in its payload_type"),
        (b"\x06\x64", "message 0 of type 100 is cut off in its payload_size"),
        (b"\x06" + b"\xff" * 300 + b"\x01", f"message 0: payload_type 76501 exceeds {MAX_PAYLOAD_TYPE}"),
        (b"\x06" + b"\x01\x00" * (MAX_MESSAGES + 1), f"more than {MAX_MESSAGES} messages in one NAL unit"),
        (
            b"\x06" + bytes(MAX_SEI_BYTES),
            f"a SEI NAL unit of {MAX_SEI_BYTES + 1} bytes exceeds the {MAX_SEI_BYTES} that are read",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_reading_rule_4_faults_name_what_was_needed_and_what_was_there(nal: bytes, reason: str) -> None:
    fault = parse(nal).fault
    assert fault is not None
    assert fault.reason == reason


@pytest.mark.parametrize("size", [252, 300, 506])
def test_reading_rule_5_start_codes_are_not_sought_in_length_prefixed_data(size: int) -> None:
    sei = serialize([Message(100, b"z" * size)])
    assert 256 <= len(sei) <= 511
    packet = join([sei, b"\x65\x88"], framing=4)
    assert packet.startswith(b"\x00\x00\x01")
    found, faults = read_packet(packet, "h264", 4)
    assert ([len(each.message.payload) for each in found], faults) == ([size], [])


def test_reading_rule_5_annex_b_behind_extradata_with_lengths_is_read() -> None:
    found, faults = read_packet(join([serialize([Message(100, b"A")]), b"\x65\x88"]), "h264", 4)
    assert ([each.message for each in found], faults) == ([Message(100, b"A")], [])


def test_reading_rule_5_a_cut_packet_keeps_its_good_messages() -> None:
    packet = join([serialize([Message(100, b"A")]), b"\x65" * 50], framing=4)[:-10]
    found, faults = read_packet(packet, "h264", 4)
    assert [each.message for each in found] == [Message(100, b"A")]
    assert [fault.reason for fault in faults] == ["a NAL unit of 50 bytes exceeds the 40 bytes left"]


def test_reading_rule_6_sei_in_hvcc_is_found() -> None:
    sei = serialize([Message(176, b"3d")], "hevc")
    hvcc = b"\x01" + bytes(20) + b"\xff\x01" + b"\xa7" + b"\x00\x01" + len(sei).to_bytes(2, "big") + sei
    found, faults = read_extradata(hvcc, "hevc")
    assert ([each.message for each in found], faults) == ([Message(176, b"3d")], [])
    assert framing_of(hvcc, "hevc") == 4


@pytest.mark.parametrize(
    ("messages", "text"),
    [
        ([], "a SEI NAL unit holds 1 to 4096 messages, not 0"),
        ([Message(-1, b"")], "payload type -1 is outside 0 to 65535"),
        ([Message(100, bytes(MAX_SEI_BYTES))], "exceeds 1048576; send less in one"),
    ],
)
def test_what_cannot_be_written_is_refused(messages: list[Message], text: str) -> None:
    with pytest.raises(StreamError, match=re.escape(text)):
        serialize(messages)


def test_a_nal_too_long_for_its_length_is_refused() -> None:
    with pytest.raises(StreamError, match="a NAL unit of 256 bytes does not fit a length of 1 bytes"):
        join([b"\x06" * 256], framing=1)


def test_a_length_prefixed_stream_that_ends_early_is_an_error() -> None:
    with pytest.raises(StreamError, match="ends 2 bytes before the end"):
        list(split(b"\x00\x05abc", framing=2))


@given(st.integers(0, 31), st.integers(0, 3), st.integers(0, 1))
def test_h264_headers_are_an_inverse_pair(kind: int, idc: int, forbidden: int) -> None:
    header = NalHeader(forbidden, kind, nal_ref_idc=idc)
    assert NalHeader.parse(header.serialize("h264"), "h264") == header


@given(st.integers(0, 63), st.integers(0, 63), st.integers(0, 7))
def test_hevc_headers_are_an_inverse_pair(kind: int, layer: int, temporal: int) -> None:
    header = NalHeader(0, kind, nuh_layer_id=layer, nuh_temporal_id_plus1=temporal)
    assert NalHeader.parse(header.serialize("hevc"), "hevc") == header


@pytest.mark.parametrize(
    ("data", "framing"),
    [
        (b"\x00\x00\x01\x06" * 9 + b"\x00\x00\x01", 0),
        (b"\x01\x06" * 10, 1),
        (b"\x00\x00\x00\x01\x06" * 10, 4),
    ],
)
def test_reading_rule_4_a_packet_of_a_million_nal_units_is_not_walked_to_its_end(
    data: bytes, framing: int
) -> None:
    whole = data * (MAX_NALS // 5)
    found, faults = read_packet(whole, "h264", framing)
    assert found == []
    assert faults[-1].reason == f"more than {MAX_NALS} NAL units in one packet"
    assert 0 < faults[-1].offset <= len(whole)
    assert len(faults) <= MAX_NALS + 1
    assert len(spans(whole, framing)[0]) > MAX_NALS


def test_reading_rule_4_a_packet_of_a_million_messages_is_not_walked_to_its_end() -> None:
    nal = serialize([Message(100, b"")] * MAX_MESSAGES)
    found, faults = read_packet(join([nal] * 300, framing=4), "h264", 4)
    assert len(found) == MAX_PACKET_MESSAGES
    assert [fault.reason for fault in faults] == [f"more than {MAX_PACKET_MESSAGES} messages in one packet"]
    assert all(each.message.payload_type == 100 for each in found)


def test_reading_rule_4_a_nal_unit_of_ff_bytes_is_one_fault() -> None:
    endless = b"\xff" * (MAX_SEI_BYTES - 2)
    assert parse(b"\x06" + endless) == ((), (1, "message 0 is cut off in its payload_type"))
    assert parse(b"\x06\x64" + endless) == ((), (1, "message 0 of type 100 is cut off in its payload_size"))

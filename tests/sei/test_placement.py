"""Where SEI goes in an access unit: writing rules 1 to 7 of this package."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutkit.errors import StreamError
from layoutkit.sei.message import Message, parse, serialize
from layoutkit.sei.nal import Codec, Framing, join, spans
from layoutkit.sei.placement import AccessUnit, Edit, apply
from layoutkit.sei.rbsp import escape

AUD, SPS, PPS, SLICE, IDR = b"\x09\xf0", b"\x67\x42\x01", b"\x68\xce\x02", b"\x41\x9a\x01", b"\x65\x88\x02"
PREFIX = b"\x6e\x40\x80\x01"
BUFFERING_PERIOD = serialize([Message(0, b"\x80")])
NEW = serialize([Message(100, b"new")])

messages = st.builds(Message, st.integers(0, 600), st.binary(max_size=600))
framings = st.sampled_from([0, 2, 4])


def put(nals: list[bytes], *, codec: Codec = "h264", framing: Framing = 4, new: bytes = NEW) -> list[bytes]:
    """The NAL units of a packet after a SEI NAL unit was inserted."""
    unit = AccessUnit(join(nals, framing=framing), codec, framing)
    place = unit.insertion
    assert place is not None
    data = apply(unit.data, [Edit(place, 0, unit.framed(new))])
    return [data[start:end].rstrip(b"\x00") for start, end in spans(data, framing)[0]]


def test_writing_rule_1_the_header_says_nal_ref_idc_0() -> None:
    assert serialize([Message(100, b"{}")])[0] == 0x06


def test_writing_rule_2_types_and_sizes_are_runs_of_ff() -> None:
    assert serialize([Message(255, b"a" * 255)])[:5] == bytes.fromhex("06ff00ff00")


def test_writing_rule_3_one_trailing_byte_after_the_last_message() -> None:
    assert serialize([Message(100, b"a"), Message(101, b"b")]) == bytes.fromhex("06 6401 61 6501 62 80")
    with pytest.raises(StreamError, match="holds 1 to"):
        serialize([])


def test_writing_rule_4_emulation_prevention_covers_the_whole_rbsp() -> None:
    assert serialize([Message(0, b"\x00\x00\x01")]) == bytes.fromhex("06 0003 00000301 80")
    # The trailing byte is part of it: behind a payload that ends in zeros nothing is needed.
    assert serialize([Message(100, b"\x00\x00")]) == bytes.fromhex("06 6402 0000 80")


def test_writing_rule_4_an_rbsp_that_ends_in_zeros_gets_a_last_03() -> None:
    assert escape(bytes.fromhex("06 0000")) == bytes.fromhex("06 000003")
    assert escape(bytes.fromhex("06 000080")) == bytes.fromhex("06 000080")


@pytest.mark.parametrize("framing", [0, 1, 2, 4])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], [SLICE]),
        ([AUD, SPS, PPS], [IDR, IDR]),
        ([AUD, SPS, PPS, BUFFERING_PERIOD], [IDR]),
        ([AUD], [PREFIX, SLICE]),
        ([BUFFERING_PERIOD], [SLICE, BUFFERING_PERIOD, SLICE]),
    ],
)
def test_writing_rule_5_right_before_the_first_slice(
    before: list[bytes], after: list[bytes], framing: Framing
) -> None:
    assert put(before + after, framing=framing) == [*before, NEW, *after]


def test_writing_rule_5_a_prefix_nal_at_the_end_is_the_next_packets() -> None:
    data = join([SLICE, PREFIX])
    unit = AccessUnit(data, "h264", 0)
    assert data[unit.tail :] == join([PREFIX])
    assert AccessUnit(join([SLICE]), "h264", 0).tail == len(join([SLICE]))


def test_writing_rule_5_a_packet_without_a_slice_gets_nothing() -> None:
    assert AccessUnit(join([AUD, SPS, PPS]), "h264", 0).insertion is None


def test_writing_rule_6_too_long_for_the_files_own_length_is_refused() -> None:
    unit = AccessUnit(join([SLICE], framing=1), "h264", 1)
    with pytest.raises(StreamError, match="does not fit a length of 1 bytes"):
        unit.framed(bytes(256))


def test_writing_rule_7_hevc_base_layer_and_temporal_id() -> None:
    vps, other_layer, picture = b"\x40\x01\x0c", b"\x02\x0b\x99", b"\x02\x03\x77"
    unit = AccessUnit(join([vps, other_layer, picture]), "hevc", 0)
    assert unit.temporal_id == 2
    new = serialize([Message(100, b"new")], "hevc", temporal_id=unit.temporal_id)
    assert new[:2] == b"\x4e\x03"
    assert put([vps, other_layer, picture], codec="hevc", new=new) == [vps, other_layer, new, picture]


def test_a_nal_unit_cut_off_by_the_packets_end_is_left_alone() -> None:
    data = join([AUD, SLICE], framing=4)[:-1]
    assert AccessUnit(data, "h264", 4).insertion is None


@given(st.lists(messages, min_size=1, max_size=5), framings, st.integers(0, 600))
def test_stripping_takes_exactly_the_unwanted(held: list[Message], framing: Framing, unwanted: int) -> None:
    unit = AccessUnit(join([AUD, serialize(held), SLICE], framing=framing), "h264", framing)
    edits = unit.without(lambda message: message.payload_type == unwanted)
    left = AccessUnit(apply(unit.data, edits), "h264", framing)
    kept = [message for message in held if message.payload_type != unwanted]
    assert left.messages() == kept
    assert bool(edits) == (kept != held)
    assert left.types == ([9, 6, 1] if kept else [9, 1])


@given(st.lists(messages, min_size=1, max_size=4), st.binary(max_size=40), framings)
def test_inserting_and_stripping_are_inverse(held: list[Message], tail: bytes, framing: Framing) -> None:
    data = join([AUD, serialize([Message(0, b"\x01")]), SLICE + tail + b"\x80"], framing=framing)
    unit = AccessUnit(data, "h264", framing)
    assert unit.insertion is not None
    nal = serialize([Message(1000 + message.payload_type, message.payload) for message in held])
    longer = apply(data, [Edit(unit.insertion, 0, unit.framed(nal))])
    back = AccessUnit(longer, "h264", framing)
    assert apply(longer, back.without(lambda message: message.payload_type >= 1000)) == data


def test_what_is_behind_a_broken_message_stays_where_it_is() -> None:
    broken = b"\x06\x64\x01a\x65\xf0tail"
    assert parse(broken).fault is not None
    unit = AccessUnit(join([broken, SLICE]), "h264", 0)
    data = apply(unit.data, unit.without(lambda message: message.payload_type == 100))
    assert data == join([b"\x06\x65\xf0tail", SLICE])


@given(st.lists(messages, min_size=1, max_size=4), st.integers(0, 6), framings)
def test_zero_bytes_behind_a_nal_unit_stay_zero_bytes(
    held: list[Message], zeros: int, framing: Framing
) -> None:
    data = join([AUD, serialize(held) + bytes(zeros), SLICE], framing=framing)
    unwanted = Message(10_000, b"unwanted")
    longer = join([AUD, serialize([unwanted, *held]) + bytes(zeros), SLICE], framing=framing)
    edits = AccessUnit(longer, "h264", framing).without(lambda message: message == unwanted)
    assert apply(longer, edits) == data

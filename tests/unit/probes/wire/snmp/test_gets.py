"""Tests the bytes of GET requests and the reading of answers against pysnmp."""

import pytest
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import api

from probes.wire.snmp import gets
from probes.wire.snmp.ber import UnreadableError

V2 = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]
UP_TIME, NAME, DESCR = "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.1.0"
NUMBER = 0x01FF80FE


def answered(*pairs: tuple[str, object], number: int = NUMBER, status: int = 0, community: str = "x" * 200) -> bytes:
    pdu = V2.GetResponsePDU()
    V2.apiPDU.set_defaults(pdu)
    V2.apiPDU.set_request_id(pdu, number)
    V2.apiPDU.set_error_status(pdu, status)
    V2.apiPDU.set_varbinds(pdu, pairs)
    return _message(pdu, community)


def _message(pdu: object, community: str) -> bytes:
    message = V2.Message()
    V2.apiMessage.set_defaults(message)
    V2.apiMessage.set_community(message, community)
    V2.apiMessage.set_pdu(message, pdu)
    wire: bytes = encoder.encode(message)
    return wire


@pytest.mark.parametrize("objects", [1, 3, 8, 30])
@pytest.mark.parametrize("size", [0, 6, 60, 127, 128, 300])
@pytest.mark.parametrize("number", [gets.SMALLEST_ID, NUMBER, gets.LARGEST_ID])
def test_a_question_is_what_the_oracle_makes_of_it(number: int, size: int, objects: int) -> None:
    asked = (UP_TIME, NAME, "1.3.6.1.4.1.30065.4.1.1.2.1.13", *(f"1.3.6.1.2.1.2.2.1.2.{n}" for n in range(27)))
    asked, community = asked[:objects], b"bi mat"[:size] + b"x" * (size - 6)
    message, rest = decoder.decode(gets.question(community, number, asked), asn1Spec=V2.Message())
    pdu = V2.apiMessage.get_pdu(message)
    assert (rest, pdu.tagSet) == (b"", V2.GetRequestPDU.tagSet)
    assert bytes(V2.apiMessage.get_community(message)) == community
    assert int(V2.apiPDU.get_request_id(pdu)) == number
    assert [str(oid) for oid, _ in V2.apiPDU.get_varbinds(pdu)] == list(asked)
    assert gets.asked(gets.question(community, number, asked)[: size + 40]) == number


def test_long_objects_are_read_like_short_ones() -> None:
    """The lengths at which the forms change: of the value, the name, the object."""
    for size in (0, 1, 100, 112, 113, 126, 127, 128, 129, 255, 256, 1_000):
        name = "1.3.6.1.2.1." + ".".join(["4294967295"] * (size % 30))
        name = name.rstrip(".")
        wire = answered((name, V2.OctetString(b"v" * size)), (UP_TIME, V2.TimeTicks(7)))
        pair = gets.answer(wire)
        assert pair is not None
        assert gets.objects(wire, pair[1]) == (0, [(name, b"v" * size), (UP_TIME, 7)])


def test_every_type_of_value_is_read() -> None:
    values = {
        V2.Integer32(-5): -5,
        V2.Counter32(2**32 - 1): 2**32 - 1,
        V2.Unsigned32(7): 7,
        V2.TimeTicks(4711): 4711,
        V2.Counter64(2**64 - 1): 2**64 - 1,
        V2.OctetString("Đắk Lắk".encode()): "Đắk Lắk".encode(),
        V2.Opaque(b"\x9f\x78\x04"): b"\x9f\x78\x04",
        V2.ObjectIdentifier("2.100.3"): "2.100.3",
        V2.IpAddress("192.0.2.1"): "192.0.2.1",
        V2.Null(""): None,
    }
    pairs = [(f"1.3.6.1.2.1.99.{n}", value) for n, value in enumerate(values)]
    wire = answered(*pairs)
    pair = gets.answer(wire)
    assert pair is not None
    assert pair[0] == NUMBER
    assert gets.objects(wire, pair[1]) == (0, list(zip([oid for oid, _ in pairs], values.values(), strict=True)))


def test_what_the_device_does_not_have_is_left_out() -> None:
    wire = answered((NAME, V2.OctetString("r1")), (DESCR, V2.NoSuchObject("")), (UP_TIME, V2.NoSuchInstance("")))
    assert gets.objects(wire, gets.answer(wire)[1]) == (0, [(NAME, b"r1")])  # type: ignore[index]


def test_an_error_is_told() -> None:
    wire = answered((NAME, V2.Null("")), status=1)
    assert gets.objects(wire, gets.answer(wire)[1])[0] == 1  # type: ignore[index]


def test_questions_and_other_versions_are_no_answers() -> None:
    assert gets.answer(gets.question(b"public", NUMBER, (UP_TIME,))) is None
    assert gets.answer(answered((NAME, V2.Null(""))).replace(b"\x02\x01\x01", b"\x02\x01\x00", 1)) is None
    assert gets.asked(answered((NAME, V2.Null("")))) is None


def test_an_answer_cut_short_is_unreadable() -> None:
    whole = answered((NAME, V2.OctetString("r1")), (UP_TIME, V2.TimeTicks(1)), community="c")
    for length in range(len(whole)):
        assert gets.answer(whole[:length]) is None  # its outermost length says so
    for length in range(1, 30):
        cut = whole[:-length]
        pair = gets.answer(cut[:1] + bytes([len(cut) - 2]) + cut[2:])
        if pair is not None:
            with pytest.raises(UnreadableError):
                gets.objects(cut, pair[1])

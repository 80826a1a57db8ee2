"""The messages to strangers, with pysnmp as the oracle of their bytes."""

from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import api, rfc1905
from pysnmp.proto.mpmod.rfc3412 import SNMPv3Message

from probes.wire.snmp import messages


def _answer(version: int, number: int, value: object, *, status: int = 0) -> bytes:
    module = api.PROTOCOL_MODULES[version]
    pdu = module.GetResponsePDU()
    module.apiPDU.set_defaults(pdu)
    module.apiPDU.set_request_id(pdu, number)
    module.apiPDU.set_error_status(pdu, status)
    module.apiPDU.set_varbinds(pdu, [(messages.SYS_UP_TIME, value)])
    message = module.Message()
    module.apiMessage.set_defaults(message)
    module.apiMessage.set_community(message, "public")
    module.apiMessage.set_pdu(message, pdu)
    wire: bytes = encoder.encode(message)
    return wire


def test_a_question_by_community_is_what_it_should_be() -> None:
    for version in (messages.V1, messages.V2C):
        module = api.PROTOCOL_MODULES[version]
        for following, tag in ((False, module.GetRequestPDU.tagSet), (True, module.GetNextRequestPDU.tagSet)):
            wire = messages.get(version, b"public", 2**31 - 1, messages.SYS_UP_TIME, following=following)
            message, rest = decoder.decode(wire, asn1Spec=module.Message())
            pdu = module.apiMessage.get_pdu(message)
            assert (rest, pdu.tagSet) == (b"", tag)
            assert bytes(module.apiMessage.get_community(message)) == b"public"
            assert int(module.apiPDU.get_request_id(pdu)) == 2**31 - 1
            assert [tuple(oid) for oid, _ in module.apiPDU.get_varbinds(pdu)] == [messages.SYS_UP_TIME]


def test_discovery_asks_for_a_report_and_says_nothing_else() -> None:
    message, rest = decoder.decode(messages.discovery(4711), asn1Spec=SNMPv3Message())
    header = message["msgGlobalData"]
    assert rest == b""
    assert int(header["msgID"]) == 4711
    assert header["msgFlags"].asNumbers() == (4,)
    assert int(header["msgSecurityModel"]) == 3


def test_only_time_ticks_of_the_object_asked_for_are_its_value() -> None:
    module = api.PROTOCOL_MODULES[messages.V2C]
    good = messages.read(_answer(messages.V2C, 7, module.TimeTicks(99)))
    assert good is not None
    assert (good.number, good.is_up_time, good.has_value) == (7, True, True)
    for value in (rfc1905.noSuchInstance, rfc1905.noSuchObject, rfc1905.endOfMibView):
        read = messages.read(_answer(messages.V2C, 7, value))
        assert read is not None
        assert not read.is_up_time
        assert not read.has_value
    text = messages.read(_answer(messages.V2C, 7, module.OctetString("x")))
    assert text is not None
    assert (text.is_up_time, text.has_value) == (False, True)
    refused = messages.read(_answer(messages.V1, 7, api.PROTOCOL_MODULES[messages.V1].TimeTicks(0), status=2))
    assert refused is not None
    assert not refused.has_value


def test_what_is_no_answer_is_none() -> None:
    question = messages.get(messages.V2C, b"public", 1, messages.SYS_UP_TIME)
    for wire in (b"", b"0", question, question[:-3], messages.discovery(1), b"\x30\x84\xff\xff\xff\xff"):
        assert messages.read(wire) is None

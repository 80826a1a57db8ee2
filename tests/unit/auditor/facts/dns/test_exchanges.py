"""Tests that answers as they came over the wire are read once while they are small."""

import dns.message
import dns.rrset
import pytest

from auditor.facts.dns import exchanges
from auditor.facts.dns.exchanges import parsed


def _wire(records: int) -> bytes:
    answer = dns.message.make_response(dns.message.make_query("www.example.vn", "A"))
    answer.answer.append(
        dns.rrset.from_text_list("www.example.vn.", 60, "IN", "A", [f"192.0.2.{last}" for last in range(records)])
    )
    return answer.to_wire()


def test_parsed_small_answer_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = _wire(2)
    first = parsed(wire)
    monkeypatch.setattr("dns.message.from_wire", None)
    assert first is not None
    assert parsed(bytes(wire)) is first


def test_parsed_large_answer_is_not_kept() -> None:
    wire = _wire(120)
    assert len(wire) > exchanges.SMALL
    first, second = parsed(wire), parsed(wire)
    assert first == second
    assert first is not second


@pytest.mark.parametrize("wire", [None, b"", b"\0" * 11, b"\xff" * 40])
def test_parsed_nothing_readable_is_none(wire: bytes | None) -> None:
    assert parsed(wire) is None
    assert parsed(wire) is None

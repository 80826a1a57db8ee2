"""Tests how often a question is asked that is answered with an error."""

from ipaddress import ip_address

import dns.flags
import dns.message
import dns.rcode
import pytest

from probes.net.dns.declining import BRIEFLY, CALM, asked_calmly
from probes.observations.dns import DnsExchange


def exchange(rcode: str | None) -> DnsExchange:
    said = dns.message.Message(id=1)
    said.flags |= dns.flags.QR
    said.set_rcode(dns.rcode.from_text(rcode or "NOERROR"))
    wire = said.to_wire() if rcode else None
    return DnsExchange(server=ip_address("2001:db8::53"), qname="a.vn", qtype="SOA", response=wire)


@pytest.mark.parametrize(
    ("answers", "times"),
    [
        (["NOERROR"], 1),
        ([None], 1),
        (["NXDOMAIN"], 1),
        (["REFUSED", "NOERROR"], 2),
        (["SERVFAIL", None], 2),
        (["REFUSED", "SERVFAIL", "NOERROR"], 3),
        (["REFUSED"] * 4, 4),
    ],
)
async def test_a_question_is_asked_until_it_gets_no_such_error_or_the_pauses_are_used_up(
    answers: list[str | None], times: int
) -> None:
    left = list(answers)

    async def ask() -> DnsExchange:
        return exchange(left.pop(0))

    last = await asked_calmly(ask, (0.0,) * 3)
    assert len(answers) - len(left) == times
    assert last == exchange(answers[times - 1])


def test_what_errs_at_half_of_all_questions_seldom_errs_at_all_of_one() -> None:
    assert 0.5 ** (1 + len(CALM)) < 0.01
    assert CALM[: len(BRIEFLY)] == BRIEFLY

"""Referrals: every server of the parent is asked over TCP, its glue inside the zone over UDP, and nothing else."""

import asyncio

import dns.message
import dns.rcode
import dns.rdatatype
import pytest

from probes.framework.evidence import FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import DnsQuestion
from probes.net.dns.referrals import GLUED, glued
from probes.observations.dns import DnsExchange
from probes.observations.dnspath import Referral
from tests.unit.probes.net.world import TIMEOUT, World

ROOT = "vn. NS a.vn.\na.vn. A 192.0.2.2\na.vn. AAAA 2001:db8::2\n"
VN = (
    "own.vn. NS ns1.own.vn.\nown.vn. NS ns.far.vn.\nns1.own.vn. A 192.0.2.3\nns1.own.vn. AAAA 2001:db8::3\n"
    "far.vn. NS ns.far.vn.\nns.far.vn. A 192.0.2.9\n"
)


def world() -> World:
    return World(
        {
            ".": ("192.0.2.1 2001:db8::1", ROOT),
            "vn": ("192.0.2.2 2001:db8::2", VN),
            "own.vn": ("192.0.2.3 2001:db8::3", "@ NS ns1\n@ NS ns.far.vn.\nns1 A 192.0.2.3\nns1 AAAA 2001:db8::3\n"),
        }
    )


def asked(internet: World, name: str = "own.vn") -> tuple[list[Referral], list[DnsExchange]]:
    rec = Recorder(lambda: 0.0)
    asyncio.run(internet.names().referrals(rec, name))
    referrals = [step for step in rec.steps if isinstance(step, Referral)]
    return referrals, [step for step in rec.steps if isinstance(step, DnsExchange)]


def without_v6(message: dns.message.Message, _question: DnsQuestion, _transport: str) -> dns.message.Message:
    message.additional = [rrset for rrset in message.additional if rrset.rdtype != dns.rdatatype.AAAA]
    return message


def test_each_server_of_the_parent_and_each_address_inside_the_zone_is_asked() -> None:
    internet = world()
    referrals, answers = asked(internet)
    assert {str(referral.server) for referral in referrals} == {"192.0.2.2", "2001:db8::2"}
    assert {(referral.zone, referral.parent, referral.failure) for referral in referrals} == {("own.vn", "vn", None)}
    assert {asked.server for asked in internet.asked if asked.transport == "tcp"} == {"192.0.2.2", "2001:db8::2"}
    assert {(str(answer.server), answer.qtype, answer.because) for answer in answers} == {
        ("192.0.2.3", "SOA", GLUED),
        ("2001:db8::3", "SOA", GLUED),
    }


def test_servers_of_the_parent_need_not_say_the_same() -> None:
    internet = world()
    internet.tamper("192.0.2.2", without_v6)
    referrals, _ = asked(internet)
    glue = {
        str(referral.server): [str(address) for address in glued(referral.response, "own.vn")] for referral in referrals
    }
    assert glue == {"192.0.2.2": ["192.0.2.3"], "2001:db8::2": ["192.0.2.3", "2001:db8::3"]}


def test_silence_is_asked_twice_and_recorded() -> None:
    internet = world()
    internet.dead("2001:db8::2 2001:db8::3", TIMEOUT)
    referrals, answers = asked(internet)
    (silent,) = [referral for referral in referrals if referral.failure is not None]
    assert (str(silent.server), silent.failure and silent.failure.kind) == ("2001:db8::2", FailureKind.TIMEOUT)
    assert sum(asked.server == "2001:db8::2" and asked.transport == "tcp" for asked in internet.asked) == 2
    assert sum(str(answer.server) == "2001:db8::3" for answer in answers) == 2


def test_glue_that_leads_to_who_drops_edns_is_asked_without_it_and_once_more() -> None:
    internet = world()
    internet.tamper("192.0.2.3", lambda message, question, _: TIMEOUT if question.edns_size else message)
    _, answers = asked(internet)
    seen = [(answer.edns_size, answer.response is not None) for answer in answers if str(answer.server) == "192.0.2.3"]
    assert seen == [(1232, False), (0, True), (1232, False)]


def test_glue_that_leads_to_who_refuses_edns_is_asked_without_it() -> None:
    def old(message: dns.message.Message, question: DnsQuestion, _transport: str) -> dns.message.Message:
        if question.edns_size:
            message.set_rcode(dns.rcode.FORMERR)
        return message

    internet = world()
    internet.tamper("192.0.2.3", old)
    _, answers = asked(internet)
    assert [answer.edns_size for answer in answers if str(answer.server) == "192.0.2.3"] == [1232, 0]


@pytest.mark.parametrize(("times", "asked_in_all"), [(0, 1), (1, 2), (9, 3)])
def test_glue_that_declines_is_asked_again_a_moment_later(
    times: int, asked_in_all: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rate limit refuses the rest of a burst; a server without the zone refuses the question each time."""
    declined = 0

    def limit(message: dns.message.Message, _question: DnsQuestion, _transport: str) -> dns.message.Message:
        nonlocal declined
        if declined < times:
            declined += 1
            message.set_rcode(dns.rcode.REFUSED)
        return message

    monkeypatch.setattr("probes.net.dns.referrals.CALM", (0.0, 0.0))
    internet = world()
    internet.tamper("192.0.2.3", limit)
    _, answers = asked(internet)
    assert [answer.edns_size for answer in answers if str(answer.server) == "192.0.2.3"] == [1232] * asked_in_all
    assert sum(str(answer.server) == "2001:db8::3" for answer in answers) == 1


def test_a_name_without_a_cut_has_no_referral() -> None:
    assert asked(world(), "www.own.vn") == ([], [])
    assert asked(world(), "a" * 64 + ".vn") == ([], [])


def test_what_is_no_message_holds_no_glue() -> None:
    assert glued(None, "own.vn") == []
    assert glued(b"\0" * 40, "own.vn") == []

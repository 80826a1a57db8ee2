"""What the probes that compare answers of a name server ask, and when they stop asking."""

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from inventory.model import Endpoint, Service
from probes.aaaa_answers import ABSENT, aaaa_answers
from probes.framework.evidence import Failure, FailureKind
from probes.framework.profile import AUDIT
from probes.framework.recorder import Recorder
from probes.framework.registry import EndpointProbeFn, is_doubtful, load
from probes.framework.tasks import EndpointTask
from probes.net.api import DnsQuestion
from probes.observations.dns import DnsExchange
from probes.zone_data import zone_data
from tests.unit.probes.fake_net import FakeNet

SILENT = "silent"
TASK = EndpointTask(
    endpoint=Endpoint(address=ip_address("2001:db8::53"), port=53),
    host="ns1.a.vn",
    service=Service(name="dns", port=53),
    zone="a.vn",
)


@dataclass
class Server(FakeNet):
    """``says`` gives the code, the word SILENT or ``TC`` for each (name, type, transport); A records where it is A."""

    says: Callable[[str, str, str], str] = field(default=lambda name, rtype, transport: "NOERROR")

    async def dns(self, rec: Recorder, server: Endpoint, question: DnsQuestion, transport: str) -> DnsExchange:
        said = self.says(question.name, question.rtype, transport)
        message = dns.message.make_response(dns.message.make_query(question.name, question.rtype))
        if said == "TC":
            message.flags |= dns.flags.TC
        elif said != SILENT:
            message.set_rcode(dns.rcode.from_text(said))
        if question.rtype == "A" and said == "NOERROR":
            message.answer.append(dns.rrset.from_text(f"{question.name}.", 1, "IN", "A", "192.0.2.1"))
        exchange = DnsExchange(
            server=server.address,
            transport=transport,
            qname=question.name,
            qtype=question.rtype,
            response=None if said == SILENT else message.to_wire(),
            failure=Failure(kind=FailureKind.TIMEOUT) if said == SILENT else None,
        )
        return rec.record(exchange, t0=rec.now())


async def asked(probe: EndpointProbeFn, says: Callable[[str, str, str], str]) -> list[tuple[str, str, str]]:
    rec = Recorder(lambda: 0.0)
    await probe(TASK, Server(says=says), rec)
    return [(one.qname, one.qtype, one.transport) for one in rec.steps if isinstance(one, DnsExchange)]


def types(found: list[tuple[str, str, str]], name: str) -> list[str]:
    return [rtype for owner, rtype, _ in found if owner == name]


async def test_every_name_is_asked_for_three_types() -> None:
    found = await asked(aaaa_answers, lambda name, rtype, transport: "NOERROR")
    names = ["ns1.a.vn", "www.a.vn", "a.vn", f"{ABSENT}.a.vn"]
    assert found == [(name, rtype, "udp") for name in names for rtype in ("A", "AAAA", "HTTPS")]


async def test_what_is_cut_short_is_asked_for_over_tcp() -> None:
    found = await asked(aaaa_answers, lambda name, rtype, transport: "TC" if transport == "udp" else "NOERROR")
    assert found[:4] == [("ns1.a.vn", rtype, way) for rtype in ("A", "AAAA") for way in ("udp", "tcp")]


async def test_a_is_asked_again_behind_whatever_went_another_way() -> None:
    found = await asked(aaaa_answers, lambda name, rtype, transport: "SERVFAIL" if rtype == "AAAA" else "NOERROR")
    assert types(found, "a.vn") == ["A", "AAAA", "A", "HTTPS"]


async def test_silence_about_a_name_that_is_there_is_enough() -> None:
    found = await asked(aaaa_answers, lambda name, rtype, transport: SILENT if rtype == "AAAA" else "NOERROR")
    assert [rtype for _, rtype, _ in found] == ["A", "AAAA", "A"]


async def test_a_name_without_records_is_not_enough() -> None:
    def says(name: str, rtype: str, transport: str) -> str:
        return SILENT if rtype == "AAAA" else "NOERROR" if name == "a.vn" else "NXDOMAIN"

    found = await asked(aaaa_answers, says)
    assert types(found, "www.a.vn") == ["A", "AAAA", "A", "HTTPS"]
    assert found[-1] == ("a.vn", "A", "udp")


async def test_who_does_not_answer_for_a_is_left_in_peace() -> None:
    assert len(await asked(aaaa_answers, lambda name, rtype, transport: SILENT)) == 1


async def test_the_top_of_the_zone_is_asked_for_with_tcp_where_it_is_truncated() -> None:
    found = await asked(zone_data, lambda name, rtype, transport: "TC" if transport == "udp" else "NOERROR")
    assert found[:2] == [("a.vn", "SOA", "udp"), ("a.vn", "SOA", "tcp")]
    assert len(found) == 2 * 6 + 2  # six types, and the one with records once more


async def test_a_silent_server_is_asked_once() -> None:
    assert len(await asked(zone_data, lambda name, rtype, transport: SILENT)) == 1


async def test_who_serves_no_audited_zone_is_asked_nothing() -> None:
    for probe in (aaaa_answers, zone_data):
        rec = Recorder(lambda: 0.0)
        await probe(EndpointTask(endpoint=TASK.endpoint), FakeNet(), rec)
        assert not rec.steps


@pytest.mark.parametrize(
    ("aaaa", "doubtful"), [("NOERROR", False), ("NXDOMAIN", True), ("SERVFAIL", True), (SILENT, True)]
)
async def test_a_name_that_aaaa_questions_are_told_is_not_there_is_asked_for_again_later(
    aaaa: str, doubtful: bool
) -> None:
    rec = Recorder(lambda: 0.0)
    await aaaa_answers(TASK, Server(says=lambda name, rtype, transport: aaaa if rtype == "AAAA" else "NOERROR"), rec)
    probe = load()["aaaa_answers"]
    assert is_doubtful(rec.steps, probe.doubts) is doubtful
    assert AUDIT.retries[probe.retry][-1] == 600.0


async def test_a_name_that_nobody_has_is_not_asked_for_again() -> None:
    rec = Recorder(lambda: 0.0)
    await aaaa_answers(TASK, Server(says=lambda name, rtype, transport: "NXDOMAIN"), rec)
    assert not is_doubtful(rec.steps, load()["aaaa_answers"].doubts)

"""Simulates a name server that answers as a test defines."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from ipaddress import ip_address
from itertools import count

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from inventory.model import Endpoint, Service
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.framework.registry import EndpointProbeFn
from probes.framework.tasks import EndpointTask
from probes.net.api import DnsQuestion
from probes.observations.dns import DnsExchange
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
        text = self.says(question.name, question.rtype, transport)
        message = dns.message.make_response(dns.message.make_query(question.name, question.rtype))
        if text == "TC":
            message.flags |= dns.flags.TC
        elif text != SILENT:
            message.set_rcode(dns.rcode.from_text(text))
        if question.rtype == "A" and text == "NOERROR":
            message.answer.append(dns.rrset.from_text(f"{question.name}.", 1, "IN", "A", "192.0.2.1"))
        exchange = DnsExchange(
            server=server.address,
            transport=transport,
            qname=question.name,
            qtype=question.rtype,
            dnssec_ok=question.dnssec_ok,
            edns_size=question.edns_size,
            response=None if text == SILENT else message.to_wire(),
            failure=Failure(kind=FailureKind.TIMEOUT) if text == SILENT else None,
        )
        return rec.record(exchange, t0=rec.now())


async def asked(probe: EndpointProbeFn, says: Callable[[str, str, str], str]) -> list[tuple[str, str, str]]:
    rec = Recorder(lambda: 0.0)
    await probe(TASK, Server(says=says), rec)
    return [(step.qname, step.qtype, step.transport) for step in rec.steps if isinstance(step, DnsExchange)]


def losing(lost: Collection[int]) -> Server:
    """Return a server that answers NOERROR to all questions, except those with these numbers in order."""
    numbers = count()
    return Server(says=lambda name, rtype, transport: SILENT if next(numbers) in lost else "NOERROR")

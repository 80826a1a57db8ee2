"""Asks recursive resolvers, where iteration is blocked and inside networks that have their own."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from inventory.model import Endpoint
from probes.framework.evidence import Failure, FailureKind
from probes.net.api import DnsQuestion
from probes.net.dns.classify import ReadAnswer, read_recursive
from probes.net.dns.servers import QuestionSender, most_telling
from probes.net.dns.state import Walk
from probes.wire.dns.messages import DnsWireError, parse, type_number

ATTEMPTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolvers:
    """Asks the configured servers with RD=1 until one gives a useful answer."""

    servers: Sequence[Endpoint]
    ask_one: QuestionSender
    chance: random.Random

    async def ask(self, walk: Walk, name: str, rtype: str) -> ReadAnswer | Failure:
        servers = [server for server in self.servers if server.address.version in walk.families]
        self.chance.shuffle(servers)
        failures = []
        for server in servers * ATTEMPTS:
            answer = await self._ask(walk, server, DnsQuestion(name=name, rtype=rtype, recursion_desired=True))
            if isinstance(answer, ReadAnswer):
                return answer
            failures.append(answer)
        return most_telling(failures)

    async def _ask(self, walk: Walk, server: Endpoint, question: DnsQuestion) -> ReadAnswer | Failure:
        for transport in ("udp", "tcp"):
            walk.budget.spend()
            exchange = await self.ask_one(walk.rec, server, question, transport, walk.because)
            if exchange.response is None:
                return exchange.failure or Failure(kind=FailureKind.PROTOCOL, detail="no answer")
            try:
                message = parse(exchange.response)
                if not message.tc:
                    return read_recursive(message, qname=question.name, qtype=type_number(question.rtype))
            except DnsWireError as problem:
                return Failure(kind=FailureKind.PROTOCOL, detail=str(problem))
        return Failure(kind=FailureKind.PROTOCOL, detail="truncated over TCP")

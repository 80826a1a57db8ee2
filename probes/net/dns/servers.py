"""Asks a zone: decides which of its servers to ask, in which order, over which transport, and when to give up.

IPv4 and IPv6 addresses alternate in random order. Servers that stayed silent before come last; that changes the order
and never the verdict. Lost questions are asked once more at the end, useless answers are not.
"""

import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from itertools import chain, zip_longest
from typing import Protocol

from inventory.model import Endpoint, IPAddress
from probes.framework.evidence import Attribution, Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import DnsQuestion
from probes.net.dns.classify import AnswerKind, ReadAnswer, read
from probes.net.dns.state import Cut, Memory, Walk
from probes.observations.dns import DnsExchange
from probes.observations.dnspath import BARE_DENIALS, NO_DATA_BARE
from probes.wire.dns.messages import DnsMessage, DnsWireError, type_number

ADDRESSES_PER_CUT = 10
NAMES_PER_CUT = 4  # server names without glue that are looked up for one zone
ROOTS = 6  # after so many silent root servers, asking more proves nothing
AGAIN = 4  # silent addresses that are asked again; if more are silent, asking them again does not help
_SILENT_FOR = 600.0
_FAMILY_SILENT = 3
_ANSWERED = frozenset({FailureKind.NAME_ERROR, FailureKind.PROTOCOL})
_NOBODY = Failure(kind=FailureKind.NAME_ERROR, detail="no name server with an address that can be asked")


class QuestionSender(Protocol):
    """Sends one question and records the exchange; KernelNet's, or a scripted one in tests."""

    async def __call__(
        self, rec: Recorder, server: Endpoint, question: DnsQuestion, transport: str, because: str | None = None
    ) -> DnsExchange: ...


AddressesOf = Callable[[Walk, str, str], Awaitable[tuple[IPAddress, ...]]]


class Servers:
    """Asks zones one question at a time. ``addresses_of`` looks up a server name without glue."""

    def __init__(
        self,
        ask: QuestionSender,
        addresses_of: AddressesOf,
        *,
        clock: Callable[[], float],
        chance: random.Random,
        port: int,
    ) -> None:
        self._ask = ask
        self._addresses_of = addresses_of
        self._chance = chance
        self._port = port
        self._silent: Memory[bool] = Memory(clock, size=10_000)
        self._silences = {4: 0, 6: 0}

    async def ask(self, walk: Walk, cut: Cut, qname: str, rtype: str) -> ReadAnswer | Failure:
        """Return the first useful answer of any server of the zone, or the most telling failure."""
        limit = ROOTS if cut.zone == "." else ADDRESSES_PER_CUT
        waiting = self._ordered(cut.of(walk.families))
        nameless = cut.without_address(walk.families)
        self._chance.shuffle(nameless)
        del nameless[NAMES_PER_CUT:]
        tried: list[IPAddress] = []
        lost: list[IPAddress] = []
        failures: list[Failure] = []
        while waiting or (nameless and len(tried) < limit):
            if not waiting:
                addresses = await self._addresses_of(walk, nameless.pop(), cut.zone)
                waiting = [a for a in self._ordered(addresses) if a not in tried]
                continue
            address = waiting.pop(0)
            if len(tried) >= limit:
                break
            tried.append(address)
            answer = await self._ask_one(walk, cut, address, qname, rtype)
            if isinstance(answer, ReadAnswer):
                return answer
            failures.append(answer)
            if answer.kind is FailureKind.TIMEOUT:
                lost.append(address)
        if cut.zone != ".":
            for address in lost[:AGAIN]:
                answer = await self._ask_one(walk, cut, address, qname, rtype)
                if isinstance(answer, ReadAnswer):
                    return answer
                failures.append(answer)
        return _denied_by_all(cut.zone, failures) or most_telling(failures)

    def _ordered(self, addresses: Iterable[IPAddress]) -> list[IPAddress]:
        """Return the addresses, IPv4 and IPv6 alternating, each shuffled; those known to be silent come last."""
        families: dict[int, list[IPAddress]] = {4: [], 6: []}
        for address in addresses:
            families[address.version].append(address)
        groups = list(families.values())
        for group in groups:
            self._chance.shuffle(group)
        self._chance.shuffle(groups)
        turns = [address for address in chain.from_iterable(zip_longest(*groups)) if address is not None]
        return sorted(turns, key=self._is_silent)

    def _is_silent(self, address: IPAddress) -> bool:
        return self._silences[address.version] >= _FAMILY_SILENT or self._silent.get(address) is not None

    def _heard(self, address: IPAddress, failure: Failure | None) -> None:
        if failure is not None and failure.kind.attribution is not Attribution.THEIRS:
            self._silent.put(address, True, _SILENT_FOR)
            self._silences[address.version] += 1
        else:
            self._silences[address.version] = 0

    async def _ask_one(self, walk: Walk, cut: Cut, address: IPAddress, qname: str, rtype: str) -> ReadAnswer | Failure:
        """Ask one address over UDP, without EDNS if that was refused, then over TCP if the answer was truncated."""
        question = DnsQuestion(name=qname, rtype=rtype, dnssec_ok=walk.dnssec_ok)
        message = await self._exchange(walk, address, question, "udp")
        if isinstance(message, DnsMessage) and message.refuses_edns():
            question = replace(question, edns_size=0)
            message = await self._exchange(walk, address, question, "udp")
        if isinstance(message, DnsMessage) and message.tc:
            message = await self._exchange(walk, address, question, "tcp")
        if isinstance(message, Failure):
            return message
        try:
            message.walk()
            return read(message, zone=cut.zone, qname=qname, qtype=type_number(rtype))
        except DnsWireError as problem:
            return Failure(kind=FailureKind.PROTOCOL, detail=str(problem))

    async def _exchange(
        self, walk: Walk, address: IPAddress, question: DnsQuestion, transport: str
    ) -> DnsMessage | Failure:
        walk.budget.spend()
        server = Endpoint(address=address, port=self._port)
        exchange = await self._ask(walk.rec, server, question, transport, walk.because)
        self._heard(address, exchange.failure)
        if exchange.response is None:
            return exchange.failure or Failure(kind=FailureKind.PROTOCOL, detail="no answer")
        try:
            return DnsMessage(exchange.response)
        except DnsWireError as problem:
            return Failure(kind=FailureKind.PROTOCOL, detail=str(problem))


def _denied_by_all(zone: str, failures: Iterable[Failure]) -> ReadAnswer | None:
    """Return the denial that all answering servers give without SOA, as resolvers accept it (RFC 2308 §2.2, type 3).

    For the root such a denial comes only from a middlebox, so it does not count.
    """
    details = {failure.detail for failure in failures if failure.kind in _ANSWERED}
    if zone == "." or len(details) != 1 or not details <= BARE_DENIALS:
        return None
    return ReadAnswer(
        kind=AnswerKind.NO_DATA if details == {NO_DATA_BARE} else AnswerKind.NO_SUCH_NAME, zone=zone, loose=True
    )


def most_telling(failures: Iterable[Failure]) -> Failure:
    """Return the most telling failure: a wrong answer before a lost one, and that before a packet we could not send."""
    weight = {Attribution.THEIRS: 2, Attribution.PATH: 1, Attribution.OURS: 0}
    return max(failures, key=lambda failure: weight[failure.kind.attribution], default=_NOBODY)

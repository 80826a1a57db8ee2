"""Answers look-ups from the authoritative servers, starting at the root hints, over IPv4 and IPv6.

The contents of a lookup's result were asked for that lookup: cached data only leads there and decides nothing. If not
even the root servers can be asked, configured resolvers are, and every result says so (``via``).
"""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.net.dns import cross_check, delegations
from probes.net.dns.classify import ALIAS_LIMIT, AnswerKind, ReadAnswer
from probes.net.dns.dnssec_chain import DnssecChain
from probes.net.dns.iterate import Blocked, Descent
from probes.net.dns.one_family import OneFamily
from probes.net.dns.referrals import Referrals
from probes.net.dns.resolvers import Resolvers
from probes.net.dns.servers import QuestionSender
from probes.net.dns.source import Source
from probes.net.dns.state import BOTH, EXHAUSTED, Exhausted, Walk
from probes.observations.dns import Delegation, LookupStatus, NameLookup
from probes.observations.dnspath import FamilyCut
from probes.observations.dnssec import ZoneAnswer
from probes.wire.dns.names import DnsWireError, encode_name

_CUT_SHORT = Failure(kind=FailureKind.CUT_SHORT, detail="cancelled")
_NO_RESOLVER = Failure(kind=FailureKind.NO_ROUTE_HERE, detail="no resolver to ask")
_LOOP = Failure(kind=FailureKind.PROTOCOL, detail=f"an alias loop, or more than {ALIAS_LIMIT} aliases")
_STATUS = {
    AnswerKind.ANSWER: LookupStatus.ANSWER,
    AnswerKind.NO_DATA: LookupStatus.NO_DATA,
    AnswerKind.NO_SUCH_NAME: LookupStatus.NO_SUCH_NAME,
}


class Iterator:
    """Implements ``Names``."""

    def __init__(
        self,
        ask: QuestionSender,
        source: Source,
        *,
        chance: random.Random | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        chance = chance or random.Random()  # noqa: S311  # which server is asked first
        self._iterative = source.iterative
        self._descent = Descent(ask, source.hints, port=source.port, chance=chance, clock=clock)
        self._chain = DnssecChain(self._descent, clock)
        self._one_family = OneFamily(self._descent, clock)
        self._referrals = Referrals(self._descent, ask, source.port, clock)
        self._ask_one = ask
        self._resolvers = Resolvers(servers=tuple(source.resolvers), ask_one=ask, chance=chance)

    async def lookup(
        self, rec: Recorder, name: str, rtype: str, *, role: str, families: frozenset[int] = BOTH
    ) -> NameLookup:
        """Look up a name; other ``families`` than both iterate over that family only, and never ask resolvers."""
        t0 = rec.now()
        name = _plain(name)
        blank = NameLookup(name=name, rtype=rtype, role=role, status=LookupStatus.NO_ANSWER)
        try:
            encode_name(name)
            look = await self._find(Walk(rec=rec, families=families), blank)
        except DnsWireError as problem:
            look = replace(blank, failure=_no_name(problem))
        except Exhausted:
            look = replace(blank, failure=EXHAUSTED)
        except asyncio.CancelledError:
            rec.record(replace(blank, failure=_CUT_SHORT), t0=t0)
            raise
        return rec.record(look, t0=t0)

    async def lookup_many(self, rec: Recorder, wanted: Sequence[tuple[str, str, str]]) -> tuple[NameLookup, ...]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self.lookup(rec, name, rtype, role=role)) for name, rtype, role in wanted]
        return tuple(task.result() for task in tasks)

    async def delegation(self, rec: Recorder, name: str, *, families: frozenset[int] = BOTH) -> Delegation:
        t0 = rec.now()
        name = _plain(name)
        blank = Delegation(zone=name, parent="")
        walk = Walk(rec=rec, families=families)
        try:
            encode_name(name)
            delegation = await self._delegation(walk, name)
        except DnsWireError as problem:
            delegation = replace(blank, failure=_no_name(problem))
        except Exhausted:
            delegation = replace(blank, failure=EXHAUSTED)
        except asyncio.CancelledError:
            rec.record(replace(blank, failure=_CUT_SHORT), t0=t0)
            raise
        return rec.record(delegation, t0=t0)

    async def signed_path(self, rec: Recorder, name: str, *, start: str = ".") -> str:
        name = _plain(name)
        try:
            encode_name(name)
        except DnsWireError as problem:
            rec.record(ZoneAnswer(zone=".", qname=name, qtype="NS", failure=_no_name(problem)), t0=rec.now())
            return "."
        if not self._iterative:
            rec.record(ZoneAnswer(zone=".", qname=".", qtype="DNSKEY", failure=_NO_RESOLVER), t0=rec.now())
            return "."
        return await self._chain.follow(rec, name, start)

    async def signed(self, rec: Recorder, zone: str, name: str, rtype: str) -> ZoneAnswer:
        return await self._chain.ask(rec, zone, _plain(name), rtype)

    async def second_opinion(self, rec: Recorder, name: str, rtype: str) -> None:
        await cross_check.ask_all(self._ask_one, self._resolvers.servers, rec, _plain(name), rtype)

    async def one_family(self, rec: Recorder, name: str, family: int) -> None:
        name = _plain(name)
        try:
            encode_name(name)
        except DnsWireError as problem:
            rec.record(FamilyCut(family=family, zone=name, failure=_no_name(problem)), t0=rec.now())
            return
        if not self._iterative:
            rec.record(FamilyCut(family=family, zone=".", failure=_NO_RESOLVER), t0=rec.now())
            return
        await self._one_family.follow(rec, name, family)

    async def referrals(self, rec: Recorder, name: str) -> None:
        name = _plain(name)
        try:
            encode_name(name)
        except DnsWireError:
            return
        if self._iterative:
            await self._referrals.ask(rec, name)

    async def _delegation(self, walk: Walk, name: str) -> Delegation:
        try:
            self._check_iterative()
            return await delegations.find(self._descent, walk, name)
        except Blocked as blocked:
            if not self._may_recurse(walk):
                return Delegation(zone=name, parent="", failure=blocked.failure)
            return await delegations.ask_resolvers(self._resolvers, walk, name, blocked.failure)

    async def _find(self, walk: Walk, blank: NameLookup) -> NameLookup:
        try:
            self._check_iterative()
            return await self._iterate(walk, blank)
        except Blocked as blocked:
            if not self._may_recurse(walk):
                return replace(blank, failure=blocked.failure)
            answer = await self._resolvers.ask(walk, blank.name, blank.rtype)
            if isinstance(answer, Failure):
                return _finished(blank, answer, (), via="resolver")
            return _finished(blank, answer, answer.chain, via="resolver", loose=answer.loose)

    def _check_iterative(self) -> None:
        if not self._iterative:
            raise Blocked(_NO_RESOLVER)

    def _may_recurse(self, walk: Walk) -> bool:
        """True if a resolver may answer instead; not for only one family, because a resolver has both."""
        return walk.families == BOTH and bool(self._resolvers.servers)

    async def _iterate(self, walk: Walk, blank: NameLookup) -> NameLookup:
        """Follow aliases from zone to zone; within one zone its server has followed them already."""
        qname = blank.name
        chain: tuple[str, ...] = ()
        loose = False
        while True:
            answer = (await self._descent.ask(walk, qname, blank.rtype)).answer
            if isinstance(answer, Failure):
                return _finished(blank, answer, chain)
            chain += answer.chain
            loose = loose or answer.loose
            if len(chain) > ALIAS_LIMIT or len(set(chain)) < len(chain) or blank.name in chain:
                return _finished(blank, _LOOP, chain[: ALIAS_LIMIT + 1])
            if answer.kind is not AnswerKind.ALIAS:
                return _finished(blank, answer, chain, loose=loose)
            qname = chain[-1]


def _finished(
    blank: NameLookup,
    answer: ReadAnswer | Failure,
    chain: tuple[str, ...],
    *,
    via: str = "iterative",
    loose: bool = False,
) -> NameLookup:
    """Return the look-up with its answer; ``chain``: all aliases that led there."""
    if isinstance(answer, Failure):
        return replace(blank, failure=answer, chain=chain, via=via)
    return replace(
        blank,
        status=_STATUS[answer.kind],
        records=answer.records,
        chain=chain,
        zone=answer.zone or None,
        via=via,
        loose=loose,
    )


def _no_name(problem: DnsWireError) -> Failure:
    """Return the failure for a name, as from an MX record or a redirect, that cannot be encoded as a question."""
    return Failure(kind=FailureKind.NAME_ERROR, detail=str(problem))


def _plain(name: str) -> str:
    return name.lower().rstrip(".") or "."

"""Enumerates the versions and suites that a TLS server accepts, by hellos only.

The server's choice is left out of the next offer, until it refuses. First every version once, the current ones before
the others; the best that is accepted is the control (see ``scan_gate``). Then the suites of each version and the other
choices that the two generations of TLS leave to a server. One question stands for a whole grade, and its members are
asked for one by one only where some of it was accepted: no version that the server states not to have, and of curves
before TLS 1.3 those that TLS 1.3 does not show already. Where the server lets several connections in, questions that do
not need each other's answers go at the same time.
"""

import asyncio
import secrets
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import replace
from functools import partial

from probes.framework.limits import Deadline
from probes.net.tls.client_hello import HelloReply
from probes.net.tls.curves import Curves
from probes.net.tls.offered import FEATURES, Version, featured, took, turned
from probes.net.tls.scan_gate import Inquiry, until_halt
from probes.net.tls.signers import weak_signatures, without_edwards
from probes.observations.tls import Answer, Stopped, TlsSupport
from probes.wire.tls import groups, signatures, suites
from probes.wire.tls.flight import Flight, ServerHello
from probes.wire.tls.hello import HelloOffer
from probes.wire.tls.numbers import (
    DEFLATE,
    EMPTY_RENEGOTIATION_INFO_SCSV,
    FALLBACK_SCSV,
    SESSION_TICKET,
    SSL2,
    SSL3,
    TLS10,
    TLS11,
    TLS12,
    TLS13,
)
from probes.wire.tls.ssl2 import Ssl2Hello

SECONDS = 60.0
"""Seconds for one enumeration, unless there are pauses between commands (``Timing.mail_enumeration``)."""
_CURRENT, _OLD = (TLS13, TLS12), (TLS11, TLS10, SSL3)
_OFFERED = (*_CURRENT, *_OLD)
_PROTOCOL_VERSION, _INAPPROPRIATE_FALLBACK = 70, 86
_SUITES_OF_MOST = 3  # of TLS 1.3 (RFC 8446 §9.1), beside any number of groups


class Enumeration:
    """Enumerates one endpoint. ``run`` once; results before a halt are kept."""

    def __init__(
        self, inquiry: Inquiry, name: str | None, *, seconds: float = SECONDS, is_hurried: bool = False
    ) -> None:
        self._seconds = seconds
        self._is_hurried = is_hurried
        self._inquiry = inquiry
        self._name = name
        self._versions = {code: Version() for code in (*_OFFERED, SSL2)}
        self._curves = Curves()
        self._keeps_to_known = False
        self._groups: list[int] = []
        self._primes: dict[bytes, None] = {}
        self._signatures: dict[int, None] = {}
        self._weak: dict[int, None] = {}
        self._facts: dict[str, bool] = {}
        self._alpn: str | None = None
        self._requested = False
        self._early_data: int | None = None
        self._shares: tuple[tuple[int, bytes], ...] = ()

    async def run(self, blank: TlsSupport) -> TlsSupport:
        """Return ``blank`` filled in."""
        try:
            async with Deadline(self._seconds):
                await self._together(self._first(code) for code in _CURRENT)
                await self._together(self._older())
                await self._together(self._settled(code) for code in _OFFERED)
                await self._together(self._suites(web=blank.protocol == "https"))
                await self._together(self._exchanges())
                await until_halt(self._inquiry.prove())
        except TimeoutError:
            self._inquiry.stopped = Stopped.TIME
        return self._summed_up(blank)

    async def _together(self, questions: Iterable[Coroutine[None, None, None]]) -> None:
        """Ask the questions, one by one if only one connection is allowed, as each may make the next needless."""
        if self._inquiry.serial:
            for question in questions:
                await until_halt(question)
            return
        async with asyncio.TaskGroup() as group:
            for question in questions:
                group.create_task(until_halt(question))

    def _older(self) -> Iterable[Coroutine[None, None, None]]:
        """Yield questions about older versions; SSL 2.0 too if the current ones got no answer: one wait for all."""
        if self._is_hurried and self._inquiry.serial and self._accepted(TLS13):
            yield self._denies_older()
        yield from (self._first(code) for code in _OLD if not self._versions[code].denied)
        yield from [self._ssl2()] if all(self._versions[code].lies for code in _CURRENT) else []

    async def _denies_older(self) -> None:
        """Ask for all versions before TLS 1.2 at once; one denial is of all (RFC 8446 §4.2.1), else ask for each."""
        reply = await self._inquiry.ask(replace(self._offer(TLS11, self._usual(TLS11)), older=(TLS10, SSL3)))
        if reply.alert == _PROTOCOL_VERSION:
            for version in (*_OLD, SSL2):  # no library has both TLS 1.3 and SSL 2.0
                self._versions[version].deny(reply.failure)

    async def _first(self, version: int) -> None:
        """Ask for a version for the first time; in a hurry a denial of TLS 1.0 counts for SSL 3.0.
        One of TLS 1.1 does not count for TLS 1.0: GnuTLS, if it has only TLS 1.0, denies TLS 1.1, against RFC 5246
        §E.1."""
        if self._is_hurried and version == SSL3 and self._versions[TLS10].denied:
            return self._versions[version].deny(self._versions[TLS10].failure)
        reply = await self._inquiry.ask(self._offer(version, self._usual(version)), at_once=True)
        unanswered = reply.silent and self._inquiry.control is None
        if version == TLS13 and reply.hello is None and not unanswered:
            reply = await self._with_share()
        if unanswered:
            self._versions[version].silence, self._versions[version].failure = reply, reply.failure
        else:
            self._settle(version, reply)

    async def _with_share(self) -> HelloReply:
        """Ask with a key share, as a server may dislike a hello without one."""
        self._shares = ((groups.X25519, secrets.token_bytes(32)),)
        return await self._inquiry.ask(self._offer(TLS13, self._usual(TLS13)), at_once=True)

    async def _settled(self, version: int) -> None:
        """Decide whether an early silence was a refusal."""
        state = self._versions[version]
        if state.answer is not Answer.UNKNOWN:
            return
        if self._inquiry.control is None:
            state.answer = Answer.REFUSED
            return
        reply = await self._inquiry.ask(self._offer(version, self._usual(version)), state.silence, at_once=True)
        if version == TLS13 and reply.hello is None:
            reply = await self._with_share()
        self._settle(version, reply)

    def _suites(self, *, web: bool) -> Iterable[Coroutine[None, None, None]]:
        yield from (self._enumerate(code) for code in _OFFERED)
        yield from [] if self._versions[SSL2].complete else [self._ssl2()]
        if self._accepted(TLS13) and web:  # never on mail: servers there have lost sessions because of it
            yield self._tickets()

    def _exchanges(self) -> Iterable[Coroutine[None, None, None]]:
        if (best := self._best()) is not None:
            yield self._curves_of(best)
            yield self._features(best)
        if self._accepted(TLS12):
            yield self._weak_signatures()
        yield self._without_edwards()
        yield self._fallback()

    def _best(self) -> int | None:
        """Return the newest version before TLS 1.3 that is accepted."""
        return next((code for code in _OFFERED[1:] if self._accepted(code)), None)

    def _accepted(self, version: int) -> bool:
        return self._versions[version].answer is Answer.ACCEPTED

    async def _enumerate(self, version: int) -> None:
        state = self._versions[version]
        if state.answer is Answer.UNKNOWN:
            return
        if version == TLS13 and self._accepted(version):
            await self._suites_and_groups()
        elif self._accepted(version):
            await self._peel(version, self._usual(version), state.first.hello)
        if self._accepted(version) and state.ordered is None and not (self._is_hurried and version == TLS13):
            state.ordered = await self._is_ordered(version)
        alive = state.silence is None or self._inquiry.control is not None
        if version != TLS13 and not state.denied and alive:
            await self._unusual(version)
        self._inquiry.when_proven(state.completed)

    async def _unusual(self, version: int) -> None:
        """Ask for rare suites; if some are accepted, ask for the preference over all of them."""
        state = self._versions[version]
        usual = len(state.suites)
        await self._peel(version, suites.unusual())
        if state.ordered is None:
            state.ordered = await self._is_ordered(version)
        elif state.ordered and len(state.suites) > usual:
            listed, state.suites = state.suites, []
            await self._peel(version, listed)

    async def _peel(self, version: int, offered: Sequence[int], first: ServerHello | None = None) -> None:
        """Add the accepted suites of those offered; ``first`` is the answer to a hello with all of them."""
        state, left = self._versions[version], list(offered)
        if first is not None and first.suite in left:
            state.suites.append(first.suite)
            left.remove(first.suite)
        while left:
            reply = await self._inquiry.ask(self._offer(version, left))
            if not took(version, reply) or reply.hello is None or reply.hello.suite not in left:
                return
            self._settle(version, reply)
            state.suites.append(reply.hello.suite)
            left.remove(reply.hello.suite)

    async def _is_ordered(self, version: int) -> bool | None:
        """True if the server keeps to its order when ours is the reverse; None if that cannot be told.
        After all of TLS 1.3 the same hello shows whether the server keeps to known curves."""
        state = self._versions[version]
        reverse = turned(state.suites)
        if reverse[:1] == state.suites[:1]:
            return None
        is_best, curves = version == self._best(), Curves.after(state.first, self._groups, state.suites)
        asks_both = is_best and self._inquiry.serial and curves.bound
        offer = self._offer(version, reverse, among=curves.known_last if asks_both else ())
        flight = await self._feature(featured(offer), *FEATURES) if is_best else None
        flight = flight or (await self._inquiry.ask(offer)).flight
        exchange = flight.key_exchange
        self._keeps_to_known = asks_both and exchange is not None and exchange.group not in (None, *curves.left)
        return None if flight.hello is None else flight.hello.suite == state.suites[0]

    async def _ssl2(self) -> None:
        answer, state = await self._inquiry.ssl2(), self._versions[SSL2]
        state.complete = True
        if isinstance(answer, Ssl2Hello):
            state.answer, state.named = Answer.ACCEPTED, answer.suites
        else:
            state.answer, state.failure = Answer.REFUSED, answer

    async def _suites_and_groups(self) -> None:
        """Find suites and groups of TLS 1.3 together, as a server chooses them independently (RFC 8446 §4.1.1).
        One hello asks for one of each, until it refuses: then one of the two is at its end. The one that probably is
        not goes on; where more of it is taken, the other need not be asked for. In a hurry groups that decide
        nothing are left out. A hello without a key share makes the server name the group that it prefers (§4.1.4)."""
        state, suites_left = self._versions[TLS13], list(suites.for_tls13())
        groups_left = list(groups.judged_in_tls13() if self._is_hurried else groups.for_tls13())
        if state.first.hello is not None:
            self._taken(state.first.hello, suites_left, groups_left)
        while suites_left and groups_left and await self._takes(suites_left, groups_left):
            pass
        of_suites: tuple[list[int], list[int]] = (suites_left, [])
        of_groups: tuple[list[int], list[int]] = ([], groups_left)
        fewer_suites = len(state.suites) < _SUITES_OF_MOST
        for left in (of_suites, of_groups) if fewer_suites else (of_groups, of_suites):
            before = len(state.suites) + len(self._groups)
            while any(left) and await self._takes(*left):
                pass
            if len(state.suites) + len(self._groups) > before:
                return

    async def _takes(self, suites_left: list[int], groups_left: list[int]) -> bool:
        """True if one of each that are left is taken, which is then removed from the lists.
        Where none is to be asked for, all that were taken are offered: suites in reverse, which shows if the server
        has an order."""
        state = self._versions[TLS13]
        reverse = turned(state.suites)
        reply = await self._inquiry.ask(self._offer(TLS13, suites_left or reverse, among=groups_left))
        if not took(TLS13, reply) or reply.hello is None:
            return False
        if not suites_left and state.ordered is None and reverse[:1] != state.suites[:1]:
            state.ordered = reply.hello.suite == state.suites[0]
        return self._taken(reply.hello, suites_left, groups_left)

    def _taken(self, hello: ServerHello, suites_left: list[int], groups_left: list[int]) -> bool:
        new = False
        if hello.suite in suites_left:
            suites_left.remove(hello.suite)
            self._versions[TLS13].suites.append(hello.suite)
            new = True
        if hello.group in groups_left:
            groups_left.remove(hello.group)
            self._groups.append(hello.group)
            new = True
        return new

    async def _tickets(self) -> None:
        self._early_data = await self._inquiry.early_data(self._name)

    async def _curves_of(self, version: int) -> None:
        """Find the ECDHE curves before TLS 1.3 that TLS 1.3 has not shown already."""
        state = self._versions[version]
        self._curves = Curves.after(state.first, self._groups, state.suites)
        self._curves.keeps_to_known = self._keeps_to_known
        await self._curves.ask(partial(self._curve, version))

    async def _curve(self, version: int, offered: Sequence[int]) -> int | None:
        reply = await self._inquiry.ask(self._offer(version, suites.elliptic(), among=offered))
        self._note(version, reply)
        exchange = reply.flight.key_exchange
        return exchange.group if exchange is not None and took(version, reply) else None

    async def _features(self, version: int) -> None:
        """Ask in one hello, separately if a server refuses them together, unless ``_is_ordered`` has shown them."""
        offer = self._offer(version, self._usual(version))
        if not self._facts.keys() >= {*FEATURES} and not await self._feature(featured(offer), *FEATURES):
            await self._feature(replace(offer, compressions=(DEFLATE, 0)), "compression")
            await self._feature(replace(offer, heartbeat=True), "heartbeat")
            await self._feature(replace(offer, session_ticket=True), "session_tickets")

    async def _feature(self, offer: HelloOffer, *names: str) -> Flight | None:
        flight = (await self._inquiry.ask(offer)).flight
        if (hello := flight.hello) is None:
            return None
        tickets = any(code == SESSION_TICKET for code, _ in hello.extensions)
        features = {"compression": hello.compression != 0, "heartbeat": hello.heartbeat, "session_tickets": tickets}
        self._facts.update((name, features[name]) for name in names)
        self._alpn = hello.alpn or self._alpn
        return flight

    async def _weak_signatures(self) -> None:
        async for scheme in weak_signatures(self._inquiry, self._offer(TLS12, suites.forward_secret())):
            self._weak[scheme] = None

    async def _without_edwards(self) -> None:
        """Test the server without EdDSA if no other signature was seen; TLS 1.3 encrypts its signatures."""
        version = TLS12 if self._accepted(TLS12) else TLS13
        if self._accepted(version) and signatures.EDWARDS.issuperset(self._signatures):
            found = await without_edwards(self._inquiry, self._offer(version, self._usual(version)), self._groups)
            self._facts |= {} if found is None else {"without_edwards": found}

    async def _fallback(self) -> None:
        """Test the refusal of a fallback to an older version (RFC 7507) where a better one was possible.
        Silence and other alerts do not decide. It is only recorded: in a hurry it is not asked."""
        accepted = [code for code in _OFFERED if self._accepted(code)]
        if len(accepted) < 2 or self._is_hurried:
            return
        lower = accepted[1]
        reply = await self._inquiry.ask(self._offer(lower, (*self._usual(lower), FALLBACK_SCSV)))
        if reply.hello is not None or reply.alert == _INAPPROPRIATE_FALLBACK:
            self._facts["fallback_scsv"] = reply.hello is None

    def _offer(self, version: int, offered: Sequence[int], *, among: Sequence[int] = ()) -> HelloOffer:
        listed = tuple(among) or _GROUPS[version]
        scsv = (EMPTY_RENEGOTIATION_INFO_SCSV,) if version == SSL3 else ()
        return HelloOffer(
            version=version,
            suites=(*offered, *scsv),
            server_name=self._name,
            groups=listed,
            signatures=signatures.EVERY,
            key_shares=tuple(share for share in self._shares if share[0] in listed),
            extended_master_secret=version < TLS13,
            renegotiation=b"" if version < TLS13 else None,
        )

    def _usual(self, version: int) -> tuple[int, ...]:
        return suites.for_tls13() if version == TLS13 else suites.usual()

    def _settle(self, version: int, reply: HelloReply) -> None:
        accepted, state = took(version, reply), self._versions[version]
        if accepted or state.answer is not Answer.ACCEPTED:
            state.settle(reply, accepted=accepted)
        state.denied = state.denied or reply.alert == _PROTOCOL_VERSION
        if accepted and self._inquiry.control is None:
            self._inquiry.control = self._offer(version, self._usual(version))
        self._note(version, reply)

    def _note(self, version: int, reply: HelloReply) -> None:
        """Note the properties in the flight beside the choice. All signature schemes must have been offered."""
        hello, exchange = reply.hello, reply.flight.key_exchange
        if hello is None or hello.version != version:
            return
        self._requested = self._requested or reply.flight.certificate_requested
        if SSL3 < version < TLS13:
            self._facts.setdefault("secure_renegotiation", hello.secure_renegotiation)
            if version == TLS12 or not self._accepted(TLS12):
                self._facts["extended_master_secret"] = hello.extended_master_secret
        if exchange is not None and exchange.prime and not suites.by_code()[hello.suite].anonymous:
            self._primes[exchange.prime] = None
        if exchange is not None and exchange.signature is not None:
            self._signatures[exchange.signature] = None

    def _summed_up(self, blank: TlsSupport) -> TlsSupport:
        known = self._versions
        nothing = all(state.answer is not Answer.ACCEPTED for state in known.values())
        failures = (known[code].failure for code in (TLS12, TLS13, TLS11, TLS10, SSL3))
        return replace(
            blank,
            failure=next((failure for failure in failures if failure is not None), None) if nothing else None,
            versions=tuple(state.support(code, limits=self._inquiry.limits) for code, state in known.items()),
            curves=tuple(groups.name_of(code) for code in self._curves.found),
            groups=tuple(groups.name_of(code) for code in self._groups),
            primes=tuple(self._primes),
            signatures=tuple(signatures.name_of(code) for code in self._signatures),
            weak_signatures=tuple(signatures.name_of(code) for code in self._weak),
            extended_master_secret=self._facts.get("extended_master_secret"),
            secure_renegotiation=self._facts.get("secure_renegotiation"),
            compression=self._facts.get("compression"),
            heartbeat=self._facts.get("heartbeat"),
            fallback_scsv=self._facts.get("fallback_scsv"),
            session_tickets=self._facts.get("session_tickets"),
            without_edwards=self._facts.get("without_edwards"),
            alpn=self._alpn,
            early_data=self._early_data,
            certificate_requested=self._requested,
            hellos=self._inquiry.count,
            stopped=self._inquiry.end(),
        )


_GROUPS = {version: groups.for_tls13() if version == TLS13 else groups.for_tls12() for version in _OFFERED}

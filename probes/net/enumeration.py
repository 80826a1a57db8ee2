"""Finds out everything a TLS server accepts, by hellos alone: the server picks one of what is offered, and what it
picked is left out of the next offer, until it refuses.

First every version once and at the same time; the best that is accepted is the control (see ``inquiry``). Then, at the
same time again, the suites of each version and what else the two generations of TLS let a server choose.
"""

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from probes.framework.evidence import Failure
from probes.net.hellos import Reply
from probes.net.inquiry import Halt, Inquiry
from probes.observations.tls import Answer, Stopped, TlsSupport, VersionSupport
from probes.wire.tls import groups, signatures, suites
from probes.wire.tls.flight import Flight, ServerHello
from probes.wire.tls.hello import Offer
from probes.wire.tls.numbers import (
    DEFLATE,
    EMPTY_RENEGOTIATION_INFO_SCSV,
    FALLBACK_SCSV,
    SSL2,
    SSL3,
    TLS10,
    TLS11,
    TLS12,
    TLS13,
    VERSIONS,
)
from probes.wire.tls.ssl2 import Ssl2Hello

SECONDS, SECONDS_OF_MAIL = 60.0, 840.0
"""Of one enumeration; over SMTP there are pauses between commands."""
_OFFERED = (TLS13, TLS12, TLS11, TLS10, SSL3)
_INAPPROPRIATE_FALLBACK = 86
_CHACHA = frozenset(code for code, suite in suites.by_code().items() if "CHACHA20" in suite.cipher)
_ALPN = ("h2", "http/1.1")


@dataclass(slots=True)
class _Version:
    """What is known of one version so far. ``first``: the flight that accepted it, to everything usual together."""

    answer: Answer = Answer.UNKNOWN
    first: Flight = field(default_factory=Flight)
    failure: Failure | None = None
    suites: list[int] = field(default_factory=list)
    named: tuple[str, ...] = ()
    ordered: bool | None = None
    complete: bool = False

    def settle(self, reply: Reply, *, accepted: bool) -> None:
        if accepted and self.answer is not Answer.ACCEPTED:
            self.first = reply.flight
        self.answer = Answer.ACCEPTED if accepted else Answer.REFUSED
        self.failure = None if accepted else reply.failure


class Enumeration:
    """One endpoint. ``run`` once; what was found until a halt is kept."""

    def __init__(self, inquiry: Inquiry, server_name: str | None, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._inquiry = inquiry
        self._name = server_name
        self._versions = {code: _Version() for code in (*_OFFERED, SSL2)}
        self._curves: list[int] = []
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
        """``blank`` filled in."""
        try:
            async with asyncio.timeout(self._seconds):
                await self._together(self._first(code) for code in _OFFERED)
                self._choose_control()
                await self._together(self._second(web=blank.protocol == "https"))
        except TimeoutError:
            self._inquiry.stopped = Stopped.TIME
        return self._summed_up(blank)

    async def _together(self, questions: Iterable[Coroutine[None, None, None]]) -> None:
        async with asyncio.TaskGroup() as group:
            for question in questions:
                group.create_task(_until_halt(question))

    async def _first(self, version: int) -> None:
        reply = await self._inquiry.once(self._offer(version, self._usual(version)))
        if version == TLS13 and reply.hello is None:  # a server may dislike a hello without a key share
            self._shares = ((groups.X25519, secrets.token_bytes(32)),)
            reply = await self._inquiry.once(self._offer(version, self._usual(version)))
        if reply.silent:
            self._versions[version].failure = reply.failure
        else:
            self._settle(version, reply)

    def _choose_control(self) -> None:
        best = next((code for code in _OFFERED if self._versions[code].answer is Answer.ACCEPTED), None)
        if best is not None:
            self._inquiry.control = self._offer(best, self._usual(best))

    def _second(self, *, web: bool) -> Iterable[Coroutine[None, None, None]]:
        yield from (self._enumerate(code) for code in _OFFERED)
        yield self._ssl2()
        if self._accepted(TLS13):
            yield self._groups_of_tls13()
            if web:  # never on mail: servers there have lost sessions to it
                yield self._tickets()
        best = next((code for code in _OFFERED[1:] if self._accepted(code)), None)
        if best is not None:
            yield self._curves_of(best)
            yield self._features(best)
        if self._accepted(TLS12):
            yield self._weak_signatures()
        yield self._fallback()

    def _accepted(self, version: int) -> bool:
        return self._versions[version].answer is Answer.ACCEPTED

    async def _enumerate(self, version: int) -> None:
        state = self._versions[version]
        if state.answer is Answer.UNKNOWN and self._inquiry.control is None:
            state.answer = Answer.REFUSED
        elif state.answer is Answer.UNKNOWN:  # silence at first: was it a refusal?
            self._settle(version, await self._inquiry.ask(self._offer(version, self._usual(version))))
        if self._accepted(version):
            await self._peel(version, self._usual(version), state.first.hello)
            state.ordered = await self._is_ordered(version)
        if version != TLS13:
            await self._unusual(version)
        state.complete = True

    async def _unusual(self, version: int) -> None:
        """The suites that hardly anybody has; where some are there, the preference is asked for over all of them."""
        state = self._versions[version]
        usual = len(state.suites)
        await self._peel(version, suites.unusual())
        if state.ordered is None:
            state.ordered = await self._is_ordered(version)
        elif state.ordered and len(state.suites) > usual:
            listed, state.suites = state.suites, []
            await self._peel(version, listed)

    async def _peel(self, version: int, offered: Sequence[int], first: ServerHello | None = None) -> None:
        """All that are accepted of those offered; ``first`` is what a hello with all of them was answered with."""
        state, left = self._versions[version], list(offered)
        if first is not None and first.suite in left:
            state.suites.append(first.suite)
            left.remove(first.suite)
        while left:
            reply = await self._inquiry.ask(self._offer(version, left))
            if not _took(version, reply) or reply.hello is None or reply.hello.suite not in left:
                return
            self._settle(version, reply)
            state.suites.append(reply.hello.suite)
            left.remove(reply.hello.suite)

    async def _is_ordered(self, version: int) -> bool | None:
        """Whether the server keeps to its order when ours is the reverse. A server may move ChaCha20 up for a client
        that puts it first, so that is never put first."""
        found = self._versions[version].suites
        turned = list(reversed(found))
        turned.sort(key=lambda code: code in _CHACHA)
        if turned[:1] == found[:1]:
            return None
        reply = await self._inquiry.ask(self._offer(version, turned))
        return None if reply.hello is None else reply.hello.suite == found[0]

    async def _ssl2(self) -> None:
        found = await self._inquiry.ssl2()
        state = self._versions[SSL2]
        state.complete = True
        if isinstance(found, Ssl2Hello):
            state.answer, state.named = Answer.ACCEPTED, found.suites
        else:
            state.answer, state.failure = Answer.REFUSED, found

    async def _groups_of_tls13(self) -> None:
        """A hello without a key share makes the server name the group that it would have (RFC 8446 §4.1.4)."""
        first = self._versions[TLS13].first.hello
        self._groups = [code for code in groups.for_tls13() if first is not None and code == first.group]
        left = [code for code in groups.for_tls13() if code not in self._groups]
        while left:
            reply = await self._inquiry.ask(self._offer(TLS13, suites.for_tls13(), among=left))
            group = reply.hello.group if reply.hello is not None else None
            if not _took(TLS13, reply) or group is None or group not in left:
                return
            self._groups.append(group)
            left.remove(group)

    async def _tickets(self) -> None:
        self._early_data = await self._inquiry.early_data(self._name)

    async def _curves_of(self, version: int) -> None:
        exchange = self._versions[version].first.key_exchange
        found = self._curves = [code for code in groups.curves() if exchange is not None and code == exchange.group]
        left = [code for code in groups.curves() if code not in found]
        while left:
            curve = await self._curve(version, left)
            if curve not in left and found:
                # The curve of an ECDSA certificate must be offered as well (RFC 8422 §5.1): so behind the others all
                # that were taken before. A server that insists on its own order then hides what it likes less.
                curve = await self._curve(version, [*left, *found])
            if curve is None or curve not in left:
                return
            found.append(curve)
            left.remove(curve)

    async def _curve(self, version: int, offered: Sequence[int]) -> int | None:
        elliptic = self._those(lambda suite: suite.elliptic)
        reply = await self._inquiry.ask(self._offer(version, elliptic, among=offered))
        self._note(version, reply)
        exchange = reply.flight.key_exchange
        return exchange.group if exchange is not None and _took(version, reply) else None

    async def _features(self, version: int) -> None:
        """Compression, heartbeat and ALPN in one hello, apart where a server does not take them together."""
        offer = self._offer(version, self._usual(version))
        whole = replace(offer, compressions=(DEFLATE, 0), heartbeat=True, alpn=_ALPN)
        if not await self._feature(whole, "compression", "heartbeat"):
            await self._feature(replace(offer, compressions=(DEFLATE, 0)), "compression")
            await self._feature(replace(offer, heartbeat=True), "heartbeat")

    async def _feature(self, offer: Offer, *names: str) -> bool:
        hello = (await self._inquiry.ask(offer)).hello
        if hello is None:
            return False
        found = {"compression": hello.compression != 0, "heartbeat": hello.heartbeat}
        self._facts.update((name, found[name]) for name in names)
        self._alpn = hello.alpn or self._alpn
        return True

    async def _weak_signatures(self) -> None:
        """All together first: most servers refuse them all."""
        signed = self._those(lambda suite: suite.forward_secret)
        left = [signatures.SHA224, signatures.SHA1, signatures.MD5]
        while left:
            every = tuple(scheme for schemes in left for scheme in schemes)
            reply = await self._inquiry.ask(replace(self._offer(TLS12, signed), signatures=every))
            signed_with = reply.flight.key_exchange.signature if reply.flight.key_exchange is not None else None
            if not _took(TLS12, reply) or signed_with is None or signed_with not in every:
                return
            self._weak[signed_with] = None
            left = [schemes for schemes in left if signed_with not in schemes]

    async def _fallback(self) -> None:
        """RFC 7507: a client that says it fell back is refused where a better version was to be had."""
        accepted = [code for code in _OFFERED if self._accepted(code)]
        if len(accepted) < 2:
            return
        lower = accepted[1]
        reply = await self._inquiry.ask(self._offer(lower, (*self._usual(lower), FALLBACK_SCSV)))
        self._facts["fallback_scsv"] = reply.hello is None and reply.alert == _INAPPROPRIATE_FALLBACK

    def _offer(self, version: int, offered: Sequence[int], *, among: Sequence[int] = ()) -> Offer:
        listed = tuple(among) or _GROUPS[version]
        scsv = (EMPTY_RENEGOTIATION_INFO_SCSV,) if version == SSL3 else ()
        return Offer(
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

    def _those(self, wanted: Callable[[suites.Suite], bool]) -> tuple[int, ...]:
        return tuple(code for code in suites.usual() if wanted(suites.by_code()[code]))

    def _settle(self, version: int, reply: Reply) -> None:
        accepted = _took(version, reply)
        state = self._versions[version]
        if accepted or state.answer is not Answer.ACCEPTED:
            state.settle(reply, accepted=accepted)
        self._note(version, reply)

    def _note(self, version: int, reply: Reply) -> None:
        """What the flight shows beside the choice. All signature schemes must have been offered."""
        hello, exchange = reply.hello, reply.flight.key_exchange
        if hello is None or hello.version != version:
            return
        self._requested = self._requested or reply.flight.certificate_requested
        if SSL3 < version < TLS13:
            self._facts.setdefault("secure_renegotiation", hello.secure_renegotiation)
            if version == TLS12 or not self._accepted(TLS12):
                self._facts["extended_master_secret"] = hello.extended_master_secret
        if exchange is not None and exchange.prime:
            self._primes[exchange.prime] = None
        if exchange is not None and exchange.signature is not None:
            self._signatures[exchange.signature] = None

    def _summed_up(self, blank: TlsSupport) -> TlsSupport:
        known = self._versions
        nothing = all(state.answer is not Answer.ACCEPTED for state in known.values())
        failures = (known[code].failure for code in (TLS12, TLS13, TLS11, TLS10, SSL3))
        return replace(
            blank,
            failure=next((one for one in failures if one is not None), None) if nothing else None,
            versions=tuple(_version(code, state) for code, state in known.items()),
            curves=tuple(groups.name_of(code) for code in self._curves),
            groups=tuple(groups.name_of(code) for code in self._groups),
            primes=tuple(self._primes),
            signatures=tuple(signatures.name_of(code) for code in self._signatures),
            weak_signatures=tuple(signatures.name_of(code) for code in self._weak),
            extended_master_secret=self._facts.get("extended_master_secret"),
            secure_renegotiation=self._facts.get("secure_renegotiation"),
            compression=self._facts.get("compression"),
            heartbeat=self._facts.get("heartbeat"),
            fallback_scsv=self._facts.get("fallback_scsv"),
            alpn=self._alpn,
            early_data=self._early_data,
            certificate_requested=self._requested,
            hellos=self._inquiry.count,
            stopped=self._inquiry.stopped,
        )


_GROUPS = {version: groups.for_tls13() if version == TLS13 else groups.for_tls12() for version in _OFFERED}


def _took(version: int, reply: Reply) -> bool:
    """Whether the offer was taken up in the version that was offered."""
    return reply.hello is not None and reply.hello.version == version


async def _until_halt(question: Coroutine[None, None, None]) -> None:
    with suppress(Halt):
        await question


def _version(code: int, state: _Version) -> VersionSupport:
    return VersionSupport(
        version=VERSIONS[code],
        answer=state.answer,
        suites=state.named or tuple(suites.name_of(one) for one in state.suites),
        ordered=state.ordered,
        complete=state.complete,
        failure=state.failure,
    )

"""Tests the functions of the vantage itself, before a failure is held against a subject.

It only records; ``meta.selftest.*`` judge it. A failed step is a fact about us. Every configured or implied control
endpoint is tested over every transport that the run uses, so that a later timeout can be told from a blocked egress.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

from inventory.model import Endpoint, IPAddress
from inventory.scope import Reach
from probes.framework.evidence import Failure, FailureKind
from probes.framework.fitting import LEAST, WHOLE, fit_connections
from probes.framework.reach import within
from probes.framework.recorder import Recorder
from probes.framework.resolver_test import ask_fallback, ask_resolver, ask_roots
from probes.net.api import DnsQuestion, EchoShape, HttpRequest, Net
from probes.net.clocks import ask_clock
from probes.net.core.source import source_toward
from probes.net.exposure.sweep import sweep_ports
from probes.net.full_size import send_full_size
from probes.net.http.requests import pages
from probes.net.raw.forwarding import send_source_route, send_tunnelled
from probes.net.snmp.devices import devices
from probes.observations.path import NARROWER
from probes.observations.transport import EchoSeries
from probes.observations.vantage import (
    AAAA_ONLY,
    ROUTING_HEADER,
    TCP_FULL,
    ControlAnswer,
    ControlPath,
    FullSizeTransfer,
    SizeTried,
    VantageAddress,
)
from probes.wire.exposure import teredo

ECHO_PORT = 7
_TLS_PORTS = frozenset({443, 465, 636, 993, 995, 8443})
_HEADERS = {6: 48, 4: 28}  # IP and ICMP
ROOTS_ASKED = 3
"""The number of root server addresses used as anchors per IP version; the others are not queried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlNames:
    """Holds names that test a resolver: one that validates, one to be refused, and a web server with AAAA only."""

    signed: str | None = None
    bogus: str | None = None
    aaaa_only: str | None = None

    def to_validate(self) -> Mapping[str, str | None]:
        """Return the names that show whether a resolver validates, by the step that queries them."""
        return {"signed": self.signed, "bogus": self.bogus}


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTest:
    """Holds the configuration of a self-test. ``controls`` without a port get echoes and each of ``transports``.

    ``crafted``: packets sent only to hosts that allow it; controls are our own, and their answers show that such
    packets leave. ``swept``: the TCP ports of a sweep; controls are swept too, or silence on such a port would mean
    nothing. ``own_way``: whether to measure the path to the controls as well. ``is_brief``: with few echoes, as those
    of earlier tests count too. ``public``: our addresses as others see them. ``fallback``: unconfigured resolvers that
    look-ups use if no root server answers.
    """

    controls: tuple[Endpoint, ...]
    roots: tuple[IPAddress, ...]
    resolvers: tuple[Endpoint, ...] = ()
    fallback: tuple[Endpoint, ...] = ()
    names: ControlNames = field(default_factory=ControlNames)
    clocks: tuple[Endpoint, ...] = ()
    transports: frozenset[str] = frozenset({"icmp", "tcp/443"})
    swept: tuple[int, ...] = ()
    crafted: frozenset[str] = frozenset()
    own_way: bool = True
    is_brief: bool = False
    public: tuple[IPAddress, ...] = ()
    token: str = "selftest"  # noqa: S105  # a label in DNS names

    def anchors(self) -> Iterable[tuple[IPAddress, str, bool]]:
        """Yield (address, transport, counts as an anchor) for everything to test."""
        ports = sorted(t for t in self.transports if t.startswith("tcp/"))
        for control in self.controls:
            own = ports if control.port is None else [f"tcp/{control.port}"]
            yield from ((control.address, transport, True) for transport in (*own, "icmp"))
            if "udp/53" in self.transports and control.port in (None, 53):
                yield control.address, "udp/53", True
            if "udp/161" in self.transports and control.port is None:
                yield control.address, "udp/161", False
        for version in (6, 4):
            of_family = [root for root in self.roots if root.version == version][:ROOTS_ASKED]
            yield from ((root, transport, True) for root in of_family for transport in ("icmp", "udp/53", "tcp/53"))

    def measured(self) -> Iterable[IPAddress]:
        """Return the addresses to which the vantage's path is measured: the controls, or else a few root servers."""
        if not self.own_way:
            return ()
        if self.controls:
            return dict.fromkeys(control.address for control in self.controls)
        return [root for v in (6, 4) for root in [root for root in self.roots if root.version == v][:ROOTS_ASKED]]


async def self_test(test: SelfTest, net: Net, rec: Recorder, fitted: asyncio.Event | None = None) -> None:
    """Run every step at once; the slowest one decides how long it takes.

    ``fitted`` is set as soon as connections fit the vantage's own path; earlier ones may not.
    """
    with within(Reach(for_itself=True)):
        await _asked(test, net, rec, asyncio.Event() if fitted is None else fitted)


async def _asked(test: SelfTest, net: Net, rec: Recorder, fitted: asyncio.Event) -> None:
    for version in (6, 4):
        _own_address(test, version, rec)
    async with asyncio.TaskGroup() as group:
        measured = tuple(test.measured())
        for address, transport, anchor in test.anchors():
            if transport != "icmp" or address not in measured:
                group.create_task(_ask_control(test, net, rec, address, transport, anchor=anchor))
        passed = {version: asyncio.Event() for version in (6, 4)}
        whole = {
            address: group.create_task(_sized(test, net, rec.aside(), address, WHOLE, passed[address.version].set))
            for address in measured
        }
        for address in measured:
            group.create_task(_measure_path(test, net, rec, address, whole[address]))
        group.create_task(fit_connections(net, rec, whole, passed, fitted))
        for control in test.controls:
            group.create_task(_try_control(test, net, rec, control))
        group.create_task(_ask_roots(test, net, rec))
        for resolver in test.resolvers:
            names = test.names.to_validate()
            group.create_task(ask_resolver(net, rec, resolver, test.token, names, outside=bool(test.roots)))
        for clock in test.clocks:
            group.create_task(_ask_clock(net, rec, clock))
        if test.names.aaaa_only:
            group.create_task(_fetch_aaaa_only(test.names.aaaa_only, net, rec))


def _first_of_each(addresses: Iterable[IPAddress]) -> list[IPAddress]:
    return list({address.version: address for address in reversed(list(addresses))}.values())


def _own_address(test: SelfTest, version: int, rec: Recorder) -> None:
    """Record the source address toward the first anchor of an IP version; nothing without an anchor of it."""
    targets = [a for a in (*(c.address for c in test.controls), *test.roots) if a.version == version]
    if not targets:
        return
    t0, found = rec.now(), source_toward(targets[0])
    if isinstance(found, Failure):
        rec.record(VantageAddress(family=version, failure=found, toward=targets[0]), t0=t0)
    else:
        public = tuple(address for address in test.public if address.version == version)
        rec.record(VantageAddress(family=version, source=found, toward=targets[0], public=public), t0=t0)


_COPIES, _APART, _BRIEFLY_APART = 3, 0.2, 0.1
"""The number of echo requests of each size, and the seconds between them."""
_SEGMENTS = 2
"""The number of full segments each way that shows that such segments pass."""
_NOT_ALL = Failure(kind=FailureKind.TIMEOUT, detail="full segments did not pass")
_NO_REPLY = Failure(kind=FailureKind.TIMEOUT, detail="no echo reply")


async def _ask_control(
    test: SelfTest, net: Net, rec: Recorder, address: IPAddress, transport: str, *, anchor: bool
) -> None:
    aside, t0 = rec.aside(), rec.now()
    if transport == "icmp":
        echo = await _usual(test, net, aside, address)
        failure = echo.failure if echo.failure or echo.received else _NO_REPLY
    elif transport == "udp/53":
        question = DnsQuestion(name=".", rtype="NS")
        failure = (await net.dns(aside, Endpoint(address=address, port=53), question, "udp")).failure
    elif transport == "udp/161":  # a host without an agent says by ICMP that it has none
        failure = (await devices(net).discovery(aside, Endpoint(address=address, port=161))).failure
    else:
        port = int(transport.partition("/")[2])
        failure = (await net.tcp(aside, Endpoint(address=address, port=port))).failure
    if not transport.startswith("tcp/"):
        failure = _unless_refused(failure)
    rec.record(ControlAnswer(address=address, transport=transport, anchor=anchor, failure=failure), t0=t0)


def _unless_refused(failure: Failure | None) -> Failure | None:
    """Return the failure, None for a refusal by ICMP, as the packet went there and an answer came back.

    It is not used for TCP: a firewall of ours may have sent its refusal.
    """
    return None if failure is not None and failure.kind is FailureKind.REFUSED else failure


async def _measure_path(
    test: SelfTest, net: Net, rec: Recorder, address: IPAddress, full: asyncio.Task[EchoSeries]
) -> None:
    """Record the own path (CHECKS §0.4): delay and loss by echo of usual size, and the largest packets returned."""
    aside, t0 = rec.aside(), rec.now()
    usual, whole = await _usual(test, net, aside, address), await full
    failure = usual.failure if usual.failure or usual.received else _NO_REPLY
    rec.record(ControlAnswer(address=address, transport="icmp", failure=_unless_refused(failure)), t0=t0)
    sizes = [whole]
    if not sizes[0].received and usual.received:
        told = [size.mtu for size in sizes if size.mtu is not None]
        async with asyncio.TaskGroup() as group:
            smaller = sorted({LEAST, *NARROWER, *(mtu for mtu in told if LEAST <= mtu < WHOLE)})
            tried = [group.create_task(_sized(test, net, aside, address, size)) for size in smaller]
        sizes += [attempt.result() for attempt in tried]
    said = next((size for size in sizes if size.mtu is not None), None)
    step = ControlPath(
        address=address,
        rtts=usual.rtts,
        sizes=tuple(
            SizeTried(size=size.payload_size + _HEADERS[address.version], sent=size.sent, received=size.received)
            for size in sizes
        ),
        told=None if said is None else said.mtu,
        router=None if said is None else said.sender,
        implied=not test.controls,
        failure=usual.failure,
    )
    rec.record(step, t0=t0)


async def _usual(test: SelfTest, net: Net, aside: Recorder, address: IPAddress) -> EchoSeries:
    if test.is_brief:
        return await _sized(test, net, aside, address, _HEADERS[address.version] + net.setting.timing.echo_size)
    return await net.echo(aside, address)


async def _sized(
    test: SelfTest, net: Net, aside: Recorder, address: IPAddress, size: int, heard: Callable[[], None] | None = None
) -> EchoSeries:
    apart = _BRIEFLY_APART if test.is_brief else _APART
    shape = EchoShape(count=_COPIES, interval=apart, size=size - _HEADERS[address.version], heard=heard)
    return await net.echo(aside, address, shape)


async def _full_size(net: Net, rec: Recorder, control: Endpoint) -> None:
    """Record whether full-size segments pass (CHECKS §0.4).

    A TCP echo service shows both ways; otherwise a TLS service does, if it sends enough.
    """
    places = [(ECHO_PORT, "echo"), (443, "tls")] if control.port is None else _only(control.port)
    for port, way in places:
        t0 = rec.now()
        step = await send_full_size(net, rec, Endpoint(address=control.address, port=port), way)
        came = _carried(step)
        if came is not None:
            failure = None if came else step.failure or _NOT_ALL
            answer = ControlAnswer(address=control.address, transport=TCP_FULL, anchor=False, failure=failure)
            rec.record(answer, t0=t0)
            return


def _only(port: int) -> list[tuple[int, str]]:
    if port == ECHO_PORT:
        return [(port, "echo")]
    return [(port, "tls")] if port in _TLS_PORTS else []


def _carried(step: FullSizeTransfer) -> bool | None:
    """True if full segments passed both ways; None if that cannot be told: no service there, or too little data."""
    if step.mss is None:
        return None
    if step.acknowledged >= _SEGMENTS * step.mss and step.received >= _SEGMENTS * step.mss:
        return True
    silent = step.failure is not None and step.failure.kind is FailureKind.TIMEOUT
    return False if silent and (step.acknowledged < step.sent or not step.received) else None


async def _try_control(test: SelfTest, net: Net, rec: Recorder, control: Endpoint) -> None:
    """Run the tests that only our own controls may get; a control without a port answers on every one."""
    address = control.address
    if test.swept and control.port is None:
        await _sweep_control(net, rec, address, test.swept)
    for form in sorted(test.crafted) if control.port is None else ():
        await _pass_on(net, rec, address, form)
    if test.own_way:
        await _full_size(net, rec, control)


async def _sweep_control(net: Net, rec: Recorder, address: IPAddress, ports: tuple[int, ...]) -> None:
    """Record the answer of a control on each port of the sweep, refusals included."""
    aside, t0 = rec.aside(), rec.now()
    sweep = await sweep_ports(net, aside, address, ports)
    for reply in sweep.replies:
        failure = None if reply.failure is None else Failure(kind=reply.failure)
        answer = ControlAnswer(address=address, transport=f"tcp/{reply.port}", anchor=False, failure=failure)
        rec.record(answer, t0=t0)


async def _pass_on(net: Net, rec: Recorder, address: IPAddress, form: str) -> None:
    """Send a packet that a control does not forward but reports, and record the result."""
    if form in {4: (ROUTING_HEADER,), 6: (teredo.NAME,)}[address.version]:
        return  # exists only for the other IP version
    aside, t0 = rec.aside(), rec.now()
    if form == ROUTING_HEADER:
        failure = (await send_source_route(net, aside, address)).failure
    else:
        failure = (await send_tunnelled(net, aside, address, form)).failure
    failure = _unless_refused(failure)
    transport = f"udp/{teredo.PORT}" if form == teredo.NAME else form
    rec.record(ControlAnswer(address=address, transport=transport, anchor=False, failure=failure), t0=t0)


async def _ask_clock(net: Net, rec: Recorder, clock: Endpoint) -> None:
    """Record the clock (CHECKS meta.selftest.clock); a lost datagram is sent again."""
    aside, t0 = rec.aside(), rec.now()
    told = await ask_clock(net, aside, clock)
    if told.worth_repeating:
        told = await ask_clock(net, aside, clock)
    rec.record(told, t0=t0)


async def _ask_roots(test: SelfTest, net: Net, rec: Recorder) -> None:
    """Query root servers; if none answers, also the unconfigured resolvers that look-ups then use."""
    roots = [Endpoint(address=root, port=53) for root in _first_of_each(test.roots)]
    if not await ask_roots(net, rec, roots):
        for resolver in test.fallback:
            await ask_fallback(net, rec, resolver, test.token, outside=bool(test.roots))


_FETCHED = 3


async def _fetch_aaaa_only(name: str, net: Net, rec: Recorder) -> None:
    """Fetch a name with AAAA only from its literal addresses (CHECKS meta.selftest.ipv6 (5)); some may be down."""
    aside = rec.aside()
    look = await net.names.lookup(aside, name, "AAAA", role="control")
    for address in map(ip_address, look.records[:_FETCHED]):
        t0 = rec.now()
        request = HttpRequest(endpoint=Endpoint(address=address, port=80, name=name), url=f"http://{name}/")
        failure = (await pages(net).http(aside, request)).failure
        rec.record(ControlAnswer(address=address, transport=AAAA_ONLY, failure=failure), t0=t0)

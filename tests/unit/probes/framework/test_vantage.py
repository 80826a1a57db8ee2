"""Tests the self-test: it tries every control over every transport of the run and records the results."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import cast
from unittest.mock import ANY

import dns.flags
import dns.message
import pytest

from inventory.model import Endpoint, IPAddress
from probes.framework import vantage
from probes.framework.evidence import Failure, FailureKind, Observation
from probes.framework.profile import QUICK, Profile
from probes.framework.recorder import Recorder
from probes.framework.vantage import ControlNames, SelfTest, self_test
from probes.net.api import DnsQuestion, EchoShape, Fetched, HttpRequest, Net, T
from probes.observations.dns import DnsExchange, NameLookup
from probes.observations.transport import EchoSeries, TcpConnect
from probes.observations.vantage import (
    ControlAnswer,
    ControlPath,
    FittedSegments,
    FullSizeTransfer,
    NtpAnswer,
    ResolverFact,
    VantageAddress,
)
from tests.unit.probes.framework.examples import REFUSED, TIMEOUT, V4, V6, look

ROOT6, ROOT4 = ip_address("2001:db8:53::1"), ip_address("198.51.100.53")
NO_ROUTE = Failure(kind=FailureKind.NO_ROUTE_HERE, detail="Network is unreachable", errno=101)


@dataclass
class FakeNet:
    """Answers every question except those in ``failures``, by address or by (address, transport)."""

    failures: dict[object, Failure] = field(default_factory=dict)
    wire: bytes | None = None
    echoes: tuple[float | None, ...] = (0.01,)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    carries: int = 1500
    told: str | None = None
    transfers: dict[int, FullSizeTransfer] = field(default_factory=dict)
    aaaa: tuple[str, ...] = ()
    fitted: dict[int, int] = field(default_factory=dict)

    def _failure(self, address: IPAddress, transport: str) -> Failure | None:
        return self.failures.get((str(address), transport), self.failures.get(str(address)))

    async def tcp(self, rec: Recorder, endpoint: Endpoint) -> TcpConnect:
        failure = self._failure(endpoint.address, f"tcp/{endpoint.port}")
        step = TcpConnect(address=endpoint.address, port=endpoint.port or 0, failure=failure)
        return rec.record(step, t0=rec.now())

    async def echo(self, rec: Recorder, address: IPAddress, shape: EchoShape | None = None) -> EchoSeries:
        failure, size = self._failure(address, "icmp"), 56 if shape is None else shape.size
        lost = size + (48 if address.version == 6 else 28) > self.carries
        step = EchoSeries(
            address=address,
            interval=1.0,
            payload_size=size,
            rtts=(None,) * len(self.echoes) if lost else self.echoes,
            error=self.told if lost else None,
            mtu=self.carries if lost and self.told else None,
            failure=failure,
        )
        return rec.record(step, t0=rec.now())

    @property
    def connector(self) -> "FakeNet":
        return self

    @property
    def setting(self) -> "FakeNet":
        return self

    @property
    def timing(self) -> Profile:
        return QUICK

    def fit(self, family: int, size: int) -> None:
        self.fitted[family] = size

    def shared(self, make: Callable[["FakeNet"], T]) -> T:
        return make(self)

    async def step(
        self, rec: Recorder, address: IPAddress, blank: Observation, run: object, **rules: object
    ) -> Observation:
        match blank:
            case FullSizeTransfer():
                known = self.transfers.get(blank.port, replace(blank, failure=REFUSED))
                return rec.record(replace(known, address=address, port=blank.port, way=blank.way), t0=rec.now())
            case NtpAnswer():
                self.asked.append(("", "", "udp/123"))
                failure = self._failure(address, "udp/123")
                told = replace(blank, offset=None if failure else 0.5, synchronised=failure is None, failure=failure)
                return rec.record(told, t0=rec.now())
            case _:
                return rec.record(blank, t0=rec.now())

    async def dns(self, rec: Recorder, server: Endpoint, question: DnsQuestion, transport: str) -> DnsExchange:
        self.asked.append((question.name, question.rtype, transport))
        failure = self._failure(server.address, f"{transport}/53")
        response = None if failure else self.wire or _answer(question)
        step = DnsExchange(
            server=server.address,
            transport=transport,
            qname=question.name,
            qtype=question.rtype,
            response=response,
            failure=failure,
        )
        return rec.record(step, t0=rec.now())

    async def fetch(self, request: HttpRequest) -> Fetched:
        raise AssertionError("a step that is answered is not run")

    @property
    def names(self) -> "FakeNet":
        return self

    async def lookup(self, rec: Recorder, name: str, rtype: str, *, role: str) -> NameLookup:
        return rec.record(look(rtype, *self.aaaa, role=role, name=name), t0=rec.now())


def _answer(question: DnsQuestion) -> bytes:
    message = dns.message.make_response(dns.message.make_query(question.name, question.rtype))
    message.flags |= dns.flags.AA
    return message.to_wire()


def _run(test: SelfTest, net: FakeNet) -> Recorder:
    ticks = iter(range(1_000_000))
    rec = Recorder(lambda: next(ticks) / 1_000)
    asyncio.run(self_test(test, cast(Net, net), rec))
    return rec


@pytest.fixture(autouse=True)
def routes(monkeypatch: pytest.MonkeyPatch) -> dict[int, IPAddress | Failure]:
    """Our own address by family; the real one asks the kernel."""
    own: dict[int, IPAddress | Failure] = {6: ip_address("2001:db8:aaaa::1"), 4: ip_address("203.0.113.1")}
    monkeypatch.setattr(vantage, "source_toward", lambda address: own[address.version])
    return own


def _controls(rec: Recorder) -> dict[tuple[str, str], Failure | None]:
    return {(str(s.address), s.transport): s.failure for s in rec.steps if isinstance(s, ControlAnswer)}


def test_every_control_over_every_transport_and_the_roots() -> None:
    test = SelfTest(
        controls=(Endpoint(address=V6), Endpoint(address=V4, port=8443)),
        roots=(ROOT6, ROOT4),
        transports=frozenset({"icmp", "tcp/443", "tcp/25", "udp/53"}),
    )
    assert set(_controls(_run(test, FakeNet()))) == {
        *((str(V6), transport) for transport in ("icmp", "tcp/443", "tcp/25", "udp/53")),
        *((str(V4), transport) for transport in ("icmp", "tcp/8443")),
        *((str(root), transport) for root in (ROOT6, ROOT4) for transport in ("icmp", "udp/53", "tcp/53")),
    }


def test_connections_fit_the_path_that_a_router_of_ours_named() -> None:
    test, net = SelfTest(controls=(Endpoint(address=V6),), roots=()), FakeNet(carries=1480, told=str(ROOT6))
    steps = _run(test, net).steps
    assert net.fitted == {6: 1480}
    assert [step for step in steps if isinstance(step, FittedSegments)] == [
        FittedSegments(family=6, size=1480, t0=ANY, t=ANY)
    ]


@pytest.mark.parametrize("net", [FakeNet(), FakeNet(carries=1480)], ids=["whole", "nobody says it"])
def test_connections_are_left_alone_where_no_router_named_a_size(net: FakeNet) -> None:
    _run(SelfTest(controls=(Endpoint(address=V6),), roots=()), net)
    assert net.fitted == {}


def test_the_first_subjects_wait_for_no_more_than_full_packets() -> None:
    class Unhurried(FakeNet):
        async def echo(self, rec: Recorder, address: IPAddress, shape: EchoShape | None = None) -> EchoSeries:
            if shape is None:
                await fitted.wait()
            return await super().echo(rec, address, shape)

    fitted = asyncio.Event()
    test = SelfTest(controls=(Endpoint(address=V6),), roots=(), transports=frozenset())
    asyncio.run(self_test(test, cast(Net, Unhurried()), Recorder(lambda: 0.0), fitted))
    assert fitted.is_set()


def test_the_first_subjects_wait_for_no_more_than_the_first_full_packet_of_each_family() -> None:
    class Unhurried(FakeNet):
        async def echo(self, rec: Recorder, address: IPAddress, shape: EchoShape | None = None) -> EchoSeries:
            if shape is not None and shape.heard is not None:
                if str(address) not in self.failures:
                    shape.heard()
                await fitted.wait()  # a series ends long after its first reply
            return await super().echo(rec, address, shape)

    fitted = asyncio.Event()
    controls = tuple(Endpoint(address=address) for address in (V6, V4, ROOT6, ROOT4))
    net = Unhurried(failures={str(ROOT6): TIMEOUT, str(ROOT4): TIMEOUT}, carries=1480, told=str(ROOT6))
    test = SelfTest(controls=controls, roots=(), transports=frozenset())
    asyncio.run(self_test(test, cast(Net, net), Recorder(lambda: 0.0), fitted))
    assert fitted.is_set()
    assert net.fitted == {}


def test_a_brief_self_test_sends_few_echoes_of_usual_size_to_each_control() -> None:
    shapes: list[tuple[IPAddress, EchoShape | None]] = []

    class Noting(FakeNet):
        async def echo(self, rec: Recorder, address: IPAddress, shape: EchoShape | None = None) -> EchoSeries:
            shapes.append((address, shape))
            return await super().echo(rec, address, shape)

    test = SelfTest(controls=(Endpoint(address=V6),), roots=(ROOT4,), is_brief=True)
    rec = _run(test, Noting())
    usual = [(address, shape.count, shape.interval) for address, shape in shapes if shape and shape.size == 56]
    assert sorted(usual, key=str) == sorted([(V6, 3, 0.1), (ROOT4, 3, 0.1)], key=str)
    assert all(shape is not None for _, shape in shapes)
    assert _path(rec).rtts == (0.01,)


def _path(rec: Recorder) -> ControlPath:
    (found,) = [step for step in rec.steps if isinstance(step, ControlPath)]
    return found


def test_full_packets_that_come_back_need_no_smaller_ones() -> None:
    path = _path(_run(SelfTest(controls=(Endpoint(address=V6),), roots=(ROOT6,)), FakeNet()))
    assert (path.address, path.rtts, path.implied) == (V6, (0.01,), False)
    assert [(one.size, one.received) for one in path.sizes] == [(1500, 1)]


@pytest.mark.parametrize(("told", "router"), [("2/0 from 2001:db8:77::1", ip_address("2001:db8:77::1")), (None, None)])
def test_the_largest_packet_that_comes_back_is_found(told: str | None, router: IPAddress | None) -> None:
    net = FakeNet(carries=1488 if told else 1480, told=told)
    path = _path(_run(SelfTest(controls=(Endpoint(address=V6),), roots=()), net))
    assert max(one.size for one in path.sizes if one.received) == net.carries
    assert (path.told, path.router) == (1488 if told else None, router)


def test_a_test_without_the_own_way_asks_as_before() -> None:
    test = SelfTest(controls=(Endpoint(address=V6),), roots=(), own_way=False)
    rec = _run(test, FakeNet(transfers={7: WHOLE}))
    assert not [step for step in rec.steps if isinstance(step, ControlPath | FullSizeTransfer)]
    assert set(_controls(rec)) == {(str(V6), "icmp"), (str(V6), "tcp/443")}


def test_without_controls_a_few_root_servers_stand_for_them() -> None:
    rec = _run(SelfTest(controls=(), roots=(ROOT6, ROOT4)), FakeNet())
    paths = [step for step in rec.steps if isinstance(step, ControlPath)]
    assert {(one.address, one.implied) for one in paths} == {(ROOT6, True), (ROOT4, True)}


WHOLE = FullSizeTransfer(address=V6, port=7, way="echo", mss=1440, sent=12_000, acknowledged=12_000, received=12_000)


@pytest.mark.parametrize(
    ("transfers", "said"),
    [
        ({7: WHOLE}, None),
        ({7: replace(WHOLE, acknowledged=1_440, received=0, failure=TIMEOUT)}, TIMEOUT),
        ({443: replace(WHOLE, sent=3_500, acknowledged=3_500, received=4_100)}, None),
        ({443: replace(WHOLE, sent=3_500, acknowledged=3_500, received=0, failure=TIMEOUT)}, TIMEOUT),
    ],
)
def test_full_segments_to_a_control_and_back(transfers: dict[int, FullSizeTransfer], said: Failure | None) -> None:
    rec = _run(SelfTest(controls=(Endpoint(address=V6),), roots=()), FakeNet(transfers=transfers))
    assert _controls(rec)[str(V6), "tcp-full"] == said


@pytest.mark.parametrize(
    ("port", "transfers"),
    [
        (None, {}),  # nobody listens
        (None, {443: replace(WHOLE, sent=3_500, acknowledged=3_500, received=1_900)}),  # a short certificate
        (22, {22: replace(WHOLE, received=0, failure=TIMEOUT)}),  # speaks another protocol
    ],
)
def test_a_control_that_says_too_little_shows_nothing_of_full_segments(
    port: int | None, transfers: dict[int, FullSizeTransfer]
) -> None:
    rec = _run(SelfTest(controls=(Endpoint(address=V6, port=port),), roots=()), FakeNet(transfers=transfers))
    assert "tcp-full" not in {transport for _, transport in _controls(rec)}


def test_every_clock_is_asked_and_again_after_silence() -> None:
    net = FakeNet(failures={(str(V4), "udp/123"): TIMEOUT})
    test = SelfTest(controls=(), roots=(), clocks=(Endpoint(address=V6), Endpoint(address=V4)))
    found = [step for step in _run(test, net).steps if isinstance(step, NtpAnswer)]
    assert {(step.server, step.offset) for step in found} == {(V6, 0.5), (V4, None)}
    assert net.asked == [("", "", "udp/123")] * 3


def test_only_a_few_roots_are_bothered() -> None:
    many = tuple(ip_address(f"2001:db8:53::{n}") for n in range(1, 10))
    rec = _run(SelfTest(controls=(), roots=many), FakeNet())
    assert len({address for address, _ in _controls(rec)}) == 3


def test_refused_came_back_and_silence_did_not() -> None:
    test = SelfTest(controls=(Endpoint(address=V6), Endpoint(address=V4)), roots=())
    rec = _run(test, FakeNet(failures={(str(V6), "tcp/443"): REFUSED, (str(V4), "tcp/443"): TIMEOUT}, echoes=(None,)))
    answers = _controls(rec)
    assert answers[str(V6), "tcp/443"] == REFUSED
    assert answers[str(V4), "tcp/443"] == TIMEOUT
    echo = answers[str(V6), "icmp"]
    assert echo is not None
    assert echo.kind is FailureKind.TIMEOUT


def test_one_root_of_each_family_is_asked_whether_anybody_intercepts() -> None:
    rec = _run(SelfTest(controls=(), roots=(ROOT6, ROOT4, ip_address("2001:db8:53::2"))), FakeNet())
    facts = [step for step in rec.steps if isinstance(step, ResolverFact)]
    assert {(fact.step, fact.server) for fact in facts} == {("root", ROOT6), ("root", ROOT4)}
    assert all(fact.answered and fact.authoritative and not fact.authentic for fact in facts)


def test_the_resolver_is_asked_for_what_it_must_refuse_and_must_not_invent() -> None:
    net = FakeNet()
    names = ControlNames(signed="signed.test", bogus="bogus.test")
    _run(SelfTest(controls=(), roots=(), resolvers=(Endpoint(address=V6),), names=names, token="t0k"), net)
    assert sorted(net.asked) == [
        ("bogus.test", "A", "tcp"),
        ("bogus.test", "A", "udp"),
        ("ipv4only.arpa", "AAAA", "udp"),
        ("signed.test", "SOA", "tcp"),
        ("signed.test", "SOA", "udp"),
        ("t0k.invalid", "A", "udp"),
    ]


@pytest.mark.parametrize(
    ("failures", "asked"),
    [
        (
            {str(ROOT6): TIMEOUT, str(ROOT4): TIMEOUT},
            ["a.root-servers.net", "ipv4only.arpa", "t0k.invalid", "www.t0k.com"],
        ),
        ({str(ROOT6): TIMEOUT}, []),
        ({str(ROOT6): TIMEOUT, str(ROOT4): TIMEOUT, str(V6): TIMEOUT}, []),
    ],
)
def test_resolvers_that_nobody_chose_are_asked_where_no_root_answers(
    failures: dict[object, Failure], asked: list[str]
) -> None:
    test = SelfTest(controls=(), roots=(ROOT6, ROOT4), fallback=(Endpoint(address=V6),), own_way=False, token="t0k")
    net = FakeNet(failures=failures)
    rec = _run(test, net)
    facts = [step for step in rec.steps if isinstance(step, ResolverFact) and step.server == V6]
    assert [fact.step for fact in facts] == (["dns64", "nxdomain", "missing", "hidden"] if asked else [])
    assert sorted(name for name, _, _ in net.asked if name != ".") == (
        asked or ["ipv4only.arpa"] * 2 * (str(V6) in failures)
    )


def test_a_resolver_of_the_internet_is_asked_for_what_a_registry_denies() -> None:
    net = FakeNet()
    _run(SelfTest(controls=(), roots=(ROOT6,), resolvers=(Endpoint(address=V6),), own_way=False, token="t0k"), net)
    assert ("www.t0k.com", "A", "udp") in net.asked


def test_what_is_not_configured_is_recorded_as_not_asked() -> None:
    rec = _run(SelfTest(controls=(), roots=(), resolvers=(Endpoint(address=V6),)), FakeNet())
    silent = {step.step for step in rec.steps if isinstance(step, ResolverFact) and not step.answered}
    assert silent == {"signed", "bogus"}


@pytest.mark.parametrize("wire", [b"\0", b"\xff" * 40])
def test_an_unreadable_answer_is_no_answer(wire: bytes) -> None:
    net = FakeNet(wire=wire)
    rec = _run(SelfTest(controls=(), roots=(ROOT6,)), net)
    (fact,) = (step for step in rec.steps if isinstance(step, ResolverFact))
    assert not fact.answered
    assert fact.failure is not None
    assert fact.failure.kind is FailureKind.PROTOCOL


def test_our_own_address_of_each_family_that_has_a_target(routes: dict[int, IPAddress | Failure]) -> None:
    routes[4] = NO_ROUTE
    rec = _run(SelfTest(controls=(Endpoint(address=V6),), roots=(ROOT6, ROOT4)), FakeNet())
    assert _own(rec.steps) == [(6, routes[6], None, V6), (4, None, NO_ROUTE, ROOT4)]
    assert _own(_run(SelfTest(controls=(Endpoint(address=V6),), roots=()), FakeNet()).steps) == [
        (6, routes[6], None, V6)
    ]


def test_self_test_says_which_addresses_others_see(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.framework.vantage.source_toward", lambda target: target)
    rec = _run(SelfTest(controls=(), roots=(ROOT6, ROOT4), public=(V6, V4)), FakeNet())
    assert {(step.family, step.public) for step in rec.steps if isinstance(step, VantageAddress)} == {
        (6, (V6,)),
        (4, (V4,)),
    }


def _own(steps: Iterable[object]) -> list[tuple[int, object, object, object]]:
    return [(s.family, s.source, s.failure, s.toward) for s in steps if isinstance(s, VantageAddress)]


@pytest.mark.parametrize(
    ("aaaa", "fetched"),
    [
        (("2001:db8:a::1",), {"2001:db8:a::1"}),
        ((), set()),
        (("2001:db8:a::1", "2001:db8:a::2"), {"2001:db8:a::1", "2001:db8:a::2"}),  # one of them may be down
        (tuple(f"2001:db8:a::{n}" for n in range(1, 9)), {"2001:db8:a::1", "2001:db8:a::2", "2001:db8:a::3"}),
    ],
)
def test_a_name_with_aaaa_only_is_fetched_from_its_address(aaaa: tuple[str, ...], fetched: set[str]) -> None:
    test = SelfTest(controls=(), roots=(), names=ControlNames(aaaa_only="only.test"))
    answers = _controls(_run(test, FakeNet(aaaa=aaaa)))
    assert {address for address, transport in answers if transport == "aaaa-only"} == fetched


def test_steps_that_only_serve_are_summed_up_and_not_kept() -> None:
    test = SelfTest(controls=(Endpoint(address=V6),), roots=(ROOT6,), names=ControlNames(aaaa_only="only.test"))
    kinds = {type(step) for step in _run(test, FakeNet(aaaa=("2001:db8:a::1",))).steps}
    assert kinds == {ControlAnswer, ControlPath, FullSizeTransfer, ResolverFact, VantageAddress}

"""Simulates connection points, a clock that a test moves, and rounds over both."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import cast

from auditor.service.config.model import VantageSection
from auditor.service.pipeline.plan.plan import Plan
from auditor.service.sampling.clock import Moment
from auditor.service.sampling.rounds import RoundResult, RoundSampler
from auditor.service.sampling.settings import SamplerSettings
from auditor.service.store.api import Store
from auditor.service.store.records import Sample, Series
from inventory.inventory import Inventory
from inventory.model import AgencyId, Clearance, Endpoint, IPAddress, Kind, Network, Service, Subject, SubjectId
from inventory.organisation import Organisation
from probes.framework.evidence import Failure, FailureKind, Observation
from probes.framework.recorder import Recorder
from probes.framework.vantage import SelfTest
from probes.net.api import DnsQuestion, EchoShape, Net, SnmpDevice
from probes.observations.dns import DnsExchange
from probes.observations.series import REACH
from probes.observations.snmp import SnmpAccess, SnmpAttempt, SnmpGet, SnmpSession, SnmpWalk, Varbind
from probes.observations.traces import HopProbe, PathTrace
from probes.observations.transport import EchoSeries, StampSeries, TcpConnect

START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
SILENCE = Failure(kind=FailureKind.TIMEOUT)
HUB = "trung-tam"


class Ended(Exception):
    """Raised by a test to end a round."""


@dataclass
class Hands:
    """Returns the time of two simulated clocks: ``turn`` advances both, ``set_wall`` only the wall clock."""

    wall: datetime = START
    steady: float = 1_000.0
    boot: str = "one"

    def __call__(self) -> Moment:
        return Moment(wall=self.wall, steady=self.steady, boot=self.boot)

    def turn(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.steady += seconds

    def set_wall(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)


@dataclass
class Machine:
    """Simulates an address.

    ``rtts``: delays of consecutive requests, repeated in a cycle; None: no reply. ``stamps``: the same of test packets
    to a STAMP responder.
    """

    rtts: Sequence[float | None] = (0.010,)
    stamps: Sequence[float | None] = (None,)
    failure: Failure | None = None
    ports: Mapping[int, Failure | None] = field(default_factory=dict)
    objects: Callable[[], Mapping[str, int | str]] | None = None
    rejects: bool = False
    mtu: int | None = None
    hops: Sequence[str | None] = ()
    asked: list[str] = field(default_factory=list)


DEAD = Machine(rtts=(None,))


@dataclass
class _Device:
    session: SnmpSession
    objects: Mapping[str, int | str]

    async def get(self, rec: Recorder, oids: Sequence[str]) -> SnmpGet:
        rows = tuple(_varbind(oid, self.objects[oid]) for oid in oids if oid in self.objects)
        return SnmpGet(address=self.session.address, port=161, profile="p", oids=tuple(oids), rows=rows)

    @property
    def contexts(self) -> tuple[str, ...]:
        return ()

    async def walk(self, rec: Recorder, root: str, *, rows: int = 5_000, context: str = "") -> SnmpWalk:
        found = tuple(_varbind(oid, value) for oid, value in self.objects.items() if oid.startswith(f"{root}."))
        return SnmpWalk(address=self.session.address, port=161, profile="p", root=root, rows=found)

    async def access(self, rec: Recorder) -> SnmpAccess:
        raise AssertionError("a sample asks for no access tables")

    async def levels(self, rec: Recorder) -> None:
        raise AssertionError("a sample tries no other level")

    async def communities(self, rec: Recorder) -> None:
        raise AssertionError("a sample tries no community")


def _varbind(oid: str, value: int | str) -> Varbind:
    if isinstance(value, int):
        return Varbind(oid, "int", str(value))
    return Varbind(oid, "octets", value.encode().hex())


@dataclass
class World:
    machines: dict[IPAddress, Machine] = field(default_factory=dict)
    stop_at: IPAddress | None = None

    def at(self, address: IPAddress, method: str) -> Machine:
        machine = self.machines.get(address, DEAD)
        machine.asked.append(method)
        if address == self.stop_at:
            raise Ended
        return machine

    async def echo(self, rec: Recorder, address: IPAddress, shape: EchoShape | None = None) -> EchoSeries:
        machine, count = self.at(address, "echo"), 5 if shape is None else shape.count
        rtts = tuple(machine.rtts[n % len(machine.rtts)] for n in range(count)) if machine.failure is None else ()
        size = 56 if shape is None else shape.size
        if machine.mtu is not None and size + (48 if address.version == 6 else 28) > machine.mtu:
            rtts = (None,) * count
        step = EchoSeries(address=address, interval=0.02, payload_size=size, rtts=rtts, failure=machine.failure)
        return rec.record(step, t0=rec.now())

    async def step(
        self, rec: Recorder, address: IPAddress, blank: Observation, run: object, *, packets: int = 1, **rules: object
    ) -> Observation:
        """Simulate the steps of the engines that samples and looks at vantages use."""
        match blank:
            case StampSeries():
                machine = self.at(address, f"stamp/{blank.port}")
                rtts = tuple(machine.stamps[n % len(machine.stamps)] for n in range(packets))
                return rec.record(replace(blank, rtts=rtts), t0=rec.now())
            case PathTrace():
                machine = self.at(address, f"trace/{blank.protocol}")
                probes = [
                    HopProbe(
                        hop=number, source=None if hop is None else ip_address(hop), answer=hop and "time-exceeded"
                    )
                    for number, hop in enumerate(machine.hops, 1)
                ]
                if machine.hops:
                    probes.append(HopProbe(hop=len(probes) + 1, source=address, answer="reached"))
                return rec.record(replace(blank, probes=tuple(probes), failure=machine.failure), t0=rec.now())
            case _:
                raise AssertionError(f"nobody asks for {type(blank).__name__} here")

    async def dns(self, rec: Recorder, server: Endpoint, question: DnsQuestion, transport: str) -> DnsExchange:
        port = server.port or 0
        failure = self.at(server.address, f"{transport}/{port}").ports.get(port, SILENCE)
        step = DnsExchange(
            server=server.address, port=port, transport=transport, qname=question.name, qtype="NS", failure=failure
        )
        return rec.record(step, t0=rec.now())

    async def tcp(self, rec: Recorder, endpoint: Endpoint) -> TcpConnect:
        port = endpoint.port or 0
        failure = self.at(endpoint.address, f"tcp/{port}").ports.get(port, SILENCE)
        return rec.record(TcpConnect(address=endpoint.address, port=port, failure=failure), t0=rec.now())

    @asynccontextmanager
    async def snmp(
        self, rec: Recorder, endpoint: Endpoint, profiles: Sequence[str], *, device: str
    ) -> AsyncIterator[SnmpDevice | None]:
        machine = self.at(endpoint.address, "snmp")
        attempt = SnmpAttempt("p", "3", machine.rejects, None if machine.objects else SILENCE)
        session = SnmpSession(
            address=endpoint.address,
            port=161,
            attempts=(attempt,),
            profile="p" if machine.objects else None,
            failure=None if machine.objects else SILENCE,
        )
        rec.record(session, t0=rec.now())
        yield _Device(session, machine.objects()) if machine.objects else None


def point(number: int, *, v6: bool = True, **changed: object) -> Subject:
    """Return commune ``number``, with an IPv4 and, by default, an IPv6 address."""
    addresses = [ip_address(f"10.64.{number}.1")] + ([ip_address(f"2001:db8:7510:{number}::1")] if v6 else [])
    made = Subject(
        id=SubjectId(f"xa-{number}"),
        kind=Kind.CONNECTION_POINT,
        kinds=frozenset({Kind.CONNECTION_POINT}),
        agency=AgencyId(f"X{number}"),
        name=f"xa-{number}",
        addresses=tuple(addresses),
        network=Network.TSLCD,
        snmp_profile="p",
    )
    return replace(made, **changed)  # type: ignore[arg-type]  # of the test's own making


SNMP = (Service(name="snmp", port=161),)


def machines(*subjects: Subject, **changed: object) -> dict[IPAddress, Machine]:
    return {
        address: Machine(**changed)  # type: ignore[arg-type]  # of the test's own making
        for subject in subjects
        for address in subject.addresses
    }


def rounds(
    world: World,
    store: Store,
    hands: Hands,
    *subjects: Subject,
    settings: SamplerSettings | None = None,
    organisation: Organisation | None = None,
) -> RoundSampler:
    """Return the rounds of a plan that has only the attributes that rounds read."""

    @asynccontextmanager
    async def open_net(made: Plan) -> AsyncIterator[Net]:
        yield cast(Net, world)

    made = Plan.__new__(Plan)
    held = {
        "inventory": Inventory(subjects=subjects, organisation=organisation or Organisation()),
        "vantage": VantageSection(name=HUB, networks=(Network.TSLCD.value,)),
        "clearance": Clearance.NORMAL,
        "selftest": SelfTest(controls=(), roots=()),
        "inside_prefixes": (),
    }
    for name in Plan.__dataclass_fields__:
        object.__setattr__(made, name, held.get(name))
    return RoundSampler(made, store, settings or SamplerSettings(), open_net, hands)


async def take(sampler: RoundSampler, hands: Hands, number: int = 1) -> list[RoundResult]:
    """Take ``number`` rounds, five minutes apart, the first one now."""
    found = []
    for _ in range(number):
        found.append(await sampler.take())
        hands.turn(300)
    return found


def held(
    store: Store, subject: Subject, metric: str = REACH, family: int = 0, interface: str = ""
) -> list[tuple[float | None, str]]:
    series = Series(subject=subject.id, metric=metric, vantage=HUB, family=family, interface=interface)
    return [(one.value, one.quality.value) for one in _all(store, series)]


def _all(store: Store, series: Series) -> list[Sample]:
    return list(store.samples(series, START - timedelta(days=400), START + timedelta(days=400)))

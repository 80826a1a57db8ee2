"""Puts a round of several vantages into a store: portals, a site inside TSLCD, and the results of each vantage."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address

from auditor.framework import catalogue, policy
from auditor.framework.context import ReferenceData
from auditor.framework.findings import CheckId
from auditor.judging.vantage import SELFTEST, vantage_subject
from auditor.service.store.api import Store
from auditor.service.store.records import RunRecord, RunState
from auditor.service.store.run_options import RunOptions
from inventory.inventory import Inventory, SourceFile
from inventory.model import AgencyId, Endpoint, Kind, Network, Service, Subject, SubjectId
from inventory.organisation import Organisation, Unit
from probes.framework.codec import dump_frozen, evidence_id
from probes.framework.evidence import Evidence, Failure, FailureKind, Observation, RunId
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.transport import TcpConnect
from probes.observations.vantage import ControlAnswer, ResolverFact, VantageAddress

START = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
REACH = CheckId("ipv6.web.reach")
ROUND = RunId("round")
TIMEOUT, REFUSED = Failure(kind=FailureKind.TIMEOUT), Failure(kind=FailureKind.REFUSED)
NO_ROUTE = Failure(kind=FailureKind.NO_ROUTE_HERE)
PORTAL, OTHER, INSIDE = (SubjectId(f"{name}.example.vn") for name in ("cong", "dich-vu", "xa-a"))
ADDRESSES = {PORTAL: "2001:db8:1::1", OTHER: "2001:db8:2::1", INSIDE: "2001:db8:7510::1"}
CONTROLS = {6: ("2001:db8:f::1", "2001:db8:e::1"), 4: ("192.0.2.1", "198.51.100.1")}
_UNIT = AgencyId("A")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Describes the results of one vantage.

    ``got``: for a subject the failure of a connection, None if it succeeded; a missing subject was not measured.
    ``families``: those that work there.
    """

    name: str
    networks: tuple[str, ...] = ("internet",)
    got: Mapping[SubjectId, Failure | None] = field(default_factory=dict)
    addresses: Mapping[SubjectId, str] = field(default_factory=dict)
    families: frozenset[int] = frozenset({4, 6})
    checks: tuple[CheckId, ...] = (REACH,)
    unmeasured: frozenset[SubjectId] = frozenset()
    """Those with which it was cut off before it was done."""

    @property
    def run(self) -> RunId:
        return RunId(f"run-{self.name}")


def subjects() -> tuple[Subject, ...]:
    return tuple(
        Subject(
            id=name,
            kind=Kind.PORTAL,
            kinds=frozenset({Kind.PORTAL}),
            agency=_UNIT,
            name=name,
            host=name,
            network=Network.TSLCD if name == INSIDE else Network.INTERNET,
            services=(Service(name="https", port=443),),
        )
        for name in ADDRESSES
    )


def add_round(store: Store, *places: Place, start: datetime = START, name: str = "tháng ba", id: RunId = ROUND) -> None:
    """Add a round whose members are measured but not judged."""
    made = _record(store, id, name, start)
    store.create_run(made)
    for place in places:
        add_member(store, place, start, round=id)


def add_member(store: Store, place: Place, start: datetime = START, *, round: RunId | None = None) -> RunId:
    """Add the measurements of one vantage; without a round, as a run of its own."""
    run = place.run if start == START else RunId(f"{place.run}-{start:%m%d}")
    store.create_run(_record(store, run, "", start, place, round))
    store.add_subjects(run, subjects())
    store.add_evidence(evidence_of(run, place, start))
    store.mark_measured(run, *(subject for subject in ADDRESSES if subject not in place.unmeasured))
    state = RunState.INTERRUPTED if place.unmeasured else RunState.FINISHED
    store.finish_run(run, start + timedelta(hours=1), state)
    return run


def inventory() -> Inventory:
    return Inventory(
        subjects=subjects(),
        organisation=Organisation(units=(Unit(code=_UNIT, name="Sở A", level="department"),)),
        sources=(SourceFile(name="danh-muc.csv", sha256="00" * 32),),
    )


def _record(
    store: Store, id: RunId, name: str, start: datetime, place: Place | None = None, round: RunId | None = None
) -> RunRecord:
    checks = tuple(catalogue.load().checks) if place is None else place.checks
    return RunRecord(
        id=id,
        name=name,
        started=start,
        version="0.1.0",
        profile="audit",
        inventory=store.put_blob(inventory().to_json()),
        reference=store.put_blob(dump_frozen(ReferenceData(documentation_is_global=True))),
        policy=store.put_blob(dump_frozen(policy.default())),
        vantage="" if place is None else place.name,
        networks=() if place is None else place.networks,
        options=RunOptions(checks=(REACH,) if place is None else checks),
        round=round,
    )


def evidence_of(run: RunId, place: Place, start: datetime) -> Iterator[Evidence]:
    own = vantage_subject(place.name).id
    for number, minutes in enumerate((0, 55)):
        steps = tuple(_selftest(place.families))
        yield _envelope(run, place, own, SELFTEST, f"{number}", start + timedelta(minutes=minutes), *steps)
    for subject, failure in place.got.items():
        address = place.addresses.get(subject, ADDRESSES[subject])
        looks = (
            NameLookup(name=subject, rtype=rtype, role="host", status=LookupStatus.ANSWER, records=records, t=0.01)
            for rtype, records in (("AAAA", (address,)), ("A", ()))
        )
        when = start + timedelta(minutes=10)
        yield _envelope(run, place, subject, "dns", "names", when, *looks)
        connect = TcpConnect(address=ip_address(address), port=443, t=0.01, failure=failure)
        yield _envelope(run, place, subject, "tcp", f"[{address}]:443", when, connect, to=address)


def _selftest(families: frozenset[int]) -> Iterator[Observation]:
    yield ResolverFact(step="root", answered=True, authoritative=True)
    for family, controls in CONTROLS.items():
        works = family in families
        sources = {6: ip_address("2001:db8:a::2"), 4: ip_address("203.0.113.2")}
        yield VantageAddress(
            family=family,
            source=sources[family] if works else None,
            toward=ip_address(controls[0]),
            failure=None if works else NO_ROUTE,
        )
        for control in controls:
            for transport in ("icmp", "tcp/443", "tcp-full"):
                yield ControlAnswer(
                    address=ip_address(control), transport=transport, failure=None if works else NO_ROUTE
                )


def _envelope(
    run: RunId,
    place: Place,
    subject: SubjectId,
    probe: str,
    task: str,
    when: datetime,
    *steps: Observation,
    to: str | None = None,
) -> Evidence:
    return Evidence(
        id=evidence_id(run, subject, probe, task, 1),
        run=run,
        subject=subject,
        endpoint=None if to is None else Endpoint(address=IPv6Address(to), port=443, name=subject),
        task=task,
        probe=probe,
        probe_version=1,
        attempt=1,
        vantage=place.name,
        started=when,
        queued=0.0,
        steps=steps,
    )

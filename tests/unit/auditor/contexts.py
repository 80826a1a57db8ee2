"""Holds a subject, a policy, a vantage and checks made for one test each; nothing comes from the registries."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from auditor.framework.check import (
    Check,
    CheckFn,
    CheckScope,
    FamilyClaim,
    Granularity,
    Message,
    SilenceMeaning,
    VantageKind,
    fail,
    inconclusive,
    not_applicable,
    passed,
    warn,
)
from auditor.framework.context import Context, Health, SelfTestPoint, TransportKey, VantageHealth
from auditor.framework.findings import CheckId, Finding, Level, LevelBasis, Reason, Severity, Verdict
from auditor.framework.policy import Policy
from auditor.judging.judge import OnBug, judge
from inventory.model import AgencyId, Clearance, Endpoint, IPAddress, Kind, Network, Service, Subject, SubjectId
from probes.framework.codec import evidence_id
from probes.framework.evidence import Evidence, EvidenceSet, Failure, FailureKind, Observation, RunId
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.transport import TcpConnect

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
A6, B6 = ip_address("2001:db8:1::1"), ip_address("2001:db8:1::2")
A4 = ip_address("192.0.2.1")
TIMEOUT = Failure(kind=FailureKind.TIMEOUT)
REFUSED = Failure(kind=FailureKind.REFUSED)
POLICY = Policy(
    levels={"test.*": (Level.REQUIRED, LevelBasis.VERIFIED)},
    severities={"test.*": {"default": Severity.HIGH, "router": Severity.LOW}},
    thresholds={},
)
MESSAGES: Mapping[str, Message] = {
    "GOOD": passed("Good."),
    "SO_SO": warn("So so."),
    "BAD": fail("Bad."),
    "NOT_HERE": not_applicable("Not here."),
    "UNSURE": inconclusive("Unsure.", reason=Reason.AMB),
    "VARIES": inconclusive("Unsure, for some reason."),
}


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def point(
    minutes: float,
    *families: int,
    iterative: bool = True,
    clock: bool = True,
    invents: bool = False,
    hides: bool = False,
) -> SelfTestPoint:
    return SelfTestPoint(
        at=at(minutes),
        label="",
        families=frozenset(families),
        iterative=iterative,
        clock=clock,
        invents=invents,
        hides=hides,
    )


def vantage(
    *points: SelfTestPoint,
    controls: tuple[TransportKey, ...] = (),
    networks: frozenset[Network] = frozenset({Network.INTERNET}),
) -> VantageHealth:
    """Return a vantage that is healthy before and after unless points are given; ``controls`` answered."""
    return VantageHealth(
        name="here",
        networks=networks,
        ipv4=Health.OK,
        ipv6=Health.OK,
        dns=Health.OK,
        points=points or (point(-60, 4, 6), point(60, 4, 6)),
        controls=frozenset(controls),
    )


def context(health: VantageHealth | None = None, *, clearance: Clearance = Clearance.NORMAL) -> Context:
    return Context(now=NOON, policy=POLICY, vantage=health or vantage(), clearance=clearance)


PROVEN = context(vantage(controls=((6, "tcp/443"), (4, "tcp/443"), (6, "icmp"))))
SITE = Subject(
    id=SubjectId("www.example.vn"),
    kind=Kind.PORTAL,
    kinds=frozenset({Kind.PORTAL}),
    agency=AgencyId("G01"),
    host="www.example.vn",
    services=(Service(name="https", port=443),),
)


def evidence(
    *steps: Observation, to: IPAddress | None = None, minutes: float = 0, probe: str = "tcp", attempt: int = 1
) -> Evidence:
    task = "www.example.vn" if to is None else f"{to}#443"
    return Evidence(
        id=evidence_id(RunId("run"), SITE.id, probe, task, attempt),
        run=RunId("run"),
        subject=SITE.id,
        endpoint=None if to is None else Endpoint(address=to, port=443),
        task=task,
        probe=probe,
        probe_version=1,
        attempt=attempt,
        vantage="here",
        started=at(minutes),
        queued=0.0,
        steps=steps,
    )


def names(*addresses: IPAddress, minutes: float = 0) -> Evidence:
    """Return the evidence that the site has these addresses."""
    found: dict[str, list[str]] = {"A": [], "AAAA": []}
    for address in addresses:
        found["A" if address.version == 4 else "AAAA"].append(str(address))
    looks = [
        NameLookup(name="www.example.vn", rtype=rtype, role="host", status=LookupStatus.ANSWER, records=tuple(records))
        for rtype, records in found.items()
    ]
    return evidence(*looks, probe="dns", minutes=minutes)


def connect(to: IPAddress, failure: Failure | None = None, *, minutes: float = 0, attempt: int = 1) -> Evidence:
    step = TcpConnect(address=to, port=443, failure=failure)
    return evidence(step, to=to, minutes=minutes, attempt=attempt)


def always(*verdicts: Verdict) -> CheckFn:
    def run(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
        yield from verdicts

    return run


def each_connect(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    """Judge carelessly: every address that did not open is BAD; the last attempt decides."""
    last = {step.address: (each_envelope, step) for each_envelope, step in evidence.of(TcpConnect)}
    for address, (envelope, step) in last.items():
        yield Verdict(code="BAD" if step.failure else "GOOD", address=address, evidence=(envelope.id,))


def check(
    run: CheckFn,
    *,
    name: str = "test.check",
    needs: tuple[type[Observation], ...] = (TcpConnect,),
    kinds: frozenset[Kind] = frozenset({Kind.PORTAL}),
    places: frozenset[VantageKind] = frozenset({VantageKind.INET}),
    claims: FamilyClaim = FamilyClaim.NONE,
    transports: frozenset[str] = frozenset(),
    unit: Granularity = Granularity.SUBJECT,
    presence: bool = False,
    clearance: Clearance = Clearance.NORMAL,
    question: SilenceMeaning = SilenceMeaning.SERVICE,
    scope: CheckScope = CheckScope.SUBJECT,
    clock: bool = False,
) -> Check:
    return Check(
        id=CheckId(name),
        version=7,
        title="",
        why="",
        fix="",
        references=(),
        needs=needs,
        kinds=kinds,
        vantage=places,
        claims=claims,
        transports=transports,
        unit=unit,
        presence=presence,
        window=None,
        clearance=clearance,
        question=question,
        scope=scope,
        messages=MESSAGES,
        run=run,
        clock=clock,
    )


def per_address(run: CheckFn = each_connect, claims: FamilyClaim = FamilyClaim.EACH) -> Check:
    return replace(check(run), unit=Granularity.ADDRESS, claims=claims)


def raise_it(check: Check, subject: Subject, error: Exception) -> None:
    raise error


def judged(
    what: Check, *found: Evidence, ctx: Context = PROVEN, subject: Subject = SITE, on_bug: OnBug = raise_it
) -> tuple[Finding, ...]:
    return judge(subject, EvidenceSet(found), [what], ctx, on_bug=on_bug)


def said(findings: tuple[Finding, ...]) -> list[tuple[str, str | None]]:
    """Return the code and address of each finding."""
    return [(finding.code, None if finding.address is None else str(finding.address)) for finding in findings]

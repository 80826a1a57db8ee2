"""Holds small, complete values to put into a store."""

from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address

from auditor.framework.findings import (
    Arg,
    CheckId,
    Finding,
    Level,
    LevelBasis,
    Outcome,
    Reason,
    Severity,
    VantageVerdict,
    Waiver,
    finding_id,
)
from auditor.service.store.records import JudgementId, JudgementRecord, RunRecord, digest_of
from auditor.service.store.run_options import RunOptions
from inventory.model import (
    AgencyId,
    DeclaredFacts,
    Endpoint,
    Expectation,
    ExpectedState,
    Kind,
    RowOrigin,
    Subject,
    SubjectId,
)
from probes.framework.codec import evidence_id
from probes.framework.evidence import Evidence, EvidenceId, Failure, FailureKind, RunId
from probes.observations.transport import EchoSeries, TcpConnect

RUN = RunId("2026-03-02-a")
JUDGEMENT = JudgementId("2026-03-02-a.1")
START = datetime(2026, 3, 2, 1, 30, 0, 123456, tzinfo=UTC)
PORTAL = SubjectId("www.example.vn")
ADDRESS = ip_address("2001:db8::1")


def run(name: RunId = RUN, *, started: datetime = START) -> RunRecord:
    return RunRecord(
        id=name,
        name="tháng ba",
        started=started,
        version="0.1.0",
        profile="audit",
        options=RunOptions(checks=(CheckId("ipv6.dns.ns-aaaa"),), reconciled=date(2026, 3, 1)),
        inventory=digest_of(b"inventory"),
        reference=digest_of(b"reference"),
        policy=digest_of(b"policy"),
        vantage="trung-tam-tinh",
        networks=("internet", "lan:hq"),
    )


def subject(name: str = PORTAL, agency: str | None = "G01", *owners: str) -> Subject:
    return Subject(
        id=SubjectId(name),
        kind=Kind.PORTAL,
        kinds=frozenset({Kind.PORTAL, Kind.ZONE}),
        agency=None if agency is None else AgencyId(agency),
        name="Cổng thông tin",
        host=name,
        addresses=(ADDRESS, ip_address("192.0.2.1")),
        expected=Expectation(state=ExpectedState.PLANNED, due=date(2027, 6, 1)),
        declared=DeclaredFacts(bandwidth_mbps=2.5, allowed_ports=(80, 443)),
        derived_from=tuple(SubjectId(owner) for owner in owners),
        origin=RowOrigin(source="inventory.xlsx", row=14),
    )


def evidence(
    name: str = PORTAL, task: str = "[2001:db8::1]:443", attempt: int = 1, *, of: RunId = RUN, detail: str = ""
) -> Evidence:
    refused = Failure(kind=FailureKind.REFUSED, detail=detail or "từ chối", errno=111)
    return Evidence(
        id=evidence_id(of, name, "tcp", task, attempt),
        run=of,
        subject=SubjectId(name),
        endpoint=Endpoint(address=ADDRESS, port=443, name=name),
        task=task,
        probe="tcp",
        probe_version=1,
        attempt=attempt,
        vantage="trung-tam-tinh",
        started=START + timedelta(seconds=attempt),
        queued=0.25,
        steps=(
            TcpConnect(address=ADDRESS, port=443, t0=0.0, t=0.015, failure=refused),
            EchoSeries(address=ADDRESS, interval=0.2, payload_size=56, rtts=(0.01, None), hop_limits=(61,)),
        ),
    )


def judgement(name: str = JUDGEMENT, *, of: RunId = RUN, minutes: int = 0) -> JudgementRecord:
    return JudgementRecord(
        id=JudgementId(name),
        run=of,
        catalogue="1",
        policy=digest_of(b"policy"),
        reference=digest_of(b"reference"),
        inventory=digest_of(b"inventory"),
        judged_at=START + timedelta(hours=1, minutes=minutes),
    )


def finding(name: str = PORTAL, check: str = "ipv6.web.reach", detail: str | None = None, **args: Arg) -> Finding:
    """Return a finding with every optional field set; ``plain_finding`` has them empty."""
    return Finding(
        id=finding_id(SubjectId(name), CheckId(check), ADDRESS, detail, "internet"),
        check=CheckId(check),
        check_version=2,
        code="UNREACHABLE",
        outcome=Outcome.INCONCLUSIVE,
        severity=Severity.HIGH,
        level=Level.REQUIRED,
        level_basis=LevelBasis.UNVERIFIED,
        subject=SubjectId(name),
        address=ADDRESS,
        detail=detail,
        vantage="trung-tam-tinh",
        reason=Reason.EGR,
        args=args,
        evidence=(EvidenceId("0123abcd"), EvidenceId('một "hai"')),
        waived=Waiver(reason="thay thiết bị", owner="Sở KHCN", until=date(2026, 12, 31)),
        trace="Traceback:\n  ValueError",
        vantages=(VantageVerdict(name="Hà Nội", outcome=Outcome.PASS, code="ANSWERED", address=ADDRESS),),
    )


def plain_finding(name: str = PORTAL, check: str = "ipv6.dns.ns-aaaa") -> Finding:
    return Finding(
        id=finding_id(SubjectId(name), CheckId(check), None, None, "internet"),
        check=CheckId(check),
        check_version=1,
        code="TWO_OR_MORE",
        outcome=Outcome.PASS,
        severity=Severity.LOW,
        level=Level.OPTIONAL,
        level_basis=LevelBasis.VERIFIED,
        subject=SubjectId(name),
        address=None,
        detail=None,
        vantage="trung-tam-tinh",
        reason=None,
        args={},
        evidence=(),
    )

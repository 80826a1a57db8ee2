"""Stores runs as an audit leaves them, made by hand: a small province with the findings that a test gives."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from auditor.figures.kpis import EXCUSED
from auditor.figures.scoring import CheckOutcome, Ladder, Score, by_check, ladders, scores
from auditor.framework import catalogue, policy
from auditor.framework.context import ReferenceData
from auditor.framework.findings import (
    Arg,
    CheckId,
    Finding,
    Level,
    LevelBasis,
    Outcome,
    Reason,
    Severity,
    Waiver,
    finding_id,
)
from auditor.framework.waivers import WaiverRow
from auditor.service.store.api import Store
from auditor.service.store.records import JudgementId, JudgementRecord, RunRecord, RunState, SubjectScores
from auditor.service.store.run_options import RunOptions
from inventory.inventory import Inventory, SourceFile
from inventory.model import WEB_KINDS, AgencyId, Kind, Subject, SubjectId
from inventory.organisation import Organisation, Unit
from probes.framework.codec import dump_frozen
from probes.framework.evidence import EvidenceId, RunId

START = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
VANTAGE = "trung-tam-tinh"
ORGANISATION = Organisation(
    units=(
        Unit(code=AgencyId("P"), name="UBND tỉnh", level="province"),
        Unit(code=AgencyId("S1"), name="Sở Một", parent=AgencyId("P"), level="department"),
        Unit(code=AgencyId("X1"), name="Xã Một", parent=AgencyId("P"), level="commune"),
    )
)


def row(name: str, kind: Kind, agency: str | None) -> Subject:
    code = None if agency is None else AgencyId(agency)
    host = name if kind is not Kind.CONNECTION_POINT else None
    return Subject(id=SubjectId(name), kind=kind, kinds=frozenset({kind}), agency=code, name=name, host=host)


SUBJECTS = (
    row("www.tinh.vn", Kind.PORTAL, "S1"),
    row("dvc.tinh.vn", Kind.DVC, "S1"),
    row("tinh.vn", Kind.MAIL, "S1"),
    row("xa.tinh.vn", Kind.COMMUNE_SITE, "X1"),
    row("diem-x1", Kind.CONNECTION_POINT, "X1"),
)


@dataclass(frozen=True, kw_only=True)
class Brief:
    """Holds a finding in brief.

    ``version`` is the check's. ``measured``: it rests on evidence though it is inconclusive.
    """

    check: str
    outcome: Outcome
    code: str = ""
    address: str | None = None
    version: int = 1
    reason: Reason | None = None
    severity: Severity = Severity.HIGH
    waived: Waiver | None = None
    args: Mapping[str, Arg] = field(default_factory=dict)
    measured: bool = False

    def of(self, subject: str) -> Finding:
        address = None if self.address is None else ip_address(self.address)
        reason = self.reason or (Reason.VP if self.outcome is Outcome.INCONCLUSIVE else None)
        return Finding(
            id=finding_id(SubjectId(subject), CheckId(self.check), address, None, "internet"),
            check=CheckId(self.check),
            check_version=self.version,
            code=self.code or self.outcome.name,
            outcome=self.outcome,
            severity=self.severity,
            level=Level.REQUIRED,
            level_basis=LevelBasis.VERIFIED,
            subject=SubjectId(subject),
            address=address,
            detail=None,
            vantage=VANTAGE,
            reason=reason,
            args=dict(self.args),
            evidence=() if reason is not None and not self.measured else (EvidenceId("e1"),),
            waived=self.waived,
        )


@dataclass(frozen=True, kw_only=True)
class Held:
    """Holds a run to be put into a store. ``title``: the name that the run is shown by."""

    name: str
    title: str = ""
    days: float = 0
    findings: Mapping[str, Iterable[Brief]] = field(default_factory=dict)
    ladders: Mapping[str, Ladder] = field(default_factory=dict)
    subjects: tuple[Subject, ...] = SUBJECTS
    checks: tuple[str, ...] = ()
    networks: tuple[str, ...] = ("internet",)
    vantage: str = VANTAGE
    organisation: Organisation = ORGANISATION
    amends: str = ""
    repeats: str = ""
    part: bool = False
    waivers: tuple[WaiverRow, ...] = ()
    frameworks: tuple[str, ...] = ()
    catalogue: str = ""
    """The version of the catalogue that it was judged by; if empty, the current one."""
    scored: bool = False
    """True if scores and ladders are computed from the findings, as an audit does."""


def inventory(held: Held) -> Inventory:
    return Inventory(
        subjects=held.subjects,
        organisation=held.organisation,
        sources=(SourceFile(name="danh-muc.csv", sha256="00" * 32),),
    )


def put(store: Store, held: Held) -> RunRecord:
    """Store a run as measured and judged, and return its record."""
    started = START + timedelta(days=held.days)
    checks = held.checks or tuple(catalogue.load().checks)
    record = RunRecord(
        id=RunId(held.name),
        name=held.title,
        started=started,
        version="0.1.0",
        profile="audit",
        inventory=store.put_blob(inventory(held).to_json()),
        reference=store.put_blob(dump_frozen(ReferenceData(frameworks=held.frameworks))),
        policy=store.put_blob(dump_frozen(replace(policy.default(), waivers=held.waivers))),
        vantage=held.vantage,
        networks=held.networks,
        options=RunOptions(
            checks=tuple(map(CheckId, checks)), amends=held.amends, repeats=held.repeats, part=held.part
        ),
    )
    store.create_run(record)
    store.add_subjects(record.id, held.subjects)
    store.mark_measured(record.id, *(subject.id for subject in held.subjects))
    finished = started + timedelta(hours=1)
    store.finish_run(record.id, finished)
    judge(store, record, held)
    return replace(record, finished=finished, state=RunState.FINISHED)


def put_round(store: Store, held: Held, members: Mapping[str, RunState]) -> RunRecord:
    """Store the same as a round of these vantages with runs that ended in these states, and return the round."""
    whole = put(store, replace(held, vantage=""))
    for vantage, state in members.items():
        member = replace(whole, id=RunId(f"{whole.id}.{vantage}"), vantage=vantage, networks=held.networks)
        store.create_run(replace(member, finished=None, state=RunState.RUNNING, round=whole.id))
        store.finish_run(member.id, whole.started, state)
    return store.run(whole.id)


def judge(store: Store, record: RunRecord, held: Held, number: int = 1) -> JudgementRecord:
    """Store one more judgement of a stored run, and return it."""
    made = JudgementRecord(
        id=JudgementId(f"{record.id}.{number}"),
        run=record.id,
        catalogue=held.catalogue or catalogue.load().version,
        policy=record.policy,
        reference=record.reference,
        inventory=record.inventory,
        judged_at=record.started + timedelta(hours=1 + number),
    )
    store.add_judgement(made)
    store.add_findings(made.id, [short.of(subject) for subject, finding in held.findings.items() for short in finding])
    if held.scored:
        store.add_scores(made.id, _scores(held))
        return made
    store.add_scores(
        made.id,
        {
            subject.id: SubjectScores(
                scores={"ipv6.web": Score(score=80, coverage=1.0)},
                ladders={"service": held.ladders[subject.id]} if subject.id in held.ladders else {},
            )
            for subject in held.subjects
        },
    )
    return made


def _scores(held: Held) -> dict[SubjectId, SubjectScores]:
    findings_by_subject = {
        each_subject.id: [short.of(each_subject.id) for short in held.findings.get(each_subject.id, ())]
        for each_subject in held.subjects
    }
    zones: dict[SubjectId, dict[CheckId, CheckOutcome]] = {}
    for subject in held.subjects:
        if Kind.ZONE in subject.kinds and not subject.kinds & WEB_KINDS:
            for owner in subject.derived_from:
                zones.setdefault(owner, {}).update(by_check(findings_by_subject[subject.id]))
    return {
        each_subject.id: _scored(each_subject, findings_by_subject[each_subject.id], zones.get(each_subject.id, {}))
        for each_subject in held.subjects
    }


def _scored(subject: Subject, findings: list[Finding], zone: Mapping[CheckId, CheckOutcome]) -> SubjectScores:
    outcomes = by_check(findings)
    excused = {each.check for each in findings if each.code in EXCUSED}
    climbed = ladders(subject.kind, subject.kinds, outcomes, zone=zone, excused=excused)
    return SubjectScores(scores=scores(outcomes), ladders=climbed)

"""Fills a store with two judged runs of many portals and connection points, for the benchmarks of the pages."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from auditor.figures.scoring import by_check, scores
from auditor.framework import catalogue
from auditor.framework.findings import CheckId, Finding, Level, LevelBasis, Outcome, Severity, finding_id
from auditor.framework.policy import Policy
from auditor.service.accounts.accounts import Accounts
from auditor.service.accounts.model import Role
from auditor.service.config.model import Config
from auditor.service.pipeline.judging.evaluating import stored_judgement
from auditor.service.pipeline.judging.members import basis
from auditor.service.pipeline.measuring.collecting import start_run
from auditor.service.pipeline.plan.plan import plan
from auditor.service.pipeline.summaries.summarising import keep
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.records import JudgementId, JudgementRecord, Sample, Series, SettledSubject, SubjectScores
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.connection_points.slot_series import DAY, slot_of
from inventory.inventory import Inventory
from inventory.loader import load_sent
from inventory.model import AgencyId, Kind, SubjectId
from probes.framework.codec import dump_frozen, load_frozen
from probes.framework.evidence import RunId
from probes.observations.series import CADENCE, LOSS, REACH, RTT_MEDIAN

AGENCIES = 200
OWN = AgencyId("A7")
"""The agency that the second account is bound to."""
PROVINCE_ACCOUNT, AGENCY_ACCOUNT = "cả tỉnh", "cơ quan"
PASSWORD = "một mật khẩu đủ dài"
RUN = RunId("20260302T013000Z-abcdef")
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
EARLIER, THEN = RunId("20260202T013000Z-fedcba"), NOW - timedelta(days=28)
_SLOT = timedelta(seconds=CADENCE)
_BROKEN = 20
"""One in this many subjects was better a month ago."""
_POINTS = 6
"""Subjects for each connection point: 3,300 beside 20,000."""
_WATCHED = 100
"""Points with samples of the whole day; the others have those of the last hour, or filling would take all the time."""
_METRICS = ((REACH, 0), (LOSS, 6), (LOSS, 4), (RTT_MEDIAN, 6), (RTT_MEDIAN, 4))
_CHECKS = ("ipv6.web.aaaa", "ipv6.web.reach", "ipv6.web.http-ok", "ipv6.path.echo", "security.tls.versions")
_OUTCOMES = (Outcome.FAIL, Outcome.WARN, Outcome.INCONCLUSIVE, *(Outcome.NOT_APPLICABLE,) * 4, *(Outcome.PASS,) * 12)
"""Outcomes as frequent as in an audit of a province: about every sixth is neither passed nor not applicable."""


def filled(path: Path, count: int, findings: int = len(_CHECKS)) -> Path:
    """Fill a store with two accounts and two runs of ``count`` portals and their points, in a fixed number of agencies.

    ``findings``: the number for each subject.
    """
    head = "agency_code,agency_name,parent_code,unit_level,name,kind,network"
    rows = [head, "TINH,Tỉnh,,province,tinh.example.vn,portal,"]
    for n in range(count):
        agency = n % AGENCIES
        level = "commune" if agency % 2 else "department"
        rows.append(f"A{agency},Cơ quan {agency},TINH,{level},host{n}.example.vn,portal,")
    points = [f"diem-{n}" for n in range(count // _POINTS)]
    rows += [f"A{n % AGENCIES},,,,{name},connection-point,tslcd" for n, name in enumerate(points)]
    inventory = load_sent([("tinh.csv", "\n".join([*rows, ""]).encode())]).inventory
    with open_sqlite(path) as store:
        for run, when in ((EARLIER, THEN), (RUN, NOW)):
            _run(store, inventory, run, when, findings)
        _sample(store, points)
        access = Accounts(store.database)
        access.set_up(PROVINCE_ACCOUNT, PASSWORD, "vi", "::1")
        admin = access.all()[0]
        access.add(admin, "::1", AGENCY_ACCOUNT, PASSWORD, Role.VIEWER, OWN, "vi")
    return path


def _run(store: SqlStore, inventory: Inventory, run: RunId, when: datetime, findings: int) -> None:
    known = catalogue.load()
    made = plan(inventory, Config(), known, profile="quick", name="Hằng tháng", now=when, run=run)
    start_run(made, store, when)
    store.finish_run(run, when)
    record = store.run(run)
    judgement = JudgementRecord(
        id=JudgementId(f"of {run}"),
        run=run,
        catalogue=known.version,
        policy=record.policy,
        reference=record.reference,
        inventory=record.inventory,
        judged_at=when,
    )
    store.add_judgement(judgement)
    policy = load_frozen(Policy, store.blob(record.policy))
    based = basis(record, store, policy, inventory, known, lambda check, subject, error: None)
    store.add_conditions(judgement.id, store.put_blob(dump_frozen(based.conditions)))
    others = sorted(check for check in known.checks if check.startswith("security.") and check not in _CHECKS)
    checks = (*_CHECKS, *others)[:findings]
    with store.batch():
        for subject in made.subjects:
            if subject.kind is not Kind.UNIT:
                _judge(store, judgement, subject.id, checks)
        settled = {subject.id: SettledSubject.of(subject, subject.addresses) for subject in made.subjects}
        store.add_settled(judgement.id, settled)
    keep(stored_judgement(judgement, store, known), store)


def _judge(store: SqlStore, judgement: JudgementRecord, subject: SubjectId, checks: Sequence[str]) -> None:
    number = int("".join(filter(str.isdigit, subject)) or 0)
    better = judgement.run == EARLIER and not number % _BROKEN
    outcomes = [Outcome.PASS if better else _OUTCOMES[(number + n) % len(_OUTCOMES)] for n in range(len(checks))]
    findings = [_finding(subject, CheckId(check), outcome) for check, outcome in zip(checks, outcomes, strict=True)]
    store.add_findings(judgement.id, findings)
    store.add_scores(judgement.id, {subject: SubjectScores(scores=scores(by_check(findings)))})


def _sample(store: SqlStore, points: Sequence[str]) -> None:
    until = slot_of(datetime.now(UTC))
    series = [
        [Series(subject=SubjectId(point), metric=metric, vantage="local", family=family) for metric, family in _METRICS]
        for point in points
    ]
    for number in range(DAY // _SLOT, 0, -1):
        some = series if number <= timedelta(hours=1) // _SLOT else series[:_WATCHED]
        sample = Sample(time=until - number * _SLOT, value=1.0)
        store.add_round((series, sample) for each in some for series in each)


def _finding(subject: SubjectId, check: CheckId, outcome: Outcome) -> Finding:
    return Finding(
        id=finding_id(subject, check, None, None, "internet"),
        check=check,
        check_version=1,
        code="X",
        outcome=outcome,
        severity=Severity.HIGH,
        level=Level.REQUIRED,
        level_basis=LevelBasis.VERIFIED,
        subject=subject,
        address=None,
        detail=None,
        vantage="local",
        reason=None,
        args={},
        evidence=(),
    )

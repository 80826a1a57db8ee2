"""Puts a small run into a store, planned and judged by the program, with two agencies and a hostile web server."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from auditor.framework import catalogue
from auditor.framework.findings import CheckId, Finding, Level, LevelBasis, Outcome, Severity, finding_id
from auditor.service.config.model import Config
from auditor.service.pipeline.judging.evaluating import evaluate
from auditor.service.pipeline.measuring.collecting import start_run
from auditor.service.pipeline.plan.plan import plan
from auditor.service.store.api import Store
from auditor.service.store.records import JudgementId, JudgementRecord
from auditor.service.store.sql.store import SqlStore
from inventory.loader import load_with_warnings
from inventory.model import SubjectId
from probes.framework.evidence import RunId
from tests.support import copies

RUN = RunId("20260302T013000Z-abcdef")
EARLIER = RunId("20260202T013000Z-fedcba")
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
OURS, THEIRS = "cong.yte.example.vn", "bimat.xaydung.example.vn"
AGENCY, OTHER, OTHER_NAME = "SO-YT", "SO-XD", "Sở Xây dựng kín"
HOSTILE = "<script>window.hacked=1</script>"
ROWS = f"""agency_code,agency_name,parent_code,unit_level,name,kind
{AGENCY},Sở Y tế,,department,{OURS},portal
{OTHER},{OTHER_NAME},,department,{THEIRS},portal
"""


def fill(store: Store, *, earlier: bool = False) -> None:
    """Put there one finished and judged run, and a failing finding for each subject in a judgement of its own; with
    ``earlier`` that of ``fill_earlier`` before it."""
    if not isinstance(store, SqlStore):
        _fill(store, earlier=earlier)
        return
    # An operator's own checks are another catalogue, and judge otherwise.
    copies.fill(store, (ROWS, catalogue.load().version, earlier), lambda empty: _fill(empty, earlier=earlier))


def _fill(store: Store, *, earlier: bool) -> None:
    if earlier:
        fill_earlier(store)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "inventory.csv")
        path.write_text(ROWS, "utf-8")
        loaded = load_with_warnings([path])
    known = catalogue.load()
    made = plan(loaded.inventory, Config(), known, profile="quick", name="Quý I/2026", now=NOW, run=RUN)
    start_run(made, store, NOW)
    store.finish_run(RUN, NOW)
    first = store.judgement(evaluate(RUN, store, known, now=NOW).id)
    store.add_judgement(_second(first))
    conditions = store.conditions(first.id)
    assert conditions is not None
    store.add_conditions(JudgementId("second"), conditions)
    store.add_findings(JudgementId("second"), [_finding(SubjectId(OURS)), _finding(SubjectId(THEIRS))])


def fill_earlier(store: Store) -> None:
    """Add a run of 28 days before, when OURS belonged to the other agency; it is judged without any measurement."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "inventory.csv")
        path.write_text(
            f"{ROWS}{OTHER},,,,{OURS},portal\n".replace(f"{AGENCY},Sở Y tế,,department,{OURS},portal\n", "")
        )
        loaded = load_with_warnings([path])
    known, then = catalogue.load(), NOW - timedelta(days=28)
    made = plan(loaded.inventory, Config(), known, profile="quick", name="Quý I/2026", now=then, run=EARLIER)
    start_run(made, store, then)
    store.finish_run(EARLIER, then)
    evaluate(EARLIER, store, known, now=then)


def finding_of(subject: str) -> str:
    """Return the id of the failing finding."""
    return _finding(SubjectId(subject)).id


def _second(first: JudgementRecord) -> JudgementRecord:
    return JudgementRecord(
        id=JudgementId("second"),
        run=first.run,
        catalogue=first.catalogue,
        policy=first.policy,
        reference=first.reference,
        inventory=first.inventory,
        judged_at=NOW.replace(hour=3),
    )


def _finding(subject: SubjectId) -> Finding:
    check = CheckId("ipv6.web.http-ok")
    return Finding(
        id=finding_id(subject, check, None, None, "internet"),
        check=check,
        check_version=1,
        code=HOSTILE,
        outcome=Outcome.FAIL,
        severity=Severity.CRITICAL,
        level=Level.REQUIRED,
        level_basis=LevelBasis.VERIFIED,
        subject=subject,
        address=None,
        detail=HOSTILE,
        vantage="local",
        reason=None,
        args={},
        evidence=(),
        waived=None,
    )

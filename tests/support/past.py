"""Adds a run a month before the one of ``judged``, of the same subjects: one defect was fixed since, one is new."""

import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from auditor.framework import catalogue
from auditor.framework.findings import CheckId, Outcome, finding_id
from auditor.service.config.model import Config
from auditor.service.pipeline.measuring.collecting import start_run
from auditor.service.pipeline.plan.plan import plan
from auditor.service.store.api import Store
from auditor.service.store.records import JudgementId, JudgementRecord
from inventory.loader import load_with_warnings
from inventory.model import SubjectId
from probes.framework.evidence import RunId
from tests.support import judged

RUN = RunId("20260131T013000Z-abcabc")
FIXED = CheckId("ipv6.web.aaaa")


def fill(store: Store) -> None:
    """Add an earlier run in which failing checks passed and FIXED failed; ``judged.fill`` must run first."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "inventory.csv")
        path.write_text(judged.ROWS, "utf-8")
        loaded = load_with_warnings([path])
    known, then = catalogue.load(), judged.NOW - timedelta(days=30)
    made = plan(loaded.inventory, Config(), known, profile="quick", name="Quý I/2026", now=then, run=RUN)
    start_run(made, store, then)
    store.finish_run(RUN, then)
    later = store.latest_judgement(judged.RUN)
    assert later is not None
    record = store.run(RUN)
    store.add_judgement(
        JudgementRecord(
            id=JudgementId("before"),
            run=RUN,
            catalogue=later.catalogue,
            policy=record.policy,
            reference=record.reference,
            inventory=record.inventory,
            judged_at=then,
        )
    )
    for subject in (SubjectId(judged.OURS), SubjectId(judged.THEIRS)):
        (failing,) = store.findings(JudgementId("second"), subject)
        fixed = replace(
            failing, id=finding_id(subject, FIXED, None, None, "internet"), check=FIXED, code="MISSING", detail=None
        )
        store.add_findings(JudgementId("before"), [replace(failing, outcome=Outcome.PASS, code="OK"), fixed])
        store.add_findings(JudgementId("second"), [replace(fixed, outcome=Outcome.PASS, code="OK")])

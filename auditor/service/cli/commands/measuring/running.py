"""Measures with progress and ends a run, for ``check`` and ``audit``."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from auditor.framework.catalogue import Catalogue
from auditor.service.cli.bugs import report_bug
from auditor.service.cli.progress import progress
from auditor.service.cli.words import ui
from auditor.service.garbage_collection import collect_rarely
from auditor.service.pipeline.judging.evaluating import evaluate
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.pipeline.judging.members import member_records
from auditor.service.pipeline.measuring.collecting import collect, start_run
from auditor.service.pipeline.measuring.network import open_kernel
from auditor.service.pipeline.plan.plan import Plan
from auditor.service.store.api import Store
from auditor.service.store.evidence.evidence_files import EvidenceFiles
from auditor.service.store.records import RunState
from inventory.inventory import Inventory
from probes.framework.evidence import RunId


def measure(
    run_plan: Plan,
    store: Store,
    *,
    resumed: bool = False,
    evidence: Path | None = None,
    round: RunId | None = None,
    each: bool = False,
) -> None:
    """Measure the plan into the store, as a member of ``round``, and also into the folder ``evidence``.

    With ``each``, the progress of each subject is shown: there are few, and a person waits for them. If interrupted,
    the measurements are stored and KeyboardInterrupt propagates.
    """
    collect_rarely()
    if resumed:
        store.resume_run(run_plan.run)
    else:
        start_run(run_plan, store, datetime.now(UTC), round=round)
    checks = run_plan.checks if each else ()
    with _files(evidence, store, run_plan.run) as mirror, progress(len(run_plan.subjects), checks) as told:
        asyncio.run(collect(run_plan, store, open_kernel, progress=told, mirror=mirror))
        finished = store.run(run_plan.run).finished
        if mirror is not None and finished is not None:
            mirror.finish_run(run_plan.run, finished)


@contextmanager
def _files(folder: Path | None, store: Store, run: RunId) -> Iterator[EvidenceFiles | None]:
    if folder is None:
        yield None
    else:
        with EvidenceFiles(folder, store, run) as files:
            yield files


def judge_run(run: RunId, store: Store, known: Catalogue, inventory: Inventory | None = None) -> LoadedJudgement:
    """Judge a run that was measured by itself, or its round once all members of the round are measured.

    The member that ends last judges the round for all members. ``inventory`` is the run's, see ``evaluate``.
    """
    collect_rarely()
    judged = evaluate(run, store, known, now=datetime.now(UTC), inventory=inventory, on_bug=report_bug)
    round = judged.run.round
    if round is None:
        return judged
    if waiting := still_measured(round, store):
        text = ui("round {round} is judged when it was measured from {vantages}", round=round, vantages=waiting)
        print(f"auditor: {text}", file=sys.stderr)
        return judged
    return evaluate(round, store, known, now=datetime.now(UTC), on_bug=report_bug)


def still_measured(round: RunId, store: Store) -> str:
    """Return the vantages of a round where the run has not ended, as text; empty if all have ended."""
    members = member_records(store.run(round), store)
    return ", ".join(member.vantage for member in members if member.state is RunState.RUNNING)

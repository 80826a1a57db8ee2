"""Measures with progress and ends a run, for ``check`` and ``audit``."""

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from auditor.service.cli.bugs import report_bug
from auditor.service.cli.progress import progress
from auditor.service.pipeline.collecting import collect, start_run
from auditor.service.pipeline.evaluating import evaluate
from auditor.service.pipeline.judged import Judged
from auditor.service.pipeline.network import open_kernel
from auditor.service.pipeline.plan import Plan
from auditor.service.store.api import Store
from auditor.service.store.evidence_files import EvidenceFiles
from probes.framework.evidence import RunId

_COLLECT = (20_000, 20, 50)
"""How seldom the garbage collector looks at everything: the loop stands still meanwhile, for half a second of an audit
of 220 subjects, and answers that lie in their sockets grow old. What is measured makes few cycles."""


def measure(
    run_plan: Plan, store: Store, *, resumed: bool = False, evidence: Path | None = None, round: RunId | None = None
) -> None:
    """Measure the plan into the store, as a member of ``round``, and beside it into the folder ``evidence``.

    Interrupted, what was measured is stored and KeyboardInterrupt passes.
    """
    gc.freeze()  # the program itself is never garbage
    gc.set_threshold(*_COLLECT)
    if resumed:
        store.resume_run(run_plan.run)
    else:
        start_run(run_plan, store, datetime.now(UTC), round=round)
    with _files(evidence, store, run_plan.run) as mirror, progress(len(run_plan.subjects)) as told:
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


def judge_run(run_plan: Plan, store: Store) -> Judged:
    """Judge a run that was measured; one of a round first by itself, then with the other members."""
    judged = evaluate(run_plan.run, store, run_plan.catalogue, now=datetime.now(UTC), on_bug=report_bug)
    if judged.run.round is None:
        return judged
    return evaluate(judged.run.round, store, run_plan.catalogue, now=datetime.now(UTC), on_bug=report_bug)

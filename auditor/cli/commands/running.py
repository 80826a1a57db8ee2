"""What ``check`` and ``audit`` have in common: measuring with progress, and the end of a run."""

import asyncio
from datetime import UTC, datetime

from auditor.cli.bugs import report_bug
from auditor.cli.progress import progress
from auditor.pipeline.collecting import collect, start_run
from auditor.pipeline.evaluating import Judged, evaluate
from auditor.pipeline.network import open_kernel
from auditor.pipeline.planning import Plan
from auditor.store.api import Store


def measure(made: Plan, store: Store, *, resumed: bool = False) -> None:
    """Measure the plan into the store. Interrupted, what was measured is stored and KeyboardInterrupt passes."""
    if resumed:
        store.resume_run(made.run)
    else:
        start_run(made, store, datetime.now(UTC))
    with progress(len(made.subjects)) as told:
        asyncio.run(collect(made, store, open_kernel, progress=told))


def judge_run(made: Plan, store: Store) -> Judged:
    return evaluate(made.run, store, made.catalogue, now=datetime.now(UTC), on_bug=report_bug)

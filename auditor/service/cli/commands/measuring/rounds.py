"""Measures a round from a terminal of the centre: our own vantage here, the others by their workers.

``auditor serve`` hands out the batches on the same store; this command requests them, waits and judges.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from auditor.service.cli.commands.measuring.running import measure
from auditor.service.cli.global_options import STATE
from auditor.service.cli.words import ui
from auditor.service.config.model import Config
from auditor.service.leases.stored import StoredLeases
from auditor.service.pipeline.plan.plan import Plan
from auditor.service.scheduler.members import Members, deadline_of
from auditor.service.scheduler.stopping import StopSignal
from auditor.service.store.api import DatabaseStore
from auditor.service.store.records import RunState
from probes.framework.evidence import RunId


def members_of(
    run_plan: Plan, store: DatabaseStore, config: Config, vantages: Sequence[str], *, resumed: bool
) -> Members | None:
    """Return the members of the round to measure; None for a run from only our own vantage.

    A resumed round has the vantages with which it was made.
    """
    known = [store.run(member).vantage for member in store.run(run_plan.run).members] if resumed else vantages
    if not known:
        return None
    return Members(config=config, store=store, leases=StoredLeases(store.database), wanted=known)


def measure_round(run_plan: Plan, members: Members, hours: float, *, resumed: bool, evidence: Path | None) -> None:
    """Measure our own part here, and wait until the workers have delivered or ``hours`` have passed.

    If interrupted, the measurements are stored, workers go on, and KeyboardInterrupt propagates.
    """
    if not resumed:
        members.start(run_plan, datetime.now(UTC))
    own = members.own(run_plan.run)
    if own is not None and own.state in (RunState.RUNNING, RunState.INTERRUPTED):
        try:
            measure(replace(run_plan, run=own.id), members.store, resumed=True, evidence=evidence)
        except KeyboardInterrupt:
            members.store.finish_run(own.id, datetime.now(UTC), RunState.INTERRUPTED)
            raise
    _wait(run_plan.run, members, hours)


def _wait(whole: RunId, members: Members, hours: float) -> None:
    deadline = deadline_of(members.store.run(whole).started, hours)
    others = [name for name in dict.fromkeys(members.wanted) if name != members.config.vantage.name]
    if others and STATE.verbosity >= 0:
        until = deadline.astimezone().strftime("%Y-%m-%d %H:%M")
        text = ui("waiting for the workers of {vantages} until {until}", vantages=", ".join(others), until=until)
        print(text, file=sys.stderr, flush=True)
    asyncio.run(members.wait(whole, deadline, StopSignal()))

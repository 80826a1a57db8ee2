"""Makes the runs of a round's vantages, and waits for those that workers measure elsewhere."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from auditor.framework.operator_problems import OperatorError, nearest, problem
from auditor.service.config.model import Config
from auditor.service.leases.model import MOST_SUBJECTS, MOST_WITH_LATE_ATTEMPTS, Leases
from auditor.service.pipeline.measuring.collecting import planned_record
from auditor.service.pipeline.plan.plan import Plan
from auditor.service.scheduler.stopping import StopReason, StopSignal
from auditor.service.store.api import DatabaseStore, Store
from auditor.service.store.records import RunRecord, RunState
from probes.framework.evidence import RunId

EVERY = 2.0
"""Seconds between two queries of the workers' batches."""
_log = logging.getLogger("auditor.run")


def check_vantages(wanted: Sequence[str], config: Config) -> None:
    """Raise OperatorError for a vantage that the configuration does not know."""
    known = {config.vantage.name, *config.vantages}
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise OperatorError(
            problem("no vantage '{vantage}' in the configuration", vantage=name, hint=nearest(name, known))
            for name in unknown
        )


def default_vantages(config: Config) -> tuple[str, ...]:
    """Return the vantages of an audit that names none: our own, or in a centre without its own every worker's."""
    return () if "vantage" in config.model_fields_set else tuple(sorted(config.vantages))


def vantages_again(run: RunRecord, store: Store, config: Config) -> tuple[str, ...]:
    """Return the vantages of an addition to a run: those of its round that are still configured.

    Otherwise a point that only one of them reaches could be measured from a vantage that cannot reach it.
    """
    known = {config.vantage.name, *config.vantages}
    measured = dict.fromkeys(store.run(member).vantage for member in run.members)
    return tuple(name for name in measured if name in known) or default_vantages(config)


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """Manages the runs of one round. ``wanted`` are its vantages: our own is measured here, others by their workers."""

    config: Config
    store: DatabaseStore
    leases: Leases
    wanted: Sequence[str]

    def start(self, plan: Plan, now: datetime) -> None:
        """Make the round and its members, and hand out the subjects for workers; all of it or nothing.

        ``plan`` is that of the round, under its id.
        """
        planned = planned_record(plan, self.store, now)
        most = MOST_SUBJECTS if plan.profile.one_round else MOST_WITH_LATE_ATTEMPTS
        with self.store.batch():
            self.store.create_run(replace(planned, vantage="", networks=()))
            for number, name in enumerate(dict.fromkeys(self.wanted), 1):
                member = self._record(planned, RunId(f"{plan.run}-{number}"), name)
                self.store.create_run(member)
                self.store.add_subjects(member.id, plan.subjects)
                if name != self.config.vantage.name:
                    self.leases.defer(member.id, name, [subject.id for subject in plan.subjects], most)

    def _record(self, planned: RunRecord, run: RunId, name: str) -> RunRecord:
        own = name == self.config.vantage.name
        networks = self.config.vantage.networks if own else self.config.vantages[name].networks
        options = replace(planned.options, vantage=name)
        return replace(planned, id=run, vantage=name, networks=networks, options=options, round=planned.id)

    def own(self, whole: RunId) -> RunRecord | None:
        """Return the run that is measured here; None where the round has none."""
        return next((member for member in self._all(whole) if member.vantage == self.config.vantage.name), None)

    def measured(self, whole: RunId) -> int:
        """Return the number of subjects that the slowest vantage has measured."""
        return min((len(self.store.measured(member.id)) for member in self._all(whole)), default=0)

    async def wait(
        self,
        whole: RunId,
        deadline: datetime,
        stop: StopSignal,
        measured_so_far: Callable[[int], None] = lambda measured: None,
    ) -> None:
        """Wait until every worker has delivered, the deadline has passed, or a stop is requested.

        A vantage that did not deliver in time is cut off: its run is marked as interrupted. The deadline is kept by the
        monotonic clock, so that setting the wall clock can neither shorten nor prolong the round. ``measured_so_far``
        is called with the number of subjects that the slowest vantage has measured.
        """
        ends = time.monotonic() + (deadline - datetime.now(UTC)).total_seconds()
        while (left := await asyncio.to_thread(self._unfinished, whole)) and stop.why is None:
            measured_so_far(await asyncio.to_thread(self.measured, whole))
            if time.monotonic() >= ends:
                for member in left:
                    _log.warning("run %s: vantage %s did not deliver in time", whole, member.vantage)
                self._cut_off(left, RunState.INTERRUPTED)
                return
            try:
                async with asyncio.timeout(EVERY):
                    await stop.event.wait()
            except TimeoutError:
                continue
        if stop.why is StopReason.CANCELLED:
            self._cut_off(self._unfinished(whole), RunState.CANCELLED)

    def _cut_off(self, members: Sequence[RunRecord], state: RunState) -> None:
        with self.store.batch():
            for member in members:
                self.leases.withdraw(member.id)
                self.store.finish_run(member.id, datetime.now(UTC), state)

    def _unfinished(self, whole: RunId) -> list[RunRecord]:
        """Return the members that workers still measure; a member without open batches is marked as finished."""
        left = []
        for member in self._all(whole):
            if member.vantage == self.config.vantage.name or member.state is not RunState.RUNNING:
                continue
            if self.leases.open_batches(member.id):
                left.append(member)
            else:
                self.store.finish_run(member.id, datetime.now(UTC))
        return left

    def _all(self, whole: RunId) -> list[RunRecord]:
        return [self.store.run(member) for member in self.store.run(whole).members]


def deadline_of(started: datetime | None, hours: float) -> datetime:
    """Return the deadline of workers. A start in the future was recorded by a wrong clock and counts as now."""
    now = datetime.now(UTC)
    return min(started or now, now) + timedelta(hours=hours)

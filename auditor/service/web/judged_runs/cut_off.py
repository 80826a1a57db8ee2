"""Finds the audits after the one that pages show first, which do not take its place.

They were cut off, or the clock was ahead when they were made.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from auditor.service.pipeline.judging.members import cut_off_vantages
from auditor.service.store.api import Store
from auditor.service.store.records import RunRecord, RunState
from auditor.service.web.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOff:
    """Describes a run that was cut off; for a round ``vantages`` are those that did not measure all of it."""

    run: RunRecord
    vantages: tuple[str, ...]


def is_whole(run: RunRecord) -> bool:
    """True if everything was asked for in a run, and was measured."""
    return run.state is RunState.FINISHED and not run.is_part


def shown_first(run: RunRecord, now: datetime) -> tuple[bool, bool, datetime]:
    """Return the sort key of the order in which runs are shown; the greatest is shown first.

    A run that began later than it is now was made while the clock was ahead, and would stand first until that day
    comes.
    """
    return run.started <= now, is_whole(run), run.started


def dated_ahead(site: Site) -> RunRecord | None:
    """Return the last judged run if it is dated later than it is now, else None. May take some time."""
    last = site.digests.remembered(("last dated",), lambda: _last_dated(site.store))
    return last if last is not None and last.started > datetime.now(UTC) else None


def _last_dated(store: Store) -> RunRecord | None:
    judged = store.latest_judgements()
    runs = (run for run in store.runs() if not run.amends and run.id in judged)
    return max(runs, key=lambda run: run.started, default=None)


def cut_off_since(site: Site, shown: RunRecord) -> CutOff | None:
    """Return the last audit after the shown run that was judged but cut off; None without one. May take time."""
    return site.digests.remembered(("cut off since", shown.id), lambda: _read(site.store, shown))


def _read(store: Store, shown: RunRecord) -> CutOff | None:
    now = datetime.now(UTC)
    later = (run for run in store.runs() if shown.started < run.started <= now and not run.amends and not run.is_part)
    judged = store.latest_judgements()
    cut_off = [run for run in later if run.state is RunState.INTERRUPTED and run.id in judged]
    last = max(cut_off, key=lambda run: run.started, default=None)
    return None if last is None else CutOff(run=last, vantages=cut_off_vantages(last, store))

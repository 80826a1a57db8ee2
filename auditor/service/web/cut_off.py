"""Finds the audits after the one that pages show first, which do not take its place because they were cut off."""

from dataclasses import dataclass

from auditor.service.pipeline.members import cut_off_vantages
from auditor.service.store.api import Store
from auditor.service.store.records import RunRecord, RunState
from auditor.service.web.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOff:
    """A run that was cut off; of a round ``vantages`` are those that did not measure all of it."""

    run: RunRecord
    vantages: tuple[str, ...]


def is_whole(run: RunRecord) -> bool:
    """Return whether everything was asked for in a run, and was measured."""
    return run.state is RunState.FINISHED and not run.is_part


def cut_off_since(site: Site, shown: RunRecord) -> CutOff | None:
    """Return the last audit later than the run that is shown, where one was judged but cut off. May take some time."""
    return site.digests.remembered(("cut off since", shown.id), lambda: _read(site.store, shown))


def _read(store: Store, shown: RunRecord) -> CutOff | None:
    later = (run for run in store.runs() if run.started > shown.started and not run.amends and not run.is_part)
    cut_off = [run for run in later if run.state is RunState.INTERRUPTED and store.latest_judgement(run.id)]
    last = max(cut_off, key=lambda run: run.started, default=None)
    return None if last is None else CutOff(run=last, vantages=cut_off_vantages(last, store))

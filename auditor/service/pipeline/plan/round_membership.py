"""Finds the round that a planned run joins, or makes it."""

import secrets
from dataclasses import replace
from datetime import datetime

from auditor.service.pipeline.measuring.collecting import planned_record
from auditor.service.pipeline.plan.plan import Plan
from auditor.service.store.api import Store
from auditor.service.store.records import RunRecord, StoreError, sealed
from probes.framework.evidence import RunId


def join(word: str, plan: Plan, store: Store, now: datetime) -> RunId:
    """Return the round with this id, or the newest open round of this name; make one if there is none.

    A round holds one run of each vantage, all of one inventory. A name may be used again every month: a round that is
    sealed, of another inventory, or has this vantage already is skipped. If an id names such a round, StoreError is
    raised.
    """
    planned = planned_record(plan, store, now)
    known = [run for run in store.runs() if run.is_round or run.id == word]
    by_id = next((run for run in known if run.id == word), None)
    if by_id is not None:
        _check(by_id, planned, store)
        return by_id.id
    for round_ in reversed(known):
        if round_.name == word and _problem(round_, planned, store) is None:
            return round_.id
    return _new(word, planned, store, now)


def _new(name: str, planned: RunRecord, store: Store, now: datetime) -> RunId:
    id_ = RunId(f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}")
    store.create_run(replace(planned, id=id_, name=name, vantage="", networks=()))
    return id_


def _check(run: RunRecord, planned: RunRecord, store: Store) -> None:
    problem = _problem(run, planned, store)
    if problem is not None:
        raise problem


def _problem(run: RunRecord, planned: RunRecord, store: Store) -> StoreError | None:
    """Return why a run cannot become a member of a round; None if it can."""
    if not run.is_round:
        return StoreError("run {run} is of one vantage and takes no other", run=run.id)
    if store.is_sealed(run.id):
        return sealed(run.id)
    if run.forgotten is not None:
        return StoreError("the evidence of round {round} is kept no more: nothing can be added to it", round=run.id)
    if run.inventory != planned.inventory:
        return StoreError("round {round} was made with another inventory", round=run.id)
    if any(store.run(member).vantage == planned.vantage for member in run.members):
        return StoreError("round {round} has a run of vantage {vantage} already", round=run.id, vantage=planned.vantage)
    return None

"""One side of a comparison that reads outlines alone: less than ``Judged``, for which all evidence would be read."""

import json
from dataclasses import dataclass

from auditor.figures.comparison import Comparing, RunCoverage
from auditor.framework.catalogue import Catalogue
from auditor.framework.findings import CheckId
from auditor.framework.policy import Policy
from auditor.service.store.api import Store
from auditor.service.store.records import JudgementRecord, RunRecord, StoreError
from inventory.inventory import Inventory
from probes.framework.codec import load_frozen
from probes.framework.evidence import RunId


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSide:
    """A judged run, and what decides whether another one can be compared with it."""

    record: RunRecord
    judgement: JudgementRecord
    inventory: Inventory
    policy: Policy
    checks: frozenset[CheckId]


def run_side(record: RunRecord, judgement: JudgementRecord, store: Store, catalogue: Catalogue) -> RunSide:
    chosen = json.loads(record.options).get("checks")
    listed = chosen if isinstance(chosen, list) else [check.id for check in catalogue.select((), ())]
    return RunSide(
        record=record,
        judgement=judgement,
        inventory=Inventory.from_json(store.blob(record.inventory)),
        policy=load_frozen(Policy, store.blob(judgement.policy)),
        checks=frozenset(CheckId(str(one)) for one in listed),
    )


def latest_side(run: RunId, store: Store, catalogue: Catalogue) -> RunSide:
    """By its latest judgement. Raises StoreError where it was never judged."""
    record = store.run(run)
    judgement = store.latest_judgement(record.id)
    if judgement is None:
        raise StoreError("run {run} has not been judged: auditor judge {run}", run=run)
    return run_side(record, judgement, store, catalogue)


def comparing(before: RunSide, after: RunSide) -> Comparing:
    one, other = before.policy.thresholds, after.policy.thresholds
    rules = frozenset(CheckId(name) for name in one.keys() | other.keys() if one.get(name) != other.get(name))
    return Comparing(RunCoverage(checks=before.checks), RunCoverage(checks=after.checks), rules)

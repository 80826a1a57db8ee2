"""A judgement in memory: which it is, and under what it was made."""

from dataclasses import dataclass

from auditor.check import Check
from auditor.context import Context
from auditor.findings import Finding
from auditor.store.records import JudgementId, RunRecord
from inventory.inventory import Inventory


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A judgement and the context it was made in, for the report."""

    id: JudgementId
    run: RunRecord
    context: Context
    checks: tuple[Check, ...]
    selftest: tuple[Finding, ...]
    inventory: Inventory
    of_inventory: tuple[Finding, ...] = ()

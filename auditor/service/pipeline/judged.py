"""A judgement in memory: which it is, and under what it was made."""

from dataclasses import dataclass

from auditor.framework.check import Check
from auditor.framework.context import Context
from auditor.framework.findings import Finding
from auditor.service.store.records import JudgementId, RunRecord
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

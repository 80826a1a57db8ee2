"""Reviews the inventory after a run: finds rows that lack something and names that the DNS no longer has.

Computed anew whenever a run is judged, from the records stored with it.
"""

from collections.abc import Iterable

from auditor.framework.localdate import civil_day
from auditor.service.store.records import RunRecord
from inventory.inventory import Inventory
from inventory.model import Kind, Subject, SubjectId
from probes.framework.codec import evidence_id
from probes.framework.evidence import Evidence
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.inventory import InventoryReview

SUBJECT = Subject(id=SubjectId("inventory"), kind=Kind.UNIT, kinds=frozenset({Kind.UNIT}), name="inventory")
"""The subject of the finding; it is stored with the run and never listed among the findings."""
_OWN_NAMES = frozenset({"host", "mx"})


class ExistingNames:
    """Collects in one pass over a run which names exist and which do not."""

    def __init__(self) -> None:
        self._known: dict[str, bool] = {}

    def add(self, evidence: Evidence) -> None:
        for step in evidence.steps:
            if isinstance(step, NameLookup) and step.role in _OWN_NAMES and step.status is not LookupStatus.NO_ANSWER:
                there = step.status is not LookupStatus.NO_SUCH_NAME
                name = _canonical(step.name)
                self._known[name] = self._known.get(name, False) or there

    def gone(self, name: str) -> bool:
        return self._known.get(_canonical(name)) is False


def review(run: RunRecord, inventory: Inventory, names: ExistingNames) -> Evidence | None:
    """Return the review as declared evidence; None for a run without an inventory."""
    if not inventory.sources:
        return None
    day = civil_day(run.started)
    rows = inventory.in_force(day)
    step = InventoryReview(
        day=day,
        rows=len(rows),
        reconciled=run.options.reconciled,
        incomplete=tuple(_lacking(rows)),
        gone=tuple(row.host for row in rows if row.host is not None and names.gone(row.host)),
    )
    return Evidence(
        id=evidence_id(run.id, SUBJECT.id, "declared", "inventory", 1),
        run=run.id,
        subject=SUBJECT.id,
        endpoint=None,
        task="inventory",
        probe="declared",
        probe_version=1,
        attempt=1,
        vantage=run.vantage,
        started=run.started,
        queued=0.0,
        steps=(step,),
        failure=None,
    )


def _lacking(rows: Iterable[Subject]) -> Iterable[str]:
    for row in rows:
        missing = [
            name
            for name, value in (
                ("agency", row.agency),
                ("valid_from", row.valid_from),
                ("authorisation", row.authorisation),
            )
            if not value
        ]
        if missing:
            yield f"{row.id}: {', '.join(missing)}"


def _canonical(name: str) -> str:
    return name.lower().removesuffix(".")

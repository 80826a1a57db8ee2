"""Turns the inventory's declarations of a subject into evidence of the run: probe ``inventory`` (source, row).

Written when a subject is measured, so that judging again uses the declarations of that time.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from auditor.figures.kpis import SECONDARY
from auditor.framework.check import Check
from auditor.framework.localdate import civil_day
from inventory.inventory import Inventory
from inventory.model import Kind, Subject
from inventory.organisation import Organisation
from probes.framework.codec import evidence_id
from probes.framework.evidence import Evidence, Observation, RunId
from probes.observations.rows import DeclaredPoint, DeclaredUnit, RowPosition

PROBE = "inventory"


def units(inventory: Inventory, now: datetime) -> tuple[Subject, ...]:
    """Return the units in force as subjects; empty if the inventory lists no connection points.

    An inventory that lists only portals asks no unit for its connection point.
    """
    if not any(Kind.CONNECTION_POINT in subject.kinds for subject in inventory.subjects):
        return ()
    return inventory.organisation.subjects_in_force(civil_day(now))


class Declarations:
    """Builds the evidence of declarations for one run."""

    def __init__(self, inventory: Inventory, now: datetime) -> None:
        self._organisation: Organisation = inventory.organisation
        self._points = [
            subject for subject in inventory.in_force(civil_day(now)) if Kind.CONNECTION_POINT in subject.kinds
        ]

    def evidence(
        self, run: RunId, vantage: str, subject: Subject, checks: Iterable[Check], now: datetime
    ) -> Iterator[Evidence]:
        """Yield one envelope for a subject if a check that concerns it needs declarations; otherwise none."""
        needed = {kind for check in checks if check.concerns(subject) for kind in check.needs}
        if Kind.UNIT in subject.kinds and DeclaredUnit in needed:
            step: Observation = self._unit(subject)
        elif Kind.UNIT not in subject.kinds and RowPosition in needed:
            origin = subject.origin
            step = RowPosition() if origin is None else RowPosition(source=origin.source, row=origin.row)
        else:
            return
        yield Evidence(
            id=evidence_id(run, subject.id, PROBE, subject.id, 1),
            run=run,
            subject=subject.id,
            endpoint=None,
            task=subject.id,
            probe=PROBE,
            probe_version=1,
            attempt=1,
            vantage=vantage,
            started=now,
            queued=0.0,
            steps=(step,),
        )

    def _unit(self, subject: Subject) -> DeclaredUnit:
        unit = self._organisation.unit(subject.agency)
        own = [point for point in self._points if point.agency == subject.agency]
        return DeclaredUnit(
            code=subject.agency or "",
            level="" if unit is None else unit.level,
            listed=len(self._points),
            points=tuple(_point(each_subject) for each_subject in own),
        )


def _point(subject: Subject) -> DeclaredPoint:
    declared_facts = subject.declared
    return DeclaredPoint(
        subject=subject.id,
        source="" if subject.origin is None else subject.origin.source,
        row=None if subject.origin is None else subject.origin.row,
        addresses=subject.addresses,
        site=declared_facts.site,
        device=declared_facts.device,
        channel=declared_facts.channel,
        provider=declared_facts.provider,
        bandwidth_mbps=declared_facts.bandwidth_mbps,
        activated=declared_facts.activated,
        secondary=subject.has_tag(SECONDARY),
    )

"""Reads the values declared with runs and for periods once, for any number of runs that are judged by them."""

from collections.abc import Iterable
from datetime import date

from auditor.framework.localdate import civil_day
from auditor.service.store.api import Store
from auditor.service.store.records import RunRecord
from inventory.model import SubjectId
from probes.framework.evidence import Evidence
from probes.observations.declared import PROBE, DeclaredValue

DECLARED = SubjectId("declared")
"""The subject under which declared values are stored in the evidence of a run."""

_Values = dict[tuple[str, str, date], DeclaredValue]
"""Declared values by framework, requirement and day."""


class Declared:
    """Holds every declared value that a store had when this was made. Raises StoreError for damaged evidence."""

    def __init__(self, store: Store) -> None:
        evidence = store.evidence_by_run(DECLARED)
        self._with_runs: list[tuple[RunRecord, _Values]] = [
            (run, _values(evidence[run.id])) for run in store.runs() if run.id in evidence
        ]
        self._for_periods = _of_periods(store)

    def of(self, run: RunRecord) -> tuple[DeclaredValue, ...]:
        """Return the values declared with a run, and those of earlier runs for a day after their own.

        Of two values of one requirement and day, the later entry counts.
        """
        values: _Values = {}
        for earlier, with_it in self._with_runs:
            if earlier.started < run.started:
                day = civil_day(earlier.started)
                values |= {key: value for key, value in with_it.items() if value.as_of > day}
        own = next((with_it for other, with_it in self._with_runs if other.id == run.id), {})
        return tuple((values | own | self._for_periods).values())

    def until(self, day: date) -> tuple[DeclaredValue, ...]:
        """Return the values declared for a day up to this one, regardless of when they were entered.

        Closing figures arrive after the end of their period. Of two values of one requirement and day, the later entry
        counts.
        """
        every: _Values = {}
        for values in (*(with_it for _, with_it in self._with_runs), self._for_periods):
            every |= {key: value for key, value in values.items() if value.as_of <= day}
        return tuple(every.values())


def _of_periods(store: Store) -> _Values:
    """Read the values of requirements that were declared for a period and not corrected since.

    They count for every run from their day on, until a later day has another value.
    """
    return {
        (entry.framework, entry.requirement, entry.as_of): DeclaredValue(
            framework=entry.framework,
            requirement=entry.requirement,
            value=entry.value,
            as_of=entry.as_of,
            source=entry.source,
            signatory=entry.signatory,
            note=entry.note,
            file=entry.file,
            row=entry.row,
            t0=0.0,
            t=0.0,
        )
        for entry in store.declared_entries()
        if not entry.item
    }


def _values(evidence: Iterable[Evidence]) -> _Values:
    ordered = sorted(evidence, key=lambda envelope: envelope.attempt)
    steps = (step for envelope in ordered if envelope.probe == PROBE for step in envelope.steps)
    return {(step.framework, step.requirement, step.as_of): step for step in steps if isinstance(step, DeclaredValue)}

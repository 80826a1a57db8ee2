"""Follows subjects through all runs, as far as one agency owned them; without a bound agency, through all of them."""

from collections.abc import Iterator, Set
from datetime import UTC, datetime

from auditor.framework.findings import Outline
from auditor.framework.localdate import civil_day
from auditor.service.inventories.agency_view import within
from auditor.service.pipeline.judging.ownership import Ownership
from auditor.service.store.api import Store
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.records import JudgementRecord, RunRecord, StoreError
from inventory.model import AgencyId, Subject, SubjectId
from inventory.organisation import Organisation
from probes.framework.evidence import RunId

_NEVER = datetime.max.replace(tzinfo=UTC)


class VisibleHistory:
    """Shows a subject through all runs, restricted to runs in which the account's agency owned it."""

    def __init__(self, agency: AgencyId | None, store: Store, stock: Inventories) -> None:
        self._agency, self._store, self._stock = agency, store, stock
        self._ownerships: dict[RunId, tuple[Organisation, Ownership]] = {}

    def outlines(self, record: JudgementRecord, subject: SubjectId) -> tuple[Outline, ...] | None:
        """Return the outlines of a subject; None if it is not in that run, or belonged to another agency."""
        if self._agency is not None and not self._owned(record, subject):
            return None
        return self._store.outlines_of(record.id, [subject]).get(subject)

    def _owned(self, record: JudgementRecord, subject: SubjectId) -> bool:
        try:
            found = self._store.subject(record.run, subject)
        except StoreError:
            return False
        return self._is_own(self._store.run(record.run), found)

    def others(self, run: RunRecord, subjects: Set[SubjectId]) -> Iterator[SubjectId]:
        """Yield those of these subjects that belonged to another agency in a run."""
        for subject in self._store.subjects(run.id, frozenset(), subjects):
            if not self._is_own(run, subject):
                yield subject.id

    def owned_since(self, subject: SubjectId, back_to: datetime | None = None) -> datetime | None:
        """Return the start of the run since which the subject is the account's own.

        None if it never belonged to another agency in the runs back to ``back_to``.
        """
        if self._agency is None:
            return None
        since = _NEVER
        for run in reversed(self._store.runs()):
            try:
                found = self._store.subject(run.id, subject)
            except StoreError:
                continue
            if not self._is_own(run, found):
                return since
            if back_to is not None and run.started < back_to:
                break
            since = run.started
        return None

    def _is_own(self, run: RunRecord, subject: Subject) -> bool:
        own = self._agency
        if own is None or (subject.agency == own and not subject.derived_from):
            return True
        if run.id not in self._ownerships:
            inventory = self._stock.of(run.inventory)
            self._ownerships[run.id] = inventory.organisation, Ownership(inventory, civil_day(run.started))
        organisation, ownership = self._ownerships[run.id]
        return within(own, ownership.settled(subject).agency, organisation)

    def moved(self, before: RunRecord, subjects: Set[SubjectId]) -> Set[SubjectId]:
        """Return subjects that another agency owned in an earlier run: the results of those runs are not shown."""
        return {
            other
            for run in self._store.runs()
            if run.started < before.started and run.inventory != before.inventory
            for other in self.others(run, subjects)
        }

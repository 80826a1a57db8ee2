"""Reads the subjects of a judged run as the judgement settled them: who owns each, what it is, where it is."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from auditor.framework.localdate import civil_day
from auditor.service.pipeline.judged import Judged
from auditor.service.pipeline.ownership import Ownership
from auditor.service.store.api import Store
from auditor.service.store.chunks import chunks
from auditor.service.store.records import SettledSubject
from inventory.model import AgencyId, Subject, SubjectId
from probes.framework.evidence import Evidence
from probes.framework.expand import addresses, settle

_PAGE = 200  # subjects; without texts and evidence they are small


class SettledSubjects:
    """Reads what a judgement kept of its subjects.

    A judgement that was made before this was kept has it worked out anew, as far as it is asked for: the agencies from
    the inventory, the rest from the evidence.
    """

    def __init__(self, judged: Judged, store: Store) -> None:
        self._judged, self._store = judged, store

    def agencies(self) -> dict[SubjectId, AgencyId | None]:
        """Return the owner of every subject of the run, in the order of ``Store.subjects``. Reads no evidence."""
        found: dict[SubjectId, AgencyId | None] = {}
        for some in chunks(self._store.subjects(self._judged.run.id), _PAGE):
            kept = self._kept(some)
            found |= {
                one.id: kept[one.id].agency if one.id in kept else self._ownership.settled(one).agency for one in some
            }
        return found

    def every(self) -> Iterator[list[Subject]]:
        """Iterate over all subjects of the run, some at a time, in the order of ``Store.subjects``."""
        for some in chunks(self._store.subjects(self._judged.run.id), _PAGE):
            kept = self._kept(some)
            missing = [one for one in some if one.id not in kept]
            if missing:
                asked = [one for one in missing if one.candidates]  # only their kinds depend on the evidence
                kept = {**kept, **self._settled_again(missing, self._evidence(asked))}
            yield [kept[one.id].applied_to(one) for one in some]

    def settled(self, subjects: Sequence[Subject]) -> Mapping[SubjectId, SettledSubject]:
        """Return what each of these planned subjects was taken to be, with its addresses."""
        kept = self._kept(subjects)
        missing = [one for one in subjects if one.id not in kept]
        return {**kept, **self._settled_again(missing, self._evidence(missing))} if missing else kept

    def _kept(self, subjects: Sequence[Subject]) -> Mapping[SubjectId, SettledSubject]:
        return self._store.settled_of(self._judged.id, [one.id for one in subjects])

    def _evidence(self, subjects: Sequence[Subject]) -> Mapping[SubjectId, Sequence[Evidence]]:
        return self._store.evidence_of(self._judged.run.id, [one.id for one in subjects]) if subjects else {}

    def _settled_again(
        self, subjects: Sequence[Subject], evidence: Mapping[SubjectId, Sequence[Evidence]]
    ) -> dict[SubjectId, SettledSubject]:
        found: dict[SubjectId, SettledSubject] = {}
        for one in subjects:
            settled = settle(self._ownership.settled(one), evidence.get(one.id, ()))
            found[one.id] = SettledSubject.of(settled, addresses(settled, evidence.get(one.id, ())))
        return found

    @cached_property
    def _ownership(self) -> Ownership:
        return Ownership(self._judged.inventory, civil_day(self._judged.run.started))

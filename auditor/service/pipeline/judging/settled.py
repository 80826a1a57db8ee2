"""Reads the subjects of a judged run as the judgement settled them: owner, kinds and addresses."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from auditor.framework.localdate import civil_day
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.pipeline.judging.ownership import Ownership
from auditor.service.store.api import Store
from auditor.service.store.chunks import chunks
from auditor.service.store.records import SettledSubject
from inventory.model import AgencyId, Subject, SubjectId
from probes.framework.evidence import Evidence
from probes.framework.expand import addresses, settle

_PAGE = 200  # subjects; without texts and evidence they are small


class SettledSubjects:
    """Reads the subjects that a judgement kept.

    For a judgement made before subjects were kept, the requested values are computed again: the agencies from the
    inventory, the rest from the evidence.
    """

    def __init__(self, judged: LoadedJudgement, store: Store) -> None:
        self._judged, self._store = judged, store

    def agencies(self, of: Iterable[Subject] | None = None) -> dict[SubjectId, AgencyId | None]:
        """Return the owner of every subject of the run, or of some planned ones, in the order of ``Store.subjects``.

        Reads no evidence.
        """
        agencies_by_subject: dict[SubjectId, AgencyId | None] = {}
        for some in chunks(self._store.subjects(self._judged.run.id) if of is None else of, _PAGE):
            kept = self._kept(some)
            agencies_by_subject |= {
                subject.id: kept[subject.id].agency if subject.id in kept else self._ownership.settled(subject).agency
                for subject in some
            }
        return agencies_by_subject

    def every(self) -> Iterator[list[Subject]]:
        """Yield all subjects of the run, settled, in lists of some at a time, in the order of ``Store.subjects``."""
        for some in chunks(self._store.subjects(self._judged.run.id), _PAGE):
            kept = self._kept(some)
            missing = [subject for subject in some if subject.id not in kept]
            if missing:
                asked = [
                    subject for subject in missing if subject.candidates
                ]  # only their kinds depend on the evidence
                kept = {**kept, **self._settled_again(missing, self._evidence(asked))}
            yield [kept[subject.id].applied_to(subject) for subject in some]

    def settled(self, subjects: Sequence[Subject]) -> Mapping[SubjectId, SettledSubject]:
        """Return the settled kinds, owner and addresses of each of these planned subjects."""
        kept = self._kept(subjects)
        missing = [subject for subject in subjects if subject.id not in kept]
        return {**kept, **self._settled_again(missing, self._evidence(missing))} if missing else kept

    def _kept(self, subjects: Sequence[Subject]) -> Mapping[SubjectId, SettledSubject]:
        return self._store.settled_of(self._judged.id, [subject.id for subject in subjects])

    def _evidence(self, subjects: Sequence[Subject]) -> Mapping[SubjectId, Sequence[Evidence]]:
        return self._store.evidence_of(self._judged.run.id, [subject.id for subject in subjects]) if subjects else {}

    def _settled_again(
        self, subjects: Sequence[Subject], evidence: Mapping[SubjectId, Sequence[Evidence]]
    ) -> dict[SubjectId, SettledSubject]:
        settled_subjects_by_subject: dict[SubjectId, SettledSubject] = {}
        for subject in subjects:
            settled = settle(self._ownership.settled(subject), evidence.get(subject.id, ()))
            settled_subjects_by_subject[subject.id] = SettledSubject.of(
                settled, addresses(settled, evidence.get(subject.id, ()))
            )
        return settled_subjects_by_subject

    @cached_property
    def _ownership(self) -> Ownership:
        return Ownership(self._judged.inventory, civil_day(self._judged.run.started))

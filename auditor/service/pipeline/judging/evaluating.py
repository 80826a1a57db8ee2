"""Judges evidence: makes findings and scores, repeatably, offline, subject by subject."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache

from auditor.figures.scoring import CheckOutcome
from auditor.framework.catalogue import Catalogue
from auditor.framework.check import Check
from auditor.framework.findings import CheckId
from auditor.framework.localdate import civil_day
from auditor.framework.policy import Policy
from auditor.judging.judge import OnBug
from auditor.service.pipeline.judging.evidence_at_hand import ROOM
from auditor.service.pipeline.judging.judged import Conditions, LoadedJudgement
from auditor.service.pipeline.judging.judging_subjects import Batch, JudgedBatch, SubjectJudge, judging, processes
from auditor.service.pipeline.judging.members import basis, enabled, is_one_round
from auditor.service.pipeline.judging.ownership import Ownership
from auditor.service.pipeline.summaries.summarising import keep
from auditor.service.store.api import AT_ONCE, Store
from auditor.service.store.chunks import chunks
from auditor.service.store.records import Digest, JudgementId, JudgementRecord, RunRecord, RunState, StoreError
from inventory.inventory import Inventory
from inventory.model import WEB_KINDS, Kind, Subject, SubjectId
from probes.framework.codec import CodecError, dump_frozen, load_frozen
from probes.framework.evidence import RunId

InventoryReader = Callable[[Digest], Inventory]


def evaluate(
    run: RunId,
    store: Store,
    catalogue: Catalogue,
    *,
    now: datetime,
    policy: Policy | None = None,
    inventory: Inventory | None = None,
    on_bug: OnBug = lambda check, subject, error: None,
    judged_so_far: Callable[[int], None] = lambda done: None,
    noted: Callable[[JudgementRecord], None] = lambda judgement: None,
) -> LoadedJudgement:
    """Judge a run; store the judgement, the conditions under which it was made, and its figures.

    ``policy`` replaces only the policy of the run. ``inventory`` is the run's own, for a caller that has it in memory:
    a second copy would take half a kilobyte per subject.

    The defects that the store now lists as accepted count besides those of the policy. ``judged_so_far`` is called with
    the number of judged subjects. A judgement that is cut off is never listed. ``noted`` records, in the same
    transaction, that the judgement is listed from now on.
    """
    record = store.run(run)
    if record.forgotten is not None:
        raise StoreError("run {run}: its evidence is kept no more, so it cannot be judged again", run=run)
    policy = _with_accepted(policy, record, store)
    inventory = inventory or Inventory.from_json(store.blob(record.inventory))
    _gather_subjects(record, store)
    chosen = policy or load_frozen(Policy, store.blob(record.policy))
    subjects = sum(1 for _ in store.subjects(run))
    room = ROOM if processes(store, subjects) < 2 else 0
    based = basis(record, store, chosen, inventory, catalogue, on_bug, room=room)
    digest = record.policy if policy is None else store.put_blob(dump_frozen(policy))
    judgement = JudgementRecord(
        id=JudgementId(f"{run}-{secrets.token_hex(4)}"),
        run=run,
        catalogue=catalogue.version,
        policy=digest,
        reference=record.reference,
        inventory=record.inventory,
        judged_at=now,
    )
    store.add_judgement(judgement, whole=False)
    kept = dump_frozen(based.conditions)
    store.add_conditions(judgement.id, store.put_blob(kept))
    judge = SubjectJudge(based.members, Ownership(inventory, civil_day(record.started)))
    for done in _Judging(judgement.id, record, store, judge, subjects, on_bug).all():
        judged_so_far(done)
    conditions = load_frozen(Conditions, kept)  # exactly as it is read back later, with the order of values
    judged = _judged(judgement, record, chosen, catalogue, conditions, lambda: inventory)
    keep(judged, store)
    with store.batch():
        store.complete_judgement(judged.id)
        noted(judgement)
    return judged


def _gather_subjects(run: RunRecord, store: Store) -> None:
    """Give a round the subjects of all its members, with their owners, because findings belong to the round."""
    for member in run.members:
        for some in chunks(store.subjects(member), AT_ONCE):
            store.add_subjects(run.id, some)


def stored_judgement(
    judgement: JudgementRecord, store: Store, catalogue: Catalogue, *, inventory_of: InventoryReader | None = None
) -> LoadedJudgement:
    """Read a judgement as it was made, with the conditions under which it was made. Reads no evidence.

    For a judgement that was made before conditions were kept, they are computed again from all evidence of the run.
    ``inventory_of`` reads an inventory by its digest, by default from the store.
    """
    record = store.run(judgement.run)

    @cache
    def inventory() -> Inventory:
        found = record.inventory
        return Inventory.from_json(store.blob(found)) if inventory_of is None else inventory_of(found)

    policy = load_frozen(Policy, store.blob(judgement.policy))
    conditions = _kept_conditions(judgement.id, store)
    if conditions is None:
        conditions = basis(record, store, policy, inventory(), catalogue, _nobody).conditions
    return _judged(judgement, record, policy, catalogue, conditions, inventory)


def _kept_conditions(judgement: JudgementId, store: Store) -> Conditions | None:
    """Return the conditions kept with a judgement; None if none were kept or this program cannot read them."""
    digest = store.conditions(judgement)
    try:
        return None if digest is None else load_frozen(Conditions, store.blob(digest))
    except CodecError:
        return None


def _judged(
    judgement: JudgementRecord,
    run: RunRecord,
    policy: Policy,
    catalogue: Catalogue,
    conditions: Conditions,
    read_inventory: Callable[[], Inventory],
) -> LoadedJudgement:
    checks = enabled(catalogue, run.options)
    return LoadedJudgement(
        record=judgement,
        run=run,
        policy=policy,
        one_round=is_one_round(run),
        checks=checks,
        chosen=frozenset(check.id for check in checks) if run.options.checks is None else frozenset(run.options.checks),
        conditions=conditions,
        read_inventory=read_inventory,
    )


def _with_accepted(policy: Policy | None, record: RunRecord, store: Store) -> Policy | None:
    """Return the policy with the accepted defects that the store lists; without any, return ``policy``."""
    accepted = store.accepted(_superseded(record, store))
    if not accepted:
        return policy
    base = policy or load_frozen(Policy, store.blob(record.policy))
    return replace(base, waivers=(*base.waivers, *(waiver for waiver in accepted if waiver not in base.waivers)))


def _superseded(record: RunRecord, store: Store) -> datetime | None:
    """Return the start of the next whole run of the same name; None for the latest run.

    An acceptance, or its withdrawal, counts for the run that people saw. It changes nothing of earlier runs when they
    are judged again.
    """
    if record.round is not None:
        record = store.run(record.round)
    return min((run.started for run in store.runs() if _comes_after(run, record)), default=None)


def _comes_after(run: RunRecord, record: RunRecord) -> bool:
    whole = run.state is RunState.FINISHED and not run.is_part and not run.amends and run.round is None
    return whole and run.name == record.name and run.started > record.started


def _nobody(check: Check, subject: Subject, error: Exception) -> None:
    """Ignore a bug of a check: it was reported when the judgement was made."""


class _Judging:
    """Judges all subjects and stores the results; zones come first, because the ladders of services depend on them."""

    def __init__(
        self, judgement: JudgementId, run: RunRecord, store: Store, judge: SubjectJudge, subjects: int, on_bug: OnBug
    ) -> None:
        self._judgement = judgement
        self._run = run
        self._store = store
        self._judge, self._subjects = judge, subjects
        self._on_bug = on_bug
        self._zones: dict[SubjectId, dict[CheckId, CheckOutcome]] = {}

    def all(self) -> Iterator[int]:
        """Yield the number of judged subjects each time that some are stored, so that others can write in between."""
        done = 0
        with judging(self._judge, self._store, self._subjects) as each:
            for judged in each(self._of(lambda kinds: Kind.ZONE in kinds and not kinds & WEB_KINDS)):
                self._keep(judged)
                for judged_subject in judged.subjects:
                    for owner in judged_subject.subject.derived_from:
                        self._add_zone(owner, judged_subject.outcomes)
                yield (done := done + len(judged.subjects))
            for judged in each(self._of(lambda kinds: Kind.ZONE not in kinds or bool(kinds & WEB_KINDS))):
                self._keep(judged)
                yield (done := done + len(judged.subjects))

    def _add_zone(self, owner: SubjectId, outcomes: dict[CheckId, CheckOutcome]) -> None:
        """Add the outcomes of a zone to a subject in it; thousands of subjects in one zone share the mapping."""
        known = self._zones.get(owner)
        self._zones[owner] = outcomes if known is None else known | outcomes

    def _of(self, wanted: Callable[[frozenset[Kind]], bool]) -> Iterator[Batch]:
        for some in chunks(
            (subject for subject in self._store.subjects(self._run.id) if wanted(subject.kinds)), AT_ONCE
        ):
            zones = {subject.id: self._zones[subject.id] for subject in some if subject.id in self._zones}
            yield Batch(subjects=some, zones=zones)

    def _keep(self, judged: JudgedBatch) -> None:
        for check, subject, error in judged.bugs:
            self._on_bug(check, subject, error)
        with self._store.batch():
            self._store.add_findings(
                self._judgement, (finding for each in judged.subjects for finding in each.findings)
            )
            self._store.add_scores(self._judgement, {each.subject.id: each.scores for each in judged.subjects})
            self._store.add_settled(self._judgement, {each.subject.id: each.settled for each in judged.subjects})

"""Judges evidence: makes findings and scores, repeatably, offline, subject by subject."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from auditor.facts.device import estate
from auditor.facts.path.differences import Differences
from auditor.facts.tslcd.gathering import Gathering
from auditor.figures.kpis import EXCUSED
from auditor.figures.scoring import CheckOutcome, by_check, ladders, scores
from auditor.framework.catalogue import Catalogue
from auditor.framework.check import Check, CheckScope
from auditor.framework.context import Context, InventoryIndex, ReferenceData
from auditor.framework.findings import CheckId, Finding
from auditor.framework.localdate import civil_day
from auditor.framework.policy import Policy
from auditor.judging.judge import OnBug, judge, judge_beside, judge_vantage
from auditor.judging.vantage import SELFTEST, WorkingControls, assess, unknown_health, vantage_subject
from auditor.service.derived.review import SUBJECT, Names, review
from auditor.service.derived.shared_smtp import Dialogues
from auditor.service.pipeline.judged import Conditions, Judged, Vantage
from auditor.service.pipeline.ownership import Ownership
from auditor.service.pipeline.summarising import keep
from auditor.service.store.api import AT_ONCE, Store
from auditor.service.store.chunks import chunks
from auditor.service.store.records import (
    Digest,
    JudgementId,
    JudgementRecord,
    RunRecord,
    RunState,
    SettledSubject,
    StoreError,
    SubjectScores,
)
from auditor.service.store.run_options import RunOptions
from inventory.inventory import Inventory
from inventory.model import WEB_KINDS, Kind, Network, Subject, SubjectId
from inventory.user_networks import PREFIX as LAN
from inventory.user_networks import lans
from probes.framework.codec import CodecError, dump_frozen, load_frozen
from probes.framework.evidence import Evidence, EvidenceSet, RunId
from probes.framework.expand import addresses, settle
from probes.framework.profile import PROFILES

InventoryReader = Callable[[Digest], Inventory]


def evaluate(
    run: RunId,
    store: Store,
    catalogue: Catalogue,
    *,
    now: datetime,
    policy: Policy | None = None,
    on_bug: OnBug = lambda check, subject, error: None,
    judged_so_far: Callable[[int], None] = lambda done: None,
) -> Judged:
    """Judge a run; store the judgement, the conditions it was made under and its figures. ``policy`` replaces that of
    the run, nothing else.

    The defects that the store says are accepted now count beside those of the policy. ``judged_so_far`` is told how
    many subjects are done. A judgement that is cut off is never listed.
    """
    record = store.run(run)
    if record.forgotten is not None:
        raise StoreError("run {run}: its evidence is kept no more, so it cannot be judged again", run=run)
    policy = _with_accepted(policy, record, store)
    inventory = Inventory.from_json(store.blob(record.inventory))
    context = _context(record, store, policy, inventory)
    context, conditions = _conditions(context, record, store, inventory, catalogue, on_bug)
    checks = _enabled(catalogue, record.options)
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
    store.add_conditions(judgement.id, store.put_blob(dump_frozen(conditions)))
    for done in _Judging(judgement.id, record, store, checks, context, inventory, on_bug).all():
        judged_so_far(done)
    judged = _judged(judgement, record, context.policy, catalogue, conditions, inventory)
    keep(judged, store)
    store.complete_judgement(judged.id)
    return judged


def stored_judgement(
    judgement: JudgementRecord, store: Store, catalogue: Catalogue, *, inventory_of: InventoryReader | None = None
) -> Judged:
    """Read a judgement as it was made, with the conditions it was made under. Reads no evidence.

    Of a judgement that was made before conditions were kept, they are worked out anew from all evidence of the run.
    ``inventory_of`` reads an inventory by its digest, by default from the store.
    """
    record = store.run(judgement.run)
    inventory = (
        Inventory.from_json(store.blob(record.inventory)) if inventory_of is None else inventory_of(record.inventory)
    )
    policy = load_frozen(Policy, store.blob(judgement.policy))
    conditions = _kept_conditions(judgement.id, store)
    if conditions is None:
        context = _context(record, store, policy, inventory)
        _, conditions = _conditions(context, record, store, inventory, catalogue, _nobody)
    return _judged(judgement, record, policy, catalogue, conditions, inventory)


def _kept_conditions(judgement: JudgementId, store: Store) -> Conditions | None:
    """Return None for a judgement of before conditions were kept, or whose conditions a later program cannot read."""
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
    inventory: Inventory,
) -> Judged:
    checks = _enabled(catalogue, run.options)
    return Judged(
        record=judgement,
        run=run,
        policy=policy,
        one_round=_one_round(run),
        checks=checks,
        chosen=frozenset(check.id for check in checks) if run.options.checks is None else frozenset(run.options.checks),
        conditions=conditions,
        inventory=inventory,
    )


def _with_accepted(policy: Policy | None, record: RunRecord, store: Store) -> Policy | None:
    """None where it stays the run's own."""
    accepted = store.accepted()
    if not accepted:
        return policy
    base = policy or load_frozen(Policy, store.blob(record.policy))
    return replace(base, waivers=(*base.waivers, *(one for one in accepted if one not in base.waivers)))


def _nobody(check: Check, subject: Subject, error: Exception) -> None:
    """Told of bugs when the judgement was made."""


def _of_inventory(
    record: RunRecord, inventory: Inventory, names: Names, catalogue: Catalogue, context: Context, on_bug: OnBug
) -> tuple[Finding, ...]:
    """What ``meta.inventory.*`` says; nothing for a run without an inventory."""
    declared = review(record, inventory, names)
    if declared is None:
        return ()
    checks = catalogue.checks.values()
    return judge_beside(SUBJECT, EvidenceSet([declared]), checks, context, scope=CheckScope.RUN, on_bug=on_bug)


def _enabled(catalogue: Catalogue, options: RunOptions) -> tuple[Check, ...]:
    """The checks the run was made for; one that this program no longer has is left out."""
    wanted = set(catalogue.checks if options.checks is None else options.checks)
    return tuple(check for check in catalogue.select((), ()) if check.id in wanted)


def _context(record: RunRecord, store: Store, policy: Policy | None, inventory: Inventory) -> Context:
    networks = frozenset(Network(word) for word in record.networks if word in set(Network))
    sites = frozenset(word.removeprefix(LAN) for word in record.networks if word.startswith(LAN))
    return Context(
        now=record.started,
        policy=policy or load_frozen(Policy, store.blob(record.policy)),
        vantage=unknown_health(record.vantage, networks, sites),
        reference=load_frozen(ReferenceData, store.blob(record.reference)),
        exemptions=inventory.exemptions,
        clearance=record.options.clearance,
        one_round=_one_round(record),
        names=frozenset(subject.host for subject in inventory.subjects if subject.host is not None),
        lans=lans(inventory.in_force(civil_day(record.started))),
        inventory=InventoryIndex.of(inventory.subjects),
    )


def _one_round(run: RunRecord) -> bool:
    return PROFILES[run.profile].one_round if run.profile in PROFILES else True


def _conditions(
    context: Context, record: RunRecord, store: Store, inventory: Inventory, catalogue: Catalogue, on_bug: OnBug
) -> tuple[Context, Conditions]:
    """Read all evidence once for what the run as a whole shows, and judge the vantage and the inventory by it.

    Returns the context in which subjects are judged as well, which knows more than the conditions that are kept.
    """
    context, selftest, names = _with_health(context, record, store, catalogue, on_bug)
    return context, Conditions(
        vantage=Vantage.of(context.vantage),
        selftest=selftest,
        inventory_findings=_of_inventory(record, inventory, names, catalogue, context, on_bug),
    )


def _with_health(
    context: Context, record: RunRecord, store: Store, catalogue: Catalogue, on_bug: OnBug
) -> tuple[Context, tuple[Finding, ...], Names]:
    """Read all evidence once for what answered and which names there are, then judge the self-test."""
    controls, names = WorkingControls(store.subjects(record.id), context.vantage.networks), Names()
    sites = Gathering(store.subjects(record.id), context.reference.maintenance)
    prefixes = (*context.reference.address_plan, *context.reference.networks.get(Network.TSLCD, ()))
    devices = estate.Gathering(store.subjects(record.id), prefixes)
    differences = Differences()
    for evidence in store.all_evidence(record.id):
        controls.add(evidence)
        differences.add(evidence)
        names.add(evidence)
        sites.add(evidence)
        devices.add(evidence)
    subject = vantage_subject(record.vantage)
    tests = [one for one in store.evidence(record.id, subject.id) if one.probe == SELFTEST]
    health = assess(tests, catalogue.checks, context, controls, differences)
    known = replace(context, vantage=health, sites=sites.seen(), estate=devices.seen())
    selftest = judge_vantage(subject, EvidenceSet(tests), catalogue.checks.values(), known, on_bug=on_bug)
    return known, selftest, names


@dataclass(frozen=True, slots=True, kw_only=True)
class _JudgedSubject:
    """Holds what judging one subject came to. ``subject`` is settled."""

    subject: Subject
    findings: tuple[Finding, ...]
    outcomes: dict[CheckId, CheckOutcome]
    scores: SubjectScores


class _Judging:
    """Subject by subject; zones first, because the ladders of services stand on their zones' outcomes."""

    def __init__(
        self,
        judgement: JudgementId,
        run: RunRecord,
        store: Store,
        checks: tuple[Check, ...],
        context: Context,
        inventory: Inventory,
        on_bug: OnBug,
    ) -> None:
        self._judgement = judgement
        self._run = run
        self._store = store
        self._checks = checks
        self._context = context
        self._on_bug = on_bug
        self._ownership = Ownership(inventory, civil_day(run.started))
        self._dialogues = Dialogues(run.id, store)
        self._measured = store.measured(run.id)
        self._zones: dict[SubjectId, dict[CheckId, CheckOutcome]] = {}

    def all(self) -> Iterator[int]:
        """How many subjects are judged, each time that some are stored: others write to the store in between."""
        done = 0
        for some in self._of(lambda kinds: Kind.ZONE in kinds and not kinds & WEB_KINDS):
            for subject, outcomes in self._some(some):
                for owner in subject.derived_from:
                    self._zones.setdefault(owner, {}).update(outcomes)
            yield (done := done + len(some))
        for some in self._of(lambda kinds: Kind.ZONE not in kinds or bool(kinds & WEB_KINDS)):
            self._some(some)
            yield (done := done + len(some))

    def _of(self, wanted: Callable[[frozenset[Kind]], bool]) -> Iterator[list[Subject]]:
        return chunks((one for one in self._store.subjects(self._run.id) if wanted(one.kinds)), AT_ONCE)

    def _some(self, subjects: Sequence[Subject]) -> list[tuple[Subject, dict[CheckId, CheckOutcome]]]:
        evidence = self._store.evidence_of(self._run.id, [one.id for one in subjects])
        judged = [self._one(one, EvidenceSet(self._whole(one, evidence[one.id]))) for one in subjects]
        settled = {
            one.id: SettledSubject.of(one, addresses(one, evidence[one.id]))
            for one in (each.subject for each in judged)
        }
        with self._store.batch():
            self._store.add_findings(self._judgement, (one for each in judged for one in each.findings))
            self._store.add_scores(self._judgement, {each.subject.id: each.scores for each in judged})
            self._store.add_settled(self._judgement, settled)
        return [(subject, each.outcomes) for subject, each in zip(subjects, judged, strict=True)]

    def _whole(self, subject: Subject, evidence: Sequence[Evidence]) -> Sequence[Evidence]:
        """All evidence of a subject. Of a run that was cut off none where a part is missing: another address, or a
        second look at what failed, could have made it better."""
        if self._run.state is not RunState.FINISHED and self._measured and subject.id not in self._measured:
            return ()
        return (*evidence, *self._dialogues.of(subject))

    def _one(self, subject: Subject, evidence: EvidenceSet) -> _JudgedSubject:
        now = max((one.started for one in evidence), default=self._run.started)
        settled = settle(self._ownership.settled(subject), evidence)
        findings = judge(settled, evidence, self._checks, replace(self._context, now=now), on_bug=self._on_bug)
        outcomes = by_check(findings)
        excused = {one.check for one in findings if one.code in EXCUSED}
        zone = self._zones.get(subject.id, {})
        climbed = ladders(settled.kind, settled.kinds, outcomes, zone=zone, excused=excused)
        scored = SubjectScores(scores=scores(outcomes), ladders=climbed)
        return _JudgedSubject(subject=settled, findings=findings, outcomes=outcomes, scores=scored)

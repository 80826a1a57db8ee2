"""Computes the basis of a judgement besides its subjects: the health and the context of each vantage of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from auditor.framework.catalogue import Catalogue
from auditor.framework.check import Check, CheckScope
from auditor.framework.context import Context, ReferenceData
from auditor.framework.findings import Finding
from auditor.framework.inventory_index import InventoryIndex
from auditor.framework.localdate import civil_day
from auditor.framework.policy import Policy
from auditor.judging.judge import OnBug, judge_beside, judge_vantage
from auditor.judging.run_wide import RunWide
from auditor.judging.vantage import SELFTEST, unknown_health, vantage_subject
from auditor.judging.views import View
from auditor.service.derived.review import SUBJECT, ExistingNames, review
from auditor.service.derived.shared_smtp import Dialogues
from auditor.service.pipeline.judging.evidence_at_hand import EvidenceAtHand
from auditor.service.pipeline.judging.judged import Conditions, Vantage, VantageConditions
from auditor.service.store.api import Store
from auditor.service.store.records import RunRecord, RunState
from auditor.service.store.run_options import RunOptions
from inventory.inventory import Inventory
from inventory.model import Network, Subject, SubjectId
from inventory.user_networks import PREFIX as LAN
from inventory.user_networks import lans
from probes.framework.codec import load_frozen
from probes.framework.evidence import Evidence, EvidenceSet
from probes.framework.profile import PROFILES


class Member:
    """Provides the measurements of each subject from one vantage, and the context in which they are judged."""

    def __init__(
        self, record: RunRecord, store: Store, context: Context, checks: tuple[Check, ...], gathering: "_Gathering"
    ) -> None:
        self.record, self.checks = record, checks
        self._context, self._store = context, store
        self._dialogues = Dialogues(record.id, store)
        self._measured = store.measured(record.id)
        self._planned, self._at_hand = gathering.planned, gathering.at_hand

    def evidence_of(self, subjects: Sequence[Subject]) -> Mapping[SubjectId, Sequence[Evidence]]:
        """Read the evidence of those of some subjects that this vantage was to measure."""
        self._dialogues.read_ahead(subjects)
        wanted = [subject.id for subject in subjects if subject.id in self._planned]
        found = self._at_hand.take(wanted)
        others = [id_ for id_ in wanted if id_ not in found]
        return {**found, **self._store.evidence_of(self.record.id, others)} if others else found

    def misses(self, subject: Subject) -> bool:
        """True if this member of a round has not finished a subject; it may have ended or still be running."""
        record = self.record
        return record.round is not None and record.state is not RunState.FINISHED and subject.id not in self._measured

    def absent_view(self) -> View:
        """Return the view of a subject that no member has finished: no evidence, and a vantage in no network."""
        nowhere = replace(self._context.vantage, networks=frozenset(), lans=frozenset())
        return View(context=replace(self._context, vantage=nowhere), evidence=EvidenceSet(()), checks=self.checks)

    def view(self, subject: Subject, evidence: Sequence[Evidence]) -> View:
        """Return the view of a subject by which it is judged; ``evidence`` is from ``evidence_of``."""
        whole = EvidenceSet(self._whole(subject, evidence))
        return View(context=self._context, evidence=whole, checks=self.checks)

    def _whole(self, subject: Subject, evidence: Sequence[Evidence]) -> Sequence[Evidence]:
        """Return all evidence of a subject; none if the run was cut off before the subject was finished.

        The missing part, another address or a second look at a failure, could have improved the result.
        """
        if self.record.state is not RunState.FINISHED and subject.id not in self._measured:
            return ()
        return (*evidence, *self._dialogues.of(subject))


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Holds the vantages of a run, and the conditions under which all its subjects are judged."""

    members: tuple[Member, ...]
    conditions: Conditions


def member_records(run: RunRecord, store: Store) -> tuple[RunRecord, ...]:
    """Return the runs of a round; for a run of a single vantage, only that run."""
    return tuple(map(store.run, run.members)) or (run,)


def cut_off_vantages(run: RunRecord, store: Store) -> tuple[str, ...]:
    """Return the vantages of a round that did not measure all of it."""
    members = member_records(run, store) if run.is_round else ()
    return tuple(member.vantage for member in members if member.state is not RunState.FINISHED)


def vantage_in(network: Network, run: RunRecord, store: Store) -> str:
    """Return the vantage of a run that samples a network: in a round the first member there, or else its first."""
    records = member_records(run, store)
    return next((record.vantage for record in records if network.value in record.networks), records[0].vantage)


def basis(
    run: RunRecord,
    store: Store,
    policy: Policy,
    inventory: Inventory,
    catalogue: Catalogue,
    on_bug: OnBug,
    *,
    room: int = 0,
) -> Basis:
    """Read all evidence once for the state of each vantage of the run, and judge the vantages and the inventory.

    ``room`` is the number of bytes of evidence to keep until its subjects are judged, in this process only.
    """
    names = ExistingNames()
    members: list[Member] = []
    vantages: list[VantageConditions] = []
    contexts: list[Context] = []
    records = member_records(run, store)
    for record in records:
        context = _context(record, store, policy, inventory)
        whole = record.state is RunState.FINISHED  # in any other run a subject may still be finished
        at_hand = EvidenceAtHand(room // len(records) if whole else 0)
        gathering = _Gathering(context, tuple(store.subjects(record.id)), names, at_hand)
        context, selftest = _with_health(record, store, catalogue, on_bug, gathering)
        members.append(Member(record, store, context, enabled(catalogue, record.options), gathering))
        vantages.append(VantageConditions(vantage=Vantage.of(context.vantage), selftest=selftest))
        contexts.append(context)
    first, *others = vantages
    conditions = Conditions(
        vantage=first.vantage,
        selftest=first.selftest,
        inventory_findings=_of_inventory(run, inventory, names, catalogue, contexts[0], on_bug),
        others=tuple(others),
    )
    return Basis(members=tuple(members), conditions=conditions)


def enabled(catalogue: Catalogue, options: RunOptions) -> tuple[Check, ...]:
    """Return the checks that a run was made for; a check that this program no longer has is left out."""
    wanted = set(catalogue.checks if options.checks is None else options.checks)
    return tuple(check for check in catalogue.select((), ()) if check.id in wanted)


def is_one_round(run: RunRecord) -> bool:
    """True if a run was measured in a profile without later confirmation."""
    return PROFILES[run.profile].one_round if run.profile in PROFILES else True


def _of_inventory(
    record: RunRecord, inventory: Inventory, names: ExistingNames, catalogue: Catalogue, context: Context, on_bug: OnBug
) -> tuple[Finding, ...]:
    """Return the findings of ``meta.inventory.*``; none for a run without an inventory."""
    declared = review(record, inventory, names)
    if declared is None:
        return ()
    checks = catalogue.checks.values()
    return judge_beside(SUBJECT, EvidenceSet([declared]), checks, context, scope=CheckScope.RUN, on_bug=on_bug)


def _context(record: RunRecord, store: Store, policy: Policy, inventory: Inventory) -> Context:
    networks = frozenset(Network(word) for word in record.networks if word in set(Network))
    sites = frozenset(word.removeprefix(LAN) for word in record.networks if word.startswith(LAN))
    return Context(
        now=record.started,
        policy=policy,
        vantage=unknown_health(record.vantage, networks, sites),
        reference=load_frozen(ReferenceData, store.blob(record.reference)),
        exemptions=inventory.exemptions,
        clearance=record.options.clearance,
        one_round=is_one_round(record),
        names=frozenset(subject.host for subject in inventory.subjects if subject.host is not None),
        lans=lans(inventory.in_force(civil_day(record.started))),
        inventory=InventoryIndex.of(inventory.subjects),
    )


class _Gathering:
    """Takes all evidence of one vantage, once, to find the vantage's state and the names that exist."""

    def __init__(
        self, context: Context, subjects: Sequence[Subject], names: ExistingNames, at_hand: EvidenceAtHand
    ) -> None:
        self.planned = frozenset(subject.id for subject in subjects)
        self.whole = RunWide(context, subjects)
        self._names, self.at_hand = names, at_hand

    def add(self, evidence: Evidence, size: int) -> None:
        """Take a piece of evidence that is stored in ``size`` bytes."""
        if evidence.subject in self.planned:
            self.at_hand.add(evidence, size)
        self.whole.add(evidence)
        self._names.add(evidence)


def _with_health(
    record: RunRecord, store: Store, catalogue: Catalogue, on_bug: OnBug, gathering: _Gathering
) -> tuple[Context, tuple[Finding, ...]]:
    """Read all evidence of one vantage, then judge its self-test."""
    for evidence, size in store.weighed_evidence(record.id):
        gathering.add(evidence, size)
    subject = vantage_subject(record.vantage)
    tests = [envelope for envelope in store.evidence(record.id, subject.id) if envelope.probe == SELFTEST]
    context = gathering.whole.context(tests, catalogue.checks)
    return context, judge_vantage(subject, EvidenceSet(tests), catalogue.checks.values(), context, on_bug=on_bug)

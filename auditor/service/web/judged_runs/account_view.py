"""Restricts a judgement to the part that one account may see: the only place where an agency's scope is applied.

Pages and the API take everything about subjects and agencies from here, never from a summary or the store itself.
Anything outside the scope is treated as if it did not exist.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache

from auditor.figures.causes import Cause, visible
from auditor.figures.comparison import Comparison
from auditor.figures.rollup import UnitRollup
from auditor.framework.findings import WORST_FIRST, CheckId, Finding, Outcome
from auditor.framework.waivers import WaiverRow
from auditor.judging.seen_from import SeenFrom
from auditor.service.accounts.model import Account
from auditor.service.inventories.agency_view import within
from auditor.service.pipeline.judging.members import vantage_in
from auditor.service.pipeline.summaries.subject_lines import SubjectLine
from auditor.service.runs.agency_reports import agency_report
from auditor.service.runs.comparing import compare_some
from auditor.service.runs.scoped_report import ScopedReport
from auditor.service.runs.visible_history import VisibleHistory
from auditor.service.store.api import Store
from auditor.service.store.at_hand import may_wait
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.records import JudgementId, JudgementRecord, RunRecord, RunState, SubjectScores
from auditor.service.web.connection_points.slot_series import SampledSubject
from auditor.service.web.judged_runs.judgement_summary import JudgementSummaries, JudgementSummary, VisibleLines
from auditor.service.web.problems.lists import ProblemLists, UnmetRequirement
from auditor.texts.redaction import evidence_for, finding_for, subject_for
from inventory.model import AgencyId, Kind, Network, Subject, SubjectId
from probes.framework.evidence import Evidence
from reports.document import Report


def everything_of(judgement: JudgementId) -> tuple[str, ...]:
    """Return the key of the view that accounts have of a judgement if they see everything."""
    return judgement, "all"


class AccountView:
    """Restricts one judgement to the part that one account may see."""

    def __init__(self, account: Account, digest: JudgementSummary, store: Store) -> None:
        self._account, self.digest, self._store = account, digest, store
        visible_lines = digest.sights.get(account.agency)
        if visible_lines is None:  # two threads at once compute the same
            may_wait()
            seen = {agency: self.sees(agency) for agency in {line.agency for line in digest.lines}}
            visible_lines = digest.sights[account.agency] = VisibleLines(
                line for line in digest.lines if seen[line.agency]
            )
        self._sight, self._lines = visible_lines, visible_lines.lines

    def sees(self, agency: AgencyId | None) -> bool:
        """True if an agency is the account's own or below it; an account bound to none sees everything."""
        return within(self._account.agency, agency, self.digest.organisation)

    @property
    def judgement(self) -> JudgementId:
        return self.digest.judgement.id

    @property
    def about(self) -> tuple[str, ...]:
        """The key of this view: equal for accounts that see the same of the judgement."""
        own = self._account.agency
        return everything_of(self.judgement) if own is None else (self.judgement, "of", own)

    @property
    def whole(self) -> bool:
        """True if nothing is left out, so that figures of everything may be shown."""
        return self._account.agency is None

    @property
    def reported(self) -> bool:
        """True if there is a report for this account; an agency has none of a run that was cut short.

        The report of such a run counts everything that is missing, and an agency does not get counts of everything.
        """
        return self.whole or self.digest.run.state is RunState.FINISHED

    def report(self, digests: JudgementSummaries) -> Report:
        """Return the visible part as a report; reading it takes time."""
        if self.whole:
            return digests.report(self.digest)
        past = VisibleHistory(self._account.agency, self._store, digests.stock)
        return ScopedReport(
            digests.report(self.digest, {line.id: line.agency for line in self._lines}),
            self.sees,
            self.by_id.keys(),
            names=frozenset(self.names.values()),
            moved=lambda: past.moved(self.digest.run, self.by_id.keys()),
        )

    def reports(self, agency: AgencyId) -> bool:
        """True if there is a report of one agency, which the account may see."""
        known = self.digest.organisation.unit(agency) is not None and self.sees(agency)
        return known and self.digest.run.state is RunState.FINISHED

    def report_of(self, agency: AgencyId, digests: JudgementSummaries, *, below: bool = True) -> Report | None:
        """Return the report of a visible agency, with the units under it if ``below``; reading it takes time."""
        if not self.reports(agency):
            return None
        judged = digests.judged(self.digest.judgement)
        return agency_report(
            judged, agency, self._store, digests.catalogue, digests.stock, below=below, above=self.whole
        )

    @property
    def own_name(self) -> str:
        """The name of the account's agency; empty for an account that sees everything."""
        own = self._account.agency
        unit = None if own is None else self.digest.organisation.unit(own)
        return "" if own is None else own if unit is None else unit.name or own

    @property
    def subjects(self) -> Sequence[SubjectLine]:
        return self._lines

    @property
    def by_id(self) -> Mapping[SubjectId, SubjectLine]:
        return self._sight.by_id

    def of_kinds(self, *kinds: Kind) -> Sequence[SubjectLine]:
        """Return the visible subjects of these kinds, kind by kind."""
        return [subject_line for kind in kinds for subject_line in self._sight.by_kind.get(kind, ())]

    @property
    def search_index(self) -> Sequence[tuple[str, SubjectLine]]:
        """The visible subjects, each with the text in which searches look for a match."""
        return self._sight.search_index

    @property
    def names(self) -> Mapping[AgencyId, str]:
        """The names of the visible agencies, by code."""
        return {unit.code: unit.name for unit in self.digest.organisation.walk() if self.sees(unit.code)}

    def name(self, agency: AgencyId) -> str:
        """Return the name of an agency; empty if it is not visible or has no name."""
        unit = self.digest.organisation.unit(agency) if self.sees(agency) else None
        return "" if unit is None else unit.name

    def contact(self, subject: Subject) -> str:
        """Return the contact for a subject: that of its row, else that of its agency; empty if neither has one."""
        unit = None if subject.agency is None else self.digest.organisation.unit(subject.agency)
        return subject.declared.contact or ("" if unit is None else unit.contact)

    def accepts(self, row: WaiverRow) -> bool:
        """True if a waiver concerns a visible subject or agency."""
        if row.subject is not None:
            return row.subject in self._sight.by_id
        return row.agency is not None and self.sees(row.agency)

    @property
    def causes(self) -> Sequence[Cause]:
        """The shared causes of visible subjects; they tell an account of one agency nothing of others."""
        if self.whole:
            return self.digest.causes
        agencies = {line.id: line.agency for line in self._lines}
        return [own for cause in self.digest.causes if (own := visible(cause, agencies)) is not None]

    @property
    def outcomes(self) -> Counter[Outcome]:
        """The numbers of visible findings by outcome."""
        return self._sight.outcomes

    def units(self) -> Iterator[UnitRollup]:
        """Yield the figures of the visible agencies, in the order of the tree."""
        rollup = self.digest.rollup
        for unit in () if rollup is None else rollup.units:
            if unit.agency is not None and unit.subjects and self.sees(unit.agency):
                yield unit

    def own_fails(self) -> Iterator[tuple[UnitRollup, int]]:
        """Yield each visible unit with the number of failed required checks of its own subjects.

        Those of the units under it are left out: these units have to fix them.
        """
        rollup = self.digest.rollup
        under: Counter[AgencyId | None] = Counter()
        for unit_rollup in () if rollup is None else rollup.units:
            under[unit_rollup.parent] += unit_rollup.required_fails
        for unit in self.units():
            yield unit, unit.required_fails - under[unit.agency]

    def total(self) -> UnitRollup | None:
        """Return the figures of everything, or of the account's own agency."""
        rollup = self.digest.rollup
        if rollup is None or self._account.agency is None:
            return None if rollup is None else rollup.total
        return rollup.unit(self._account.agency)

    def of_agency(self, agency: AgencyId | None) -> Sequence[SubjectLine] | None:
        """Return the subjects of one agency itself; None if it is not visible or does not exist."""
        subject_lines = self._sight.by_agency.get(agency)
        return subject_lines if subject_lines and self.sees(agency) else None

    def subject(self, subject: SubjectId) -> tuple[SubjectLine, Subject] | None:
        line = self._sight.by_id.get(subject)
        if line is None:
            return None
        found = self._store.subject(self.digest.run.id, subject)
        return line, found if self.whole else subject_for(found, self._sight.by_id)

    def findings(self, line: SubjectLine) -> tuple[Finding, ...]:
        return self._shown(self._store.findings(self.digest.judgement.id, line.id))

    def evidence(self, line: SubjectLine) -> tuple[Evidence, ...]:
        envelopes = self._store.evidence(self.digest.run.id, line.id)
        return envelopes if self.whole else tuple(evidence_for(finding, self._sight.by_id) for finding in envelopes)

    def findings_of(self, lines: Sequence[SubjectLine]) -> Mapping[SubjectId, tuple[Finding, ...]]:
        findings_by_subject = self._store.findings_of(self.judgement, [line.id for line in lines])
        return {subject: self._shown(of_subject) for subject, of_subject in findings_by_subject.items()}

    def _shown(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        if self.whole:
            return findings
        checks, seen = self.digest.checks, self._sight.by_id
        return tuple(finding_for(finding, checks.get(finding.check), seen) for finding in findings)

    def outcomes_of(self, check: CheckId, lines: Sequence[SubjectLine]) -> Mapping[SubjectId, Outcome]:
        """Return the worst outcome of a check for each visible subject that has one."""
        outlines = self._store.outlines_of(self.judgement, [line.id for line in lines], check=check)
        worst: dict[SubjectId, Outcome] = {}
        for subject, of_subject in outlines.items():
            if outcomes := {outline.outcome for outline in of_subject}:
                worst[subject] = min(outcomes, key=WORST_FIRST.index)
        return worst

    def problems(self, lists: ProblemLists, *, undecided: bool = False) -> Sequence[UnmetRequirement]:
        """Return the requirements that visible subjects do not meet, or else those left undecided; the worst first."""
        problems = lists.of(self.digest, undecided=undecided)
        seen = self._sight.by_id
        return problems if self.whole else [problem for problem in problems if problem.line.id in seen]

    def rechecks(self, line: SubjectLine, stock: Inventories) -> Sequence[RunRecord]:
        """Return judged runs that add to this one and have the subject too, if it is the account's own there."""
        past = VisibleHistory(self._account.agency, self._store, stock)
        runs = []
        for run in self._store.runs():
            if run.amends == self.digest.run.id:
                judgement = self._store.latest_judgement(run.id)
                if judgement is not None and past.outlines(judgement, line.id) is not None:
                    runs.append(run)
        return runs

    def sampled(self, line: SubjectLine, stock: Inventories, back_to: datetime | None = None) -> SampledSubject:
        """Return the samples of a subject by the vantage of its network, from when it became the account's own."""
        return self.sampled_together([line], stock, back_to)[0]

    def sampled_together(
        self, lines: Sequence[SubjectLine], stock: Inventories, back_to: datetime | None = None
    ) -> Sequence[SampledSubject]:
        """Return the samples of several subjects, in their order, see ``sampled``; shared data is read once."""
        past, vantage_in = VisibleHistory(self._account.agency, self._store, stock), cache(self.vantage_in)
        ids = [line.id for line in lines]
        return [
            SampledSubject(self._store, subject.id, vantage_in(subject.network), past.owned_since(subject.id, back_to))
            for subject in self._store.subjects_of(self.digest.run.id, ids)
        ]

    def seen_from(self, line: SubjectLine) -> tuple[SeenFrom, ...]:
        """Read whether the subject answered each vantage of a round."""
        kept = self._store.settled_of(self.judgement, [line.id]).get(line.id)
        return () if kept is None else kept.seen_from

    def vantage_in(self, network: Network) -> str:
        """Return the vantage that samples a network."""
        return vantage_in(network, self.digest.run, self._store)

    def scores(self, line: SubjectLine) -> SubjectScores:
        return self._store.scores(self.judgement, line.id)

    def changes(self, earlier: JudgementRecord, digests: JudgementSummaries) -> Comparison:
        """Compare the findings with those of an earlier judgement, restricted to the visible subjects of each side.

        A subject that belonged to another agency on one side counts as missing on that side. Only an account that sees
        everything gets figures.
        """
        before = digests.of(earlier)
        comparison = digests.compared(before, self.digest)
        if self.whole:
            return comparison
        old, new = self.earlier(earlier, digests).by_id.keys(), self.by_id.keys()
        seen = old | new
        split = (old & self.digest.ids - new) | (new & before.ids - old)
        mine = tuple(change for change in comparison.changes if change.subject in seen and change.subject not in split)
        moved = compare_some(
            digests.judged(before.judgement),
            digests.judged(self.digest.judgement),
            self._store,
            old=old & split,
            new=new & split,
        )
        changes = sorted((*mine, *moved), key=lambda change: change.subject) if moved else mine
        return Comparison(changes=tuple(changes), suspect=comparison.suspect)

    def earlier(self, record: JudgementRecord, digests: JudgementSummaries) -> "AccountView":
        """Return an earlier judgement, restricted to the same account."""
        return AccountView(self._account, digests.of(record), self._store)

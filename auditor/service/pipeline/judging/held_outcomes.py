"""Holds back outcomes that a single run does not prove; outcomes of the rounds just before it count in their place.

A change is accepted after three rounds half an hour or more apart, or after a day (CHECKS §4.3), so that one silent
round flips no figure. A run after a longer pause is accepted at once: nothing is known of the time between. An outcome
that is only declared, or that decides nothing, is never held back.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from auditor.figures.held_states import RoundOutcome, held
from auditor.figures.kpis import FoldedCheck, folded
from auditor.framework.check import VantageKind
from auditor.framework.findings import CheckId, Outcome, Outline
from auditor.framework.policy import Policy
from auditor.service.pipeline.judging.earlier_runs import earlier_judged_runs
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.store.api import Store
from auditor.service.store.records import Digest, JudgementId
from inventory.model import SubjectId
from probes.framework.codec import load_frozen

PAUSE = timedelta(days=2)
"""The longest time between two rounds that are compared; after a longer one, the next round is accepted at once."""
MOST_ROUNDS = 8
"""Maximum number of rounds that are read: the three that confirm a change, and some that were closer together."""
_DECIDED = frozenset({Outcome.PASS, Outcome.WARN, Outcome.FAIL})

Outlines = Mapping[SubjectId, Sequence[Outline]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _RoundOutcome:
    """Holds the folded outcome of one check for one subject in one round, with the version of the check."""

    at: datetime
    version: int
    seen: FoldedCheck


class Holding:
    """Holds the rounds just before a run, and computes the outcomes that are held back."""

    def __init__(self, judged: LoadedJudgement, store: Store) -> None:
        self._judged, self._store = judged, store
        self._rounds = tuple(islice(self._recent(), MOST_ROUNDS))
        self._measured = frozenset(check.id for check in judged.checks if check.vantage != {VantageKind.INV})

    def __bool__(self) -> bool:
        """True if there is an earlier round to compare the run with."""
        return bool(self._rounds)

    def _recent(self) -> Iterator[tuple[datetime, JudgementId]]:
        """Yield earlier rounds under the same rules, newest first, up to a longer pause; waivers may differ."""
        last = self._judged.run.started
        for run, judgement in earlier_judged_runs(self._judged.run, self._store):
            if last - run.started > PAUSE:
                return
            if self._same_rules(self._store.judgement(judgement).policy):
                yield run.started, judgement
                last = run.started

    def _same_rules(self, policy: Digest) -> bool:
        if policy == self._judged.record.policy:
            return True
        return load_frozen(Policy, self._store.blob(policy)).rules() == self._judged.policy.rules()

    def of(self, own: Outlines) -> dict[SubjectId, dict[CheckId, FoldedCheck]]:
        """Return the outcomes that count instead of this run's, by subject and check, only where they differ."""
        before = [(at, self._store.outlines_of(judgement, list(own))) for at, judgement in self._rounds]
        found = {}
        for subject, outlines in own.items():
            now = _said(self._judged.run.started, outlines)
            past = [_said(at, outlines_by_subject.get(subject, ())) for at, outlines_by_subject in before]
            kept = {
                check: folded_check
                for check in now
                if (folded_check := self._held(check, now[check], past)) is not None
            }
            if kept:
                found[subject] = kept
        return found

    def _held(
        self, check: CheckId, now: _RoundOutcome, past: Sequence[Mapping[CheckId, _RoundOutcome]]
    ) -> FoldedCheck | None:
        if check not in self._measured or now.seen.outcome not in _DECIDED:
            return None
        known = [
            round_outcomes_by_check_id[check]
            for round_outcomes_by_check_id in past
            if check in round_outcomes_by_check_id and round_outcomes_by_check_id[check].version == now.version
        ]
        known = [round_outcome for round_outcome in known if round_outcome.seen.outcome in _DECIDED]
        state = held(
            RoundOutcome(at=round_outcome.at, outcome=round_outcome.seen.outcome) for round_outcome in (now, *known)
        )
        if state is None or state.outcome is now.seen.outcome:
            return None
        return next(round_outcome.seen for round_outcome in known if round_outcome.seen.outcome is state.outcome)


def _said(at: datetime, outlines: Sequence[Outline]) -> dict[CheckId, _RoundOutcome]:
    versions = {outline.check: outline.check_version for outline in outlines}
    return {check: _RoundOutcome(at=at, version=versions[check], seen=seen) for check, seen in folded(outlines).items()}

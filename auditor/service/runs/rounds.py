"""Follows a report's subjects through earlier rounds: the age of each defect, and each round's outcome by area.

The data is read from the latest judgements of earlier runs in the store that measured from the same networks.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import islice

from auditor.figures.held_states import DefectAge, RoundOutcome, life
from auditor.figures.scoring import AREAS
from auditor.framework.findings import DEFECTS, WORST_FIRST, CheckId, Finding, FindingId, Outcome, Outline
from auditor.service.pipeline.judging.earlier_runs import earlier_judged_runs
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.store.api import Store
from auditor.service.store.chunks import chunks
from auditor.service.store.records import JudgementId, RunRecord
from inventory.model import SubjectId
from probes.framework.evidence import RunId
from reports.earlier_runs import BETWEEN, LETTERS, SILENT, Timelines

MOST_SHOWN = 8
"""Maximum number of rounds of a timeline, including the report's own round."""
_AT_ONCE = 200
_NOTHING = len(WORST_FIRST)

Outlines = Mapping[SubjectId, Sequence[Outline | Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Holds ``lives`` for every failing or warning finding of the judgement, and ``timelines`` for every subject."""

    lives: Mapping[FindingId, DefectAge]
    timelines: Timelines


def past(
    judged: LoadedJudgement, store: Store, findings: Outlines | None = None, only: Iterable[SubjectId] | None = None
) -> Past:
    """Return the age of each defect and the timelines of subjects, reading each earlier judgement once.

    The own judgement is also read once, unless its ``findings`` are given. ``only`` are the subjects that are asked
    for; None for all of the run, or all that ``findings`` has. If no timeline is shown, only the defects of the own
    judgement are read.
    """
    earlier = list(earlier_judged_runs(judged.run, store))
    shown = list(islice(_of_the_same(judged.run, earlier, store), MOST_SHOWN - 1))
    wanted = None if shown else DEFECTS
    lives: dict[FindingId, DefectAge] = {}
    strips: dict[SubjectId, str] = {}
    listed = findings if findings is not None else only if only is not None else _listed(judged.run, store)
    for ids in chunks(listed, _AT_ONCE):
        own = (
            store.outlines_of(judged.id, ids, outcomes=wanted)
            if findings is None
            else {each: findings[each] for each in ids}
        )
        rounds, outlines_by_subjects = _defects(judged, own), [own]
        concerned = list(dict.fromkeys(defect.subject for defect in rounds.values()))
        for run, judgement in earlier:
            outlines = store.outlines_of(judgement, ids if run.id in shown else concerned)
            _add(rounds, run, outlines)
            if run.id in shown:
                outlines_by_subjects.append(outlines)
        lived = ((id_, life(defect.rounds)) for id_, defect in rounds.items())
        lives |= {id_: defect_age for id_, defect_age in lived if defect_age is not None}
        strips |= {
            subject: _strip([each.get(subject, ()) for each in reversed(outlines_by_subjects)])
            for subject in ids
            if shown
        }
    when = [judged.run.started, *(run.started for run, _ in earlier if run.id in shown)]
    return Past(lives=lives, timelines=Timelines(when=tuple(reversed(when)), strips=strips))


def _listed(run: RunRecord, store: Store) -> Iterator[SubjectId]:
    return (subject.id for subject in store.subjects(run.id))


def _of_the_same(own: RunRecord, earlier: Iterable[tuple[RunRecord, JudgementId]], store: Store) -> Iterator[RunId]:
    """Yield the rounds of a timeline, newest first: no additions, and only with some of the own subjects."""
    subjects = store.measured(own.id)
    return (run.id for run, _ in earlier if not run.amends and not subjects.isdisjoint(store.measured(run.id)))


def _strip(rounds: Iterable[Iterable[Outline | Finding]]) -> str:
    """Return the rounds of one subject, oldest first, in the form of ``Timelines``."""
    return BETWEEN.join("".join(letters) for letters in zip(*map(_letters, rounds), strict=True))


def _letters(outlines: Iterable[Outline | Finding]) -> list[str]:
    worst = [_NOTHING] * (len(AREAS) + 1)
    for outline in outlines:
        area, rank = _area(outline.check), WORST_FIRST.index(outline.outcome)
        if rank < worst[area]:
            worst[area] = rank
    return [SILENT if rank == _NOTHING else LETTERS[WORST_FIRST[rank]] for rank in worst[: len(AREAS)]]


@cache
def _area(check: CheckId) -> int:
    """Return the index of a check's area; the number of areas for a check of no area."""
    numbers = (number for number, area in enumerate(AREAS) if check == area or check.startswith(area + "."))
    return next(numbers, len(AREAS))


@dataclass(slots=True, kw_only=True)
class _Defect:
    """Holds one defect while its rounds are gathered, the newest first.

    ``gaps`` are the rounds since it was last seen in which its check decided everything and did not find it; they count
    only once an earlier round has it. ``is_followed`` becomes False at a round in which another version of the check
    found nothing wrong: that shows neither when the defect began nor a change.
    """

    subject: SubjectId
    check: CheckId
    version: int
    rounds: list[RoundOutcome]
    gaps: list[RoundOutcome] = field(default_factory=list)
    is_followed: bool = True

    def seen(self, at: datetime, outline: Outline | Finding) -> None:
        if outline.check_version != self.version and outline.outcome not in _UNKNOWN | DEFECTS:
            self.is_followed = False
            return
        self.rounds += [*self.gaps, RoundOutcome(at=at, outcome=outline.outcome)]
        self.gaps.clear()


Rounds = dict[FindingId, _Defect]
_UNKNOWN = frozenset({Outcome.INCONCLUSIVE, Outcome.ERROR})


def _defects(judged: LoadedJudgement, own: Outlines) -> Rounds:
    at = judged.run.started
    return {
        outline.id: _Defect(
            subject=subject,
            check=outline.check,
            version=outline.check_version,
            rounds=[RoundOutcome(at=at, outcome=outline.outcome)],
        )
        for subject, outlines in own.items()
        for outline in outlines
        if outline.outcome in DEFECTS
    }


def _add(rounds: Rounds, run: RunRecord, outlines: Outlines) -> None:
    outlines_by_finding_id = {outline.id: outline for listed in outlines.values() for outline in listed}
    decided = {subject: _decided(listed) for subject, listed in outlines.items()}
    for id_, defect in rounds.items():
        if not defect.is_followed:
            continue
        if id_ in outlines_by_finding_id:
            defect.seen(run.started, outlines_by_finding_id[id_])
        elif (defect.check, defect.version) in decided.get(defect.subject, ()):
            defect.gaps.append(RoundOutcome(at=run.started, outcome=Outcome.NOT_APPLICABLE))


def _decided(outlines: Sequence[Outline | Finding]) -> Set[tuple[CheckId, int]]:
    """Return the checks, with their versions, that have no undecided or erroneous outcome."""
    unknown = {outline.check for outline in outlines if outline.outcome in _UNKNOWN}
    return {(outline.check, outline.check_version) for outline in outlines if outline.check not in unknown}

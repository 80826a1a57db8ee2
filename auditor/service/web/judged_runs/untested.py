"""Counts untested results by subject, for pages that know only the outcomes of subjects."""

from collections import Counter
from collections.abc import Iterable, Mapping

from auditor.framework.findings import Outcome
from auditor.service.pipeline.summaries.subject_lines import SubjectLine
from auditor.service.store.records import JudgementId
from auditor.service.store.sql.database import Database
from auditor.service.store.sql.judgements import defect_rows
from auditor.service.web.caches.recently_used import RecentlyUsed
from inventory.model import SubjectId
from reports.shown_results import of_outcomes

_KEPT = 4
"""The number of judgements to keep counts for; the counts never change."""


class UntestedCounts:
    """Keeps the counts of the most recently used judgements."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known = RecentlyUsed[JudgementId, Counter[SubjectId]](_KEPT)

    def of(self, judgement: JudgementId) -> Counter[SubjectId]:
        """Return the number of untested findings of each subject that has any. May take some time."""
        known = self._known.get(judgement)
        if known is None:
            with self._database.reading() as connection:
                known = self._known.keep(judgement, defect_rows.untested(connection, judgement))
        return known

    def results(
        self, judgement: JudgementId, lines: Iterable[SubjectLine], outcomes: Mapping[Outcome, int]
    ) -> Mapping[str, int]:
        """Count ``RESULTS`` over the subjects of some lines, given the outcomes of their findings."""
        untested = self.of(judgement)
        return shown(outcomes, sum(untested[line.id] for line in lines))


def shown(outcomes: Mapping[Outcome, int], untested: int) -> Mapping[str, int]:
    """Return the number of each of ``RESULTS``; ``untested`` are among the inconclusive ``outcomes``."""
    return of_outcomes({outcome.value: n for outcome, n in outcomes.items()}, untested)

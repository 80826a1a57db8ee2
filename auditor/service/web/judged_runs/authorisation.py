"""Counts tests that were left out without the owner's authorisation, in the store and not finding by finding."""

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.framework.findings import CheckId
from auditor.service.store.records import JudgementId
from auditor.service.store.sql.database import Database
from auditor.service.store.sql.judgements import defect_rows
from auditor.service.web.caches.recently_used import RecentlyUsed
from auditor.service.web.judged_runs.account_view import AccountView, everything_of
from inventory.model import SubjectId

_KEPT = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class UnauthorisedTests:
    """Counts tests left out without the owner's authorisation: ``checks`` with the number of their subjects."""

    findings: int
    subjects: int
    checks: Sequence[tuple[CheckId, int]]


class UnauthorisedCounts:
    """Keeps the counts of the latest views, since a judgement never changes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known = RecentlyUsed[tuple[str, ...], UnauthorisedTests](_KEPT)

    def of(self, view: AccountView) -> UnauthorisedTests | None:
        """Count the tests left out for the visible subjects; None if there are none."""
        return self._counted(view.about, view.judgement, None if view.whole else [line.id for line in view.subjects])

    def of_all(self, judgement: JudgementId) -> UnauthorisedTests | None:
        """Count the tests left out for all subjects, for accounts that see everything."""
        return self._counted(everything_of(judgement), judgement, None)

    def _counted(
        self, about: tuple[str, ...], judgement: JudgementId, only: Sequence[SubjectId] | None
    ) -> UnauthorisedTests | None:
        tests = self._known.get(about)
        if tests is None:
            with self._database.reading() as connection:
                tests = self._known.keep(about, _summed(defect_rows.unauthorised(connection, judgement, only)))
        return tests if tests.findings else None


def _summed(count: defect_rows.UnauthorisedCount) -> UnauthorisedTests:
    return UnauthorisedTests(
        findings=count.findings,
        subjects=count.subjects,
        checks=sorted(count.checks.items(), key=lambda item: (-item[1], item[0])),
    )

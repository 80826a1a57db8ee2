"""Counts what was not tested because its owner's authorisation is missing, in the store and not finding by finding."""

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.framework.findings import CheckId
from auditor.service.store.sql import defect_rows
from auditor.service.store.sql.database import Database
from auditor.service.web.account_view import AccountView


@dataclass(frozen=True, slots=True, kw_only=True)
class UnauthorisedTests:
    """Tests that need the owner's authorisation and were left out: ``checks`` with the number of their subjects."""

    findings: int
    subjects: int
    checks: Sequence[tuple[CheckId, int]]


def unauthorised(view: AccountView, database: Database) -> UnauthorisedTests | None:
    """Sum up what was left out about the visible subjects; None where nothing was."""
    only = None if view.whole else [line.id for line in view.subjects]
    with database.reading() as connection:
        count = defect_rows.unauthorised(connection, view.judgement, only)
    if not count.findings:
        return None
    return UnauthorisedTests(
        findings=count.findings,
        subjects=count.subjects,
        checks=sorted(count.checks.items(), key=lambda item: (-item[1], item[0])),
    )

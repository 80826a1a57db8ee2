"""Tests that re-checks are counted by account and by the calendar day in Vietnam."""

from datetime import UTC, date, datetime

from auditor.service.scheduler.model import AuditRequest, Job, JobId, JobState
from auditor.service.web.judged_runs.rechecks import asked_on
from inventory.model import SubjectId

NIGHT = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)
"""00:30 on 2 March in Vietnam."""


def job(who: str, *subjects: str, requested: datetime = NIGHT) -> Job:
    return Job(
        id=JobId(1),
        wanted=AuditRequest(inventory="a", subjects=tuple(map(SubjectId, subjects))),
        who=who,
        state=JobState.QUEUED,
        due=requested,
        requested=requested,
        problem={},
    )


def test_asked_on_a_day_counts_the_account_s_own_checks_of_single_subjects() -> None:
    jobs = [
        job("an", "a.vn"),
        job("an", "b.vn"),
        job("an"),
        job("bình", "a.vn"),
        job("an", "a.vn", requested=NIGHT.replace(hour=16)),
    ]
    assert asked_on(jobs, "an", date(2026, 3, 2)) == 2
    assert asked_on(jobs, "an", date(2026, 3, 1)) == 1

"""Tests the estimate of an audit's remaining time from its progress, and the text about its phase."""

from datetime import UTC, datetime, timedelta

import pytest

from auditor.service.scheduler.model import AuditRequest, Job, JobId, JobState, Phase
from auditor.service.web.rendering.render import environment, texts_in
from auditor.service.web.words.lookup import say

BEGAN = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)


def _job(phase: Phase, measured: int) -> Job:
    return Job(
        id=JobId(1),
        wanted=AuditRequest(inventory="a"),
        who="lan",
        state=JobState.RUNNING,
        due=BEGAN,
        requested=BEGAN,
        started=BEGAN,
        phase=phase,
        until=BEGAN + timedelta(minutes=10),
        planned=100,
        measured=measured,
        problem={},
    )


@pytest.mark.parametrize(
    ("phase", "measured", "minutes"),
    [
        (Phase.MEASURING, 10, None),
        (Phase.MEASURING, 50, 12),
        (Phase.MEASURING, 100, 1),
        (Phase.WAITING, 50, None),
        (Phase.PLANNING, 0, None),
    ],
)
def test_minutes_left_are_estimated_while_there_is_enough_measured(
    phase: Phase, measured: int, minutes: int | None
) -> None:
    assert _job(phase, measured).minutes_left(BEGAN + timedelta(minutes=10)) == minutes


@pytest.mark.parametrize(
    ("phase", "told"), [(Phase.WAITING, True), (Phase.WORKERS, True), (Phase.MEASURING, False), (Phase.PLANNING, False)]
)
def test_time_that_is_waited_for_is_told_only_while_waiting(phase: Phase, told: bool) -> None:
    template = environment().from_string('{% from "macros_audits.html.j2" import state %}{{ state(job, t, ui) }}')
    texts = texts_in("en")
    shown = template.render(job=_job(phase, 5), t=texts, ui=lambda key, **args: say(texts, key, **args))
    assert ("until" in shown) is told

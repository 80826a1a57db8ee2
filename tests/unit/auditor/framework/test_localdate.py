"""Tests that the date in Vietnam decides which rules are in force: at 02:00 there, UTC still has the day before."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from auditor.figures.compliance import Compliance
from auditor.figures.held_states import RoundOutcome, monthly
from auditor.framework import catalogue
from auditor.framework.findings import Outcome
from auditor.framework.localdate import civil_day
from auditor.service.pipeline.summaries.summarising import summarise
from auditor.service.runs.comparing import judged_run
from auditor.service.store.memory.store import MemoryStore
from auditor.texts.translate import Texts
from probes.framework.evidence import RunId
from tests.unit.auditor import stored
from tests.unit.auditor.stored import Held, put

NIGHT = datetime(2026, 6, 30, 19, 0, tzinfo=UTC)
"""02:00 in Vietnam on 1 July, the day on which NĐ 224/2026 comes into force."""


def test_the_day_begins_at_midnight_in_vietnam() -> None:
    assert civil_day(NIGHT) == date(2026, 7, 1)
    assert civil_day(datetime(2026, 6, 30, 16, 59, tzinfo=UTC)) == date(2026, 6, 30)


@pytest.mark.parametrize(("hours", "in_force"), [(0, True), (-3, False)])
def test_a_rule_is_in_force_from_the_first_minute_of_its_day(
    hours: int, in_force: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = NIGHT + timedelta(hours=hours)
    monkeypatch.setattr(stored, "START", began)
    store, known = MemoryStore(), catalogue.load()
    put(store, Held(name="r"))
    summary = summarise(judged_run(RunId("r"), store, known), store)
    assert Texts("vi").day(summary.rollup.day) == Texts("vi").day(began)
    law = next(framework for framework in summary.frameworks if framework.framework.id == "portals-vn")
    standing = {result.requirement.id: result.compliance for result in law.results}
    assert (standing["nd224-11.4-ipv6-portal"] is not Compliance.NOT_IN_FORCE) is in_force


def test_a_state_is_that_of_the_day_in_vietnam() -> None:
    outcome = RoundOutcome(at=NIGHT, outcome=Outcome.FAIL)
    assert monthly([outcome], date(2026, 6, 1), date(2026, 6, 30)) is None
    assert monthly([replace(outcome)], date(2026, 7, 1), date(2026, 7, 1)) is Outcome.FAIL

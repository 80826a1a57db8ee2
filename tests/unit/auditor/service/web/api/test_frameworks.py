"""Tests the rows by which programs read the standings of a framework's requirements."""

from auditor.framework import catalogue
from auditor.service.pipeline.summaries.summarising import summarise
from auditor.service.runs.comparing import judged_run
from auditor.service.store.memory.store import MemoryStore
from auditor.service.web.api.frameworks import framework_row
from probes.framework.evidence import RunId
from tests.support import published

PLAN = "plan-daklak-2023-2025"


def test_framework_row_tells_standings_of_the_whole_alone() -> None:
    with MemoryStore() as store:
        published.fill(store)
        held = summarise(judged_run(RunId("r2"), store, catalogue.load()), store).frameworks
    (plan,) = (each for each in held if each.framework.id == PLAN)
    whole, own = framework_row(plan, whole=True), framework_row(plan, whole=False)
    assert sum(whole.counts.values()) == len(whole.requirements) == len(own.requirements)
    assert own.counts == {}
    assert {row.standing for row in own.requirements} == {None}
    (communes,) = (row for row in whole.requirements if row.id == "III.1.a-communes")
    assert communes.figure is not None
    assert (communes.source, communes.figure.met, communes.figure.of) == ("measured", 12, 12)

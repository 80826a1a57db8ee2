"""Figures of runs that follow one another, some within hours: counted again from the document of each, no difference.

What an earlier round said counts in place of what one run alone does not prove, and the document has to tell it.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence

import pytest

from auditor.framework import catalogue
from auditor.service.pipeline.summaries.summarising import keep
from auditor.service.runs.comparing import judged_run
from auditor.service.runs.publishing import StoredReport
from auditor.service.store.memory.store import MemoryStore
from inventory.model import Subject
from probes.framework.evidence import RunId
from tests.support.recounting import differences
from tests.unit.across_modules.test_recounting import ORGANISATION, WEIGHTS, _all_said, _subjects, _zoned
from tests.unit.auditor.stored import Brief, Held, put
from tests.unit.reports import reading

DAYS_BETWEEN = (0.01, 0.03, 0.1, 0.4, 1, 7)
EXCUSES = ("EXEMPT", "PLANNED")
Findings = Mapping[str, list[Brief]]


def _round(dice: random.Random, subjects: Sequence[Subject], before: Findings, seed: int) -> Findings:
    """Return the findings of a run; three in five subjects keep those of the run before."""
    weights = WEIGHTS[seed % len(WEIGHTS)]
    return {
        subject.id: before[subject.id]
        if subject.id in before and dice.random() < 0.6
        else list(_excused_whole(_all_said(dice, subject.kind, weights)))
        for subject in subjects
    }


def _excused_whole(said: Iterator[Brief]) -> Iterator[Brief]:
    """Yield findings in which an exemption or a plan is a check's only finding, as judging makes it."""
    every = list(said)
    excused = {each.check: each for each in every if each.code in EXCUSES}
    yield from (each for each in every if excused.get(each.check, each) is each)


@pytest.mark.parametrize("seed", [7, 39, 43, 47])
def test_documents_of_runs_in_a_row_recounted_differ_in_nothing(seed: int) -> None:
    dice, known, store = random.Random(seed), catalogue.load(), MemoryStore()
    subjects = _zoned(list(_subjects(dice, ORGANISATION, with_units=True)), dice)
    findings, days, held = dict[str, list[Brief]](), 0.0, 0
    for number in range(4):
        findings = {**findings, **_round(dice, subjects, findings, seed)}
        made = Held(
            name=f"r{number}",
            days=days,
            findings=findings,
            subjects=tuple(subjects),
            organisation=ORGANISATION,
            scored=True,
            networks=("internet", "tslcd"),
        )
        put(store, made)
        judged = judged_run(RunId(made.name), store, known)
        keep(judged, store)
        document = json.loads(reading.only(StoredReport(judged, store, known), "json"))
        assert differences(document) == []
        held += len(document["rollup"]["held"])
        days += dice.choice(DAYS_BETWEEN)
    assert held

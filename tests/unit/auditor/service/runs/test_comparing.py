"""Tests the run that another is compared with: no trial, and no partial run as long as there is another."""

from collections.abc import Iterator

import pytest

from auditor.framework import catalogue
from auditor.framework.findings import Outcome
from auditor.service.pipeline.judging.evaluating import stored_judgement
from auditor.service.pipeline.summaries.summarising import keep
from auditor.service.runs.comparing import previous
from auditor.service.store.memory.store import MemoryStore
from inventory.model import Subject
from probes.framework.evidence import RunId
from tests.unit.auditor.stored import SUBJECTS, Brief, Held, put

REACH = "ipv6.web.reach"


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    with MemoryStore() as made:
        yield made


def _put(
    store: MemoryStore, name: str, days: int, subjects: tuple[Subject, ...] = SUBJECTS, *, part: bool = False
) -> None:
    findings = {str(subject.id): [Brief(check=REACH, outcome=Outcome.PASS)] for subject in subjects}
    put(store, Held(name=name, days=days, subjects=subjects, findings=findings, part=part))
    judgement = store.latest_judgement(RunId(name))
    assert judgement is not None
    keep(stored_judgement(judgement, store, catalogue.load()), store)


def test_previous_passes_over_a_trial_of_few_subjects(store: MemoryStore) -> None:
    _put(store, "whole", 0)
    _put(store, "trial", 1, SUBJECTS[:2])
    _put(store, "now", 2)
    assert (previous(RunId("now"), store), previous(RunId("trial"), store)) == ("whole", "whole")


def test_previous_of_a_whole_run_is_no_run_that_was_asked_for_a_part(store: MemoryStore) -> None:
    _put(store, "whole", 0)
    _put(store, "part", 1, part=True)
    _put(store, "now", 2)
    _put(store, "again", 3, part=True)
    assert (previous(RunId("now"), store), previous(RunId("again"), store)) == ("whole", "now")


def test_previous_takes_a_trial_where_there_is_nothing_else(store: MemoryStore) -> None:
    _put(store, "trial", 1, SUBJECTS[:2])
    _put(store, "now", 2)
    assert previous(RunId("now"), store) == "trial"

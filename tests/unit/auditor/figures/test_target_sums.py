"""Tests how many targets each document counts: all, those with a figure, and those with enough subjects."""

import pytest

from auditor.figures.compliance import Compliance
from auditor.figures.period import is_target, parse_period
from auditor.figures.target_sums import MISSING, TargetSums, rests_on_few, target_sums
from auditor.framework import catalogue
from auditor.service.runs.period_counts import period_progress
from auditor.service.store.memory.store import MemoryStore
from tests.support import published


def test_each_paper_counts_what_is_left_of_all() -> None:
    sums = TargetSums(of=33, missing=2, few=5)
    assert (sums.in_tables, sums.published) == (31, 26)


@pytest.mark.parametrize("name", ["2026", "2026-07"])
def test_sums_are_those_of_the_targets_at_the_end(name: str) -> None:
    with MemoryStore() as store:
        published.fill(store)
        made = period_progress(parse_period(name), store, catalogue.load(), published.AFTER)
    ends = [target.end for target in made.targets if is_target(target.end)]
    sums = target_sums(made)
    told = [end for end in ends if end.compliance not in MISSING]
    assert (sums.of, sums.in_tables) == (len(ends), len(told))
    assert sums.published == sum(not rests_on_few(end) for end in told)
    assert {end.compliance for end in ends if end.figure is None} <= {*MISSING, Compliance.DECLARED_MET}

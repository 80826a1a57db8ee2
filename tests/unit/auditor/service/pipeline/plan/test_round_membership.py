"""Tests which round a planned run becomes a member of."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from auditor.framework import catalogue
from auditor.service.config.model import Config
from auditor.service.pipeline.measuring.collecting import start_run
from auditor.service.pipeline.plan.plan import Plan, plan
from auditor.service.pipeline.plan.round_membership import join
from auditor.service.store.api import Store
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import RunState, StoreError
from probes.framework.evidence import RunId
from tests.support.vantages import START, inventory

MONTH = timedelta(days=31)


@pytest.fixture
def store() -> Iterator[Store]:
    with MemoryStore() as made:
        yield made


def planned(vantage: str, *, days: int = 0, name: str = "") -> Plan:
    config = Config.model_validate({"vantage": {"name": vantage, "networks": ["internet"]}})
    now = START + timedelta(days=days)
    return plan(inventory(), config, catalogue.load(), profile="quick", name=name, now=now)


def joined(store: Store, word: str, vantage: str, *, days: int = 0) -> RunId:
    """Join a round, run as a finished member, and return the round's id."""
    made, now = planned(vantage, days=days), START + timedelta(days=days)
    found = join(word, made, store, now)
    start_run(made, store, now, round=found)
    store.finish_run(made.run, now)
    return found


def test_join_new_name_makes_a_round(store: Store) -> None:
    found = joined(store, "hằng tháng", "a")
    made = store.run(found)
    assert (made.name, made.vantage, made.state, len(made.members)) == ("hằng tháng", "a", RunState.FINISHED, 1)
    assert store.runs() == (made,)


def test_join_same_name_from_another_vantage_is_the_same_round(store: Store) -> None:
    assert joined(store, "x", "a") == joined(store, "x", "b")
    assert joined(store, "y", "b") != joined(store, "x", "c")
    (first, second) = store.runs()
    assert {len(first.members), len(second.members)} == {3, 1}


def test_join_same_name_and_vantage_again_begins_the_next_round(store: Store) -> None:
    first = joined(store, "x", "a")
    second = joined(store, "x", "a", days=31)
    assert first != second
    assert joined(store, "x", "b", days=31) == second


def test_join_sealed_round_is_passed_over(store: Store) -> None:
    first = joined(store, "x", "a")
    store.add_seal(first, b"{}")
    assert joined(store, "x", "b") != first
    with pytest.raises(StoreError, match="sealed"):
        join(first, planned("c"), store, START)


def test_join_by_id_says_why_it_cannot(store: Store) -> None:
    first = joined(store, "x", "a")
    with pytest.raises(StoreError, match="has a run of vantage a already"):
        join(first, planned("a"), store, START)
    other = replace(planned("b"), inventory=replace(inventory(), subjects=inventory().subjects[:1]))
    with pytest.raises(StoreError, match="another inventory"):
        join(first, other, store, START)
    store.forget_evidence(first, START)
    with pytest.raises(StoreError, match="kept no more"):
        join(first, planned("b"), store, START)
    lone = planned("d")
    start_run(lone, store, START)
    with pytest.raises(StoreError, match="is of one vantage"):
        join(lone.run, planned("b"), store, START)

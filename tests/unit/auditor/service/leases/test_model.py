"""Tests the behaviour of every implementation of leases, with any engine behind it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from auditor.service.leases.model import MOST_SUBJECTS, SILENCE, BadWorker, BatchId, Lease, LeaseKey, LeaseLost, Leases
from inventory.model import SubjectId
from probes.framework.evidence import RunId
from tests.unit.auditor.service.leases.conftest import START, Clock

RUN, LATER = RunId("20260301T080000Z-aaaaaa"), RunId("20260302T080000Z-bbbbbb")
HUB, PROVINCE = "tslcd-hub", "trung-tam"
MINUTE = timedelta(minutes=1)


def subjects(count: int) -> list[SubjectId]:
    return [SubjectId(f"cổng-{number:03}") for number in range(count)]


def taken(leases: Leases, vantage: str = HUB, worker: str = "w1") -> Lease:
    lease = leases.lease(vantage, worker)
    assert lease is not None
    return lease


def test_defer_cuts_subjects_into_batches_in_order(leases: Leases) -> None:
    assert leases.defer(RUN, HUB, subjects(2 * MOST_SUBJECTS + 1)) == 3
    first = taken(leases)
    assert (first.run, first.vantage, first.since) == (RUN, HUB, START)
    assert first.subjects == tuple(subjects(MOST_SUBJECTS))
    leases.end(first.key)
    leases.end(taken(leases).key)
    assert taken(leases).subjects == (SubjectId(f"cổng-{2 * MOST_SUBJECTS:03}"),)


def test_defer_twice_changes_nothing(leases: Leases) -> None:
    leases.defer(RUN, HUB, subjects(3))
    assert leases.defer(RUN, HUB, subjects(9)) == 0
    assert leases.open_batches(RUN) == 1


def test_defer_without_subjects_makes_no_batch(leases: Leases) -> None:
    assert leases.defer(RUN, HUB, []) == 0
    assert leases.open_batches(RUN) == 0


def test_lease_with_empty_queue_is_none(leases: Leases) -> None:
    assert leases.lease(HUB, "w1") is None


def test_lease_of_another_vantage_is_none(leases: Leases) -> None:
    leases.defer(RUN, HUB, subjects(3))
    assert leases.lease(PROVINCE, "w1") is None


@pytest.mark.parametrize("worker", ["", "a b", "w" * 65, "w.1", "w\n"])
def test_lease_by_bad_worker_name_is_refused(leases: Leases, worker: str) -> None:
    with pytest.raises(BadWorker):
        leases.lease(HUB, worker)


def test_lease_again_by_its_holder_is_the_same(leases: Leases, clock: Clock) -> None:
    """A holder that asks again gets the same lease, since the answer may have been lost."""
    leases.defer(RUN, HUB, subjects(MOST_SUBJECTS + 1))
    first = taken(leases)
    clock.move(MINUTE)
    assert taken(leases) == first


def test_lease_while_another_worker_of_the_vantage_measures_is_none(leases: Leases, clock: Clock) -> None:
    leases.defer(RUN, HUB, subjects(MOST_SUBJECTS + 1))
    taken(leases)
    clock.move(SILENCE - MINUTE)
    assert leases.lease(HUB, "w2") is None


def test_lease_of_later_run_waits_for_earlier(leases: Leases) -> None:
    leases.defer(RUN, HUB, subjects(MOST_SUBJECTS + 1))
    leases.defer(LATER, HUB, subjects(1))
    for run in (RUN, RUN, LATER):
        lease = taken(leases)
        assert lease.run == run
        leases.end(lease.key)
    assert leases.lease(HUB, "w1") is None


def test_lease_of_other_vantages_go_on_side_by_side(leases: Leases) -> None:
    leases.defer(RUN, HUB, subjects(1))
    leases.defer(LATER, PROVINCE, subjects(1))
    assert taken(leases, HUB).run == RUN
    assert taken(leases, PROVINCE).run == LATER


def test_silent_lease_is_given_to_another_worker_as_new_attempt(leases: Leases, clock: Clock) -> None:
    leases.defer(RUN, HUB, subjects(3))
    lost = taken(leases)
    clock.move(SILENCE)
    again = taken(leases, worker="w2")
    assert again.subjects == lost.subjects
    assert again.since == START + SILENCE
    assert (again.key.batch, again.key.attempt, again.key.worker) == (lost.key.batch, 2, "w2")


def test_lease_that_was_heard_of_by_a_clock_ahead_is_silent(leases: Leases, clock: Clock) -> None:
    leases.defer(RUN, HUB, subjects(3))
    clock.move(timedelta(days=400))
    lost = taken(leases)
    clock.move(timedelta(days=-400) + MINUTE)
    assert taken(leases, worker="w2").subjects == lost.subjects


def test_lease_is_kept_while_the_clock_is_put_back_a_little(leases: Leases, clock: Clock) -> None:
    leases.defer(RUN, HUB, subjects(3))
    taken(leases)
    clock.move(-MINUTE)
    assert leases.lease(HUB, "w2") is None


def test_beat_keeps_the_lease(leases: Leases, clock: Clock) -> None:
    leases.defer(RUN, HUB, subjects(3))
    lease = taken(leases)
    clock.move(SILENCE - MINUTE)
    leases.beat(lease.key)
    clock.move(SILENCE - MINUTE)
    assert leases.lease(HUB, "w2") is None


def test_beat_counts_what_was_delivered_for_the_batch(leases: Leases, clock: Clock) -> None:
    leases.defer(RUN, HUB, subjects(3))
    assert leases.beat(taken(leases).key, 7) == 7
    clock.move(SILENCE)
    again = taken(leases, worker="w2")
    assert leases.beat(again.key, 5) == 12
    assert leases.beat(again.key) == 12


def test_silent_lease_nobody_took_is_still_held(leases: Leases, clock: Clock) -> None:
    """A worker that was cut off for hours keeps its lease if no other worker took it."""
    leases.defer(RUN, HUB, subjects(3))
    lease = taken(leases)
    clock.move(timedelta(hours=9))
    leases.beat(lease.key)
    assert leases.held(lease.key) == lease
    leases.end(lease.key)
    assert leases.open_batches(RUN) == 0


@pytest.mark.parametrize("deed", ["held", "beat", "end"])
def test_lost_lease_is_refused(leases: Leases, clock: Clock, deed: str) -> None:
    leases.defer(RUN, HUB, subjects(3))
    lost = taken(leases)
    clock.move(SILENCE)
    kept = taken(leases, worker="w2")
    with pytest.raises(LeaseLost):
        getattr(leases, deed)(lost.key)
    assert leases.held(kept.key) == kept
    assert leases.open_batches(RUN) == 1


@pytest.mark.parametrize("deed", ["held", "beat", "end"])
def test_lost_lease_that_its_worker_took_again_is_refused(leases: Leases, clock: Clock, deed: str) -> None:
    """The late end of a worker's first attempt must not end its third."""
    leases.defer(RUN, HUB, subjects(3))
    lost = taken(leases)
    clock.move(SILENCE)
    taken(leases, worker="w2")
    clock.move(SILENCE)
    again = taken(leases)
    assert again.key.attempt == 3
    with pytest.raises(LeaseLost):
        getattr(leases, deed)(lost.key)
    leases.end(again.key)


@pytest.mark.parametrize("deed", ["held", "beat", "end"])
def test_ended_lease_is_refused(leases: Leases, deed: str) -> None:
    leases.defer(RUN, HUB, subjects(3))
    lease = taken(leases)
    leases.end(lease.key)
    with pytest.raises(LeaseLost):
        getattr(leases, deed)(lease.key)


def test_unknown_lease_is_refused(leases: Leases) -> None:
    leases.defer(RUN, HUB, subjects(3))
    key = taken(leases).key
    for wrong in (replace(key, worker="w2"), replace(key, attempt=2), replace(key, batch=BatchId(key.batch + 99))):
        with pytest.raises(LeaseLost):
            leases.held(wrong)


def test_withdrawn_batches_are_lost_and_not_given_out(leases: Leases) -> None:
    leases.defer(RUN, HUB, subjects(MOST_SUBJECTS + 1))
    leases.defer(LATER, HUB, subjects(1))
    lease = taken(leases)
    leases.withdraw(RUN)
    with pytest.raises(LeaseLost):
        leases.end(lease.key)
    assert leases.open_batches(RUN) == 0
    assert taken(leases).run == LATER


def test_heard_is_the_latest_of_each_vantage(leases: Leases, clock: Clock) -> None:
    leases.defer(RUN, HUB, subjects(1))
    leases.defer(LATER, PROVINCE, subjects(1))
    assert leases.heard() == {}
    lease = taken(leases)
    clock.move(MINUTE)
    leases.beat(lease.key)
    assert leases.heard() == {HUB: START + MINUTE}


def test_key_comes_back_from_its_text(leases: Leases) -> None:
    leases.defer(RUN, HUB, subjects(1))
    key = taken(leases, worker="máy-1".replace("á", "a")).key
    assert LeaseKey.parse(str(key)) == key


@pytest.mark.parametrize("text", ["", "1", "1.1", "0.1.w", "1.0.w", "1.1.w.x", "1.1.w\n", "١.1.w", "1" * 30 + ".1.w"])
def test_key_of_other_text_is_lost(text: str) -> None:
    with pytest.raises(LeaseLost):
        LeaseKey.parse(text)

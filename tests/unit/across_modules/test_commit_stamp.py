"""Tests which commits every database tells of: pages are remembered until one of them."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.figures.scoring import Score
from auditor.service.scheduler.jobs import JobQueue
from auditor.service.scheduler.model import AuditRequest
from auditor.service.store.api import DatabaseStore
from auditor.service.store.records import Sample, Series, SettledSubject, SubjectScores
from auditor.service.store.url import open_store
from tests.support.stores import DATABASES, store_url
from tests.unit.auditor.service.store import examples
from tests.unit.auditor.service.store.examples import JUDGEMENT, PORTAL, RUN, subject

SCORES = SubjectScores(scores={"tslcd": Score(score=83, coverage=1.0)})
Write = Callable[[DatabaseStore], object]
ROUND = [(Series(subject=PORTAL, metric="reach", vantage="local", family=6), Sample(time=datetime.now(UTC), value=1.0))]
UNTOLD: dict[str, Write] = {
    "subjects": lambda store: store.add_subjects(RUN, [subject("other.example.vn")]),
    "evidence": lambda store: store.add_evidence([examples.evidence()]),
    "measured": lambda store: store.mark_measured(RUN, PORTAL),
    "samples": lambda store: store.add_round(ROUND),
    "notes of a vantage": lambda store: store.remember("local", {"clock": b"1"}),
    "findings": lambda store: store.add_findings(JUDGEMENT, [examples.finding()]),
    "scores": lambda store: store.add_scores(JUDGEMENT, {PORTAL: SCORES}),
    "settled": lambda store: store.add_settled(JUDGEMENT, {PORTAL: SettledSubject.of(subject(), ())}),
}


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with store_url(request, tmp_path) as made:
        yield made


@pytest.fixture
def store(url: str) -> Iterator[DatabaseStore]:
    with open_store(url) as opened:
        opened.create_run(examples.run())
        opened.add_subjects(RUN, [subject()])
        opened.add_judgement(examples.judgement())
        yield opened


def numbers(store: DatabaseStore) -> tuple[int, int]:
    return store.database.stamp(), store.database.commits()


def changed(number: Callable[[], int], before: int) -> bool:
    """True as soon as the number is another one; a server takes a moment to tell."""
    for _ in range(3_000):
        if number() != before:
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("what", UNTOLD)
def test_stamp_does_not_tell_of_what_an_audit_and_the_sampler_write(store: DatabaseStore, what: str) -> None:
    told, every = numbers(store)
    UNTOLD[what](store)
    assert store.database.commits() != every
    with store.batch():
        UNTOLD["evidence"](store) if what != "evidence" else UNTOLD["samples"](store)
    assert store.database.stamp() == told


def test_stamp_tells_of_everything_else(store: DatabaseStore) -> None:
    again = examples.judgement("again")
    for write in (
        lambda: store.put_blob(b"something"),
        lambda: store.finish_run(RUN, examples.START),
        lambda: store.add_judgement(again, whole=False),
        lambda: store.complete_judgement(again.id),
        lambda: JobQueue(store.database).start(AuditRequest(inventory="x"), "an", "::1"),
    ):
        told, every = numbers(store)
        write()
        assert store.database.stamp() != told
        assert store.database.commits() != every


def test_stamp_tells_of_a_commit_of_which_any_part_is_told(store: DatabaseStore) -> None:
    told, _ = numbers(store)
    with store.appending():
        store.add_evidence([examples.evidence()])
        store.put_blob(b"something")
    assert store.database.stamp() != told
    told, _ = numbers(store)
    with store.batch():
        store.put_blob(b"something else")
        store.add_round(ROUND)
    assert store.database.stamp() != told


def test_stamp_tells_of_the_commits_of_another_program_alike(url: str, store: DatabaseStore) -> None:
    told, every = numbers(store)
    with open_store(url) as other:
        UNTOLD["evidence"](other)
        assert changed(store.database.commits, every)
        assert store.database.stamp() == told
        other.put_blob(b"something")
        assert changed(store.database.stamp, told)


def test_stamp_tells_of_nothing_that_was_taken_back(store: DatabaseStore) -> None:
    told, _ = numbers(store)

    def broken() -> None:
        with store.batch():
            store.put_blob(b"something")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert store.database.stamp() == told
    UNTOLD["evidence"](store)
    assert store.database.stamp() == told


def test_stamp_stays_where_a_transaction_wrote_nothing(store: DatabaseStore) -> None:
    store.put_blob(b"something")
    told, _ = numbers(store)
    if store.database.url is not None and store.database.url.startswith("sqlite"):
        with store.database.writing():
            store.runs()
        assert store.database.stamp() == told

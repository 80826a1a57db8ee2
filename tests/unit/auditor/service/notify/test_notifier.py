"""Tests that a doubtful run is notified only after its repeat has decided, as the repeat and with its result."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from auditor.figures.comparison import Credibility
from auditor.service.notify import attaching
from auditor.service.notify import notifier as module
from auditor.service.notify.composing import compose
from auditor.service.notify.model import (
    Channel,
    MailRecipient,
    Notice,
    NotifySettings,
    NotifyWhen,
    Undelivered,
    Webhook,
)
from auditor.service.notify.notifier import AHEAD, PAUSES, Notifier
from auditor.service.notify.sending import body
from auditor.service.notify.wording import paragraphs, subject
from auditor.service.scheduler.jobs import JobQueue
from auditor.service.scheduler.model import AuditRequest, Job, JobState
from auditor.service.store.api import DatabaseStore
from auditor.service.store.records import Doubt, StoreFailed
from auditor.service.store.sql.jobs import notice_rows
from auditor.texts.translate import Texts
from probes.framework.evidence import RunId
from tests.support.stores import DATABASES, new_store
from tests.unit.auditor.service.scheduler.doubts import AREA, MANY, Hands, held

BEFORE, DOUBTED, REPEAT = RunId("r1"), RunId("r2"), RunId("r3")
WORSE = Channel(key="mail:so", agency=None, lang="vi", when=NotifyWhen.WORSE)
ALWAYS = Channel(key="mail:tinh", agency=None, lang="en", when=NotifyWhen.ALWAYS)


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseStore]:
    with new_store(request, tmp_path) as made:
        held(made, BEFORE, 0, days=0)
        held(made, DOUBTED, MANY, days=1)
        yield made


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Notice]]:
    found: list[tuple[str, Notice]] = []

    async def send(one: Notice, channel: Channel, *_: object) -> None:
        found.append((channel.key, one))

    monkeypatch.setattr(module, "send", send)
    return found


@pytest.fixture
def jobs(store: DatabaseStore, hands: Hands) -> JobQueue:
    """Return a queue in which the doubtful run has ended and its repeat waits."""
    jobs = JobQueue(store.database, hands)
    job = jobs.start(AuditRequest(inventory="tinh"), "lan", "::1")
    begin(jobs, job, DOUBTED)
    jobs.doubt(job.id, Doubt(base=BEFORE, areas=(AREA,), since=hands.now))
    jobs.end(job.id, JobState.FINISHED)
    return jobs


def begin(jobs: JobQueue, job: Job, run: RunId) -> None:
    jobs.take(job.id)
    jobs.tell(job.id, run=run)


async def look(store: DatabaseStore, hands: Hands) -> None:
    """Look as a newly started service does: its state is read only from the store."""
    hands.on(minutes=PAUSES[0].total_seconds() / 60)
    await Notifier(NotifySettings(channels=(WORSE, ALWAYS)), store, hands).look()


async def repeated(store: DatabaseStore, jobs: JobQueue, hands: Hands, failing: int, state: Credibility) -> None:
    (repeat,) = jobs.open_jobs()
    held(store, REPEAT, failing, days=2, repeats=DOUBTED)
    begin(jobs, repeat, REPEAT)
    await look(store, hands)
    jobs.settle_doubt(DOUBTED, state, REPEAT)
    jobs.end(repeat.id, JobState.FINISHED)
    for _ in range(2):
        await look(store, hands)


async def test_notifier_doubtful_run_waits_for_its_repeat(
    store: DatabaseStore, jobs: JobQueue, hands: Hands, told: list[tuple[str, Notice]]
) -> None:
    await look(store, hands)
    hands.on(days=3)
    await look(store, hands)
    assert told == []
    (repeat,) = jobs.open_jobs()
    jobs.cancel(repeat.id, "lan", "::1")
    await look(store, hands)
    assert {(key, one.event.run, one.counts.worse) for key, one in told} == {
        (WORSE.key, DOUBTED, MANY),
        (ALWAYS.key, DOUBTED, MANY),
    }
    assert subject(told[0][1], Texts("vi")).startswith("tinh: chưa đáng tin, 4 xấu hơn")
    assert "no repeat has decided" in " ".join(paragraphs(told[0][1], Texts("en")))


async def test_notifier_vantage_changes_are_not_reported_as_worse(
    store: DatabaseStore, jobs: JobQueue, hands: Hands, told: list[tuple[str, Notice]]
) -> None:
    await repeated(store, jobs, hands, 0, Credibility.VANTAGE)
    ((key, one),) = told
    assert (key, one.event.run, one.counts.worse) == (ALWAYS.key, REPEAT, 0)
    assert "the vantage caused those changes" in " ".join(paragraphs(one, Texts("en")))
    assert "do điểm đo" in " ".join(paragraphs(one, Texts("vi")))
    assert b'"doubt": "vantage"' in body(one)


async def test_notifier_confirmed_change_is_sent_once(
    store: DatabaseStore, jobs: JobQueue, hands: Hands, told: list[tuple[str, Notice]]
) -> None:
    await repeated(store, jobs, hands, MANY, Credibility.REAL)
    assert sorted((key, one.event.run, one.counts.worse) for key, one in told) == [
        (WORSE.key, REPEAT, MANY),
        (ALWAYS.key, REPEAT, MANY),
    ]
    assert "thay đổi là có thật" in " ".join(paragraphs(told[0][1], Texts("vi")))
    assert subject(told[0][1], Texts("vi")).startswith("tinh: 4 xấu hơn")


async def test_notifier_inconclusive_repeat_is_sent_once_as_doubtful(
    store: DatabaseStore, jobs: JobQueue, hands: Hands, told: list[tuple[str, Notice]]
) -> None:
    await repeated(store, jobs, hands, MANY, Credibility.UNSETTLED)
    assert {one.event.run for _, one in told} == {REPEAT}
    assert subject(told[0][1], Texts("en")).startswith("tinh: doubtful, 4 worse")
    assert "The repeat was inconclusive" in " ".join(paragraphs(told[0][1], Texts("en")))


async def test_notifier_receiver_that_hangs_holds_up_nobody_else(
    store: DatabaseStore, jobs: JobQueue, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.cancel(jobs.open_jobs()[0].id, "lan", "::1")
    hooks = [
        Webhook(key=f"webhook:{name}", agency=None, lang="en", when=NotifyWhen.ALWAYS, url="https://[::1]/", secret=b"")
        for name in "ab"
    ]
    told: list[str] = []
    reached = asyncio.Event()

    async def send(_: Notice, channel: Channel, *__: object) -> None:
        told.append(channel.key)
        if len(told) == len(hooks):
            reached.set()
        if channel.key == hooks[0].key:
            await asyncio.Event().wait()

    monkeypatch.setattr(module, "send", send)
    setting = NotifySettings(channels=tuple(hooks))
    async with asyncio.TaskGroup() as group:
        running = group.create_task(Notifier(setting, store, hands).run())
        async with asyncio.timeout(30):
            await reached.wait()
        running.cancel()
    assert sorted(told) == [hook.key for hook in hooks]


@pytest.mark.parametrize(("writes", "sent"), [(0, 0), (1, 1)])
async def test_notifier_notice_is_sent_once_though_the_disk_is_full(
    store: DatabaseStore,
    jobs: JobQueue,
    hands: Hands,
    told: list[tuple[str, Notice]],
    monkeypatch: pytest.MonkeyPatch,
    writes: int,
    sent: int,
) -> None:
    jobs.cancel(jobs.open_jobs()[0].id, "lan", "::1")
    left = [writes]

    def full(change: Callable[..., Any], *args: Any) -> Any:
        if left[0] == 0:
            raise StoreFailed("{file}: no space left", file="auditor.db")
        left[0] -= 1
        return change(*args)

    for name in ("change", "change_waiting"):
        monkeypatch.setattr(notice_rows, name, partial(full, getattr(notice_rows, name)))
    notifier = Notifier(NotifySettings(channels=(ALWAYS,)), store, hands)
    for _ in range(20):
        hands.on(hours=1)
        with pytest.raises(StoreFailed):
            await notifier.look()
    assert len(told) == sent
    left[0] = 100
    hands.on(hours=1)
    await notifier.look()
    assert (len(told), _states(store)) == (1, {(ALWAYS.key, "sent")})


async def test_notifier_notice_that_another_service_is_sending_is_left_to_it(
    store: DatabaseStore, jobs: JobQueue, hands: Hands, told: list[tuple[str, Notice]], monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.cancel(jobs.open_jobs()[0].id, "lan", "::1")
    composed = list[str]()

    def while_another_is_faster(event: Any, channel: Channel, *more: Any) -> Notice | None:
        composed.append(channel.key)
        with store.database.writing() as connection:
            (row,) = notice_rows.latest(connection, 10)
            assert notice_rows.change_waiting(connection, row.key, row.attempts, {"attempts": row.attempts + 1})
        return compose(event, channel, *more)

    monkeypatch.setattr(module, "compose", while_another_is_faster)
    await Notifier(NotifySettings(channels=(ALWAYS,)), store, hands).look()
    assert (composed, told, _states(store)) == ([ALWAYS.key], [], {(ALWAYS.key, "waiting")})


async def test_notifier_look_without_news_takes_no_turn_at_writing(
    store: DatabaseStore, jobs: JobQueue, hands: Hands, told: list[tuple[str, Notice]], monkeypatch: pytest.MonkeyPatch
) -> None:
    await look(store, hands)

    def refused(**_: object) -> None:
        raise AssertionError("a turn at writing")

    monkeypatch.setattr(store.database, "writing", refused)
    await Notifier(NotifySettings(channels=(WORSE, ALWAYS)), store, hands).look()
    assert told == []


async def test_notifier_notices_for_a_channel_that_is_configured_no_more_are_dropped(
    store: DatabaseStore, jobs: JobQueue, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    await look(store, hands)  # waits for the repeat
    jobs.cancel(jobs.open_jobs()[0].id, "lan", "::1")
    hands.on(minutes=5)
    reached = asyncio.Event()

    async def send(*_: object) -> None:
        reached.set()

    monkeypatch.setattr(module, "send", send)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(Notifier(NotifySettings(channels=(ALWAYS,)), store, hands).run())
        async with asyncio.timeout(30):
            await reached.wait()
        running.cancel()
    assert (WORSE.key, "dropped") in _states(store)


def _states(store: DatabaseStore) -> set[tuple[str, str]]:
    with store.database.reading() as connection:
        return {(row.channel, row.state) for row in notice_rows.latest(connection, 10)}


def test_notifier_gives_up_after_five_days_as_mail_hosts_do() -> None:
    assert timedelta(days=4, hours=12) < sum(PAUSES, timedelta()) < timedelta(days=5)
    assert max(PAUSES) < AHEAD


async def test_notifier_notice_that_a_clock_ahead_put_off_is_sent_once_it_is_put_right(
    store: DatabaseStore, jobs: JobQueue, hands: Hands, told: list[tuple[str, Notice]]
) -> None:
    hands.on(days=400)
    await look(store, hands)
    jobs.cancel(jobs.open_jobs()[0].id, "lan", "::1")
    await Notifier(NotifySettings(channels=(WORSE, ALWAYS)), store, hands).look()
    assert told == []
    hands.on(days=-400)
    await look(store, hands)
    await look(store, hands)
    assert sorted(key for key, _ in told) == [WORSE.key, ALWAYS.key]


async def test_notifier_writes_reports_once_for_all_attempts(
    store: DatabaseStore, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs, attached, written = JobQueue(store.database, hands), list[int](), list[RunId]()
    job = jobs.start(AuditRequest(inventory="tinh"), "lan", "::1")
    begin(jobs, job, BEFORE)
    jobs.end(job.id, JobState.FINISHED)
    report = attaching._report

    def counted(run: RunId, *given: Any, **named: Any) -> Any:
        written.append(run)
        return report(run, *given, **named)

    async def send(one: Notice, *_: object) -> None:
        attached.append(len(one.attachments))
        raise Undelivered("TimeoutError")

    monkeypatch.setattr(attaching, "_report", counted)
    monkeypatch.setattr(module, "send", send)
    both = [
        MailRecipient(key=key, agency=None, lang="en", when=NotifyWhen.ALWAYS, address=key, reports=("csv",))
        for key in ("mail:a", "mail:b")
    ]
    notifier = Notifier(NotifySettings(channels=tuple(both)), store, hands)
    for pause in PAUSES[:2]:
        await notifier.look()
        hands.on(minutes=pause.total_seconds() / 60)
    assert (attached, written) == ([1] * 4, [BEFORE])

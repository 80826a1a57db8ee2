"""Tests the asynchronous writer: nothing lost, no caller left waiting, errors raised to a caller."""

import asyncio
import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from auditor.service.store import writer as writer_module
from auditor.service.store.api import Store
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import Sample, Series, StoreError
from auditor.service.store.writer import Writer
from inventory.model import Subject, SubjectId
from probes.framework.evidence import Evidence, RunId
from tests.unit.auditor.service.store.examples import PORTAL, RUN, evidence, run, subject


class Scripted(MemoryStore):
    """Records the calls; can be held back, and can fail from the nth batch of evidence on."""

    def __init__(self, *, fails_from: int | None = None) -> None:
        super().__init__()
        self.create_run(run())
        self.calls: list[str] = []
        self.entered = threading.Event()
        self.gate = threading.Event()
        self.gate.set()
        self._fails_from = fails_from

    def add_subjects(self, run: RunId, subjects: Iterable[Subject]) -> None:
        self.calls.append("subjects")
        super().add_subjects(run, subjects)

    def add_owners(self, run: RunId, subject: SubjectId, owners: Iterable[SubjectId]) -> None:
        self.calls.append("owners")
        super().add_owners(run, subject, owners)

    def add_evidence(self, evidence: Iterable[Evidence]) -> None:
        self.entered.set()
        assert self.gate.wait(300)
        if self._fails_from is not None and self.calls.count("evidence") >= self._fails_from:
            raise StoreError("no space left")
        self.calls.append("evidence")
        super().add_evidence(evidence)

    def mark_measured(self, run: RunId, *subjects: SubjectId) -> None:
        self.calls.append("measured")
        super().mark_measured(run, *subjects)


async def test_what_was_flushed_is_in_the_store(store: Store) -> None:
    async with Writer(store) as writer:
        await writer.put(*(evidence(attempt=number) for number in range(1, 1201)))
        await writer.flush()
        assert len(store.evidence_ids(RUN, PORTAL)) == 1200
        await writer.put(evidence("late"))
    assert len(store.evidence_ids(RUN, SubjectId("late"))) == 1


async def test_samples_go_to_the_store(store: Store) -> None:
    series, time = (
        Series(subject=PORTAL, metric="ip-octets", vantage="here", family=6),
        datetime(2026, 11, 24, tzinfo=UTC),
    )
    async with Writer(store) as writer:
        await writer.add_samples([(series, Sample(time=time, value=5.0))])
    assert [sample.value for sample in store.samples(series, time, time + timedelta(seconds=1))] == [5.0]


async def test_all_kinds_of_work(store: Store) -> None:
    async with Writer(store) as writer:
        await writer.mark_measured(RUN)
        await writer.add_subjects(RUN, [subject("zone:a", None, "a")])
        await writer.add_owners(RUN, SubjectId("zone:a"), [SubjectId("b")])
        await writer.put(evidence("zone:a"))
        await writer.mark_measured(RUN, SubjectId("zone:a"))
    assert list(store.subjects(RUN)) == [subject("zone:a", None, "a", "b")]
    assert store.measured(RUN) == {"zone:a"}


async def test_one_batch_puts_the_mark_last() -> None:
    store = Scripted()
    store.gate.clear()
    async with Writer(store) as writer:
        await writer.put(evidence())
        assert await asyncio.to_thread(store.entered.wait, 10)
        await writer.add_subjects(RUN, [subject()])
        await writer.put(evidence(attempt=2))
        await writer.mark_measured(RUN, PORTAL)
        await writer.put(evidence(attempt=3))
        store.gate.set()
    assert store.calls == ["evidence", "subjects", "evidence", "measured"]


async def test_what_comes_within_a_moment_is_written_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "TOGETHER", 300.0)
    store = Scripted()
    async with Writer(store) as writer:
        for attempt in range(1, 6):
            await writer.put(evidence(attempt=attempt))
            for _ in range(10):
                await asyncio.sleep(0)
        assert store.calls == []
        await writer.flush()  # which waits for no moment
        assert store.calls == ["evidence"]
    assert len(store.evidence_ids(RUN, PORTAL)) == 5


async def test_a_full_queue_holds_producers_back() -> None:
    store = Scripted()
    store.gate.clear()
    put = 0
    async with Writer(store, capacity=5) as writer:

        async def produce() -> None:
            nonlocal put
            for number in range(1, 41):
                await writer.put(evidence(attempt=number))
                put += 1

        async with asyncio.TaskGroup() as group:
            group.create_task(produce())
            await asyncio.sleep(0.05)
            assert put <= 5 + 5 + 1  # in the queue, in the thread, and one that has just been let in
            store.gate.set()
    assert len(store.evidence_ids(RUN, PORTAL)) == 40


async def test_an_error_reaches_every_producer_and_none_waits_for_ever() -> None:
    store = Scripted(fails_from=1)
    failed = 0

    async def produce(name: str) -> None:
        nonlocal failed
        try:
            for number in range(1, 200):
                await writer.put(evidence(name, attempt=number))
            await writer.flush()
        except StoreError:
            failed += 1

    async with asyncio.timeout(300), Writer(store, capacity=2) as writer, asyncio.TaskGroup() as group:
        for name in "abcd":
            group.create_task(produce(name))
    assert failed == 4


async def test_a_flush_tells_of_the_error() -> None:
    async with Writer(Scripted(fails_from=0)) as writer:
        await writer.put(evidence())
        with pytest.raises(StoreError, match="no space left"):
            await writer.flush()


async def test_an_error_nobody_saw_comes_out_at_the_end() -> None:
    with pytest.raises(StoreError, match="no space left"):
        async with Writer(Scripted(fails_from=0)) as writer:
            await writer.put(evidence())


async def test_an_exception_of_the_block_passes_as_it_is_and_nothing_is_lost(store: Store) -> None:
    async def measure() -> None:
        async with Writer(store) as writer:
            await writer.put(evidence())
            raise KeyError

    with pytest.raises(KeyError):
        await measure()
    assert len(store.evidence_ids(RUN, PORTAL)) == 1


async def test_a_cancelled_block_still_writes_what_was_put(store: Store) -> None:
    put = asyncio.Event()

    async def measure() -> None:
        async with Writer(store) as writer:
            await writer.put(*(evidence(attempt=number) for number in range(1, 31)))
            put.set()
            await asyncio.sleep(60)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(measure())
        await put.wait()
        task.cancel()
    assert len(store.evidence_ids(RUN, PORTAL)) == 30


async def test_cancelled_at_the_end_too_it_ends() -> None:
    store = Scripted()
    store.gate.clear()

    async def measure() -> None:
        async with Writer(store) as writer:
            await writer.put(evidence())

    async with asyncio.timeout(300), asyncio.TaskGroup() as group:
        task = group.create_task(measure())
        await asyncio.sleep(0.02)
        task.cancel()
        threading.Timer(0.1, store.gate.set).start()


async def test_a_mirror_sees_the_same() -> None:
    store, mirror = Scripted(), Scripted()
    async with Writer(store, mirror) as writer:
        await writer.add_subjects(RUN, [subject()])
        await writer.put(evidence())
        await writer.mark_measured(RUN, PORTAL)
    assert list(mirror.all_evidence(RUN)) == [evidence()]
    assert mirror.measured(RUN) == {PORTAL}

"""Tests the time limit of a subject: which time counts, and which probes are cut off and recorded as such."""

import asyncio
import weakref
from dataclasses import replace

import pytest

from inventory.model import Kind, Service
from probes.framework.evidence import Evidence, FailureKind
from probes.framework.limits import Deadline, Limits
from probes.framework.look import LOOK, Look
from probes.framework.profile import AUDIT, Pace
from probes.framework.recorder import Recorder
from probes.framework.runner import Runner
from probes.framework.tasks import EndpointTask
from probes.framework.time_budget import TimeBudget
from probes.observations.web import HttpExchange
from tests.unit.probes.framework.examples import REFUSED, TIMEOUT, V4, V6, connect, endpoint_probe, subject
from tests.unit.probes.framework.running import Store, measure, offsets
from tests.unit.probes.framework.virtual import monotonic, run, stand_still

HTTPS = (Service(name="https", port=443),)
SLOW = subject("slow", Kind.HOST, addresses=(V6,), services=HTTPS)
QUICK_ONE = subject("quick", Kind.HOST, addresses=(V4,), services=HTTPS)


async def drip(task: EndpointTask, rec: Recorder) -> None:
    """The slow one is dialled again and again, each time for seconds; the others answer."""
    while task.endpoint.address == V6:
        t0 = rec.now()
        await asyncio.sleep(4)
        rec.record(connect(task.endpoint.address, task.endpoint.port or 0, TIMEOUT), t0=t0)
    rec.record(connect(task.endpoint.address, task.endpoint.port or 0), t0=rec.now())


async def silence(task: EndpointTask, rec: Recorder) -> None:
    t0 = rec.now()
    await asyncio.sleep(4)
    rec.record(connect(task.endpoint.address, task.endpoint.port or 0, TIMEOUT), t0=t0)


def kinds(evidence: list[Evidence]) -> list[FailureKind | None]:
    return [None if envelope.failure is None else envelope.failure.kind for envelope in evidence]


def test_runner_probe_at_work_is_cut_and_what_it_recorded_is_kept() -> None:
    async def main() -> Store:
        return await measure([SLOW], endpoint_probe("tcp", drip, "https", deadline=100), subject_seconds=10)

    (envelope,) = run(main()).of("tcp")
    assert kinds([envelope]) == [FailureKind.OUT_OF_TIME]
    assert [step.t for step in envelope.steps] == [4.0, 8.0]


@pytest.mark.parametrize(("seconds", "left"), [(100, 0), (6, 1), (3, 2)])
def test_runner_what_stands_behind_a_port_that_was_not_asked_to_the_end_is_written_down(
    seconds: float, left: int
) -> None:
    """The page might excuse the subject; a page that was not fetched is recorded as out of time."""
    behind = endpoint_probe("page", _open, "https", "http", records=(HttpExchange,), needs_open=True)
    both = replace(SLOW, services=(*HTTPS, Service(name="http", port=80)))

    async def one_shut(task: EndpointTask, rec: Recorder) -> None:
        await asyncio.sleep(4 if task.endpoint.port == 443 else 8)
        rec.record(connect(task.endpoint.address, task.endpoint.port or 0, REFUSED), t0=0.0)

    store = run(measure([both], endpoint_probe("tcp", one_shut, "https", "http"), behind, subject_seconds=seconds))
    assert kinds(store.of("page")) == [FailureKind.OUT_OF_TIME] * left


def test_runner_probe_that_cannot_begin_any_more_is_written_down() -> None:
    opened = endpoint_probe("tcp", drip, "https", deadline=100)
    later = endpoint_probe("tls", silence, "https", needs_open=True)
    store = run(measure([SLOW], endpoint_probe("knock", _open, "https"), later, opened, subject_seconds=1))
    (envelope,) = store.of("tls")
    assert kinds([envelope]) == [FailureKind.OUT_OF_TIME]
    assert kinds(store.of("tcp")) == [FailureKind.OUT_OF_TIME]


async def _open(task: EndpointTask, rec: Recorder) -> None:
    """Open, as it turns out once the time is used up but for a moment."""
    await asyncio.sleep(0.999)
    rec.record(connect(task.endpoint.address, task.endpoint.port or 0), t0=0.0)


def test_runner_other_subjects_have_their_own_time() -> None:
    async def main() -> Store:
        return await measure([SLOW, QUICK_ONE], endpoint_probe("tcp", drip, "https", deadline=100), subject_seconds=10)

    store = run(main())
    assert kinds(store.of("tcp", "quick")) == [None]
    assert store.finished == pytest.approx({"quick": 0.0, "slow": 10.0})


def test_runner_slow_subjects_let_go_of_their_workers() -> None:
    """200 hostile subjects come first: 40 workers in waves of 180 s would finish the honest ones after 900 s."""
    slow = [subject(f"s{n}", Kind.HOST, addresses=(V6,), services=HTTPS) for n in range(200)]
    honest = [subject(f"h{n}", Kind.HOST, addresses=(V4,), services=HTTPS) for n in range(20)]
    probe = endpoint_probe("tcp", drip, "https", deadline=1_000)
    store = run(measure([*slow, *honest], probe, concurrency=40, subject_seconds=180))
    assert max(store.finished[subject.id] for subject in honest) < 185
    assert max(store.finished.values()) < 400
    assert {kind for n in range(20) for kind in kinds(store.of("tcp", f"h{n}"))} == {None}
    assert {kind for n in range(200) for kind in kinds(store.of("tcp", f"s{n}"))} == {FailureKind.OUT_OF_TIME}


def test_runner_takes_no_more_subjects_at_once_where_this_machine_is_what_is_slow() -> None:
    """Jobs that need three seconds of processor time each would delay each other until their time runs out."""
    at_work = most = 0

    async def think(task: EndpointTask, rec: Recorder) -> None:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        for _ in range(10):
            stand_still(0.3)
            await asyncio.sleep(0)
        at_work -= 1

    names = [f"h{n}" for n in range(60)]
    busy = [subject(name, Kind.HOST, addresses=(V4,), services=HTTPS) for name in names]
    probe = endpoint_probe("tcp", think, "https", deadline=1_000)
    store = run(measure(busy, probe, concurrency=4, subject_seconds=30))
    assert most == 4
    assert {kind for name in names for kind in kinds(store.of("tcp", name))} == set()


def test_runner_pauses_between_rounds_do_not_count() -> None:
    probe = endpoint_probe("tcp", silence, "https", retry="connect")
    store = run(measure([SLOW], probe, profile=AUDIT, subject_seconds=13))
    assert offsets(store.of("tcp")) == [0.0, 30.0, 600.0]
    assert kinds(store.of("tcp")) == [None, None, None]


def test_runner_late_look_has_what_is_left_and_is_written_down_where_that_is_nothing() -> None:
    probe = endpoint_probe("tcp", silence, "https", retry="connect")
    store = run(measure([SLOW], probe, profile=AUDIT, subject_seconds=6))
    first, second = store.of("tcp")
    assert kinds([first, second]) == [None, FailureKind.OUT_OF_TIME]
    assert (second.attempt, second.steps) == (2, ())
    assert store.finished == pytest.approx({"slow": 32.0})


def test_runner_look_that_would_come_too_late_is_not_waited_for() -> None:
    probe = endpoint_probe("tcp", drip, "https", retry="connect", deadline=100)
    store = run(measure([SLOW], probe, profile=AUDIT, subject_seconds=6))
    assert [envelope.attempt for envelope in store.of("tcp")] == [1, 2]
    assert store.finished == {"slow": 6.0}


def test_runner_waits_for_admission_do_not_count() -> None:
    """Thirty seconds of our own politeness are none of the subject's ten."""
    pace = replace(Pace(), per_address_per_second=1, per_address_burst=1)

    async def main() -> Store:
        limits = Limits(pace, clock=monotonic, sleep=asyncio.sleep)

        async def polite(task: EndpointTask, rec: Recorder) -> None:
            for _ in range(31):
                await limits.admit(task.endpoint.address)
            rec.record(connect(task.endpoint.address, task.endpoint.port or 0), t0=rec.now())

        return await measure([SLOW], endpoint_probe("tcp", polite, "https", deadline=20), subject_seconds=10)

    (envelope,) = run(main()).of("tcp")
    assert (envelope.failure, envelope.queued) == (None, 30.0)


def test_runner_resumed_run_measures_nothing_again_that_was_cut() -> None:
    probe = endpoint_probe("tcp", drip, "https", deadline=100)
    store = run(measure([SLOW], probe, subject_seconds=10))
    run(measure([SLOW], probe, store=replace(store, finished={}), subject_seconds=10))
    assert set(store.written.values()) == {1}


async def _worker(budget: TimeBudget, seconds: float, *, waits: float = 0.0) -> None:
    async with Deadline(1_000) as deadline:
        with budget.spent_by(deadline):
            if waits:
                deadline.hold(monotonic(), waits)
            await asyncio.sleep(waits + seconds)


@pytest.mark.parametrize(
    ("workers", "spent"),
    [
        (((3.0, 0.0), (5.0, 0.0)), 5.0),  # at the same time: once
        (((3.0, 4.0),), 3.0),  # a wait stops the clock
        (((3.0, 4.0), (1.0, 0.0)), 4.0),  # but not where somebody else is at work meanwhile
        (((3.0, 4.0), (1.0, 7.0)), 4.0),
    ],
)
def test_time_budget_counts_the_time_in_which_somebody_is_at_work(
    workers: tuple[tuple[float, float], ...], spent: float
) -> None:
    async def main() -> float:
        budget = TimeBudget(100, monotonic)
        async with asyncio.TaskGroup() as group:
            for seconds, waits in workers:
                group.create_task(_worker(budget, seconds, waits=waits))
        return budget.seconds - budget.left

    assert run(main()) == pytest.approx(spent)


def test_time_budget_used_up_ends_everybody_at_once() -> None:
    async def main() -> float:
        budget = TimeBudget(5, monotonic)
        base_exceptions = await asyncio.gather(*(_worker(budget, 50) for _ in range(3)), return_exceptions=True)
        assert {type(base_exception) for base_exception in base_exceptions} == {TimeoutError}
        assert budget.over
        return monotonic()

    assert run(main()) == 5.0


def test_time_budget_nobody_begins_behind_its_end() -> None:
    async def main() -> float:
        budget = TimeBudget(0, monotonic)
        with pytest.raises(TimeoutError):
            await _worker(budget, 50)
        return monotonic()

    assert run(main()) == 0.0


def test_deadline_left_is_the_nearest_end() -> None:
    async def main() -> tuple[float, float]:
        async with Deadline(20) as deadline:
            await asyncio.sleep(1)
            alone = deadline.left
            with TimeBudget(5, monotonic).spent_by(deadline):
                return alone, deadline.left

    assert run(main()) == (19.0, 5.0)


def test_runner_holds_nothing_of_subjects_that_are_done() -> None:
    """Repeats of silent subjects are released too: a run's memory must not grow with its number of subjects."""
    probe = endpoint_probe("tcp", silence, "https", retry="connect")
    names = [f"h{n}" for n in range(5)]
    silent = [subject(name, Kind.HOST, addresses=(V4,), services=HTTPS) for name in names]
    runners: list[Runner] = []
    store = run(measure(silent, probe, profile=AUDIT, subject_seconds=1_000, made=runners.append))
    assert {len(store.of("tcp", name)) for name in names} == {3}
    held = {name: value for name, value in vars(runners[0]).items() if isinstance(value, dict | list) and value}
    assert not held


def test_time_budget_nothing_of_a_look_is_held_once_its_probes_have_ended() -> None:
    """The loop keeps cancelled timers for a while, and with them the context in which they were set."""
    seen: list[weakref.ref[Look]] = []

    async def work(budget: TimeBudget) -> None:
        LOOK.set(look := Look())
        seen.append(weakref.ref(look))
        async with Deadline(60) as deadline:
            with budget.spent_by(deadline):
                await asyncio.sleep(1)

    async def main() -> bool:
        budget = TimeBudget(180, monotonic)
        await asyncio.create_task(work(budget))
        await asyncio.sleep(0)
        return seen[0]() is None

    assert run(main())

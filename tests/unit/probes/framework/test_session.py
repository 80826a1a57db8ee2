"""Tests the self-tests around and inside a run."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from inventory.model import Clearance, Kind, Service
from probes.framework import session
from probes.framework.evidence import Evidence, Observation
from probes.framework.profile import AUDIT, QUICK, Profile
from probes.framework.runner import Listener, Measurement
from probes.framework.session import Session
from probes.framework.vantage import SelfTest
from probes.net.core.neighbour_table import NeighbourTable
from probes.net.core.own_limits import OwnLimits
from probes.observations.vantage import ClockStep, LimitHit
from tests.unit.probes.fake_net import FakeNet
from tests.unit.probes.framework.examples import REFUSED, RUN, V6, connect, endpoint_probe, subject
from tests.unit.probes.framework.running import Store, now, offsets
from tests.unit.probes.framework.virtual import monotonic, run


async def _session(step: Observation, profile: Profile = AUDIT) -> Store:
    async def said(task: object, rec: object) -> None:
        rec.record(step, t0=0.0)  # type: ignore[attr-defined]  # a Recorder

    store, hosts = (
        Store(),
        [subject(f"h{n}", Kind.HOST, addresses=(V6,), services=(Service(name="https", port=443),)) for n in range(3)],
    )
    measurement = Measurement(
        run=RUN,
        vantage="here",
        profile=profile,
        probes=(endpoint_probe("tcp", said, "https", retry="connect"),),
        concurrency=4,
        clearance=Clearance.NORMAL,
        monotonic=monotonic,
        now=now,
    )
    listener = Listener(evidence=store.keep, derived=store.found, finished=store.done, waiting=store.waits)
    tested = Session(measurement, FakeNet(), SelfTest(controls=(), roots=()), store.keep, number=1)
    await tested.run(hosts, len(hosts), listener, store.known)
    return store


def _labels(store: Store) -> dict[str, float]:
    tests: list[Evidence] = store.of("selftest")
    return dict(zip([test.task for test in tests], offsets(tests), strict=True))


async def _briefness(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    brief: dict[str, bool] = {}

    async def noted(test: SelfTest, *_: object) -> None:
        brief[("before", "during", "after")[len(brief)]] = test.is_brief

    monkeypatch.setattr(session, "self_test", noted)
    await _session(connect(V6), profile)
    return brief


def test_a_run_in_a_hurry_is_tested_with_few_echoes_after_the_first_test(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(_briefness(QUICK, monkeypatch)) == {"before": False, "during": True, "after": True}
    assert not any(run(_briefness(AUDIT, monkeypatch)).values())


def test_a_run_that_waits_is_tested_before_it_waits() -> None:
    store = run(_session(connect(V6, 443, REFUSED)))
    assert _labels(store) == {"before": 0.0, "between": 0.0, "during": 605.0, "after": 610.0}
    assert len(store.waited) == 2  # told each time, tested once


def test_a_run_that_does_not_wait() -> None:
    assert _labels(run(_session(connect(V6)))) == {"before": 0.0, "during": 0.0, "after": 0.0}


def _measurement(wall: Callable[[], datetime]) -> Measurement:
    return Measurement(
        run=RUN,
        vantage="here",
        profile=AUDIT,
        probes=(),
        concurrency=1,
        clearance=Clearance.NORMAL,
        monotonic=monotonic,
        now=wall,
    )


async def _with_clock(*ahead: float) -> dict[str, list[float]]:
    """The steps in seconds that each self-test records; so far ahead is the wall's clock at each reading of it."""
    readings = iter(ahead)
    measurement = _measurement(lambda: now() + timedelta(seconds=next(readings)))
    store = Store()
    tested = Session(measurement, FakeNet(), SelfTest(controls=(), roots=()), store.keep, number=1)
    for label in ("before", "during", "after"):
        await tested.test(label)
    return {
        test.task: [step.seconds for step in test.steps if isinstance(step, ClockStep)] for test in store.of("selftest")
    }


def test_session_notes_that_the_clock_was_set_since_the_test_before() -> None:
    # Read at the begin of the session, and twice by each test.
    assert run(_with_clock(*[0.0] * 7)) == {"before": [], "during": [], "after": []}
    told = run(_with_clock(0.0, 0.0, 0.0, 0.0, -7200.0, -7200.0, -7198.5))
    assert told == {"before": [], "during": [-7200.0], "after": []}


async def _with_table(*refused: int) -> dict[str, list[tuple[int, int]]]:
    """The family and the room of each limit that a self-test records; so many found no room at each reading."""
    readings = iter(refused)
    limits = OwnLimits(lambda family: NeighbourTable(1_024, next(readings) if family == 4 else 0), lambda: None)
    limits.start()
    store, measurement = Store(), _measurement(now)
    tested = Session(measurement, FakeNet(own_limits=limits), SelfTest(controls=(), roots=()), store.keep, number=1)
    for label in ("before", "during", "after"):
        await tested.test(label)
    return {
        test.task: [(step.family, step.room) for step in test.steps if isinstance(step, LimitHit)]
        for test in store.of("selftest")
    }


def test_session_notes_that_the_table_of_neighbours_was_full_since_the_test_before() -> None:
    assert run(_with_table(3, 3, 3, 3)) == {"before": [], "during": [], "after": []}
    assert run(_with_table(3, 3, 5, 9)) == {"before": [], "during": [(4, 1_024)], "after": [(4, 1_024)]}

"""The self-tests around and inside a run."""

from datetime import timedelta

import pytest

from inventory.model import Clearance, Kind, Service
from probes.framework import session
from probes.framework.evidence import Evidence, Observation
from probes.framework.profile import AUDIT, QUICK, Profile
from probes.framework.runner import Listener, Measurement
from probes.framework.session import Session
from probes.framework.vantage import SelfTest
from probes.observations.vantage import ClockStep
from tests.unit.probes.framework.examples import NO_NET, REFUSED, RUN, V6, connect, endpoint_probe, subject
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
    tested = Session(measurement, NO_NET, SelfTest(controls=(), roots=()), store.keep, number=1)
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
    assert _labels(store) == {"before": 0.0, "between": 0.0, "during": 600.0, "after": 600.0}
    assert len(store.waited) == 2  # told each time, tested once


def test_a_run_that_does_not_wait() -> None:
    assert _labels(run(_session(connect(V6)))) == {"before": 0.0, "during": 0.0, "after": 0.0}


async def _with_clock(*ahead: float) -> dict[str, list[float]]:
    """The steps in seconds that each self-test records; so far ahead is the wall's clock at each reading of it."""
    readings = iter(ahead)
    measurement = Measurement(
        run=RUN,
        vantage="here",
        profile=AUDIT,
        probes=(),
        concurrency=1,
        clearance=Clearance.NORMAL,
        monotonic=monotonic,
        now=lambda: now() + timedelta(seconds=next(readings)),
    )
    store = Store()
    tested = Session(measurement, NO_NET, SelfTest(controls=(), roots=()), store.keep, number=1)
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

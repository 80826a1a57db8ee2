"""Tests evidence, recorders and profiles: the order of steps, an owner for every failure, and the repeats."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.framework import evidence as module
from probes.framework.codec import decode_step
from probes.framework.evidence import At, Attribution, EvidenceSet, FailureKind, Observation, observation
from probes.framework.profile import AUDIT, PROFILES, QUICK
from probes.framework.recorder import Recorder
from probes.observations.places import Unplaced
from probes.observations.text import Word
from probes.observations.transport import EchoSeries, TcpConnect
from tests.unit.probes.framework.examples import TIMEOUT, V4, V6, connect, evidence, look

GOLDEN = Path(__file__).parents[3] / "golden" / "evidence"


def test_every_failure_has_an_owner() -> None:
    owners = {kind: kind.attribution for kind in FailureKind}
    assert [kind for kind, blame in owners.items() if blame is Attribution.OURS] == [
        FailureKind.NO_PERMISSION,
        FailureKind.FILTERED_HERE,
        FailureKind.NO_ROUTE_HERE,
        FailureKind.OUT_OF_SCOPE,
        FailureKind.CUT_SHORT,
        FailureKind.OVER_BUDGET,
        FailureKind.OUT_OF_TIME,
        FailureKind.BUG,
    ]
    assert owners[FailureKind.REFUSED] is Attribution.THEIRS
    assert owners[FailureKind.TIMEOUT] is Attribution.PATH


@given(order=st.permutations(range(6)))
def test_a_set_forgets_the_order_of_measuring(order: list[int]) -> None:
    all_of_it = [
        evidence(connect(V6), probe="tcp", task=task, attempt=attempt) for task in ("b", "a") for attempt in (2, 1)
    ] + [evidence(look("A"), task="z"), evidence(look("A"), probe="http", task="a")]
    found = EvidenceSet(all_of_it[number] for number in order)
    assert [(envelope.probe, envelope.task, envelope.attempt) for envelope in found] == [
        ("dns", "z", 1),
        ("http", "a", 1),
        ("tcp", "a", 1),
        ("tcp", "a", 2),
        ("tcp", "b", 1),
        ("tcp", "b", 2),
    ]
    assert len(found) == 6


def test_of_and_has_look_at_kinds() -> None:
    found = EvidenceSet([evidence(connect(V6), look("A"), connect(V4))])
    assert [step.address for _, step in found.of(TcpConnect)] == [V6, V4]
    assert found.has([EchoSeries, TcpConnect])
    assert not found.has([EchoSeries])
    assert not found.has([])


def test_a_kind_of_observation_is_registered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OBSERVATIONS", {})

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Thing(Unplaced):
        def lines(self, word: Word) -> Iterator[str]:
            yield ""

    registered = observation("thing", 3)(Thing)
    assert (registered.KIND, registered.VERSION) == ("thing", 3)
    with pytest.raises(ValueError, match="'thing' is registered twice"):
        observation("thing", 4)(Thing)


def test_observation_a_kind_that_does_not_say_where_it_is_made_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OBSERVATIONS", {})

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Thing(Observation):
        def answers(self) -> Iterator[At]:
            yield from ()

    with pytest.raises(TypeError, match=r"'thing' does not define at\(\)"):
        observation("thing", 1)(Thing)
    assert not module.OBSERVATIONS


class _Clock:
    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        self.seconds += 0.25
        return self.seconds


def test_a_recorder_counts_from_its_own_beginning() -> None:
    rec = Recorder(_Clock())
    t0 = rec.now()
    step = rec.record(connect(failure=TIMEOUT), t0=t0)
    assert (t0, step.t0, step.t, step.failure) == (0.25, 0.25, 0.5, TIMEOUT)
    assert rec.steps == (step,)


STEPS = sorted(path for path in GOLDEN.glob("*.json") if path.stem != "evidence.1")


@pytest.mark.parametrize("path", STEPS, ids=lambda path: path.stem)
def test_what_is_recorded_is_what_was_seen_with_its_times(path: Path) -> None:
    step = decode_step(json.loads(path.read_text("utf-8")))
    timed = Recorder(lambda: 1_000.0).record(step, t0=0.25)
    assert type(timed) is type(step)
    assert timed == replace(step, t0=0.25, t=0.0)


def test_beyond_its_limit_a_recorder_only_counts() -> None:
    rec = Recorder(_Clock(), limit=2)
    for _ in range(5):
        rec.record(connect(), t0=0.0)
    assert (len(rec.steps), rec.dropped) == (2, 3)


def test_steps_recorded_aside_are_handed_back_and_not_kept() -> None:
    rec = Recorder(_Clock())
    aside = rec.aside()
    assert aside.record(connect(), t0=aside.now()).t > 0
    assert (rec.steps, aside.steps, rec.dropped) == ((), (), 0)


@pytest.mark.parametrize(("name", "one_round"), [("quick", True), ("audit", False)])
def test_profiles_repeat_in_order_of_time(name: str, *, one_round: bool) -> None:
    profile = PROFILES[name]
    assert profile.one_round is one_round
    assert {"none", "connect", "datagram", "server", "mail", "echo", "flaw"} == set(profile.retries)
    assert all(offsets[0] == 0 and list(offsets) == sorted(offsets) for offsets in profile.retries.values())


def test_the_profiles_are_those_of_the_catalogue() -> None:
    assert AUDIT.retries["connect"] == (0.0, 30.0, 600.0)
    assert (AUDIT.tcp_connect, AUDIT.echo_count, AUDIT.echo_interval, AUDIT.http) == (4.0, 20, 1.0, 10.0)
    assert (AUDIT.dns_udp, len(AUDIT.retries["datagram"]), AUDIT.dns_connect, AUDIT.dns_answer) == (2.0, 3, 4.0, 5.0)
    assert len(QUICK.retries["connect"]) * QUICK.tcp_connect <= timedelta(seconds=5).total_seconds()
    assert (QUICK.echo_count, QUICK.echo_interval) == (5, 0.2)
    assert (AUDIT.smtp_reply, AUDIT.smtp_pause, QUICK.smtp_pause) == (30.0, 2.0, 0.2)
    assert (AUDIT.retries["mail"], QUICK.retries["mail"]) == ((0.0, 1800.0), (0.0,))
    assert (AUDIT.retries["echo"], QUICK.retries["echo"]) == ((0.0, 30.0, 600.0), (0.0,))  # three rounds
    assert AUDIT.retries["server"] == (*AUDIT.retries["datagram"], 600.0)
    assert AUDIT.retries["flaw"][1] > 600.0  # CHECKS security.tls.known-vulns: twice, ten minutes apart


def test_a_longest_wait_bounds_every_wait_and_nothing_else() -> None:
    bounded = AUDIT.bounded(3.0)
    waits = ("dns_udp", "dns_connect", "dns_answer", "tcp_connect", "tls", "http", "smtp_reply", "echo_wait")
    assert {name: getattr(bounded, name) for name in waits} == {name: min(3.0, getattr(AUDIT, name)) for name in waits}
    others = {field.name for field in fields(AUDIT)} - set(waits)
    assert all(getattr(bounded, name) == getattr(AUDIT, name) for name in others)
    assert AUDIT.bounded(None) is AUDIT

"""Tests the runner's order, attempts, deadlines and bulkheads."""

import asyncio
from dataclasses import replace
from ipaddress import ip_address

import pytest

from inventory.model import Clearance, Kind, Network, Service, SubjectId
from probes.framework.budget import Ledger, tab
from probes.framework.evidence import Failure, FailureKind
from probes.framework.limits import INSIDE, Limits
from probes.framework.profile import AUDIT, QUICK, Pace, Profile
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask, NameTask
from probes.observations.dns import Delegation
from probes.observations.web import TlsHandshake
from tests.unit.probes.framework.examples import (
    REFUSED,
    TIMEOUT,
    V4,
    V6,
    Body,
    connect,
    endpoint_probe,
    look,
    name_probe,
    subject,
)
from tests.unit.probes.framework.running import Store, measure, offsets
from tests.unit.probes.framework.virtual import monotonic, run

HTTPS = (Service(name="https", port=443),)
HOST = subject("h", Kind.HOST, addresses=(V6, V4), services=HTTPS)
ONE = subject("h", Kind.HOST, addresses=(V6,), services=HTTPS)


async def names(task: NameTask, rec: Recorder) -> None:
    """Answers after a second: one address of each family."""
    await asyncio.sleep(1)
    rec.record(look("AAAA", str(V6), name=task.name), t0=0.0)
    rec.record(look("A", str(V4), name=task.name), t0=0.0)


async def silence(task: EndpointTask, rec: Recorder) -> None:
    t0 = rec.now()
    await asyncio.sleep(4)
    rec.record(connect(task.endpoint.address, task.endpoint.port or 0, TIMEOUT), t0=t0)


async def answer(task: EndpointTask, rec: Recorder) -> None:
    rec.record(connect(task.endpoint.address, task.endpoint.port or 0), t0=rec.now())


async def refuse(task: EndpointTask, rec: Recorder) -> None:
    rec.record(connect(task.endpoint.address, task.endpoint.port or 0, REFUSED), t0=rec.now())


async def shake(task: EndpointTask, rec: Recorder) -> None:
    handshake = TlsHandshake(address=task.endpoint.address, port=task.endpoint.port or 0, server_name=None)
    rec.record(handshake, t0=rec.now())


TLS = endpoint_probe("tls", shake, "https", records=(TlsHandshake,), needs_open=True)


def test_names_first_then_every_endpoint_at_once() -> None:
    async def main() -> float:
        store = await measure([subject()], name_probe(names), endpoint_probe("tcp", silence, "https", "http"))
        assert offsets(store.of("dns")) == [0.0]
        assert offsets(store.of("tcp")) == [1.0] * 4
        assert {envelope.task for envelope in store.of("tcp")} == {f"{a}#{p}" for a in (V6, V4) for p in (80, 443)}
        assert [envelope.endpoint and envelope.endpoint.address for envelope in store.of("tcp")].count(V6) == 2
        return monotonic()

    assert run(main()) == 5.0


@pytest.mark.parametrize(("profile", "begun"), [(AUDIT, [0.0, 1.0, 2.0]), (QUICK, [0.0, 1.0, 1.0])])
def test_where_somebody_waits_a_name_is_looked_up_at_once_behind_the_first(
    profile: Profile, begun: list[float]
) -> None:
    probes = [replace(name_probe(names), name=name) for name in ("dns", "dnssec", "mail_records")]

    async def main() -> list[float]:
        store = await measure([subject()], *probes, profile=profile)
        return [offsets(store.of(probe.name))[0] for probe in probes]

    assert run(main()) == begun


def test_where_a_subject_is_is_told_before_anything_is_asked_there() -> None:
    site = subject("www.example.vn")
    kept = run(measure([site, ONE], name_probe(names), endpoint_probe("tcp", silence, "https")))
    assert sorted(kept.named) == [("h", (V6,), 0.0), (site.id, (V4, V6), 1.0)]


def test_evidence_tells_what_was_recorded_and_when() -> None:
    (envelope,) = run(measure([ONE], endpoint_probe("tcp", silence, "https"))).of("tcp")
    (step,) = envelope.steps
    assert (step.t0, step.t, step.failure) == (0.0, 4.0, TIMEOUT)
    assert (envelope.run, envelope.subject, envelope.probe_version, envelope.attempt) == ("run", "h", 1, 1)
    assert (envelope.vantage, envelope.queued, envelope.failure) == ("here", 0.0, None)


def test_a_probe_that_had_nothing_to_do_leaves_no_evidence() -> None:
    async def nothing(task: EndpointTask, rec: Recorder) -> None:
        """Record nothing, as a probe for routers does at another device."""

    store = run(measure([ONE], endpoint_probe("tcp", answer, "https"), endpoint_probe("device", nothing, "https")))
    assert ({envelope.probe for envelope in store.evidence.values()}, set(store.finished)) == ({"tcp"}, {ONE.id})


def test_a_later_attempt_without_a_step_counts_as_the_last() -> None:
    async def once(task: EndpointTask, rec: Recorder) -> None:
        if monotonic() < 30:
            await silence(task, rec)

    store = run(measure([ONE], endpoint_probe("tcp", once, "https", retry="connect"), profile=AUDIT))
    assert [len(envelope.steps) for envelope in store.of("tcp")] == [1, 0]


@pytest.mark.parametrize(("body", "attempts"), [(silence, 2), (answer, 1), (refuse, 1)])
def test_only_silence_is_asked_again(body: object, attempts: int) -> None:
    probe = endpoint_probe("tcp", body, "https", retry="connect")  # type: ignore[arg-type]  # one of the three above
    store = run(measure([ONE], probe))
    assert [envelope.attempt for envelope in store.of("tcp")] == list(range(1, attempts + 1))


def test_attempts_of_an_audit_are_at_0_30_and_600_seconds() -> None:
    store = run(measure([ONE], endpoint_probe("tcp", silence, "https", retry="connect"), profile=AUDIT))
    assert offsets(store.of("tcp")) == [0.0, 30.0, 600.0]
    assert store.finished == {"h": 604.0}


def test_a_late_attempt_that_is_answered_is_the_last() -> None:
    async def second_time(task: EndpointTask, rec: Recorder) -> None:
        await (silence if monotonic() < 30 else answer)(task, rec)

    probe = endpoint_probe("tcp", second_time, "https", retry="connect")
    store = run(measure([HOST], probe, TLS, profile=AUDIT))
    assert [(envelope.attempt, at) for envelope, at in zip(store.of("tcp"), offsets(store.of("tcp")), strict=True)] == [
        (1, 0.0),
        (2, 30.0),
    ] * 2
    assert offsets(store.of("tls")) == [30.0, 30.0]  # what stands behind the port is asked once it is open
    assert store.finished == {"h": 30.0}


def test_no_worker_sleeps_until_a_late_attempt() -> None:
    dead = [subject(f"dead{n}", Kind.HOST, addresses=(V6,), services=HTTPS) for n in range(5)]
    probe = endpoint_probe("tcp", silence, "https", retry="connect")
    store = run(measure(dead, probe, profile=AUDIT, concurrency=1))
    first = [envelope for envelope in store.of("tcp") if envelope.attempt == 1]
    assert offsets(first) == [0.0, 4.0, 8.0, 12.0, 16.0]
    assert offsets([envelope for envelope in store.of("tcp") if envelope.attempt == 2]) == [
        30.0,
        34.0,
        38.0,
        42.0,
        46.0,
    ]


def test_a_subject_is_finished_once_all_its_attempts_are_made() -> None:
    async def main() -> Store:
        return await measure([HOST, subject("x", Kind.HOST, addresses=(V6,))], probe, profile=AUDIT)

    probe = endpoint_probe("tcp", silence, "https", retry="connect")
    store = run(main())
    assert store.finished == {"x": 0.0, "h": 609.0}
    assert len(store.of("tcp")) == 6


@pytest.mark.parametrize(("body", "asked"), [(answer, 2), (refuse, 0), (silence, 0)])
def test_behind_a_port_that_is_not_open_nothing_is_asked(body: object, asked: int) -> None:
    tcp = endpoint_probe("tcp", body, "https")  # type: ignore[arg-type]  # as above
    assert len(run(measure([HOST], tcp, TLS)).of("tls")) == asked


async def lie(task: EndpointTask, rec: Recorder) -> None:
    """A handshake that is left lying."""
    t0 = rec.now()
    await asyncio.sleep(8)
    step = TlsHandshake(address=task.endpoint.address, port=task.endpoint.port or 0, server_name=None, failure=TIMEOUT)
    rec.record(step, t0=t0)


async def dawdle(task: EndpointTask, rec: Recorder) -> None:
    """The handshake is done, and then nothing comes."""
    await shake(task, rec)
    await lie(task, rec)


@pytest.mark.parametrize(
    ("body", "profile", "begun"),
    [(lie, QUICK, [0.0, 8.0, 8.0]), (lie, AUDIT, [0.0, 8.0, 16.0]), (dawdle, QUICK, [0.0, 8.0, 16.0])],
    ids=["silent", "nobody-waits", "answered-the-handshake"],
)
def test_behind_a_port_that_lets_everything_lie_all_others_are_asked_at_once_where_somebody_waits(
    body: Body, profile: Profile, begun: list[float]
) -> None:
    behind = [endpoint_probe(name, body, "https", records=(TlsHandshake,), needs_open=True) for name in "abc"]
    store = run(measure([ONE], endpoint_probe("tcp", answer, "https"), *behind, profile=profile))
    assert [offsets(store.of(probe.name)) for probe in behind] == [[at] for at in begun]


def test_a_probe_of_addresses_gets_no_service_and_the_others_only_theirs() -> None:
    echo = endpoint_probe("icmp6", answer)
    store = run(measure([HOST], echo, endpoint_probe("tcp", answer, "https"), endpoint_probe("ssh", answer, "ssh")))
    assert [envelope.task for envelope in store.of("icmp6")] == [str(V4), str(V6)]
    assert [envelope.task for envelope in store.of("tcp")] == [f"{V4}#443", f"{V6}#443"]
    assert store.of("ssh") == []


def test_services_are_asked_before_ports_that_may_get_us_banned() -> None:
    begun: list[str] = []

    async def note(task: EndpointTask, rec: Recorder) -> None:
        begun.append("other" if task.service is None else task.service.name)
        await answer(task, rec)

    run(measure([HOST], endpoint_probe("mgmt", note), endpoint_probe("tcp", note, "https")))
    assert begun == ["https", "https", "other", "other"]


def test_a_deadline_keeps_what_was_recorded_before_it() -> None:
    async def slow(task: EndpointTask, rec: Recorder) -> None:
        await answer(task, rec)
        await asyncio.sleep(1_000)

    (envelope,) = run(measure([ONE], endpoint_probe("tcp", slow, "https", deadline=15.0))).of("tcp")
    assert [step.failure for step in envelope.steps] == [None]
    assert envelope.failure == Failure(kind=FailureKind.CUT_SHORT, detail="no end within 15 s")


def test_waiting_for_admission_moves_the_deadline_and_is_said() -> None:
    pace = Pace(per_address_per_second=0.1, per_address_burst=1)

    async def main() -> Store:
        limits = Limits(pace, clock=monotonic)

        async def polite(task: EndpointTask, rec: Recorder) -> None:
            for _ in range(3):
                await limits.admit(task.endpoint.address)
            await answer(task, rec)

        return await measure([ONE], endpoint_probe("tcp", polite, "https", deadline=5.0))

    (envelope,) = run(main()).of("tcp")
    assert (envelope.failure, envelope.queued) == (None, 20.0)


@pytest.mark.parametrize("error", [KeyError("x"), TimeoutError("not the deadline's"), ExceptionGroup("g", [OSError()])])
def test_a_probe_that_raises_is_a_bug_of_ours_and_ends_nothing_else(error: Exception) -> None:
    async def broken(task: EndpointTask, rec: Recorder) -> None:
        await answer(task, rec)
        if task.endpoint.address == V6:
            raise error

    v4, v6 = run(measure([HOST], endpoint_probe("tcp", broken, "https"))).of("tcp")
    assert v4.failure is None
    assert v6.failure is not None
    assert v6.failure.kind is FailureKind.BUG
    assert type(error).__name__ in v6.failure.detail
    assert len(v6.steps) == 1

    with pytest.raises(ExceptionGroup) as caught:
        run(measure([HOST], endpoint_probe("tcp", broken, "https"), strict=True))
    assert error in _leaves(caught.value)


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    base_exceptions: list[BaseException] = []
    for exception in group.exceptions:
        base_exceptions += [exception, *(_leaves(exception) if isinstance(exception, BaseExceptionGroup) else [])]
    return base_exceptions


def test_steps_beyond_the_recorder_s_limit_are_said_to_be_missing() -> None:
    async def chatty(task: EndpointTask, rec: Recorder) -> None:
        for _ in range(2_003):
            await answer(task, rec)

    (envelope,) = run(measure([ONE], endpoint_probe("tcp", chatty, "https"))).of("tcp")
    assert len(envelope.steps) == 2_000
    assert envelope.failure == Failure(kind=FailureKind.CUT_SHORT, detail="3 steps beyond the limit were dropped")


def test_a_store_that_breaks_ends_the_run() -> None:
    class Full(Store):
        async def keep(self, one: object) -> None:
            raise OSError("no space left")

    with pytest.raises(ExceptionGroup) as caught:
        run(measure([ONE, HOST], endpoint_probe("tcp", answer, "https"), store=Full()))
    assert "no space left" in {str(leaf) for leaf in _leaves(caught.value)}


@pytest.mark.parametrize("who", ["subject", "run"])
def test_a_passive_subject_or_run_is_not_connected_to(who: str) -> None:
    quiet = replace(ONE, clearance=Clearance.PASSIVE) if who == "subject" else ONE
    clearance = Clearance.PASSIVE if who == "run" else Clearance.NORMAL
    assert run(measure([quiet], endpoint_probe("tcp", answer, "https"), clearance=clearance)).evidence == {}


def test_measure_leaves_out_what_tells_nothing_and_finishes_the_subject() -> None:
    probes = (endpoint_probe("tcp", answer, "https"), endpoint_probe("tls", answer, "https"))
    store = run(measure([ONE], *probes, can_tell=lambda probe, subject: probe.name == "tls"))
    assert ({envelope.probe for envelope in store.evidence.values()}, set(store.finished)) == ({"tls"}, {ONE.id})


def test_what_several_owners_lead_to_is_measured_once() -> None:
    async def with_zone(task: NameTask, rec: Recorder) -> None:
        await names(task, rec)
        rec.record(Delegation(zone="example.vn", parent="vn"), t0=0.0)

    owners = [subject("www.example.vn"), subject("dvc.example.vn")]
    store = run(measure(owners, name_probe(with_zone), concurrency=2))
    assert set(store.finished) == {"www.example.vn", "dvc.example.vn", "zone:example.vn"}
    assert len(store.of("dns", "zone:example.vn")) == 1


def test_one_dead_address_of_many_costs_one_wait() -> None:
    many = subject(
        "h", Kind.HOST, addresses=tuple(ip_address(f"2001:db8::{n:x}") for n in range(1, 30)), services=HTTPS
    )

    async def main() -> float:
        await measure([many], endpoint_probe("tcp", silence, "https"))
        return monotonic()

    assert run(main()) == 4.0


def test_peers_of_a_subject_have_one_ledger_and_other_subjects_another() -> None:
    seen: dict[str, set[int]] = {}
    kept: list[Ledger] = []

    async def count(task: EndpointTask, rec: Recorder) -> None:
        kept.append(tab().ledger)
        seen.setdefault(str(task.endpoint.address), set()).add(id(kept[-1]))
        await silence(task, rec)

    one, two = ONE, subject("i", Kind.HOST, addresses=(V4,), services=HTTPS)
    probe = replace(endpoint_probe("tcp", count, "https"), retry="connect")
    run(measure([one, two], probe, profile=AUDIT))
    assert len(kept) > 2  # late attempts count with the first
    assert [len(ledgers) for ledgers in seen.values()] == [1, 1]
    assert seen[str(V6)] != seen[str(V4)]


OUTSIDE = subject("out", Kind.HOST, addresses=(V6,))
WITHIN = replace(OUTSIDE, id=SubjectId("in"), network=Network.TSLCD)
ZONE = replace(WITHIN, id=SubjectId("zone"), kinds=frozenset({Kind.HOST, Kind.ZONE}))
DERIVED = replace(ZONE, id=SubjectId("derived"), derived_from=(SubjectId("in"),))


def test_each_subject_is_looked_up_in_its_own_network() -> None:
    seen: list[bool] = []

    async def look(task: EndpointTask, rec: Recorder) -> None:
        seen.append(INSIDE.get())
        rec.record(connect(V6), t0=0.0)

    def inside(*subjects: object) -> list[bool]:
        seen.clear()
        run(measure(subjects, endpoint_probe("x", look), concurrency=1))  # type: ignore[arg-type]
        return list(seen)

    assert [inside(subject) for subject in (OUTSIDE, WITHIN, ZONE, DERIVED)] == [[False], [True], [True], [False]]
    assert sorted(inside(OUTSIDE, WITHIN)) == [False, True]
    assert INSIDE.get() is False

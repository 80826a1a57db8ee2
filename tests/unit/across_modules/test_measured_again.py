"""The second pass of a run repeats measurements that would be reported as defects, and keeps both results."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from inventory.model import Kind, Service
from probes.framework.evidence import Failure, FailureKind, Observation
from probes.framework.profile import AUDIT, QUICK
from probes.framework.recorder import Recorder
from probes.framework.registry import Probe, load
from probes.framework.tasks import EndpointTask
from probes.observations.mail import SmtpDialogue, SmtpReply, StartTls
from probes.observations.tls import TlsWeakness
from probes.observations.transport import EchoSeries
from probes.observations.web import HttpExchange
from tests.unit.probes.framework.examples import REFUSED, TIMEOUT, V4, V6, connect, endpoint_probe, subject
from tests.unit.probes.framework.running import Store, measure, offsets
from tests.unit.probes.framework.virtual import monotonic, run

HTTPS = (Service(name="https", port=443),)
ONE = subject("h", Kind.HOST, addresses=(V6,), services=HTTPS)
GONE = Failure(kind=FailureKind.UNREACHABLE)
NO_ROUTE = Failure(kind=FailureKind.NO_ROUTE_HERE)


def saying(probe: str, retry: str, *steps: Observation, needs_open: bool = False) -> Probe:
    """Return a probe that records one of these in each run, in order, and the last in all later runs."""
    left = list(steps)

    async def said(task: EndpointTask, rec: Recorder) -> None:
        rec.record(left.pop(0) if len(left) > 1 else left[0], t0=rec.now())

    kinds = (type(steps[0]),)
    return endpoint_probe(probe, said, "https", retry=retry, records=kinds, needs_open=needs_open)


def echo(*rtts: float | None, failure: Failure | None = None) -> EchoSeries:
    return EchoSeries(address=V6, interval=1.0, payload_size=56, rtts=rtts, failure=failure)


def weakness(*tries: bool | None) -> TlsWeakness:
    return TlsWeakness(address=V6, port=443, server_name=None, weakness="heartbleed", tries=tries)


def page(status: int | None, failure: Failure | None = None) -> HttpExchange:
    return HttpExchange(address=V6, port=443, url="https://h.vn/", status=status, failure=failure)


OPEN, SHUT = connect(V6), connect(V6, 443, REFUSED)


@pytest.mark.parametrize(
    ("retry", "steps", "times"),
    [
        ("connect", [OPEN], [0]),
        ("connect", [SHUT], [0, 30, 600]),
        ("connect", [SHUT, OPEN], [0, 30]),
        ("connect", [connect(V6, 443, GONE), SHUT, OPEN], [0, 30, 600]),
        ("connect", [connect(V6, 443, TIMEOUT), SHUT], [0, 30, 600]),
        ("connect", [connect(V6, 443, NO_ROUTE)], [0]),  # ours: measuring it again tells nothing about them
        ("server", [SHUT], [0, 600]),
        ("server", [connect(V6, 443, TIMEOUT)], [0, 0, 0, 600]),
        ("server", [connect(V6, 443, TIMEOUT), SHUT, OPEN], [0, 0, 600]),
        ("echo", [echo(0.1, 0.1)], [0]),
        ("echo", [echo(0.1, None)], [0, 30, 600]),
        ("echo", [echo(None, None, failure=GONE), echo(0.1, 0.1)], [0, 30]),
        ("echo", [echo(failure=NO_ROUTE)], [0]),
        ("flaw", [weakness(False, False)], [0]),
        ("flaw", [weakness(None, None)], [0]),
        ("flaw", [weakness(True, True), weakness(False, False)], [0, 610]),
        ("flaw", [page(200)], [0]),
        ("flaw", [page(404)], [0]),  # what a site says for good
        ("flaw", [page(503), page(200)], [0, 610]),
        ("flaw", [page(429)], [0, 610]),
        ("flaw", [page(None, REFUSED)], [0, 610]),
        ("flaw", [page(None, TIMEOUT)], [0, 610]),
        ("flaw", [page(None, NO_ROUTE)], [0]),
        ("flaw", [weakness(True, None), weakness(True, True)], [0, 610]),
    ],
)
def test_what_is_measured_again_in_an_audit(retry: str, steps: Sequence[Observation], times: list[float]) -> None:
    store = run(measure([ONE], saying("x", retry, *steps), profile=AUDIT))
    assert offsets(store.of("x")) == times
    assert [replace(envelope.steps[0], t0=0.0, t=0.0) for envelope in store.of("x")] == [
        steps[min(n, len(steps) - 1)] for n in range(len(times))
    ]


@pytest.mark.parametrize(
    ("retry", "step"), [("connect", SHUT), ("server", SHUT), ("echo", echo(None)), ("flaw", weakness(True, True))]
)
def test_nothing_is_confirmed_in_a_quick_run(retry: str, step: Observation) -> None:
    async def main() -> float:
        store = await measure([ONE], saying("x", retry, step), profile=QUICK)
        assert len(store.of("x")) == 1
        return monotonic()

    assert run(main()) == 0.0


def test_a_flaw_behind_an_open_port_is_confirmed_without_knocking_again() -> None:
    probes = (saying("tcp", "connect", OPEN), saying("weak", "flaw", weakness(True, True), needs_open=True))
    store = run(measure([ONE], *probes, profile=AUDIT))
    assert offsets(store.of("tcp")) == [0]
    assert offsets(store.of("weak")) == [0, 610]
    assert store.finished == {"h": 610.0}


def test_mail_that_was_refused_or_put_off_is_tried_again() -> None:
    dialogue = SmtpDialogue(address=V6, port=25, server_name=None)
    put_off = replace(dialogue, connected=True, replies=(SmtpReply(code=450),))
    assert not replace(dialogue, replies=(SmtpReply(code=220),)).worth_confirming
    for step in (put_off, replace(dialogue, failure=REFUSED), replace(dialogue, failure=TIMEOUT)):
        assert step.worth_confirming
    assert not replace(dialogue, failure=NO_ROUTE).worth_confirming


GREETED = SmtpDialogue(address=V6, port=25, server_name=None, connected=True, replies=(SmtpReply(code=220),))
WITHOUT_TLS = [
    replace(GREETED, starttls=StartTls.NOT_OFFERED),
    replace(GREETED, starttls=StartTls.REFUSED),
    *(
        replace(GREETED, starttls=StartTls.FAILED, tls_failure=Failure(kind=kind))
        for kind in (FailureKind.TIMEOUT, FailureKind.RESET, FailureKind.TLS_ALERT)
    ),
]
WITH_TLS = replace(GREETED, starttls=StartTls.DONE)


@pytest.mark.parametrize("first", WITHOUT_TLS, ids=lambda step: f"{step.starttls} {step.tls_failure}")
def test_starttls_that_did_not_come_about_is_seen_again_half_an_hour_later(first: SmtpDialogue) -> None:
    store = run(measure([ONE], saying("x", "mail", first, WITH_TLS), profile=AUDIT))
    assert offsets(store.of("x")) == [0, 1800]
    quick = run(measure([ONE], saying("x", "mail", first, WITH_TLS), profile=QUICK))
    assert offsets(quick.of("x")) == [0]


def test_starttls_that_came_about_or_failed_on_our_side_is_not_seen_again() -> None:
    ours = replace(GREETED, starttls=StartTls.FAILED, tls_failure=Failure(kind=FailureKind.OVER_BUDGET))
    for step in (WITH_TLS, ours):
        assert not step.worth_confirming


BOTH = subject("h", Kind.HOST, addresses=(V4, V6), services=(Service(name="smtp", port=25),))


def of_each_family(v4: SmtpDialogue, v6: SmtpDialogue) -> Probe:
    """Return the registered probe of mail hosts with a fixed dialogue for each address instead of network traffic."""

    async def said(task: EndpointTask, rec: Recorder) -> None:
        rec.record(v6 if task.endpoint.address.version == 6 else v4, t0=rec.now())

    return replace(load()["smtp"], run=endpoint_probe("smtp", said, "smtp").run)


def test_addresses_of_a_mail_host_that_differ_are_all_seen_again_half_an_hour_later() -> None:
    probe = of_each_family(replace(WITH_TLS, chain=(b"old",)), replace(WITH_TLS, chain=(b"new",)))
    store = run(measure([BOTH], probe, profile=AUDIT))
    assert sorted(offsets(store.of("smtp"))) == [0, 0, 1800, 1805]
    assert store.finished == {"h": 1805.0}
    assert offsets(run(measure([BOTH], probe, profile=QUICK)).of("smtp")) == [0, 0]


def test_addresses_of_a_mail_host_that_agree_are_seen_once() -> None:
    probe = of_each_family(replace(WITH_TLS, chain=(b"one",)), replace(WITH_TLS, chain=(b"one",)))
    assert offsets(run(measure([BOTH], probe, profile=AUDIT)).of("smtp")) == [0, 0]


def test_an_address_that_is_seen_again_anyhow_is_seen_again_once() -> None:
    probe = of_each_family(WITH_TLS, replace(GREETED, starttls=StartTls.NOT_OFFERED))
    assert sorted(offsets(run(measure([BOTH], probe, profile=AUDIT)).of("smtp"))) == [0, 0, 1800, 1805]


def test_it_is_said_how_much_is_put_by_and_until_when() -> None:
    store = Store()
    run(
        measure(
            [ONE, subject("x", Kind.HOST, addresses=(V6,))], saying("tcp", "connect", SHUT), store=store, profile=AUDIT
        )
    )
    assert store.waited == [(1, 30.0), (1, 570.0)]
    store = Store()
    run(measure([ONE], saying("tcp", "connect", OPEN), store=store, profile=AUDIT))
    assert store.waited == []


@pytest.mark.parametrize("cut", [10.0, 100.0, 599.0])
def test_cut_while_it_waits_it_goes_on_and_waits_only_what_is_left(cut: float) -> None:
    async def main() -> Store:
        store, probe = Store(), saying("tcp", "connect", connect(V6, 443, TIMEOUT), SHUT)
        first = asyncio.create_task(measure([ONE], probe, store=store, profile=AUDIT))
        await asyncio.sleep(cut)
        first.cancel()
        await asyncio.wait([first])
        assert first.cancelled()
        assert store.finished == {}
        return await measure([ONE], probe, store=store, profile=AUDIT)

    store = run(main())
    assert offsets(store.of("tcp")) == [0, 30, 600]
    assert max(store.written.values()) == 1
    assert store.finished == {"h": 600.0}


def test_interrupted_for_long_it_waits_no_more() -> None:
    async def main() -> Store:
        store, probe = Store(), saying("tcp", "connect", SHUT)
        first = asyncio.create_task(measure([ONE], probe, store=store, profile=AUDIT))
        await asyncio.sleep(1)
        first.cancel()
        await asyncio.wait([first])
        await asyncio.sleep(86_400)
        return await measure([ONE], probe, store=store, profile=AUDIT)

    assert offsets(run(main()).of("tcp")) == [0, 86_401, 86_971]  # ten minutes of its own between the last two


@pytest.mark.parametrize("name", ["dns", "dnssec", "mail_records", "single_family"])
def test_what_a_name_lacks_is_seen_again_ten_minutes_later(name: str) -> None:
    """Checks of high severity report results that these probes did not find, or did not find valid."""
    assert max(AUDIT.retries[load()[name].retry]) >= 600
    assert max(QUICK.retries[load()[name].retry]) == 0

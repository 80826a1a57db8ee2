"""The calm in which the last looks at ports are taken."""

import asyncio
import sys
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import pairwise
from types import FrameType
from typing import Any

import pytest

from inventory.model import Kind, Service
from inventory.scope import Reach
from probes.framework.expand import expand
from probes.framework.job import ProbeJob, in_calm
from probes.framework.profile import AUDIT
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask, target_of
from probes.observations.web import HttpExchange
from tests.unit.probes.framework.examples import REFUSED, TIMEOUT, V4, V6, connect, endpoint_probe, subject
from tests.unit.probes.framework.running import measure, offsets
from tests.unit.probes.framework.virtual import monotonic, run

HTTPS = Service(name="https", port=443)
BOTH = (HTTPS, Service(name="http", port=80))
MANY = (*BOTH, Service(name="http-alt", port=8080), Service(name="https-alt", port=8443))


async def silence(task: EndpointTask, rec: Recorder) -> None:
    t0 = rec.now()
    await asyncio.sleep(4)
    rec.record(connect(task.endpoint.address, task.endpoint.port or 0, TIMEOUT), t0=t0)


async def half(task: EndpointTask, rec: Recorder) -> None:
    """Record a connection for one address and silence for the others."""
    if task.endpoint.address == V4:
        rec.record(connect(V4, task.endpoint.port or 0), t0=rec.now())
    else:
        await silence(task, rec)


def test_a_line_that_takes_one_new_connection_a_second_takes_each_at_the_last_look() -> None:
    """The rate applies to the whole office: connects that start together do not all succeed, however often repeated."""
    taken: list[float] = []

    async def limited(task: EndpointTask, rec: Recorder) -> None:
        """Connect as a kernel does: at once, again after one second, and after two more."""
        t0 = rec.now()
        for pause in (0, 1, 2):
            await asyncio.sleep(pause)
            if not taken or monotonic() - taken[-1] >= 1:
                taken.append(monotonic())
                rec.record(connect(task.endpoint.address, task.endpoint.port or 0), t0=t0)
                return
        rec.record(connect(task.endpoint.address, task.endpoint.port or 0, TIMEOUT), t0=t0)

    async def repeated(task: EndpointTask, rec: Recorder) -> None:
        taken.append(monotonic())
        rec.record(connect(task.endpoint.address, 1, REFUSED), t0=rec.now())

    office = [subject(f"s{n}", Kind.HOST, addresses=(V6, V4), services=BOTH) for n in range(3)]
    probes = (
        endpoint_probe("tcp", limited, "https", "http", retry="connect"),
        replace(endpoint_probe("flaws", repeated, "https", retry="flaw"), confirm_if=lambda steps: True),
    )
    store = run(measure(office, *probes, profile=replace(AUDIT, retries={**AUDIT.retries, "flaw": (0.0, 600.0)})))
    ends = {(envelope.subject, envelope.task): envelope.steps[0].failure for envelope in store.of("tcp")}
    assert (len(ends), set(ends.values())) == (12, {None})
    assert max(store.finished.values()) < 700


def test_no_two_last_looks_of_an_office_share_a_moment_though_its_hosts_have_both_families() -> None:
    """The IPv6 of one host and the IPv4 of another are behind one firewall as well."""
    office = [subject(f"s{n}", Kind.HOST, addresses=(V6, V4), services=BOTH) for n in range(3)]
    store = run(measure(office, endpoint_probe("tcp", silence, "https", "http", retry="connect"), profile=AUDIT))
    looks = sorted(at for seen, at in zip(store.of("tcp"), offsets(store.of("tcp")), strict=True) if seen.attempt == 3)
    apart = [after - before for before, after in pairwise(looks)]
    assert (len(looks), min(apart)) == (12, 5.0)


def test_order_of_the_last_looks_takes_steps_in_proportion_to_their_number() -> None:
    """The subjects of one prefix are one office, which is found by no walk past all of them."""

    def steps(many: int) -> int:
        probe = endpoint_probe("tcp", silence, "https", retry="connect")
        late = []
        for number in range(many):
            host = subject(f"s{number}", Kind.HOST, addresses=(V6,), services=(HTTPS,))
            task = next(task for task in expand(host, []) if task.service is not None)
            late.append(ProbeJob(subject=host, probe=probe, target=target_of(task, Reach()), first=2))
        count = 0

        def line(_frame: FrameType, event: str, _argument: object) -> Any:
            nonlocal count
            count += event == "line"
            return line

        sys.settrace(line)
        try:
            in_calm(late, 0.0, AUDIT)
        finally:
            sys.settrace(None)
        return count

    assert steps(800) < 6 * steps(200)


def test_in_one_round_what_is_silent_beside_an_open_port_is_asked_once_more_in_calm() -> None:
    """However many connects are made at once, a firewall that takes one a second lets them through one by one."""
    taken: list[float] = []

    async def limited(task: EndpointTask, rec: Recorder) -> None:
        """Connect as a kernel does within two and a half seconds: at once, and after one second."""
        t0 = rec.now()
        for pause in (0, 1):
            await asyncio.sleep(pause)
            if not taken or monotonic() - taken[-1] >= 1:
                taken.append(monotonic())
                rec.record(connect(task.endpoint.address, task.endpoint.port or 0), t0=t0)
                return
        await asyncio.sleep(1.5)
        rec.record(connect(task.endpoint.address, task.endpoint.port or 0, TIMEOUT), t0=t0)

    async def behind(task: EndpointTask, rec: Recorder) -> None:
        taken.append(monotonic())
        rec.record(connect(task.endpoint.address, 1, REFUSED), t0=rec.now())

    probes = (
        endpoint_probe("tcp", limited, *(service.name for service in MANY), retry="connect"),
        endpoint_probe("page", behind, "https", records=(HttpExchange,), needs_open=True),
    )
    store = run(measure([subject("h", Kind.HOST, addresses=(V6, V4), services=MANY)], *probes))
    ends = {(seen.subject, seen.task): seen.steps[0].failure for seen in store.of("tcp")}
    at_ports = defaultdict[tuple[object, str], set[object]](set)
    for (host, task), failure in ends.items():
        at_ports[host, task.partition("#")[2]].add(failure)
    assert any(seen.attempt > 2 for seen in store.of("tcp"))
    assert {end for (_, port), found in at_ports.items() if port in ("80", "443") for end in found} == {None}
    assert all(len(found) == 1 for found in at_ports.values())
    assert max(store.finished.values()) < 25


@pytest.mark.parametrize(("refused", "attempts"), [((), {1, 2}), ((22,), {1, 2, 3})])
def test_in_one_round_a_host_that_answers_no_connect_is_not_asked_again(
    refused: tuple[int, ...], attempts: set[int]
) -> None:
    """A refusal shows that a limit may have dropped the others."""

    async def sweep(task: EndpointTask, rec: Recorder) -> None:
        for port in refused:
            rec.record(connect(V4, port, REFUSED), t0=rec.now())

    probes = (
        endpoint_probe("tcp", silence, "https", "http", retry="connect"),
        endpoint_probe("sweep", sweep, records=(HttpExchange,)),
    )
    store = run(measure([subject("h", Kind.HOST, addresses=(V6, V4), services=BOTH)], *probes))
    assert {seen.attempt for seen in store.of("tcp")} == attempts


def test_in_one_round_more_silent_ports_than_can_be_kept_apart_are_not_asked_again() -> None:
    """One name can wait for a few repeats; those of a whole inventory would be too close together to show anything."""
    probe = endpoint_probe("tcp", half, "https", "http", retry="connect")
    office = [subject(f"s{n}", Kind.HOST, addresses=(V6, V4), services=BOTH) for n in range(5)]
    store = run(measure(office, probe))
    assert Counter(seen.attempt for seen in store.of("tcp")) == {1: 20, 2: 10}
    assert len(store.finished) == 5


def test_in_one_round_a_port_that_stays_silent_costs_seconds() -> None:
    probe = endpoint_probe("tcp", half, "https", "http", retry="connect")
    store = run(measure([subject("h", Kind.HOST, addresses=(V6, V4), services=BOTH)], probe))
    assert Counter(seen.attempt for seen in store.of("tcp")) == {1: 4, 2: 2, 3: 2}
    assert max(store.finished.values()) <= 8 + 1.5 + 1.5 + 4


@pytest.mark.parametrize(("open_at", "again"), [((), set()), ((V4,), {f"{V6}#8443"})])
def test_in_one_round_a_second_port_is_asked_again_where_another_address_has_it_open(
    open_at: tuple[str, ...], again: set[str]
) -> None:
    """Firewalls are silent there as a rule, which is held against nobody."""

    async def asked(task: EndpointTask, rec: Recorder) -> None:
        if task.endpoint.port == 443 or str(task.endpoint.address) in map(str, open_at):
            rec.record(connect(task.endpoint.address, task.endpoint.port or 0), t0=rec.now())
        else:
            await silence(task, rec)

    probe = endpoint_probe("tcp", asked, "https", "https-alt", retry="connect")
    site = subject("h", Kind.HOST, addresses=(V6, V4), services=(HTTPS, Service(name="https-alt", port=8443)))
    store = run(measure([site], probe))
    assert {seen.task for seen in store.of("tcp") if seen.attempt > 2} == again


def test_nothing_begins_behind_an_open_port_before_the_last_one_was_asked() -> None:
    """Probes behind an open port make one connection after another."""

    async def at_last(task: EndpointTask, rec: Recorder) -> None:
        await (silence(task, rec) if monotonic() < 600 else answer(task, rec))

    async def answer(task: EndpointTask, rec: Recorder) -> None:
        rec.record(connect(task.endpoint.address, task.endpoint.port or 0), t0=rec.now())

    probes = (
        endpoint_probe("tcp", at_last, "https", "http", retry="connect"),
        endpoint_probe("behind", answer, "https", "http", records=(HttpExchange,), needs_open=True),
    )
    store = run(measure([subject("h", Kind.HOST, addresses=(V6, V4), services=BOTH)], *probes, profile=AUDIT))
    looks = [
        at for envelope, at in zip(store.of("tcp"), offsets(store.of("tcp")), strict=True) if envelope.attempt == 3
    ]
    assert sorted(looks) == [600.0, 605.0, 610.0, 615.0]
    assert offsets(store.of("behind")) == [620.0] * 4


def test_however_many_are_silent_in_one_prefix_the_last_looks_end_soon() -> None:
    dead = [subject(f"dead{n}", Kind.HOST, addresses=(V6,), services=(HTTPS,)) for n in range(400)]
    store = run(measure(dead, endpoint_probe("tcp", silence, "https", retry="connect"), profile=AUDIT, concurrency=500))
    assert 700 < max(store.finished.values()) < 740

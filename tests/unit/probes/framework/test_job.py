"""The calm in which the last looks at ports are taken."""

import asyncio
from dataclasses import replace

from inventory.model import Kind, Service
from probes.framework.profile import AUDIT
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask
from probes.observations.web import HttpExchange
from tests.unit.probes.framework.examples import REFUSED, TIMEOUT, V4, V6, connect, endpoint_probe, subject
from tests.unit.probes.framework.running import measure, offsets
from tests.unit.probes.framework.virtual import monotonic, run

HTTPS = Service(name="https", port=443)
BOTH = (HTTPS, Service(name="http", port=80))


async def silence(task: EndpointTask, rec: Recorder) -> None:
    t0 = rec.now()
    await asyncio.sleep(4)
    rec.record(connect(task.endpoint.address, task.endpoint.port or 0, TIMEOUT), t0=t0)


def test_a_line_that_takes_one_new_connection_a_second_takes_each_at_the_last_look() -> None:
    """For the whole office, whichever of its subjects, addresses and ports: connects that begin together do not all
    come through however often they are made."""
    taken: list[float] = []

    async def limited(task: EndpointTask, rec: Recorder) -> None:
        """As a kernel asks: again after one second, and after two more."""
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
        replace(endpoint_probe("flaws", repeated, "https", retry="flaw"), doubts=lambda steps: True),
    )
    store = run(measure(office, *probes, profile=replace(AUDIT, retries={**AUDIT.retries, "flaw": (0.0, 600.0)})))
    ends = {(envelope.subject, envelope.task): envelope.steps[0].failure for envelope in store.of("tcp")}
    assert (len(ends), set(ends.values())) == (12, {None})
    assert max(store.finished.values()) < 700


def test_nothing_begins_behind_an_open_port_before_the_last_one_was_asked() -> None:
    """What asks behind it makes one connection after another."""

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

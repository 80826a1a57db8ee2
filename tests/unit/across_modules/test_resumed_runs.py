"""A run that is cut anywhere and continued gives the results of an uninterrupted one, and sends nothing twice."""

import asyncio
from collections import Counter
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from inventory.model import Kind, Service, Subject
from probes.framework.profile import AUDIT, Profile
from probes.framework.recorder import Recorder
from probes.framework.registry import Probe
from probes.framework.tasks import EndpointTask, NameTask
from probes.observations.dns import Delegation
from probes.observations.web import TlsHandshake
from tests.unit.probes.framework.examples import TIMEOUT, V4, V6, connect, endpoint_probe, look, name_probe, subject
from tests.unit.probes.framework.running import Store, measure
from tests.unit.probes.framework.virtual import cancelled_after, run

SERVICES = (Service(name="https", port=443),)
PROFILE = Profile(name="short", retries={"none": (0.0,), "connect": (0.0, 0.0, 30.0)}, echo_count=1, echo_interval=1.0)


def _subjects() -> list[Subject]:
    return [
        subject("www.example.vn", services=SERVICES),
        subject("mail.vn", Kind.MAIL),
        subject("h", Kind.HOST, addresses=(V6, V4), services=SERVICES),
    ]


def _probes(made: Counter[tuple[str, str]]) -> tuple[Probe, ...]:
    """Return probes; ``made`` counts the finished runs. IPv6 is silent, so that there are late attempts."""

    async def names(task: NameTask, rec: Recorder) -> None:
        await asyncio.sleep(0)
        rec.record(look("AAAA", str(V6), name=task.name), t0=0.0)
        rec.record(look("A", str(V4), name=task.name), t0=0.0)
        rec.record(look("MX", "10 mx.vn", role="mx", name=task.name), t0=0.0)
        rec.record(Delegation(zone="example.vn", parent="vn"), t0=0.0)
        made["dns", task.key] += 1

    async def tcp(task: EndpointTask, rec: Recorder) -> None:
        await asyncio.sleep(0)
        silent = task.endpoint.address == V6
        rec.record(connect(task.endpoint.address, 443, TIMEOUT if silent else None), t0=0.0)
        made["tcp", task.key] += 1

    async def tls(task: EndpointTask, rec: Recorder) -> None:
        await asyncio.sleep(0)
        rec.record(TlsHandshake(address=task.endpoint.address, port=443, server_name=None), t0=0.0)
        made["tls", task.key] += 1

    return (
        name_probe(names),
        endpoint_probe("tcp", tcp, "https", "smtp", retry="connect"),
        endpoint_probe("tls", tls, "https", records=(TlsHandshake,), needs_open=True),
    )


def _left(store: Store) -> list[Subject]:
    """Return the subjects that a resumed run starts with: all known ones that are not finished."""
    everything: Iterable[Subject] = [*_subjects(), *store.derived.values()]
    return [subject for subject in everything if subject.id not in store.finished]


async def _cut(steps: int, store: Store, made: Counter[tuple[str, str]], profile: Profile) -> bool:
    return await cancelled_after(steps, measure(_left(store), *_probes(made), store=store, profile=profile))


def _whole(profile: Profile) -> tuple[set[object], Counter[tuple[str, str]]]:
    made: Counter[tuple[str, str]] = Counter()
    store = run(measure(_subjects(), *_probes(made), profile=profile))
    return store.facts(), made


def test_cut_at_each_await_and_resumed() -> None:
    facts, made_whole = _whole(PROFILE)
    steps = 0
    while True:
        store, made = Store(), Counter[tuple[str, str]]()
        was_cut = run(_cut(steps, store, made, PROFILE))
        run(measure(_left(store), *_probes(made), store=store, profile=PROFILE))
        assert store.facts() == facts, steps
        assert max(store.written.values()) == 1, steps
        assert made == made_whole, steps
        assert set(store.finished) == {"www.example.vn", "mail.vn", "h", "zone:example.vn", "mx:mx.vn"}
        if not was_cut:
            break
        steps += 1
    assert steps > 20


@given(cuts=st.lists(st.integers(0, 40), max_size=6))
def test_cut_again_and_again(cuts: list[int]) -> None:
    facts, made_whole = _whole(AUDIT)
    store, made = Store(), Counter[tuple[str, str]]()
    for steps in cuts:
        run(_cut(steps, store, made, AUDIT))
    run(measure(_left(store), *_probes(made), store=store, profile=AUDIT))
    assert store.facts() == facts
    assert max(store.written.values()) == 1
    assert made == made_whole


def test_the_order_of_subjects_and_the_number_of_workers_change_nothing() -> None:
    facts, _ = _whole(PROFILE)
    for workers in (1, 2, 8):
        store = run(measure(reversed(_subjects()), *_probes(Counter()), profile=PROFILE, concurrency=workers))
        assert store.facts() == facts

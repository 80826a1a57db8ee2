"""Tests which addresses outside the scope a job may dial: its subject determines how far hops may lead."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from inventory.model import Kind, Network, Service, SubjectId
from inventory.scope import Reach
from probes.framework.reach import REACH, odd_port, within
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask, NameTask
from tests.unit.probes.framework.examples import V6, connect, endpoint_probe, look, name_probe, subject
from tests.unit.probes.framework.running import measure
from tests.unit.probes.framework.virtual import run

LED = ip_address("10.0.0.5")
PORTAL = replace(
    subject("p", Kind.PORTAL, services=(Service(name="https", port=9443),)), host="www.vn", addresses=(V6,)
)


async def names(task: NameTask, rec: Recorder) -> None:
    rec.record(look("A", str(LED), name=task.name), t0=0.0)


@pytest.mark.parametrize(
    ("one", "led", "inside"),
    [
        (PORTAL, True, False),
        (replace(PORTAL, network=Network.TSLCD), True, True),
        (replace(PORTAL, derived_from=(SubjectId("owner"),)), False, False),
    ],
)
def test_reach_of_a_job_is_that_of_its_subject_at_its_task(one: object, led: bool, inside: bool) -> None:
    seen: list[Reach] = []

    async def keep(task: EndpointTask, rec: Recorder) -> None:
        seen.append(REACH.get())
        rec.record(connect(task.endpoint.address), t0=0.0)

    run(measure([one], name_probe(names), endpoint_probe("x", keep, "https"), concurrency=1))  # type: ignore[list-item]
    (reach,) = seen
    assert reach.at == {LED}
    assert reach.holds(V6)
    assert reach.holds(LED) is (led or inside)
    assert reach.holds(ip_address("10.9.9.9")) is inside
    assert odd_port_under(reach, 9443) is False
    assert odd_port_under(reach, 9200) is True
    assert REACH.get() == Reach()


def odd_port_under(reach: Reach, port: int) -> bool:
    with within(reach):
        return odd_port(port) is not None


@pytest.mark.parametrize("port", [80, 443, 8080, 8443])
def test_a_port_of_the_web_is_never_odd(port: int) -> None:
    assert odd_port(port) is None

"""Tests which targets a data centre inside TSLCD tries to reach, and which tasks send nothing."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from inventory.model import Endpoint
from probes.foreign_management import foreign_management
from probes.framework.controls import Controls, IsolationTargets
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask, TslcdTarget
from probes.internet_anchors import internet_anchors
from probes.observations.exposure import UNUSED
from probes.observations.isolation import AnchorReach, ManagementReach
from probes.observations.transport import TcpConnect
from tests.unit.probes.fake_net import FakeNet

SIX, FOUR = ip_address("2001:db8:f::1"), ip_address("198.51.100.1")
TASK = EndpointTask(
    endpoint=Endpoint(address=ip_address("2001:db8::1")),
    tslcd=TslcdTarget(is_site=True),
    controls=Controls(
        isolation=IsolationTargets(
            anchors=(SIX, FOUR), management=(Endpoint(address=SIX, port=22), Endpoint(address=FOUR, port=8443))
        )
    ),
)


@pytest.mark.parametrize(("own", "anchor", "port"), [("2001:db8::1", SIX, 22), ("192.0.2.1", FOUR, 8443)])
async def test_isolation_probes_ask_targets_of_the_family_of_the_address(own: str, anchor: object, port: int) -> None:
    rec = Recorder(lambda: 0.0)
    task = replace(TASK, endpoint=Endpoint(address=ip_address(own)))
    await internet_anchors(task, FakeNet(), rec)
    await foreign_management(task, FakeNet(), rec)
    anchors = [(step.address, step.transport) for step in rec.steps if isinstance(step, AnchorReach)]
    managed = [(step.address, step.port) for step in rec.steps if isinstance(step, ManagementReach)]
    assert sorted(transport for _, transport in anchors) == ["icmp", "tcp/443"]
    assert {address for address, _ in anchors} == {anchor}
    assert managed == [(anchor, port)]


class OpenAt(FakeNet):
    """Accepts on some ports and refuses on others."""

    def __init__(self, *ports: int) -> None:
        super().__init__()
        self._ports = ports

    async def tcp(self, rec: Recorder, endpoint: Endpoint) -> TcpConnect:
        got = await super().tcp(rec, endpoint)
        return got if endpoint.port in self._ports else replace(got, failure=Failure(kind=FailureKind.REFUSED))


@pytest.mark.parametrize(("ports", "accepts_all"), [((22, 443), False), ((22, 443, *UNUSED), True), ((), False)])
async def test_whoever_accepts_on_an_unused_port_is_recorded_to_accept_all(
    ports: tuple[int, ...], accepts_all: bool
) -> None:
    rec = Recorder(lambda: 0.0)
    await internet_anchors(TASK, OpenAt(*ports), rec)
    await foreign_management(TASK, OpenAt(*ports), rec)
    steps = [
        step
        for step in rec.steps
        if isinstance(step, ManagementReach) or (isinstance(step, AnchorReach) and step.transport != "icmp")
    ]
    assert [(step.failure is None, step.accepts_all) for step in steps] == [(bool(ports), accepts_all)] * 2


class Stalled(OpenAt):
    """A machine that stood still when the second answer may have come."""

    async def tcp(self, rec: Recorder, endpoint: Endpoint) -> TcpConnect:
        got = await super().tcp(rec, endpoint)
        cut = Failure(kind=FailureKind.CUT_SHORT)
        return replace(got, failure=cut) if endpoint.port in UNUSED else got


async def test_what_could_not_be_told_from_a_device_in_between_is_no_way_there() -> None:
    rec = Recorder(lambda: 0.0)
    await foreign_management(TASK, Stalled(22, 443), rec)
    (step,) = (step for step in rec.steps if isinstance(step, ManagementReach))
    assert (step.failure, step.accepts_all) == (Failure(kind=FailureKind.CUT_SHORT), False)


@pytest.mark.parametrize(
    "task",
    [replace(TASK, tslcd=None), replace(TASK, tslcd=TslcdTarget(is_site=False)), replace(TASK, controls=None)],
    ids=["on the Internet", "a web system", "no controls"],
)
async def test_isolation_probes_ask_nothing_of_other_tasks(task: EndpointTask) -> None:
    rec = Recorder(lambda: 0.0)
    await internet_anchors(task, FakeNet(), rec)
    await foreign_management(task, FakeNet(), rec)
    assert rec.steps == ()

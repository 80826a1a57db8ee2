"""Tests which UDP services are asked, and which of them again."""

from collections.abc import Sequence
from ipaddress import ip_address

import pytest

from inventory.model import Endpoint
from probes.datagrams import datagrams
from probes.framework.evidence import OF_THIS_MACHINE, Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask
from probes.observations.exposure import DatagramReply
from probes.wire.exposure.amplifiers import REQUESTS
from tests.unit.probes.fake_net import Asked, FakeNet

ALL, TASK = list(REQUESTS), EndpointTask(endpoint=Endpoint(address=ip_address("2001:db8::1"), port=None))


@pytest.mark.parametrize(
    ("kind", "failed", "again"),
    [
        (FailureKind.TIMEOUT, (), []),
        (FailureKind.TIMEOUT, (0, 9), ["ntp", "tftp"]),
        (FailureKind.TIMEOUT, range(20), ALL),
        (FailureKind.CUT_SHORT, (0, 9), ["ntp", "tftp"]),
        (FailureKind.REFUSED, (0, 9), []),
    ],
)
async def test_silent_services_are_asked_again(kind: FailureKind, failed: Sequence[int], again: list[str]) -> None:
    asked: list[str] = []

    def answer(reply: Asked) -> Asked:
        asked.append(reply["service"])
        failure = Failure(kind=kind, detail=OF_THIS_MACHINE if kind is FailureKind.CUT_SHORT else "")
        return {"failure": failure if len(asked) - 1 in failed else None}

    await datagrams(TASK, FakeNet(answers={DatagramReply: answer}), Recorder(lambda: 0.0))
    assert asked == [*ALL, *again]

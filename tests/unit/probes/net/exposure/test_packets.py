"""Tests questions of one datagram: an answer that came in time counts however busy this machine was."""

import asyncio
import socket
import time
from ipaddress import ip_address

import pytest

from inventory.model import Endpoint
from probes.datagrams import datagrams
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask
from probes.net.exposure import packets
from probes.net.exposure.packets import ReceivedData
from probes.observations.exposure import DatagramReply
from tests.unit.probes.fake_net import FakeNet

HERE = ip_address("127.0.0.1")
SECONDS = 0.2


async def test_a_datagram_counts_though_the_loop_sees_it_with_the_end_of_the_time() -> None:
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with near, far:
        near.setblocking(False)
        asking = asyncio.create_task(_received(near))
        await asyncio.sleep(SECONDS / 4)
        far.send(b"answer")
        time.sleep(SECONDS)  # noqa: ASYNC251 - that is the fault to be seen
        assert await asking == ReceivedData(received=6, first=b"answer")


async def test_silence_ends_with_the_time() -> None:
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with near, far:
        near.setblocking(False)
        got = await _received(near)
    assert got.failure is not None
    assert got.failure.kind is FailureKind.TIMEOUT


async def _received(sock: socket.socket) -> ReceivedData:
    return await packets._everything(lambda: asyncio.get_running_loop().sock_recv(sock, 64), SECONDS)


async def test_an_answer_to_the_second_question_has_longer_to_come(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def ask(*args: object, elsewhere: bool) -> ReceivedData:
        waits.append(float(str(args[3])))
        return ReceivedData(failure=Failure(kind=FailureKind.TIMEOUT))

    monkeypatch.setattr(packets, "ask", ask)
    net = FakeNet(run=(DatagramReply,))
    await datagrams(EndpointTask(endpoint=Endpoint(address=HERE, port=None)), net, Recorder(lambda: 0.0))
    first, second = waits[: len(waits) // 2], waits[len(waits) // 2 :]
    assert set(first) == {net.setting.timing.dns_udp}
    assert min(second) > max(first)

"""Trains of echoes, and what is asked slowly as well."""

import time
from ipaddress import ip_address

from probes.echo_train import echo_train
from probes.framework.recorder import Recorder
from probes.observations.path import EchoTrain
from probes.observations.transport import EchoSeries
from tests.unit.probes.fake_net import FakeNet
from tests.unit.probes.path_tasks import task


async def test_what_comes_close_together_and_is_lost_is_asked_slowly_as_well() -> None:
    rtts = (*(None,) * 19, *(0.01,) * 11)
    net = FakeNet(answers={EchoSeries: lambda asked: {"rtts": rtts} if asked["interval"] < 1 else {}})
    rec = Recorder(time.monotonic)
    await echo_train(task("2001:db8::1", None), net, rec)
    train, slow = rec.steps
    assert isinstance(train, EchoTrain)
    assert isinstance(slow, EchoSeries)
    assert (train.received, slow.interval, slow.sent) == (11, 1.0, 10)


async def test_both_families_get_the_same_train() -> None:
    for address in ("192.0.2.1", "2001:db8::1"):
        rec = Recorder(time.monotonic)
        await echo_train(task(address, None), FakeNet(), rec)
        (step,) = rec.steps
        assert isinstance(step, EchoTrain)
        assert (step.address, step.sent, step.received) == (ip_address(address), 30, 30)

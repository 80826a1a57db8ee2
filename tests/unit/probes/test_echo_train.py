"""Tests trains of echo requests, and which of them are repeated slowly."""

import time
import tomllib
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from probes.echo_train import echo_train
from probes.framework.profile import AUDIT, QUICK, Profile
from probes.framework.recorder import Recorder
from probes.observations.path import EchoTrain
from probes.observations.transport import EchoSeries
from tests.unit.probes.fake_net import Asked, FakeNet
from tests.unit.probes.path_tasks import task


async def test_what_comes_close_together_and_is_lost_is_asked_slowly_as_well() -> None:
    def limited(asked: Asked) -> Asked:
        return {"rtts": (*(None,) * (asked["packets"] - 11), *(0.01,) * 11)} if asked["interval"] < 1 else {}

    net = FakeNet(answers={EchoSeries: limited})
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
        assert (step.address, step.sent, step.received) == (ip_address(address), 15, 15)


@pytest.mark.parametrize(("profile", "sent"), [(AUDIT, 30), (QUICK, 15)], ids=["audit", "quick"])
async def test_echo_train_without_loss_ends_where_the_profile_has_enough(profile: Profile, sent: int) -> None:
    net, rec = FakeNet(), Recorder(time.monotonic)
    net.setting = replace(net.setting, timing=profile)
    await echo_train(task("2001:db8::1", None), net, rec)
    (step,) = rec.steps
    assert isinstance(step, EchoTrain)
    assert (step.sent, step.received, step.interval) == (sent, sent, 0.2)


@pytest.mark.parametrize(("lost", "sent"), [(1, 30), (14, 30), (15, 15)])
async def test_echo_train_of_quick_begins_anew_where_some_were_lost(lost: int, sent: int) -> None:
    def answered(asked: Asked) -> Asked:
        return {"rtts": (None,) * lost + (0.01,) * (asked["packets"] - lost)} if asked["interval"] < 1 else {}

    rec = Recorder(time.monotonic)
    await echo_train(task("2001:db8::1", None), FakeNet(answers={EchoSeries: answered}), rec)
    train = rec.steps[0]
    assert isinstance(train, EchoTrain)
    assert (train.sent, train.received) == (sent, sent - lost)


def test_quick_train_is_long_enough_for_the_check_that_compares() -> None:
    policy = tomllib.loads(Path("auditor/policies/default.toml").read_text("utf-8"))
    assert QUICK.train_enough >= policy["thresholds"]["ipv6.path.loss-rtt-parity"]["min_pairs_of_a_round"]

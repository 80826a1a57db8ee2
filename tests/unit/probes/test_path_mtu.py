"""Tests the sizes of echo requests that are sent along the path."""

import errno
import time
from collections.abc import Sequence

import pytest

from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.observations.transport import EchoSeries
from probes.path_mtu import path_mtu
from tests.unit.probes.fake_net import Asked, FakeNet
from tests.unit.probes.path_tasks import echoing, task


async def test_ipv4_is_left_alone() -> None:
    fake = FakeNet()
    rec = Recorder(time.monotonic)
    await path_mtu(task("192.0.2.1", None), fake, rec)
    assert rec.steps == ()


async def test_echo_of_both_sizes() -> None:
    rec = Recorder(time.monotonic)
    await path_mtu(task("2001:db8::1", None), FakeNet(), rec)
    steps = [step for step in rec.steps if isinstance(step, EchoSeries)]
    assert [(step.payload_size + 48, step.sent) for step in steps] == [(1280, 5), (1500, 5)]


@pytest.mark.parametrize(
    ("lost", "sent"),
    [
        ((0,), [1280, 1280, 1500]),
        ((0, 1), [1280, 1280, 104]),
        ((1,), [1280, 1500, 1500]),
        ((1, 2), [1280, 1500, 1500, 104]),
    ],
)
async def test_a_size_without_any_reply_is_sent_again_and_a_small_one_after_it(
    lost: Sequence[int], sent: list[int]
) -> None:
    asked: list[int] = []

    def answer(series: Asked) -> Asked:
        asked.append(series["payload_size"] + 48)
        return {"rtts": (None if len(asked) - 1 in lost else 0.01,) * series["packets"]}

    await path_mtu(task("2001:db8::1", None), FakeNet(answers={EchoSeries: answer}), Recorder(time.monotonic))
    assert asked == sent


async def test_what_a_router_says_that_fits_is_sent_as_well() -> None:
    rec = Recorder(time.monotonic)
    await path_mtu(task("2001:db8::1", None), echoing(1_400 - 48, fits=1_400), rec)
    steps = [step for step in rec.steps if isinstance(step, EchoSeries)]
    assert [(step.payload_size + 48, step.received) for step in steps] == [(1280, 5), (1500, 0), (1400, 5)]


async def test_the_most_that_our_own_link_carries_is_sent_as_well() -> None:
    def fitting(asked: Asked) -> Asked:
        fits = asked["payload_size"] + 48 <= 1480
        too_large = Failure(kind=FailureKind.CUT_SHORT, errno=errno.EMSGSIZE)
        return {"rtts": (0.01,) * asked["packets"]} if fits else {"rtts": (), "failure": too_large}

    rec = Recorder(time.monotonic)
    await path_mtu(task("2001:db8::1", None), FakeNet(answers={EchoSeries: fitting}), rec)
    steps = [step for step in rec.steps if isinstance(step, EchoSeries)]
    assert [(step.payload_size + 48, step.received) for step in steps] == [(1280, 5), (1500, 0), (1492, 0), (1480, 5)]

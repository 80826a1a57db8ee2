"""Which hellos are sent, and when: the engine that sends them is a stand-in with so many seconds for each."""

import asyncio

import pytest

from inventory.model import Endpoint
from probes import large_hello as probe
from probes.framework.ended_or import LYING
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import Net
from probes.observations.tls import BrowserHello, HelloAnswer
from tests.unit.probes.fake_net import FakeNet
from tests.unit.probes.framework.examples import target
from tests.unit.probes.framework.virtual import monotonic, run

LEFT = 8.0
"""Seconds for which a hello without an answer is waited for."""
Sent = list[tuple[bool, float]]


def hellos(monkeypatch: pytest.MonkeyPatch, *large: float | None, small: float | None = 0.0) -> tuple[Sent, float]:
    """Return the hellos as (large, time), and the time at which all had ended.

    ``large``, ``small``: the seconds after which each is answered, None: never.
    """
    sent, left = Sent(), [*large]

    async def send(net: Net, rec: Recorder, endpoint: Endpoint, *, protocol: str, large: bool) -> BrowserHello:
        sent.append((large, monotonic()))
        seconds = left.pop(0) if large else small
        await asyncio.sleep(LEFT if seconds is None else seconds)
        failure = Failure(kind=FailureKind.TIMEOUT) if seconds is None else None
        answer = HelloAnswer.NONE if seconds is None else HelloAnswer.HELLO
        return BrowserHello(
            address=endpoint.address, port=443, server_name=None, large=large, answer=answer, failure=failure
        )

    async def main() -> float:
        await probe.large_hello(target(), FakeNet(), Recorder(monotonic))
        return monotonic()

    monkeypatch.setattr(probe, "send_hello", send)
    ended = run(main())
    return sent, ended


def test_one_of_each_where_both_are_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hellos(monkeypatch, 0.5) == ([(True, 0.0), (False, 0.5)], 0.5)


def test_a_large_one_left_lying_is_not_waited_for_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hellos(monkeypatch, None, None) == ([(True, 0.0), (False, LYING), (True, LYING)], LYING + LEFT)


def test_where_the_small_one_is_silent_too_the_large_one_is_not_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hellos(monkeypatch, None, small=None) == ([(True, 0.0), (False, LYING)], LYING + LEFT)


def test_a_large_one_answered_beside_the_small_one_is_not_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    sent, ended = hellos(monkeypatch, 5.0, small=4.0)
    assert (sent, ended) == ([(True, 0.0), (False, LYING)], LYING + 4.0)

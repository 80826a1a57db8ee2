# SPDX-License-Identifier: GPL-2.0-only
"""Tests when a trace ends, with simulated routers that answer as each test defines."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

import pytest

from probes.rawpkt import trace
from probes.rawpkt.pace import PacketPace
from probes.rawpkt.requests import Trace
from probes.rawpkt.scope import Address
from probes.rawpkt.trace import Tracer

THERE = ip_address("2001:db8::80")
TRIES, LAST = 3, 3
Answers = Callable[[int, int], float | None]
"""Seconds after which a packet of this hop and attempt is answered, None: never."""


class Road:
    """Routers up to the destination, which is the third hop."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.pace = PacketPace()
        self.count = 0
        self.tracer: Tracer | None = None

    @contextmanager
    def listening(self, version: int, listener: object) -> Iterator[None]:
        yield

    def send(self, to: Address, packet: bytes) -> None:
        hop, attempt = 1 + self.count // TRIES, self.count % TRIES
        self.count += 1
        seconds = self.answers(hop, attempt)
        if seconds is not None:
            asyncio.get_running_loop().call_later(seconds, self.answer, hop, attempt)

    def answer(self, hop: int, attempt: int) -> None:
        assert self.tracer is not None
        text = "reached" if hop >= LAST else "time-exceeded"
        self.tracer._note(hop * trace._STEPS + attempt, trace._Answer(THERE.packed, 1e9, text, 3, 0))


@contextmanager
def _a_port(version: int, kind: int) -> Iterator[int]:
    yield 50_000


async def traced(answers: Answers, monkeypatch: pytest.MonkeyPatch, *, wait: float) -> list[dict[str, Any]]:
    monkeypatch.setattr(trace, "source_toward", lambda to: ip_address("2001:db8::1"))
    monkeypatch.setattr(trace, "free_port", _a_port)
    road = Road(answers)
    asked = Trace(id=1, to=THERE, protocol="udp", port=33_434, hops=30, tries=TRIES, wait=wait, interval=0.01)
    road.tracer = Tracer(road, asked)  # type: ignore[arg-type]
    async with asyncio.timeout(300):  # only a trace that waits for what cannot come hangs here
        found: list[dict[str, Any]] = (await road.tracer.run())["probes"]
    return found


async def test_it_ends_once_the_destination_and_all_before_it_have_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    found = await traced(lambda hop, attempt: 0.0, monkeypatch, wait=60.0)
    assert [one["hop"] for one in found] == [1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert all("from" in one for one in found)


async def test_late_answers_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A router answers later than the destination behind it, and the destination answers late as well."""

    def late(hop: int, attempt: int) -> float:
        return 0.2 if (hop, attempt) in ((2, 1), (3, 2)) else 0.0

    found = await traced(late, monkeypatch, wait=60.0)
    assert [one["hop"] for one in found if "from" in one] == [1, 1, 1, 2, 2, 2, 3, 3, 3]


async def test_a_silent_router_is_given_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    found = await traced(lambda hop, attempt: None if hop == 2 else 0.0, monkeypatch, wait=0.05)
    assert [one["hop"] for one in found if "from" in one] == [1, 1, 1, 3, 3, 3]


async def test_without_the_destination_nothing_says_that_all_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last packets of a road that ends in silence may still be answered."""

    def answers(hop: int, attempt: int) -> float | None:
        return None if hop > 2 else 0.1 if hop == 2 else 0.0

    found = await traced(answers, monkeypatch, wait=0.3)
    assert {one["hop"] for one in found if "from" in one} == {1, 2}
    assert max(one["hop"] for one in found) == 2 + trace.SILENT_HOPS

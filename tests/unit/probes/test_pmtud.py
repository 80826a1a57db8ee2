"""Tests which connections are made behind simulated narrower links."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from inventory.model import Endpoint
from probes.framework.evidence import Failure, FailureKind
from probes.framework.objects import path_of
from probes.framework.recorder import Recorder
from probes.framework.tasks import GroupTask
from probes.net.api import HttpRequest, Net
from probes.net.raw.program import EarlyNotices
from probes.net.raw.requests import PmtudTrial, connect_narrowly
from probes.observations.path import FILLS, NOTHING_LOST, TAUGHT, BulkTransfer, PmtudFlow, SegmentSeen
from probes.pmtud import pmtud
from tests.unit.probes.fake_net import Asked, FakeNet
from tests.unit.probes.path_tasks import FOUR, HOST, SIX, group


def flows(heeded: bool, errors: int, ended: str = "enough", largest: int = 1500, plain: str = "enough") -> FakeNet:
    """``plain`` is how the ordinary connection ends."""

    def made(asked: Asked) -> Asked:
        segments = (SegmentSeen(t=0.0, seq=1, size=min(largest, 1500)),)
        watched = {"ended": plain, "segments": segments, "received": FILLS}
        if asked["mtu"] == NOTHING_LOST:
            return watched
        return watched | {"ended": ended, "errors_sent": errors, "heeded": 0.1 if heeded else None}

    return FakeNet(answers={PmtudFlow: made})


@pytest.mark.parametrize(
    ("net", "count"),
    [
        (flows(heeded=True, errors=1), 3),
        (flows(heeded=False, errors=0), 5),  # nothing was too large
        (flows(heeded=False, errors=3, ended="stall"), 5),
        (flows(heeded=True, errors=1, plain="reset"), 3),
        (flows(heeded=True, errors=1, plain="stall"), 5),  # at once: each may take as long
        (flows(heeded=False, errors=0, largest=1280), 0),  # it sends nothing that could be lost for its size
        (flows(heeded=False, errors=0, largest=72, plain="stall"), 5),
    ],
)
async def test_each_connection_is_behind_a_narrower_link(net: FakeNet, count: int) -> None:
    rec = Recorder(time.monotonic)
    await whole(group(FOUR, SIX), net, rec)
    steps = [step for step in rec.steps if isinstance(step, PmtudFlow)]
    assert [(str(step.address), step.mtu) for step in steps] == [(SIX, mtu) for mtu in (NOTHING_LOST, *TAUGHT[:count])]


@pytest.mark.parametrize("heeded", [True, False])
async def test_what_goes_unheeded_is_not_waited_for(heeded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is the rest, when the first, which repeats its packet in vain, finds out by itself in the end."""
    rec, begun, every = Recorder(time.monotonic), list[int](), asyncio.Event()

    async def repeating(
        net: Net, rec: Recorder, endpoint: Endpoint, trial: PmtudTrial, *, ahead: EarlyNotices | None = None
    ) -> PmtudFlow:
        begun.append(trial.mtu)
        if len(begun) == 1 + len(TAUGHT):
            every.set()
        if trial.mtu == TAUGHT[0]:
            assert ahead is not None
            ahead.unheeded.set()
            await every.wait()
        return await connect_narrowly(net, rec, endpoint, trial)

    monkeypatch.setattr("probes.pmtud.connect_narrowly", repeating)
    async with asyncio.timeout(300):
        await whole(group(SIX), flows(heeded=heeded, errors=4, ended="enough" if heeded else "stall"), rec)
    assert begun == [NOTHING_LOST, *TAUGHT]
    assert {step.mtu for step in rec.steps if isinstance(step, PmtudFlow)} == set(begun)


@pytest.mark.parametrize(("ended", "made"), [("enough", 3), ("stall", 5)])
async def test_what_is_heeded_is_not_waited_for_to_its_end(
    ended: str, made: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last that is needed waits for all: where one of them fares badly after all, the rest is tried too."""
    rec, begun, third = Recorder(time.monotonic), list[int](), asyncio.Event()

    async def heeding(
        net: Net, rec: Recorder, endpoint: Endpoint, trial: PmtudTrial, *, ahead: EarlyNotices | None = None
    ) -> PmtudFlow:
        begun.append(trial.mtu)
        if trial.mtu == TAUGHT[2]:
            third.set()
        if trial.mtu in TAUGHT[:2]:
            assert ahead is not None
            ahead.heeded.set()
            await third.wait()
        flow = await connect_narrowly(net, rec, endpoint, trial)
        return replace(flow, ended=ended) if trial.mtu == TAUGHT[0] else flow

    monkeypatch.setattr("probes.pmtud.connect_narrowly", heeding)
    async with asyncio.timeout(300):
        await whole(group(SIX), flows(heeded=True, errors=1), rec)
    assert begun == [NOTHING_LOST, *TAUGHT[:made]]


async def whole(task: GroupTask, net: FakeNet, rec: Recorder) -> None:
    """Run the probe together with its part that waits until nothing else is measured."""
    narrower = await pmtud(task, net, rec)
    assert {step.mtu for step in rec.steps if isinstance(step, PmtudFlow)} <= {NOTHING_LOST}
    assert narrower is not None
    await narrower()


async def test_no_link_is_wider_than_what_the_server_sends() -> None:
    rec = Recorder(time.monotonic)
    await whole(group(SIX), flows(heeded=True, errors=1, largest=1374), rec)
    assert [step.mtu for step in rec.steps if isinstance(step, PmtudFlow)] == [NOTHING_LOST, 1348, 1322, 1296]


@pytest.mark.parametrize(
    ("pages", "asked"),
    [
        (lambda request: (200, None), "/lon.js"),
        (lambda request: (302, f"https://{HOST}/trang-chu") if request.hop == 0 else (200, None), "/lon.js"),
        (lambda request: (302, "https://elsewhere.example/"), None),
        (lambda request: (403, None), None),
    ],
)
async def test_where_the_page_fills_no_packet_a_part_of_it_does(
    pages: Callable[[HttpRequest], tuple[int, str | None]], asked: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is made by a script or is only a redirect; parts that are too small are skipped."""
    sizes = {"/": 700, "/trang-chu": 700, "/nho.js": FILLS - 1, "/lon.js": FILLS}
    paths: list[str] = []

    def made(asked: Asked) -> Asked:
        received = sizes[paths[-1]]
        segments = (SegmentSeen(t=0.0, seq=1, size=1500 if received >= FILLS else 900),)
        return {"ended": "end", "received": received, "segments": segments}

    async def noted(net: Net, rec: Recorder, endpoint: Endpoint, trial: PmtudTrial, **more: object) -> PmtudFlow:
        paths.append(trial.path)
        return await connect_narrowly(net, rec, endpoint, trial)

    monkeypatch.setattr("probes.pmtud.connect_narrowly", noted)
    net = FakeNet(
        html='<script src="/nho.js"></script><script src="/lon.js"></script>',
        pages=pages,
        answers={PmtudFlow: made, BulkTransfer: lambda asked: {"received": sizes[path_of(asked["url"])]}},
    )
    rec = Recorder(time.monotonic)
    await whole(group(SIX), net, rec)
    assert paths == ["/"] + ([asked] * (1 + len(TAUGHT)) if asked else [])
    assert all(isinstance(step, PmtudFlow) for step in rec.steps)


async def test_without_the_right_one_connection_says_so() -> None:
    failure = Failure(kind=FailureKind.NO_PERMISSION)
    rec = Recorder(time.monotonic)
    await whole(group(SIX), FakeNet(answers={PmtudFlow: lambda asked: {"failure": failure}}), rec)
    assert len(rec.steps) == 1

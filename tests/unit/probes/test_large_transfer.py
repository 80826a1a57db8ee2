"""Tests which object is transferred, and when it is transferred again."""

import asyncio
import time

import pytest

from probes.framework.evidence import Failure, FailureKind
from probes.framework.objects import path_of
from probes.framework.recorder import Recorder
from probes.large_transfer import large_transfer
from probes.net.api import HttpRequest, Net
from probes.net.http.transfers import transfer
from probes.observations.path import BulkTransfer
from tests.unit.probes.fake_net import FakeNet
from tests.unit.probes.path_tasks import FOUR, HOST, SIX, group

URL = f"https://{HOST}/ban-do.svg"
STALLED = {"status": None, "received": 0, "whole": False, "failure": Failure(kind=FailureKind.TIMEOUT)}


def transfers(rec: Recorder) -> list[tuple[str, str]]:
    return [(str(step.address), step.url) for step in rec.steps if isinstance(step, BulkTransfer)]


async def test_what_the_inventory_names_is_fetched_from_every_address() -> None:
    rec = Recorder(time.monotonic)
    await large_transfer(group(FOUR, SIX, file=URL), FakeNet(), rec)
    assert transfers(rec) == [(FOUR, URL), (SIX, URL)]


async def test_a_transfer_that_stalls_is_tried_again() -> None:
    rec = Recorder(time.monotonic)
    stalls = FakeNet(answers={BulkTransfer: lambda asked: STALLED if asked["address"].version == 6 else {}})
    await large_transfer(group(FOUR, SIX, file=URL), stalls, rec)
    assert transfers(rec) == [(FOUR, URL), (SIX, URL), (SIX, URL)]


@pytest.mark.parametrize(
    ("taken", "times"),
    [([1.5], 1), ([3.0, 1.9], 2), ([3.0, 2.5, 0.4], 3), ([3.0, 3.0, 3.0], 3)],
    ids=["not-clearly", "once", "twice", "always"],
)
async def test_a_transfer_that_takes_clearly_longer_than_another_is_timed_again(taken: list[float], times: int) -> None:
    rec, left = Recorder(time.monotonic), [*taken]
    slower = FakeNet(
        answers={BulkTransfer: lambda asked: {"seconds": left.pop(0) if asked["address"].version == 6 else 1.0}}
    )
    await large_transfer(group(FOUR, SIX, file=URL), slower, rec)
    assert transfers(rec) == [(FOUR, URL), *[(SIX, URL)] * times]


async def test_a_transfer_that_goes_on_in_silence_is_not_waited_for_to_be_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rec, asked, again = Recorder(time.monotonic), list[str](), asyncio.Event()

    async def silently(
        net: Net, rec: Recorder, request: HttpRequest, *, silent: asyncio.Event | None = None
    ) -> BulkTransfer:
        asked.append(str(request.endpoint.address))
        if silent is None:  # the second
            again.set()
        elif request.endpoint.address.version == 6:
            silent.set()
            await again.wait()
        return await transfer(net, rec, request)

    monkeypatch.setattr("probes.large_transfer.transfer", silently)
    await large_transfer(group(FOUR, SIX, file=URL), FakeNet(), rec)
    assert asked == [FOUR, SIX, SIX]
    assert transfers(rec) == [(FOUR, URL), (SIX, URL), (SIX, URL)]


@pytest.mark.parametrize("elsewhere", ["https://cdn.example/x", "http://www.tinh-a.example/x", "https://[x"])
async def test_an_object_of_another_place_is_not_fetched_here(elsewhere: str) -> None:
    rec = Recorder(time.monotonic)
    page = '<img src="/nho.png"><script src="https://cdn.example/x.js"></script><img src="/lon.jpg">'
    sizes = {"/": 3_000, "/nho.png": 20_000, "/lon.jpg": 300_000}
    net = FakeNet(html=page, answers={BulkTransfer: lambda asked: {"received": sizes[path_of(asked["url"])]}})
    await large_transfer(group(FOUR, SIX, file=elsewhere), net, rec)
    assert transfers(rec) == [(one, f"https://{HOST}/lon.jpg") for one in (FOUR, SIX)]


async def test_the_object_is_of_the_page_that_the_first_one_leads_to() -> None:
    rec, jumps = Recorder(time.monotonic), {f"https://{HOST}/": "/vi"}
    net = FakeNet(html='<img src="/lon.jpg">', jumps=jumps)
    await large_transfer(group(FOUR), net, rec)
    assert transfers(rec)[-1:] == [(FOUR, f"https://{HOST}/vi")]


async def test_a_site_without_a_page_has_no_object() -> None:
    rec = Recorder(time.monotonic)
    await large_transfer(group(FOUR), FakeNet(pages=lambda request: (403, None)), rec)
    assert rec.steps == ()

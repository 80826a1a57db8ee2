"""Tests which pages the cache of one look keeps, and for how long."""

import asyncio
import weakref
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address

import pytest

from inventory.model import Endpoint
from probes.framework.evidence import Failure, FailureKind
from probes.framework.look import LOOK, Look
from probes.net.api import Fetched, HttpRequest
from probes.net.http.page_cache import PageReadings

PAGE = Fetched(status=200, body=b"x" * 100)
SILENCE = Fetched(failure=Failure(kind=FailureKind.TIMEOUT))
HERE = HttpRequest(endpoint=Endpoint(address=ip_address("192.0.2.1"), port=80), url="http://www.vn/")
THERE = replace(HERE, url="http://www.vn/2")


class _Body(str):
    """A text that a test can see go."""


@pytest.fixture(autouse=True)
def look() -> Iterator[None]:
    token = LOOK.set(Look())
    yield
    LOOK.reset(token)


@pytest.mark.parametrize(
    ("got", "kept"),
    [
        (PAGE, True),
        (Fetched(status=302, location="http://www.vn/2"), True),
        (Fetched(status=503, body=b"x"), False),
        (replace(PAGE, failure=Failure(kind=FailureKind.RESET)), False),
        (Fetched(failure=Failure(kind=FailureKind.TIMEOUT)), False),
    ],
)
def test_readings_keep_pages_and_redirects_alone(got: Fetched, kept: bool) -> None:
    readings = PageReadings()
    readings.keep(HERE, got)
    assert (readings.known(HERE) is got) is kept


def test_readings_forget_what_was_used_longest_ago_where_there_is_no_room() -> None:
    readings = PageReadings(room=150)
    readings.keep(HERE, PAGE)
    readings.keep(THERE, PAGE)
    assert readings.known(HERE) is None
    assert readings.known(THERE) is PAGE
    readings.keep(THERE, PAGE)
    assert readings.known(THERE) is PAGE


def test_readings_forget_the_pages_of_a_look_that_has_ended() -> None:
    readings = PageReadings(room=150)
    readings.keep(HERE, PAGE)
    body = weakref.ref(body_of := _Body())
    readings.keep(THERE, replace(PAGE, body=b"", location=body_of))
    del body_of
    LOOK.set(Look())
    assert body() is None
    readings.keep(HERE, PAGE)
    assert readings.known(HERE) is PAGE, "their room is free again"


async def test_readings_without_a_look_keep_nothing() -> None:
    LOOK.set(None)
    readings = PageReadings()
    async with readings.reading(HERE):
        readings.keep(HERE, PAGE)
    assert readings.known(HERE) is None


@pytest.mark.parametrize(
    ("got", "is_hurried", "shared"),
    [
        (SILENCE, True, True),
        (SILENCE, False, False),
        (Fetched(failure=Failure(kind=FailureKind.RESET)), True, False),
        (PAGE, True, False),
    ],
    ids=["silence", "nobody-waits", "reset", "page"],
)
async def test_who_waited_for_a_reading_that_met_with_silence_need_not_wait_again(
    got: Fetched, is_hurried: bool, shared: bool
) -> None:
    readings, given = PageReadings(is_hurried=is_hurried), list[Fetched | None]()

    async def wait() -> None:
        async with readings.reading(HERE) as silence:
            given.append(silence)

    async with asyncio.TaskGroup() as group, readings.reading(HERE) as silence:
        given.append(silence)
        group.create_task(wait())
        await asyncio.sleep(0)
        readings.keep(HERE, got)
    await wait()  # later: asks for itself
    assert given == [None, got if shared else None, None]

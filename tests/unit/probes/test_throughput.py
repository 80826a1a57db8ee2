"""Tests that a TSLCD site is tested for half of its channel's capacity in ten seconds at most, from each address.

Its row has to name a server and a bandwidth.
"""

import asyncio
import time
from dataclasses import replace
from ipaddress import ip_address

import pytest

from inventory.model import Clearance, DeclaredFacts, Kind, Network, Subject
from probes.framework.expand import expand
from probes.framework.recorder import Recorder
from probes.framework.registry import load
from probes.observations.throughput import ThroughputTest
from probes.throughput import TRIES, throughput
from tests.golden.lab_tslcd import XA4, XA6, point
from tests.unit.probes.fake_net import FakeNet

DECLARED = DeclaredFacts(test_url="http://xa-a:8081/throughput", bandwidth_mbps=100)
SITE = replace(point(declared=DECLARED), clearance=Clearance.INTRUSIVE)


def taken(subject: Subject) -> list[ThroughputTest]:
    async def run() -> list[ThroughputTest]:
        rec = Recorder(time.monotonic)
        for task in expand(subject, ()):
            if task.service is None:
                await throughput(task, FakeNet(), rec)
        return [step for step in rec.steps if isinstance(step, ThroughputTest)]

    return asyncio.run(run())


def test_each_address_is_tested_twice_for_half_of_ten_seconds() -> None:
    found = taken(SITE)
    assert {one.address for one in found} == {ip_address(XA4), ip_address(XA6)}
    assert {(one.port, one.url, one.wanted) for one in found} == {(8081, "http://xa-a:8081/throughput", 62_500_000)}
    assert len(found) == 2 * TRIES


@pytest.mark.parametrize(
    "subject",
    [
        replace(SITE, declared=replace(DECLARED, test_url="")),
        replace(SITE, declared=replace(DECLARED, bandwidth_mbps=None)),
        replace(SITE, declared=replace(DECLARED, test_url="http://[xa-a")),
        replace(SITE, network=Network.INTERNET),
        replace(SITE, kind=Kind.HOST, kinds=frozenset({Kind.HOST})),
    ],
    ids=["no server", "no bandwidth", "no URL", "on the Internet", "no site"],
)
def test_nothing_else_is_tested(subject: Subject) -> None:
    assert taken(subject) == []


def test_the_owner_has_to_allow_it() -> None:
    assert load()["throughput"].clearance is Clearance.INTRUSIVE

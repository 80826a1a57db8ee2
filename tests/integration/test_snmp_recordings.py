"""Recordings of real devices: every address that an independent system found on them is found, and none is invented.

The recordings are not part of this repository. ``AUDITOR_RECORDINGS`` names a folder with ``NAME.snmprec`` files and
``expected.json`` (name → IPv6 addresses); without it this test is reported as not run.
"""

import json
import os
from ipaddress import ip_address
from pathlib import Path

import pytest

from inventory.model import IPAddress
from probes.framework.tasks import EndpointTask
from probes.observations.snmp import SnmpGet, SnmpWalk
from probes.snmp import snmp
from probes.wire.snmp.addresses import addresses
from probes.wire.snmp.tree import Tree
from tests.support.snmp_agent import Recording, Serving
from tests.support.snmp_world import ENGINES, at, community, net_with, recorder, settings

VARIABLE = "AUDITOR_RECORDINGS"
FOLDER = Path(os.environ.get(VARIABLE, ""))
HERE = bool(os.environ.get(VARIABLE))


@pytest.mark.parametrize("engine", ENGINES)
async def test_every_address_and_no_other(engine: str) -> None:
    if not HERE:
        pytest.skip(f"NOT RUN: recordings of real devices are absent; name their folder in {VARIABLE}")
    expected = json.loads((FOLDER / "expected.json").read_text("utf-8"))
    recordings = {name: Recording.read(FOLDER / f"{name}.snmprec") for name in expected}
    missing: dict[str, list[str]] = {}
    invented: dict[str, list[str]] = {}
    async with Serving(recordings) as serving:
        for name, wanted in expected.items():
            found = await _addresses(engine, serving.port, name)
            missing[name] = [text for text in wanted if ip_address(text) not in found]
            invented[name] = [str(one) for one in found if not _stands_in(one, recordings[name])]
    print(f"{engine}: {sum(map(len, expected.values()))} addresses of {len(expected)} devices")
    assert {name: texts for name, texts in missing.items() if texts} == {}
    assert {name: texts for name, texts in invented.items() if texts} == {}


async def _addresses(engine: str, port: int, name: str) -> set[IPAddress]:
    setting = settings(engine, community(name))
    rec = recorder()
    async with net_with(setting, wait=2.0) as net:
        await snmp(EndpointTask(endpoint=at(port), credentials=(name,)), net, rec)
    rows = [row for step in rec.steps if isinstance(step, SnmpGet | SnmpWalk) for row in step.rows]
    return {one.address for one in addresses(Tree(rows))}


def _stands_in(address: IPAddress, recording: Recording) -> bool:
    """Whether the octets of the address stand in an index or a value of the recording."""
    octets = tuple(address.packed)
    inside = any(octets == oid[at : at + len(octets)] for oid in recording.oids for at in _places(oid, octets))
    return inside or any(address.packed in content for _, content in recording.objects.values())


def _places(oid: tuple[int, ...], octets: tuple[int, ...]) -> range:
    return range(10, len(oid) - len(octets) + 1)

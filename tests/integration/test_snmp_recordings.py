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
from probes.wire.snmp import oids
from probes.wire.snmp.addresses import Declared, addresses
from probes.wire.snmp.tree import Tree
from tests.support.snmp_agent import Recording, Serving
from tests.support.snmp_world import ENGINES, at, community, net_with, recorder, settings

VARIABLE = "AUDITOR_RECORDINGS"
FOLDER = Path(os.environ.get(VARIABLE, ""))
POINTER = bytes.fromhex("2b06010201042001")
"""1.3.6.1.2.1.4.32.1, as the value of an object."""
HERE = bool(os.environ.get(VARIABLE))


@pytest.mark.parametrize("engine", ENGINES)
async def test_every_address_and_no_other(engine: str) -> None:
    if not HERE:
        pytest.skip(f"NOT RUN: recordings of real devices are absent; name their folder in {VARIABLE}")
    expected = json.loads((FOLDER / "expected.json").read_text("utf-8"))
    recordings = {name: Recording.read(FOLDER / f"{name}.snmprec") for name in expected}
    missing: dict[str, list[str]] = {}
    invented: dict[str, list[str]] = {}
    lengths: dict[str, list[str]] = {}
    async with Serving(recordings) as serving:
        for name, wanted in expected.items():
            declared = await _addresses(engine, serving.port, name)
            found = {one.address for one in declared}
            lengths[name] = [
                f"{one.address}/{one.prefix_length}" for one in declared if not _is_said(one, recordings[name])
            ]
            missing[name] = [text for text in wanted if ip_address(text) not in found]
            invented[name] = [str(one) for one in found if not _stands_in(one, recordings[name])]
    print(f"{engine}: {sum(map(len, expected.values()))} addresses of {len(expected)} devices")
    assert {name: texts for name, texts in missing.items() if texts} == {}
    assert {name: texts for name, texts in invented.items() if texts} == {}
    assert {name: texts for name, texts in lengths.items() if texts} == {}


async def _addresses(engine: str, port: int, name: str) -> tuple[Declared, ...]:
    setting = settings(engine, community(name))
    rec = recorder()
    async with net_with(setting, wait=2.0) as net:
        await snmp(EndpointTask(endpoint=at(port), credentials=(name,)), net, rec)
    rows = [row for step in rec.steps if isinstance(step, SnmpGet | SnmpWalk) for row in step.rows]
    return addresses(Tree(rows))


def _is_said(one: Declared, recording: Recording) -> bool:
    """Whether the prefix length of an IPv6 address is one that the recording gives, and None only where it gives none:
    the last number of an ipAddressPrefix that points to a row (RFC 4293), or an ipv6AddrPfxLength (RFC 2465)."""
    if one.address.version == 4 or one.source not in ("ipAddressTable", "ipv6AddrTable"):
        return True
    octets, given = tuple(one.address.packed), set()
    for oid, (_, content) in recording.objects.items():
        if octets != oid[-len(octets) :] and octets != oid[-len(octets) - 4 : -4]:  # a zone may stand behind it
            continue
        if oid[:10] == (*oids.IP_ADDRESS_ENTRY, 5) and content[:8] == POINTER:
            given.add(content[-1] & 0x7F | (content[-2] & 0x80 and content[-2] & 0x7F) << 7)
        elif oid[:11] == (*oids.LEGACY_ADDR_ENTRY, 2):
            given.add(int.from_bytes(content))
    return one.prefix_length in given if given else one.prefix_length is None


def _stands_in(address: IPAddress, recording: Recording) -> bool:
    """Whether the octets of the address stand in an index or a value of the recording."""
    octets = tuple(address.packed)
    inside = any(octets == oid[at : at + len(octets)] for oid in recording.oids for at in _places(oid, octets))
    return inside or any(address.packed in content for _, content in recording.objects.values())


def _places(oid: tuple[int, ...], octets: tuple[int, ...]) -> range:
    return range(10, len(oid) - len(octets) + 1)

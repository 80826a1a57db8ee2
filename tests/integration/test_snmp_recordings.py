"""Tests recordings of real devices, replayed over UDP: read completely, and judged as pinned after review by hand.

``tests/support/recordings/devices.toml`` describes each device and the reasons for its verdicts. The recordings are not
part of this repository; without them the replay is reported as not run.
"""

import json
from ipaddress import ip_address

import pytest

from inventory.model import IPAddress
from probes.wire.snmp import oids
from probes.wire.snmp.addresses import InterfaceAddress, addresses
from tests.support.recordings.recorded import (
    VARIABLE,
    VERDICTS,
    expected_addresses,
    folder,
    names,
    recording,
    replay,
    verdicts,
)
from tests.support.snmp_agent import Recording
from tests.support.snmp_world import ENGINES

POINTER = bytes.fromhex("2b06010201042001")
"""The object id 1.3.6.1.2.1.4.32.1, encoded as the value of an object."""
RECORDINGS = 24
QUESTIONS, OCTETS = 400, 300_000
"""The most requests to one device and the most octets in answers; the largest is a switch with 2,000 neighbours."""


def test_every_recording_is_described_and_pinned() -> None:
    pinned = json.loads(VERDICTS.read_text("utf-8"))
    assert len(names()) == RECORDINGS
    assert names() == sorted(pinned)
    assert all(len(checks) >= 4 for checks in pinned.values())


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", names())
async def test_recording_is_read_completely_and_judged_as_pinned(name: str, engine: str) -> None:
    kept = folder()
    if kept is None:
        pytest.skip(f"NOT RUN: recordings of real devices are absent; name their folder in {VARIABLE}")
    served = recording(name, kept)
    replayed, _ = await replay(name, engine, served)
    declared = addresses(replayed.tree)
    found = {declared.address for declared in declared}
    expected = expected_addresses(kept).get(name, ())
    assert [text for text in expected if ip_address(text) not in found] == []
    assert [str(address) for address in found if not _stands_in(address, served)] == []
    assert [
        f"{declared.address}/{declared.prefix_length}" for declared in declared if not _is_said(declared, served)
    ] == []
    assert dict(sorted(verdicts(name, replayed).items())) == json.loads(VERDICTS.read_text("utf-8"))[name]
    assert replayed.questions <= QUESTIONS
    assert replayed.octets <= OCTETS


def _is_said(declared: InterfaceAddress, served: Recording) -> bool:
    """True if the recording gives the prefix length of an IPv6 address, or the length is None and it gives none.

    It is the last number of an ipAddressPrefix that points to a row (RFC 4293), or an ipv6AddrPfxLength (RFC 2465).
    """
    if declared.address.version == 4 or declared.source not in ("ipAddressTable", "ipv6AddrTable"):
        return True
    octets, given = tuple(declared.address.packed), set()
    for oid, (_, content) in served.objects.items():
        if octets != oid[-len(octets) :] and octets != oid[-len(octets) - 4 : -4]:  # a zone may follow the address
            continue
        if oid[:10] == (*oids.IP_ADDRESS_ENTRY, 5) and content[:8] == POINTER:
            given.add(content[-1] & 0x7F | (content[-2] & 0x80 and content[-2] & 0x7F) << 7)
        elif oid[:11] == (*oids.LEGACY_ADDR_ENTRY, 2):
            given.add(int.from_bytes(content))
    return declared.prefix_length in given if given else declared.prefix_length is None


def _stands_in(address: IPAddress, served: Recording) -> bool:
    """True if an index or a value of the recording contains the octets of the address."""
    octets = tuple(address.packed)
    inside = any(octets == oid[at : at + len(octets)] for oid in served.oids for at in _places(oid, octets))
    return inside or any(address.packed in content for _, content in served.objects.values())


def _places(oid: tuple[int, ...], octets: tuple[int, ...]) -> range:
    return range(10, len(oid) - len(octets) + 1)

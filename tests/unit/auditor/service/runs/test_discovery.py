"""Tests that neighbours known to devices become proposed rows of the inventory, inside the scope, and nothing else."""

from dataclasses import replace
from ipaddress import ip_network

from auditor.service.runs.discovery import proposals
from inventory.model import AgencyId, Kind, SubjectId
from inventory.scope import Scope
from probes.framework.evidence import Observation
from probes.wire.snmp import oids
from probes.wire.snmp.tree import Oid
from tests.golden.cases_device_links import BRIDGE_BIT, ROUTER_BIT, lldp
from tests.golden.lab_snmp import CORE, Value, index_of, polled, router, walk

INSIDE = Scope(allow=(ip_network("2001:db8::/32"), ip_network("192.0.2.0/24")))
HERE = replace(router(), id=SubjectId("rt-1"), name="rt-1", agency=AgencyId("A"))
THERE = replace(HERE, id=SubjectId("rt-2"), name="rt-2", agency=AgencyId("B"))


def heard(*hosts: str) -> Observation:
    """Return an ipNetToPhysicalTable of dynamic, reachable hosts; one that begins with ``-`` is incomplete."""
    entry = oids.IP_NET_TO_PHYSICAL_ENTRY
    indexes: dict[str, Oid] = {host: (CORE, *index_of(host.removeprefix("-"))) for host in hosts}
    kinds: dict[Oid, Value] = dict.fromkeys(indexes.values(), 3)
    states: dict[Oid, Value] = {index: 7 if host.startswith("-") else 1 for host, index in indexes.items()}
    return walk(entry, {(*entry, 4): dict.fromkeys(indexes.values(), "mac"), (*entry, 6): kinds, (*entry, 7): states})


def rows(*steps: Observation, scope: Scope = INSIDE) -> list[dict[str, str]]:
    envelope = replace(polled(*steps), subject=HERE.id)
    return [dict(proposal.row()) for proposal in proposals([envelope], [HERE], scope)]


def test_a_router_behind_a_link_is_a_row() -> None:
    (row,) = rows(*lldp(("pe-bmt", ROUTER_BIT), address="2001:db8:ff::1"))
    assert row == {
        "name": "pe-bmt",
        "kind": "router",
        "ipv4": "",
        "ipv6": "2001:db8:ff::1",
        "agency_code": "A",
        "network": "internet",
        "device": "",
        "note": "lldpRemTable: rt-1",
    }


def test_a_host_of_a_network_is_a_row_by_its_address() -> None:
    found = rows(heard("2001:db8:7::5", "192.0.2.9"))
    assert [(one["name"], one["kind"]) for one in found] == [("192.0.2.9", "host"), ("2001:db8:7::5", "host")]


def test_what_may_not_be_audited_is_not_proposed() -> None:
    assert rows(heard("203.0.113.9", "fe80::9", "3fff::1")) == []
    assert rows(*lldp(("pe-bmt", ROUTER_BIT), address="203.0.113.9")) == []
    assert rows(*lldp(("pe-bmt", ROUTER_BIT))) == []  # a device with only a name cannot be audited
    closed = Scope(allow=INSIDE.allow, deny=(ip_network("192.0.2.8/29"),))
    assert rows(heard("192.0.2.9"), scope=closed) == []


def test_who_was_looked_for_in_vain_is_nobody() -> None:
    assert rows(heard("-192.0.2.9")) == []


def test_what_the_inventory_has_is_not_proposed() -> None:
    known = replace(THERE, addresses=(HERE.addresses[0],), name="sw-7")
    envelope = replace(polled(*lldp(("SW-7.example", BRIDGE_BIT), address="192.0.2.7")), subject=HERE.id)
    assert proposals([envelope], [HERE, known], INSIDE) == ()


def test_what_two_devices_know_of_stands_once_and_is_nobodys() -> None:
    steps = lldp(("sw-x", BRIDGE_BIT), address="192.0.2.7")
    seen = [replace(polled(*steps, heard("192.0.2.7")), subject=subject.id) for subject in (HERE, THERE)]
    (proposal,) = proposals(seen, [HERE, THERE], INSIDE)
    assert (proposal.kind, proposal.row()["agency_code"], proposal.row()["note"]) == (
        Kind.SWITCH,
        "",
        "lldpRemTable: rt-1, rt-2",
    )


def test_a_device_that_is_not_in_this_inventory_says_nothing() -> None:
    envelope = replace(polled(heard("192.0.2.9")), subject=SubjectId("elsewhere"))
    assert proposals([envelope], [HERE], INSIDE) == ()

"""NetBox objects become rows: tenants are agencies, roles are kinds, and unused objects are left out."""

import json

import pytest

from inventory.listed.model import GroupMeanings, NotSuchAListError
from inventory.listed.netbox import NetBoxObjects, read_netbox
from inventory.model import Kind
from tests.support.netbox import OBJECTS, address, device

_EXPORT = json.dumps({path: {"count": 1, "results": objects} for path, objects in OBJECTS.items()})


def _rows(objects: NetBoxObjects) -> dict[str, dict[str, str]]:
    return {thing.name: {k: v for k, v in thing.row().items() if v} for thing in objects.things().all()}


def test_read_netbox_makes_rows_of_an_export() -> None:
    objects = read_netbox(_EXPORT, GroupMeanings(kinds={"bien": Kind.ROUTER}))
    rows = _rows(objects)
    assert list(rows) == ["sw-tang1", "r1", "=cmd|'/c'!A1", "web1", "dns.yte.example.vn"]
    assert rows["sw-tang1"] == {
        "name": "sw-tang1",
        "kind": "access-switch",
        "ipv4": "10.7.0.2",
        "ipv6": "2001:db8:7::2",
        "fqdn": "sw-tang1.yte.example.vn",
        "agency_name": "Sở Y tế",
        "site": "Trung tâm dữ liệu",
        "device": "Cisco C9300",
        "tags": "tslcd",
        "note": "NetBox",
    }
    assert rows["r1"]["kind"] == "router"
    assert rows["=cmd|'/c'!A1"]["kind"] == "firewall"
    assert (rows["web1"]["kind"], rows["web1"]["fqdn"]) == ("host", "web1.yte.example.vn")
    assert rows["dns.yte.example.vn"]["ipv4"] == "10.7.0.53"
    assert objects.left_out == 4, "a retired device, one without address, two addresses without name or out of use"


def test_read_netbox_gives_the_code_of_a_tenant_that_is_named() -> None:
    rows = _rows(read_netbox(_EXPORT, GroupMeanings(agencies={"so-y-te": "H26.7"})))
    assert rows["web1"]["agency_code"] == "H26.7"
    assert "agency_name" not in rows["web1"]


def test_things_of_one_name_at_two_sites_are_two() -> None:
    objects = NetBoxObjects()
    ips = ({"address": "10.0.0.1/24"}, {"address": "10.0.0.2/24"}, {"address": "10.0.0.3/24"})
    objects.take([device(number, "sw1", ("Switch", "switch"), primary_ip4=ip) for number, ip in enumerate(ips)])
    assert list(_rows(objects)) == [
        "sw1 (Trung tâm dữ liệu)",
        "sw1 (Trung tâm dữ liệu) #2",
        "sw1 (Trung tâm dữ liệu) #3",
    ]


def test_things_of_an_address_of_a_known_device_are_not_another_host() -> None:
    objects = NetBoxObjects()
    objects.take([device(5, "r5", ("Router", "router"), primary_ip4={"address": "10.0.0.1/24"})])
    assigned = {"id": 9, "name": "eth0", "device": {"id": 5, "name": "r5"}}
    objects.take([address(1, "10.0.9.1/24", "eth0.r5.example.vn", assigned_object=assigned)])
    assert list(_rows(objects)) == ["r5"]


@pytest.mark.parametrize("hostile", [None, [], "x", 7, True, {"a": []}])
def test_take_of_values_of_other_types_never_fails(hostile: object) -> None:
    objects = NetBoxObjects()
    keys = ("id", "name", "device_type", "role", "tenant", "site", "status", "primary_ip4", "tags", "dns_name")
    for key in (*keys, "assigned_object", "address"):
        objects.take(
            [{**device(1, "a", ("Router", "router")), key: hostile}, {**address(1, "10.0.0.1/8", "a.b"), key: hostile}]
        )
    objects.things()


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "[]", "7", '{"id": 1}', '[{"id": 1}]', '{"results": {}}x'])
def test_read_netbox_refuses_what_is_no_export(text: str) -> None:
    with pytest.raises(NotSuchAListError):
        read_netbox(text, GroupMeanings())

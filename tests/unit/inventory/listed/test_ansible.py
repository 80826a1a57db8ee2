"""The three forms of an inventory of Ansible give the same rows, and nothing in them is decrypted or executed."""

import json
from pathlib import Path

import pytest

from inventory.listed.ansible import AnsibleGroups, read_ansible
from inventory.listed.model import GroupMeanings, NotSuchAListError
from inventory.model import Kind
from tests.support.growth import linear

_INI = """# offices
localhost ansible_connection=local
[routers]
r[1:2].example.vn   # both
core ansible_host=2001:db8::1 ansible_password="a b"
[web:vars]
x=1
[web]
web1.yte.example.vn:2222 ansible_host='{{ lookup("pipe", "id") }}'
[soyte:children]
web
"""
_YAML = """all:
  hosts:
    localhost: {ansible_connection: local}
  children:
    routers:
      hosts:
        r1.example.vn:
        r2.example.vn:
        core:
          ansible_host: "2001:db8::1"
          ansible_password: !vault |
            $ANSIBLE_VAULT;1.1;AES256
            6162
    soyte:
      children:
        web:
          hosts:
            web1.yte.example.vn: {ansible_host: '{{ lookup("pipe", "id") }}'}
"""
_JSON = json.dumps(
    {
        "_meta": {
            "hostvars": {
                "core": {"ansible_host": "2001:db8::1", "ansible_password": {"__ansible_vault": "6162"}},
                "web1.yte.example.vn": {"ansible_host": '{{ lookup("pipe", "id") }}'},
            }
        },
        "all": {"children": ["ungrouped", "routers", "soyte"]},
        "ungrouped": {"hosts": ["localhost"]},
        "routers": {"hosts": ["r1.example.vn", "r2.example.vn", "core"]},
        "soyte": {"children": ["web"]},
        "web": {"hosts": ["web1.yte.example.vn"]},
    }
)
_MEANINGS = GroupMeanings(kinds={"web": Kind.PORTAL}, agencies={"soyte": "H26.7"})


@pytest.mark.parametrize(("text", "vaulted"), [(_INI, 0), (_YAML, 1), (_JSON, 1)], ids=["ini", "yaml", "json"])
def test_read_ansible_gives_the_same_rows_of_each_form(text: str, vaulted: int) -> None:
    things, encrypted = read_ansible(text, _MEANINGS)
    rows = [{column: value for column, value in thing.row().items() if value} for thing in things.all()]
    assert rows == [
        {"name": "r1.example.vn", "kind": "router", "fqdn": "r1.example.vn", "note": "Ansible: routers"},
        {"name": "r2.example.vn", "kind": "router", "fqdn": "r2.example.vn", "note": "Ansible: routers"},
        {"name": "core", "kind": "router", "ipv6": "2001:db8::1", "note": "Ansible: routers"},
        {
            "name": "web1.yte.example.vn",
            "kind": "portal",
            "fqdn": "web1.yte.example.vn",
            "agency_code": "H26.7",
            "note": "Ansible: web, soyte",
        },
    ]
    assert encrypted == vaulted


@pytest.mark.parametrize(
    "text",
    [
        "$ANSIBLE_VAULT;1.1;AES256\n6162\n",
        "#!/usr/bin/env python3\nprint('{}')\n",
        "{",
        '{"a": ' * 50_000,
        "all: &a\n  hosts: *a\n",
        "all:\n" + "".join(f"{'  ' * depth}a:\n" for depth in range(1, 60)),
        "h[0:999999999]\n",
        "[a:]\nx[a:zz]\n",
        "[web:vor]\n",
        "a[1:99]b[1:99]c[1:99]\n",
        "h[1:5000]\n" * 21,
    ],
)
def test_read_ansible_refuses_what_is_encrypted_executable_or_too_large(text: str) -> None:
    with pytest.raises(NotSuchAListError):
        read_ansible(text, GroupMeanings())


@pytest.mark.parametrize("content", [None, 7, [], [7], {"hosts": 7, "children": {"a": 1}}, {"children": [None, ["a"]]}])
def test_read_ansible_of_other_values_never_fails(content: object) -> None:
    assert read_ansible(json.dumps({"_meta": content, "a": content}), GroupMeanings())[0].all() == ()


def test_groups_of_a_circle_end() -> None:
    groups = AnsibleGroups(hosts={"a": {"h": None}}, children={"a": {"b": None}, "b": {"a": None}})
    assert groups.groups_of() == {"h": ["a", "b"]}


def test_groups_of_a_host_in_many_of_them_take_as_long_as_of_many_hosts() -> None:
    def work(size: int) -> None:
        AnsibleGroups(hosts={f"g{number}": {"h": None} for number in range(size)}).groups_of()

    assert linear(work, 10_000)


def test_read_ansible_keeps_zeros_steps_and_letters_of_ranges() -> None:
    things, _ = read_ansible("w[08:12:2]\nd-[a:c]\n[2001:db8::7]:22\n", GroupMeanings())
    assert [thing.name for thing in things.all()] == ["w08", "w10", "w12", "d-a", "d-b", "d-c", "2001:db8::7"]


def test_read_ansible_reads_the_example() -> None:
    text = (Path(__file__).parents[4] / "docs" / "examples" / "ansible-hosts.ini").read_text("utf-8")
    things, _ = read_ansible(text, GroupMeanings(kinds={"web": Kind.PORTAL}, agencies={"so_y_te": "H26.7"}))
    assert [(thing.name, thing.kind.value, thing.facts["agency_code"]) for thing in things.all()] == [
        ("r1.ttdl.example.vn", "router", ""),
        ("r2.ttdl.example.vn", "router", ""),
        ("fw1", "firewall", ""),
        ("cong.yte.example.vn", "portal", "H26.7"),
        ("dichvucong.yte.example.vn", "portal", "H26.7"),
    ]

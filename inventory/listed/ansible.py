"""Reads inventories of Ansible: INI, YAML, and the output of ``ansible-inventory --list``. Nothing in them is executed.

Values that are encrypted are not read but counted; a template is no address, and the only variables read are the two
that state how a host is reached.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

from inventory.cells.names import looks_like_name
from inventory.listed.ansible_ini import read_ini
from inventory.listed.model import MOST, GroupMeanings, ListedThings, NotSuchAListError
from inventory.model import IPAddress, RowOrigin
from inventory.problems.problem import CellPosition, ProblemCollector
from inventory.sources.yaml_nodes import MappingNode, Node, ScalarNode, read_nodes

VAULT = "$ANSIBLE_VAULT;"
LARGEST_YAML = 4 * 2**20
"""Bytes of the largest YAML file; its parser takes a hundred times as long as others."""
_DEPTH = 40
_CHAIN = 100
_HOSTS = 20 * MOST
"""The largest number of hosts of all groups, each as often as a group names it."""
_REACHED_BY = ("ansible_host", "ansible_ssh_host")
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_YAML_BEGINS = re.compile(r"\A([ \t\r]*(#[^\n]*)?\n)*(---|[\w.-]+:(\s|\Z))")


@dataclass(slots=True)
class AnsibleGroups:
    """Holds groups with their hosts and groups, and the variables of hosts that state how these are reached."""

    hosts: dict[str, dict[str, None]] = field(default_factory=dict)
    children: dict[str, dict[str, None]] = field(default_factory=dict)
    reached_by: dict[str, str] = field(default_factory=dict)
    vaulted: int = 0
    _named: int = 0

    def add_host(self, group: str, host: str, variables: Mapping[str, object]) -> None:
        self._named += 1
        if self._named > _HOSTS:
            raise NotSuchAListError(f"more than {_HOSTS} hosts")
        self.hosts.setdefault(group, {})[host] = None
        for name, value in variables.items():
            if _is_vaulted(value):
                self.vaulted += 1
            elif name in _REACHED_BY and isinstance(value, str):
                self.reached_by[host] = value.strip()

    def groups_of(self) -> Mapping[str, list[str]]:
        """Return the groups of each host, the nearest first, then those above them."""
        above: dict[str, list[str]] = {}
        for group, children in self.children.items():
            for child in children:
                above.setdefault(child, []).append(group)
        groups: dict[str, dict[str, None]] = {}
        for group, hosts in self.hosts.items():
            chain = _upwards(group, above)
            for host in hosts:
                groups.setdefault(host, {}).update(dict.fromkeys(chain))
        return {host: list(names) for host, names in groups.items()}


def read_ansible(text: str, meanings: GroupMeanings) -> tuple[ListedThings, int]:
    """Return the hosts, and how many encrypted values were not read. Raise NotSuchAListError."""
    if text.lstrip().startswith(VAULT):
        raise NotSuchAListError("the whole file is encrypted by ansible-vault")
    if text.startswith("#!"):
        raise NotSuchAListError("a program; give the output of: ansible-inventory --list")
    groups = AnsibleGroups()
    if text.lstrip().startswith("{"):
        _read_json(text, groups)
    elif _YAML_BEGINS.match(text):
        _read_yaml(text, groups)
    else:
        for group, host, variables in read_ini(text, groups.children):
            groups.add_host(group, host, variables)
    return _things(groups, meanings), groups.vaulted


def _things(groups: AnsibleGroups, meanings: GroupMeanings) -> ListedThings:
    things = ListedThings("Ansible")
    for host, names in groups.groups_of().items():
        told = [name for name in names if name not in ("all", "ungrouped", "")]
        reached = groups.reached_by.get(host, "")
        if host in _LOCAL or reached in _LOCAL:
            continue
        address = _address(reached) or _address(host)
        facts = {
            "agency_code": meanings.agency_of(told),
            "fqdn": looks_like_name(reached) or "" if _address(reached) is None else "",
            "note": f"Ansible: {', '.join(told)}" if told else "",
        }
        things.add(host, meanings.kind_of(told), *([address] if address else []), facts=facts)
    return things


def _read_json(text: str, groups: AnsibleGroups) -> None:
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotSuchAListError(str(error)) from error
    variables = _mapping(_mapping(listed.get("_meta")).get("hostvars"))
    for group, content in listed.items():
        if group == "_meta":
            continue
        hosts = content if isinstance(content, list) else _mapping(content).get("hosts")
        for host in hosts if isinstance(hosts, list) else ():
            if isinstance(host, str):
                groups.add_host(group, host, _mapping(variables.get(host)))
        children = _mapping(content).get("children")
        for child in children if isinstance(children, list) else ():
            groups.children.setdefault(group, {})[str(child)] = None


def _read_yaml(text: str, groups: AnsibleGroups) -> None:
    if len(text) > LARGEST_YAML:
        raise NotSuchAListError(f"more than {LARGEST_YAML // 2**20} MB of YAML")
    problems = ProblemCollector()
    node = read_nodes(text, CellPosition(problems, RowOrigin(source="")), depth=_DEPTH)
    if not isinstance(node, MappingNode):
        refused = problems.whole()
        raise NotSuchAListError(refused[0].line() if refused else "no groups")
    _read_groups(node, groups)


def _read_groups(node: MappingNode, groups: AnsibleGroups) -> None:
    for name, content in node.items:
        for key, part in content.items if isinstance(content, MappingNode) else ():
            if not isinstance(part, MappingNode):
                continue
            if key.text == "hosts":
                for host, variables in part.items:
                    groups.add_host(name.text, host.text, dict(_scalars(variables)))
            elif key.text == "children":
                for child, _ in part.items:
                    groups.children.setdefault(name.text, {})[child.text] = None
                _read_groups(part, groups)


def _scalars(node: Node) -> Iterator[tuple[str, str]]:
    if isinstance(node, MappingNode):
        yield from ((key.text, value.text) for key, value in node.items if isinstance(value, ScalarNode))


def _upwards(group: str, above: Mapping[str, list[str]]) -> list[str]:
    """Return the group and all above it, each once, so that cycles end."""
    chain = [group]
    for each in chain:
        chain += [parent for parent in above.get(each, ()) if parent not in chain]
        if len(chain) > _CHAIN:
            break
    return chain


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _is_vaulted(value: object) -> bool:
    return (isinstance(value, str) and value.lstrip().startswith(VAULT)) or (
        isinstance(value, dict) and "__ansible_vault" in value
    )


def _address(text: str) -> IPAddress | None:
    try:
        return ip_address(text.strip("[]"))
    except ValueError:
        return None

"""Writes the auditor's inventories and configurations for the vantage inside TSLCD and the one outside."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from containers.rehearsal.agents import profiles, write_secrets
from containers.rehearsal.inventory import COLUMNS
from containers.rehearsal.sonlam.agencies import AGENCIES
from containers.rehearsal.tslcd.network import (
    ANCHORS,
    CONTROLS_OUTSIDE,
    GATEWAYS,
    HUB,
    NODE,
    OBJECT,
    OTHERS,
    PLACES,
    PREFIXES,
    SHARED,
    VANTAGE,
    addresses,
    registered,
)
from containers.rehearsal.tslcd.sites import (
    COMMUNES,
    DEAD_NODE,
    EXPOSED,
    MERGED,
    SYSTEMS,
    UNREGISTERED,
    Commune,
    System,
)
from containers.rehearsal.workspace import Workspace

AGENTS = ("d-suoimay", "d-hanggio")
"""Communes with a vantage of their own, beside the hub's; it looks at the shared systems."""
CUT = "d-banlua"
"""A commune with a link that is down: the others have its vantage in their mesh."""
LEAKING = "d-caugo"
"""A commune that reaches everything through the Internet."""
BOTH = "hub"
"""The router between the two networks, as a vantage that stands in both."""
VANTAGES = {"vantage": "auditor.toml", "outside": "auditor-outside.toml", BOTH: "auditor-both.toml"}
VANTAGES |= {agent: f"auditor-{agent}.toml" for agent in (*AGENTS, LEAKING)}


def write(space: Workspace) -> None:
    """Write all files except the daemons' own."""
    space.logs.mkdir()
    write_secrets(space)
    today = datetime.now(UTC).date()
    (space.dir / "inventory.csv").write_text(_table(_inside(today)), "utf-8")
    (space.dir / "units.csv").write_text(_units(), "utf-8")
    (space.dir / "outside.csv").write_text(_table(_outside()), "utf-8")
    (space.dir / "expected.json").write_text(json.dumps(expected(), indent=1), "utf-8")
    outside = {name: found for name, found in EXPOSED.items() if found}
    (space.dir / "expected-outside.json").write_text(json.dumps({"defects": outside}), "utf-8")
    (space.dir / "shared.csv").write_text(
        _table(_owner("SL-KHCN") | _system(system, today) for system in SYSTEMS), "utf-8"
    )
    (space.dir / "auditor.toml").write_text(_configuration_inside(space, "hub"), "utf-8")
    (space.dir / VANTAGES[BOTH]).write_text(_configuration_of_both(space), "utf-8")
    for agent in (*AGENTS, LEAKING):
        (space.dir / VANTAGES[agent]).write_text(_configuration_inside(space, agent), "utf-8")
    (space.dir / "auditor-outside.toml").write_text(_configuration_outside(space), "utf-8")


def expected() -> dict[str, object]:
    """Return the defects that an audit from inside must find; other defects are wrong unless consequences."""
    defects: dict[str, dict[str, str]] = {
        f"unit:{UNREGISTERED}": {"tslcd.site.registered": "fail"},
        DEAD_NODE: {"tslcd.site.reach": "fail"},
    }
    consequences: dict[str, list[str]] = {DEAD_NODE: ["tslcd.ip.plan"]}
    for commune in (*COMMUNES, *SYSTEMS):
        name = commune.label if isinstance(commune, Commune) else commune.name
        if commune.expected:
            defects[name] = dict(commune.expected)
        if isinstance(commune, Commune) and commune.of_unit:
            defects[f"unit:{commune.agency}"] = dict(commune.of_unit)
        if commune.consequences:
            consequences[name] = list(commune.consequences)
    return {"defects": defects, "consequences": consequences, "absent": [f"unit:{MERGED}", "d-dacu"]}


def _table(rows: Iterable[Mapping[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _inside(today: date) -> Iterator[Mapping[str, str]]:
    for commune in COMMUNES:
        yield _owner(commune.agency) | _point(commune) | dict(commune.columns)
    for system in SYSTEMS:
        yield _owner("SL-KHCN") | _system(system, today)
    yield _owner("SL-KHCN") | {
        "name": DEAD_NODE,
        "kind": "router",
        "ipv4": NODE[0],
        "ipv6": NODE[1],
        "snmp_profile": "core",
    }
    yield {
        "agency_code": MERGED,
        "network": "tslcd",
        "name": "d-dacu",
        "kind": "connection-point",
        "ipv4": "10.64.99.1",
        "valid_to": "2025-06-30",
    }


def _units() -> str:
    """Return the tree of units; one of them ended when it was merged into another."""
    rows = [
        (agency.code, agency.name, agency.parent or "", agency.level, agency.coordinates, "") for agency in AGENCIES
    ]
    rows.append((MERGED, "Xã Đá Cũ", "SL", "commune", "", "2025-06-30"))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("agency_code", "agency_name", "parent_code", "unit_level", "coordinates", "valid_to"))
    writer.writerows(rows)
    return out.getvalue()


def _outside() -> Iterator[Mapping[str, str]]:
    for name, own in GATEWAYS.items():
        yield _owner("SL-KHCN") | {"name": name, "kind": "router", "ipv4": own[0], "ipv6": own[1], "services": "none"}


def _owner(code: str) -> dict[str, str]:
    agency = next(agency for agency in AGENCIES if agency.code == code)
    return {
        "agency_code": agency.code,
        "agency_name": agency.name,
        "parent_code": agency.parent or "",
        "unit_level": agency.level,
        "coordinates": agency.coordinates,
        "network": "tslcd",
    }


def _point(commune: Commune) -> dict[str, str]:
    own = registered(commune)
    tested = {} if commune.shaped is None else {"test_url": f"http://{commune.label}:{OBJECT}/throughput"}
    if tested or commune.public:
        tested["clearance"] = "intrusive"
    return tested | {
        "name": commune.label,
        "kind": "connection-point",
        "site": f"Trụ sở UBND {commune.agency}",
        "ipv4": own[0],
        "ipv6": own[1],
        "services": "snmp:161 ssh:22" if commune.managed else "ssh:22",
        "snmp_profile": "core" if commune.managed else "",
        "bandwidth_mbps": "100",
        "provider": "VNPT",
        "channel": f"CQ-{commune.label}",
        "device": f"SL-1000/{commune.label}",
        "activated": "2025-07-01",
        "tags": f"wan=eth0 lan=lan0 spec=BB-{commune.label} {commune.tags}",
    }


def _system(system: System, today: date) -> dict[str, str]:
    own = PLACES[system.place]
    last = today.replace(day=1) - timedelta(days=1)
    if today.day < 5:  # what is due on the fifth is of the month before the last
        last = last.replace(day=1) - timedelta(days=1)
    received = (last + timedelta(days=1)).replace(day=4)
    tags = system.tags.format(month=f"{last:%Y-%m}", day=received.isoformat())
    named = {"fqdn": system.name} if "." in system.name else {"ipv4": own[0], "ipv6": own[1]}
    return {"name": system.name, "kind": system.kind, "tags": tags} | named | dict(system.columns)


def _mesh() -> str:
    """Return the same for every vantage, as they skip themselves."""
    places = {"hub": VANTAGE} | {
        commune.label: addresses(commune) for commune in COMMUNES if commune.label in (*AGENTS, CUT)
    }
    return "\n".join(f"[mesh.{name}]\naddresses = {_list(own)}\n" for name, own in places.items())


def _configuration_inside(space: Workspace, name: str) -> str:
    control = [f"[{text}]:{OBJECT}" if ":" in text else f"{text}:{OBJECT}" for text in SHARED]
    return f"""clearance = "intrusive"

[vantage]
name = "{name}"
networks = ["tslcd"]
control = {_list([*HUB, *SHARED])}
internet_anchors = {_list(ANCHORS)}
foreign_management = {_list(OTHERS)}

[networks.tslcd]
prefixes = {_list(PREFIXES)}
resolvers = {_list([SHARED[0]])}

[addressing]
allow_documentation_prefixes = true
plan = {_list(PREFIXES)}

{chr(10).join(profiles(space))}
{_mesh()}
[throughput]
hours = "00:00-24:00"
seconds = 2
control = {_list(control)}

# With the addresses of the one system that stands on the Internet.
[scope]
allow = {_list([*PREFIXES, *PLACES["anchor"]])}
"""


def configuration_of_pages() -> str:
    """Return a configuration for pages about an ended rehearsal: the network, and the vantages of its mesh."""
    return f"""[vantage]
name = "hub"
networks = ["tslcd"]

[networks.tslcd]
prefixes = {_list(PREFIXES)}

[addressing]
allow_documentation_prefixes = true

{_mesh()}
[scope]
allow = {_list(PREFIXES)}
"""


def _configuration_of_both(space: Workspace) -> str:
    return f"""[vantage]
name = "ca-hai"
networks = ["internet", "tslcd"]
control = {_list([*CONTROLS_OUTSIDE, *SHARED])}

[resolver]
root_hints = {json.dumps(str(_root_hints(space)))}

[networks.tslcd]
prefixes = {_list(PREFIXES)}
resolvers = {_list([SHARED[0]])}

[addressing]
allow_documentation_prefixes = true

{chr(10).join(profiles(space))}
[scope]
allow = {_list(PREFIXES)}
"""


def _root_hints(space: Workspace) -> Path:
    hints = space.dir / "root.hints"
    roots = (CONTROLS_OUTSIDE[0], CONTROLS_OUTSIDE[2])
    lines = [f"a.root. 3600 IN {'AAAA' if ':' in address else 'A'} {address}" for address in roots]
    hints.write_text("\n".join([". 3600 IN NS a.root.", *lines, ""]), "ascii")
    return hints


def _configuration_outside(space: Workspace) -> str:
    return f"""[vantage]
name = "ngoai"
networks = ["internet"]
control = {_list(CONTROLS_OUTSIDE)}

[resolver]
root_hints = {json.dumps(str(_root_hints(space)))}

[addressing]
allow_documentation_prefixes = true

[scope]
allow = ["192.0.2.0/24", "2001:db8::/32"]
"""


def _list(items: Iterable[str]) -> str:
    return json.dumps(list(items))

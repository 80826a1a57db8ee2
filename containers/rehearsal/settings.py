"""Writes `auditor.toml`, one for each vantage, as text rather than a dump because it is also an example."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from containers.rehearsal import lans
from containers.rehearsal.addressing import CONTROL, RESOLVER, SCOPE
from containers.rehearsal.agents import profiles
from containers.rehearsal.workspace import Workspace
from containers.rehearsal.zones import CONTROL_NAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class VantageFile:
    """Describes one configuration file; its contents depend on the address families of its vantage."""

    file: str
    name: str
    families: tuple[int, ...]
    networks: tuple[str, ...] = ("internet", "tslcd")
    on_lans: bool = False


VANTAGE_FILES = (
    VantageFile(file="auditor.toml", name="dien-tap", families=(6, 4)),
    VantageFile(file="auditor-v4.toml", name="dien-tap-v4", families=(4,)),
    VantageFile(file="auditor-v6.toml", name="dien-tap-v6", families=(6,)),
    VantageFile(file="round-internet.toml", name="internet", families=(6, 4), networks=("internet",)),
    VantageFile(file="round-v6.toml", name="chi-ipv6", families=(6,), networks=("internet",)),
    VantageFile(file=lans.FILE, name="dien-tap-lan", families=(6, 4), on_lans=True),
)


POLICY = """# The rehearsal is held at any hour.
[thresholds."ipv6.device.neighbours"]
at_work = 0
"""


def configuration(vantage: VantageFile, space: Workspace) -> str:
    """Return the text of one auditor.toml. Control hosts stand without ports: they answer on every transport."""
    control = [a for family in vantage.families for a in CONTROL.every() if a.version == family]
    resolvers = [a for family in vantage.families for a in RESOLVER.every() if a.version == family]
    networks = [*vantage.networks, *(f"lan:{lan.site}" for lan in lans.LANS if vantage.on_lans)]
    names = ", ".join(f"{key} = {json.dumps(name)}" for key, name in CONTROL_NAMES.items())
    return f"""policy = {json.dumps(str(space.policy))}

[vantage]
name = "{vantage.name}"
networks = {_list(networks)}
control = {_list(map(str, control))}
control_names = {{{names}}}
ntp = {_list(map(str, control))}

[resolver]
servers = {_list(map(str, resolvers))}
root_hints = {json.dumps(str(space.hints))}
trust_anchor = {json.dumps(str(space.anchor))}

[tls]
ca_file = {json.dumps(str(space.authority))}

[reference]
routes = {json.dumps(str(space.routes))}
roas = {json.dumps(str(space.roas))}
reconciled = {datetime.now(UTC).date()}

[addressing]
allow_documentation_prefixes = true
plan = ["2001:db8::/32"]

{chr(10).join(profiles(space))}
{lans.settings() if vantage.on_lans else ""}
[limits]
per_address_per_second = 100
per_prefix_per_second = 3000
packets_per_second = 3000
[scope]
allow = {_list(SCOPE)}
"""


def _list(items: Iterable[str]) -> str:
    return json.dumps(list(items))

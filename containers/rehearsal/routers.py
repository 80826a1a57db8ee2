"""Configures routing daemons (FRR) and lldpd on devices and on their provider's router, the namespace `core`.

OSPFv3 speaks over the link-local addresses that every link has; BGP between the device's own address and that of core.
Timers are as short as they go: adjacencies and sessions are up within three seconds. The start does not wait for them;
tests that read them wait for `settling`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from containers.rehearsal.addressing import AddressPlan
from containers.rehearsal.model import DeviceSpec, Province, Routing

NEIGHBOUR = "pe-sonlam"
"""The LLDP name of core."""
PROVIDER, PROVIDER_AS, PROVIDER_ID = "2001:db8::1", 65_000, "10.0.0.254"
CORE = "core"
PROGRAMS = ("zebra", "ospf6d", "bgpd")
MANAGER = "mgmtd"
"""The management daemon of FRR 10 and later: zebra without it tries to reach it a hundred times a second."""
ANNOUNCED = "2001:db8:9::/48"
"""The prefix that the provider announces."""
_TIMERS = " ipv6 ospf6 hello-interval 1\n ipv6 ospf6 dead-interval 4\n ipv6 ospf6 network point-to-point\n"
_LLDP = "configure system hostname {name}\nconfigure lldp tx-interval 1\n{more}"


@dataclass(frozen=True, slots=True)
class Router:
    """Describes one namespace with the three daemons. ``agentx`` names the device whose agent shows their tables."""

    site: str
    confs: tuple[str, str, str]
    agentx: str | None


def routers(province: Province, layout: AddressPlan) -> Iterator[Router]:
    """Yield the provider's first."""
    devices = [(number, device) for number, device in enumerate(province.devices, 1) if device.routing is not None]
    answered = [(number, spec) for number, spec in devices if spec.routing is Routing.ANSWERED]
    if not devices:
        return
    peers = [(str(layout.devices[spec.label].v6[0]), 65_000 + number) for number, spec in answered]
    links = [spec.label for _, spec in answered]
    core = (_ospf(PROVIDER_ID, links), _bgp(PROVIDER_AS, PROVIDER_ID, PROVIDER, peers, (ANNOUNCED,)))
    yield Router(CORE, (f"hostname {CORE}\n", *core), None)
    for number, device_spec in devices:
        own, router_id = str(layout.devices[device_spec.label].v6[0]), f"10.0.0.{number}"
        bgp = _bgp(65_000 + number, router_id, own, [(PROVIDER, PROVIDER_AS)], ())
        yield Router(
            device_spec.label, (f"hostname {device_spec.label}\n", _ospf(router_id, ["eth0"]), bgp), device_spec.label
        )


def router_sites(province: Province) -> tuple[str, ...]:
    devices = tuple(device.label for device in province.devices if device.routing is not None)
    return (CORE, *devices) if devices else ()


def _ospf(router_id: str, links: list[str]) -> str:
    blocks = (f"interface {link}\n ipv6 ospf6 area 0.0.0.0\n{_TIMERS}" for link in links)
    return f"{''.join(blocks)}router ospf6\n ospf6 router-id {router_id}\nagentx\n"


def _bgp(number: int, router_id: str, own: str, peers: list[tuple[str, int]], announced: tuple[str, ...]) -> str:
    lines = [
        f"router bgp {number}",
        f" bgp router-id {router_id}",
        " no bgp ebgp-requires-policy",
        " no bgp network import-check",
        " no bgp default ipv4-unicast",
    ]
    for peer, remote in peers:
        more = (f"remote-as {remote}", "ebgp-multihop 2", f"update-source {own}", "timers 1 3", "timers connect 1")
        lines += [f" neighbor {peer} {words}" for words in more]
    lines.append(" address-family ipv6 unicast")
    lines += [f"  neighbor {peer} activate" for peer, _ in peers]
    lines += [f"  network {prefix}" for prefix in announced]
    return "\n".join([*lines, "agentx", ""])


def frr(program: str, site: str, work: str, path: str, *, agentx: bool) -> tuple[str, ...]:
    """It runs as root, which `inside` enters in FRR's group; its AgentX socket is named in frr.conf of its folder."""
    conf = () if program == MANAGER else ("-f", f"{work}/conf")
    files = (*conf, "-i", f"{work}/pid", "--log", f"file:{work}/log")
    module = ("-M", "snmp") if agentx and program in ("ospf6d", "bgpd") else ()
    user = ("-u", "root", "-g", "root", "-A", "127.0.0.1", "-P", "0")
    return ("env", f"SNMPCONFPATH={work}", "MIBS=", path, "-N", site, *files, *user, *module)


def lldp_conf(name: str, *, router: bool) -> str:
    more = "configure system capabilities enabled router\n" if router else ""
    return _LLDP.format(name=name, more=more)


def lldp_links(province: Province) -> tuple[str, ...]:
    """Return the interfaces of core that lead to devices with lldpd."""
    return tuple(device.label for device in province.devices if device.lldp)


def lldpd(path: str, work: str, *, links: tuple[str, ...] = (), socket: str = "") -> tuple[str, ...]:
    """``links`` are the interfaces it keeps to, ``socket`` the AgentX socket of the agent beside it."""
    shown = ("-X", socket) if socket else ()
    kept = ("-I", ",".join(links)) if links else ("-I", "eth0")
    own = f"/run/lldpd/{work.rpartition('/')[2]}"  # its user may not look into the working directory
    words = (path, "-d", "-u", f"{own}.socket", "-O", f"{own}.conf", *kept, *shown)
    return ("env", "MIBS=", "sh", "-c", f"cp {work}/conf {own}.conf && exec {' '.join(words)}")


def declared(device: DeviceSpec) -> bool:
    """True if tests must wait for the device to settle."""
    return device.routing is Routing.ANSWERED

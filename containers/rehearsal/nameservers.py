"""Writes the configurations of the DNS daemons: BIND for the registry and part of the province, Knot, Unbound.

BIND plays several servers at once: a view for each, chosen by the address that was asked, so that the root refers to
vn and vn to gov.vn as on the Internet instead of one daemon answering everything from its deepest zone.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from containers.rehearsal.addressing import UPPER_SERVERS, AddressPlan, Seat, server_name
from containers.rehearsal.model import Province, Recursion

Address = IPv4Address | IPv6Address

REGISTRY_VIEWS = (
    ("root", ("a.root", "b.root"), (".", "arpa", "ip6.arpa")),
    ("vn", ("a.dns.vn", "b.dns.vn"), ("vn",)),
    ("gov", ("a.dns.gov.vn", "b.dns.gov.vn"), ("gov.vn",)),
    ("chi6", ("ns1.chi6.kiemtra.vn",), ("chi6.kiemtra.vn",)),
    ("control", ("ns1.kiemtra.vn", "ns2.kiemtra.vn"), ("kiemtra.vn", "saikhoa.vn")),
)
KNOT = """\
server:
    rundir: {work}
    listen: [{listen}]
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: {work}
log:
  - target: stderr
    any: info
template:
  - id: default
    zonefile-load: whole
    zonefile-sync: -1
    journal-content: none
zone:
"""
UNBOUND = """\
server:
    username: ""
    chroot: ""
    directory: "{work}"
    pidfile: "{work}/unbound.pid"
    use-syslog: no
    verbosity: 1
    num-threads: 1
{listen}    access-control: 0.0.0.0/0 allow
    access-control: ::/0 allow
    root-hints: "{hints}"
    trust-anchor-file: "{anchor}"
    {recursion}
    ede: yes
    unblock-lan-zones: yes
    prefetch: no
    cache-max-negative-ttl: 5
    infra-host-ttl: 30
remote-control:
    control-enable: no
"""


_PLAIN = 'module-config: "validator iterator"'
_RECURSION = {
    Recursion.WHOLE: _PLAIN,
    Recursion.IPV4_ONLY: f"{_PLAIN}\n    do-not-query-address: ::/0",
    Recursion.DNS64: 'module-config: "dns64 validator iterator"\n    dns64-prefix: 64:ff9b::/96',
    Recursion.FILTERED: 'module-config: "iterator"\n    private-address: 2000::/3',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BindView:
    """A view of BIND: the zones it serves on some of its addresses."""

    name: str
    addresses: tuple[Address, ...]
    zones: tuple[str, ...]
    careless: bool = False


def registry_views() -> tuple[BindView, ...]:
    """Return the root, vn, gov.vn and the control zones."""
    return tuple(
        BindView(name=name, addresses=tuple(a for s in servers for a in UPPER_SERVERS[s].every()), zones=zones)
        for name, servers, zones in REGISTRY_VIEWS
    )


def province_views(province: Province, layout: AddressPlan) -> tuple[BindView, ...]:
    """BIND's part of the province, a view without zones for lame addresses included."""
    own = zones_at("named", province, layout)
    careless = {province.fqdn(zone.label) for zone in province.zones if zone.careless}
    apart = {province.fqdn(zone.label) for zone in province.zones if zone.apart}
    lame = tuple(address for server in layout.servers.values() for address in server.lame)

    def view(name: str, served: tuple[tuple[Address, str], ...], *, careless: bool = False) -> BindView:
        addresses, zones = dict.fromkeys(a for a, _ in served), dict.fromkeys(z for _, z in served)
        return BindView(name=name, addresses=tuple(addresses), zones=tuple(zones), careless=careless)

    return (
        BindView(name="lame", addresses=lame, zones=()),
        view("careless", tuple(pair for pair in own if pair[1] in careless), careless=True),
        view("apart", tuple(pair for pair in own if pair[1] in apart)),
        view("province", tuple(pair for pair in own if pair[1] not in careless | apart)),
    )


def zones_at(site: str, province: Province, layout: AddressPlan) -> tuple[tuple[Address, str], ...]:
    """Which address of a site answers for which zone of the province."""
    return tuple(
        (address, province.fqdn(zone.label))
        for zone in province.zones
        for server in zone.servers
        if server.site == site
        for address in layout.servers[server_name(province, zone, server)].seat.every()
    )


def named(views: Iterable[BindView], files: Mapping[str, Path], work: Path, hints: Path) -> str:
    """Return a named.conf."""
    all_views = tuple(views)
    addresses = [address for view in all_views for address in view.addresses]
    v4 = " ".join(f"{a};" for a in addresses if a.version == 4)
    v6 = " ".join(f"{a};" for a in addresses if a.version == 6)
    head = f"""options {{
  directory "{work}"; pid-file "{work}/named.pid"; session-keyfile "{work}/session.key";
  listen-on {{ {v4} }}; listen-on-v6 {{ {v6} }};
  recursion no; dnssec-validation no; allow-transfer {{ none; }}; minimal-responses no-auth; notify no;
  max-udp-size 1232; edns-udp-size 1232;
}};
controls {{ }};
"""
    return head + "".join(_view(view, files, hints) for view in all_views if view.addresses)


def knot(
    addresses: Iterable[Address], zones: Iterable[str], files: Mapping[str, Path], truncated: Container[str], work: Path
) -> str:
    """Return a knot.conf; over UDP the answers about some zones are cut short."""
    listen = ", ".join(f"{address}@53" for address in addresses)
    blocks = (_knot_zone(zone, files[zone], truncated=zone in truncated) for zone in zones)
    return KNOT.format(work=work, listen=listen) + "".join(blocks)


def unbound(seat: Seat, recursion: Recursion, hints: Path, anchor: Path, work: Path) -> str:
    """Return an unbound.conf."""
    listen = "".join(f"    interface: {address}\n" for address in seat.every())
    return UNBOUND.format(work=work, listen=listen, recursion=_RECURSION[recursion], hints=hints, anchor=anchor)


def _view(view: BindView, files: Mapping[str, Path], hints: Path) -> str:
    destinations = " ".join(f"{address};" for address in view.addresses)
    lines = [f"  match-destinations {{ {destinations} }};\n", *_zones(view, files)]
    if view.careless:
        lines.append("  recursion yes; allow-recursion { any; }; allow-transfer { any; };\n")
        lines.append(f'  zone "." {{ type hint; file "{hints}"; }};\n')
    return f"view {view.name} {{\n{''.join(lines)}}};\n"


def _zones(view: BindView, files: Mapping[str, Path]) -> Iterator[str]:
    for zone in view.zones:
        yield f'  zone "{zone}" {{ type primary; file "{files[zone]}"; }};\n'


def _knot_zone(zone: str, file: Path, *, truncated: bool) -> str:
    module = "    module: mod-noudp\n" if truncated else ""
    return f'  - domain: {zone}\n    file: "{file}"\n{module}'

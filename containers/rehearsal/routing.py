"""Writes offline routing tables as an operator would fetch them: the origin AS of prefixes, and the ROAs.

The forms are those of RIPE's RISwhois dumps and of routinator's JSON. Unused prefixes make a table as large as a
complete one.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from containers.rehearsal.addressing import AddressPlan
from containers.rehearsal.model import PROVIDER_AS, SECOND_AS, Province

Network = IPv4Network | IPv6Network
STRANGER_AS = 64666
PEERS = 320
OTHERS = 12_000
"""Prefixes of each family that are none of the province's."""
_LENGTHS = {4: 24, 6: 48}
_ROAS = ("2001:db8::/32", "3fff::/20", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
_SECOND = tuple(ip_network(text) for text in ("192.0.2.0/24", "2001:db8:d2::/48"))
"""Prefixes that the second provider announces."""


def routes(province: Province, layout: AddressPlan, now: datetime) -> str:
    """Origin, prefix, and how many of the collector's peers see it."""
    lines = [f"% taken {now:%Y-%m-%d %H:%M}"]
    lines += [f"{_origin(prefix)}\t{prefix}\t{PEERS}" for prefix in _own(layout)]
    lines += [f"{STRANGER_AS}\t{prefix}\t{PEERS - 10}" for prefix in _hijacked(province, layout)]
    lines += [f"{64_512 + number % 500}\t{prefix}\t{PEERS}" for number, prefix in enumerate(_of_others())]
    return "\n".join(lines) + "\n"


def roas(now: datetime) -> str:
    """The province's prefixes may be announced by its providers, up to the usual lengths."""
    own = [*(_roa(PROVIDER_AS, ip_network(text)) for text in _ROAS), *(_roa(SECOND_AS, network) for network in _SECOND)]
    others = [_roa(64_512 + number % 500, prefix) for number, prefix in enumerate(_of_others())]
    metadata = {"generated": int(now.timestamp()), "generatedTime": now.isoformat(timespec="seconds")}
    rows = ",\n".join(f"    {json.dumps(row)}" for row in (*own, *others))
    return f'{{\n  "metadata": {json.dumps(metadata)},\n  "roas": [\n{rows}\n  ]\n}}\n'


def _roa(asn: int, prefix: Network) -> dict[str, object]:
    longest = max(_LENGTHS[prefix.version], prefix.prefixlen)
    return {"asn": f"AS{asn}", "prefix": str(prefix), "maxLength": longest, "ta": "apnic"}


def _origin(prefix: Network) -> int:
    return SECOND_AS if prefix in _SECOND else PROVIDER_AS


def _own(layout: AddressPlan) -> list[Network]:
    seats = (
        *layout.portals.values(),
        *layout.exchangers.values(),
        *layout.machines.values(),
        *layout.devices.values(),
        *layout.resolvers.values(),
        *(server.seat for server in layout.servers.values()),
    )
    servers = layout.servers.values()
    published = (address for server in servers for address in (*server.published(), *server.at_parent()))
    every: set[IPv4Address | IPv6Address] = {address for seat in seats for address in seat.every()} | set(published)
    networks = {ip_network((address, _LENGTHS[address.version]), strict=False) for address in every}
    return sorted(networks, key=lambda network: (network.version, int(network.network_address)))


def _hijacked(province: Province, layout: AddressPlan) -> Iterator[Network]:
    for portal in province.portals:
        if portal.hijacked:
            yield from (ip_network(address) for address in layout.portals[province.fqdn(portal.label)].v4)


def _of_others() -> Iterator[Network]:
    for number in range(OTHERS):
        yield IPv4Network((0x0B000000 + (number << 8), 24))
    for number in range(OTHERS):
        yield IPv6Network((0x2A00 << 112 | number << 80, 48))

"""Reads root hints, where iteration starts: those of IANA are shipped, a laboratory brings its own."""

from dataclasses import dataclass
from importlib.resources import files
from ipaddress import ip_address

from inventory.model import IPAddress


class HintsError(ValueError):
    """Raised for a file without usable root hints; the text says where."""


@dataclass(frozen=True, slots=True)
class RootHints:
    """Holds the names of the root servers with their addresses."""

    servers: tuple[tuple[str, tuple[IPAddress, ...]], ...]

    @property
    def addresses(self) -> tuple[IPAddress, ...]:
        return tuple(address for _, addresses in self.servers for address in addresses)


def parse_hints(text: str) -> RootHints:
    """Read the zone file form in which IANA publishes the hints: NS, A and AAAA records, TTL and class optional."""
    names: list[str] = []
    addresses: dict[str, list[IPAddress]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        fields = [field for field in line.partition(";")[0].split() if not field.isdigit() and field.upper() != "IN"]
        if not fields:
            continue
        if len(fields) != 3:
            raise HintsError(f"root hints, line {number}: expected NAME [TTL] [IN] TYPE DATA")
        owner, rtype, data = fields[0].lower().rstrip("."), fields[1].upper(), fields[2]
        if rtype == "NS":
            names.append(data.lower().rstrip("."))
        elif rtype in ("A", "AAAA"):
            addresses.setdefault(owner, []).append(_address(data, rtype, number))
    servers = tuple((name, tuple(addresses[name])) for name in dict.fromkeys(names) if name in addresses)
    if not servers:
        raise HintsError("root hints: no root server with an address in it")
    return RootHints(servers)


def _address(data: str, rtype: str, number: int) -> IPAddress:
    try:
        address = ip_address(data)
    except ValueError:
        raise HintsError(f"root hints, line {number}: {data!r} is not an address") from None
    if address.version != (4 if rtype == "A" else 6):
        raise HintsError(f"root hints, line {number}: {data!r} does not fit {rtype}")
    return address


def shipped_hints() -> RootHints:
    return parse_hints(files("probes.net").joinpath("data/root.hints").read_text("ascii"))

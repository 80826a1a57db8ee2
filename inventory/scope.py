"""What may be dialled. Asked for every address right before a packet leaves, whatever DNS or a redirect said.

``deny`` beats everything. Loopback, link-local, multicast, unspecified, broadcast and metadata addresses, and the
auditor's own, need an entry of ``allow`` that means them: one inside the special range, or the own address itself. A
wide entry like ``0.0.0.0/0`` does not open them. An IPv4-mapped address is the IPv4 address in it; an address that a
translator or tunnel turns into an IPv4 address must also not lead to a denied or special one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from inventory.model import IPAddress

Prefix = IPv4Network | IPv6Network

SPECIAL: tuple[Prefix, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32",
        "168.63.129.16/32",  # metadata beside 169.254.169.254 (link-local already)
        "::/96", "fe80::/10", "ff00::/8",  # ::/96 holds ::, ::1 and the IPv4-compatible addresses
        "fd00:ec2::254/128", "fd20:ce::254/128",  # metadata
    )
)  # fmt: skip
_NAT64 = IPv6Network("64:ff9b::/96")


class ScopeDecision(Enum):
    """Allowed, or why not. False unless allowed, so that ``if scope.permits(address)`` says what it means."""

    ALLOWED = "allowed"
    DENIED = "denied"
    NOT_ALLOWED = "not_allowed"
    SPECIAL = "special"

    def __bool__(self) -> bool:
        return self is ScopeDecision.ALLOWED


class _PrefixSet:
    """Prefixes by family and length: a look-up costs one set probe for each distinct length."""

    def __init__(self, prefixes: Iterable[Prefix]) -> None:
        shifts: dict[int, dict[int, set[int]]] = {4: {}, 6: {}}
        for prefix in prefixes:
            shift = prefix.max_prefixlen - prefix.prefixlen
            shifts[prefix.version].setdefault(shift, set()).add(int(prefix.network_address) >> shift)
        self._tables = {version: tuple(table.items()) for version, table in shifts.items()}

    def __contains__(self, address: IPAddress) -> bool:
        number = int(address)
        for shift, known in self._tables[address.version]:  # noqa: SIM110 - asked before every packet: no generator
            if number >> shift in known:
                return True
        return False


def _plain(address: IPAddress) -> IPAddress:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _carried(address: IPAddress) -> IPv4Address | None:
    """The IPv4 address that a packet to a translated (RFC 6052) or 6to4 (RFC 3056) address ends up at."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour


def _plain_prefix(prefix: Prefix) -> Prefix:
    """``::ffff:192.0.2.0/120`` means ``192.0.2.0/24``."""
    mapped = prefix.network_address.ipv4_mapped if isinstance(prefix, IPv6Network) else None
    return prefix if mapped is None or prefix.prefixlen < 96 else IPv4Network((int(mapped), prefix.prefixlen - 96))


def _is_inside(prefix: Prefix, outer: Prefix) -> bool:
    if isinstance(prefix, IPv4Network):
        return isinstance(outer, IPv4Network) and prefix.subnet_of(outer)
    return isinstance(outer, IPv6Network) and prefix.subnet_of(outer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """``allow`` None: everything that is not special, for one-off checks, whose targets bound them already."""

    allow: tuple[Prefix, ...] | None = None
    deny: tuple[Prefix, ...] = ()
    own: frozenset[IPAddress] = frozenset()
    _allowed: _PrefixSet = field(init=False, repr=False, compare=False)
    _opened: _PrefixSet = field(init=False, repr=False, compare=False)
    _denied: _PrefixSet = field(init=False, repr=False, compare=False)
    _special: _PrefixSet = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        own = tuple(ip_network(str(_plain(address)).partition("%")[0]) for address in self.own)
        special = (*SPECIAL, *own)
        allow = tuple(_plain_prefix(prefix) for prefix in self.allow or ())
        opened = (prefix for prefix in allow if any(_is_inside(prefix, outer) for outer in special))
        object.__setattr__(self, "_allowed", _PrefixSet(allow))
        object.__setattr__(self, "_opened", _PrefixSet(opened))
        object.__setattr__(self, "_denied", _PrefixSet(map(_plain_prefix, self.deny)))
        object.__setattr__(self, "_special", _PrefixSet(special))

    def permits(self, address: IPAddress) -> ScopeDecision:
        wanted = _plain(address)
        carried = _carried(wanted)
        if wanted in self._denied or (carried is not None and carried in self._denied):
            return ScopeDecision.DENIED
        if wanted in self._opened:
            return ScopeDecision.ALLOWED
        if wanted in self._special or (carried is not None and self._is_closed(carried)):
            return ScopeDecision.SPECIAL
        if self.allow is None or wanted in self._allowed:
            return ScopeDecision.ALLOWED
        return ScopeDecision.NOT_ALLOWED

    def _is_closed(self, address: IPAddress) -> bool:
        return address in self._special and address not in self._opened

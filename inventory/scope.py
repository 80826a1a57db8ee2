"""Decides which addresses may be connected to; it is asked right before each packet leaves, after DNS and redirects.

``deny`` beats everything. Loopback, link-local, multicast, unspecified, broadcast and metadata addresses, and the
auditor's own, need an entry of ``allow`` that means them: one inside the special range, or the own address itself. A
wide entry like ``0.0.0.0/0`` does not open them. An IPv4-mapped address is the IPv4 address in it; an address that a
translator or tunnel turns into an IPv4 address must also not lead to a denied or special one.

Without ``allow`` everything is allowed that the Internet routes (IANA's registries list the blocks that it does not),
and the addresses that belong to the target of the work in hand (``Reach``).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from inventory import special_ranges
from inventory.model import IPAddress, Network, Subject

Prefix = IPv4Network | IPv6Network

SPECIAL: tuple[Prefix, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "224.0.0.0/4",
        "255.255.255.255/32",
        # Metadata of clouds, beside 169.254.169.254 (link-local already).
        "168.63.129.16/32",
        "100.100.100.200/32",
        "192.0.0.192/32",
        "fd00:ec2::254/128",
        "fd20:ce::254/128",
        "::/96",
        "fe80::/10",
        "ff00::/8",  # ::/96 holds ::, ::1 and the IPv4-compatible addresses
        "fec0::/10",  # site-local, RFC 3879: some makers number internal interfaces of their devices with it
        "::ffff:0:0:0/96",  # IPv4-translated, RFC 2765
        "64:ff9b:1::/48",  # translators of a network's own, RFC 8215: the network decides to which addresses
        "100::/64",
        "100:0:0:1::/64",  # discard prefixes, RFC 6666 and RFC 9780
    )
)
PRIVATE_USE: tuple[Prefix, ...] = tuple(
    ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
"""Prefixes that networks use internally."""
_DOCUMENTATION: tuple[Prefix, ...] = tuple(
    ip_network(block) for block, name in special_ranges.NOT_GLOBAL if name.startswith("Documentation")
)
_KEPT = 256
"""The number of decisions of a scope that are cached: an audit asks about the same address before each packet."""
_UNICAST = IPv6Network("2000::/3")
_ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})
"""The upper half of an interface identifier of RFC 5214."""


class ScopeDecision(Enum):
    """States that an address is allowed, or why not.

    False unless allowed, so that ``if scope.permits(address)`` reads correctly.
    """

    ALLOWED = "allowed"
    DENIED = "denied"
    NOT_ALLOWED = "not_allowed"  # outside ``allow``, on the Internet
    INSIDE = "inside"  # outside ``allow``, and no address of the Internet
    PRIVATE = "private"  # there is no ``allow``, and it is no address of the Internet
    SPECIAL = "special"

    def __bool__(self) -> bool:
        return self is ScopeDecision.ALLOWED


class _PrefixSet:
    """Holds prefixes by family and length: a look-up costs one set probe for each distinct length."""

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


_NAT64 = _PrefixSet(map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0:0/96")))


def _plain(address: IPAddress) -> IPAddress:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _carried(address: IPAddress) -> tuple[IPv4Address, ...]:
    """Return the IPv4 addresses at which a packet to a translated or tunnelled address ends, or which it passes.

    Translated: RFC 6052, RFC 2765. Tunnelled: 6to4 (RFC 3056), Teredo (RFC 4380), ISATAP (RFC 5214).
    """
    if isinstance(address, IPv4Address):
        return ()
    number = int(address)
    if address in _NAT64 or (number >> 32) & 0xFFFFFFFF in _ISATAP:
        return (IPv4Address(number & 0xFFFFFFFF),)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    return address.teredo or ()


def _plain_prefix(prefix: Prefix) -> Prefix:
    """Return the IPv4 prefix for a mapped one: ``::ffff:192.0.2.0/120`` means ``192.0.2.0/24``."""
    mapped = prefix.network_address.ipv4_mapped if isinstance(prefix, IPv6Network) else None
    return prefix if mapped is None or prefix.prefixlen < 96 else IPv4Network((int(mapped), prefix.prefixlen - 96))


def _is_inside(prefix: Prefix, outer: Prefix) -> bool:
    if isinstance(prefix, IPv4Network):
        return isinstance(outer, IPv4Network) and prefix.subnet_of(outer)
    return isinstance(outer, IPv6Network) and prefix.subnet_of(outer)


class _Registry:
    """Decides whether the Internet routes an address, by the narrowest block of the registries that holds it."""

    def __init__(self) -> None:
        blocks = [(ip_network(text), False) for text, _ in special_ranges.NOT_GLOBAL]
        blocks += [(ip_network(text), True) for text, _ in special_ranges.GLOBAL]
        blocks.sort(key=lambda block: -block[0].prefixlen)
        self._blocks = {
            version: [
                (int(network.netmask), int(network.network_address), said)
                for network, said in blocks
                if network.version == version
            ]
            for version in (4, 6)
        }

    def is_global(self, address: IPAddress) -> bool:
        number = int(address)
        for mask, network, said in self._blocks[address.version]:
            if number & mask == network:
                return said
        return address.version == 4 or address in _UNICAST


_REGISTRY = _Registry()


def is_global(address: IPAddress) -> bool:
    """True if the Internet routes the address by IANA's registries, and any address embedded in it too."""
    plain = _plain(address)
    return _REGISTRY.is_global(plain) and all(map(_REGISTRY.is_global, _carried(plain)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Holds the addresses that work on one subject may connect to without ``allow``, beside those the Internet routes.

    ``own``: those that the operator declared for the subject, and those of its own name. ``inside``: the networks that
    it is in, as far as the operator declared them: hops from there may lead on within. ``at``: the addresses of the
    task in hand; ``ports``: those that the inventory names. ``for_itself``: the vantage tests itself.
    """

    own: frozenset[IPAddress] = frozenset()
    inside: tuple[Prefix, ...] = ()
    at: frozenset[IPAddress] = frozenset()
    ports: frozenset[int] = frozenset()
    for_itself: bool = False

    def holds(self, address: IPAddress) -> bool:
        """True if a private address is within reach."""
        plain = _plain(address)
        return plain in self.own or any(plain in prefix for prefix in self.inside)


def reach_of(subject: Subject, inside: Iterable[Prefix] = (), led: Iterable[IPAddress] = ()) -> Reach:
    """Return the reach of the work on a subject. ``inside`` are the prefixes of TSLCD, if configured.

    ``led``: the addresses of the subject's name, which count only where the operator wrote that name.
    """
    own = frozenset(_plain(address) for address in (*subject.addresses, *(() if subject.derived_from else led)))
    declared = [prefix for prefix in PRIVATE_USE if any(_plain(address) in prefix for address in subject.addresses)]
    if subject.network is Network.TSLCD:
        declared += tuple(inside) or PRIVATE_USE
    ports = frozenset((*(service.port for service in subject.services), *subject.declared.allowed_ports))
    return Reach(own=own, inside=tuple(declared), ports=ports)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Decides which addresses may be measured.

    ``allow`` None: those that the Internet routes. ``documentation``: it routes the documentation prefixes too, in a
    laboratory.
    """

    allow: tuple[Prefix, ...] | None = None
    deny: tuple[Prefix, ...] = ()
    own: frozenset[IPAddress] = frozenset()
    documentation: bool = False
    _allowed: _PrefixSet = field(init=False, repr=False, compare=False)
    _opened: _PrefixSet = field(init=False, repr=False, compare=False)
    _denied: _PrefixSet = field(init=False, repr=False, compare=False)
    _special: _PrefixSet = field(init=False, repr=False, compare=False)
    _decided: dict[bytes, ScopeDecision] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        own = tuple(ip_network(str(_plain(address)).partition("%")[0]) for address in self.own)
        special = (*SPECIAL, *own)
        allow = tuple(_plain_prefix(prefix) for prefix in self.allow or ())
        opened = (prefix for prefix in allow if any(_is_inside(prefix, outer) for outer in special))
        object.__setattr__(self, "_allowed", _PrefixSet(allow))
        object.__setattr__(self, "_opened", _PrefixSet(opened))
        object.__setattr__(self, "_denied", _PrefixSet(map(_plain_prefix, self.deny)))
        object.__setattr__(self, "_special", _PrefixSet(special))

    def permits(self, address: IPAddress, transport: str = "") -> ScopeDecision:
        """Return whether an address may be connected to. ``transport`` makes no difference here.

        Addresses that are allowed for only one transport are configured at the vantage (``[vantage] control`` and
        others).
        """
        packed = address.packed
        decision = self._decided.get(packed)
        if decision is None:
            if len(self._decided) >= _KEPT:
                self._decided.clear()
            decision = self._decided[packed] = self._decide(_plain(address))
        return decision

    def _decide(self, wanted: IPAddress) -> ScopeDecision:
        if wanted in self._denied:
            return ScopeDecision.DENIED
        if carried := _carried(wanted):
            if any(address in self._denied for address in carried):
                return ScopeDecision.DENIED
            if any(map(self._is_closed, carried)):
                return ScopeDecision.SPECIAL
        if wanted in self._opened:
            return ScopeDecision.ALLOWED
        if wanted in self._special:
            return ScopeDecision.SPECIAL
        if self.allow is None:
            return ScopeDecision.ALLOWED if self._is_routed(wanted) else ScopeDecision.PRIVATE
        if wanted in self._allowed:
            return ScopeDecision.ALLOWED
        return ScopeDecision.NOT_ALLOWED if self._is_routed(wanted) else ScopeDecision.INSIDE

    def _is_closed(self, address: IPAddress) -> bool:
        return address in self._special and address not in self._opened

    def _is_routed(self, address: IPAddress) -> bool:
        return is_global(address) or (self.documentation and any(address in prefix for prefix in _DOCUMENTATION))

"""Defines subjects, the services they run, and their owners.

Only data and total functions over it: nothing here reads a file, resolves a name or opens a socket.
Addresses are ``ipaddress`` objects and names are lower-case A-labels without the final dot from here on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import NewType

SubjectId = NewType("SubjectId", str)
AgencyId = NewType("AgencyId", str)
IPAddress = IPv4Address | IPv6Address
_ALIKE = {"often_alike": True}
"""Marks fields that hold one of a few values in most of a hundred thousand subjects."""


class Kind(StrEnum):
    """Names the kinds of subjects, which decide which checks apply (CHECKS §2)."""

    PORTAL = "portal"
    DVC = "dvc"
    COMMUNE_SITE = "commune-site"
    API = "api"
    ZONE = "zone"
    MAIL = "mail"
    ROUTER = "router"
    SWITCH = "switch"
    ACCESS_SWITCH = "access-switch"
    FIREWALL = "firewall"
    CONNECTION_POINT = "connection-point"
    DATACENTRE = "datacentre"
    RESOLVER = "resolver"
    HOST = "host"
    UNIT = "unit"  # an organisation unit in force; never a row of its own, see Organisation


WEB_KINDS = frozenset({Kind.PORTAL, Kind.DVC, Kind.COMMUNE_SITE, Kind.API})
DEVICE_KINDS = frozenset({Kind.ROUTER, Kind.SWITCH, Kind.ACCESS_SWITCH, Kind.FIREWALL})
HOST_KINDS = WEB_KINDS | DEVICE_KINDS | {Kind.HOST, Kind.RESOLVER, Kind.CONNECTION_POINT, Kind.DATACENTRE}
"""Kinds with addresses of their own that are measured."""


class Network(StrEnum):
    """Names the networks that a subject must be reachable from."""

    INTERNET = "internet"
    TSLCD = "tslcd"


class Clearance(StrEnum):
    """Names the limits of the actions that probes may take at a subject (INTERFACE, Clearance)."""

    PASSIVE = "passive"
    NORMAL = "normal"
    INTRUSIVE = "intrusive"

    def covers(self, needed: "Clearance") -> bool:
        """True if this clearance allows actions that need ``needed``."""
        order = (Clearance.PASSIVE, Clearance.NORMAL, Clearance.INTRUSIVE)
        return order.index(self) >= order.index(needed)


class ExpectedState(Enum):
    """Names the owner's promises about IPv6 on a subject."""

    REQUIRED = "required"
    PLANNED = "planned"
    EXEMPT = "exempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """Holds the ``expected_ipv6`` column. ``due``: first day of the planned month; ``until``: last day exempted."""

    state: ExpectedState = ExpectedState.REQUIRED
    due: date | None = None
    reason: str = ""
    signatory: str = ""
    until: date | None = None

    def in_force(self, day: date) -> ExpectedState:
        """Return the state on ``day``: a plan that is due and an exemption that has ended are obligations again."""
        if self.state is ExpectedState.PLANNED and self.due is not None and day >= self.due:
            return ExpectedState.REQUIRED
        if self.state is ExpectedState.EXEMPT and self.until is not None and day > self.until:
            return ExpectedState.REQUIRED
        return self.state


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """Holds one row of the exemptions table: checks under ``check_prefix`` do not apply to a subject or an agency."""

    subject: SubjectId | None = None
    agency: AgencyId | None = None
    check_prefix: str
    reason: str
    signatory: str
    valid_from: date | None = None
    until: date | None = None

    def in_force(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Holds a service on a port, as ``https:443`` in the inventory. Its name is of SERVICE_PORTS or the operator's."""

    name: str
    port: int


SERVICE_PORTS: Mapping[str, int] = {
    "http": 80,
    "https": 443,
    "http-alt": 8080,
    "https-alt": 8443,
    "dns": 53,
    "smtp": 25,
    "submission": 587,
    "submissions": 465,
    "imap": 143,
    "imaps": 993,
    "pop3": 110,
    "pop3s": 995,
    "ssh": 22,
    "snmp": 161,
    "stamp": 862,
    "ldap": 389,
    "ldaps": 636,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Holds a target of connections. ``name`` is only sent inside the protocol (SNI, Host, EHLO), never resolved."""

    address: IPAddress
    port: int | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordinates:
    """Holds a position on the earth in degrees; south and west are negative."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredFacts:
    """Holds facts that the owner wrote about a subject and no probe needs; checks with vantage INV read them."""

    site: str = ""
    contact: str = ""
    bandwidth_mbps: float | None = None
    provider: str = ""
    channel: str = ""
    device: str = ""
    activated: date | None = None
    expected_asn: tuple[int, ...] = field(default=(), metadata={"single_before": True})
    allowed_ports: tuple[int, ...] = ()
    security_level: int | None = None
    test_url: str = ""
    note: str = ""
    coordinates: Coordinates | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowOrigin:
    """Holds the file and row (1-based, as a spreadsheet counts) of an operator's entry, for error messages."""

    source: str = field(metadata=_ALIKE)
    row: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Holds one auditable thing of one agency.

    ``kinds`` are all that apply; ``kind`` is the one it is counted as. ``candidates`` are kinds that an ad-hoc name
    may turn out to have once its DNS is known (a zone apex, a mail domain). ``derived_from`` lists the owners of a
    subject that planning found (``zone:NAME``, ``mx:NAME``), sorted.
    """

    id: SubjectId
    kind: Kind
    kinds: frozenset[Kind]
    agency: AgencyId | None = field(default=None, metadata=_ALIKE)
    name: str = ""
    host: str | None = None
    addresses: tuple[IPAddress, ...] = ()
    services: tuple[Service, ...] = field(default=(), metadata=_ALIKE)
    network: Network = Network.INTERNET
    expected: Expectation = field(default=Expectation(), metadata=_ALIKE)
    clearance: Clearance = Clearance.NORMAL
    authorisation: str = field(default="", metadata=_ALIKE)
    snmp_profile: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    tags: tuple[str, ...] = field(default=(), metadata=_ALIKE)
    declared: DeclaredFacts = DeclaredFacts()
    candidates: frozenset[Kind] = frozenset()
    derived_from: tuple[SubjectId, ...] = ()
    origin: RowOrigin | None = None

    def in_force(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def tag_values(self, key: str) -> tuple[str, ...]:
        """Return the values of ``key=value`` tags, in the order written."""
        return tuple(tag.partition("=")[2] for tag in self.tags if tag.partition("=")[0] == key and "=" in tag)

    def has_tag(self, word: str) -> bool:
        return word in self.tags

    @property
    def aggregates(self) -> tuple[IPv6Network, ...]:
        """Return the IPv6 networks that a device must have a route to (tag ``aggregate=PREFIX``)."""
        return tuple(network for text in self.tag_values("aggregate") if (network := _v6_network(text)) is not None)


def _v6_network(text: str) -> IPv6Network | None:
    try:
        return IPv6Network(text, strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=1_024)  # the few addresses of a subject stand in dozens of findings
def written(address: IPAddress) -> str:
    """Return the text of an address, the same under every Python: before 3.13 mapped ones came out in hexadecimal.

    RFC 5952 §5: an IPv4-mapped address shows the IPv4 address in dotted form.
    """
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None and address.scope_id is None:
        return f"::ffff:{address.ipv4_mapped}"
    return str(address)


def family(address: IPAddress) -> int:
    """Return the address family: 4 or 6."""
    return address.version

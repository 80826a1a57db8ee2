"""Defines the types in which the rehearsal province is described.

`province.py` declares the hosts; the generators turn it into zone files, web server blocks, certificates, filters,
inventory rows and expected findings. Nothing here touches the disk or the network.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from containers.rehearsal.agent_access import AgentAccess
from containers.rehearsal.library_flaws import LibraryFlaw
from containers.rehearsal.machine_services import MachineService
from containers.rehearsal.server_families import ServerV4, ServerV6
from containers.rehearsal.sonlam.keys import RSA_2048
from containers.rehearsal.web_answers import Contact, WebAnswer
from containers.rehearsal.web_quirks import Quirk

Expectations = Mapping[str, str]
OUTBOUND = "2001:db8:7510:25::"
"""The /64 from which the province sends its mail; nothing listens there."""
OUTBOUND_ELSEWHERE = "2001:db8:7510:26::"
"""Another /64 for outgoing mail, which only one domain's inventory row names."""
RELAYS = {"ra1": f"{OUTBOUND}25", "ra2": f"{OUTBOUND_ELSEWHERE}25"}
"""Names of those addresses, below the province's zone. Others of the first /64 have no name, or a wrong one."""
NAMELESS, MISNAMED = f"{OUTBOUND}26", f"{OUTBOUND}27"
PROVIDER_AS = 64500
"""The AS that announces the prefixes of the province."""
SECOND_AS = 64510
"""The AS of the other provider, which hosts the province's name servers on Knot."""
SELECTOR = "s2026"
"""The DKIM selector of every domain that has a key."""


class CertificateKind(Enum):
    """Which certificate a TLS port serves."""

    GOOD = "good"
    OTHER_GOOD = "other-good"
    SELF_SIGNED = "self-signed"
    NO_INTERMEDIATE = "no-intermediate"
    FETCHABLE = "fetchable"
    WRONG_NAME = "wrong-name"
    SIBLING_NAME = "sibling-name"
    EXPIRED = "expired"
    TEN_DAYS = "ten-days"
    NOT_YET_VALID = "not-yet-valid"
    RSA_3072 = "rsa-3072"
    RSA_2048 = "rsa-2048"
    RSA_1024 = "rsa-1024"
    NO_PROOFS = "no-proofs"
    LISTED = "listed"
    REVOKED = "revoked"
    MUST_STAPLE = "must-staple"


class TlsSetup(Enum):
    """The configuration of a TLS port, beside its certificate."""

    GOOD = "TLS 1.2 and 1.3, strong suites, good groups"
    OLD_VERSIONS = "TLS 1.0 and 1.1 too"
    ONLY_12 = "no TLS 1.3"
    CBC_SHA1 = "a CBC suite with SHA-1"
    CBC_SHA256 = "a CBC suite with SHA-256"
    P224 = "the curve P-224 too"
    NO_EMS = "no extended master secret"
    EARLY_DATA = "0-RTT"
    RSA = "suites for an RSA certificate"
    COMMON_PRIME = "Diffie-Hellman over the 1024-bit prime of RFC 2409, which all used once (LOGJAM)"
    RSA_SMALL = "the same for one that OpenSSL refuses by itself"


class Signing(Enum):
    """The signing of a zone, and the DS data of its parent."""

    GOOD = "ECDSA P-256, NSEC3 without iterations, a DS at the parent"
    NO_DS = "no DS at the parent"
    WRONG_DS = "a DS of another key"
    EXPIRED = "signatures that ended days ago"
    CHANGED = "the zone was edited after it was signed"
    STRIPPED = "a DS at the parent, but no longer signed"
    RSASHA1 = "keys of RSASHA1-NSEC3-SHA1"
    LEFT_OVER = "CDS and CDNSKEY of a key that is gone"
    ITERATIONS = "NSEC3 with 50 iterations, the most that BIND makes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """Describes one unit of the organisation tree. ``coordinates`` are invented, like the whole province."""

    code: str
    name: str
    parent: str | None
    level: str
    coordinates: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """The behaviour of a web host on one address family."""

    http: WebAnswer = WebAnswer.REDIRECT
    https: WebAnswer = WebAnswer.PAGE
    certificate: CertificateKind = CertificateKind.GOOD
    tls: TlsSetup = TlsSetup.GOOD
    more_tls_ports: tuple[int, ...] = ()
    contact: Contact = Contact.GOOD
    admin_ports: tuple[int, ...] = ()  # over TLS, with the log-in page of a hypervisor
    edge_ports: tuple[int, ...] = ()  # over TLS, open for all customers of a content network, and for this one refused
    quic: bool = False  # HTTP/3 on UDP port 443
    headers: tuple[tuple[str, str], ...] = ()  # over HTTPS, over the usual ones; empty: left out


GOOD_FACE = Face()


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalSpec:
    """A web host, named by a label below the province's zone. Append new ones at the end: numbers follow position."""

    label: str
    agency: str
    kind: str = "portal"
    v4: int = 1
    v6: int = 1
    face: Face = GOOD_FACE
    face_v6: Face | None = None
    published_v6: tuple[str, ...] = ()  # AAAA records behind which nobody answers
    silent_v6: tuple[tuple[int, int], ...] = ()  # (which of its IPv6 addresses, TCP port) that are filtered
    slow_v6: bool = False  # what is sent to its IPv6 addresses takes 60 ms longer
    markup: str = ""  # what somebody has put into its page
    quirk: Quirk | None = None  # served by a scripted peer that has it
    flaw: LibraryFlaw | None = None  # TLS on port 443 has it
    takes_from: tuple[str, ...] = ()  # labels of other portals from which its page takes a style sheet
    echo: bool = True
    https: tuple[str, ...] = ()  # HTTPS records; {v6} stands for its first IPv6 address
    mute_v6: bool = False  # what is sent to high ports of its IPv6 addresses is dropped, over IPv4 refused
    minimum_lost: bool = False  # 1280-byte packets to its IPv6 addresses are lost; clients begin with larger ones
    hijacked: bool = False  # a stranger's AS announces its IPv4 addresses as prefixes of their own
    expected_asn: int = PROVIDER_AS  # what its row of the inventory says
    icmp6_lost: bool = False  # all ICMPv6 to its IPv6 addresses is dropped but what neighbours need
    clamped: bool = False  # its firewall has connections over IPv6 agree on segments of 1220 bytes
    second_lost: bool = False  # hellos that take more than one segment are lost on their way to its IPv6 addresses
    full_lost: bool = False  # full packets of its web server are lost on their way from its IPv6 addresses
    caa: tuple[str, ...] = ()  # its own CAA records, instead of those of the province's zone
    reverse: str = ""  # the label in the reverse names of its addresses, instead of its own
    www_v4: bool = False  # its name with www before it has its IPv4 addresses and no IPv6
    site: str = "portals"
    authorised: bool = False  # its row gives the clearance for intrusive checks
    expected: Expectations = field(default_factory=dict)
    consequences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NameServerSpec:
    """Describes one NS name of a zone and the daemon behind it."""

    label: str
    site: str
    v6: ServerV6 = ServerV6.ANSWERS
    v4: ServerV4 = ServerV4.ANSWERS  # of servers on BIND
    version_dropped: bool = False  # questions for the SOA with an EDNS version that is not 0 are lost on their way


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSpec:
    """A zone delegated to its own name servers. An empty label is the province's own zone."""

    label: str
    agency: str
    servers: tuple[NameServerSpec, ...]
    signed: bool = False
    stale: bool = False  # its servers on Knot have an older copy, overtaken for longer than the refresh interval
    primaries: bool = False  # its servers on Knot are fed like those on BIND, and name themselves as the primary
    udp_truncated: bool = False  # what stands before its servers on Knot has everybody ask over TCP
    signing: Signing = Signing.GOOD
    lapsed: tuple[str, ...] = ()  # names of further name servers, in domains that do not exist any more
    glue_v6: bool = True  # whether the parent has the IPv6 addresses of its servers
    apart: bool = False  # its servers, all on BIND, hold no zone above it, so that the parent must refer to them
    web: str | None = None  # label of a portal whose addresses the zone's own name has too
    mail: str | None = None  # label of a mail domain whose exchangers take the mail of the zone's own name
    careless: bool = False  # its servers, all on BIND, give the zone to anybody and resolve anything for anybody
    expected: Expectations = field(default_factory=dict)
    consequences: tuple[str, ...] = ()


class SmtpBehaviour(Enum):
    """The behaviour of a mail host on port 25."""

    GOOD = "takes mail for its domain, over TLS"
    NO_STARTTLS = "the same without STARTTLS"
    REJECTS = "greets with 554"
    RELAYS = "takes mail from anybody for anybody"
    GREYLISTS = "puts everybody off with a temporary error, for good"
    CLOSED = "does not listen"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerSpec:
    """The behaviour of a mail host on the addresses of one family."""

    smtp: SmtpBehaviour = SmtpBehaviour.GOOD
    certificate: CertificateKind = CertificateKind.GOOD
    tls: TlsSetup = TlsSetup.GOOD  # or OLD_VERSIONS; of a real Postfix


GOOD_LISTENER = ListenerSpec()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangerSpec:
    """Describes one MX host of a mail domain; ``postfix``: a real Postfix, else the scripted peer."""

    label: str
    preference: int
    v6: bool = True
    postfix: bool = False
    face: ListenerSpec = GOOD_LISTENER
    face_v6: ListenerSpec | None = None
    silent_v6: bool = False  # TCP port 25 is filtered on its IPv6 address
    expected: Expectations = field(default_factory=dict)  # of the host itself, a subject that no row names
    consequences: tuple[str, ...] = ()


class Clients(Enum):
    """The services for mail programs on the first exchanger, to which SRV records point."""

    NONE = "nowhere, and no SRV record"
    BOTH = "on both families"
    V4_ONLY = "on IPv4 alone"


class MxListing(Enum):
    """The way in which the DNS names the exchangers of a mail domain."""

    MX = "by MX records"
    ALIAS = "by an MX record that names an alias"
    ABSENT = "by an MX record that names nothing"
    IMPLICIT = "by no MX record: the domain has the addresses itself"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSpec:
    """A mail domain inside the province's zone. No exchangers means a Null MX (RFC 7505)."""

    label: str
    agency: str
    exchangers: tuple[ExchangerSpec, ...]
    listed: MxListing = MxListing.MX
    spf: tuple[str, ...] | None = None  # its SPF records, instead of the one that fits its exchangers
    dmarc: tuple[str, ...] | None = None  # its DMARC records, instead of a strict one
    dkim: str = f"v=DKIM1; k=rsa; p={RSA_2048}"  # the key record of its selector; empty: none
    sts: tuple[str, ...] = ("enforce", "*")  # mode and hosts of its MTA-STS policy, "*" for its own; empty: none
    tlsa: tuple[str, ...] = ()  # the TLSA records of its first exchanger; {key}, {authority}: digests of keys
    tags: str = f"sender={OUTBOUND}25 dkim={SELECTOR}"  # what its row of the inventory declares
    authorised: bool = False  # its row gives the clearance for intrusive checks
    clients: Clients = Clients.NONE
    clients_tls: TlsSetup = TlsSetup.GOOD  # or OLD_VERSIONS
    expected: Expectations = field(default_factory=dict)
    consequences: tuple[str, ...] = ()

    @property
    def has_policy(self) -> bool:
        return bool(self.exchangers and self.sts)


class Uplink(Enum):
    """The IPv6 configuration of a device's uplink."""

    GLOBAL = "a global address"
    LINK_LOCAL = "link-local addresses alone"
    NO_V6 = "none: IPv6 is off there; a global address on the loopback cannot be reached"


class Routing(Enum):
    """The state of a device's routing (FRR: OSPFv3 and BGP) with the other end of its uplink."""

    ANSWERED = "a router that speaks to it"
    ALONE = "one that knows nothing of it"


class Load(Enum):
    """The packets sent to a device before its counters are read."""

    BOTH = "packets over IPv6, without errors"
    V4 = "megabytes, over IPv4 alone"
    NO_ROUTE = "packets over IPv6, of which many have no route there"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSpec:
    """A network device with an SNMP agent. Append new ones at the end: numbers follow position.

    ``hidden`` are subtrees that its agent does not show, ``overrides`` objects that it is told to show otherwise
    (``{number}`` is the device's own); ``version`` is that of SNMP with which it is read. ``length`` is that of the
    prefix on its uplink, ``besides`` addresses that it has there too; ``lan`` are hosts on a network behind it (with
    ``{number}`` again).
    ``lldp``: it runs lldpd, and is told who is at the other end. ``load``: its counters are looked at, and say that it
    has been up for 300 days.
    """

    label: str
    agency: str
    kind: str = "router"
    uplink: Uplink = Uplink.GLOBAL
    forwards: bool = True
    version: int = 3
    access: AgentAccess = AgentAccess.GOOD
    authorised: bool = False  # its row gives the clearance for intrusive checks
    described: str = "Thiet bi Son Lam SL-1000, phan mem 2.1"
    declared: str = "SL-1000"
    hidden: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    tags: str = "wan=eth0"
    length: int = 64
    besides: tuple[str, ...] = ()
    lan: tuple[str, ...] = ()
    default_route: bool = True  # over IPv6; else only one to the province's block
    agent_v6: bool = True
    idle_uplink: bool = False  # a second uplink, wan1, that is down
    v4_alone: bool = False  # what its owner declares, whatever it has
    routing: Routing | None = None
    lldp: bool = False
    load: Load | None = None
    object_id: str = ""
    network: str = "internet"
    activated: str = ""
    expected: Expectations = field(default_factory=dict)
    consequences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A host that is audited by its addresses, one of each family. ``runs``: services and the families they have."""

    label: str
    agency: str
    runs: tuple[tuple[MachineService, frozenset[int]], ...]
    tags: str = ""
    authorised: bool = False  # its owner allows intrusive measurements
    allowed_ports: str = ""
    fragments_lost: bool = False  # IPv6 fragments to it are dropped
    bans_v4: bool = False  # an intrusion prevention stops answering over IPv4 who sweeps its ports
    expected: Expectations = field(default_factory=dict)
    consequences: tuple[str, ...] = ()


class Recursion(Enum):
    """The behaviour of a recursive resolver."""

    WHOLE = "both families, nothing changed"
    IPV4_ONLY = "asks over IPv4 alone"
    DNS64 = "makes AAAA up where there is none"
    FILTERED = "takes AAAA out of its answers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolver:
    """A recursive resolver of the province, inside its own network. The first serves every host here."""

    label: str
    agency: str
    recursion: Recursion = Recursion.WHOLE
    v6: bool = True
    tags: str = ""
    expected: Expectations = field(default_factory=dict)
    consequences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Province:
    """Describes all subjects of an audit."""

    domain: str
    agencies: tuple[Agency, ...]
    portals: tuple[PortalSpec, ...]
    zones: tuple[ZoneSpec, ...]
    mails: tuple[MailSpec, ...]
    machines: tuple[Machine, ...]
    resolvers: tuple[Resolver, ...]
    devices: tuple[DeviceSpec, ...] = ()

    def fqdn(self, label: str) -> str:
        """Return the full name of a label below the province's zone, without a final dot."""
        return f"{label}.{self.domain}" if label else self.domain

"""Facts about one network of users, heard from a vantage on it: which routers and DHCPv6 servers offer themselves."""

from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network

from probes.framework.evidence import Observation, observation


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedPrefix:
    """A prefix of a router advertisement (RFC 4861 §4.6.2); lifetimes in seconds."""

    prefix: IPv6Network
    on_link: bool = False
    autonomous: bool = False
    valid: int = 0
    preferred: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterHeard:
    """Router advertisements of one sender and one content, heard ``count`` times.

    ``mac`` is what sent the frame, colon-separated. ``lifetime`` in seconds: 0 where it does not offer itself as the
    default router. ``preference`` (RFC 4191): ``low``, ``medium``, ``high`` or ``reserved``. ``managed`` and ``other``
    are the flags M and O; ``rdnss`` the name servers announced (RFC 8106).
    """

    source: IPv6Address
    mac: str
    count: int = 1
    lifetime: int = 0
    preference: str = "medium"
    managed: bool = False
    other: bool = False
    prefixes: tuple[AnnouncedPrefix, ...] = ()
    rdnss: tuple[IPv6Address, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerHeard:
    """Advertise or Reply of one DHCPv6 server (RFC 8415 §18.3); ``duid`` in hexadecimal."""

    source: IPv6Address
    mac: str
    count: int = 1
    duid: str = ""
    offered: tuple[IPv6Address, ...] = ()
    dns: tuple[IPv6Address, ...] = ()


@observation("lan-watch", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class LanWatch(Observation):
    """What was heard at ``interface`` on the network of users of ``site`` within ``seconds``.

    ``solicited``: we asked for routers and DHCPv6 servers first, as a host does that comes up. ``dropped`` are messages
    beyond what is kept.
    """

    site: str
    interface: str
    seconds: float
    solicited: bool = False
    dropped: int = 0
    routers: tuple[RouterHeard, ...] = ()
    servers: tuple[ServerHeard, ...] = ()

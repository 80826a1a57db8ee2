"""Defines observations of one user network: its routers and DHCPv6 servers, and whether forged sources get out."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network

from inventory.model import IPAddress, written
from probes.framework.evidence import At, Observation, observation
from probes.observations.places import Unplaced
from probes.observations.text import Word, decimal, end, host_port, short


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedPrefix:
    """Holds a prefix of a router advertisement (RFC 4861 §4.6.2); lifetimes in seconds."""

    prefix: IPv6Network
    on_link: bool = False
    autonomous: bool = False
    valid: int = 0
    preferred: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvertisedRouter:
    """Holds router advertisements of one sender and one content, heard ``count`` times.

    ``mac`` is the address that sent the frame, colon-separated. ``lifetime`` in seconds: 0 where the router does not
    offer itself as the default router. ``preference`` (RFC 4191): ``low``, ``medium``, ``high`` or ``reserved``.
    ``managed`` and ``other`` are the flags M and O; ``rdnss`` the name servers announced (RFC 8106).
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
class AdvertisedDhcpServer:
    """Holds Advertise or Reply messages of one DHCPv6 server (RFC 8415 §18.3); ``duid`` in hexadecimal."""

    source: IPv6Address
    mac: str
    count: int = 1
    duid: str = ""
    offered: tuple[IPv6Address, ...] = ()
    dns: tuple[IPv6Address, ...] = ()


@observation("lan-watch", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class LanWatch(Unplaced):
    """Records the messages heard at ``interface`` on the user network of ``site`` within ``seconds``.

    ``solicited``: we asked for routers and DHCPv6 servers first, as a host does that comes up. ``dropped`` are messages
    beyond the number that is kept.
    """

    site: str
    interface: str
    seconds: float
    solicited: bool = False
    dropped: int = 0
    routers: tuple[AdvertisedRouter, ...] = ()
    servers: tuple[AdvertisedDhcpServer, ...] = ()

    def lines(self, word: Word) -> Iterator[str]:
        count = word("{} router advertisements, {} DHCPv6 offers").format(len(self.routers), len(self.servers))
        asked = word("asked and listened {} s at {}" if self.solicited else "listened {} s at {}")
        asked = asked.format(decimal(f"{self.seconds:g}", word), short(self.interface))
        yield f"LAN {short(self.site)}: {asked} → {end(self, count, word)}"
        yield from (f"  {_router_text(router, word)}" for router in self.routers)
        yield from (f"  {_server_text(server, word)}" for server in self.servers)
        if self.dropped:
            yield word("  and {} more").format(self.dropped)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTrial:
    """Holds the packets sent under one source address.

    ``form``: ``own`` is ours, ``neighbour`` another of our /64 or /24, ``bogon`` one of a range for benchmarks that has
    no owner.

    ``arrived`` counts those that the receiver saw under this very address; ``rewritten`` are addresses that it saw
    instead.
    """

    form: str
    source: IPAddress
    sent: int = 0
    arrived: int = 0
    rewritten: tuple[IPAddress, ...] = ()


@observation("source-validation", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SourceValidation(Observation):
    """Records packets with forged sources from the user network of ``site``, from ``interface`` to a receiver of ours.

    ``confirmed``: packets under our own address arrived before the forged ones and after them. Without the first
    nothing forged is sent, and the step fails by timeout.
    """

    site: str
    interface: str
    receiver: IPAddress
    port: int
    confirmed: bool = False
    trials: tuple[SourceTrial, ...] = ()

    def at(self) -> At:
        return self.receiver, "forged"

    def answers(self) -> Iterator[At]:
        """Yield nothing: the receiver is our own."""
        yield from ()

    def lines(self, word: Word) -> Iterator[str]:
        ours = "our own packets arrived before and after" if self.confirmed else "not shown by packets of our own"
        ended = end(self, word(ours), word)
        there = host_port(written(self.receiver), self.port)
        asked = word("forged sources at {} to {}").format(short(self.interface), there)
        yield f"LAN {short(self.site)}: {asked} → {ended}"
        yield from (f"  {_trial_text(trial, word)}" for trial in self.trials)

    def arrived(self, form: str) -> bool:
        """True if a packet of a form arrived as it was sent."""
        return any(trial.arrived for trial in self.trials if trial.form == form)


def _router_text(router: AdvertisedRouter, word: Word) -> str:
    """Return a router advertisement in the form in which ``rdisc6`` shows it."""
    flags = "".join(letter for letter, on in (("M", router.managed), ("O", router.other)) if on) or "-"
    prefixes = ", ".join(
        f"{announced.prefix} ({'L' if announced.on_link else ''}{'A' if announced.autonomous else ''}"
        f" {word('valid {} s').format(announced.valid)})"
        for announced in router.prefixes
    )
    names = f"; RDNSS {', '.join(map(str, router.rdnss))}" if router.rdnss else ""
    parts = word("lifetime {} s, preference {}, flags {}").format(router.lifetime, short(router.preference), flags)
    head = f"RA {router.source} ({short(router.mac)}) ×{router.count}: {parts}"
    return f"{head}; {prefixes or word('no prefix')}{names}"


def _server_text(server: AdvertisedDhcpServer, word: Word) -> str:
    offered = word(", offers {}").format(", ".join(map(str, server.offered))) if server.offered else ""
    names = f", DNS {', '.join(map(str, server.dns))}" if server.dns else ""
    return f"DHCPv6 {server.source} ({short(server.mac)}) ×{server.count}: DUID {short(server.duid)}{offered}{names}"


def _trial_text(trial: SourceTrial, word: Word) -> str:
    others = ", ".join(map(written, trial.rewritten))
    instead = word(", under {} instead").format(others) if trial.rewritten else ""
    came = word("{} sent, {} arrived").format(trial.sent, trial.arrived)
    return f"{short(trial.form)} {written(trial.source)}: {came}{instead}"

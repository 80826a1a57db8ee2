"""Defines attempts, waits and rates of a run: ``audit`` follows CHECKS §0.4, ``quick`` takes seconds and one round."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

_WAITS = ("dns_udp", "dns_connect", "dns_answer", "tcp_connect", "tls", "http", "smtp_reply", "echo_wait", "snmp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Holds attempts and waits, in seconds.

    ``retries`` maps a schedule's name to the offsets of its attempts after the first. At offset 0 a silent step is
    repeated at once; at later offsets any other possible defect is measured again too
    (``Observation.worth_confirming``), in a second pass at the end of the run, never by a sleeping worker.
    """

    name: str
    retries: Mapping[str, tuple[float, ...]]
    echo_count: int
    echo_interval: float
    subject_seconds: float = 2_700.0  # for all work on one subject, without pauses between rounds
    dns_udp: float = 2.0
    dns_connect: float = 4.0
    dns_answer: float = 5.0
    tcp_connect: float = 4.0
    tls: float = 8.0
    http: float = 10.0
    smtp_reply: float = 30.0
    smtp_pause: float = 2.0
    mail_enumeration: float = 840.0  # TLS after SMTP at one address, with pauses between all commands
    echo_wait: float = 2.0
    echo_size: int = 56
    snmp: float = 3.0
    snmp_tries: int = 3
    train_enough: int = 30  # echoes to compare IPv4 and IPv6 if none is lost
    is_hurried: bool = False  # a user waits: probes of live addresses need not wait for slow ones
    calm_apart: float = 5.0  # between last connects to silent ports: longer than a connect's timeout
    calm_most: float = 120.0  # the most time for those of one office; many get shorter gaps
    lan_watch: float = 660.0  # longer than routers wait between two advertisements by default (RFC 4861 §6.2.1)

    @property
    def one_round(self) -> bool:
        """True if all measurements of a finding are from one moment."""
        return all(max(offsets, default=0) == 0 for offsets in self.retries.values())

    def bounded(self, longest: float | None) -> "Profile":
        """Return the profile with no single wait longer than ``longest`` seconds; None changes nothing."""
        if longest is None:
            return self
        return replace(self, **{name: min(getattr(self, name), longest) for name in _WAITS})

    @property
    def shortest_wait(self) -> float:
        """The shortest wait for an answer in seconds."""
        waits: list[float] = [getattr(self, name) for name in _WAITS]
        return min(waits)


_NONE: Mapping[str, tuple[float, ...]] = {"none": (0.0,)}

QUICK = Profile(
    name="quick",
    retries={
        **_NONE,
        "connect": (0.0, 0.0),
        "datagram": (0.0, 0.0),
        "server": (0.0, 0.0),
        "mail": (0.0,),
        "echo": (0.0,),
        "flaw": (0.0,),
    },
    echo_count=5,
    echo_interval=0.2,
    subject_seconds=180.0,
    tcp_connect=2.5,  # two attempts within 5 s
    dns_connect=2.5,
    smtp_pause=0.2,
    mail_enumeration=60.0,
    snmp=2.0,
    snmp_tries=2,
    train_enough=15,  # ipv6.path.loss-rtt-parity decides by no fewer (min_pairs_of_a_round)
    is_hurried=True,
    calm_apart=1.5,
    calm_most=12.0,
    lan_watch=6.0,
)
AUDIT = Profile(
    name="audit",
    retries={
        **_NONE,
        "connect": (0.0, 30.0, 600.0),
        "datagram": (0.0, 0.0, 0.0),
        "server": (0.0, 0.0, 0.0, 600.0),
        "mail": (0.0, 1800.0),
        "echo": (0.0, 30.0, 600.0),  # CHECKS ipv6.path.echo: three rounds
        "flaw": (0.0, 610.0),
    },  # measured ten minutes apart in spite of clock drift
    echo_count=20,
    echo_interval=1.0,
)
PROFILES: Mapping[str, Profile] = {profile.name: profile for profile in (QUICK, AUDIT)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Holds rate limits and concurrency; rates are started exchanges per second, see limits.py."""

    packets_per_second: float = 500.0
    per_address_per_second: float = 10.0
    per_address_burst: int = 40
    per_prefix_per_second: float = 100.0
    per_prefix_burst: int = 200
    concurrency: int = 500

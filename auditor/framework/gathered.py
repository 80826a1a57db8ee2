"""Holds facts about the vantage and its path that only all evidence of a run together shows."""

from dataclasses import dataclass

_ENOUGH, _NEARLY_ALL = 60, 0.9
"""The packets that must be sent to judge routers, and the share that routers without a rate limit answer."""


EVERY_PORT = "tcp/*"
"""The transport that stands for any TCP port that a device near the vantage accepts for others."""
PORTAL = "portal/80"
"""The transport at which a device near the vantage answers plain HTTP in the name of every site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowerOverIpv6:
    """Counts the ``compared`` subjects of this run, and those whose IPv6 is slower by more than the check passes."""

    compared: int = 0
    slower: int = 0


@dataclass(frozen=True, slots=True)
class RouterAnswers:
    """Counts packets whose hop limit ran out, ``asked``, and those that routers ``answered``.

    Only routers of the audited network that answer traces are counted.
    """

    asked: int = 0
    answered: int = 0

    @property
    def are_limited(self) -> bool:
        """True if so many answers are missing that a router's silence is no evidence about it."""
        return self.asked >= _ENOUGH and self.answered < _NEARLY_ALL * self.asked


@dataclass(frozen=True, slots=True)
class WebTime:
    """Holds the median seconds by which web servers' clocks are ahead of ours, and the number of their ``owners``."""

    ahead: float
    owners: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsInspection:
    """Describes a device near the vantage that decrypts TLS and presents its own certificates for other sites.

    ``issuers`` are the names of its authorities, ``name`` the one seen with most sites; ``keys`` are SHA-256 of the
    public keys that it uses for several sites. ``places``: families and ports at which it does so; ``owners``: in how
    many networks the sites are.
    """

    name: str
    issuers: frozenset[str]
    keys: frozenset[str]
    places: frozenset[tuple[int, str]]
    owners: int

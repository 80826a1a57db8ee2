"""Holds what all evidence of a run shows together of the vantage and its way."""

from dataclasses import dataclass

_ENOUGH, _NEARLY_ALL = 60, 0.9
"""So many packets must have been asked, and this share of them is answered by routers that no limit holds back."""


EVERY_PORT = "tcp/*"
"""The transport at which something near the vantage accepts, whatever port is asked."""
PORTAL = "portal/80"
"""The transport at which something near the vantage answers plain HTTP in the name of every site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowerOverIpv6:
    """Of ``compared`` subjects of this run, how many have IPv6 that takes longer by more than is passed."""

    compared: int = 0
    slower: int = 0


@dataclass(frozen=True, slots=True)
class RouterAnswers:
    """Of ``asked`` packets whose hop limit ran out at routers of the audited network that answer traces, so many were
    ``answered``."""

    asked: int = 0
    answered: int = 0

    @property
    def are_limited(self) -> bool:
        """True if so many are missing that silence of a router says nothing of it."""
        return self.asked >= _ENOUGH and self.answered < _NEARLY_ALL * self.asked


@dataclass(frozen=True, slots=True)
class WebTime:
    """By so many seconds the clocks of web servers of ``owners`` of addresses are ahead of ours, in the median."""

    ahead: float
    owners: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsInspection:
    """Somebody near the vantage who decrypts TLS and shows certificates of his own for the sites of others.

    ``issuers`` are the names of his authorities, ``name`` the one that most sites were seen with; ``keys`` are SHA-256
    of the public keys that he uses for several sites. ``places``: families and ports at which he does so; ``owners``:
    in how many networks the sites are.
    """

    name: str
    issuers: frozenset[str]
    keys: frozenset[str]
    places: frozenset[tuple[int, str]]
    owners: int

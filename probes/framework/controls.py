"""Holds the operator's configuration for comparison: names for resolvers, and hosts that TSLCD must not reach."""

from dataclasses import dataclass

from inventory.model import Endpoint, IPAddress

ROOTS_NAMED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolverNames:
    """Holds the names for which recursive resolvers are queried.

    They are a signed one, one with AAAA only, one in a zone with name servers on IPv6 only, and root servers, which
    every resolver knows and which have IPv4 and IPv6.
    """

    ordinary: str | None = None
    aaaa_only: str | None = None
    ipv6_only_zone: str | None = None
    roots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationTargets:
    """Holds the hosts that must not be reachable from inside TSLCD.

    ``anchors`` are on the Internet, ``management`` are those of other agencies, each with its port.
    """

    anchors: tuple[IPAddress, ...] = ()
    management: tuple[Endpoint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """Holds all such configuration of one run."""

    names: ResolverNames = ResolverNames()
    isolation: IsolationTargets = IsolationTargets()

"""Carries what the operator configured for comparison: names for resolvers, and hosts that TSLCD must not reach."""

from dataclasses import dataclass

from inventory.model import Endpoint, IPAddress

ROOTS_NAMED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolverNames:
    """Names that recursive resolvers are asked for: a signed one, one with AAAA only, one in a zone whose servers have
    IPv6 only, and root servers, which everybody knows and which have both families."""

    ordinary: str | None = None
    aaaa_only: str | None = None
    ipv6_only_zone: str | None = None
    roots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationTargets:
    """Hosts that must not be reachable from inside TSLCD: ``anchors`` on the Internet, and the ``management`` of other
    agencies, each with its port."""

    anchors: tuple[IPAddress, ...] = ()
    management: tuple[Endpoint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """Everything of that kind for one run."""

    names: ResolverNames = ResolverNames()
    isolation: IsolationTargets = IsolationTargets()

"""Defines where names are looked up."""

from collections.abc import Sequence
from dataclasses import dataclass

from inventory.model import Endpoint
from probes.net.dns.hints import RootHints


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Holds the settings of name lookups.

    ``iterative`` False asks only the resolvers, for a private network with names of its own.
    """

    hints: RootHints
    resolvers: Sequence[Endpoint] = ()
    iterative: bool = True
    port: int = 53

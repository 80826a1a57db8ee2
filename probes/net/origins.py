"""Asks offline tables of routes and of route origin authorisations for an address. Nothing is sent."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

from inventory.model import IPAddress
from probes.observations.routing import Announcement, Authorisation, RouteOrigin, Table
from probes.wire.routing.roas import Roas
from probes.wire.routing.routes import RouteTable

MOST = 200
"""Announcements, and authorisations, kept of one address."""


T = TypeVar("T", Roas, RouteTable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """Holds the tables of a run, each with its origin."""

    routes: tuple[tuple[RouteTable, Table], ...] = ()
    roas: tuple[tuple[Roas, Table], ...] = ()

    def look(self, address: IPAddress) -> RouteOrigin:
        """Return the origin of an address, from the first table that has any row of the address's family."""
        routes, of_routes = _of(self.routes, address)
        roas, of_roas = _of(self.roas, address)
        announced = routes.covering(address) if routes is not None else ()
        allowed = roas.covering(address) if roas is not None else ()
        return RouteOrigin(
            address=address,
            routes=of_routes,
            announcements=tuple(
                Announcement(prefix=str(announcement.prefix), origin=announcement.origin, seen=announcement.seen)
                for announcement in islice(announced, MOST)
            ),
            roas=of_roas,
            authorisations=tuple(
                Authorisation(prefix=str(vrp.prefix), max_length=vrp.max_length, asn=vrp.asn)
                for vrp in islice(allowed, MOST)
            ),
        )


def _of(tables: Iterable[tuple[T, Table]], address: IPAddress) -> tuple[T, Table] | tuple[None, None]:
    for table, about in tables:
        rows = table.rows(address.version)
        if rows:
            return table, replace(about, rows=rows)
    return None, None

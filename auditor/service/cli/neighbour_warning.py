"""Warns if an inventory has more hosts in this machine's own networks than its kernel has room for as neighbours."""

import sys
from collections.abc import Callable, Iterable

from auditor.service.cli.words import ui
from inventory.inventory import Inventory
from inventory.model import IPAddress
from probes.net.core.neighbour_table import NeighbourTable, neighbour_table
from probes.net.core.on_link import on_link_networks
from probes.observations.vantage import NEIGHBOURS

_TAKEN = 0.75
"""The share of a table that the hosts of an inventory may take; other hosts are neighbours as well."""


def warn_of_neighbours(inventory: Inventory) -> None:
    """Print one warning for each address family on stderr, before anything is sent."""
    for text in too_many_neighbours(inventory):
        print(f"auditor: {ui('warning')}: {text}", file=sys.stderr)


def too_many_neighbours(
    inventory: Inventory, tables: Callable[[int], NeighbourTable | None] = neighbour_table
) -> list[str]:
    """Return a warning for each address family with too many neighbours, with the fix; empty if there is room."""
    addresses = {address for subject in inventory.subjects for address in subject.addresses}
    texts = []
    for family, setting in NEIGHBOURS.items():
        hosts = _neighbours(address for address in addresses if address.version == family)
        table = tables(family) if hosts else None
        if table is not None and hosts > _TAKEN * table.room:
            text = ui(
                "{hosts:n} IPv{family} {hosts/address/addresses} of the inventory {hosts/is/are} in this machine's own"
                " networks, of which its kernel has room for {room:n}: it drops packets to further ones; raise"
                " {setting} to {wanted}, and gc_thresh2 beside it to half of that",
                hosts=hosts,
                family=str(family),
                room=table.room,
                setting=setting,
                wanted=str(_enough(hosts)),
            )
            texts.append(text)
    return texts


def _neighbours(addresses: Iterable[IPAddress]) -> int:
    networks = on_link_networks()
    return sum(any(address in network for network in networks) for address in addresses)


def _enough(hosts: int) -> int:
    """Return the smallest power of two that is at least twice the number of hosts."""
    return int(1 << (2 * hosts - 1).bit_length())

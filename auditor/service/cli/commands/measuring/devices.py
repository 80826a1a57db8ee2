"""Prints the addresses on a device's interfaces from its evidence."""

from collections.abc import Iterator

from inventory.model import written
from probes.framework.evidence import Evidence
from probes.observations.snmp import SnmpGet, SnmpSession, SnmpWalk, Varbind
from probes.wire.snmp.addresses import addresses
from probes.wire.snmp.tree import Tree


def read_out(*evidence: Evidence) -> dict[str, object]:
    """Return ``{"addresses": […]}`` if a device was asked over SNMP, an empty mapping otherwise.

    A field that the device does not report, such as a prefix length, is null.
    """
    steps = [step for envelope in evidence for step in envelope.steps]
    if not any(isinstance(step, SnmpSession) for step in steps):
        return {}
    rows = Tree(_rows(*evidence))
    return {
        "addresses": [
            {
                "address": written(address.address),
                "prefix_length": address.prefix_length,
                "if_index": address.if_index,
                "origin": address.origin,
                "status": address.status,
                "source": address.source,
            }
            for address in addresses(rows)
        ]
    }


def _rows(*evidence: Evidence) -> Iterator[Varbind]:
    for envelope in evidence:
        for step in envelope.steps:
            if isinstance(step, SnmpGet | SnmpWalk):
                yield from step.rows

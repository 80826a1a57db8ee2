"""Writes the findings that an audit of the province must produce, beside the inventory, for tests to compare.

`healthy` subjects have no fail and no warn at all; `derived` are subjects that no row names. `defects` maps a subject
to check and outcome; any other check of that subject must not fail, except those in `consequences`, which may go down
with the defect.
"""

import json
from collections.abc import Iterator

from containers.rehearsal.model import (
    DeviceSpec,
    ExchangerSpec,
    Machine,
    MailSpec,
    PortalSpec,
    Province,
    Resolver,
    ZoneSpec,
)


def subjects(
    province: Province,
) -> Iterator[tuple[str, PortalSpec | ZoneSpec | MailSpec | Resolver | DeviceSpec | Machine]]:
    """Yield all subjects with a row in the inventory, by their ids."""
    named: tuple[PortalSpec | ZoneSpec | MailSpec | Resolver, ...] = (
        *province.portals,
        *province.zones,
        *province.mails,
        *province.resolvers,
    )
    for subject in named:
        yield province.fqdn(subject.label), subject
    listed: tuple[DeviceSpec | Machine, ...] = (*province.devices, *province.machines)
    for row in listed:  # by their addresses: the label is all the name they have
        yield row.label, row


def exchangers(province: Province) -> Iterator[tuple[str, ExchangerSpec]]:
    """Yield the mail hosts, by the ids that planning gives them."""
    for mail in province.mails:
        for exchanger in mail.exchangers:
            yield f"mx:{exchanger.label}.{province.fqdn(mail.label)}", exchanger


def document(province: Province) -> str:
    """Return the text of expected.json."""
    every = dict(subjects(province))
    return json.dumps(
        {
            "healthy": [name for name, subject in every.items() if not subject.expected],
            "defects": {name: dict(subject.expected) for name, subject in every.items() if subject.expected},
            "consequences": {name: _consequences(subject) for name, subject in every.items() if _consequences(subject)},
            "derived": {name: dict(host.expected) for name, host in exchangers(province) if host.expected},
            "derived_consequences": {name: host.consequences for name, host in exchangers(province) if host.expected},
        },
        indent=1,
    )


_UNNAMED_LAN = ("ipv6.device.neighbours", "ipv6.device.mgmt-v6")
"""Checks of facts that the rows of most devices leave out."""


_UNCOUNTED = ("ipv6.device.traffic", "ipv6.device.errors")
"""Checks that one run cannot decide: they need readings a day apart."""


_ADMITTED = ("security.snmp.exposed",)
"""Checks of unauthenticated access, undecided at a vantage that a device admits."""


def _consequences(subject: PortalSpec | ZoneSpec | MailSpec | Resolver | DeviceSpec | Machine) -> list[str]:
    """Return the consequences of a subject's defects, without promised checks; unsigned zones get a warning."""
    unsigned = ("security.dns.dnssec",) if isinstance(subject, ZoneSpec) and not subject.signed else ()
    unnamed = _UNNAMED_LAN if isinstance(subject, DeviceSpec) and "lan=" not in subject.tags else ()
    uncounted = _UNCOUNTED if isinstance(subject, DeviceSpec) and subject.load is None else ()
    admitted = _ADMITTED if isinstance(subject, DeviceSpec) else ()
    every = (*subject.consequences, *unsigned, *unnamed, *uncounted, *admitted)
    return [check for check in every if check not in subject.expected]

"""Finds the hosts that mail clients connect to: from the row of a mail domain and SRV records (RFC 6186, RFC 8314).

Pure functions of a subject and look-ups.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from inventory.model import SERVICE_PORTS, Service, Subject
from probes.observations.dns import NameLookup
from probes.wire.dns import srv

LABELS: Mapping[str, str] = {
    "submissions": "_submissions._tcp",
    "submission": "_submission._tcp",
    "imaps": "_imaps._tcp",
    "pop3s": "_pop3s._tcp",
}
"""The services with the labels of their SRV records in a domain."""
PORTS = frozenset(SERVICE_PORTS[name] for name in LABELS)
"""The ports that are dialled: a record must not make us connect to any port of any host."""
HOSTS_EACH = 4
"""The number of hosts of one service that are examined, the preferred ones first."""
SRV, HOST = "client-srv", "client-host"
"""The roles of the look-ups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Holds one server of mail clients. ``declared``: by the inventory, at the row's or else the domain's addresses."""

    host: str
    service: Service
    declared: bool = False

    @property
    def dialled(self) -> bool:
        return self.service.port in PORTS or self.declared

    @property
    def label(self) -> str:
        """The text for reports: service, host and port."""
        return f"{self.service.name} {self.host}:{self.service.port}"


def declared(subject: Subject) -> tuple[Client, ...]:
    """Return the services of the row that mail clients use."""
    host = subject.host or subject.name
    mine = dict.fromkeys(service for service in subject.services if service.name in LABELS)
    return tuple(Client(host=host, service=service, declared=True) for service in mine)


def published(domain: str, looks: Iterable[NameLookup]) -> tuple[Client, ...]:
    """Return the servers that SRV records among the look-ups name; a target "." is none (RFC 2782)."""
    found: dict[str, set[srv.Srv]] = {name: set() for name in LABELS}
    owners = {f"{label}.{domain}".lower(): name for name, label in LABELS.items()}
    for look in looks:
        name = owners.get(look.name.lower().removesuffix("."))
        if name is not None and look.role == SRV and look.rtype == "SRV":
            records = (srv.read(record) for record in look.records)
            found[name] |= {record for record in records if record is not None and record.target}
    places = (
        Client(host=record.target, service=Service(name=name, port=record.port))
        for name, records in found.items()
        for record in sorted(records, key=lambda srv: (srv.priority, -srv.weight, srv.target, srv.port))[:HOSTS_EACH]
    )
    return tuple(dict.fromkeys(places))


def everywhere(subject: Subject, looks: Iterable[NameLookup]) -> tuple[Client, ...]:
    """Return declared servers, then published ones that are not among them."""
    first = declared(subject)
    known = {(client.host, client.service) for client in first}
    return (
        *first,
        *(client for client in published(subject.host or "", looks) if (client.host, client.service) not in known),
    )

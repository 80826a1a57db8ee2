"""Lists the places where a subject offers TLS: its web service or its mail services, on each IPv4 and IPv6 address.

A web site is judged at HTTPS; a host at the services of mail or of a directory that its row or its role (mail
exchanger) names; a mail domain at the places that its users' mail programs are led to. Its exchangers are subjects of
their own.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from auditor.facts import not_judged
from auditor.facts.cached import remembered
from auditor.facts.dns.names import Lookup, canonical, lookup, own, rejection, usable_v6
from auditor.facts.exposure.port_state import OpenState, Port, port_state
from auditor.facts.mail.smtp import LIMITED, best_session
from auditor.facts.mail.smtp import SmtpState as Talking
from auditor.facts.targets import JudgedTargets
from auditor.facts.web import visits
from auditor.framework.check import Message, not_applicable, standard
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import WEB_KINDS, IPAddress, Kind, Service, Subject
from probes.framework import clients
from probes.framework.clients import HOST, SRV, Client
from probes.framework.evidence import EvidenceSet
from probes.framework.tls_services import TLS_SERVICES, VERIFIED
from probes.observations.dns import NameLookup
from probes.observations.mail import StartTls

HTTPS = "https"
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsPlace:
    """Holds one address and port. ``label`` names the service if a subject may have several; empty for a web site."""

    address: IPAddress
    port: int
    protocol: str = HTTPS
    name: str | None = None
    label: str = ""

    @property
    def shown(self) -> str:
        return f"{self.address} ({self.label})" if self.label else str(self.address)

    @property
    def detail(self) -> str | None:
        return self.label or None

    @property
    def verified(self) -> bool:
        """True if clients that connect verify the certificate; senders of mail do not (RFC 7435)."""
        return self.label.partition(":")[0] in VERIFIED or not self.label

    def is_named(self, server_name: str | None) -> bool:
        """True if a probe that sent ``server_name`` asked this place under the name that it is judged by."""
        return self.name is None or canonical(server_name or "") == canonical(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Holds the places of a subject.

    ``unknown``: look-ups that would have led to more. ``services``: whether there is any service to look for.
    """

    places: tuple[TlsPlace, ...] = ()
    unknown: tuple[Lookup, ...] = ()
    services: bool = True


@remembered
def everywhere(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Places:
    """Return all places of a subject, each once."""
    parts = []
    if subject.kinds & WEB_KINDS:
        parts.append(web_site(subject, evidence, ctx))
    elif Kind.HOST in subject.kinds:
        parts.append(_host(subject, evidence, ctx))
    if Kind.MAIL in subject.kinds:
        parts.append(_clients(subject, evidence, ctx))
    places_by_pair: dict[tuple[IPAddress, int], TlsPlace] = {}
    for part in parts:
        for place in part.places:
            places_by_pair.setdefault((place.address, place.port), place)
    return Places(
        places=tuple(places_by_pair.values()),
        unknown=tuple(dict.fromkeys(look for part in parts for look in part.unknown)),
        services=any(part.services for part in parts),
    )


def state(evidence: EvidenceSet, ctx: Context, place: TlsPlace) -> Port:
    """Return the state of the place's port: by the connect, or for an exchanger by the dialogue up to STARTTLS."""
    if place.protocol != "smtp" or place.port != 25:
        return port_state(evidence, ctx, place.address, place.port)
    dialogue = best_session(evidence, ctx, place.address)
    unknown = Port(
        address=place.address,
        port=place.port,
        state=OpenState.UNKNOWN,
        reason=dialogue.reason,
        evidence=dialogue.evidence,
    )
    if dialogue.state in LIMITED:
        return replace(unknown, reason=Reason.RATE)
    if dialogue.state is Talking.UNKNOWN or dialogue.step is None:
        return unknown
    open_to_tls = dialogue.step.starttls is StartTls.DONE
    return replace(unknown, state=OpenState.OPEN if open_to_tls else OpenState.CLOSED, reason=None)


def web_site(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Places:
    """Return the subject as a web site: HTTPS at each usable address."""
    port = visits.https_port(subject)
    addresses = () if port is None else visits.addresses(subject, evidence, ctx)
    return Places(
        places=tuple(TlsPlace(address=address, port=port or 0, name=subject.host) for address in addresses),
        unknown=_unknown(subject, evidence, ctx),
    )


def _unknown(subject: Subject, evidence: EvidenceSet, ctx: Context) -> tuple[Lookup, ...]:
    return tuple(look for rtype in ("A", "AAAA") if not (look := own(subject, evidence, ctx, rtype)).known)


def _host(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Places:
    mine = [service for service in subject.services if service.name in TLS_SERVICES]
    if not mine:
        return Places(services=False)
    addresses: tuple[IPAddress, ...] = (*own(subject, evidence, ctx, "A").v4, *usable_v6(subject, evidence, ctx))
    return Places(
        places=tuple(_place(address, service, subject.host) for address in addresses for service in mine),
        unknown=_unknown(subject, evidence, ctx),
    )


def _clients(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Places:
    looks = [step for _, step in evidence.of(NameLookup) if step.role == SRV]
    led_to = [client for client in clients.everywhere(subject, looks) if client.dialled]
    addresses = [_addresses(subject, evidence, ctx, client) for client in led_to]
    places = (
        _place(address, client.service, client.host)
        for client, (usable, _) in zip(led_to, addresses, strict=True)
        for address in usable
    )
    return Places(
        places=tuple(places), unknown=tuple(look for _, unknown in addresses for look in unknown), services=bool(led_to)
    )


def _addresses(
    subject: Subject, evidence: EvidenceSet, ctx: Context, client: Client
) -> tuple[tuple[IPAddress, ...], tuple[Lookup, ...]]:
    if client.declared and subject.addresses:
        addresses, looks = tuple(subject.addresses), list[Lookup]()
    else:
        looks = [lookup(evidence, ctx, client.host, rtype, HOST) for rtype in ("A", "AAAA")]
        addresses = (*looks[0].v4, *looks[1].v6)
    usable = (address for address in addresses if address.version == 4 or rejection(subject, address, ctx) is None)
    return tuple(usable), tuple(look for look in looks if not look.known)


def _place(address: IPAddress, service: Service, name: str | None) -> TlsPlace:
    return TlsPlace(
        address=address,
        port=service.port,
        protocol=TLS_SERVICES[service.name],
        name=name,
        label=f"{service.name}:{service.port}",
    )


NO_SERVICE: Mapping[str, Message] = standard(
    NO_SERVICE=not_applicable(
        "{name} names no service of mail or of a directory that would speak TLS, here or in SRV records."
    ),
    NO_MAIL_ADDRESS=not_applicable("The services of {name} have no address to connect to."),
)
"""Messages about hosts and mail domains without a TLS service."""


def targets(
    subject: Subject, evidence: EvidenceSet, ctx: Context, measured: Callable[[TlsPlace], T | Verdict]
) -> JudgedTargets[T]:
    """Return all places where a subject offers TLS, each as ``measured`` reads it from the evidence."""
    places = everywhere(subject, evidence, ctx)
    on_the_web = bool(subject.kinds & WEB_KINDS)
    code = "NO_ADDRESS" if on_the_web else "NO_MAIL_ADDRESS" if places.services else "NO_SERVICE"
    return JudgedTargets(
        found=[measured(place) for place in places.places],
        unknown=list(_not_known(subject, places)),
        nothing=Verdict(code=code, args={"name": subject.host or subject.name}),
    )


def _not_known(subject: Subject, places: Places) -> Iterator[Verdict]:
    plain = bool(subject.kinds & WEB_KINDS) or Kind.HOST in subject.kinds
    for look in places.unknown:
        own_name = plain and canonical(look.name) == canonical(subject.host or "")
        yield not_judged.dns(look, detail=look.rtype if own_name else f"{look.name} {look.rtype}")

"""Check that the services that mail programs use over IPv4 are there over IPv6 too.

Webmail is a web site of its own and judged as one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from auditor.facts import not_judged
from auditor.facts.dns.names import Lookup, canonical, lookup, rejection
from auditor.facts.exposure.port_state import OpenState, Port, evidence_of, port_state
from auditor.facts.mail.exchangers import mail
from auditor.framework.check import FamilyClaim, VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import IPAddress, Kind, Subject, written
from probes.framework import clients
from probes.framework.clients import HOST, LABELS, SRV, Client
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.transport import TcpConnect


@dataclass(frozen=True, slots=True, kw_only=True)
class _Family:
    """Holds one service over one family: open if any of its addresses is, shut if it has none or none is open."""

    look: Lookup
    ports: tuple[Port, ...] = ()

    @property
    def open(self) -> bool:
        return any(port.state is OpenState.OPEN for port in self.ports)

    @property
    def unknown(self) -> bool:
        unknown = not self.look.known or any(port.state is OpenState.UNKNOWN for port in self.ports)
        return unknown and not self.open

    @property
    def shut(self) -> bool:
        return not self.open and not self.unknown

    @property
    def evidence(self) -> tuple[EvidenceId, ...]:
        """The evidence for ``open`` or ``shut``."""
        open_only = [port for port in self.ports if port.state is OpenState.OPEN]
        return (*self.look.evidence, *evidence_of(open_only or self.ports))

    def verdict(self) -> Verdict:
        """Return the reason for which the state is unknown, as a verdict."""
        if not self.look.known:
            return not_judged.dns(self.look)
        return not_judged.port(next(port for port in self.ports if port.state is OpenState.UNKNOWN))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Holds one service over both families."""

    client: Client
    v4: _Family
    v6: _Family

    @property
    def missing(self) -> bool:
        """True if the service is there only over IPv4."""
        return self.v4.open and self.v6.shut

    @property
    def unknown(self) -> _Family | None:
        """The family whose state must still be known; None where IPv6 is there, or both are settled."""
        if self.v6.open:
            return None
        return next((family for family in (self.v6, self.v4) if family.unknown), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Places:
    """Holds all services of a domain; ``others`` are on ports not connected to; ``unasked``: SRV without an answer."""

    places: tuple[_Place, ...]
    others: tuple[Client, ...]
    unasked: tuple[Lookup, ...]
    asked: tuple[EvidenceId, ...]


@check(
    version=1,
    title="Submission, IMAP and webmail are reachable over IPv6",
    problem="Mail services for users do not work over IPv6",
    problems={"MISSING": "Some mail services for users do not work over IPv6"},
    why="Officials read and send mail from networks that will have only IPv6; a mail program that finds no IPv6 "
    "address there cannot connect.",
    fix="Publish AAAA records for the hosts that mail programs use, have the mail server listen on IPv6, and open the"
    " same ports in the firewall.",
    references=("RFC 6186", "RFC 8314", "các mục 4.4, 4.5 Thông tư số 39/2017/TT-BTTTT"),
    needs=(NameLookup, TcpConnect),
    kinds=frozenset({Kind.MAIL}),
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.BOTH,
    transports=frozenset({"tcp/465", "tcp/587", "tcp/993", "tcp/995"}),
    presence=True,
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "ALL": passed("Mail programs reach all that {name} offers them over IPv6: {endpoints:list}."),
        "MISSING": warn(
            "Mail programs of {name} reach {missing/this/these} over IPv4 but not over IPv6: {missing:list}."
        ),
        "NONE_ON_IPV6": fail(
            "Mail programs of {name} reach nothing over IPv6; over IPv4 there {missing/is/are} {missing:list}."
        ),
        "NOT_CONNECTED": inconclusive(
            "{endpoints:list} of {name} {endpoints/stands on an unusual port/stand on unusual ports}, to which no"
            " connection is made from here.",
            fix="Use the registered ports (465, 587, 993, 995), or list the services in the inventory with their"
            " ports.",
            reason=Reason.SCOPE,
        ),
        "IPV6_ONLY": not_applicable(
            "{name} offers mail programs only IPv6 ({endpoints:list}); there is nothing to compare with."
        ),
        "ALL_CLOSED": not_applicable(
            "Nothing that {name} names for mail programs accepts connections on either family."
        ),
        "NO_ENDPOINT": not_applicable(
            "Neither SRV records nor the inventory name a host that mail programs of {name} connect to."
        ),
        **not_judged.NULL_MX,
    },
)
def client_endpoints(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    mail_domain = mail(subject, evidence, ctx)
    if mail_domain.mx.known and mail_domain.null:
        yield Verdict(code="NULL_MX", args={"name": mail_domain.mx.name}, evidence=mail_domain.mx.evidence)
    else:
        yield _judge(mail_domain.mx.name, _places(subject, evidence, ctx))


def _judge(name: str, found: _Places) -> Verdict:
    """Return the verdict; NONE_ON_IPV6 only if no other service is there, or may be, else MISSING."""
    there = [place for place in found.places if place.v6.open]
    missing = [place for place in found.places if place.missing]
    unknown = [family for place in found.places if (family := place.unknown) is not None]

    def say(code: str, places: Iterable[_Place]) -> Verdict:
        listed = list(places)
        labels = tuple(place.client.label for place in listed)
        ids = (id_ for place in listed for family in (place.v4, place.v6) for id_ in family.evidence)
        args: dict[str, Arg] = {"name": name, "missing" if code in ("MISSING", "NONE_ON_IPV6") else "endpoints": labels}
        return Verdict(code=code, args=args, evidence=tuple(dict.fromkeys(ids)) or found.asked)

    if missing:
        alone = not (there or unknown or found.unasked or found.others)
        return say("NONE_ON_IPV6" if alone else "MISSING", missing)
    if found.unasked:
        return not_judged.dns(found.unasked[0])
    if unknown:
        return replace(unknown[0].verdict(), address=None)
    if found.others:
        labels = tuple(client.label for client in found.others)
        return Verdict(code="NOT_CONNECTED", args={"name": name, "endpoints": labels}, evidence=found.asked)
    if there:
        return say("IPV6_ONLY" if all(place.v4.shut for place in there) else "ALL", there)
    return say("ALL_CLOSED" if found.places else "NO_ENDPOINT", found.places)


def _places(subject: Subject, evidence: EvidenceSet, ctx: Context) -> _Places:
    """Return all known services to which the domain's users connect."""
    domain = canonical(subject.host or subject.name)
    looks = [lookup(evidence, ctx, f"{label}.{domain}", "SRV", SRV) for label in LABELS.values()]
    everywhere = clients.everywhere(subject, [step for _, step in evidence.of(NameLookup) if step.role == SRV])
    return _Places(
        places=tuple(_place(subject, evidence, ctx, client) for client in everywhere if client.dialled),
        others=tuple(client for client in everywhere if not client.dialled),
        unasked=tuple(look for look in looks if not look.known),
        asked=tuple(dict.fromkeys(id_ for look in looks for id_ in look.evidence)),
    )


def _place(subject: Subject, evidence: EvidenceSet, ctx: Context, client: Client) -> _Place:
    looks = {rtype: _addresses(subject, evidence, ctx, client, rtype) for rtype in ("A", "AAAA")}
    usable = [address for address in looks["AAAA"].v6 if rejection(subject, address, ctx) is None]

    def family(look: Lookup, addresses: Sequence[IPAddress]) -> _Family:
        return _Family(
            look=look, ports=tuple(port_state(evidence, ctx, address, client.service.port) for address in addresses)
        )

    return _Place(client=client, v4=family(looks["A"], looks["A"].v4), v6=family(looks["AAAA"], usable))


def _addresses(subject: Subject, evidence: EvidenceSet, ctx: Context, client: Client, rtype: str) -> Lookup:
    if not (client.declared and subject.addresses):
        return lookup(evidence, ctx, client.host, rtype, HOST)
    records = tuple(written(a) for a in subject.addresses if a.version == (6 if rtype == "AAAA" else 4))
    status = LookupStatus.ANSWER if records else LookupStatus.NO_DATA
    return Lookup(name=client.host, rtype=rtype, status=status, records=records)

"""``ipv6.dns.ptr``: IPv6 addresses of servers and mail senders have a reverse name that leads back to them.

Only an address that sends mail must have one: large receivers refuse mail from one without. What a sender says in HELO
is not seen from here; no test message is sent.
"""

from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address

from auditor.check import Place, Unit, check, says
from auditor.context import Context
from auditor.facts import undecided
from auditor.facts.exchangers import mail
from auditor.facts.names import Lookup, canonical, lookup, own, rejection
from auditor.facts.nameservers import Delegated, zone
from auditor.findings import Arg, Outcome, Reason, Verdict
from inventory.model import WEB_KINDS, Clearance, Kind, Subject, written
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import Delegation, NameLookup

_SENDERS = "senders"
_NAMES_READ = 4


@check(
    version=1,
    title="Servers and mail senders have forward-confirmed reverse DNS in ip6.arpa",
    why="Receivers of mail refuse or distrust an IPv6 sender whose address has no name, or has one that does not lead"
    " back; for other servers a reverse name makes logs and traces readable.",
    fix="Have the ip6.arpa zone of the prefix delegated by the provider and publish PTR records for servers and mail"
    " senders, with names whose AAAA records lead back to the address.",
    references=("RFC 8501", "RFC 1912 §2.1"),
    needs=(NameLookup, Delegation),
    kinds=WEB_KINDS | {Kind.ZONE, Kind.MAIL},
    vantage=frozenset({Place.INET, Place.INV}),
    transports=frozenset({"udp/53"}),
    unit=Unit.ADDRESS,
    clearance=Clearance.PASSIVE,
    messages={
        **undecided.DNS_CODES,
        "CONFIRMED": says(Outcome.PASS, "{address} is called {name}, and that name leads back to it."),
        "NOT_CONFIRMED": says(
            Outcome.WARN,
            "{address} is called {names:list}, but no AAAA record of {names/that name/those names} leads back to it.",
            fix="Publish the AAAA record of that name, or correct the PTR record.",
        ),
        "NO_PTR_SENDER": says(
            Outcome.FAIL, "{address} sends mail and has no name in ip6.arpa; large receivers refuse its mail."
        ),
        "NO_PTR": says(Outcome.NOT_APPLICABLE, "{address} has no name in ip6.arpa and need not have one."),
        "NOT_DECLARED": says(
            Outcome.INCONCLUSIVE,
            "The inventory does not say from which addresses {name} sends mail (sender=ADDRESS in its tags).",
            fix="Write every address that sends the domain's mail into the tags column as sender=ADDRESS.",
            reason=Reason.INV,
        ),
        "NO_IPV6_SENDER": says(Outcome.NOT_APPLICABLE, "No IPv6 address sends mail for {name}, the inventory says."),
        "NO_MAIL": says(Outcome.NOT_APPLICABLE, "{name} declares that it has no mail (Null MX)."),
        "NO_ADDRESS": says(Outcome.NOT_APPLICABLE, "{name} has no usable IPv6 address."),
        "NO_NAME": says(Outcome.NOT_APPLICABLE, "The service is listed by address; look-ups begin with a name."),
    },
)
def ptr(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    if subject.host is None:
        yield Verdict(code="NO_NAME")
        return
    senders = _senders(subject)
    servers, unknown = _servers(subject, evidence, ctx)
    said = [_judge(evidence, ctx, address, sends=address in senders) for address in sorted({*senders, *servers})]
    said += [undecided.dns(look, detail=f"{look.name} {look.rtype}") for look in unknown]
    if Kind.MAIL in subject.kinds and not senders:
        said.append(_no_sender(subject, evidence, ctx))
    if not said:
        looked = own(subject, evidence, ctx, "AAAA") if subject.kinds & WEB_KINDS else None
        ids = () if looked is None else looked.evidence
        said.append(Verdict(code="NO_ADDRESS", args={"name": canonical(subject.host)}, evidence=ids))
    yield from said


def _senders(subject: Subject) -> frozenset[IPv6Address]:
    """The declared ones of a mail domain."""
    if Kind.MAIL not in subject.kinds:
        return frozenset()
    declared = map(ip_address, subject.tag_values("sender"))
    return frozenset(one for one in declared if isinstance(one, IPv6Address) and one.ipv4_mapped is None)


def _no_sender(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Verdict:
    args = {"name": canonical(subject.host or subject.name)}
    takes = mail(subject, evidence, ctx)
    if takes.mx.known and takes.null:
        return Verdict(code="NO_MAIL", args=args, detail=_SENDERS, evidence=takes.mx.evidence)
    return Verdict(
        code="NO_IPV6_SENDER" if subject.tag_values("sender") else "NOT_DECLARED", args=args, detail=_SENDERS
    )


def _servers(subject: Subject, evidence: EvidenceSet, ctx: Context) -> tuple[set[IPv6Address], list[Lookup]]:
    """The usable IPv6 addresses of name servers, mail exchangers and the web site; and the look-ups not known."""
    looked: list[Lookup] = []
    if subject.kinds & WEB_KINDS:
        looked.append(own(subject, evidence, ctx, "AAAA"))
    if Kind.ZONE in subject.kinds:
        found = zone(subject, evidence, ctx)
        looked += [server.aaaa for server in found.servers]
        looked += [found.as_lookup] if found.delegated is Delegated.UNKNOWN else []
    if Kind.MAIL in subject.kinds:
        takes = mail(subject, evidence, ctx)
        looked += [one.aaaa for one in takes.exchangers] or ([] if takes.mx.known else [takes.mx])
    usable = {address for look in looked for address in look.v6 if rejection(subject, address, ctx) is None}
    once = {(look.name, look.rtype): look for look in looked if not look.known}
    return usable, list(once.values())


def _judge(evidence: EvidenceSet, ctx: Context, address: IPv6Address, *, sends: bool) -> Verdict:
    pointed = lookup(evidence, ctx, address.reverse_pointer, "PTR", "ptr", authoritative=True)
    if not pointed.known:
        return undecided.dns(pointed, address=address)
    args: dict[str, Arg] = {"address": written(address)}
    if not pointed.records:
        code = "NO_PTR_SENDER" if sends else "NO_PTR"
        return Verdict(code=code, args=args, address=address, evidence=pointed.evidence)
    looked = [lookup(evidence, ctx, name, "AAAA", "ptr-address", authoritative=True) for name in pointed.records]
    ids = _ids(pointed, *looked)
    for name, found in zip(pointed.records, looked, strict=True):
        if address in found.v6:
            return Verdict(code="CONFIRMED", args={**args, "name": name}, address=address, evidence=ids)
    unknown = next((found for found in looked if not found.known), None)
    if unknown is not None:
        return undecided.dns(unknown, address=address)
    args["names"] = pointed.records[:_NAMES_READ]
    return Verdict(code="NOT_CONFIRMED", args=args, address=address, evidence=ids)


def _ids(*looked: Lookup) -> tuple[EvidenceId, ...]:
    return tuple(dict.fromkeys(id_ for look in looked for id_ in look.evidence))

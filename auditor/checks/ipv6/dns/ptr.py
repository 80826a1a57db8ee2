"""Check that IPv6 addresses of web sites and name servers have a reverse name that leads back to them.

They need not have one; senders of mail must, which is the finding of ``security.mail.sender-ptr``.
"""

from collections.abc import Iterator
from ipaddress import IPv6Address

from auditor.facts import not_judged
from auditor.facts.dns.names import Lookup, canonical, lookup, own, rejection
from auditor.facts.dns.nameservers import Delegated, zone
from auditor.framework.check import Granularity, check, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Verdict
from inventory.model import WEB_KINDS, Clearance, Kind, Subject, written
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import Delegation, NameLookup

_NAMES_READ = 4


@check(
    version=3,
    title="Servers have forward-confirmed reverse names in ip6.arpa",
    problem="Reverse name of an IPv6 address is not confirmed",
    why="A reverse name makes logs and traces readable; one that does not lead back is misleading.",
    fix="Publish the AAAA record of the name, or correct the PTR record.",
    references=("RFC 8501", "RFC 1912 §2.1"),
    needs=(NameLookup, Delegation),
    kinds=WEB_KINDS | {Kind.ZONE},
    transports=frozenset({"udp/53"}),
    unit=Granularity.ADDRESS,
    clearance=Clearance.PASSIVE,
    messages={
        **not_judged.DNS_CODES,
        "CONFIRMED": passed("{address} is called {name}, and that name leads back to it."),
        "NOT_CONFIRMED": warn(
            "{address} is called {names:list}, but no AAAA record of {names/that name/those names} leads back to it."
        ),
        "NO_PTR": not_applicable("{address} has no name in ip6.arpa and need not have one."),
        **not_judged.NO_IPV6_ADDRESS,
    },
)
def ptr(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    servers, unknown = _servers(subject, evidence, ctx)
    verdicts = [_judge(evidence, ctx, address) for address in sorted(servers)]
    verdicts += [not_judged.dns(look, detail=f"{look.name} {look.rtype}") for look in unknown]
    if not verdicts:
        named = subject.host is not None and subject.kinds & WEB_KINDS
        ids = own(subject, evidence, ctx, "AAAA").evidence if named else ()
        name = canonical(subject.host or subject.name)
        verdicts.append(Verdict(code="NO_ADDRESS", args={"name": name}, evidence=ids))
    yield from verdicts


def _servers(subject: Subject, evidence: EvidenceSet, ctx: Context) -> tuple[set[IPv6Address], list[Lookup]]:
    """Return the usable IPv6 addresses of name servers and the web site, and the undecided look-ups.

    Addresses of the row stand for those of a web site without a name.
    """
    looked: list[Lookup] = []
    if subject.kinds & WEB_KINDS and subject.host is not None:
        looked.append(own(subject, evidence, ctx, "AAAA"))
    if Kind.ZONE in subject.kinds:
        zone_facts = zone(subject, evidence, ctx)
        looked += [server.aaaa for server in zone_facts.servers]
        looked += [zone_facts.as_lookup] if zone_facts.delegated is Delegated.UNKNOWN else []
    nameless = subject.addresses if subject.host is None else ()
    found6 = {address for look in looked for address in look.v6} | {
        address for address in nameless if isinstance(address, IPv6Address)
    }
    usable = {address for address in found6 if rejection(subject, address, ctx) is None}
    once = {(look.name, look.rtype): look for look in looked if not look.known}
    return usable, list(once.values())


def _judge(evidence: EvidenceSet, ctx: Context, address: IPv6Address) -> Verdict:
    pointed = lookup(evidence, ctx, address.reverse_pointer, "PTR", "ptr", authoritative=True)
    if not pointed.known:
        return not_judged.dns(pointed, address=address)
    args: dict[str, Arg] = {"address": written(address)}
    if not pointed.records:
        return Verdict(code="NO_PTR", args=args, address=address, evidence=pointed.evidence)
    looked = [lookup(evidence, ctx, name, "AAAA", "ptr-address", authoritative=True) for name in pointed.records]
    ids = _ids(pointed, *looked)
    for name, look in zip(pointed.records, looked, strict=True):
        if address in look.v6:
            return Verdict(code="CONFIRMED", args={**args, "name": name}, address=address, evidence=ids)
    unknown = next((lookup for lookup in looked if not lookup.known), None)
    if unknown is not None:
        return not_judged.dns(unknown, address=address)
    args["names"] = pointed.records[:_NAMES_READ]
    return Verdict(code="NOT_CONFIRMED", args=args, address=address, evidence=ids)


def _ids(*looked: Lookup) -> tuple[EvidenceId, ...]:
    return tuple(dict.fromkeys(id_ for look in looked for id_ in look.evidence))

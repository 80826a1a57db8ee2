"""Check that the addresses that send the domain's mail have names that lead back to them (RFC 8601).

The senders are those that the inventory declares; the domain's own exchangers may send too. A sender's name in HELO is
not seen from here; no test message is sent.
"""

from collections.abc import Iterator
from ipaddress import ip_address

from auditor.facts import not_judged
from auditor.facts.dns.names import Lookup, canonical, lookup, rejection
from auditor.facts.mail.exchangers import Mail, mail
from auditor.facts.mail.spf import sends_by_others, sends_nothing
from auditor.facts.ranges import is_public
from auditor.framework.check import Granularity, VantageKind, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Verdict
from inventory.model import Clearance, IPAddress, Kind, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.framework.expand import is_akin_exchanger
from probes.observations.dns import NameLookup

_SENDERS = "senders"
_NAMES_SHOWN = 4


@check(
    version=2,
    title="Mail servers have forward-confirmed reverse names",
    problem="Sending mail server has no reverse name (PTR)",
    problems={
        "NO_NAME_EXCHANGER": "Mail server has no reverse name (PTR)",
        "NOT_CONFIRMED": "Mail server's reverse name (PTR) is not confirmed",
    },
    why="Large receivers refuse mail from an address that has no name, or whose name does not lead back to it, over"
    " IPv6 above all.",
    fix="Have the provider of the address set its PTR record, or delegate the reverse zone, to a name whose A or AAAA"
    " record leads back to the address.",
    references=("RFC 1912 §2.1", "RFC 8501", "RFC 8601 (iprev)"),
    needs=(NameLookup,),
    kinds=frozenset({Kind.MAIL}),
    vantage=frozenset({VantageKind.INET, VantageKind.INV}),
    transports=frozenset({"udp/53"}),
    unit=Granularity.ADDRESS,
    clearance=Clearance.PASSIVE,
    messages={
        **not_judged.DNS_CODES,
        "CONFIRMED": passed("{address} is called {pointer}, and that name leads back to it."),
        "NOT_CONFIRMED": warn(
            "{address} is called {pointers:list}, but no {rtype} record of {pointers/that name/those names} leads back"
            " to it.",
            fix="Publish {address} as an {rtype} record of that name, or correct the PTR record.",
        ),
        "NO_NAME_EXCHANGER": warn(
            "{address}, a mail exchanger of {name}, has no reverse name (PTR); if it sends mail too, large receivers"
            " refuse that."
        ),
        "NO_NAME": fail(
            "{address} sends the mail of {name} and has no reverse name (PTR): large receivers refuse its mail."
        ),
        **not_judged.NO_SENDERS,
        "PROVIDER": not_applicable(
            "The mail exchangers and senders of {name} belong to a provider, who is responsible for their reverse"
            " names."
        ),
        "NOT_SENDING": not_applicable("{name} declares that it sends no mail."),
    },
)
def sender_ptr(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    name = canonical(subject.host or subject.name)
    senders = {
        address
        for address in map(ip_address, subject.tag_values("sender"))
        if address.version == 4 or address.ipv4_mapped is None
    }
    takes = mail(subject, evidence, ctx)
    if not senders and (takes.null or sends_nothing(evidence, ctx, name)):
        yield Verdict(code="NOT_SENDING", args={"name": name}, evidence=takes.mx.evidence)
        return
    own, unknown = _own_exchangers(subject, evidence, ctx, takes)
    yield from (not_judged.dns(look, detail=f"{look.name} {look.rtype}") for look in unknown)
    for address in sorted(senders | own, key=lambda sender: (sender.version, int(sender))):
        yield _judge(evidence, ctx, name, address, sends=address in senders)
    if not senders:
        others = takes.mx.known and not own and not unknown and sends_by_others(evidence, ctx, name)
        yield Verdict(code="PROVIDER" if others else "NOT_DECLARED", args={"name": name}, detail=_SENDERS)


def _own_exchangers(
    subject: Subject, evidence: EvidenceSet, ctx: Context, takes: Mail
) -> tuple[set[IPAddress], list[Lookup]]:
    """Return the public addresses of the exchangers that are the owner's own, and the look-ups that are not known."""
    name, examples = canonical(subject.host or subject.name), ctx.reference.documentation_is_global
    hosts = [exchanger for exchanger in takes.exchangers if is_akin_exchanger(name, exchanger.name)]
    v6 = {a for host in hosts for a in host.aaaa.v6 if rejection(subject, a, ctx) is None}
    v4 = {a for host in hosts for a in host.a.v4 if is_public(a, documentation_is_global=examples)}
    looks = [look for host in hosts for look in (host.a, host.aaaa)] + ([] if takes.mx.known else [takes.mx])
    return {*v6, *v4}, [look for look in looks if not look.known]


def _judge(evidence: EvidenceSet, ctx: Context, name: str, address: IPAddress, *, sends: bool) -> Verdict:
    pointed = lookup(evidence, ctx, address.reverse_pointer, "PTR", "ptr", authoritative=True)
    if not pointed.known:
        return not_judged.dns(pointed, address=address)
    rtype = "AAAA" if address.version == 6 else "A"
    args: dict[str, Arg] = {"name": name, "address": written(address), "rtype": rtype}
    if not pointed.records:
        code = "NO_NAME" if sends else "NO_NAME_EXCHANGER"
        return Verdict(code=code, args=args, address=address, evidence=pointed.evidence)
    looked = [lookup(evidence, ctx, pointer, rtype, "ptr-address", authoritative=True) for pointer in pointed.records]
    ids = tuple(dict.fromkeys(id_ for look in (pointed, *looked) for id_ in look.evidence))
    for pointer, lookup_facts in zip(pointed.records, looked, strict=True):
        if address in (*lookup_facts.v6, *lookup_facts.v4):
            return Verdict(code="CONFIRMED", args={**args, "pointer": pointer}, address=address, evidence=ids)
    unknown = next((look for look in looked if not look.known), None)
    if unknown is not None:
        return not_judged.dns(unknown, address=address)
    return Verdict(
        code="NOT_CONFIRMED", args={**args, "pointers": pointed.records[:_NAMES_SHOWN]}, address=address, evidence=ids
    )

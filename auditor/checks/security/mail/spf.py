"""Check that the domain has one valid SPF record that rejects unauthorised senders (RFC 7208)."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Network, collapse_addresses, ip_address, ip_network

from auditor.facts import not_judged
from auditor.facts.dns.dangling import unowned_domain
from auditor.facts.dns.names import canonical
from auditor.facts.dns.nameservers import is_public
from auditor.facts.mail.exchangers import mail
from auditor.facts.mail.misspelt import MISSPELT_SPF, meant
from auditor.facts.mail.spf import SpfEvaluation, of_sender, of_strangers, record
from auditor.facts.mail.spf_terms import behind_all, only_private, unowned_by
from auditor.framework.check import check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Clearance, Kind, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.wire.mail.misspelt import spf_slip
from probes.wire.mail.spf.record import Term
from probes.wire.mail.spf.walk import Spf, SpfProblem

_WIDEST = {4: 16, 6: 32}
"""The shortest prefixes that one organisation may plausibly have."""

_EVERYBODY = (ip_network("0.0.0.0/0"), ip_network("2000::/3"))
_ID = "security.mail.spf"
_PROBLEMS: Mapping[SpfProblem, str] = {
    SpfProblem.ABSENT: "NONE",
    SpfProblem.MULTIPLE: "MULTIPLE",
    SpfProblem.SYNTAX: "SYNTAX",
    SpfProblem.LEADS_NOWHERE: "LEADS_NOWHERE",
    SpfProblem.LOOKUPS: "TOO_MANY_LOOKUPS",
    SpfProblem.VOIDS: "TOO_MANY_VOID",
    SpfProblem.MX: "TOO_MANY_MX",
    SpfProblem.DEPENDS: "DEPENDS",
}


@check(
    version=9,
    title="SPF is valid and restrictive",
    problem="SPF record is invalid",
    problems={
        "NEUTRAL": "SPF does not restrict other senders (?all)",
        "MANY_LOOKUPS": "SPF is close to the DNS look-up limit",
        "PTR": "SPF relies on reverse names (ptr)",
        "WIDE": "SPF allows large foreign networks to send",
        "NONE": "No SPF record",
        "MULTIPLE": "Several SPF records make SPF invalid",
        "LEADS_TO_UNOWNED": "SPF leads to a domain that anyone can register",
        "TOO_MANY_LOOKUPS": "SPF needs too many DNS look-ups",
        "OPEN": "SPF allows anyone to send mail",
        "PARKED_LAX": "SPF of a domain without mail is too lax",
        "BEHIND_ALL": "SPF terms behind all have no effect",
        "ONLY_PRIVATE": "SPF lets in private addresses only",
        "UNOWNED_SENDER": "SPF names a domain that anyone can register",
        "SENDER_LEFT_OUT": "SPF leaves out one of the domain's own senders",
    },
    why="Without a valid SPF record that rejects all other senders, anyone can send mail in the agency's name.",
    fix="Publish exactly one SPF record that lists the agency's senders and ends in -all.",
    references=("RFC 7208 §4.6.4", "RFC 7208 §5", "RFC 7208 §5.5", "RFC 7208 §6.1", "Internet.nl spf, spf_policy"),
    needs=(NameLookup,),
    kinds=frozenset({Kind.MAIL}),
    transports=frozenset({"udp/53"}),
    clearance=Clearance.PASSIVE,
    messages={
        **not_judged.DNS_CODES,
        "RESTRICTIVE": passed(
            "The SPF record of {name} is valid, ends in {policy} and needs {lookups} DNS look-ups of the 10 allowed."
        ),
        "NEUTRAL": warn("The SPF record of {name} is valid but neutral about all other senders (?all)."),
        "MANY_LOOKUPS": warn(
            "The SPF record of {name} needs {lookups} DNS look-ups; beyond 10 it becomes invalid.",
            fix="Remove terms that are not needed, or name addresses (ip4, ip6) instead of names.",
        ),
        "PTR": warn(
            "The SPF record of {name} names senders by their reverse names ({terms:list}), which many receivers do not"
            " look up.",
            fix="Name the senders by ip4, ip6, a or include instead of ptr.",
        ),
        "WIDE": warn(
            "The SPF record of {name} lets whole networks of others send in its name: {terms:list}.",
            fix="Name the addresses that send the domain's mail, not the networks around them.",
        ),
        "WIDE_PROVIDER": passed(
            "The SPF record of {name} takes in a provider's record with very wide ranges ({terms:list}); the domain"
            " cannot change them."
        ),
        "NONE": fail("{name} has no SPF record."),
        **MISSPELT_SPF,
        "MULTIPLE": fail(
            "{place} has more than one SPF record, which makes the SPF of {name} invalid.",
            fix="Merge the records into one.",
        ),
        "SYNTAX": fail("The SPF record of {place} cannot be understood at {term}."),
        "LEADS_NOWHERE": fail(
            "The SPF of {name} is invalid: {term} leads to {place}, which has no SPF record.",
            fix="Remove the term, or correct the name in it.",
        ),
        "LEADS_TO_UNOWNED": fail(
            "The SPF of {name} is invalid: {term} leads to {place}, and the domain {domain} does not exist: anyone "
            "who registers it decides who may send mail in the name of {name}.",
            fix="Remove the term now, or correct the name in it.",
        ),
        "TOO_MANY_LOOKUPS": fail(
            "The SPF of {name} is invalid: it needs more than 10 DNS look-ups, the eleventh at {term} of {place}.",
            fix="Remove terms that are not needed, or name addresses (ip4, ip6) instead of names.",
        ),
        "TOO_MANY_VOID": fail(
            "The SPF of {name} is invalid: more than two of its names do not exist, the third at {term} of {place}.",
            fix="Remove the terms whose names no longer exist.",
        ),
        "TOO_MANY_MX": fail("The SPF of {name} is invalid: {term} of {place} leads to more than 10 mail exchangers."),
        "OPEN": fail("The SPF record of {name} allows everybody to send mail in its name."),
        "DEPENDS": inconclusive(
            "What the SPF record of {name} says about other senders depends on the address of each: {term} of {place}.",
            reason=Reason.AMB,
        ),
        "BEHIND_ALL": warn(
            "The SPF record of {name} has terms that no receiver reads, because it has {policy}: {terms:list}. The "
            "senders that they name are treated like all others.",
            fix="Put all at the end, behind every other term, and use redirect only where there is no all.",
        ),
        "ONLY_PRIVATE": warn(
            "The SPF record of {name} lets in private addresses only ({terms:list}), from which no mail comes on the "
            "Internet: receivers treat the domain's own mail as that of unlisted senders ({policy}).",
            fix="Name the public addresses from which the domain's mail goes out, after any translation (NAT).",
        ),
        "UNOWNED_SENDER": warn(
            "The SPF record of {name} lets senders in by {term}, and the domain {domain} does not exist: anyone who "
            "registers it may send in the name of {name}.",
            fix="Remove the term now, or correct the name in it.",
        ),
        "SENDER_LEFT_OUT": warn(
            "{address}, which the inventory declares as a sender of {name}, is not among those that its SPF record "
            "lets in: receivers treat mail from there as that of unlisted senders ({policy}).",
            fix="Add the address to the record (ip4:{address}), or take the tag sender={address} out of the inventory"
            " where nothing sends from there any more.",
        ),
        "PARKED_LAX": fail(
            "{name} declares that it takes no mail, yet its SPF record ends in {policy} and not in -all.",
            fix='Publish "v=spf1 -all" for a domain without mail.',
        ),
    },
)
def spf(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    name = canonical(subject.host or subject.name)
    receiver_result = of_strangers(evidence, ctx, name)
    if receiver_result.spf.problem is SpfProblem.UNANSWERED and receiver_result.unknown is not None:
        yield not_judged.dns(receiver_result.unknown)
    elif receiver_result.spf.problem is not None:
        yield _invalid(name, evidence, ctx, receiver_result)
    else:
        judged = _judge(subject, evidence, ctx, receiver_result)
        yield judged
        others = wide_terms(receiver_result.spf, own=False)
        if others and judged.code == "RESTRICTIVE":
            yield Verdict(
                code="WIDE_PROVIDER",
                args={"name": name, "terms": others},
                detail="include:",
                evidence=receiver_result.evidence,
            )
        yield from _misled(evidence, ctx, receiver_result)
        yield from _left_out(subject, evidence, ctx, name)


def _misled(evidence: EvidenceSet, ctx: Context, receiver_result: SpfEvaluation) -> Iterator[Verdict]:
    """Yield verdicts on terms of the domain's own record that do not have their intended effect."""
    spf = receiver_result.spf
    args: dict[str, Arg] = {"name": spf.place, "policy": f"{spf.result}all", "terms": only_private(spf)}
    if args["terms"] and spf.result in "-~":
        yield Verdict(code="ONLY_PRIVATE", args=args, detail="ip4:", evidence=receiver_result.evidence)
    look = record(evidence, ctx, spf.place)
    everybody, unread = behind_all(look.records)
    if unread:
        args = {**args, "policy": everybody, "terms": unread}
        yield Verdict(code="BEHIND_ALL", args=args, detail="all", evidence=look.evidence)
    for term in dict.fromkeys(_of(spf, own=True)):
        look, domain = unowned_by(term, evidence, ctx)
        if domain:
            args = {"name": spf.place, "term": term.text[:80], "domain": domain}
            yield Verdict(code="UNOWNED_SENDER", args=args, detail=term.text[:80], evidence=look.evidence)


def _left_out(subject: Subject, evidence: EvidenceSet, ctx: Context, name: str) -> Iterator[Verdict]:
    """Yield the declared IPv4 senders that the record rejects; ``ipv6.mail.spf-ip6`` judges those of IPv6."""
    declared = sorted({a for a in map(ip_address, subject.tag_values("sender")) if isinstance(a, IPv4Address)})
    for address in declared:
        told = of_sender(evidence, ctx, name, address)
        known = told.unknown is None and told.spf.problem is None and not told.spf.depends
        if known and told.spf.result in "-~" and is_public(address, ctx):
            args: dict[str, Arg] = {"name": name, "address": written(address), "policy": f"{told.spf.result}all"}
            yield Verdict(code="SENDER_LEFT_OUT", args=args, detail=written(address), evidence=told.evidence)


def _invalid(name: str, evidence: EvidenceSet, ctx: Context, receiver_result: SpfEvaluation) -> Verdict:
    spf, ids = receiver_result.spf, receiver_result.evidence
    assert spf.problem is not None
    args: dict[str, Arg] = {"name": name, "place": spf.place, "term": spf.term[:80]}
    if spf.problem is SpfProblem.LEADS_NOWHERE:
        domain = unowned_domain(record(evidence, ctx, spf.place), evidence, ctx)
        if domain:
            return Verdict(code="LEADS_TO_UNOWNED", args={**args, "domain": domain}, evidence=ids)
    texts = record(evidence, ctx, name).records if spf.problem is SpfProblem.ABSENT else ()
    code, args["record"] = meant(texts, spf_slip) or (_PROBLEMS[spf.problem], "")
    return Verdict(code=code, args=args, evidence=ids)


def _judge(subject: Subject, evidence: EvidenceSet, ctx: Context, receiver_result: SpfEvaluation) -> Verdict:
    spf, ids = receiver_result.spf, receiver_result.evidence
    args: dict[str, Arg] = {"name": spf.place, "policy": f"{spf.result}all", "lookups": spf.lookups}
    if spf.result == "+" or is_everybody(spf):
        return Verdict(code="OPEN", args=args, evidence=ids)
    if spf.result != "-":
        takes = mail(subject, evidence, ctx)
        if not takes.mx.known:
            return not_judged.dns(takes.mx)
        ids = tuple(dict.fromkeys([*ids, *takes.mx.evidence]))
        if takes.null:
            return Verdict(code="PARKED_LAX", args=args, evidence=ids)
    if spf.result == "?":
        return Verdict(code="NEUTRAL", args=args, evidence=ids)
    wide, ptr = wide_terms(spf, own=True), ptr_terms(spf)
    if wide or ptr:
        return Verdict(code="WIDE" if wide else "PTR", args={**args, "terms": wide or ptr}, evidence=ids)
    many = spf.lookups > ctx.policy.threshold(_ID, "warn_lookups")
    return Verdict(code="MANY_LOOKUPS" if many else "RESTRICTIVE", args=args, evidence=ids)


def is_everybody(spf: Spf) -> bool:
    """True if the accepted ranges are all of IPv4 together, or all global IPv6 addresses."""
    networks = [term.network for _, term in spf.granting if term.network is not None]
    v4: list[IPv4Network] = [network for network in networks if isinstance(network, IPv4Network)]
    v6: list[IPv6Network] = [network for network in networks if isinstance(network, IPv6Network)]
    merged: list[IPv4Network | IPv6Network] = [*collapse_addresses(v4), *collapse_addresses(v6)]
    return any(_holds(network, everybody) for network in merged for everybody in _EVERYBODY)


def wide_terms(spf: Spf, *, own: bool) -> tuple[str, ...]:
    """Return the terms with a range that is too wide: of the domain's own records, or of those that others publish."""
    return tuple(dict.fromkeys(term.text for term in _of(spf, own=own) if _is_wide(term)))


def ptr_terms(spf: Spf) -> tuple[str, ...]:
    """Return the terms ``ptr`` of the domain's own records."""
    return tuple(dict.fromkeys(term.text for term in _of(spf, own=True) if term.name == "ptr"))


def _of(spf: Spf, *, own: bool) -> Iterator[Term]:
    domain = spf.place.lower()
    for place, term in spf.granting:
        name = place.lower().removesuffix(".")
        if (name == domain or name.endswith(f".{domain}")) is own:
            yield term


def _is_wide(term: Term) -> bool:
    """True if a term accepts a large network; private ranges accept none, as no Internet mail comes from them."""
    if term.network is not None:
        return term.network.prefixlen < _WIDEST[term.network.version] and term.network.is_global
    return term.name in {"a", "mx"} and (term.lengths[0] < _WIDEST[4] or term.lengths[1] < _WIDEST[6])


def _holds(network: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    return (
        network.version == other.version and network.prefixlen <= other.prefixlen and other.network_address in network
    )

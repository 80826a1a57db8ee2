"""Check that a recursive resolver removes, changes and invents no AAAA record."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address

from auditor.facts import not_judged
from auditor.facts.addresses import embedded
from auditor.facts.dns.names import Lookup
from auditor.facts.dns.recursion import IN_V6, Control, addresses, controls
from auditor.framework.check import FamilyClaim, Granularity, VantageKind, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Clearance, IPAddress, Kind, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import DnsExchange, NameLookup

_TAG = "dns64"
_WELL_KNOWN = (IPv4Address("192.0.0.170"), IPv4Address("192.0.0.171"))  # RFC 7050 §8.2
_WITHOUT_AAAA = "ipv4only.arpa"


@check(
    version=2,
    title="Resolver does not strip, forge or synthesise AAAA",
    problem="Resolver changes AAAA records",
    problems={
        "STRIPPED": "Resolver removes AAAA records",
        "DNS64": "Resolver synthesises AAAA records without declaration",
        "DNS64_DECLARED": "Resolver synthesises AAAA records as declared",
    },
    why="A resolver that takes AAAA records out switches IPv6 off for everybody behind it, without a trace; one that"
    " makes records up leads them elsewhere.",
    fix="Remove the filter of AAAA records, or DNS64 where nobody needs it; DNS64 that is wanted is declared with the"
    " tag dns64.",
    references=("RFC 4074", "RFC 7050", "RFC 6147"),
    needs=(DnsExchange, NameLookup),
    kinds=frozenset({Kind.RESOLVER}),
    vantage=frozenset({VantageKind.TSL, VantageKind.LAN}),
    claims=FamilyClaim.EACH,
    unit=Granularity.ADDRESS,
    clearance=Clearance.PASSIVE,
    messages={
        **not_judged.NOT_DECIDED,
        "EQUAL": passed("{address} gives the AAAA records of {count:n} {count/name/names} as they are."),
        "STRIPPED": fail("{address} takes the AAAA records out of its answers for {names:list}."),
        "CHANGED": fail("{address} gives other AAAA records of {names:list} than their own name servers do."),
        "DNS64": fail(
            "{address} makes up AAAA records of {names:list} (DNS64), which the inventory does not declare.",
            fix="Switch DNS64 off, or declare it with the tag dns64 where a network with only IPv6 needs it.",
        ),
        "DNS64_DECLARED": warn("{address} makes up AAAA records of {names:list} (DNS64), as the inventory declares."),
        "NO_BASIS": inconclusive(
            "{address} gave no usable answer for any name whose AAAA records are known.",
            fix="Let the vantage ask the resolver, or restore the resolver, then check again.",
            reason=Reason.DNS,
        ),
        **not_judged.RESOLVER_NOT_ASKED,
    },
)
def resolver_aaaa(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    asked = addresses(evidence)
    for address in asked:
        yield _judge(subject, address, controls(evidence, ctx, address))
    if not asked:
        yield Verdict(code="NOT_ASKED")


def _judge(subject: Subject, address: IPAddress, asked: Sequence[Control]) -> Verdict:
    """Return the verdict on a resolver; names with unknown records, or without a reachable server, are left out."""
    compared = [control for control in asked if control.udp.found is not None and _is_known(control)]
    args: dict[str, Arg] = {"address": str(address)}
    ids = tuple(dict.fromkeys(id_ for control in compared for id_ in (*control.udp.evidence, *control.truth.evidence)))
    for code, bad in _defects(subject, compared):
        if bad:
            args["names"] = tuple(control.name for control in bad)
            return Verdict(code=code, args=args, address=address, evidence=ids)
    denied = [control for control in compared if control.truth.v6 and control.udp.denies_name]
    if denied:
        return not_judged.at(address, "udp/53", Reason.AMB, _of(denied))
    silent = [
        control for control in asked if control.udp.found is None and not control.udp.rcode and control.role != IN_V6
    ]
    if silent:
        reason = next((control.udp.reason for control in silent if control.udp.reason is not None), Reason.DNS)
        return not_judged.at(address, "udp/53", reason, _of(silent))
    if not compared:
        return Verdict(code="NO_BASIS", args=args, address=address, evidence=_of(asked))
    if not any(control.truth.v6 for control in compared):
        return not_judged.at(address, "udp/53", _why([control.truth for control in asked]), ids)
    return Verdict(code="EQUAL", args={**args, "count": len(compared)}, address=address, evidence=ids)


def _why(truths: Sequence[Lookup]) -> Reason:
    """Return the reason for which no name with AAAA records could be compared."""
    reasons = [truth.reason for truth in truths if truth.reason is not None]
    return min(reasons, default=Reason.REF)


def _of(asked: Sequence[Control]) -> tuple[EvidenceId, ...]:
    return tuple(dict.fromkeys(id_ for control in asked for id_ in control.udp.evidence))


def _is_known(control: Control) -> bool:
    return control.truth.known or control.name == _WITHOUT_AAAA


def _defects(subject: Subject, compared: Sequence[Control]) -> Iterator[tuple[str, list[Control]]]:
    wrong = [control for control in compared if set(control.udp.found or ()) != set(control.truth.v6)]
    made_up = [control for control in wrong if not control.truth.v6]
    synthesis = any(control.name == _WITHOUT_AAAA and _translates(control) for control in made_up)
    yield "STRIPPED", [control for control in wrong if not control.udp.found and not control.udp.denies_name]
    yield "CHANGED", [control for control in wrong if control.udp.found and (control.truth.v6 or not synthesis)]
    yield (
        ("DNS64_DECLARED" if subject.has_tag(_TAG) else "DNS64"),
        [control for control in made_up if control.udp.found],
    )


def _translates(control: Control) -> bool:
    """True if the answer is the known IPv4 addresses mapped into IPv6 (RFC 7050 §3)."""
    return all(embedded(address, _WELL_KNOWN) is not None for address in control.udp.found or ())

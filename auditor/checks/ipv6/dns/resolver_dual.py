"""Check that an agency's recursive resolver reaches zones whose name servers have only IPv6.

The vantage itself looks up whether the zone can be reached: a control zone that is down is no defect of a resolver.
"""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_network

from auditor.facts import not_judged
from auditor.facts.addresses import UNIQUE_LOCAL
from auditor.facts.dns import losses
from auditor.facts.dns.error_limits import ERRS_AT_TIMES, errs_at_times, passing_errors
from auditor.facts.dns.recursion import IN_V6, PLAIN, Control, addresses, controls, source_of
from auditor.framework.check import FamilyClaim, Granularity, VantageKind, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Clearance, IPAddress, Kind, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import DnsExchange, EdnsAnswer, NameLookup

_SITE = 48
_KNOWN_TO_ALL = "ipv4only.arpa"


@check(
    version=4,
    title="Agency recursive resolver reaches IPv6-only zones",
    problem="Resolver cannot resolve IPv6-only domains",
    problems={
        "FORWARDS": "Resolver depends on another server for IPv6-only domains",
        "NO_TCP": "Resolver does not answer over TCP",
        "NO_IPV6_ADDRESS": "Resolver has no IPv6 address",
    },
    why="Everybody behind a resolver that speaks only IPv4 is cut off from names whose name servers have only IPv6.",
    fix="Enable IPv6 on the resolver and let it send to UDP and TCP port 53 over IPv6.",
    references=("RFC 10001 §4.2", "RFC 9099 §2.1.7", "Internet.nl conn"),
    needs=(DnsExchange, NameLookup),
    beside=(EdnsAnswer,),
    kinds=frozenset({Kind.RESOLVER}),
    vantage=frozenset({VantageKind.TSL, VantageKind.LAN}),
    claims=FamilyClaim.EACH,
    unit=Granularity.ADDRESS,
    clearance=Clearance.PASSIVE,
    excused_by=dict.fromkeys(("FAILS", "FAILS_SILENTLY", "NO_TCP"), frozenset({"resolver"})),
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        **ERRS_AT_TIMES,
        "RESOLVES": passed("{address} resolves {name}, whose zone has only IPv6 name servers, over UDP and TCP."),
        "FORWARDS": warn("{address} resolves {name} only through another server: the zone was asked from {source}."),
        "NO_TCP": warn(
            "{address} resolves {name} over UDP, but does not answer over TCP.",
            fix="Open TCP port 53 of the resolver to its users.",
        ),
        "NO_IPV6_ADDRESS": warn(
            "The resolver has no IPv6 address, so that users with only IPv6 cannot ask it.",
            fix="Give the resolver an IPv6 address and announce it to the users.",
        ),
        "FAILS": fail(
            "{address} resolves ordinary names, but not {name}, whose zone has only IPv6 name servers: {rcode}."
        ),
        "FAILS_SILENTLY": fail(
            "{address} resolves ordinary names, but gives no answer for {name}, whose zone has only IPv6 name servers."
        ),
        "NO_BASIS": inconclusive(
            "{address} gave no usable answer for the ordinary name {name} either.",
            fix="Let the vantage ask the resolver, or restore the resolver, then check again.",
            reason=Reason.DNS,
        ),
        **not_judged.RESOLVER_NOT_ASKED,
        "NOT_CONFIGURED": inconclusive(
            "No control name in a zone with only IPv6 name servers is configured (control_names.ipv6_only_zone).",
            reason=Reason.REF,
        ),
    },
)
def resolver_dual(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    asked = addresses(evidence)
    yield from (_judge(subject, evidence, ctx, address) for address in asked)
    if asked and not any(isinstance(address, IPv6Address) for address in (*asked, *subject.addresses)):
        ids = tuple(
            envelope.id for envelope in evidence if envelope.endpoint is not None and envelope.endpoint.address in asked
        )
        yield Verdict(code="NO_IPV6_ADDRESS", evidence=ids, detail="addresses")
    if not asked:
        yield Verdict(code="NOT_ASKED")


def _judge(subject: Subject, evidence: EvidenceSet, ctx: Context, address: IPAddress) -> Verdict:
    asked = controls(evidence, ctx, address)
    plain = next((control for control in asked if control.role == PLAIN), None)
    in_v6 = next((control for control in asked if control.role == IN_V6), None)
    if plain is None or plain.udp.reason is not None:
        reason, ids = (Reason.CUT, ()) if plain is None else (plain.udp.reason, plain.udp.evidence)
        return not_judged.at(address, "udp/53", reason, ids)
    if plain.udp.found is None or plain.udp.denies_name:
        args = {"address": str(address), "name": plain.name}
        return Verdict(code="NO_BASIS", args=args, address=address, evidence=plain.udp.evidence)
    if in_v6 is None:
        return Verdict(code="NOT_CONFIGURED", address=address, evidence=plain.udp.evidence)
    if in_v6.udp.found is None or in_v6.udp.denies_name:
        return _not_found(evidence, address, asked, in_v6)
    source = source_of(evidence, ctx, address, in_v6.name)  # an empty answer is resolver-aaaa's finding
    if isinstance(source, Reason):
        return not_judged.at(address, "udp/53", source, in_v6.udp.evidence)
    return _say(subject, evidence, address, (plain, in_v6), source)


def _not_found(evidence: EvidenceSet, address: IPAddress, asked: Sequence[Control], in_v6: Control) -> Verdict:
    """Return the verdict where it gives no answer for the name in the zone with only IPv6."""
    if in_v6.udp.rcode in passing_errors(evidence, address):
        return errs_at_times(evidence, address, in_v6.udp.rcode, in_v6.udp.evidence)
    if in_v6.udp.denies_name or in_v6.udp.declined or in_v6.udp.reason is not None or in_v6.tcp.found is not None:
        return not_judged.at(address, "udp/53", in_v6.udp.reason or Reason.AMB, in_v6.udp.evidence)
    if not in_v6.truth.known:
        return not_judged.dns(in_v6.truth, address=address)
    if not in_v6.truth.records:
        return not_judged.at(address, "udp/53", Reason.REF, in_v6.truth.evidence)
    if not _looks_up(asked):
        return not_judged.at(address, "udp/53", Reason.AMB, in_v6.udp.evidence)
    args = {"address": str(address), "name": in_v6.name}
    if not in_v6.udp.rcode and losses.may_be_chance(evidence, address, len(in_v6.udp.evidence)):
        return not_judged.at(address, "udp/53", Reason.SMPL, in_v6.udp.evidence)
    if not in_v6.udp.rcode:
        return Verdict(code="FAILS_SILENTLY", args=args, address=address, evidence=in_v6.udp.evidence)
    args["rcode"] = in_v6.udp.rcode
    return Verdict(code="FAILS", args=args, address=address, evidence=in_v6.udp.evidence)


def _looks_up(asked: Sequence[Control]) -> bool:
    """True if it found a name that it cannot know by itself, as many know ``ipv4only.arpa`` (RFC 8880 §7.1)."""
    others = [control for control in asked if control.role != IN_V6 and control.name != _KNOWN_TO_ALL]
    return any(control.udp.found is not None and not control.udp.denies_name for control in others)


def _say(
    subject: Subject,
    evidence: EvidenceSet,
    address: IPAddress,
    asked: tuple[Control, Control],
    source: IPAddress | None,
) -> Verdict:
    args: dict[str, Arg] = {"address": str(address), "name": asked[1].name}
    ids = tuple(dict.fromkeys(id_ for control in asked for id_ in (*control.udp.evidence, *control.tcp.evidence)))
    if source is not None and not _own(subject, address, source):
        return Verdict(code="FORWARDS", args={**args, "source": written(source)}, address=address, evidence=ids)
    plain, in_v6 = (control.tcp for control in asked)
    if in_v6.found is not None:
        return Verdict(code="RESOLVES", args=args, address=address, evidence=ids)
    passing = {plain.rcode, in_v6.rcode} & passing_errors(evidence, address).keys()
    if passing:
        return errs_at_times(evidence, address, min(passing), ids)
    reason = in_v6.reason or plain.reason or (Reason.AMB if plain.found is not None else None)
    if reason is not None:
        return not_judged.at(address, "tcp/53", reason, ids)
    return Verdict(code="NO_TCP", args=args, address=address, evidence=ids)


def _own(subject: Subject, address: IPAddress, source: IPAddress) -> bool:
    """True if a question came from the resolver's own site; many send from another address than they listen on.

    For one with only unique local addresses, the source address on the Internet is not known.
    """
    own = [
        each_address
        for each_address in (*subject.addresses, address)
        if each_address.version == source.version and each_address not in UNIQUE_LOCAL
    ]
    if isinstance(source, IPv4Address):
        return not own or source in own
    return not own or any(source in ip_network((each_address, _SITE), strict=False) for each_address in own)

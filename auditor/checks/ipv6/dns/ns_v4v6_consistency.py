"""``ipv6.dns.ns-v4v6-consistency``: every name server address, of both families, has the same data of the zone.

A serial does not say for how long a server has been behind, unless it is a date or a time; then a server is late when
the newest serial was published longer ago than the refresh interval. One that only counts leaves that open; so do two
serials of one date: a server that signs or updates by itself counts on from an old date.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from auditor.check import Claim, check, says
from auditor.context import Context
from auditor.facts import undecided
from auditor.facts.every_server import every_address
from auditor.facts.nameservers import Zone, zone
from auditor.facts.soa import ask
from auditor.facts.zone_copies import Copy, common, copies, differing, newest, published_before
from auditor.findings import Arg, Outcome, Reason, Verdict
from inventory.model import Clearance, IPAddress, Kind, Subject, written
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import Delegation, DnsExchange, NameLookup

_TOGETHER = timedelta(seconds=60)
_VARYING = frozenset({"A", "AAAA", "MX"})
_TAG = "answers-vary"


@check(
    version=2,
    title="Both transports serve the same data",
    why="When one name server has an old or another copy of the zone, visitors are led to different places depending"
    " on the server and the address family that happened to be asked; changes seem to work and do not.",
    fix="Check the zone transfer to the name servers that lag behind (NOTIFY, allow-transfer, TSIG keys, TCP port 53),"
    " and that every address of a server belongs to the same instance.",
    references=("RFC 10001 §4.1", "RFC 1912 §2.2", "RFC 1982", "Zonemaster CONSISTENCY01–06"),
    needs=(Delegation, NameLookup, DnsExchange),
    kinds=frozenset({Kind.ZONE}),
    claims=Claim.BOTH,
    transports=frozenset({"udp/53"}),
    clearance=Clearance.PASSIVE,
    messages={
        **undecided.DNS_CODES,
        "SAME": says(
            Outcome.PASS,
            "All {count:n} name server addresses of {zone} that answer have the same data, serial {serial}.",
        ),
        "BEHIND": says(
            Outcome.WARN,
            "{addresses:list} {addresses/serves/serve} serial {old} of {zone}, others {serial}; for longer than the"
            " refresh interval of {refresh:n} {refresh/second/seconds} is not shown.",
        ),
        "LATE": says(
            Outcome.FAIL,
            "{addresses:list} {addresses/serves/serve} serial {old} of {zone}; others have had {serial} for longer"
            " than the refresh interval of {refresh:n} {refresh/second/seconds}.",
        ),
        "DIFFERENT": says(
            Outcome.FAIL,
            "{addresses:list} {addresses/serves/serve} other records of {zone} than the other name server addresses:"
            " {types:list}.",
        ),
        "TOO_FAR_APART": says(
            Outcome.INCONCLUSIVE,
            "The name servers of {zone} gave different data, but were not seen within the same minute.",
            reason=Reason.SMPL,
        ),
        "NOT_COMPARED": says(
            Outcome.INCONCLUSIVE,
            "No usable answer about {zone} over one of the families, so that the data cannot be compared.",
            fix="See the findings about reaching the name servers of this zone, then check again.",
        ),
        "ONE_FAMILY": says(Outcome.NOT_APPLICABLE, "The name servers of {zone} have addresses of one family only."),
        "NOT_DELEGATED": says(Outcome.NOT_APPLICABLE, "{zone} is not delegated in the public DNS."),
    },
)
def ns_v4v6_consistency(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = zone(subject, evidence, ctx)
    shut = undecided.delegation(found)
    if shut is not None:
        yield shut
        return
    addresses = every_address(subject, found, ctx)
    seen = copies(evidence, found.name, addresses)
    if {copy.address.version for copy in seen} == {4, 6}:
        yield _compare(found, seen, ignored=_VARYING if subject.has_tag(_TAG) else frozenset())
    elif {address.version for address in addresses} == {4, 6}:
        reason = _why(evidence, ctx, found, [one for one in addresses if one not in {copy.address for copy in seen}])
        yield Verdict(code="NOT_COMPARED", args={"zone": found.name}, evidence=found.evidence, reason=reason)
    else:
        unknown = [look for server in found.servers for look in (server.aaaa, server.a) if not look.known]
        yield from (undecided.dns(look) for look in unknown[:1])
        if not unknown:
            yield Verdict(code="ONE_FAMILY", args={"zone": found.name}, evidence=found.evidence)


def _why(evidence: EvidenceSet, ctx: Context, found: Zone, without: Sequence[IPAddress]) -> Reason:
    answers = [ask(evidence, ctx, found.name, address, "udp") for address in without]
    reasons = [answer.reason for answer in answers if answer.reason is not None]
    return min(reasons) if len(reasons) == len(answers) else Reason.DNS


def _compare(found: Zone, seen: Sequence[Copy], *, ignored: frozenset[str]) -> Verdict:
    best = newest(seen)
    behind = [copy for copy in seen if copy.serial != best.serial]
    current = common([copy for copy in seen if copy.serial == best.serial])
    dated = published_before(best.serial, best.at) is not None  # then it is known whether a transfer is due
    judged = [copy for copy in seen if copy.serial == best.serial or not dated]
    others = [(copy, types) for copy in judged if (types := differing(current, copy.data, ignored))]
    args: dict[str, Arg] = {"zone": found.name}
    if (behind or others) and max(copy.at for copy in seen) - min(copy.at for copy in seen) > _TOGETHER:
        return Verdict(code="TOO_FAR_APART", args=args, evidence=_ids(seen))
    if others:
        types = sorted({rtype for _, rtypes in others for rtype in rtypes})
        args |= {"addresses": _addresses([copy for copy, _ in others]), "types": tuple(types)}
        return Verdict(code="DIFFERENT", args=args, evidence=_ids(seen))
    if not behind:
        args |= {"count": len(seen), "serial": str(best.serial)}
        return Verdict(code="SAME", args=args, evidence=_ids(seen))
    since = published_before(best.serial, best.at)
    due = since is not None and best.at - since > timedelta(seconds=best.refresh)
    late = [copy for copy in behind if due and published_before(copy.serial, best.at) != since]
    shown = late or behind
    args |= {
        "addresses": _addresses(shown),
        "old": ", ".join(sorted({str(copy.serial) for copy in shown})),
        "serial": str(best.serial),
        "refresh": best.refresh,
    }
    return Verdict(code="LATE" if late else "BEHIND", args=args, evidence=_ids(seen))


def _addresses(seen: Sequence[Copy]) -> tuple[str, ...]:
    return tuple(written(copy.address) for copy in seen)


def _ids(seen: Sequence[Copy]) -> tuple[EvidenceId, ...]:
    return tuple(dict.fromkeys(copy.evidence for copy in seen))

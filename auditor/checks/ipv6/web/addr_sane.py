"""Check that every published IPv6 address of the service can be reached from the Internet."""

from collections.abc import Iterator
from ipaddress import IPv6Address

from auditor.facts import not_judged
from auditor.facts.addresses import AddressFlaw, FlawKind
from auditor.facts.dns.names import own, rejection
from auditor.framework.check import FamilyClaim, Granularity, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import WEB_KINDS, Clearance, Subject, written
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import NameLookup

_NEVER_PUBLIC = frozenset({FlawKind.LOCAL, FlawKind.DOCUMENTATION})


@check(
    version=2,
    title="Published IPv6 addresses are routable and belong to the service",
    problem="Website publishes an unusable IPv6 address",
    problems={
        "NOT_PUBLIC": "Website publishes an IPv6 address not meant for the Internet",
        "SOME_REJECTED": "One of several published IPv6 addresses is unusable",
    },
    why="An AAAA record that leads nowhere is worse than none: browsers try it first, and many visits fail.",
    fix="Remove the AAAA record, or replace it with an address from the block assigned to the agency or its provider.",
    references=("RFC 6890", "RFC 4193", "RFC 7526", "RFC 6052 §2.1"),
    needs=(NameLookup,),
    kinds=WEB_KINDS,
    claims=FamilyClaim.AAAA,
    transports=frozenset({"udp/53"}),
    unit=Granularity.ADDRESS,
    clearance=Clearance.PASSIVE,
    messages={
        **not_judged.DNS_CODES,
        "USABLE": passed("{address} is an address that can be used."),
        "NOT_PUBLIC": fail(
            "{address} ({network}) is published for {name}, although it is only for local use or examples."
        ),
        "REJECTED": fail("{address} ({network}) cannot be used, and {name} has no usable IPv6 address."),
        "SOME_REJECTED": warn("{address} ({network}) cannot be used; {name} has other addresses that can."),
        "NO_AAAA": not_applicable("{name} has no AAAA record."),
        **not_judged.NO_NAME,
    },
)
def addr_sane(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    look = own(subject, evidence, ctx, "AAAA")
    if subject.host is None:
        yield Verdict(code="NO_NAME")
    elif not look.known:
        yield not_judged.dns(look)
    elif not look.v6:
        yield Verdict(code="NO_AAAA", args={"name": look.name}, evidence=look.evidence)
    else:
        reasons = {address: rejection(subject, address, ctx) for address in look.v6}
        some = "SOME_" if None in reasons.values() else ""
        yield from (_judge(look.name, address, reason, some, look.evidence) for address, reason in reasons.items())


def _judge(
    name: str, address: IPv6Address, reason: AddressFlaw | None, some: str, ids: tuple[EvidenceId, ...]
) -> Verdict:
    args = {"address": written(address)}
    if reason is None:
        return Verdict(code="USABLE", args=args, address=address, evidence=ids)
    args["name"] = name
    code = "NOT_PUBLIC" if reason.kind in _NEVER_PUBLIC else f"{some}REJECTED"
    return Verdict(code=code, args={**args, "network": reason.network}, address=address, evidence=ids)

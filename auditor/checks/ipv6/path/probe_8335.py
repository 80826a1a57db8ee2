"""Check that a device confirms by ICMPv6 PROBE that its uplink is active and has IPv6.

The uplinks are those that the inventory declares (tag ``wan=NAME``), or else the interface that holds the address. Most
devices do not answer such questions, which is right: silence decides nothing.
"""

from collections.abc import Iterator
from ipaddress import IPv6Address

from auditor.facts import not_judged
from auditor.facts.attribution import ours, unseen
from auditor.facts.dns.names import own
from auditor.framework.check import (
    FamilyClaim,
    Granularity,
    VantageKind,
    check,
    fail,
    inconclusive,
    not_applicable,
    passed,
    warn,
)
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import DEVICE_KINDS, Kind, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.path import CraftedExchange, is_of_a_router

_FORM = "probe-8335"
_WORST = ("DOWN", "NO_IPV6", "UP")
_NO_SUCH = frozenset({1, 2, 3})  # RFC 8335 §3: malformed query, no such interface, no such table entry


@check(
    version=1,
    title="Remote interface status via RFC 8335 PROBE",
    problem="Device reports its uplink as down",
    problems={"NO_IPV6": "Device reports an uplink without IPv6"},
    why="Where SNMP is not available, this is the only way to ask a router about an uplink from afar.",
    fix="See why the interface is down or has no IPv6; ask over SNMP where that is possible, and enable PROBE only with"
    " an access list for the auditor.",
    references=("RFC 8335 §2", "RFC 8335 §3"),
    needs=(NameLookup, CraftedExchange),
    kinds=DEVICE_KINDS | {Kind.CONNECTION_POINT},
    vantage=frozenset({VantageKind.TSL}),
    claims=FamilyClaim.V6,
    unit=Granularity.ADDRESS,
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "UP": passed("{address} reports that its uplink ({interface}) is active and has IPv6."),
        "NO_IPV6": warn("{address} reports that its uplink ({interface}) is active, but without IPv6."),
        "DOWN": fail("{address} reports that its uplink ({interface}) is not active."),
        "NO_REPLY": inconclusive(
            "{address} does not answer ICMPv6 PROBE; most devices do not, unless they are told to.", reason=Reason.SMPL
        ),
        "NOT_SUPPORTED": not_applicable("{address} does not implement ICMPv6 PROBE, or does not know the interface."),
        **not_judged.NO_IPV6_ADDRESS,
    },
)
def probe_8335(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    look = own(subject, evidence, ctx, "AAAA")
    if look.v6:
        yield from (_judge(evidence, ctx, address) for address in look.v6)
    elif not look.known:
        yield not_judged.dns(look)
    else:
        yield Verdict(code="NO_ADDRESS", args={"name": look.name}, evidence=look.evidence)


def _judge(evidence: EvidenceSet, ctx: Context, address: IPv6Address) -> Verdict:
    asked = [(envelope, s) for envelope, s in evidence.of(CraftedExchange) if s.address == address and s.form == _FORM]
    args: dict[str, Arg] = {"address": written(address)}
    states = sorted(
        (_WORST.index(code), step.interface, envelope.id)
        for envelope, step in asked
        if (code := _state(step)) in _WORST
    )
    if states:
        rank, interface, id_ = states[0]
        args["interface"] = interface or written(address)
        return Verdict(code=_WORST[rank], args=args, address=address, evidence=(id_,))
    ids = tuple(dict.fromkeys(envelope.id for envelope, _ in asked))
    if any(step.answer is not None and not is_of_a_router(step) for _, step in asked):
        return Verdict(code="NOT_SUPPORTED", args=args, address=address, evidence=ids)
    reason = next((why for _, step in asked if (why := ours(ctx, step.failure)) is not None), None)
    if reason is not None or not asked:
        return not_judged.at(address, _FORM, reason or unseen(ctx, address), ids)
    return Verdict(code="NO_REPLY", args=args, address=address, evidence=ids)


def _state(step: CraftedExchange) -> str | None:
    if step.answer != "reply" or step.code in _NO_SUCH:
        return None
    if step.active is None:
        return None
    if not step.active:
        return "DOWN"
    return "UP" if step.ipv6 else "NO_IPV6"

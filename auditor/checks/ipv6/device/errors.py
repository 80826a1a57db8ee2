"""Check that a device loses few packets to IPv6 errors.

Judged by the growth of counters since earlier runs. ICMPv6 messages that it sent are no errors of its own: it must send
them for probes of the path and for packets that are too big. Neither are the packets that it drops then: each new
sender sends some that are too big for a narrower line (RFC 8201 §4). Strangers send to unused networks of a delegated
prefix, which get no route (RFC 7084 §4.2): only many packets without a route show that one is missing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from auditor.facts.device import answers, readings, remedies
from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.readings import Counter, CounterReadings, Growth, rounds
from auditor.facts.device.vendors import forwards_in_software
from auditor.framework.check import Message, VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import DEVICE_KINDS, Clearance, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.series import DEVICE_COUNTERS, SeriesCounter
from probes.wire.snmp import oids
from probes.wire.snmp.totals import FRAGMENT_FAILURES, HEADER_ERRORS, NO_ROUTES, RECEIVED

_CODES: Mapping[str, Message] = {
    "MTU_DIFFERS": warn(
        "{name} takes packets of up to {mtu} bytes on {interface}, but {other} at the other end of the link"
        " {network} of up to {theirs}: what is larger than the smaller of both is lost.",
        fix="Set the same MTU at both ends of the link.",
    ),
    "MTU_MAY_DIFFER": inconclusive(
        "{name} reports an MTU of {mtu} bytes on {interface}, but {other} at the other end of the link {network} one of"
        " {theirs}. Many devices report the size of their frames there, and have a smaller MTU for IP; whether that"
        " differs is not known.",
        fix="Compare the MTU for IPv6 at both ends of the link; if they differ, set the same at both.",
        reason=Reason.AMB,
    ),
}

_ID = "ipv6.device.errors"
_RECEIVED = Counter(RECEIVED, 6)
_KINDS = {
    "header_errors": Counter(HEADER_ERRORS, 6),
    "no_routes": Counter(NO_ROUTES, 6),
    "fragment_failures": Counter(FRAGMENT_FAILURES, 6),
}


@check(
    version=7,
    others=frozenset({"other"}),
    title="IPv6 error counters are low",
    problem="Device drops part of its IPv6 packets because of errors",
    problems={
        "MANY": "Many IPv6 packets at the device are in error",
        "SOME": "Part of the IPv6 packets at the device is in error",
        "MTU_DIFFERS": "The two ends of a link have different MTUs",
    },
    why="Packets without a route get lost in silence, and those that circle until their hop limit ends load the lines"
    " and arrive nowhere; broken headers show a fault of a device or a line.",
    fix="Look for holes in the routing (packets without a route), for loops, in which hop limits expire, and for who"
    " sends packets with broken headers.",
    references=("RFC 4293", "RFC 2578 §7.1.6"),
    needs=(*answers.SNMP, SeriesCounter),
    kinds=DEVICE_KINDS,
    vantage=frozenset({VantageKind.SNMP}),
    window=DEVICE_COUNTERS,
    clearance=Clearance.PASSIVE,
    vendor_fixes=remedies.of("errors"),
    messages={
        **answers.CODES,
        **answers.NOT_SHOWN,
        **readings.CODES,
        **_CODES,
        "LOW": passed(
            "Of {received:n} IPv6 {received/packet/packets} that {name} received within {hours:n}"
            " {hours/hour/hours} {errors:n} {errors/was/were} in error."
        ),
        "LOW_NOW": passed(
            "Of {received:n} IPv6 {received/packet/packets} that {name} received within {minutes:n}"
            " {minutes/minute/minutes} {errors:n} {errors/was/were} in error; a day was not seen yet."
        ),
        "SOME": warn(
            "Of {received:n} IPv6 {received/packet/packets} that {name} received within {hours:n} {hours/hour/hours}"
            " {share:percent} had a broken header or an expired hop limit ({header_errors:n})."
        ),
        "MANY": fail(
            "Of {received:n} IPv6 {received/packet/packets} that {name} received within {hours:n} {hours/hour/hours}"
            " {share:percent} were in error: without a route {no_routes:n}, broken header or expired hop limit"
            " {header_errors:n}."
        ),
        "DROPPED": inconclusive(
            "Of {received:n} IPv6 {received/packet/packets} that {name} received within {hours:n} {hours/hour/hours}"
            " it dropped {no_routes:n} without a route and {fragment_failures:n} too big for the next link. It must do"
            " so with what strangers send to unused networks, and until senders know a narrow line; whether a route"
            " is missing besides, the counters do not show.",
            fix="See on the device itself for which destinations it drops packets.",
            reason=Reason.AMB,
        ),
        "NO_TRAFFIC": not_applicable("{name} received no IPv6 packet within {hours:n} {hours/hour/hours}."),
        "TOO_FEW": inconclusive(
            "{received:n} IPv6 {received/packet/packets} at {name} within {hours:n} {hours/hour/hours}"
            " {received/is/are} too few; {needed:n} {needed/is/are} needed.",
            fix="Audit the device again when it carries more over IPv6.",
            reason=Reason.SMPL,
        ),
    },
)
def errors(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = answers.device(subject, evidence, ctx)
    if not isinstance(found, SeenDevice):
        yield found
        return
    read = readings.readings(subject, found, evidence)
    verdict = _judge(found, read, ctx)
    yield replace(verdict, evidence=tuple(dict.fromkeys((*verdict.evidence, *read.earlier))))
    yield from _unequal(subject, found, ctx)


def _judge(device: SeenDevice, read: CounterReadings, ctx: Context) -> Verdict:
    if not read.has(_RECEIVED) or not all(read.has(kind) for kind in _KINDS.values()):
        asked = device.tree.integer(oids.SYS_UP_TIME) is not None
        return device.says("NOT_SHOWN") if asked else device.not_read()
    hours = ctx.policy.threshold(_ID, "hours")
    grown = read.grown((_RECEIVED, *_KINDS.values()), timedelta(hours=hours))
    if grown is not None and grown.seconds >= hours * 3_600:
        return _over_time(device, grown, ctx)
    needed = ctx.policy.threshold(_ID, "round_packets")
    if grown is not None and grown.amounts[_RECEIVED] >= needed and _share(grown) < _low(ctx):
        args: dict[str, Arg] = {"received": grown.amounts[_RECEIVED], "errors": _wrong(grown), "minutes": grown.minutes}
        return device.says("LOW_NOW", **args, **rounds(read))
    anew = any(read.began_anew(kind) for kind in (_RECEIVED, *_KINDS.values())) or (grown is not None and grown.anew)
    return device.says("COUNTED_ANEW" if anew else "ONE_READING")


def _over_time(device: SeenDevice, grown: Growth, ctx: Context) -> Verdict:
    received, wrong = grown.amounts[_RECEIVED], _wrong(grown)
    needed = int(ctx.policy.threshold(_ID, "min_packets"))
    args: dict[str, Arg] = {"received": received, "hours": grown.hours}
    if not received and not wrong:
        return device.says("NO_TRAFFIC", hours=grown.hours)
    if received < needed:
        return device.says("TOO_FEW", needed=needed, **args)
    kinds = {name: grown.amounts[counter] for name, counter in _KINDS.items()}
    # Expired hop limits are header errors too (RFC 4293): a few a day are somebody's traceroute, no rate.
    few, many = (ctx.policy.threshold(_ID, name) for name in ("few", "many"))
    if _share(grown) < _low(ctx) or wrong < few:
        return device.says("LOW", errors=wrong, **args)
    if not forwards_in_software(device.tree.oid(oids.SYS_OBJECT_ID)):
        return device.says("PAST_PROCESSOR")
    header, no_routes = kinds["header_errors"], kinds["no_routes"]
    lost = header + (no_routes if no_routes / received > many else 0)
    if lost / received < _low(ctx) or lost < few:
        return device.says("DROPPED", **args, **kinds)
    if lost / received > many:
        return device.says("MANY", share=round((header + no_routes) / received, 6), **args, **kinds)
    return device.says("SOME", share=round(header / received, 6), **args, **kinds)


def _wrong(grown: Growth) -> int:
    return sum(grown.amounts[kind] for kind in _KINDS.values())


def _share(grown: Growth) -> float:
    return _wrong(grown) / max(1, grown.amounts[_RECEIVED])


def _low(ctx: Context) -> float:
    return ctx.policy.threshold(_ID, "low")


def _unequal(subject: Subject, device: SeenDevice, ctx: Context) -> Iterator[Verdict]:
    """Yield a verdict about each interface that reports another MTU than the other end of its link."""
    links = {link_mtu.interface: link_mtu for link_mtu in ctx.estate.mtus.get(subject.id, ())}
    for link in links.values():
        verdict = device.says(
            "MTU_DIFFERS" if link.is_certain else "MTU_MAY_DIFFER",
            interface=link.interface,
            mtu=link.mtu,
            other=link.other,
            theirs=link.theirs,
            network=link.network,
        )
        yield replace(verdict, detail=link.interface)

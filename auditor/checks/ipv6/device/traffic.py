"""Measure the share of IPv6 in the traffic of a device over at least a day.

Judged by the growth of counters since earlier runs. Within one run only a pass is possible, and only if so much traffic
passed that our own questions do not matter; a counter that does not grow while the device uses IPv6 does not work.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from auditor.facts.device import answers, readings, remedies
from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.interfaces import Enabled, declared, v6_enabled
from auditor.facts.device.readings import Counter, CounterReadings, Growth, rounds
from auditor.facts.device.vendors import forwards_in_software
from auditor.framework.check import VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.series import DEVICE_COUNTERS, SeriesCounter
from probes.wire.snmp import oids
from probes.wire.snmp.neighbours import neighbours
from probes.wire.snmp.totals import IF_OCTETS, IP_OCTETS

_ID = "ipv6.device.traffic"


@check(
    version=6,
    title="IPv6 really carries traffic",
    problem="Device carries no IPv6 traffic",
    problems={"LITTLE": "Device carries little IPv6 traffic"},
    why="IPv6 that is configured but not used is found to be broken on the day when it is needed.",
    fix="Find out why clients do not use IPv6: services without AAAA records, networks without router advertisements,"
    " or unique local addresses, after which clients prefer IPv4.",
    references=("RFC 4293", "RFC 2578 §7.1.6"),
    needs=(*answers.SNMP, SeriesCounter),
    kinds=frozenset({Kind.ROUTER, Kind.SWITCH, Kind.FIREWALL}),
    vantage=frozenset({VantageKind.SNMP}),
    presence=True,
    window=DEVICE_COUNTERS,
    clearance=Clearance.PASSIVE,
    vendor_fixes=remedies.of("traffic"),
    excused_by={"NOTHING": frozenset({"snmp"})},
    messages={
        **answers.CODES,
        **answers.NOT_SHOWN,
        **readings.CODES,
        "CARRIES": passed("Of what {name} carried within {hours:n} {hours/hour/hours} {share:percent} was IPv6."),
        "CARRIES_NOW": passed(
            "Of what {name} carried within {minutes:n} {minutes/minute/minutes} {share:percent} was IPv6; a day was"
            " not seen yet."
        ),
        "LITTLE": warn(
            "Of what {name} carried within {hours:n} {hours/hour/hours} only {share:percent} was IPv6;"
            " {least:percent} is expected."
        ),
        "NOTHING": fail(
            "{name} carried nothing over IPv6 within {hours:n} {hours/hour/hours}, although IPv6 is switched on."
        ),
        "NOT_COUNTING": inconclusive(
            "The counters of {name} for IPv6 stand still, although it speaks IPv6: they do not count.",
            fix="Upgrade the device's software, or measure traffic by flow export (IPFIX, NetFlow).",
            reason=Reason.OBJ,
        ),
        "OFF": not_applicable("IPv6 is not switched on at {name}; another check says so."),
    },
)
def traffic(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = answers.device(subject, evidence, ctx)
    if not isinstance(found, SeenDevice):
        yield found
        return
    read = readings.readings(subject, found, evidence)
    verdict = _judge(subject, found, read, ctx)
    yield replace(verdict, evidence=tuple(dict.fromkeys((*verdict.evidence, *read.earlier))))


def _judge(subject: Subject, device: SeenDevice, read: CounterReadings, ctx: Context) -> Verdict:
    if _is_off(subject, device):
        return device.says("OFF")
    pair = next(
        (pair for pair in _pairs(subject) if all(read.has(counter) for group in pair for counter in group)), None
    )
    if pair is None:
        return device.says("NOT_SHOWN") if _asked(device) else device.not_read()
    v6, others = pair
    hours = ctx.policy.threshold(_ID, "hours")
    grown = read.grown((*v6, *others), timedelta(hours=hours))
    if grown is not None and grown.seconds >= hours * 3_600:
        return _over_time(subject, device, grown, v6, others, ctx)
    if grown is not None and _amount(grown, v6) >= ctx.policy.threshold(_ID, "round_octets"):
        share = _share_of(grown, v6, others)
        if share >= ctx.policy.threshold(_ID, "share"):
            rates = _rates(grown, v6, others)
            return device.says("CARRIES_NOW", share=share, minutes=grown.minutes, **rates, **rounds(read))
    anew = any(read.began_anew(counter) for counter in v6) or (grown is not None and grown.anew)
    return device.says("COUNTED_ANEW" if anew else "ONE_READING")


def _over_time(
    subject: Subject, device: SeenDevice, grown: Growth, v6: Sequence[Counter], others: Sequence[Counter], ctx: Context
) -> Verdict:
    least, share = ctx.policy.threshold(_ID, "share"), _share_of(grown, v6, others)
    rates = _rates(grown, v6, others)
    args: dict[str, Arg] = {"hours": grown.hours, "share": share, **rates}
    sees_all = bool(v6[0].interface) or forwards_in_software(device.tree.oid(oids.SYS_OBJECT_ID))
    if _amount(grown, v6):
        if share >= least:
            return device.says("CARRIES", **args)
        return device.says("LITTLE", least=least, **args) if sees_all else device.says("PAST_PROCESSOR")
    if not _amount(grown, others):
        return device.says("NOT_SHOWN")  # its counters do not grow even for our own questions
    if _speaks(device):
        return device.says("NOT_COUNTING")
    if device.broke_off(*oids.NEIGHBOUR_TABLES):
        return device.not_read()
    if _is_on(subject, device):
        return device.says("NOTHING", hours=grown.hours, **rates) if sees_all else device.says("PAST_PROCESSOR")
    return device.says("NOT_SHOWN") if device.all_addresses_read() else device.not_read()


def _is_on(subject: Subject, device: SeenDevice) -> bool:
    """True if an uplink is known to have IPv6, or the device a wide address: zero is counted without IPv6 too."""
    uplinks = (interface.index for interface in declared(subject, device, ("wan",)) if interface.index is not None)
    wide = (
        interface
        for interface in device.v6
        if not interface.address.is_link_local and not interface.address.is_loopback
    )
    return any(wide) or any(v6_enabled(device, index) is Enabled.YES for index in uplinks)


def _rates(grown: Growth, v6: Sequence[Counter], others: Sequence[Counter]) -> dict[str, Arg]:
    """Return octets a second, which K14 adds up over devices read at different times; no message shows them."""
    mine, rest = _parts(grown, v6, others)
    return {"v6_rate": round(mine / grown.seconds, 3), "v4_rate": round(rest / grown.seconds, 3)}


def _is_off(subject: Subject, device: SeenDevice) -> bool:
    """True if IPv6 is known to be off on every uplink."""
    known = [
        v6_enabled(device, interface.index)
        for interface in declared(subject, device, ("wan",))
        if interface.index is not None
    ]
    return bool(known) and all(state is Enabled.NO for state in known)


def _speaks(device: SeenDevice) -> bool:
    """True if the device answered us over IPv6, or has IPv6 neighbours that answer it: such octets must count."""
    answered = any(session.address.version == 6 for session in device.sessions)
    return answered or any(
        neighbour.address.version == 6 and neighbour.state == "reachable" for neighbour in neighbours(device.tree)
    )


def _asked(device: SeenDevice) -> bool:
    """True if the device was asked for its counters at all and answered other questions."""
    return device.tree.integer(oids.SYS_UP_TIME) is not None


def _pairs(subject: Subject) -> Iterator[tuple[tuple[Counter, ...], tuple[Counter, ...]]]:
    """Yield pairs of IPv6 counters and those to compare, the best first: on the uplinks, then of the whole device.

    Where an uplink has no counter of IPv4 only, the one of all its octets stands for both (``share_of``).
    """
    names = subject.tag_values("wan")
    uplinks = tuple(Counter(IP_OCTETS, 6, name) for name in names)
    if uplinks:
        yield uplinks, tuple(Counter(IP_OCTETS, 4, name) for name in names)
    yield (Counter(IP_OCTETS, 6),), (Counter(IP_OCTETS, 4),)
    if uplinks:
        yield uplinks, tuple(Counter(IF_OCTETS, 0, name) for name in names)


def _share_of(grown: Growth, v6: Sequence[Counter], others: Sequence[Counter]) -> float:
    mine, rest = _parts(grown, v6, others)
    return round(mine / (mine + rest), 6) if mine + rest else 0.0


def _parts(grown: Growth, v6: Sequence[Counter], others: Sequence[Counter]) -> tuple[int, int]:
    """Return the octets of IPv6 and all others, from which a province's share is computed."""
    mine, theirs = _amount(grown, v6), _amount(grown, others)
    return mine, max(theirs - mine, 0) if others[0].metric == IF_OCTETS else theirs


def _amount(grown: Growth, of: Sequence[Counter]) -> int:
    return sum(grown.amounts[counter] for counter in of)

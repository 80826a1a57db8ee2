"""Check the errors, discards and link changes of the channel's port in a day, from samples only.

The optical power that the device's ports receive is reported too: it falls before errors begin.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from auditor.facts.device import answers
from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.interfaces import is_up
from auditor.facts.tslcd import channels, points
from auditor.framework.check import Message, VantageKind, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Clearance, Kind, Network, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations import series
from probes.observations.series import CHANNEL_ERRORS, SeriesWindow
from probes.wire.snmp.optics import Light, light

_CODES: Mapping[str, Message] = {
    "LIGHT": passed("The optical ports of {name} receive light: {levels:levels}."),
    "LIGHT_LOW": warn(
        "{levels/An optical port/Optical ports} of {name} {levels/receives/receive} less light than the device calls"
        " good: {levels:levels}.",
        fix="Clean the connectors, look for bends in the fibre, and have its loss measured before it fails.",
    ),
}

_DETAIL = "light"
_ID = "tslcd.channel.errors"
_MEGA = 1_000_000
_COUNTED = (series.IN_ERRORS, series.OUT_ERRORS, series.IN_DISCARDS, series.OUT_DISCARDS, series.CHANGES)


@check(
    version=5,
    title="Line errors, discards and flaps",
    problem="Channel has errors, discards or flaps",
    problems={
        "LIGHT_LOW": "Optical signal is weak",
        "MANY": "Channel has many errors, discards or flaps",
        "IN_DISCARDS": "Channel discards incoming packets",
    },
    why="Errors on the line and ports that come and go are how a fibre or its optics announce that they will fail.",
    fix="Repair the fibre, the optics or the duplex setting; for discards look at the load and the queues.",
    references=("RFC 2863",),
    needs=(SeriesWindow, *answers.SNMP),
    kinds=frozenset({Kind.CONNECTION_POINT, Kind.DATACENTRE}),
    networks=frozenset({Network.TSLCD}),
    vantage=frozenset({VantageKind.SNMP}),
    clearance=Clearance.PASSIVE,
    window=CHANNEL_ERRORS,
    messages={
        **channels.NO_WAN,
        **_CODES,
        "CLEAN": passed(
            "{name}, last day: {errors:n} {errors/error/errors} in a million packets, {discards:percent} discarded,"
            " up or down {changes:n} {changes/time/times}."
        ),
        "SOME": warn(
            "{name}, last day: {errors:n} {errors/error/errors} in a million packets, {discards:percent} discarded,"
            " up or down {changes:n} {changes/time/times}."
        ),
        "MANY": fail(
            "{name}, last day: {errors:n} {errors/error/errors} in a million packets, {discards:percent} discarded,"
            " up or down {changes:n} {changes/time/times}."
        ),
        "IN_DISCARDS": warn(
            "{name}, last day: {discards:percent} of the packets were discarded on their way in, and hardly an error."
            " Frames that neighbours send to everybody (BPDU, LLDP) are counted there too.",
            fix="See what the port discards; what is of no use to the device may stay as it is.",
        ),
        "FEW_ERRORS": inconclusive(
            "{name}, last day: {errors:n} {errors/error/errors} among {packets:n} {packets/packet/packets}, too few to"
            " tell a rate.",
            fix="Judge again when more traffic has crossed the port.",
            reason=Reason.SMPL,
        ),
        "TOO_FEW": inconclusive(
            "There are too few samples of the counters of {name} for the last day: {count:n}.",
            fix="Give the device an SNMP profile with 64-bit counters, name its port to TSLCD as no other port is"
            " called (tag wan=NAME), and let the sampling run without interruption.",
            reason=Reason.SMPL,
        ),
    },
)
def errors(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    yield _counted(subject, evidence, ctx)
    device = answers.answered(points.name_of(subject), evidence)
    if device is not None:
        yield from _received(device)


def _counted(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Verdict:
    pairs = channels.wan_windows(subject, evidence, CHANNEL_ERRORS)
    ids = tuple(dict.fromkeys(id_ for id_, _ in pairs))
    steps = [step for _, step in pairs]
    packets = _sum(steps, series.IN_PACKETS, series.OUT_PACKETS)
    counted = min(
        (step.whole.counted for step in steps if step.metric in (series.IN_PACKETS, series.OUT_PACKETS)), default=0
    )
    least = ctx.policy.threshold(_ID, "min_samples")
    if packets is None or not packets or counted < least:
        return points.says_of(subject, "TOO_FEW", ids, count=counted)
    faults = _sum(steps, series.IN_ERRORS, series.OUT_ERRORS) or 0.0
    bad = faults / packets
    dropped = (_sum(steps, series.OUT_DISCARDS) or 0.0) / packets
    unwanted = (_sum(steps, series.IN_DISCARDS) or 0.0) / packets
    # A flap is down and up again: two changes of the port's state.
    changes = int(_sum(steps, series.CHANGES) or 0)

    def within(which: str) -> bool:
        limits = [ctx.policy.threshold(_ID, f"{which}_{what}") for what in ("errors", "discards", "changes")]
        return bad < limits[0] and dropped < limits[1] and changes <= limits[2]

    few = bool(faults) and packets < ctx.policy.threshold(_ID, "min_packets")
    if few:  # one bad frame of few is no rate and shows nothing
        bad = 0.0
    good = within("pass")
    code = "CLEAN" if good else "SOME" if within("warn") else "MANY"
    if good and unwanted >= ctx.policy.threshold(_ID, "pass_discards"):
        code = "IN_DISCARDS"  # frames of neighbours to all hosts count there too: BPDU, LLDP
    elif good and few:
        code = "FEW_ERRORS"
    fewest = min(_fewest(steps, metric) for metric in _COUNTED)
    if code == "CLEAN" and fewest < least:
        return points.says_of(subject, "TOO_FEW", ids, count=fewest)  # the part not counted may be full of errors
    if code != "CLEAN" and channels.ambiguous(subject, steps):
        return points.says_of(subject, "NO_WAN", ids)
    args: dict[str, Arg] = {"errors": round(bad * _MEGA, 2), "discards": round(dropped, 6), "changes": changes}
    if code == "FEW_ERRORS":
        args = {"errors": int(faults), "packets": int(packets)}
    elif code == "IN_DISCARDS":
        args = {"discards": round(unwanted, 6)}
    return points.says_of(subject, code, ids, args)


def _fewest(steps: list[SeriesWindow], metric: str) -> int:
    """Return the samples of a metric that count, of the interface that has the fewest."""
    return min((step.whole.counted for step in steps if step.metric == metric), default=0)


def _sum(steps: list[SeriesWindow], *metrics: str) -> float | None:
    totals = [step.whole.total for step in steps if step.metric in metrics and step.whole.total is not None]
    return sum(totals) if totals else None


def _received(device: SeenDevice) -> Iterator[Verdict]:
    """Yield one verdict about all ports that are up and measure light; a port without a fibre has none to report."""
    levels = [light for light in light(device.tree) if is_up(device, light.if_index)]
    dim = [level for level in levels if level.least is not None and level.dbm < level.least]
    if levels:
        verdict = device.says("LIGHT_LOW" if dim else "LIGHT", levels=_texts(device, dim or levels))
        yield replace(verdict, detail=_DETAIL)


def _texts(device: SeenDevice, levels: Sequence[Light]) -> tuple[str, ...]:
    return tuple(
        f"{device.interface(level.if_index)} {level.dbm:.1f} dBm"
        + ("" if level.least is None else f" (≥ {level.least:.1f})")
        for level in levels
    )

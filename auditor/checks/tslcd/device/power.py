"""Count the restarts of the terminal device in the last month.

Samples show them; without samples, a device that reports being up for a month suffices. On many systems sysUpTime is
the SNMP agent's own: where the machine's clock (hrSystemUptime) is there it decides, and else restarts are only a
warning. Where the device shows a UPS (UPS-MIB), its state is reported too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from auditor.facts.device import answers
from auditor.facts.device.answers import SeenDevice
from auditor.facts.tslcd import points
from auditor.framework.check import Message, VantageKind, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Clearance, Kind, Network, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.series import DEVICE_RESTARTS, MACHINE_RESTARTS, RESTARTS, SeriesWindow
from probes.wire.snmp import oids
from probes.wire.snmp.ups import Ups, ups

_CODES: Mapping[str, Message] = {
    "UPS_READY": passed("The UPS of {name} is fed from the mains, and its battery is in order."),
    "UPS_LOW": warn(
        "The battery of the UPS of {name} is low or empty: the device goes off with the next loss of power.",
        fix="Have the battery charged or replaced.",
    ),
    "UPS_ON_BATTERY": warn(
        "The UPS of {name} runs on its battery; by its own estimate {minutes:n} {minutes/minute/minutes}"
        " {minutes/is/are} left.",
        fix="Restore the mains at the site before the battery is empty.",
    ),
    "UPS_ON_BATTERY_NO_ESTIMATE": warn(
        "The UPS of {name} runs on its battery, and does not say how long that lasts.",
        fix="Restore the mains at the site before the battery is empty.",
    ),
    "UPS_ALARM": warn(
        "The UPS of {name} reports {count:n} {count/alarm/alarms}.",
        fix="Look at the display of the UPS for what it reports.",
    ),
}

_DETAIL = "UPS"
_ID = "tslcd.device.power"
_MONTH = 30 * 86_400
_DAY = 86_400


@check(
    version=7,
    title="Unplanned restarts",
    problem="Device restarts often",
    problems={
        "UPS_LOW": "UPS battery is low or empty",
        "UPS_ON_BATTERY": "UPS is running on battery",
        "UPS_ON_BATTERY_NO_ESTIMATE": "UPS is running on battery",
        "UPS_ALARM": "UPS reports an alarm",
        "SOMETIMES": "Device has restarted",
        "AGENT_OFTEN": "Device or its SNMP agent restarts often",
    },
    why="Equipment that restarts again and again has no stable power, and every restart is an outage.",
    fix="Give the device a UPS, and have the power supply looked at.",
    references=("mục 3 Phụ lục I Thông tư số 06/2026/TT-BKHCN",),
    needs=(*answers.SNMP, SeriesWindow),
    kinds=frozenset({Kind.CONNECTION_POINT}),
    networks=frozenset({Network.TSLCD}),
    vantage=frozenset({VantageKind.SNMP}),
    clearance=Clearance.PASSIVE,
    window=DEVICE_RESTARTS,
    messages={
        **answers.CODES,
        **_CODES,
        "STEADY": passed("{name} restarted {count:n} {count/time/times} in the last month."),
        "UP_A_MONTH": passed("{name} has been up for {days:n} {days/day/days}."),
        "SOMETIMES": warn("{name} restarted {count:n} {count/time/times} in the last month."),
        "OFTEN": fail("{name} restarted {count:n} {count/time/times} in the last month."),
        "AGENT_OFTEN": warn(
            "{name} or the SNMP agent on it restarted {count:n} {count/time/times} in the last month; the device does"
            " not tell which.",
            fix="Look at the device's log for power failures; switch on HOST-RESOURCES-MIB (hrSystemUptime) where it "
            "supports that.",
        ),
        "TOO_FEW": inconclusive(
            "{name} has been up for less than a month, and there are too few samples to count its restarts.",
            fix="Let the sampling run without interruption.",
            reason=Reason.SMPL,
        ),
    },
)
def power(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    yield _restarts(subject, evidence, ctx)
    found = answers.device(subject, evidence, ctx)
    if isinstance(found, SeenDevice):
        yield from _backed_up(found)


def _restarts(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Verdict:
    counted = _of_metric(subject, evidence, ctx, MACHINE_RESTARTS)
    counted = counted if counted is not None else _of_metric(subject, evidence, ctx, RESTARTS)
    if counted is not None:
        return counted
    found = answers.device(subject, evidence, ctx)
    if not isinstance(found, SeenDevice):
        return found
    # Hundredths of a second; sysUpTime wraps to 0 after 497 days.
    ticks = max(found.tree.integer(oid) or 0 for oid in (oids.HOST_UP_TIME, oids.SYS_UP_TIME))
    return found.says("UP_A_MONTH", days=ticks // (_DAY * 100)) if ticks >= _MONTH * 100 else found.says("TOO_FEW")


def _of_metric(subject: Subject, evidence: EvidenceSet, ctx: Context, metric: str) -> Verdict | None:
    """Return the verdict by samples of one clock, or None; few samples may miss restarts, and they invent none."""
    many, some = ctx.policy.threshold(_ID, "fail_restarts"), ctx.policy.threshold(_ID, "warn_restarts")
    for envelope, step in evidence.of(SeriesWindow):
        if step.window != DEVICE_RESTARTS or step.metric != metric:
            continue
        whole, _ = points.in_operation(subject, step)
        if whole.total is not None:
            count = int(whole.total)
            enough = whole.counted >= ctx.policy.threshold(_ID, "min_samples")
            if count >= some or enough:
                often = "OFTEN" if metric == MACHINE_RESTARTS else "AGENT_OFTEN"
                code = often if count >= many else "SOMETIMES" if count >= some else "STEADY"
                return points.says_of(subject, code, (envelope.id,), {"count": count})
    return None


def _backed_up(device: SeenDevice) -> Iterator[Verdict]:
    """Yield one verdict about the UPS.

    There is none about a device that shows none, does not report its state, or may be testing its battery.
    """
    found = ups(device.tree)
    verdict = None if found is None else _judge(device, found)
    if verdict is not None:
        yield replace(verdict, detail=_DETAIL)


def _judge(device: SeenDevice, found: Ups) -> Verdict | None:
    if found.battery in ("low", "depleted"):
        return device.says("UPS_LOW")
    if found.on_battery and found.testing:
        return None
    if found.on_battery:
        if found.minutes is None:
            return device.says("UPS_ON_BATTERY_NO_ESTIMATE")
        return device.says("UPS_ON_BATTERY", minutes=found.minutes)
    if found.alarms:
        return device.says("UPS_ALARM", count=found.alarms)
    return device.says("UPS_READY") if found.battery == "normal" else None

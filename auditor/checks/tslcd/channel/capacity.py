"""Check that the port to TSLCD, and the tested path, carry the registered bandwidth.

A port that is fast enough does not show how the provider limits it; a test of throughput does, but it is only
indicative. A slow one counts where our own line was shown to carry more, in the same run and over the same family.

Tests are indicative: a server may be slower than its line.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.facts.device import answers, interfaces, physical_ports
from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.interfaces import DeclaredInterface
from auditor.facts.device.unfinished import OF_ITS_OWN
from auditor.facts.tslcd import channels, points
from auditor.framework.check import VantageKind, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Clearance, Kind, Network, Subject, written
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.rows import RowPosition
from probes.observations.throughput import ThroughputTest
from probes.wire.snmp import oids


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tested:
    """Holds the best test over one family.

    ``rate`` and ``control`` in Mbit/s; ``control`` is the rate that our own line was shown to carry over that family,
    None where nothing shows it.
    """

    family: int
    address: str
    rate: float
    control: float | None
    evidence: tuple[EvidenceId, ...]

    def proves(self, mbps: float) -> bool:
        """True if our own line was shown to carry the rate that a channel of ``mbps`` Mbit/s should have brought."""
        return self.control is not None and self.control >= mbps


_ID = "tslcd.channel.capacity"
_OF_PORTS = (*OF_ITS_OWN, oids.IF_ALIAS, oids.IF_TYPE, oids.IF_OPER, oids.IF_STACK_STATUS, oids.IF_HIGH_SPEED)
"""Objects that identify the ports of an uplink, and their speeds."""


@check(
    version=9,
    title="Provisioned capacity matches the registration",
    problem="Channel is slower than registered",
    problems={
        "CARRIES_LESS": "Measured throughput is below the registered capacity",
        "CARRIES_MUCH_LESS": "Measured throughput is below the registered capacity",
    },
    why="What is registered is what is paid for and planned with.",
    fix="Correct the record, or have the port or its shaping corrected.",
    references=("khoản 1 Điều 10 Thông tư số 06/2026/TT-BKHCN",),
    needs=(RowPosition, *answers.SNMP, ThroughputTest),
    kinds=frozenset({Kind.CONNECTION_POINT, Kind.DATACENTRE}),
    networks=frozenset({Network.TSLCD}),
    vantage=frozenset({VantageKind.SNMP}),
    clearance=Clearance.PASSIVE,
    messages={
        **answers.CODES,
        "NOT_SHOWN": inconclusive(
            "{name} does not show the line rate of all its uplinks: PPPoE, cellular and virtual interfaces have none,"
            " ports that are down do not tell, and a bandwidth that is set on a port is none.",
            fix="Name the port itself in the column tags (wan=NAME), or have the throughput tested.",
            reason=Reason.OBJ,
        ),
        **channels.NO_WAN,
        **channels.NO_BANDWIDTH,
        "ENOUGH": passed(
            "The port of {name} carries {speed:n} Mbit/s, at least the registered {mbps:n} Mbit/s; throughput was not "
            "tested."
        ),
        "CARRIES": passed(
            "A test of the way to {name} reached {rate:n} Mbit/s over IPv{family}, of {mbps:n} Mbit/s registered "
            "(indicative)."
        ),
        "TOO_SLOW": fail("The port of {name} carries {speed:n} Mbit/s, less than the registered {mbps:n} Mbit/s."),
        "CARRIES_LESS": warn(
            "A test of the way to {name} reached {rate:n} Mbit/s over IPv{family}, of {mbps:n} Mbit/s registered; "
            "this vantage's own line carried {control:n} Mbit/s (indicative).",
            fix="Repeat the test at another hour, then have the provider measure the channel.",
        ),
        "CARRIES_MUCH_LESS": fail(
            "A test of the way to {name} reached {rate:n} Mbit/s over IPv{family}, of {mbps:n} Mbit/s registered; "
            "this vantage's own line carried {control:n} Mbit/s (indicative).",
            fix="Repeat the test at another hour, then have the provider measure the channel and correct its shaping.",
        ),
        "OWN_LINE": inconclusive(
            "A test of the way to {name} reached {rate:n} Mbit/s over IPv{family}, of {mbps:n} Mbit/s registered, "
            "but nothing shows that this vantage's own line carries more.",
            fix="Name a server near the vantage in throughput.control (auditor respond --throughput).",
            reason=Reason.EGR,
        ),
    },
)
def capacity(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    mbps = subject.declared.bandwidth_mbps
    if not mbps:
        yield points.says_of(subject, "NO_BANDWIDTH", points.row(evidence))
        return
    tests = _tested(evidence)
    of_port = _port(subject, answers.device(subject, evidence, ctx), mbps)
    yield of_port if of_port.code == "TOO_SLOW" or not tests else _of_tests(subject, ctx, tests, mbps)


def _port(subject: Subject, found: SeenDevice | Verdict, mbps: float) -> Verdict:
    if not isinstance(found, SeenDevice):
        return found
    if not subject.tag_values("wan"):
        return found.says("NO_WAN")
    each = [_fastest(found, interface) for interface in interfaces.declared(subject, found, ("wan",))]
    shown = dict(port for port in each if port is not None)
    if not shown:
        return _without_rate(found)
    speed = sum(shown.values())  # the registered bandwidth is that of all the uplinks together
    if speed >= mbps:
        return found.says("ENOUGH", speed=speed, mbps=mbps)
    if found.broke_off(*_OF_PORTS):
        return found.not_read()  # a faster port may be in the lost data, or this one be down
    set_by_hand = any(physical_ports.is_configured(found, index, rate) for index, rate in shown.items())
    if None in each or set_by_hand or _may_be_more(found):
        return _without_rate(found)
    return found.says("TOO_SLOW", speed=speed, mbps=mbps)


def _may_be_more(device: SeenDevice) -> bool:
    """True if a view hides which ports are up, or which ports belong to an existing bundle.

    Many agents report 10 Mbit/s for ports that are not up.
    """
    bundled = physical_ports.has_bundle(device) and not device.tree.has_below(oids.IF_STACK_STATUS)
    return bundled or not device.tree.has_below(oids.IF_OPER)


def _fastest(device: SeenDevice, uplink: DeclaredInterface) -> tuple[int, int] | None:
    """Return the port of an uplink and its speed; None if it shows none, or is down.
    Many agents report 10 Mbit/s for a port that is down."""
    if uplink.index is None or interfaces.is_down(device, uplink.index):
        return None
    return max(physical_ports.line_rates(device, uplink.index).items(), key=lambda port: port[1], default=None)


def _without_rate(device: SeenDevice) -> Verdict:
    whole = device.complete(oids.IF_HIGH_SPEED) and device.complete(oids.IF_TYPE)
    return device.says("NOT_SHOWN") if whole else device.not_read()


def _of_tests(subject: Subject, ctx: Context, tests: tuple[_Tested, ...], mbps: float) -> Verdict:
    """Return the verdict on the slower of two families."""
    worst = min(tests, key=lambda test: test.rate)
    ids = [id_ for test in tests for id_ in test.evidence]
    share = worst.rate / mbps
    rates: dict[str, Arg] = {f"rate_v{test.family}": test.rate for test in tests}
    args: dict[str, Arg] = {"rate": worst.rate, "family": worst.family, "mbps": mbps, **rates}
    if share >= ctx.policy.threshold(_ID, "pass_share"):
        return points.says_of(subject, "CARRIES", ids, args)
    if not worst.proves(mbps):
        return points.says_of(subject, "OWN_LINE", ids, args)
    args["control"] = worst.control or 0.0
    much = share < ctx.policy.threshold(_ID, "fail_share")
    return points.says_of(subject, "CARRIES_MUCH_LESS" if much else "CARRIES_LESS", ids, args)


def _tested(evidence: EvidenceSet) -> tuple[_Tested, ...]:
    """Return the best test of each family, IPv4 first, without tests that were not run, failed or were too short."""
    found: dict[int, list[_Tested]] = {}
    for envelope, step in evidence.of(ThroughputTest):
        if step.failure is None and step.rate is not None:
            seen = _Tested(
                family=step.address.version,
                address=written(step.address),
                rate=round(step.rate / 1e6, 1),
                control=None if step.control_rate is None else round(step.control_rate / 1e6, 1),
                evidence=(envelope.id,),
            )
            found.setdefault(seen.family, []).append(seen)
    return tuple(max(found[family], key=lambda tested: tested.rate) for family in sorted(found))

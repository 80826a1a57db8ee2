"""``tslcd.channel.capacity``: the port to TSLCD can carry what the channel is registered with.

A throughput test is not part of it; a port that is fast enough says nothing about how the provider shapes it.
"""

from collections.abc import Iterator

from auditor.check import Place, check, says
from auditor.context import Context
from auditor.facts import channels, devices, interfaces, points
from auditor.facts.devices import Device
from auditor.findings import Outcome, Verdict
from inventory.model import Clearance, Kind, Network, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.rows import DeclaredRow
from probes.wire.snmp import oids


@check(
    version=1,
    title="Provisioned capacity matches the registration",
    why="What is registered is what is paid for and planned with.",
    fix="Correct the record, or have the port or its shaping corrected.",
    references=("TT 06/2026/TT-BKHCN Đ10.1",),
    needs=(DeclaredRow, *devices.SNMP),
    kinds=frozenset({Kind.CONNECTION_POINT, Kind.DATACENTRE}),
    networks=frozenset({Network.TSLCD}),
    vantage=frozenset({Place.SNMP}),
    clearance=Clearance.PASSIVE,
    messages={
        **devices.CODES,
        **devices.NOT_SHOWN,
        **channels.NO_WAN,
        **channels.NO_BANDWIDTH,
        "ENOUGH": says(
            Outcome.PASS,
            "The port of {name} carries {speed:n} Mbit/s, at least the registered {mbps:n}; throughput was not tested.",
        ),
        "TOO_SLOW": says(
            Outcome.FAIL, "The port of {name} carries {speed:n} Mbit/s, less than the registered {mbps:n}."
        ),
    },
)
def capacity(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = devices.device(subject, evidence, ctx)
    mbps = subject.declared.bandwidth_mbps
    if not mbps:
        yield points.says_of(subject, "NO_BANDWIDTH", points.row(evidence))
    elif not isinstance(found, Device):
        yield found
    elif not subject.tag_values("wan"):
        yield found.says("NO_WAN")
    else:
        yield _judge(subject, found, mbps)


def _judge(subject: Subject, device: Device, mbps: float) -> Verdict:
    speeds = device.tree.integers(oids.IF_HIGH_SPEED)
    wanted = interfaces.declared(subject, device, ("wan",))
    shown = [speeds[one.index,] for one in wanted if one.index is not None and speeds.get((one.index,))]
    if not shown:
        return device.says("NOT_SHOWN") if device.complete(oids.IF_HIGH_SPEED) else device.not_read()
    fastest = max(shown)
    return device.says("ENOUGH" if fastest >= mbps else "TOO_SLOW", speed=fastest, mbps=mbps)

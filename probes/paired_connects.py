"""Measures how long a connect takes over IPv4 and over IPv6, to the same service in the same minute."""

from probes.framework.evidence import FailureKind
from probes.framework.recorder import Recorder
from probes.framework.registry import group_probe
from probes.framework.tasks import GroupTask
from probes.net.api import Net
from probes.observations.pages import Pair, PairedConnects
from probes.observations.transport import TcpConnect

PAIRS = 30
"""Pairs of connects; fewer decide nothing (CHECKS, ipv6.web.latency-parity).

Each address is connected to no faster than its rate limit.
"""


@group_probe(
    version=1,
    title="Paired TCP connects over both families",
    records=(PairedConnects,),
    services=frozenset({"http", "https"}),
    deadline=120.0,
)
async def paired_connects(task: GroupTask, net: Net, rec: Recorder) -> None:
    """Connect to the addresses of each family in turn; the family that goes first changes from pair to pair.

    Do nothing with only one family, which has no other to compare with.
    """
    v4 = [endpoint for endpoint in task.endpoints if endpoint.address.version == 4]
    v6 = [endpoint for endpoint in task.endpoints if endpoint.address.version == 6]
    if not v4 or not v6:
        return
    t0, pairs, aside = rec.now(), list[Pair](), rec.aside()
    try:
        for number in range(PAIRS):
            both = [v4[number % len(v4)], v6[number % len(v6)]]
            ordered = both if number % 2 else both[::-1]
            connects = {endpoint.address.version: await net.tcp(aside, endpoint) for endpoint in ordered}
            pairs.append(_pair(connects[4], connects[6]))
    finally:
        rec.record(PairedConnects(port=task.service.port, pairs=tuple(pairs)), t0=t0)


def _pair(four: TcpConnect, six: TcpConnect) -> Pair:
    return Pair(
        address4=four.address,
        address6=six.address,
        seconds4=_seconds(four),
        seconds6=_seconds(six),
        failure4=_kind(four),
        failure6=_kind(six),
    )


def _seconds(step: TcpConnect) -> float | None:
    """Return the seconds by the kernel's clock: IPv4 and IPv6 are compared, not the delays of this program."""
    if step.failure is not None:
        return None
    return step.rtt if step.rtt is not None else round(step.t - step.t0, 6)


def _kind(step: TcpConnect) -> FailureKind | None:
    return None if step.failure is None else step.failure.kind

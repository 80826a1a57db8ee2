"""Probe ``ports``: which of the catalogue's TCP ports one address accepts connections on."""

from probes.framework.evidence import FailureKind
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.exposure import SWEPT, PortSweep

REPEATS = 2
"""Further sweeps over what stayed silent, close together in time (CHECKS security.ports.v4v6-parity: three)."""
_UNHEARD = (FailureKind.TIMEOUT, FailureKind.CUT_SHORT)
"""Silence, and what nobody looked at: this machine stood still when the answer may have come."""


@endpoint_probe(version=1, title="Sweep of TCP ports", records=(PortSweep,), deadline=900.0)
async def ports(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """All ports once; then the silent ones again, unless nothing answered at all: a dead host costs one wait.

    The deadline is long because among many silent hosts a sweep waits for its turn.
    """
    address = task.endpoint.address
    sweep = await net.sweep(rec, address, SWEPT)
    for _ in range(REPEATS):
        unheard = [reply for reply in sweep.replies if reply.failure in _UNHEARD]
        silent = [reply.port for reply in unheard]
        dead = len(silent) == len(SWEPT) and all(reply.failure is FailureKind.TIMEOUT for reply in unheard)
        if not silent or dead:
            return
        sweep = await net.sweep(rec, address, silent)

"""Asks which generation of SMB a server negotiates, without a session."""

from probes.framework.evidence import FailureKind
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.exposure import SmbNegotiate

PORT = 445
_CONNECTED = frozenset({FailureKind.RESET, FailureKind.PROTOCOL})
"""A server without SMB 1 may just hang up."""


@endpoint_probe(version=1, title="SMB negotiation", records=(SmbNegotiate,), deadline=30.0)
async def smb(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """SMB 1 alone first, then SMB 2 and 3; the second is not asked where nothing listens."""
    first = await net.smb(rec, task.endpoint.address, PORT, version=1)
    if first.accepted is not None or (first.failure is not None and first.failure.kind in _CONNECTED):
        await net.smb(rec, task.endpoint.address, PORT, version=2)

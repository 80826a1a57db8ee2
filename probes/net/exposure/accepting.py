"""Connects to ports that must be closed, and detects middleboxes that accept connections to all ports."""

from dataclasses import replace

from inventory.model import Endpoint
from probes.framework.evidence import FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import Net
from probes.observations.exposure import UNUSED
from probes.observations.transport import TcpConnect

UNUSED_PORT = UNUSED[-1]
"""The port to try after an accepted connect."""
_OURS = frozenset({FailureKind.CUT_SHORT, FailureKind.OUT_OF_SCOPE})


async def connect(net: Net, rec: Recorder, endpoint: Endpoint) -> tuple[TcpConnect, bool]:
    """Connect; if accepted, try an unused port of the same address too; return whether that was accepted as well.

    Returns the first connect with it. If both are accepted, a SYN proxy or the accelerator of a satellite link accepts,
    and the first connect does not show that the endpoint is reachable. If the second fails on our side, the first shows
    nothing either and gets the failure of the second.
    """
    got = await net.tcp(rec, endpoint)
    if got.failure is not None:
        return got, False
    unused = await net.tcp(rec, replace(endpoint, port=UNUSED_PORT))
    if unused.failure is not None and unused.failure.kind in _OURS:
        return replace(got, failure=unused.failure), False
    return got, unused.failure is None

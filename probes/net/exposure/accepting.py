"""Connects to what must not be reached, and sees whether something in between accepts whatever is knocked at."""

from dataclasses import replace

from inventory.model import Endpoint
from probes.framework.evidence import FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import Net
from probes.observations.exposure import UNUSED
from probes.observations.transport import TcpConnect

UNUSED_PORT = UNUSED[-1]
"""Tried where a connect was accepted."""
_OURS = frozenset({FailureKind.CUT_SHORT, FailureKind.OUT_OF_SCOPE})


async def connect(net: Net, rec: Recorder, endpoint: Endpoint) -> tuple[TcpConnect, bool]:
    """One connect; where it is accepted, another to a port of the same address that nothing uses, and whether that is
    accepted as well: then a SYN proxy or the accelerator of a satellite link accepts, and no way to it is shown.

    Where we could not ask that, the first connect shows nothing either and ends as the second did.
    """
    got = await net.tcp(rec, endpoint)
    if got.failure is not None:
        return got, False
    unused = await net.tcp(rec, replace(endpoint, port=UNUSED_PORT))
    if unused.failure is not None and unused.failure.kind in _OURS:
        return replace(got, failure=unused.failure), False
    return got, unused.failure is None

"""Holds what the parts of ``Net`` share: each call makes one observation, under the same rules."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable

from inventory.model import Endpoint, IPAddress
from probes.framework.evidence import O
from probes.framework.recorder import Recorder


def port_of(endpoint: Endpoint) -> int:
    """The port to dial; an endpoint without one is a mistake of the caller."""
    if endpoint.port is None:
        raise ValueError(f"no port to dial at {endpoint.address}")
    return endpoint.port


class Steps(ABC):
    """Calls that go through ``_step`` of the class that inherits them."""

    @abstractmethod
    async def _step(
        self,
        rec: Recorder,
        address: IPAddress,
        blank: O,
        run: Callable[[], Awaitable[O]],
        *,
        implied: bool = False,
        transport: str = "",
        packets: int = 1,
    ) -> O:
        """Scope, admission, the clock and the bulkhead around one observation. ``transport`` as in ``Permits``, where
        something may be open for it alone."""

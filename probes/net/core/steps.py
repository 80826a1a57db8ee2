"""What the parts of ``Net`` have in common: each call is one observation, made under the same rules."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable

from inventory.model import IPAddress
from probes.framework.evidence import O
from probes.framework.recorder import Recorder


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

"""Facts about what must not be reached from inside TSLCD."""

from collections.abc import Container
from dataclasses import dataclass

from inventory.model import IPAddress
from probes.framework.evidence import Observation, observation


@observation("anchor-reach", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorReach(Observation):
    """One anchor on the Internet over one transport (``icmp``, ``tcp/443``); ``failure`` None: it answered."""

    address: IPAddress
    transport: str


@observation("management-reach", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class ManagementReach(Observation):
    """A connect to a port by which another agency manages its equipment; ``failure`` None: it was accepted."""

    address: IPAddress
    port: int

    def shown_to(self, seen: Container[str]) -> None:
        """Nothing: the address is another agency's, and the configuration named it."""
        return

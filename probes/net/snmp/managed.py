"""Implements the SNMP calls of ``Net``, with credentials and without."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from inventory.model import Endpoint
from probes.framework.recorder import Recorder
from probes.net.api import SnmpDevice
from probes.net.snmp.devices import Devices
from probes.observations.snmp import SnmpCommunity, SnmpDiscovery


class Managed:
    """Implements those calls of ``Net``."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices

    def snmp(
        self, rec: Recorder, endpoint: Endpoint, profiles: Sequence[str], *, device: str
    ) -> AbstractAsyncContextManager[SnmpDevice | None]:
        return self._devices.open(rec, endpoint, profiles, device)

    async def snmp_discovery(self, rec: Recorder, endpoint: Endpoint) -> SnmpDiscovery:
        return await self._devices.discovery(rec, endpoint)

    async def snmp_default(
        self, rec: Recorder, endpoint: Endpoint, *, version: str, community: str, device: str
    ) -> SnmpCommunity:
        return await self._devices.default(rec, endpoint, version=version, community=community, device=device)

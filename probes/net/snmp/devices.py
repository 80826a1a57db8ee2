"""Opens the devices of one Net: picks the engine, asks each device one question at a time, records the answers."""

import asyncio
import random
from collections.abc import Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from functools import partial

from inventory.model import Endpoint, IPAddress
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import Net
from probes.net.core.rules import Admission, Timing
from probes.net.snmp.agents import Agent, Engine
from probes.net.snmp.device import SILENCE, AgentDevice, open_first
from probes.net.snmp.profiles import SnmpProfile, SnmpSetting
from probes.net.snmp.session import OpenDevice, SnmpStep
from probes.net.snmp.unauthenticated import COMMUNITIES, PAUSE, discover, try_community
from probes.observations.snmp import SnmpCommunity, SnmpDiscovery, SnmpSession

_PORT = 161
_CHANCE = random.SystemRandom()
_NO_PROFILE = Failure(kind=FailureKind.NO_PERMISSION, detail="no SNMP profile")


class Devices:
    """Opens devices. Engines are made when first needed and closed with ``aclose``."""

    def __init__(self, setting: SnmpSetting, timing: Timing, limits: Admission, step: SnmpStep) -> None:
        self._setting = setting
        self._limits = limits
        self.timing = timing
        self.step = step
        self._chosen: dict[tuple[str, ...], tuple[SnmpProfile, ...]] = {}
        self._engines: dict[str, Engine] = {}
        self._gates: dict[str, _Gate] = {}

    async def aclose(self) -> None:
        for engine in self._engines.values():
            engine.close()

    def open(
        self, rec: Recorder, endpoint: Endpoint, names: Sequence[str], device: str
    ) -> AbstractAsyncContextManager[OpenDevice | None]:
        return _Opening(self, rec, endpoint, self._profiles(tuple(names)), device)

    def first(self, session: SnmpSession, profiles: Sequence[SnmpProfile]) -> Coroutine[None, None, Agent | None]:
        """Open a device by the first profile that it accepts, see ``open_first``."""
        timing = self.timing
        admit = partial(self._limits.admit, session.address)
        return open_first(
            self._engine(profiles), session, profiles, wait=timing.snmp, tries=timing.snmp_tries, admit=admit
        )

    def agent(self, address: IPAddress, port: int, profile: SnmpProfile) -> Agent:
        """Return an agent that is not opened yet."""
        admit = partial(self._limits.admit, address)
        return self._engine((profile,)).agent(address, port, profile, wait=self.timing.snmp, admit=admit)

    def named(self, name: str) -> SnmpProfile:
        return self._setting.profiles[name]

    def with_communities(self) -> tuple[SnmpProfile, ...]:
        """Return the configured profiles of the versions that send a community in clear."""
        return tuple(profile for profile in self._setting.profiles.values() if profile.version != "3")

    async def discovery(self, rec: Recorder, endpoint: Endpoint) -> SnmpDiscovery:
        blank = SnmpDiscovery(address=endpoint.address, port=endpoint.port or _PORT)
        admit = partial(self._limits.admit, endpoint.address)
        timing = self.timing
        ask = partial(discover, blank, wait=timing.snmp, tries=timing.snmp_tries, admit=admit, chance=_CHANCE)
        return await self.step(rec, endpoint.address, blank, ask, transport=f"udp/{blank.port}", packets=0)

    async def default(
        self, rec: Recorder, endpoint: Endpoint, *, version: str, community: str, device: str
    ) -> SnmpCommunity:
        if community not in COMMUNITIES:
            raise ValueError("no community that may be tried")
        address, port = endpoint.address, endpoint.port or _PORT
        blank = SnmpCommunity(address=address, port=port, version=version, community=community)
        admit = partial(self._limits.admit, address)

        async def ask() -> SnmpCommunity:
            return await try_community(blank, wait=self.timing.snmp, admit=admit, chance=_CHANCE)

        await self.unused(device)
        gate = self.enter(f"stranger {address}")
        try:
            async with gate.lock:
                step = await self.step(rec, address, blank, ask, packets=0)
                if step.answered is None and step.failure is not None and step.failure.kind in SILENCE:
                    await asyncio.sleep(PAUSE)
            return step
        finally:
            self.leave(f"stranger {address}")

    def enter(self, device: str) -> "_Gate":
        gate = self._gates.get(device)
        if gate is None:
            gate = self._gates[device] = _Gate()
        gate.users += 1
        return gate

    def leave(self, device: str) -> None:
        gate = self._gates[device]
        gate.users -= 1
        if not gate.users:
            gate.left.set()
            del self._gates[device]

    async def unused(self, device: str) -> None:
        """Wait until no caller reads the device: a wrong community may lock this address out (CHECKS trap S3)."""
        while device in self._gates:
            await self._gates[device].left.wait()

    def _profiles(self, names: tuple[str, ...]) -> tuple[SnmpProfile, ...]:
        chosen_before = self._chosen.get(names)
        if chosen_before is None:
            default = () if self._setting.default is None else (self._setting.default,)
            known = self._setting.profiles
            chosen = [known[name] for name in names or default if name in known]
            # Version 3 first: where it works, no community is sent in clear.
            chosen_before = self._chosen[names] = tuple(sorted(chosen, key=lambda profile: profile.version != "3"))
        return chosen_before

    def _engine(self, profiles: Sequence[SnmpProfile]) -> Engine:
        """Return the configured engine; pysnmp for contexts, which the other does not support."""
        name = self._setting.engine
        for profile in profiles:
            if profile.context:
                name = "pysnmp"
        engine = self._engines.get(name)
        if engine is None:
            engine = self._engines[name] = _make(name)
        return engine


def _devices(net: Net) -> Devices:
    return Devices(net.setting.snmp, net.setting.timing, net.setting.limits, net.step)


def devices(net: Net) -> Devices:
    """Return the ``Devices`` of a net."""
    return net.shared(_devices)


class _Gate:
    """Lets one question at a time through to one device, from all callers; removed with its last user."""

    __slots__ = ("left", "lock", "users")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.left = asyncio.Event()
        self.users = 0


class _Opening(AbstractAsyncContextManager[OpenDevice | None]):
    """Opens a device from its first question to the last. A class: ``asynccontextmanager`` costs a tenth of a get."""

    __slots__ = ("_agent", "_blank", "_device", "_devices", "_gate", "_profiles", "_rec")

    def __init__(
        self, devices: Devices, rec: Recorder, endpoint: Endpoint, profiles: Sequence[SnmpProfile], device: str
    ) -> None:
        self._devices, self._rec, self._profiles, self._device = devices, rec, profiles, device
        self._blank = SnmpSession(address=endpoint.address, port=endpoint.port or _PORT)
        self._agent: Agent | None = None

    async def __aenter__(self) -> OpenDevice | None:
        devices = self._devices
        self._gate = devices.enter(self._device)
        try:
            session = await devices.step(self._rec, self._blank.address, self._blank, self._try_all, packets=0)
        except BaseException:
            self._close()
            raise
        if self._agent is None:
            return None
        device = AgentDevice(agent=self._agent, session=session, tries=devices.timing.snmp_tries)
        return OpenDevice(device, devices, self._gate.lock)

    async def _try_all(self) -> SnmpSession:
        if not self._profiles:
            return replace(self._blank, failure=_NO_PROFILE)
        lock = self._gate.lock
        await lock.acquire()  # no ``async with``, which is two coroutines more
        try:
            self._agent = await self._devices.first(self._blank, self._profiles)
        finally:
            lock.release()
        return self._blank

    async def __aexit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        self._devices.leave(self._device)
        if self._agent is not None:
            self._agent.close()


def _make(name: str) -> Engine:
    """Return an engine by its name, imported only when needed: pysnmp takes 0.2 s and 35 MB."""
    if name == "gufo":
        try:
            from probes.net.snmp.gufo_engine import GufoEngine
        except ImportError:  # no wheel for this platform
            return _make("pysnmp")
        return GufoEngine()
    from probes.net.snmp.pysnmp_engine import PysnmpEngine

    return PysnmpEngine()

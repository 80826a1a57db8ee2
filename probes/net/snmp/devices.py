"""The devices of one Net: picks the engine, keeps one question at a time for each device, records what came."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from inventory.model import Endpoint, IPAddress
from probes.framework.evidence import Failure, FailureKind, O
from probes.framework.recorder import Recorder
from probes.net.rules import Admission, Timing
from probes.net.snmp.agents import Agent, Engine
from probes.net.snmp.device import ROWS, Device, open_first
from probes.net.snmp.profiles import Profile, SnmpSetting
from probes.observations.snmp import SnmpGet, SnmpSession, SnmpWalk

_PORT = 161
_NO_PROFILE = Failure(kind=FailureKind.NO_PERMISSION, detail="no SNMP profile")


class Step(Protocol):
    """How a Net makes one observation: scope, clock, faults; ``packets`` 0 where the step asks for admission itself."""

    def __call__(
        self, rec: Recorder, address: IPAddress, blank: O, run: Callable[[], Awaitable[O]], *, packets: int
    ) -> Awaitable[O]: ...


class Devices:
    """Opens devices. Engines are made when first needed and closed with ``close``."""

    def __init__(self, setting: SnmpSetting, timing: Timing, limits: Admission, step: Step) -> None:
        self._setting = setting
        self._limits = limits
        self.timing = timing
        self.step = step
        self._chosen: dict[tuple[str, ...], tuple[Profile, ...]] = {}
        self._engines: dict[str, Engine] = {}
        self._gates: dict[str, _Gate] = {}

    def close(self) -> None:
        for engine in self._engines.values():
            engine.close()

    def open(
        self, rec: Recorder, endpoint: Endpoint, names: Sequence[str], device: str
    ) -> AbstractAsyncContextManager["OpenDevice | None"]:  # fmt: skip
        return _Opening(self, rec, endpoint, self._profiles(tuple(names)), device)

    async def first(
        self, address: IPAddress, port: int, profiles: Sequence[Profile]
    ) -> tuple[SnmpSession, Agent | None]:  # fmt: skip
        """See ``open_first``."""
        timing = self.timing
        admit = partial(self._limits.admit, address)
        return await open_first(
            self._engine(profiles), address, port, profiles, wait=timing.snmp, tries=timing.snmp_tries, admit=admit
        )

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
            del self._gates[device]

    def _profiles(self, names: tuple[str, ...]) -> tuple[Profile, ...]:
        found = self._chosen.get(names)
        if found is None:
            default = () if self._setting.default is None else (self._setting.default,)
            known = self._setting.profiles
            found = self._chosen[names] = tuple(known[name] for name in names or default if name in known)
        return found

    def _engine(self, profiles: Sequence[Profile]) -> Engine:
        """The configured one; pysnmp for contexts, which the other does not know."""
        name = "pysnmp" if any(profile.context for profile in profiles) else self._setting.engine
        engine = self._engines.get(name)
        if engine is None:
            engine = self._engines[name] = _make(name)
        return engine


class _Gate:
    """One question at a time for one device, whoever asks; gone with its last user."""

    __slots__ = ("lock", "users")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.users = 0


class _Opening(AbstractAsyncContextManager["OpenDevice | None"]):
    """A device from its first question to the last. A class, because ``asynccontextmanager`` costs a tenth of a get."""

    __slots__ = ("_agent", "_blank", "_device", "_devices", "_gate", "_profiles", "_rec")

    def __init__(
        self, devices: Devices, rec: Recorder, endpoint: Endpoint, profiles: Sequence[Profile], device: str
    ) -> None:
        self._devices, self._rec, self._profiles, self._device = devices, rec, profiles, device
        self._blank = SnmpSession(address=endpoint.address, port=endpoint.port or _PORT)
        self._agent: Agent | None = None

    async def __aenter__(self) -> "OpenDevice | None":
        devices = self._devices
        self._gate = devices.enter(self._device)
        try:
            session = await devices.step(self._rec, self._blank.address, self._blank, self._try_all, packets=0)
        except BaseException:
            self._close()
            raise
        if self._agent is None:
            return None
        tries = devices.timing.snmp_tries
        return OpenDevice(Device(agent=self._agent, session=session, tries=tries), devices.step, self._gate.lock)

    async def _try_all(self) -> SnmpSession:
        if not self._profiles:
            return replace(self._blank, failure=_NO_PROFILE)
        async with self._gate.lock:
            session, self._agent = await self._devices.first(self._blank.address, self._blank.port, self._profiles)
        return session

    async def __aexit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        self._devices.leave(self._device)
        if self._agent is not None:
            self._agent.close()


def _make(name: str) -> Engine:
    """Imported when needed: pysnmp takes 0.2 s and 35 MB."""
    if name == "gufo":
        try:
            from probes.net.snmp.gufo_engine import GufoEngine
        except ImportError:  # no wheel for this platform
            return _make("pysnmp")
        return GufoEngine()
    from probes.net.snmp.pysnmp_engine import PysnmpEngine

    return PysnmpEngine()


@dataclass(frozen=True, slots=True)
class OpenDevice:
    """Implements ``SnmpDevice``."""

    _device: Device
    _step: Step
    _gate: asyncio.Lock

    @property
    def session(self) -> SnmpSession:
        return self._device.session

    async def get(self, rec: Recorder, oids: Sequence[str]) -> SnmpGet:
        blank = self._device.get_of(oids)

        async def ask() -> SnmpGet:
            async with self._gate:
                return replace(blank, rows=tuple(await self._device.get(oids)))

        return await self._step(rec, blank.address, blank, ask, packets=0)

    async def walk(self, rec: Recorder, root: str, *, rows: int = ROWS) -> SnmpWalk:
        blank = self._device.walk_of(root)

        async def ask() -> SnmpWalk:
            async with self._gate:
                walked = await self._device.walk(root, rows)
            return replace(blank, rows=tuple(walked.rows), stopped=walked.stopped, failure=walked.failure)

        return await self._step(rec, blank.address, blank, ask, packets=0)

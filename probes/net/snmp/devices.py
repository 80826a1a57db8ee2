"""The devices of one Net: picks the engine, keeps one question at a time for each device, records what came."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Protocol
from weakref import WeakValueDictionary

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
        self._timing = timing
        self._limits = limits
        self._step = step
        self._engines: dict[str, Engine] = {}
        self._gates: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def close(self) -> None:
        for engine in self._engines.values():
            engine.close()

    @asynccontextmanager
    async def open(
        self, rec: Recorder, endpoint: Endpoint, names: Sequence[str], device: str
    ) -> AsyncIterator["OpenDevice | None"]:  # fmt: skip
        profiles = self._profiles(names)
        address, port = endpoint.address, endpoint.port or _PORT
        blank = SnmpSession(address=address, port=port)
        gate = self._gate(device)
        held: list[Agent] = []

        async def admit() -> None:
            await self._limits.admit(address)

        async def try_all() -> SnmpSession:
            if not profiles:
                return replace(blank, failure=_NO_PROFILE)
            engine = self._engine(profiles)
            async with gate:
                session, agent = await open_first(
                    engine, address, port, profiles, wait=self._timing.snmp, tries=self._timing.snmp_tries, admit=admit
                )
            held.extend([] if agent is None else [agent])
            return session

        try:
            session = await self._step(rec, address, blank, try_all, packets=0)
            found = Device(agent=held[0], session=session, tries=self._timing.snmp_tries) if held else None
            yield None if found is None else OpenDevice(found, self._step, gate)
        finally:
            for agent in held:
                agent.close()

    def _profiles(self, names: Sequence[str]) -> tuple[Profile, ...]:
        default = () if self._setting.default is None else (self._setting.default,)
        known = self._setting.profiles
        return tuple(known[name] for name in (tuple(names) or default) if name in known)

    def _engine(self, profiles: Sequence[Profile]) -> Engine:
        """The configured one; pysnmp for contexts, which the other does not know."""
        name = "pysnmp" if any(profile.context for profile in profiles) else self._setting.engine
        if name not in self._engines:
            self._engines[name] = _make(name)
        return self._engines[name]

    def _gate(self, device: str) -> asyncio.Lock:
        gate = self._gates.get(device)
        if gate is None:
            gate = self._gates[device] = asyncio.Lock()
        return gate


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

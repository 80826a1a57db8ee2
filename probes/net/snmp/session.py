"""Reads a device that accepted its credentials, and tests which others it would accept."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from inventory.model import IPAddress
from probes.framework.evidence import Attribution, O
from probes.framework.recorder import Recorder, putter
from probes.net.core import faults
from probes.net.snmp.access import access
from probes.net.snmp.agents import Agent, Rejected
from probes.net.snmp.device import PROOF, ROWS, SILENCE, AgentDevice, Walked
from probes.net.snmp.profiles import SnmpProfile
from probes.net.snmp.unauthenticated import PAUSE
from probes.observations.snmp import SnmpAccess, SnmpCommunity, SnmpGet, SnmpLevel, SnmpSession, SnmpWalk

_put_rows, _put_failure = putter(SnmpGet, "rows"), putter(SnmpGet, "failure")
_OTHERS = 4
"""Communities of ours that are tried beside the accepted profile."""


class SnmpStep(Protocol):
    """Makes one observation for a Net: scope, clock, faults; ``packets`` 0 if the step requests admission itself."""

    def __call__(
        self,
        rec: Recorder,
        address: IPAddress,
        blank: O,
        run: Callable[[], Awaitable[O]],
        *,
        packets: int,
        transport: str = "",
    ) -> Awaitable[O]: ...


class Owner(Protocol):
    """Owns open devices."""

    step: SnmpStep

    def agent(self, address: IPAddress, port: int, profile: SnmpProfile) -> Agent: ...

    def named(self, name: str) -> SnmpProfile: ...

    def with_communities(self) -> tuple[SnmpProfile, ...]: ...


@dataclass(slots=True)
class OpenDevice:
    """Implements ``SnmpDevice``."""

    _device: AgentDevice
    _owner: Owner
    _gate: asyncio.Lock

    @property
    def session(self) -> SnmpSession:
        return self._device.session

    @property
    def contexts(self) -> tuple[str, ...]:
        return self._owner.named(self.session.profile or "").contexts

    async def get(self, rec: Recorder, oids: Sequence[str]) -> SnmpGet:
        blank = self._device.get_of(oids)

        async def ask() -> SnmpGet:
            async with self._gate:
                got = await self._device.get(oids)
            _put_rows(blank, tuple(got.rows))
            _put_failure(blank, got.failure)
            return blank

        return await self._owner.step(rec, blank.address, blank, ask, packets=0)

    async def walk(self, rec: Recorder, root: str, *, rows: int = ROWS, context: str = "") -> SnmpWalk:
        blank = replace(self._device.walk_of(root), context=context)

        async def ask() -> SnmpWalk:
            async with self._gate:
                walked = await (self._within(context, root, rows) if context else self._device.walk(root, rows))
            return replace(blank, rows=tuple(walked.rows), stopped=walked.stopped, failure=walked.failure)

        return await self._owner.step(rec, blank.address, blank, ask, packets=0)

    async def _within(self, context: str, root: str, rows: int) -> Walked:
        session = self.session
        profile = self._owner.named(session.profile or "").within(context)
        agent = self._owner.agent(session.address, session.port, profile)
        try:
            await agent.open()
            return await AgentDevice(agent=agent, session=session, tries=self._device.tries).walk(root, rows)
        finally:
            agent.close()

    async def access(self, rec: Recorder) -> SnmpAccess:
        session = self.session
        blank = SnmpAccess(address=session.address, port=session.port, profile=session.profile or "")

        async def read() -> SnmpAccess:
            async with self._gate:
                return await access(self._device, blank)

        return await self._owner.step(rec, blank.address, blank, read, packets=0)

    async def levels(self, rec: Recorder) -> None:
        """Try the same user with less security; record a SnmpLevel for each level below the profile's."""
        session = self.session
        for level, profile in _lower(self._owner.named(session.profile or "")):
            blank = SnmpLevel(address=session.address, port=session.port, profile=session.profile or "", level=level)

            async def ask(blank: SnmpLevel = blank, profile: SnmpProfile = profile) -> SnmpLevel:
                return replace(blank, accepted=await self._takes(profile))

            await self._owner.step(rec, session.address, blank, ask, packets=0)

    async def communities(self, rec: Recorder) -> None:
        """Try our own communities, at a device that has shown by version 3 that it is ours (CHECKS trap S4)."""
        session = self.session
        if session.version != "3" or not session.auth:
            return
        for number, profile in enumerate(self._owner.with_communities()[:_OTHERS]):
            blank = SnmpCommunity(
                address=session.address, port=session.port, version=profile.version, profile=profile.name
            )

            async def ask(blank: SnmpCommunity = blank, profile: SnmpProfile = profile) -> SnmpCommunity:
                return replace(blank, answered=await self._answer(profile))

            if number:
                await asyncio.sleep(PAUSE)
            await self._owner.step(rec, session.address, blank, ask, packets=0)

    async def _answer(self, profile: SnmpProfile) -> str:
        """Return the result of a community: ``value``, ``empty`` or ``silent``.

        Silence counts if the device answers its own profile right after.
        """
        try:
            return "value" if await self._takes(profile) else "empty"
        except faults.Fault as problem:
            if problem.failure.kind not in SILENCE:
                raise
        async with self._gate:
            proved = await self._device.get(PROOF)
        if proved.failure is not None:
            raise faults.Fault(proved.failure)
        return "silent"

    async def _takes(self, profile: SnmpProfile) -> bool:
        """True if the device gives a value to a profile; a refusal is an answer, silence is a Fault."""
        session = self.session
        async with self._gate:
            agent = self._owner.agent(session.address, session.port, profile)
            try:
                await agent.open()
                return any(row.oid in PROOF for row in await agent.get(PROOF))
            except faults.Fault as problem:
                if isinstance(problem, Rejected):
                    return False
                if problem.failure.kind in SILENCE or problem.failure.kind.attribution is Attribution.OURS:
                    raise
                return False
            finally:
                agent.close()


def _lower(profile: SnmpProfile) -> Iterator[tuple[str, SnmpProfile]]:
    """Yield the lower levels to try for a profile's user, named anew, because libraries keep users by name."""
    if profile.version == "3" and profile.auth_key is not None:
        bare = replace(profile, name=f"{profile.name} noAuthNoPriv", auth=None, auth_key=None, priv=None, priv_key=None)
        yield "noAuthNoPriv", bare
        if profile.priv_key is not None:
            yield "authNoPriv", replace(profile, name=f"{profile.name} authNoPriv", priv=None, priv_key=None)

"""Reads one device: tries profiles in order, bounds walks in rows, bytes and seconds, asks one question at a time."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TypeVar

from probes.framework.evidence import Attribution, Failure, FailureKind
from probes.framework.recorder import putter
from probes.net.core import faults
from probes.net.snmp.agents import Admit, Agent, Engine, Rejected
from probes.net.snmp.profiles import SnmpProfile
from probes.observations.snmp import SnmpAttempt, SnmpGet, SnmpSession, SnmpWalk, Varbind

ROWS = 5_000
BYTES = 4_000_000
SECONDS = 60.0
REPETITIONS = (25, 5, 1)
"""GETBULK sizes, the largest first: some devices give no answer, or an unreadable one, if it would be large."""
_SPLITS = 12
"""Failed questions of one get before the rest of it is given up.
One object of twenty that a device cannot give takes five."""
_RENEWALS = 3
SILENCE = frozenset({FailureKind.TIMEOUT})
T = TypeVar("T")


@dataclass(slots=True)
class AgentDevice:
    """Reads a device that accepts ``profile``; ``size`` is the index of the largest GETBULK size it could answer."""

    agent: Agent
    session: SnmpSession
    tries: int
    size: int = 0
    _answered: bool = field(default=False, init=False)
    _renewals: int = field(default=0, init=False)
    _is_mute: bool = field(default=False, init=False)
    """True if the device has been silent since an unanswered question, also about its engine's id."""

    def get_of(self, oids: Sequence[str]) -> SnmpGet:
        """Return the record of a get of ``oids`` without a result."""
        return SnmpGet(
            address=self.session.address, port=self.session.port, profile=self.session.profile or "", oids=tuple(oids)
        )

    def walk_of(self, root: str) -> SnmpWalk:
        return SnmpWalk(
            address=self.session.address, port=self.session.port, profile=self.session.profile or "", root=root
        )

    async def get(self, oids: Sequence[str]) -> "Walked":
        """Return the objects of ``oids`` that the device has; split the question if it answers with an error."""
        if (silence := await self._still_silent()) is not None:
            return Walked(failure=silence)
        got = await _in_parts(self.agent, oids, self.tries)
        if got.failure is not None and await self._is_another(got.failure):
            got = await _in_parts(self.agent, oids, self.tries)
        return got

    async def walk(self, root: str, rows: int) -> "Walked":
        """Return all rows below ``root`` within the bounds; ask smaller questions if large ones go unanswered."""
        if (silence := await self._still_silent()) is not None:
            return Walked(stopped="failure", failure=silence)
        until = time.monotonic() + SECONDS
        best = Walked()
        while True:
            walked = Walked()
            walked.stopped, walked.failure = await self._once(root, walked.rows, rows, until)
            best = walked if walked.failure is None or len(walked.rows) >= len(best.rows) else best
            if walked.failure is not None and await self._is_another(walked.failure):
                continue
            smaller = walked.failure is not None and self._may_be_too_much(walked.failure)
            if not smaller or self.size + 1 == len(REPETITIONS) or time.monotonic() > until:
                return best
            self.size += 1

    async def _is_another(self, failure: Failure) -> bool:
        """True if the device has another engine than before, as after a failover; the agent is then open again.
        Failed questions can then be repeated."""
        spent = self._renewals == _RENEWALS or self._is_mute
        if spent or failure.kind not in (FailureKind.TIMEOUT, FailureKind.PROTOCOL):
            return False
        try:
            is_another = await self.agent.renew()
        except faults.Fault as problem:
            self._is_mute = failure.kind in SILENCE and _is_silence(problem)
            return False
        self._renewals += is_another
        return is_another

    async def _still_silent(self) -> Failure | None:
        """Return the failure of a device that was silent to the last question and still is, None otherwise.
        It is asked for its engine's id in place of the question, so that a dead device costs no longer wait than one
        that has no such id."""
        if not self._is_mute:
            return None
        try:
            self._renewals += await _retried(self.agent.renew, self.tries)
        except faults.Fault as problem:
            if _is_silence(problem):
                return problem.failure
        self._is_mute = False
        return None

    def _may_be_too_much(self, failure: Failure) -> bool:
        """True if the question may have been too large.
        Silence to a size that was answered before has another cause; an error may be of one table that has larger
        rows."""
        return failure.kind is FailureKind.PROTOCOL or (failure.kind in SILENCE and not self._answered)

    async def _once(
        self, root: str, rows_so_far: list[Varbind], limit: int, until: float
    ) -> tuple[str | None, Failure | None]:
        walk = self.agent.walk(root, REPETITIONS[self.size])
        size = 0
        try:
            while (rows := await _retried(lambda: _next(walk), self.tries)) is not None:
                room = limit - len(rows_so_far)
                rows_so_far += rows[:room]
                if len(rows) > room:
                    return "rows", None
                size += sum([len(row.oid) + len(row.value) for row in rows])
                if size > BYTES:
                    return "bytes", None
                if time.monotonic() > until:  # the agent is slow, or its table does not end
                    return "seconds", None
        except faults.Fault as problem:
            return "failure", problem.failure
        self._answered = self._answered or len(rows_so_far) >= REPETITIONS[self.size]
        return None, None


@dataclass(slots=True)
class Walked:
    rows: list[Varbind] = field(default_factory=list)
    stopped: str | None = None
    failure: Failure | None = None


_put_engine, _put_attempts, _put_failure = (putter(SnmpSession, name) for name in ("engine", "attempts", "failure"))
_put_profile, _put_version, _put_engine_id = (putter(SnmpSession, name) for name in ("profile", "version", "engine_id"))
_put_auth, _put_priv = putter(SnmpSession, "auth"), putter(SnmpSession, "priv")
PROOF = ("1.3.6.1.2.1.1.2.0", "1.3.6.1.2.1.1.3.0")
"""sysObjectID.0 and sysUpTime.0 (RFC 3418)."""
_ENGINE_ID = "1.3.6.1.6.3.10.2.1.1.0"  # snmpEngineID.0 (RFC 3411)


async def open_first(
    engine: Engine, session: SnmpSession, profiles: Sequence[SnmpProfile], *, wait: float, tries: int, admit: Admit
) -> Agent | None:
    """Try the profiles in order; return the agent of the first that the device accepts.

    ``session``, which no caller has seen yet, is filled in: one more object of so many fields would cost a twentieth of
    a get.
    """
    attempts: tuple[SnmpAttempt, ...] = ()
    failure: Failure | None = None
    for profile in profiles:
        agent = None
        try:
            agent = engine.agent(session.address, session.port, profile, wait=wait, admit=admit)
            wanted = PROOF if profile.version != "3" else await _discovered(agent, tries)
            rows = None
            try:
                rows = await agent.get(wanted)
            except faults.Fault as problem:
                if not _is_worth_repeating(problem, tries):
                    raise
            if rows is None:
                rows = await _once_more(agent, wanted, max(tries - 1, 1))
            engine_id = _proven(agent, rows)
        except faults.Fault as problem:
            _close(agent)
            failure = problem.failure
            attempts += (SnmpAttempt(profile.name, profile.version, isinstance(problem, Rejected), failure),)
            if failure.kind.attribution is Attribution.OURS:
                break
        except BaseException:
            _close(agent)
            raise
        else:
            _put_engine(session, engine.name)
            _put_attempts(session, (*attempts, _taken(profile.name, profile.version)))
            _fill(session, profile, engine_id)
            return agent
    _put_engine(session, engine.name)
    _put_attempts(session, attempts)
    _put_failure(session, failure)
    return None


def _close(agent: Agent | None) -> None:
    if agent is not None:
        agent.close()


def _fill(session: SnmpSession, profile: SnmpProfile, engine_id: bytes | None) -> None:
    """Fill the session with the profile that was accepted."""
    _put_profile(session, profile.name)
    _put_version(session, profile.version)
    _put_engine_id(session, engine_id)
    if profile.auth_key is not None:
        _put_auth(session, profile.auth or "")
        _put_priv(session, (profile.priv or "") if profile.priv_key is not None else "")


@cache
def _taken(profile: str, version: str) -> SnmpAttempt:
    """Return the same object for every device of a profile."""
    return SnmpAttempt(profile, version)


async def _discovered(agent: Agent, tries: int) -> Sequence[str]:
    """Open the agent for version 3; return the OIDs to ask to prove that it accepts the profile.

    They include the id of its engine if that is not known yet.
    """
    await _retried(agent.open, tries)
    return PROOF if agent.engine_id else (*PROOF, _ENGINE_ID)


async def _once_more(agent: Agent, wanted: Sequence[str], tries: int) -> list[Varbind]:
    """Ask the same question again after silence, or in parts after an error."""
    got = await _in_parts(agent, wanted, tries)
    if got.failure is not None and not got.rows:
        raise faults.Fault(got.failure)
    return got.rows


def _proven(agent: Agent, rows: Sequence[Varbind]) -> bytes | None:
    """Return the id of the agent's engine; raise Fault if ``rows`` hold neither sysObjectID nor sysUpTime."""
    engine_id, is_proof = agent.engine_id, False
    for row in rows:
        if row.oid in PROOF:
            is_proof = True
        elif row.oid == _ENGINE_ID and row.type == "octets" and not engine_id:
            engine_id = bytes.fromhex(row.value)
    if not is_proof:
        raise faults.fault(FailureKind.PROTOCOL, "answered without sysObjectID and sysUpTime")
    return engine_id


async def _in_parts(agent: Agent, oids: Sequence[str], tries: int) -> "Walked":
    """Get objects, in halves if the device answers with an error.

    It may have no room for so large an answer, or one object of many causes the error. ``failure`` is the last of the
    questions that were not answered in the end. Raises Rejected.
    """
    got, parts, failed = Walked(), [oids], 0
    while parts:
        part = parts.pop()
        try:
            got.rows += await _retried(partial(agent.get, part), tries)
        except Rejected:
            raise
        except faults.Fault as problem:
            failed += 1
            if len(part) > 1 and _is_error(problem) and failed < _SPLITS:
                half = len(part) // 2
                parts += [part[half:], part[:half]]
                continue
            got.failure = problem.failure
            if not _is_error(problem) or failed == _SPLITS:
                break
    return got


async def _next(walk: AsyncIterator[list[Varbind]]) -> list[Varbind] | None:
    return await anext(walk, None)


async def _retried(step: Callable[[], Awaitable[T]], tries: int) -> T:
    """Repeat the step after silence, ``tries`` times in all; a rejection or an error is an answer."""
    while True:
        try:
            return await step()
        except faults.Fault as problem:
            tries -= 1
            if not tries or not _is_silence(problem):
                raise


def _is_worth_repeating(problem: faults.Fault, tries: int) -> bool:
    return tries > 1 if _is_silence(problem) else _is_error(problem)


def _is_error(problem: faults.Fault) -> bool:
    """True if an answer without objects came."""
    return problem.failure.kind is FailureKind.PROTOCOL and not isinstance(problem, Rejected)


def _is_silence(problem: faults.Fault) -> bool:
    return problem.failure.kind in SILENCE and not isinstance(problem, Rejected)

"""Tests that a device that answers with errors is asked for smaller parts, within a bound, and its values are kept."""

from collections.abc import Sequence
from ipaddress import ip_address

import pytest

from probes.framework.evidence import FailureKind
from probes.net.core import faults
from probes.net.snmp.device import AgentDevice
from probes.observations.snmp import SnmpSession, Varbind

OIDS = tuple(f"1.3.6.1.2.1.1.{n}.0" for n in range(1, 25))


class FakeAgent:
    """Gives objects, but none of ``bad`` (an error for the whole question), nor more than ``most`` at once; answers
    ``silent_after`` questions."""

    engine_id = None

    def __init__(self, bad: Sequence[str] = (), most: int = 100, silent_after: int = 1_000) -> None:
        self.bad, self.most, self.silent_after = bad, most, silent_after
        self.asked = 0
        self.renewals = 0

    async def renew(self) -> bool:
        self.renewals += 1
        return False

    async def get(self, oids: Sequence[str]) -> list[Varbind]:
        self.asked += 1
        if self.asked > self.silent_after:
            raise faults.fault(FailureKind.TIMEOUT)
        if len(oids) > self.most or set(oids) & set(self.bad):
            raise faults.fault(FailureKind.PROTOCOL, "error status 5")
        return [Varbind(oid, "int", "1") for oid in oids]


def device(agent: FakeAgent) -> AgentDevice:
    session = SnmpSession(address=ip_address("192.0.2.1"), port=161)
    return AgentDevice(agent=agent, session=session, tries=2)  # type: ignore[arg-type]


async def test_a_get_is_one_question() -> None:
    agent = FakeAgent()
    got = await device(agent).get(OIDS)
    assert ([row.oid for row in got.rows], got.failure, agent.asked) == ([*OIDS], None, 1)


@pytest.mark.parametrize("most", [1, 5, 12])
async def test_a_device_without_room_is_asked_for_less(most: int) -> None:
    got = await device(FakeAgent(most=most)).get(OIDS[:8])
    assert ([row.oid for row in got.rows], got.failure) == ([*OIDS[:8]], None)


async def test_two_objects_that_cannot_be_given_are_all_that_is_missing() -> None:
    bad = OIDS[3], OIDS[20]
    got = await device(FakeAgent(bad)).get(OIDS)
    assert [row.oid for row in got.rows] == [oid for oid in OIDS if oid not in bad]
    assert got.failure is not None
    assert got.failure.kind is FailureKind.PROTOCOL


async def test_a_device_that_has_nothing_but_errors_is_left_alone_soon() -> None:
    agent = FakeAgent(OIDS)
    got = await device(agent).get(OIDS)
    assert (got.rows, got.failure and got.failure.kind, agent.asked) == ([], FailureKind.PROTOCOL, 12)


async def test_what_came_before_a_silence_is_kept() -> None:
    agent = FakeAgent(most=12, silent_after=2)
    got = await device(agent).get(OIDS)
    assert ([row.oid for row in got.rows], got.failure and got.failure.kind) == ([*OIDS[:12]], FailureKind.TIMEOUT)
    assert agent.asked == 4  # silence is asked twice, and no further


class Mortal(FakeAgent):
    """Falls silent, the id of its engine included, until ``back``."""

    def __init__(self, silent_after: int) -> None:
        super().__init__(silent_after=silent_after)
        self.back = False

    async def renew(self) -> bool:
        self.renewals += 1
        if not self.back:
            raise faults.fault(FailureKind.TIMEOUT)
        self.silent_after = 1_000
        return False


async def test_a_device_that_fell_silent_costs_as_many_waits_as_one_without_an_engine() -> None:
    agent = Mortal(silent_after=1)
    read = device(agent)
    await read.get(OIDS)
    waits = []
    for _ in range(4):
        before = agent.asked + agent.renewals
        got = await read.get(OIDS)
        assert got.failure is not None
        assert got.failure.kind is FailureKind.TIMEOUT
        waits.append(agent.asked + agent.renewals - before)
    assert waits == [read.tries + 1, *[read.tries] * 3]


async def test_a_device_that_comes_back_is_read_on() -> None:
    agent = Mortal(silent_after=1)
    read = device(agent)
    for _ in range(3):
        await read.get(OIDS)
    agent.back = True
    got = await read.get(OIDS)
    assert ([row.oid for row in got.rows], got.failure) == ([*OIDS], None)
    again = agent.renewals
    await read.get(OIDS)
    assert agent.renewals == again


async def test_another_engine_is_looked_for_three_times_at_most() -> None:
    class Renewed(FakeAgent):
        async def renew(self) -> bool:
            self.renewals += 1
            return True

    agent = Renewed(silent_after=0)
    read = device(agent)
    for _ in range(5):
        await read.get(OIDS)
    assert agent.renewals == 3

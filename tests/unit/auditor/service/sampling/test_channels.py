"""Tests counters from one round to the next: true rates and counts, and gaps if they cannot be known."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from auditor.service.sampling.channels import DeviceReading
from auditor.service.sampling.settings import SamplerSettings
from auditor.service.store.api import Store
from auditor.service.store.memory.store import MemoryStore
from inventory.maintenance import Maintenance
from inventory.model import Subject
from probes.observations.series import (
    CHANGES,
    IN_ERRORS,
    IN_PACKETS,
    IN_RATE,
    MACHINE_RESTARTS,
    OUT_RATE,
    RESTARTS,
    SPEED,
)
from tests.unit.auditor.service.sampling.device import Router
from tests.unit.auditor.service.sampling.world import HUB, SNMP, START, Hands, Machine, World, held, point, rounds, take

GAP = (None, "gap")
ONE = point(1, v6=False, services=SNMP, tags=("wan=ge-0/0/1",))


@pytest.fixture
def store() -> Iterator[Store]:
    with MemoryStore() as made:
        yield made


@pytest.fixture
def hands() -> Hands:
    return Hands()


class Line:
    """Holds one point, its device and the rounds over it."""

    def __init__(self, store: Store, hands: Hands, subject: Subject = ONE, **made: object) -> None:
        self.store, self.hands, self.subject = store, hands, subject
        self.router = Router(hands, **made)  # type: ignore[arg-type]  # of the test's own making
        self.machine = Machine(objects=self.router.objects)
        self.rounds = rounds(World({subject.addresses[0]: self.machine}), store, hands, subject)

    async def round(self, mbps: float = 0.0, *, outward: float = 0.0, packets: int = 0, errors: int = 0) -> None:
        """Take a round, then let five minutes of traffic pass."""
        await self.rounds.take()
        self.hands.turn(300)
        self.router.run(300, inward=mbps * 1e6, outward=outward, packets=packets, errors=errors)

    def held(self, metric: str, family: int = 0, interface: str = "ge-0/0/1") -> list[tuple[float | None, str]]:
        return held(self.store, self.subject, metric, family, interface)


def values(held: list[tuple[float | None, str]]) -> list[float | None]:
    return [None if value is None else round(value, 3) for value, _ in held]


async def test_rates_and_counts_of_five_minutes(store: Store, hands: Hands) -> None:
    line = Line(store, hands)
    await line.round(8.0, outward=2e6, packets=1_000, errors=7)  # both counters wrap in it
    await line.round(16.0, outward=4e6, packets=500, errors=0)
    await line.round()
    assert values(line.held(IN_RATE)) == [8e6, 16e6]
    assert values(line.held(OUT_RATE)) == [2e6, 4e6]
    assert values(line.held(IN_PACKETS)) == [1_000, 500]
    assert values(line.held(IN_ERRORS)) == [7, 0]
    assert values(line.held(CHANGES)) == [0, 0]
    assert values(line.held(SPEED)) == [100e6] * 3
    assert values(line.held(RESTARTS, interface="")) == [0, 0]
    assert values(line.held(IN_RATE, 6))[1] == 4e6


async def test_a_description_that_two_ports_share_is_neither_s(store: Store, hands: Hands) -> None:
    spare = {f"1.3.6.1.2.1.31.1.1.1.{column}.3": value for column, value in ((18, "TSLCD"), (6, 0), (10, 0))}
    line = Line(store, hands, point(1, v6=False, services=SNMP, tags=("wan=TSLCD",)), more=spare)
    await line.round(8.0)
    await line.round(8.0)
    assert line.held(IN_RATE, interface="TSLCD") == []


async def test_a_restart_is_a_restart_and_no_traffic(store: Store, hands: Hands) -> None:
    line = Line(store, hands)
    await line.round(8.0)
    line.router.restart()
    await line.round(8.0)
    await line.round(8.0)
    await line.round(8.0)
    assert line.held(IN_RATE) == [GAP, (8e6, "ok"), (8e6, "ok")]
    assert line.held(CHANGES)[0] == GAP
    assert values(line.held(RESTARTS, interface=""))[0] == 1


async def test_a_wrap_of_its_clock_is_no_restart(store: Store, hands: Hands) -> None:
    line = Line(store, hands, booted=hands.steady - ((1 << 32) - 10_000) / 100)
    for _ in range(3):
        await line.round(8.0)
    assert values(line.held(RESTARTS, interface="")) == [0, 0]
    assert values(line.held(IN_RATE)) == [8e6, 8e6]


async def test_the_count_of_starts_decides_where_there_is_one(store: Store, hands: Hands) -> None:
    line = Line(store, hands, boots=4)
    await line.round(8.0)
    line.router.boots = 5
    await line.round(8.0)
    await line.round(8.0)
    assert values(line.held(RESTARTS, interface="")) == [1, 0]
    assert line.held(IN_RATE)[0] == GAP


async def test_an_agent_that_restarts_is_not_its_machine(store: Store, hands: Hands) -> None:
    line = Line(store, hands, boots=4, machine=-864_000.0)
    await line.round(8.0)
    line.router.boots, line.router.booted = 5, hands.steady - 90
    await line.round(8.0)
    line.router.boots, line.router.booted, line.router.machine = 6, hands.steady - 60, hands.steady - 80
    await line.round(8.0)
    await line.round(8.0)
    assert values(line.held(RESTARTS, interface="")) == [1, 1, 0]
    assert values(line.held(MACHINE_RESTARTS, interface="")) == [0, 1, 0]


async def test_a_clock_of_the_machine_that_was_set_is_no_restart(store: Store, hands: Hands) -> None:
    line = Line(store, hands, machine=-864_000.0)
    await line.round(8.0)
    line.router.machine = -800_000.0
    await line.round(8.0)
    await line.round(8.0)
    assert values(line.held(MACHINE_RESTARTS, interface="")) == [None, 0]


async def test_a_discontinuity_is_a_gap_of_that_interface(store: Store, hands: Hands) -> None:
    line = Line(store, hands)
    await line.round(8.0)
    line.router.discontinuity = 99
    line.router.in_octets += 10**12
    await line.round(8.0)
    await line.round(8.0)
    assert line.held(IN_RATE) == [GAP, (8e6, "ok")]
    assert values(line.held(RESTARTS, interface="")) == [0, 0]


async def test_after_a_missed_round_there_is_no_rate_of_five_minutes(store: Store, hands: Hands) -> None:
    line = Line(store, hands)
    await line.round(8.0)
    hands.turn(300)
    await line.round(8.0)
    await line.round(8.0)
    assert line.held(IN_RATE) == [GAP, (8e6, "ok")]


async def test_what_is_read_too_soon_waits_for_the_next(store: Store, hands: Hands) -> None:
    line = Line(store, hands)
    hands.turn(280)
    await line.rounds.take()
    hands.turn(30)
    line.router.run(30, inward=8e6)
    await line.rounds.take()  # the next slot, half a minute later
    hands.turn(300)
    line.router.run(300, inward=8e6)
    await line.rounds.take()
    assert values(line.held(IN_RATE)) == [8e6]


async def test_a_clock_that_was_set_changes_no_rate(store: Store, hands: Hands) -> None:
    line = Line(store, hands)
    await line.round(8.0)
    hands.set_wall(3_600)
    await line.round(8.0)
    await line.round(8.0)
    assert values(line.held(IN_RATE)) == [8e6, 8e6]


async def test_indexes_that_move_at_a_restart_are_found_again(store: Store, hands: Hands) -> None:
    line = Line(store, hands)
    await line.round(8.0)
    line.router.restart()
    line.router.index = 7
    await line.round(8.0)
    await line.round(8.0)
    await line.round(8.0)
    assert line.held(IN_RATE) == [GAP, (8e6, "ok"), (8e6, "ok")]


async def test_an_index_that_moves_without_a_restart_is_found_again(store: Store, hands: Hands) -> None:
    line = Line(store, hands)
    await line.round(8.0)
    line.router.index = 7  # PPPoE of Linux has another number each time that it is dialled
    await line.round(8.0)
    await line.round(8.0)
    assert line.held(IN_RATE) == [GAP, (8e6, "ok")]


async def test_indexes_that_move_at_a_restart_during_an_outage_are_found_again(store: Store, hands: Hands) -> None:
    line = Line(store, hands, booted=hands.steady - 60)
    line.router.more = {"1.3.6.1.2.1.31.1.1.1.10.2": 0}  # the number is another interface's then
    await line.round(8.0)
    line.machine.objects = None
    line.router.restart()
    line.router.index = 7
    await line.round(8.0)
    line.machine.objects = line.router.objects  # for longer than before the outage, and for less than that took
    await line.round(8.0)
    await line.round(8.0)
    assert line.held(IN_RATE)[-1] == (8e6, "ok")


async def test_an_uplink_that_comes_back_is_looked_for_again_within_the_hour(store: Store, hands: Hands) -> None:
    both = point(1, v6=False, services=SNMP, tags=("wan=ge-0/0/1", "wan=pppoe0"))
    line = Line(store, hands, both)
    await line.round(8.0)
    line.router.more = {"1.3.6.1.2.1.31.1.1.1.1.9": "pppoe0", "1.3.6.1.2.1.31.1.1.1.6.9": 1_000}
    for _ in range(13):
        await line.round(8.0)
    assert line.held(IN_RATE, interface="pppoe0")


async def test_without_a_name_the_interface_is_that_of_the_address(store: Store, hands: Hands) -> None:
    line = Line(store, hands, point(1, v6=False, services=SNMP))
    line.router.more = {"1.3.6.1.2.1.4.20.1.1.10.64.1.1": "", "1.3.6.1.2.1.4.20.1.2.10.64.1.1": 2}
    await line.round(8.0)
    await line.round(8.0)
    assert values(line.held(IN_RATE)) == [8e6]


async def test_narrow_counters_alone_give_no_rate(store: Store, hands: Hands) -> None:
    line = Line(store, hands, hidden=frozenset({"1.3.6.1.2.1.31.1.1.1.6.2"}))
    await line.round(8.0)
    await line.round(8.0)
    assert line.held(IN_RATE) == []
    assert len(line.held(OUT_RATE)) == 1


async def test_a_device_that_falls_silent_leaves_gaps(store: Store, hands: Hands) -> None:
    line = Line(store, hands)
    await line.round(8.0)
    line.machine.objects = None
    await line.round(8.0)
    line.machine.objects = line.router.objects
    await line.round(8.0)
    await line.round(8.0)
    assert line.held(IN_RATE) == [GAP, GAP, (8e6, "ok")]
    assert line.held(IN_ERRORS)[0] == GAP
    assert line.held(CHANGES)[0] == GAP


async def test_what_cannot_be_counted_during_announced_work_or_our_own_outage_is_set_aside(
    store: Store, hands: Hands
) -> None:
    work = Maintenance(since=START + timedelta(minutes=5), until=START + timedelta(minutes=9), subject=ONE.id)
    line = Line(store, hands)
    line.rounds = replace(line.rounds, settings=SamplerSettings(maintenance=(work,)))
    await line.round(8.0)
    line.machine.objects, line.machine.rtts = None, (None,)
    await line.round(8.0)  # the work
    await line.round(8.0)  # all of one point is down on the first day: the hub's own
    assert [quality for _, quality in line.held(IN_RATE)] == ["maintenance", "vantage"]


async def test_what_happened_during_announced_work_is_not_counted_after_it(store: Store, hands: Hands) -> None:
    work = Maintenance(since=START + timedelta(minutes=6), until=START + timedelta(minutes=9), subject=ONE.id)
    line = Line(store, hands)
    line.rounds = replace(line.rounds, settings=SamplerSettings(maintenance=(work,)))
    await line.round(8.0)
    line.router.last_change = 999
    await line.round(8.0, errors=1_000)  # the work; its end is read in the slot after it
    await line.round(8.0)
    line.router.restart()
    await line.round(8.0)
    await line.round(8.0)
    assert [quality for _, quality in line.held(IN_ERRORS)] == ["maintenance", "maintenance", "gap", "ok"]
    assert values(line.held(RESTARTS, interface=""))[2:] == [1, 0]


async def test_a_restart_by_announced_work_is_none_of_the_month(store: Store, hands: Hands) -> None:
    work = Maintenance(since=START + timedelta(minutes=5), until=START + timedelta(minutes=9), subject=ONE.id)
    line = Line(store, hands)
    line.rounds = replace(line.rounds, settings=SamplerSettings(maintenance=(work,)))
    await line.round(8.0)
    line.machine.objects, line.machine.rtts = None, (None,)
    await line.round(8.0)  # the work: its power was announced to be cut
    line.router.restart()
    line.machine.objects, line.machine.rtts = line.router.objects, (0.01,)
    await line.round(8.0)
    await line.round(8.0)
    assert [quality for _, quality in line.held(RESTARTS, interface="")] == ["maintenance", "ok"]


async def test_what_is_counted_goes_on_over_a_round_without_an_answer(store: Store, hands: Hands) -> None:
    line = Line(store, hands)
    await line.round(8.0)
    line.machine.objects = None
    line.router.last_change = 999  # the port was down, and with it the way to the device
    await line.round(8.0, errors=7)
    line.machine.objects = line.router.objects
    await line.round(8.0)
    assert values(line.held(IN_ERRORS)) == [None, 7]
    assert values(line.held(CHANGES)) == [None, 1]
    assert values(line.held(IN_RATE)) == [None, None]


@pytest.mark.parametrize("written", [b"", b"{", b"[]", b"null", b'{"wall": 1}', b"\xff"])
def test_device_reading_unreadable_is_none(written: bytes) -> None:
    assert DeviceReading.from_json(written) is None


async def test_a_note_that_cannot_be_read_costs_one_sample(store: Store, hands: Hands) -> None:
    line = Line(store, hands)
    await line.round(8.0)
    store.remember(HUB, {f":device:{ONE.id}": b"{}"})
    await line.round(8.0)
    await line.round(8.0)
    assert values(line.held(IN_RATE)) == [8e6]
    await take(line.rounds, hands)

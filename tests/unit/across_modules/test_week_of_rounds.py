"""A week of rounds with gaps, outages, maintenance and restarts, held against a table that is added up line by line.

What happened is written down beside the rounds as anybody would in a spreadsheet, a line for each five minutes; the
figures of the checks' windows are computed from those lines by other means than the product's.
"""

import csv
import io
import math
import random
from datetime import datetime, timedelta
from statistics import mean

import pytest

from auditor.framework.localdate import civil_day
from auditor.service.derived.windows import WINDOWS, Window, seen_through
from auditor.service.sampling.settings import SamplerSettings
from auditor.service.store.api import Store
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import Series
from inventory.maintenance import Maintenance
from probes.observations.series import CHANNEL_LOAD, IN_RATE, POINT_REACH, REACH, SeriesWindow
from tests.unit.auditor.service.sampling.device import Router
from tests.unit.auditor.service.sampling.world import HUB, SNMP, START, Hands, Machine, World, machines, point, rounds

SLOTS = 2_016
ONE = point(1, v6=False, services=SNMP, tags=("wan=ge-0/0/1",))
OTHERS = tuple(point(number, v6=False) for number in range(2, 6))
WORK = Maintenance(since=START + timedelta(days=2, hours=3), until=START + timedelta(days=2, hours=5), subject=ONE.id)
HUB_DOWN = range(1_200, 1_230)
DEAD = Machine(rtts=(None,))


class Week:
    """Simulates the rounds of a week, and the table of the true traffic."""

    def __init__(self, store: Store) -> None:
        self.store, self.hands, self.chance = store, Hands(), random.Random(7)
        self.router = Router(self.hands)
        self.machine = Machine(objects=self.router.objects)
        self.world = World({ONE.addresses[0]: self.machine, **machines(*OTHERS)})
        self.rounds = rounds(self.world, store, self.hands, ONE, *OTHERS, settings=SamplerSettings(maintenance=(WORK,)))
        self.table = io.StringIO()
        self.lines = csv.writer(self.table)
        self.lines.writerow(["slot", "state", "up", "mbps"])

    async def live(self) -> None:
        for number in range(SLOTS):
            skipped = self.chance.random() < 0.03
            up = self.chance.random() > 0.02
            hub = number not in HUB_DOWN
            self._set(up=up, hub=hub)
            if not skipped:
                await self.rounds.take()
            closed = WORK.since - timedelta(seconds=300) < self.hands.wall < WORK.until
            state = "gap" if skipped else "maintenance" if closed else "ok" if hub else "vantage"
            self.lines.writerow([number, state, int(up), self._pass_five_minutes(up=up, hub=hub, skipped=skipped)])

    def _set(self, *, up: bool, hub: bool) -> None:
        self.machine.rtts = (0.01,) if up and hub else (None,)
        self.machine.objects = self.router.objects if up and hub else None
        for subject in OTHERS:
            self.world.machines[subject.addresses[0]] = Machine() if hub else DEAD

    def _pass_five_minutes(self, *, up: bool, hub: bool, skipped: bool) -> str:
        """Pass traffic for five minutes; return the load observed at their start, empty if none was."""
        seen = "" if skipped or not up or not hub else f"{self.load:.6f}" if self.known else ""
        self.known = not skipped and up and hub
        self.load = self.chance.choice([1, 5, 20, 60, 95]) * self.chance.random()
        self.hands.turn(300)
        self.router.run(300, inward=self.load * 1e6)
        return seen

    known, load = False, 0.0

    def read(self) -> list[dict[str, str]]:
        self.table.seek(0)
        return list(csv.DictReader(self.table))


def window(week: Week, name: str, metric: str, interface: str = "") -> SeriesWindow:
    looked = WINDOWS[name]
    assert isinstance(looked, Window)
    series = Series(subject=ONE.id, metric=metric, vantage=HUB, interface=interface)
    return seen_through(looked, name, series, week.store, week.hands.wall - timedelta(seconds=1))


def _begin(line: dict[str, str]) -> datetime:
    return START + timedelta(seconds=300 * int(line["slot"]))


def percentile(values: list[float]) -> float:
    """Return the 95th percentile by nearest rank: the value that 95 of 100 do not exceed, found by counting."""
    return min(value for value in values if 100 * sum(other <= value for other in values) >= 95 * len(values))


async def test_a_week_comes_out_as_it_is_added_up_by_hand() -> None:
    week = Week(MemoryStore())
    await week.live()
    lines = week.read()
    reach, load = window(week, POINT_REACH, REACH), window(week, CHANNEL_LOAD, IN_RATE, "ge-0/0/1")

    valid = [int(line["up"]) for line in lines if line["state"] == "ok"]
    states = [line["state"] for line in lines]
    assert reach.whole.counted == len(valid)
    assert reach.whole.mean == pytest.approx(mean(valid), abs=1e-12)
    assert (reach.whole.gaps, reach.whole.maintenance, reach.whole.vantage) == tuple(
        states.count(text) for text in ("gap", "maintenance", "vantage")
    )
    assert min(states.count(text) for text in ("gap", "maintenance", "vantage")) > 20
    for day, period in enumerate(reach.periods):
        of_day = [int(line["up"]) for line in lines[288 * day : 288 * day + 288] if line["state"] == "ok"]
        assert (period.counted, period.total) == (len(of_day), sum(of_day))

    def loads(some: list[dict[str, str]]) -> list[float]:
        return [1e6 * float(line["mbps"]) for line in some if line["mbps"] and line["state"] != "maintenance"]

    assert load.whole.counted == len(loads(lines)) > 1_500
    assert load.whole.p95 == pytest.approx(percentile(loads(lines)), rel=1e-6)
    sampled = [period for period in load.periods if period.counted]
    assert len(sampled) == 8  # of Vietnam, where the rounds begin and end within a day
    for period in sampled:
        some = loads([line for line in lines if civil_day(_begin(line)) == civil_day(period.start)])
        assert period.p95 == pytest.approx(percentile(some), rel=1e-6)
        assert math.isclose(period.mean or 0, mean(some), rel_tol=1e-6)

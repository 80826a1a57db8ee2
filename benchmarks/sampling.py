"""Measures sampling rounds of thousands of connection points: their share of a core, and their size on disk.

Every point has an address of each family, 100 echo requests to each, and the counters of one interface over SNMP. In a
network namespace of this run's own the kernel answers the echoes and one Net-SNMP agent the questions, so the kernel's
work for both ends is in our figure. A round is what ``auditor sample`` takes, at its own pace; only the wall's clock is
moved on to the next slot. What samples leave on the disk is measured on days of rounds that are made up, with delays,
rates and counts as they are sampled, and written, rolled up and packed by the same store.

A year of one point is read as pages, the API and reports of a period read it, beside what ``sqlite3`` takes to fetch
the same rows; samples are written every hour there, and every five minutes in the days that are kept as they were.

Goals: at most 10 % of one core for 3,300 points every five minutes (stretch 5 %), at most 200 bytes a sample when it is
written, and 6 once its day is over, roll-ups included; of six days the last three not more than the first by a tenth;
a year of one point in at most 100 ms of CPU.

    python -m benchmarks.sampling [--points 3300] [--rounds 2] [--rate 4000] [--strict]
"""

import argparse
import asyncio
import ctypes
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from auditor.framework import catalogue
from auditor.service.config.model import Config
from auditor.service.pipeline.measuring.network import open_kernel
from auditor.service.pipeline.plan.plan import Plan, plan
from auditor.service.sampling.clock import HERE, Moment, machine
from auditor.service.sampling.echo_quality import quality
from auditor.service.sampling.rounds import RoundResult, RoundSampler
from auditor.service.sampling.settings import SamplerSettings
from auditor.service.store.api import Store
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.records import DAY, HOUR, Retention, Sample, Series
from auditor.service.web.connection_points.slot_series import WEEK, SampledSubject
from benchmarks.processes import verdict
from benchmarks.snmp import COMMUNITY, agent
from benchmarks.store_size import in_use
from inventory.inventory import Inventory
from inventory.model import Kind, Network, Service, Subject, SubjectId
from probes.net.snmp.profiles import Secret, SnmpProfile, SnmpSetting
from probes.observations.series import CADENCE, REACH

MUST, STRETCH, BYTES, OLD_BYTES, BEND, YEAR_MS = 0.10, 0.05, 200, 6, 1.1, 100
GOAL_POINTS = 3_300
_CLONE_NEWNET = 0x40000000
_RATES = 4
_METRICS = 22
"""Samples of a point and a round, as there are of one with both families and one interface."""


@dataclass
class Ahead:
    """This machine's clocks, with the wall's moved on by whole slots."""

    by: timedelta = timedelta()

    def __call__(self) -> Moment:
        now = machine()
        return replace(now, wall=now.wall + self.by)


def points(count: int) -> tuple[Subject, ...]:
    kind = Kind.CONNECTION_POINT
    return tuple(
        Subject(
            id=SubjectId(f"xa-{number}"),
            kind=kind,
            kinds=frozenset({kind}),
            name=f"xa-{number}",
            addresses=(IPv4Address("127.1.0.1") + number, IPv6Address("2001:db8:a::1") + number),
            services=(Service(name="snmp", port=161),),
            network=Network.TSLCD,
            snmp_profile="v2",
            tags=("wan=lo",),
        )
        for number in range(count)
    )


def planned(subjects: tuple[Subject, ...]) -> Plan:
    scope = {"allow": ["127.0.0.0/8", "2001:db8:a::/48"]}
    config = Config.model_validate({"vantage": {"networks": ["tslcd"]}, "scope": scope})
    plain = tuple(replace(subject, snmp_profile=None) for subject in subjects)
    made = plan(Inventory(subjects=plain), config, catalogue.load(), profile="quick", name="", now=datetime.now(UTC))
    profile = SnmpProfile(name="v2", version="2c", community=Secret(COMMUNITY))
    return replace(made, inventory=Inventory(subjects=subjects), snmp=SnmpSetting(profiles={"v2": profile}))


def _size(path: Path) -> int:
    return path.stat().st_size


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    round: RoundResult
    cpu: float
    wall: float
    grown: int


async def measured(count: int, rounds: int, rate: float, path: Path) -> list[Took]:
    made, clock = planned(points(count)), Ahead()
    found = []
    with open_sqlite(path) as store:
        sampler = RoundSampler(made, store, SamplerSettings(packets_per_second=rate), open_kernel, clock)
        for _ in range(rounds):
            size, busy, began = _size(path), time.process_time(), time.monotonic()
            done = await sampler.take()
            took = Took(
                round=done, cpu=time.process_time() - busy, wall=time.monotonic() - began, grown=_size(path) - size
            )
            print(
                f"{count} points: {done.reached} answered, {done.samples} samples,"
                f" {took.wall:.0f} s, {took.cpu:.1f} s of CPU, {took.grown / max(1, done.samples):.0f} bytes a sample",
                flush=True,
            )
            found.append(took)
            clock.by += timedelta(seconds=CADENCE)
    return found


def days(path: Path, count: int = 20, length: int = 8) -> tuple[float, float]:
    """Return the bytes of a sample in the first and the second half of the past days, roll-ups included.

    The rows of the last day and of today are in the store before, and are not counted.
    """
    chance, began = random.Random(1), datetime(2026, 3, 2, tzinfo=UTC)
    points = [SubjectId(f"xa-{point}") for point in range(count)]
    held: list[int] = []
    with open_sqlite(path) as store:
        for number in range(288 * length):
            at = began + timedelta(seconds=CADENCE * number)
            store.add_round(taken for point in points for taken in _made_up(point, at, chance))
            if not (number + 1) % 12:
                store.roll_up(at + timedelta(seconds=CADENCE), HERE, Retention())
            if not (number + 1) % 288:
                store.secure()
                held.append(in_use(path))
    half = (length - 2) // 2
    samples = 288 * half * _METRICS * count
    return (held[1 + half] - held[1]) / samples, (held[1 + 2 * half] - held[1 + half]) / samples


def year(path: Path, length: int = 365) -> float:
    """Read a year of one point in every way in which it is read; print each, and return the most milliseconds."""
    point, until = SubjectId("xa-0"), datetime(2026, 3, 2, tzinfo=UTC)
    since = until - timedelta(days=length)
    with open_sqlite(path) as store:
        _fill_year(store, point, since, length)
        known = store.series(point, "hub")
        ways: dict[str, tuple[Callable[[], object], str]] = {
            "the latest week, as its page draws it": (
                lambda: SampledSubject(store, point, "hub").charts(until, WEEK),
                "SELECT body FROM sample_day ORDER BY track, start DESC LIMIT 8",
            ),
            "hours of one series": (
                lambda: list(store.rolled(known[0], HOUR, since, until)),
                f"SELECT start, body FROM rolled WHERE step = {HOUR}",
            ),
            "days of all series": (
                lambda: store.rolled_together(known, DAY, since, until),
                f"SELECT start, body FROM rolled WHERE step = {DAY}",
            ),
            "every sample of one series that is kept": (
                lambda: list(store.samples(known[0], since, until)),
                "SELECT start, body FROM sample_day",
            ),
        }
        took = {name: (_milliseconds(read), _fetched(path, query)) for name, (read, query) in ways.items()}
    for name, (ours, bare) in took.items():
        print(f"a year of a point, {name}: {ours:.0f} ms of CPU, {bare:.1f} for its rows alone")
    return max(ours for ours, _ in took.values())


def _fill_year(store: Store, point: SubjectId, since: datetime, length: int) -> None:
    chance, raw = random.Random(1), Retention().raw // timedelta(days=1)
    for number in range(length):
        start = since + timedelta(days=number)
        slots = 24 if number < length - raw else 288
        moments = (start + slot * timedelta(days=1) / slots for slot in range(slots))
        store.add_round(taken for at in moments for taken in _made_up(point, at, chance))
        store.roll_up(start + timedelta(days=1), HERE, Retention())


def _milliseconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(3):
        began = time.process_time()
        work()
        taken.append(1_000 * (time.process_time() - began))
    return statistics.median(taken)


def _fetched(path: Path, query: str) -> float:
    connection = sqlite3.connect(path)
    try:
        return _milliseconds(lambda: connection.execute(query).fetchall())
    finally:
        connection.close()


def _made_up(point: SubjectId, at: datetime, chance: random.Random) -> Iterator[tuple[Series, Sample]]:
    """Yield the samples of echoes of each family, and the rates and counts of one interface."""
    delays = [0.012 + chance.expovariate(500) for _ in range(100)]
    for family in (4, 6):
        told = quality(delays, delays if chance.random() < 0.9 else [None, *delays])
        for metric, value in ({REACH: 1.0} | dict(told)).items():
            series = Series(subject=point, metric=metric, vantage="hub", family=family)
            yield series, Sample(time=at, value=value)
    for number in range(_METRICS - 2 * 6):
        value = round(chance.uniform(1e6, 1e8), 3) if number < _RATES else float(chance.random() < 0.02)
        yield Series(subject=point, metric=f"of-interface-{number}", vantage="hub"), Sample(time=at, value=value)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=GOAL_POINTS)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--rate", type=float, default=4_000.0)
    parser.add_argument("--strict", action="store_true")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        first, second = days(Path(place, "days.db"))
        slowest = year(Path(place, "year.db"))
        print(f"days that are over: {first:.1f} bytes a sample of the first three, {second:.1f} of the others")
        with agent():
            subprocess.run(["sysctl", "-qw", "net.ipv4.ping_group_range=0 0"], check=True)
            subprocess.run(["ip", "-6", "route", "add", "local", "2001:db8:a::/48", "dev", "lo"], check=True)
            taken = asyncio.run(measured(given.points, given.rounds, given.rate, Path(place, "rounds.db")))
    later = taken[-1]
    share = later.cpu / CADENCE * GOAL_POINTS / given.points
    print(f"share of one core for {GOAL_POINTS} points every {CADENCE} s: {share:.1%} (must {MUST:.0%}, {STRETCH:.0%})")
    return verdict(
        {
            "share of a core": share <= MUST,
            f"a new sample within {BYTES} bytes": later.grown / later.round.samples <= BYTES,
            f"an old one within {OLD_BYTES} bytes": max(first, second) <= OLD_BYTES,
            "growth": second <= BEND * first,
            f"a year of a point within {YEAR_MS} ms": slowest <= YEAR_MS,
            "every point answered": later.round.reached == given.points,
        },
        strict=given.strict,
    )


def inside(arguments: list[str]) -> int:
    """Measure in a network namespace of a thread; it ends with the thread."""
    codes: list[int] = []

    def run() -> None:
        if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "no network namespace of our own: run this as root")
        codes.append(main(arguments))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return codes[0] if codes else 1


if __name__ == "__main__":
    sys.exit(inside(sys.argv[1:]))

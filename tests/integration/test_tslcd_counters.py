"""Tests counters of a router's agent over time: real traffic, rounds of five minutes, and the load judged by them.

The router's kernel counts the same traffic; its counts are read by other means beside the samples. Rounds five minutes
apart take less than five minutes: the sampler's clock is behind, and so is the router's.
"""

import csv
import json
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from itertools import pairwise
from pathlib import Path

import pytest

from auditor.framework.localdate import civil_day
from auditor.framework.message_format import VIETNAM
from auditor.service.store.records import Sample, Series
from auditor.service.store.url import open_store
from containers.rehearsal.tslcd import world
from containers.rehearsal.tslcd.lab import TslcdRehearsal
from inventory.model import SubjectId
from probes.observations.series import CADENCE, IN_PACKETS, IN_RATE, OUT_RATE, RESTARTS
from tests.support import audits
from tests.support.audits import Document
from tests.support.tslcd_audits import Slots, auditor, store_of

pytest_plugins = ("tests.support.tslcd",)

POINT = "d-suoimay"
SLOTS_AGO = (4, 3, 2, 1)
BURSTS = (2_000, 4_000, 3_000)
"""Datagrams of 1,400 bytes between one round and the next."""
FRESH = 16.0
"""Net-SNMP reads the counters of interfaces every 15 seconds, and shows the values of that moment."""
ROUGHLY = 60.0
"""Packets, or bits per second, of other traffic on the link."""
CHECKS = "tslcd.channel.utilisation,tslcd.channel.errors,tslcd.device.power"
POLICY = f"""
[thresholds."tslcd.channel.utilisation"]
min_sampled = {(len(BURSTS) - 0.5) / 288}

[thresholds."tslcd.channel.errors"]
min_samples = {len(BURSTS)}

[thresholds."tslcd.device.power"]
min_samples = {len(BURSTS)}
"""
SEND = """
import socket, sys, time
out = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
for number in range(int(sys.argv[2])):
    try:
        out.sendto(bytes(1_400), (sys.argv[1], 9))
    except ConnectionRefusedError:
        pass
    time.sleep(0.0002)
"""


@dataclass(frozen=True, slots=True)
class Count:
    """Holds the router's own count of octets and packets of its link, in and out, and its time."""

    at: float
    octets: int
    packets: int
    sent: int


@dataclass(frozen=True, slots=True)
class Seen:
    """Holds the counts before and after a round; the round's own count lies between them."""

    before: Count
    after: Count

    @property
    def seconds(self) -> float:
        return self.after.at - self.before.at


@dataclass(frozen=True, slots=True)
class Sampled:
    folder: Path
    seen: tuple[Seen, ...]


def own_count(lab: TslcdRehearsal) -> Count:
    (link,) = json.loads(lab.run(["ip", "-s", "-j", "link", "show", "eth0"], POINT).stdout)
    count = link["stats64"]
    return Count(time.monotonic(), count["rx"]["bytes"], count["rx"]["packets"], count["tx"]["bytes"])


def rows(lab: TslcdRehearsal, path: Path, mbps: float) -> Path:
    """Write an inventory with only the row of the point, with another bandwidth and access only over SNMP."""
    with (lab.dir / "inventory.csv").open(encoding="utf-8", newline="") as table:
        (columns,) = (row for row in csv.DictReader(table) if POINT in row.values())
    columns |= {"bandwidth_mbps": str(mbps), "clearance": "passive", "test_url": ""}
    with path.open("w", encoding="utf-8", newline="") as table:
        written = csv.DictWriter(table, columns)
        written.writeheader()
        written.writerow(columns)
    return path


@pytest.fixture(scope="module")
def sampled(tslcd: TslcdRehearsal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sampled]:
    folder = tmp_path_factory.mktemp("counters")
    inventory, behind = rows(tslcd, folder / "point.csv", 100), world.behind(tslcd.dir, POINT)
    slots = Slots()
    seen: list[Seen] = []
    for ago, burst in zip(SLOTS_AGO, (0, *BURSTS), strict=True):
        if burst:
            address = ("10.64.1.1", "fd75:0:0:1::1")[len(seen) % 2]
            assert tslcd.run([sys.executable, "-c", SEND, address, str(burst)]).returncode == 0
            time.sleep(FRESH)
        late = slots.seconds(ago)
        behind.write_text(str(late), "ascii")
        before = own_count(tslcd)
        result = auditor(tslcd, "sample", inventory, *store_of(folder), ago=late)
        assert result.code == audits.OK
        seen.append(Seen(before, own_count(tslcd)))
    yield Sampled(folder, tuple(seen))
    behind.unlink()


def series(metric: str, interface: str = "eth0") -> Series:
    return Series(subject=SubjectId(POINT), metric=metric, vantage="hub", interface=interface)


def held(folder: Path, metric: str, interface: str = "eth0") -> list[float | None]:
    now = datetime.now(UTC)
    with open_store(f"sqlite:///{folder / 'runs.db'}") as store:
        return [sample.value for sample in store.samples(series(metric, interface), now - timedelta(hours=12), now)]


def between(sampled: Sampled, metric: str, count: Callable[[Count], int], *, rate: bool) -> None:
    """Assert that a series lies between the least and the most that the router's own counts allow, or nearly so."""
    values = held(sampled.folder, metric)
    assert len(values) == len(BURSTS)
    for value, (earlier, later) in zip(values, pairwise(sampled.seen), strict=True):
        least, most = count(later.before) - count(earlier.after), count(later.after) - count(earlier.before)
        longest, shortest = (CADENCE + later.seconds, CADENCE - earlier.seconds) if rate else (1.0, 1.0)
        assert value is not None
        assert 0.98 * max(0, least) / longest - ROUGHLY <= value <= 1.02 * most / max(1.0, shortest) + ROUGHLY


def test_the_series_says_what_the_router_counted(sampled: Sampled) -> None:
    for earlier, later in pairwise(sampled.seen):
        assert later.before.octets - earlier.after.octets > 1_400 * min(BURSTS) / 2, "what was sent did not arrive"
    between(sampled, IN_RATE, lambda count: 8 * count.octets, rate=True)
    between(sampled, OUT_RATE, lambda count: 8 * count.sent, rate=True)
    between(sampled, IN_PACKETS, lambda count: count.packets, rate=False)
    assert held(sampled.folder, RESTARTS, "") == [0.0] * len(BURSTS)


def judged(lab: TslcdRehearsal, sampled: Sampled, mbps: float) -> dict[str, tuple[str, str, dict[str, float]]]:
    policy, result = sampled.folder / f"policy-{mbps}.toml", sampled.folder / f"result-{mbps}.json"
    policy.write_text(POLICY, "utf-8")
    inventory = rows(lab, sampled.folder / f"point-{mbps}.csv", mbps)
    auditor(
        lab,
        "audit",
        inventory,
        "--profile",
        "quick",
        *store_of(sampled.folder),
        "--only",
        CHECKS,
        "--policy",
        policy,
        "--format",
        f"json={result}",
        "--force",
    )
    document: Document = audits.read(result)
    return {
        one["check"]: (one["outcome"], one["code"], one["args"])
        for one in document["findings"]
        if one["subject"] == POINT
    }


def test_the_load_is_judged_against_the_bandwidth_once_there_is_a_week(tslcd: TslcdRehearsal, sampled: Sampled) -> None:
    """The samples of seven earlier days have the same height; midnight may have passed since the last samples."""
    found = judged(tslcd, sampled, 100)
    assert found["tslcd.channel.utilisation"][:2] == ("inconclusive", "TOO_FEW")
    assert found["tslcd.channel.errors"][:2] == ("pass", "CLEAN")
    assert found["tslcd.device.power"][:2] == ("pass", "STEADY")

    rates = [value for value in held(sampled.folder, IN_RATE) if value is not None]
    peak = max(rates)
    noon = datetime.combine(civil_day(datetime.now(UTC)), clock(12), VIETNAM).astimezone(UTC)
    before = [
        Sample(time=noon - timedelta(days=day, seconds=number * CADENCE), value=peak)
        for day in range(1, 8)
        for number in range(len(BURSTS))
    ]
    with open_store(f"sqlite:///{sampled.folder / 'runs.db'}") as store:
        store.add_samples(series(IN_RATE), before)
        store.add_samples(series(OUT_RATE), [replace(sample, value=0.0) for sample in before])
    wanted = (0.95, 0.85, 0.5)
    with ThreadPoolExecutor() as pool:  # most of the time of each is waiting
        found_by_share = pool.map(lambda share: judged(tslcd, sampled, round(peak / 1e6 / share, 6)), wanted)
    shares = {share: one["tslcd.channel.utilisation"] for share, one in zip(wanted, found_by_share, strict=True)}
    assert {share: triple[:2] for share, triple in shares.items()} == {
        0.95: ("fail", "FULL"),
        0.85: ("warn", "NEARLY_FULL"),
        0.5: ("pass", "ROOM_LEFT"),
    }
    assert [share[2]["peak"] for share in shares.values()] == pytest.approx(list(shares), abs=0.001)

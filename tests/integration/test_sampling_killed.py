"""Tests a sampler that is killed at any moment: reported samples are stored, no round by half, and it can go on."""

import asyncio
import random
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.records import Series
from probes.observations.series import REACH
from tests.support.sqlite_file import connected
from tests.unit.auditor.service.sampling.world import HUB, START, Hands, World, machines, point, rounds

POINTS = tuple(point(number) for number in range(1, 41))
KILLS = 6
STEP = timedelta(seconds=300)


async def sample(path: Path, begin: datetime) -> None:
    """Take rounds without pause, and print each slot once its round is stored."""
    hands = Hands(wall=begin)
    with open_sqlite(path) as store:
        sampler = rounds(World(machines(*POINTS)), store, hands, *POINTS)
        while True:
            done = await sampler.take()
            print(done.slot.isoformat(), flush=True)
            hands.turn(300)


def killed(path: Path, begin: datetime, chance: random.Random) -> list[datetime]:
    """Return the slots that a sampler reported before it was killed, after some rounds, at a random moment."""
    argv = [sys.executable, "-m", "tests.integration.test_sampling_killed", str(path), begin.isoformat()]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as child:
        assert child.stdout is not None
        told = [child.stdout.readline() for _ in range(chance.randrange(1, 6))]
        time.sleep(chance.random() * 0.1)
        child.send_signal(signal.SIGKILL)
        told += child.stdout.read().splitlines()
    return [datetime.fromisoformat(line.strip()) for line in told if len(line.strip()) == len(begin.isoformat())]


def slots(path: Path) -> dict[datetime, int]:
    """Return the number of points with a sample in each slot."""
    found: dict[datetime, int] = {}
    with open_sqlite(path) as store:
        for subject in POINTS:
            series = Series(subject=subject.id, metric=REACH, vantage=HUB)
            for sample in store.samples(series, START - STEP, START + timedelta(days=99)):
                found[sample.time] = found.get(sample.time, 0) + 1
    return found


def test_a_killed_sampler_leaves_whole_rounds_and_gaps(tmp_path: Path) -> None:
    path, chance, begin = tmp_path / "auditor.db", random.Random(5), START
    told: list[datetime] = []
    for _ in range(KILLS):
        some = killed(path, begin, chance)
        assert some, "it was killed before its first round"
        told += some
        held = slots(path)
        assert set(held.values()) == {len(POINTS)}, "a round is there by half"
        assert set(told) <= set(held), "a round that was said to be stored is not there"
        assert len(held) <= len(told) + KILLS  # each kill may leave one stored round unreported
        begin = max(held) + 4 * STEP  # a gap without samples
    with connected(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


if __name__ == "__main__":
    asyncio.run(sample(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])))

"""Tests the store among processes: killed at any moment, shared by writers, read while it is written."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.evidence.evidence_files import read
from auditor.service.store.records import StoreFailed
from auditor.service.store.url import open_store
from auditor.service.store.writer import Writer
from inventory.model import SubjectId
from tests.unit.auditor.service.store.examples import RUN, evidence, run, subject

ROOT = Path(__file__).resolve().parents[2]

# Writes evidence and marks for ever; after each flush it prints the number that must be stored.
ENDLESS = """
import asyncio, sys
from pathlib import Path
from auditor.service.store.evidence.evidence_files import EvidenceFiles
from auditor.service.store.url import open_store
from auditor.service.store.writer import Writer
from tests.unit.auditor.service.store.examples import RUN, evidence, subject

async def main(url, folder, done):
    store = open_store(url)
    async with Writer(store, EvidenceFiles(Path(folder), store, RUN)) as writer:
        number = int(done)
        while True:
            number += 1
            name = f"{number:06}"
            await writer.add_subjects(RUN, [subject(name)])
            await writer.put(*(evidence(name, attempt=attempt) for attempt in range(1, 4)))
            await writer.mark_measured(RUN, name)
            if number % 3 == 0:
                await writer.flush()
                print(number, flush=True)

asyncio.run(main(*sys.argv[1:]))
"""

WRITER = """
import sys
from auditor.service.store.url import open_store
from tests.unit.auditor.service.store.examples import RUN, evidence, finding, subject

url, name, count = sys.argv[1:]
with open_store(url) as store:
    for number in range(int(count)):
        with store.batch():  # read, then write what was read: what is lost without an immediate transaction
            seen = len(store.evidence_ids(RUN, "counter"))
            store.add_evidence([evidence("counter", attempt=seen + 1)])
        store.add_evidence([evidence(name, attempt=number + 1)])
        store.add_subjects(RUN, [subject(f"{name}{number}")])
"""

OPENER = """
import sys
from auditor.service.store.url import open_store
sys.stdin.read(1)
open_store(sys.argv[1]).close()
"""


def _start(program: str, *args: str, **more: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", program, *args]
    return subprocess.Popen(command, cwd=ROOT, text=True, **more)  # type: ignore[call-overload, no-any-return]  # pipes


def _make(folder: Path) -> str:
    url = f"sqlite:///{folder}/auditor.db"
    with open_store(url) as store:
        for blob in (b"inventory", b"reference", b"policy"):
            store.put_blob(blob)
        store.create_run(run())
    return url


@pytest.mark.slow
def test_killed_at_any_moment_all_that_was_flushed_is_there_and_whole(tmp_path: Path) -> None:
    url = _make(tmp_path)
    folder = tmp_path / "evidence"
    reached = 0
    for attempt in range(8):
        child = _start(ENDLESS, url, str(folder), str(reached), stdout=subprocess.PIPE)
        assert child.stdout is not None
        reached = int(child.stdout.readline())
        time.sleep(0.013 * attempt)
        os.kill(child.pid, signal.SIGKILL)
        lines = [line for line in child.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        child.wait()
        child.stdout.close()
        reached = max([reached, *map(int, lines)])
        with open_store(url) as store:
            measured = store.measured(RUN)
            assert measured >= {f"{number:06}" for number in range(1, reached + 1)}
            for name in measured:
                assert len(store.evidence(RUN, name)) == 3  # decoding succeeded, so they are complete
            held = {envelope.id for envelope in store.all_evidence(RUN)}
            files = read(folder).store
        assert {envelope.id for envelope in files.all_evidence(RUN)} <= held
        assert files.measured(RUN) >= {f"{number:06}" for number in range(1, reached + 1)}
        assert all(len(files.evidence_ids(RUN, name)) == 3 for name in files.measured(RUN))
    assert reached >= 24  # each process wrote something


@pytest.mark.slow
def test_two_processes_at_one_file_lose_nothing(tmp_path: Path) -> None:
    url = _make(tmp_path)
    children = [_start(WRITER, url, name, "150") for name in ("a", "b")]
    with open_store(url) as reader:
        counts = []
        while any(child.poll() is None for child in children):
            envelopes = list(reader.all_evidence(RUN))  # it is not blocked, and sees no partial transaction
            assert all(len(envelope.steps) == 2 for envelope in envelopes)
            counts.append(len(envelopes))
        assert [child.wait() for child in children] == [0, 0]
        assert counts == sorted(counts)
        assert len(reader.evidence(RUN, SubjectId("counter"))) == 300
        assert len(reader.evidence(RUN, SubjectId("a"))) == len(reader.evidence(RUN, SubjectId("b"))) == 150
        assert len(list(reader.subjects(RUN))) == 300


def test_programs_that_open_a_new_store_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/auditor.db"
    children = [_start(OPENER, url, stdin=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(6)]
    for child in children:
        assert child.stdin is not None
        child.stdin.close()
        child.stdin = None
    assert [(child.communicate()[1], child.returncode) for child in children] == [("", 0)] * 6


async def test_readers_beside_the_writer(tmp_path: Path) -> None:
    """The event loop's thread reads while the writer's thread writes: it sees whole subjects, in growing number."""
    with open_sqlite(tmp_path / "auditor.db") as store:
        store.create_run(run())
        async with Writer(store) as writer:

            async def write() -> None:
                for number in range(300):
                    name = SubjectId(f"{number:04}")
                    await writer.add_subjects(RUN, [subject(name)])
                    await writer.put(evidence(name), evidence(name, attempt=2))
                    await writer.mark_measured(RUN, name)

            async def look() -> None:
                while len(store.measured(RUN)) < 300:
                    for name in store.measured(RUN):
                        assert len(store.evidence_ids(RUN, name)) == 2
                    await asyncio.sleep(0)

            async with asyncio.timeout(300), asyncio.TaskGroup() as group:
                group.create_task(write())
                group.create_task(look())


def test_a_full_disk_is_said_and_leaves_a_readable_store(tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: SQLite sees the same failed write."""
    url = _make(tmp_path)
    program = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, 4_000_000))\n"
        "from auditor.service.store.url import open_store\n"
        "from tests.unit.auditor.service.store.examples import evidence\n"
        "store = open_store(sys.argv[1])\n"
        "for number in range(1, 100_000):\n"
        "    store.add_evidence([evidence(attempt=number)])\n"
    )
    child = _start(program, url, stderr=subprocess.PIPE)
    text = child.communicate(timeout=300)[1]
    assert child.returncode == 1
    assert StoreFailed.__name__ in text.splitlines()[-1]
    assert "auditor.db" in text.splitlines()[-1]
    with open_store(url) as store:
        assert sum(1 for _ in store.all_evidence(RUN)) > 100
        store.add_evidence([evidence("after")])

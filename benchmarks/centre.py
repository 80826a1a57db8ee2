"""Measures the needs of a centre with many subjects: bytes and rows stored, seconds and memory to judge and report.

Its evidence is that of a recorded audit, repeated under other ids until there are enough subjects; 34 provinces share
them. Without ``--evidence`` the rehearsal is audited first, which needs the right to make network namespaces. The same
evidence with a row for each envelope stands beside, in the same run. Goals: rows take at least 2.5 times what packs
take, reading all subjects and one of them from packs takes at most 1.1 times what it takes from rows, the centre holds
at most 1 GB, and 112,200 subjects at this rate are judged within an hour. ``benchmarks.formats`` reports such a run.

    python -m benchmarks.centre [--evidence DIR] [--subjects 1000] [--postgresql] [--judging] [--strict]
"""

import argparse
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from auditor.framework import catalogue
from auditor.service.pipeline.judging.evaluating import evaluate
from auditor.service.store.api import AT_ONCE, DatabaseStore, Store
from auditor.service.store.chunks import chunks
from auditor.service.store.evidence.evidence_files import read
from auditor.service.store.sql.runs import evidence_rows
from auditor.service.store.url import open_store
from benchmarks.processes import PROGRAM, measure, verdict
from inventory.inventory import Inventory
from inventory.model import AgencyId, Subject, SubjectId
from inventory.organisation import Organisation, Unit
from probes.framework.codec import evidence_id
from probes.framework.evidence import Evidence, RunId

PROVINCES, NATION = 34, 112_200
SMALLER, SLOWER, MEMORY_MB, HOUR = 2.5, 1.1, 1_000.0, 3_600.0
ROUNDS, PAGES = 3, 40
READ = 4_000
"""Subjects that are read in each round: of a nation reading all would take longer than judging it."""
_EVIDENCE_TABLES = ("evidence", "evidence_pack")


@dataclass(frozen=True, slots=True)
class Cost:
    """Holds the costs of some work: seconds of the clock and of CPU with child processes, and peak memory here."""

    wall: float
    cpu: float
    peak_mb: float


class Recorded:
    """A recorded audit, and its subjects again and again under other ids."""

    def __init__(self, folder: Path, subjects: int) -> None:
        recording = read(folder)
        self._store, self.run = recording.store, recording.run
        listed = list(self._store.subjects(self.run))
        self._ids = {one.id for one in listed}
        self.subjects = list(self._repeated(listed, subjects))

    def _repeated(self, listed: Sequence[Subject], subjects: int) -> Iterator[tuple[Subject, SubjectId]]:
        for number in range(subjects):
            again, of = number // len(listed), listed[number % len(listed)]
            agency = None if of.agency is None else _of_province(of.agency, again)
            owners = tuple(_again(one, again) for one in of.derived_from)
            yield replace(of, id=_again(of.id, again), agency=agency, derived_from=owners), of.id

    def begin(self, store: Store) -> None:
        """Write the run, its subjects and the measurements of the vantage."""
        record = self._store.run(self.run)
        inventory = self._inventory(Inventory.from_json(self._store.blob(record.inventory)))
        for digest in (record.reference, record.policy):
            store.put_blob(self._store.blob(digest))
        store.create_run(replace(record, inventory=store.put_blob(inventory.to_json())))
        for some in chunks((subject for subject, _ in self.subjects), AT_ONCE):
            store.add_subjects(self.run, some)
        store.add_evidence(one for one in self._store.all_evidence(self.run) if one.subject not in self._ids)

    def _inventory(self, recorded: Inventory) -> Inventory:
        rows = {one.id for one in recorded.subjects}
        units: dict[AgencyId, Unit] = {}
        for province in range(PROVINCES):
            for unit in recorded.organisation.units:
                code, parent = _of_province(unit.code, province), unit.parent
                units[code] = replace(
                    unit, code=code, parent=None if parent is None else _of_province(parent, province)
                )
        subjects = tuple(subject for subject, of in self.subjects if of in rows)
        return replace(recorded, subjects=subjects, organisation=Organisation(units=tuple(units.values())))

    def evidence(self, subject: SubjectId, of: SubjectId) -> Iterator[Evidence]:
        """Yield evidence in the order of measuring: packs in another order are a sixth larger."""
        for one in sorted(self._store.evidence(self.run, of), key=lambda one: one.started):
            new = evidence_id(self.run, subject, one.probe, one.task, one.attempt)
            yield replace(one, subject=subject, id=new)

    def end(self, store: Store) -> None:
        store.finish_run(self.run, self._store.run(self.run).finished or datetime.now(UTC))


def _again(subject: SubjectId, again: int) -> SubjectId:
    return SubjectId(f"{subject}~{again}") if again else subject


def _of_province(agency: AgencyId, number: int) -> AgencyId:
    return AgencyId(f"{agency}~{number % PROVINCES}")


def fill(recorded: Recorded, store: Store, *, packed: bool) -> None:
    """Store all evidence, each subject's as it is measured."""
    recorded.begin(store)
    for some in chunks(recorded.subjects, AT_ONCE):
        for subject, of in some:
            store.add_evidence(recorded.evidence(subject.id, of))
        if packed:
            store.mark_measured(recorded.run, *(subject.id for subject, _ in some))
    recorded.end(store)


def cost_of(work: Callable[[], object]) -> Cost:
    """Measure work, with the processes that it waited for."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # the peak from here on
    began, cpu = time.perf_counter(), _cpu()
    work()
    return Cost(time.perf_counter() - began, _cpu() - cpu, _peak_mb())


def _cpu() -> float:
    used = [resource.getrusage(whom) for whom in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _peak_mb() -> float:
    (line,) = [one for one in Path("/proc/self/status").read_text("ascii").splitlines() if one.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def sizes(store: DatabaseStore) -> Mapping[str, int]:
    """Bytes of each table with its indices."""
    sqlite = "SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_master m ON m.name = s.name GROUP BY 1"
    tables = "SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables"
    with store.database.reading() as connection:
        rows = connection.execute(text(sqlite if connection.dialect.name == "sqlite" else tables)).fetchall()
    return {str(name): int(size) for name, size in rows}


def rows_of(store: DatabaseStore, *tables: str) -> int:
    with store.database.reading() as connection:
        return sum(connection.execute(text(f"SELECT count(*) FROM {one}")).scalar_one() for one in tables)  # constants


def reading(store: Store, run: RunId, ids: Sequence[SubjectId]) -> tuple[float, float]:
    """CPU milliseconds a subject of reading as judging does, and of reading one for a page; medians."""
    whole, pages = [], []
    for _ in range(ROUNDS):
        began = time.process_time()
        for some in chunks(ids, AT_ONCE):
            store.evidence_of(run, some)
        whole.append((time.process_time() - began) / len(ids))
        began = time.process_time()
        for one in ids[:: max(1, len(ids) // PAGES)][:PAGES]:
            store.evidence(run, one)
        pages.append((time.process_time() - began) / min(PAGES, len(ids)))
    return 1_000 * statistics.median(whole), 1_000 * statistics.median(pages)


def main(arguments: list[str]) -> int:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        recorded = Recorded(options.evidence or rehearsed_evidence(folder), options.subjects)
        urls = _urls(stack, folder, postgresql=options.postgresql)
        rows = None if options.judging else _stored_in_rows(recorded, stack.enter_context(open_store(next(urls))))
        packs = _stored(recorded, store := stack.enter_context(open_store(next(urls))), packed=True)
        judged = _judged(recorded, store)
    nation = judged.wall / options.subjects * NATION
    print(
        f"{NATION:,} subjects at this rate: judged in {nation / 60:.0f} min; evidence {packs[0] * NATION / 1e9:.2f} GB"
    )
    goals = {
        **({} if rows is None else _goals_of_packs(rows, packs)),
        f"at most {MEMORY_MB:.0f} MB": judged.peak_mb <= MEMORY_MB,
        f"{NATION:,} subjects judged within an hour": nation <= HOUR,
    }
    return verdict(goals, strict=options.strict)


def _goals_of_packs(rows: tuple[float, float, float], packs: tuple[float, float, float]) -> Mapping[str, bool]:
    return {
        f"rows take {SMALLER} times what packs take": SMALLER * packs[0] <= rows[0],
        f"reading all within {SLOWER} times that from rows": packs[1] <= SLOWER * rows[1],
        f"reading one subject within {SLOWER} times that from rows": packs[2] <= SLOWER * rows[2],
    }


def _stored_in_rows(recorded: Recorded, store: DatabaseStore) -> tuple[float, float, float]:
    level, evidence_rows.ROW_LEVEL = evidence_rows.ROW_LEVEL, 6  # rows that stay are worth more time
    try:
        return _stored(recorded, store, packed=False)
    finally:
        evidence_rows.ROW_LEVEL = level


def _stored(recorded: Recorded, store: DatabaseStore, *, packed: bool) -> tuple[float, float, float]:
    """Fill a store; return the bytes of evidence a subject, and the costs of reading all and some of it."""
    cost, count = cost_of(lambda: fill(recorded, store, packed=packed)), len(recorded.subjects)
    size = sum(sizes(store)[name] for name in _EVIDENCE_TABLES) / count
    whole, page = reading(store, recorded.run, [subject.id for subject, _ in recorded.subjects[:READ]])
    print(f"evidence in {'packs' if packed else 'rows'}: {size / 1_000:.2f} kB and", end=" ")
    print(f"{rows_of(store, *_EVIDENCE_TABLES) / count:.1f} rows a subject;", end=" ")
    print(f"stored in {1_000 * cost.cpu / count:.1f} ms of CPU; read in {whole:.2f} ms, for a page in {page:.2f} ms")
    return size, whole, page


def _judged(recorded: Recorded, store: DatabaseStore) -> Cost:
    known, count = catalogue.load(), len(recorded.subjects)
    recorded.subjects.clear()  # half a gigabyte of a nation, which no centre has
    judging = cost_of(lambda: evaluate(recorded.run, store, known, now=datetime.now(UTC)))
    _say("judged", judging, count)
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"  largest other process {largest:.0f} MB")
    size = sizes(store)
    print(
        f"{count} subjects, {rows_of(store, 'finding')} findings;"
        f" {sum(size.values()) / count / 1_000:.1f} kB a subject, the largest tables:"
    )
    for name, found in sorted(size.items(), key=lambda one: -one[1])[:6]:
        print(f"  {name:14} {found / 1e6:9.1f} MB")
    return judging


def _say(what: str, cost: Cost, count: int) -> None:
    print(
        f"{what} in {cost.wall:.1f} s, {cost.cpu:.1f} s of CPU ({1_000 * cost.cpu / count:.1f} ms a subject),"
        f" peak {cost.peak_mb:.0f} MB"
    )


def _urls(stack: ExitStack, folder: Path, *, postgresql: bool) -> Iterator[str]:
    if not postgresql:
        yield from (f"sqlite:///{folder / name}.db" for name in ("rows", "packs"))
        return
    from tests.support.postgresql import running

    server = stack.enter_context(running())
    while True:
        yield stack.enter_context(server.database())


def rehearsed_evidence(folder: Path) -> Path:
    """Audit the rehearsal; return the folder of its evidence."""
    from containers.rehearsal.lab import Rehearsal

    recording = folder / "evidence"
    with Rehearsal.start() as lab:
        words = ["audit", str(lab.dir / "inventory.csv"), "--profile", "quick", "--evidence", str(recording)]
        program = [*PROGRAM, "--config", str(lab.dir / "auditor.toml"), *words]
        measure(
            lab.command([*program, "--store", f"sqlite:///{folder}/rehearsal.db", "--format", f"csv={folder}/r.csv"])
        )
    return recording


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.centre", description=__doc__)
    parser.add_argument("--evidence", type=Path, help="a folder that `audit --evidence` wrote")
    parser.add_argument("--subjects", type=int, default=1_000)
    parser.add_argument("--postgresql", action="store_true", help="in a PostgreSQL server of its own")
    parser.add_argument("--judging", action="store_true", help="storing and judging alone: no rows beside")
    parser.add_argument("--strict", action="store_true", help="end non-zero below a goal")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

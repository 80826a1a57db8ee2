"""Compares how fast findings are stored with plain sqlite3 writing the same rows into the same tables.

The peer is given ready tuples, with the numbers of what they say, and does nothing but ``executemany``, 5,000 a
transaction; ours is given findings, looks up their subjects and what they say, makes the rows and writes them. Both
open a file that is there, with equal constraints and indices.
Goal: at least half the peer's rate, medians of several rounds; what was written is read back and compared. What this
program itself holds in memory is kept from the garbage collector: a judgement, made subject by subject, holds little.

    python -m benchmarks.storage [--findings 200000] [--rounds 5] [--strict]
"""

import argparse
import gc
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from auditor.framework.findings import CheckId, Finding, Level, LevelBasis, Outcome, Reason, Severity, finding_id
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.records import Digest, JudgementId, JudgementRecord, RunRecord
from auditor.service.store.sql.judgements import finding_rows, statement_rows
from auditor.service.store.sql.store import SqlStore
from benchmarks.processes import verdict
from inventory.model import AgencyId, Kind, Subject, SubjectId
from probes.framework.evidence import EvidenceId, RunId

GOAL = 0.5
PER_SUBJECT = 50
_RUN, _JUDGEMENT = RunId("run"), JudgementId("judgement")
_OUTCOMES = (Outcome.PASS, Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE)


def findings(count: int) -> list[Finding]:
    """Like a judgement's: fifty a subject, half with an address, ten on the same evidence, a third with values."""
    return list(_findings(count))


def _findings(count: int) -> Iterator[Finding]:
    address = ip_address("2001:db8::1")
    for number in range(count):
        subject, check = SubjectId(f"host{number // PER_SUBJECT}.example.vn"), CheckId(f"ipv6.web.check{number % 50}")
        outcome = _OUTCOMES[number % 4]
        at = address if number % 2 else None
        yield Finding(
            id=finding_id(subject, check, at, None, "internet"),
            check=check,
            check_version=1,
            code="UNREACHABLE",
            outcome=outcome,
            severity=Severity.HIGH,
            level=Level.REQUIRED,
            level_basis=LevelBasis.VERIFIED,
            subject=subject,
            address=at,
            detail=None,
            vantage="trung-tam-tinh",
            reason=Reason.EGR if outcome is Outcome.INCONCLUSIVE else None,
            args={"port": 443, "ms": 12.5, "names": ("a.example.vn", "b.example.vn")} if number % 3 == 0 else {},
            evidence=(EvidenceId(f"{number // PER_SUBJECT:024x}"), EvidenceId(f"{number // 10:024x}")),
        )


def empty_store(path: Path, subjects: int) -> SqlStore:
    store = open_sqlite(path)
    nothing = Digest("sha256:")
    store.create_run(
        RunRecord(
            id=_RUN,
            name="",
            started=datetime.now(UTC),
            version="",
            profile="audit",
            inventory=nothing,
            reference=nothing,
            policy=nothing,
            vantage="trung-tam-tinh",
            networks=("internet",),
        )
    )
    kinds = frozenset({Kind.PORTAL})
    store.add_subjects(
        _RUN,
        [
            Subject(
                id=SubjectId(f"host{n}.example.vn"), kind=Kind.PORTAL, kinds=kinds, agency=AgencyId(f"G{n % 100:02}")
            )
            for n in range(subjects)
        ],
    )
    store.add_judgement(
        JudgementRecord(
            id=_JUDGEMENT,
            run=_RUN,
            catalogue="1",
            policy=nothing,
            reference=nothing,
            inventory=nothing,
            judged_at=datetime.now(UTC),
        )
    )
    return store


def ours(store: SqlStore, rows: list[Finding]) -> float:
    started = time.perf_counter()
    store.add_findings(_JUDGEMENT, rows)
    return time.perf_counter() - started


@dataclass(frozen=True, slots=True)
class Ready:
    """Holds the rows of findings, and those of their statements."""

    statements: list[tuple[object, ...]]
    rows: list[tuple[object, ...]]

    @classmethod
    def of(cls, given: list[Finding], keys: Mapping[SubjectId, int]) -> "Ready":
        stated = finding_rows.statements(given)
        numbers = {statement: number for number, statement in enumerate(dict.fromkeys(stated), 1)}
        statements: list[tuple[object, ...]] = [
            (number, statement_rows.digest(statement), *statement) for statement, number in numbers.items()
        ]
        return cls(statements, finding_rows.rows(1, keys, given, [numbers[statement] for statement in stated]))


def peer(path: Path, ready: Ready) -> float:
    rows = ready.rows
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=NORMAL")
    statement = f"INSERT INTO finding ({', '.join(finding_rows.COLUMNS)}) VALUES ({', '.join('?' * len(rows[0]))})"
    columns = ("key", "digest", *statement_rows.COLUMNS)
    saying = f"INSERT INTO statement ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    started = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(saying, ready.statements)
    connection.execute("COMMIT")
    for start in range(0, len(rows), finding_rows.BATCH):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(statement, rows[start : start + finding_rows.BATCH])
        connection.execute("COMMIT")
    took = time.perf_counter() - started
    connection.close()
    return took


def one_round(folder: Path, given: list[Finding]) -> tuple[float, float]:
    """Return the seconds of ours and of the peer's; raise AssertionError unless both wrote all findings."""
    subjects = -(-len(given) // PER_SUBJECT)
    keys = {SubjectId(f"host{number}.example.vn"): number + 1 for number in range(subjects)}
    ready = Ready.of(given, keys)
    for name in ("peer.db", "ours.db"):
        empty_store(folder / name, subjects).close()
    gc.collect()
    gc.freeze()
    theirs = peer(folder / "peer.db", ready)
    with open_sqlite(folder / "ours.db") as store:
        mine = ours(store, given)
        read_back(store, given)
    with open_sqlite(folder / "peer.db") as store:
        read_back(store, given)
    for left in folder.iterdir():
        left.unlink()
    return mine, theirs


def read_back(store: SqlStore, given: list[Finding]) -> None:
    findings_by_subject = dict(store.findings_by_subject(_JUDGEMENT))
    assert sum(map(len, findings_by_subject.values())) == len(given), "findings were lost"
    for start in range(0, len(given), PER_SUBJECT):
        group = tuple(given[start : start + PER_SUBJECT])
        assert findings_by_subject[group[0].subject] == group, "findings were changed"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--findings", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--strict", action="store_true", help="exit 1 below the goal")
    options = parser.parse_args(arguments)
    given = findings(options.findings)
    with tempfile.TemporaryDirectory() as folder:
        rounds = [one_round(Path(folder), given) for _ in range(options.rounds)]
    mine, theirs = (options.findings / statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"findings into the store   {mine:>10,.0f} rows/s   (median of {options.rounds}, {options.findings:,} rows)")
    print(f"plain sqlite3 executemany {theirs:>10,.0f} rows/s")
    print(f"ratio                     {mine / theirs:>10.2f}")
    return verdict({f"at least {GOAL} times plain sqlite3": mine / theirs >= GOAL}, strict=options.strict)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""How fast the service's pages are read: 50 readers of dashboards at once, half of them bound to an agency.

The peer is a constant answer of aiohttp, in the same process, by the same readers at the same time of day. Goals
(PERFORMANCE §8): the median of a page of a store of 20,000 subjects is at most ten times the peer's, and at most 1.3
times that of the same page of a store of 2,000, each held against the peer measured beside it.

    python -m benchmarks.pages [--subjects 20000] [--seconds 8] [--rounds 3] [--strict]
"""

import argparse
import asyncio
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from multiprocessing.connection import Connection
from pathlib import Path

from aiohttp import ClientSession, TCPConnector, web

from auditor import catalogue
from auditor.accounts.access import Access
from auditor.accounts.model import Role
from auditor.config.model import Config
from auditor.findings import CheckId, Finding, Level, LevelBasis, Outcome, Severity, finding_id
from auditor.pipeline.collecting import start_run
from auditor.pipeline.evaluating import stored_judgement
from auditor.pipeline.planning import plan
from auditor.pipeline.summarising import keep
from auditor.scoring import by_check, scores
from auditor.store.records import JudgementId, JudgementRecord, SubjectScores
from auditor.store.sql.store import SqlStore
from auditor.store.sqlite import open_sqlite
from auditor.web.app import make_app
from benchmarks.processes import verdict
from inventory.loader import load_sent
from inventory.model import AgencyId, Kind, SubjectId
from probes.framework.evidence import RunId

READERS = 50
AGENCIES = 200
TIMES_CONSTANT, TIMES_SMALLER = 10.0, 1.3
PASSWORD = "một mật khẩu đủ dài"
RUN = RunId("20260302T013000Z-abcdef")
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
CHECKS = ("ipv6.web.aaaa", "ipv6.web.reach", "ipv6.web.http-ok", "ipv6.path.echo", "security.tls.versions")
OUTCOMES = (Outcome.PASS, Outcome.PASS, Outcome.FAIL, Outcome.WARN, Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Milliseconds, medians of all requests of a round."""

    constant: float
    dashboard: float
    agency: float


def main(arguments: list[str]) -> int:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    sizes = (options.subjects // 10, options.subjects)
    with tempfile.TemporaryDirectory() as name:
        stores = {size: _filled(Path(name, f"{size}.db"), size) for size in sizes}
        rounds = [{size: _measured(stores[size], options.seconds) for size in sizes} for _ in range(options.rounds)]
    goals: dict[str, bool] = {}
    for page in ("dashboard", "agency"):
        times = {size: statistics.median(getattr(one[size], page) for one in rounds) for size in sizes}
        of = {
            size: statistics.median(getattr(one[size], page) / one[size].constant for one in rounds) for size in sizes
        }
        of_constant, of_smaller = of[sizes[1]], of[sizes[1]] / of[sizes[0]]
        constant = statistics.median(one[sizes[1]].constant for one in rounds)
        print(
            f"{page}: {times[sizes[1]]:.1f} ms with {sizes[1]} subjects, {times[sizes[0]]:.1f} ms with {sizes[0]}"
            f" ({of_smaller:.2f}); the constant {constant:.1f} ms ({of_constant:.1f})"
        )
        goals[f"{page} within {TIMES_CONSTANT} times the constant"] = of_constant <= TIMES_CONSTANT
        goals[f"{page} within {TIMES_SMALLER} times that of a tenth"] = of_smaller <= TIMES_SMALLER
    return verdict(goals, strict=options.strict)


# --- the store -------------------------------------------------------------------------------------------------------


def _filled(path: Path, count: int) -> Path:
    """One judged run of so many portals, in as many agencies whatever the size, with two accounts."""
    rows = (f"A{n % AGENCIES},Cơ quan {n % AGENCIES},TINH,department,host{n}.example.vn,portal" for n in range(count))
    head = "agency_code,agency_name,parent_code,unit_level,name,kind\nTINH,Tỉnh,,province,tinh.example.vn,portal\n"
    text = head + "\n".join(rows) + "\n"
    inventory = load_sent([("tinh.csv", text.encode())]).inventory
    known = catalogue.load()
    made = plan(inventory, Config(), known, profile="quick", name="Quý I/2026", now=NOW, run=RUN)
    with open_sqlite(path) as store:
        start_run(made, store, NOW)
        store.finish_run(RUN, NOW)
        record = store.run(RUN)
        judgement = JudgementRecord(
            id=JudgementId("one"), run=RUN, catalogue=known.version, policy=record.policy, reference=record.reference,
            inventory=record.inventory, judged_at=NOW,
        )  # fmt: skip
        store.add_judgement(judgement)
        with store.batch():
            for one in made.subjects:
                _judge(store, judgement.id, one.id, one.kind)
        keep(stored_judgement(judgement, store, known), store)
        access = Access(store.database)
        access.set_up("cả tỉnh", PASSWORD, "vi", "::1")
        admin = access.accounts()[0]
        access.add(admin, "::1", "cơ quan", PASSWORD, Role.VIEWER, AgencyId("A7"), "vi")
    return path


def _judge(store: SqlStore, judgement: JudgementId, subject: SubjectId, kind: Kind) -> None:
    if kind is Kind.UNIT:
        return
    number = int("".join(filter(str.isdigit, subject)) or 0)
    found = [_finding(subject, CheckId(check), OUTCOMES[(number + n) % 6]) for n, check in enumerate(CHECKS)]
    store.add_findings(judgement, found)
    store.add_scores(judgement, {subject: SubjectScores(scores=scores(by_check(found)))})


def _finding(subject: SubjectId, check: CheckId, outcome: Outcome) -> Finding:
    return Finding(
        id=finding_id(subject, check, None, None, "internet"), check=check, check_version=1, code="X", outcome=outcome,
        severity=Severity.HIGH, level=Level.REQUIRED, level_basis=LevelBasis.VERIFIED, subject=subject, address=None,
        detail=None, vantage="local", reason=None, args={}, evidence=(),
    )  # fmt: skip


# --- the service -----------------------------------------------------------------------------------------------------


def _serve(path: Path, ends: Connection) -> None:
    asyncio.run(_serving(path, ends))


async def _serving(path: Path, ends: Connection) -> None:
    async def constant(request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    with open_sqlite(path) as store:
        plain = web.Application()
        plain.router.add_get("/constant", constant)
        runners = [web.AppRunner(plain), web.AppRunner(make_app(Config(), store, secure=False))]
        ports = []
        for runner in runners:
            await runner.setup()
            await web.TCPSite(runner, "::1", 0).start()
            ports.append(runner.addresses[0][1])
        access = Access(store.database)
        names = ("cả tỉnh", "cơ quan")
        sessions = [access.log_in(names[n % 2], PASSWORD, "", "::1") for n in range(READERS)]
        ends.send((ports, sessions))
        await asyncio.to_thread(ends.recv)
        for runner in runners:
            await runner.cleanup()


@contextmanager
def _service(path: Path) -> Iterator[tuple[list[int], list[str]]]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(path, theirs))
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join()


def _measured(path: Path, seconds: float) -> Figures:
    with _service(path) as (ports, sessions):
        return asyncio.run(_readers(ports, sessions, seconds))


async def _readers(ports: Sequence[int], sessions: Sequence[str], seconds: float) -> Figures:
    base = f"http://[::1]:{ports[1]}"
    for path in ("", f"runs/{RUN}/agencies/A7"):
        await _median([f"{base}/{path}"], sessions, 0.0)  # what is kept is made once
    return Figures(
        constant=await _median([f"http://[::1]:{ports[0]}/constant"], sessions, seconds),
        dashboard=await _median([f"{base}/"], sessions, seconds),
        agency=await _median([f"{base}/runs/{RUN}/agencies/A7"], sessions, seconds),
    )


async def _median(urls: Sequence[str], sessions: Sequence[str], seconds: float) -> float:
    """Milliseconds of one request, by all readers at once, each asking again when it was answered."""
    taken: list[float] = []
    async with ClientSession(connector=TCPConnector(limit=READERS)) as client, asyncio.TaskGroup() as group:
        until = time.perf_counter() + seconds
        for session in sessions:
            group.create_task(_reader(client, urls, session, until, taken))
    return 1_000 * statistics.median(taken)


async def _reader(client: ClientSession, urls: Sequence[str], session: str, until: float, taken: list[float]) -> None:
    for url in cycle(urls):
        began = time.perf_counter()
        async with client.get(url, headers={"Cookie": f"session={session}"}, allow_redirects=False) as answer:
            await answer.read()
            if answer.status != 200:
                raise AssertionError(f"{url}: {answer.status}")
        taken.append(time.perf_counter() - began)
        if time.perf_counter() >= until:
            return


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--subjects", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--strict", action="store_true", help="end non-zero below a goal")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

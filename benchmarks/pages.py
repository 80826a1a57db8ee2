"""Measures how fast the service's pages are served to 50 concurrent readers, half of them restricted to an agency.

The pages: the overview, the page of an agency, the changes since the run before, and TSLCD with the samples of a sixth
as many connection points. The peer is a constant answer of aiohttp, in the same process, by the same readers at the
same time of day. Goals (PERFORMANCE §8): the median of a page of a store of 20,000 subjects is at most ten times the
peer's, and at most 1.3 times that of the same page of a store of 2,000, each compared with the peer measured beside it.

    python -m benchmarks.pages [--subjects 20000] [--seconds 8] [--rounds 3] [--strict]
"""

import argparse
import asyncio
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from aiohttp import ClientSession, TCPConnector, web

from auditor.figures.scoring import by_check, scores
from auditor.framework import catalogue
from auditor.framework.findings import CheckId, Finding, Level, LevelBasis, Outcome, Severity, finding_id
from auditor.service.accounts.accounts import Accounts
from auditor.service.accounts.model import Role
from auditor.service.config.model import Config
from auditor.service.pipeline.collecting import start_run
from auditor.service.pipeline.evaluating import stored_judgement
from auditor.service.pipeline.plan import plan
from auditor.service.pipeline.summarising import keep
from auditor.service.store.records import JudgementId, JudgementRecord, Sample, Series, SubjectScores
from auditor.service.store.sql.store import SqlStore
from auditor.service.store.sqlite import open_sqlite
from auditor.service.web.app import make_app
from auditor.service.web.slot_series import DAY, slot_of
from benchmarks.processes import verdict
from inventory.inventory import Inventory
from inventory.loader import load_sent
from inventory.model import AgencyId, Kind, SubjectId
from probes.framework.evidence import RunId
from probes.observations.series import CADENCE, LOSS, REACH, RTT_MEDIAN

READERS = 50
SLICE = 0.5
"""Seconds for which one page is read before the next one's turn."""
AGENCIES = 200
SLOT = timedelta(seconds=CADENCE)
TIMES_CONSTANT, TIMES_SMALLER = 10.0, 1.3
PASSWORD = "một mật khẩu đủ dài"
RUN = RunId("20260302T013000Z-abcdef")
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
EARLIER, THEN = RunId("20260202T013000Z-fedcba"), NOW - timedelta(days=28)
BROKEN = 20
"""One subject of so many was better a month ago."""
POINTS = 6
"""Subjects for each connection point: 3,300 beside 20,000."""
WATCHED = 100
"""Points with samples of the whole day; the others have those of the last hour, or filling would take all the time."""
METRICS = ((REACH, 0), (LOSS, 6), (LOSS, 4), (RTT_MEDIAN, 6), (RTT_MEDIAN, 4))
CHECKS = ("ipv6.web.aaaa", "ipv6.web.reach", "ipv6.web.http-ok", "ipv6.path.echo", "security.tls.versions")
OUTCOMES = (Outcome.PASS, Outcome.PASS, Outcome.FAIL, Outcome.WARN, Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE)


CONSTANT = "constant"
PAGES = {"overview": "", "agency": f"runs/{RUN}/agencies/A7", "changes": f"runs/{RUN}/changes", "TSLCD": "tslcd"}


Taken = dict[tuple[int, str], list[float]]
"""Seconds of each request, by the size of the store and what was asked for."""


def main(arguments: list[str]) -> int:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    sizes = (options.subjects // 10, options.subjects)
    with tempfile.TemporaryDirectory() as name, ExitStack() as services:
        stores = {size: _filled(Path(name, f"{size}.db"), size) for size in sizes}
        running = {size: services.enter_context(_service(store)) for size, store in stores.items()}
        rounds = [asyncio.run(_readers(running, options.seconds)) for _ in range(options.rounds)]
    goals: dict[str, bool] = {}
    for page in PAGES:
        small, large = ([_median(round_[size, page]) for round_ in rounds] for size in sizes)
        constant = [_median(round_[sizes[1], CONSTANT]) for round_ in rounds]
        of_constant = _median([seconds / other for seconds, other in zip(large, constant, strict=True)])
        of_smaller = _median([seconds / other for seconds, other in zip(large, small, strict=True)])
        print(
            f"{page}: {1_000 * _median(large):.1f} ms with {sizes[1]} subjects, {1_000 * _median(small):.1f} ms with"
            f" {sizes[0]} ({of_smaller:.2f}); the constant {1_000 * _median(constant):.1f} ms ({of_constant:.1f})"
        )
        goals[f"{page} within {TIMES_CONSTANT} times the constant"] = of_constant <= TIMES_CONSTANT
        goals[f"{page} within {TIMES_SMALLER} times that of a tenth"] = of_smaller <= TIMES_SMALLER
    return verdict(goals, strict=options.strict)


_median = statistics.median


# --- the store -------------------------------------------------------------------------------------------------------


def _filled(path: Path, count: int) -> Path:
    """Two judged runs of so many portals and their points, in as many agencies whatever the size, with two accounts."""
    head = "agency_code,agency_name,parent_code,unit_level,name,kind,network"
    rows = [head, "TINH,Tỉnh,,province,tinh.example.vn,portal,"]
    for n in range(count):
        agency = n % AGENCIES
        level = "commune" if agency % 2 else "department"
        rows.append(f"A{agency},Cơ quan {agency},TINH,{level},host{n}.example.vn,portal,")
    points = [f"diem-{n}" for n in range(count // POINTS)]
    rows += [f"A{n % AGENCIES},,,,{name},connection-point,tslcd" for n, name in enumerate(points)]
    inventory = load_sent([("tinh.csv", "\n".join([*rows, ""]).encode())]).inventory
    with open_sqlite(path) as store:
        for run, when in ((EARLIER, THEN), (RUN, NOW)):
            _run(store, inventory, run, when)
        _sample(store, points)
        access = Accounts(store.database)
        access.set_up("cả tỉnh", PASSWORD, "vi", "::1")
        admin = access.all()[0]
        access.add(admin, "::1", "cơ quan", PASSWORD, Role.VIEWER, AgencyId("A7"), "vi")
    return path


def _run(store: SqlStore, inventory: Inventory, run: RunId, when: datetime) -> None:
    known = catalogue.load()
    made = plan(inventory, Config(), known, profile="quick", name="Hằng tháng", now=when, run=run)
    start_run(made, store, when)
    store.finish_run(run, when)
    record = store.run(run)
    judgement = JudgementRecord(
        id=JudgementId(f"of {run}"),
        run=run,
        catalogue=known.version,
        policy=record.policy,
        reference=record.reference,
        inventory=record.inventory,
        judged_at=when,
    )
    store.add_judgement(judgement)
    with store.batch():
        for subject in made.subjects:
            _judge(store, judgement, subject.id, subject.kind)
    keep(stored_judgement(judgement, store, known), store)


def _judge(store: SqlStore, judgement: JudgementRecord, subject: SubjectId, kind: Kind) -> None:
    if kind is Kind.UNIT:
        return
    number = int("".join(filter(str.isdigit, subject)) or 0)
    better = judgement.run == EARLIER and not number % BROKEN
    outcomes = [Outcome.PASS if better else OUTCOMES[(number + n) % 6] for n in range(len(CHECKS))]
    findings = [_finding(subject, CheckId(check), outcome) for check, outcome in zip(CHECKS, outcomes, strict=True)]
    store.add_findings(judgement.id, findings)
    store.add_scores(judgement.id, {subject: SubjectScores(scores=scores(by_check(findings)))})


def _sample(store: SqlStore, points: Sequence[str]) -> None:
    until = slot_of(datetime.now(UTC))
    series = [
        [Series(subject=SubjectId(point), metric=metric, vantage="local", family=family) for metric, family in METRICS]
        for point in points
    ]
    for number in range(DAY // SLOT, 0, -1):
        some = series if number <= timedelta(hours=1) // SLOT else series[:WATCHED]
        sample = Sample(time=until - number * SLOT, value=1.0)
        store.add_round((series, sample) for each in some for series in each)


def _finding(subject: SubjectId, check: CheckId, outcome: Outcome) -> Finding:
    return Finding(
        id=finding_id(subject, check, None, None, "internet"),
        check=check,
        check_version=1,
        code="X",
        outcome=outcome,
        severity=Severity.HIGH,
        level=Level.REQUIRED,
        level_basis=LevelBasis.VERIFIED,
        subject=subject,
        address=None,
        detail=None,
        vantage="local",
        reason=None,
        args={},
        evidence=(),
    )


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
        access = Accounts(store.database)
        ends.send((ports, [access.log_in(name, PASSWORD, "", "::1") for name in ("cả tỉnh", "cơ quan")]))
        await asyncio.to_thread(ends.recv)
        for runner in runners:
            await runner.cleanup()


@dataclass(frozen=True, slots=True)
class ServiceUnderTest:
    """The service measured: its ports, for the constant and for the pages, and the sessions of its two accounts."""

    ports: Sequence[int]
    sessions: Sequence[str]

    def urls(self) -> Iterator[tuple[str, str]]:
        yield CONSTANT, f"http://[::1]:{self.ports[0]}/constant"
        for page, path in PAGES.items():
            yield page, f"http://[::1]:{self.ports[1]}/{path}"


@contextmanager
def _service(path: Path) -> Iterator[ServiceUnderTest]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(path, theirs))
    process.start()
    try:
        yield ServiceUnderTest(*ours.recv())
    finally:
        ours.send(None)
        process.join()


async def _readers(running: Mapping[int, ServiceUnderTest], seconds: float) -> Taken:
    """All of it in turn, slice by slice, so that whatever else the machine does meanwhile falls on all alike."""
    taken: Taken = {}
    for service in running.values():
        for _, url in service.urls():
            await _read(url, service.sessions, 0.0)  # what is kept is made once
    for _ in range(max(1, round(seconds / SLICE))):
        for size, service in running.items():
            for page, url in service.urls():
                taken.setdefault((size, page), []).extend(await _read(url, service.sessions, SLICE))
    return taken


async def _read(url: str, sessions: Sequence[str], seconds: float) -> Sequence[float]:
    """Seconds of each request, by all readers at once, each asking again when it was answered."""
    taken: list[float] = []
    async with ClientSession(connector=TCPConnector(limit=READERS)) as client, asyncio.TaskGroup() as group:
        until = time.perf_counter() + seconds
        for number in range(READERS):
            group.create_task(_reader(client, url, sessions[number % len(sessions)], until, taken))
    return taken


async def _reader(client: ClientSession, url: str, session: str, until: float, taken: list[float]) -> None:
    while True:
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

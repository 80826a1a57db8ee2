"""Measures how fast the service's pages are served to 50 concurrent readers, half of them restricted to an agency.

The pages: the overview, the list of problems, the page of an agency, the changes since the run before, and TSLCD with
the samples of a sixth as many connection points. The peer is a constant answer of aiohttp, in the same process, by the
same readers at the same time of day. Goals (PERFORMANCE §10): the median of a page of a store of 20,000 subjects is at
most five times the peer's, and at most 1.3 times that of the same page of a store of 2,000, each compared with the peer
measured beside it.

    python -m benchmarks.pages [--subjects 20000] [--findings 5] [--stores FOLDER] [--seconds 8] [--rounds 3]
        [--commits 10] [--strict]

Filling a store of many subjects takes longer than the rest: with ``--stores`` the folder keeps it for the next time.
With ``--commits`` so much is written each second that no page shows, as a running audit writes its evidence.
"""

import argparse
import asyncio
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from aiohttp import ClientSession, TCPConnector, web

from auditor.service.accounts.accounts import Accounts
from auditor.service.config.model import Config
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.app import make_app
from auditor.service.web.background.preparing import prepared
from auditor.service.web.site import SITE
from benchmarks.filled_store import AGENCY_ACCOUNT, OWN, PASSWORD, PROVINCE_ACCOUNT, RUN, filled
from benchmarks.processes import verdict

READERS = 50
SLICE = 0.5
"""Seconds for which one page is read before the next one's turn."""
TIMES_CONSTANT, TIMES_SMALLER = 5.0, 1.3
CONSTANT = "constant"
PAGES = {
    "overview": "",
    "problems": "problems",
    "agency": f"runs/{RUN}/agencies/{OWN}",
    "changes": f"runs/{RUN}/changes",
    "TSLCD": "tslcd",
}


Taken = dict[tuple[int, str], list[float]]
"""Seconds of each request, by the size of the store and the page."""


def main(arguments: list[str]) -> int:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    sizes = (options.subjects // 10, options.subjects)
    with tempfile.TemporaryDirectory() as name, ExitStack() as services:
        folder = options.stores or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        stores = {size: store_of(folder, size, options.findings) for size in sizes}
        running = {size: services.enter_context(service(store, options.commits)) for size, store in stores.items()}
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


def store_of(folder: Path, subjects: int, findings: int) -> Path:
    """Return the store of so many subjects and findings of each, filled where the folder has none yet."""
    path = folder / f"{subjects}-{findings}.db"
    if not path.exists():
        filled(path.with_suffix(".part"), subjects, findings).rename(path)
    return path


_median = statistics.median


def _serve(path: Path, ends: Connection, commits: int) -> None:
    asyncio.run(_serving(path, ends, commits))


async def _serving(path: Path, ends: Connection, commits: int) -> None:
    async def constant(request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    with open_sqlite(path) as store:
        plain = web.Application()
        plain.router.add_get("/constant", constant)
        app = make_app(Config(), store, secure=False)
        runners = [web.AppRunner(plain), web.AppRunner(app)]
        ports = []
        for runner in runners:
            await runner.setup()
            await web.TCPSite(runner, "::1", 0).start()
            ports.append(runner.addresses[0][1])
        await prepared(app[SITE])  # as the service does, before anybody asks
        access = Accounts(store.database)
        sessions = [access.log_in(name, PASSWORD, "", "::1") for name in (PROVINCE_ACCOUNT, AGENCY_ACCOUNT)]
        ends.send((ports, sessions, os.getpid()))
        writing = asyncio.create_task(_write(store, commits))
        await asyncio.to_thread(ends.recv)
        writing.cancel()
        for runner in runners:
            await runner.cleanup()


async def _write(store: SqlStore, commits: int) -> None:
    for number in range(commits and sys.maxsize):
        await asyncio.to_thread(store.remember, "benchmark", {"number": str(number).encode()})
        await asyncio.sleep(1 / commits)


@dataclass(frozen=True, slots=True)
class ServiceUnderTest:
    """The service measured: its ports, for the constant and for the pages, the sessions of its two accounts, and its
    process."""

    ports: Sequence[int]
    sessions: Sequence[str]
    process: int

    def cpu(self) -> float:
        """Return the seconds of processor time that it has used."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def urls(self) -> Iterator[tuple[str, str]]:
        yield CONSTANT, f"http://[::1]:{self.ports[0]}/constant"
        for page, path in PAGES.items():
            yield page, f"http://[::1]:{self.ports[1]}/{path}"


@contextmanager
def service(path: Path, commits: int = 0) -> Iterator[ServiceUnderTest]:
    """Serve a store in another process, in which so much is written each second meanwhile."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(path, theirs, commits))
    process.start()
    try:
        yield ServiceUnderTest(*ours.recv())
    finally:
        ours.send(None)
        process.join()


async def _readers(running: Mapping[int, ServiceUnderTest], seconds: float) -> Taken:
    """Read all pages in turns, slice by slice, so that other work of the machine affects all alike."""
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
    parser.add_argument("--findings", type=int, default=5, help="of each subject")
    parser.add_argument("--stores", type=Path, metavar="FOLDER", help="where filled stores are kept")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--commits", type=int, default=0, metavar="N", help="write something N times a second")
    parser.add_argument("--strict", action="store_true", help="end non-zero below a goal")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Measures how a centre on PostgreSQL takes in the results of workers: a round of 1, 2 and 4 vantages.

Each worker is a process of ``auditor worker`` that measures all subjects and delivers over HTTPS; the centre is
``auditor serve`` behind a proxy that ends TLS. The subjects are addresses of a network namespace, where one program
answers TLS at all of them. Printed for each number of workers: subjects measured a second by all of them together,
seconds until they were judged, what that cost the centre in CPU time, memory, rows and bytes. No goal: it all stands
on one machine, so that workers and subjects take from the centre what they would not elsewhere.

    python -m benchmarks.workers [--subjects 200] [--workers 1,2,4]
"""

import argparse
import asyncio
import contextlib
import os
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from auditor.service.scheduler.model import AuditRequest, JobState
from auditor.service.store.records import RunState, StoreError
from benchmarks.processes import ENVIRONMENT, SOURCE
from tests.support import private_net
from tests.support.postgresql import running
from tests.support.remote import Centre, certificate

COLUMNS = "name,kind,ipv4,ipv6,services,agency_code,agency_name"
CONTROL = ("198.18.255.1", "198.18.255.2", "2001:db8:1::ffff:1", "2001:db8:1::ffff:2")
MOST = 60_000
"""Subjects that have an address each, beside the controls."""
NAMESPACE = "ip route add local 198.18.0.0/16 dev lo; ip -6 route add local 2001:db8:1::/64 dev lo"
OWN = "ip addr add 198.19.0.1/32 dev lo; ip addr add 2001:db8:2::1/128 dev lo nodad"
SETTINGS = """
lang = "en"
only = ["ipv6.web.reach", "security.tls.cert-expiry", "security.tls.cert-strength"]
[vantage]
name = "{name}"
networks = ["{network}"]
control = [{control}]
[addressing]
allow_documentation_prefixes = true
[scope]
allow = ["198.18.0.0/16", "2001:db8:1::/64"]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Holds the costs of one round; ``measured`` and ``judged`` are seconds since it was ordered."""

    workers: int
    measured: float
    judged: float
    cpu: float
    peak_mb: float
    rows: int
    size: int

    def print(self, subjects: int) -> None:
        all_ = subjects * self.workers
        print(
            f"{self.workers} workers: {all_} subjects in {self.measured:.1f} s, {all_ / self.measured:.2f} a second;"
            f" judged after {self.judged:.1f} s; centre {self.cpu:.1f} s of CPU ({1_000 * self.cpu / all_:.0f} ms a"
            f" subject), peak {self.peak_mb:.0f} MB; {self.rows} rows of evidence,"
            f" {self.size / all_ / 1_000:.1f} kB a subject",
            flush=True,
        )


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    if options.serve:
        asyncio.run(_answer(Path(options.serve)))
        return 0
    for workers in map(int, options.workers.split(",")):
        measure(options.subjects, workers).print(options.subjects)
    return 0


def measure(subjects: int, workers: int) -> Figures:
    """Run one round in a centre, a database and a network namespace of its own."""
    names = [f"vantage-{number}" for number in range(1, workers + 1)]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(running())
        url = stack.enter_context(server.database())
        stack.enter_context(private_net.entered(f"{NAMESPACE}; {OWN}"))
        stack.enter_context(_answering(folder))
        vantages = dict.fromkeys(names, "internet")
        centre = Centre(folder, list(_rows(subjects)), url, CONTROL, SETTINGS, COLUMNS, vantages)
        stack.enter_context(centre.front.serving())
        stack.callback(centre.end_all)
        service = centre.serve()
        for name in names:
            centre.worker(name, "internet")
        before, empty = _cpu(service.pid), _size(centre)
        measured, judged = _round(centre, names)
        with centre.store() as store, store.database.reading() as connection:
            counted = "SELECT (SELECT count(*) FROM evidence) + (SELECT count(*) FROM evidence_pack)"
            rows = connection.exec_driver_sql(counted).scalar_one()
        return Figures(
            workers=workers,
            measured=measured,
            judged=judged,
            cpu=_cpu(service.pid) - before,
            peak_mb=_peak_mb(service.pid),
            rows=rows,
            size=_size(centre) - empty,
        )


def _rows(subjects: int) -> Iterator[str]:
    for number in range(1, min(subjects, MOST) + 1):
        v4, v6 = IPv4Address("198.18.0.0") + number, IPv6Address("2001:db8:1::") + number
        yield f"cong-{number},portal,{v4},{v6},https,X{number % 100:02},Xã {number % 100}"


def _round(centre: Centre, names: Sequence[str]) -> tuple[float, float]:
    """Order a round; seconds until everything was measured, and until it was judged."""
    wanted = AuditRequest(inventory="inventory.csv", profile="quick", vantages=tuple(names), hours=24)
    began = time.perf_counter()
    with centre.store() as store:
        number = centre.jobs(store).start(wanted, "admin", "::1").id

        def is_measured() -> bool:
            run = centre.jobs(store).job(number).run
            with contextlib.suppress(StoreError):
                members = [] if run is None else [store.run(member) for member in store.run(run).members]
                return len(members) == len(names) and {one.state for one in members} == {RunState.FINISHED}
            return False

        centre.until(is_measured, 86_400)
        measured = time.perf_counter() - began
        centre.until(lambda: not centre.jobs(store).job(number).is_open, 86_400)
        job = centre.jobs(store).job(number)
    assert job.state is JobState.FINISHED, centre.log("centre")[-4_000:]
    return measured, time.perf_counter() - began


def _size(centre: Centre) -> int:
    """Bytes of the whole database."""
    with centre.store() as store, store.database.reading() as connection:
        size: int = connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one()
        return size


def _cpu(pid: int) -> float:
    """CPU seconds of a process and those it waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _peak_mb(pid: int) -> float:
    (line,) = (one for one in Path(f"/proc/{pid}/status").read_text("ascii").splitlines() if one.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


@contextmanager
def _answering(folder: Path) -> Iterator[None]:
    """Answer TLS at all addresses of the namespace, in a process of its own."""
    certificate(folder)
    argv = [sys.executable, "-P", "-m", "benchmarks.workers", "--serve", str(folder)]
    environment = {**os.environ, **ENVIRONMENT}
    with subprocess.Popen(argv, cwd=SOURCE, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield
        finally:
            process.terminate()


async def _answer(folder: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "centre.pem", folder / "centre.key")

    async def end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await reader.read(1)
        writer.close()

    async with asyncio.TaskGroup() as group:
        for address in ("0.0.0.0", "::"):
            server = await asyncio.start_server(end, address, 443, ssl=context, backlog=1_000)
            group.create_task(server.serve_forever())
        print("ready", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workers", description=__doc__)
    parser.add_argument("--subjects", type=int, default=200, help=f"at most {MOST}")
    parser.add_argument("--workers", default="1,2,4", metavar="N,N…")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

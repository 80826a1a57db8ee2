"""Compares connects to many TCP ports with ``nmap -sT`` and ``nmap -sS`` over the same hosts and ports.

Two thousand addresses in one namespace, twenty ports each, two of them open and the others refused, asked from another
namespace by the engine that audits use for every connect, in a step with a ledger as there. Goals (medians of the
rounds): at least 0.7 times the rate of ``nmap -sT`` (stretch 0.8), and no open port missed. nmap's time of starting is
in its figure, ours is left out; it is small. Processor time for each connect is of both processes alike. ``nmap -sS``
sends single packets of its own making, for which it needs the privilege that the namespaces give; audits make whole
connections, so its rate is shown beside ours and is no goal.

    python -m benchmarks.ports [--hosts 2000] [--rounds 5] [--strict]
"""

import argparse
import asyncio
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address
from pathlib import Path

from benchmarks.echo import ALIVE, inside
from benchmarks.processes import verdict
from inventory.model import IPAddress
from probes.framework.budget import TAB, Ledger, Tab
from probes.net.core import faults
from probes.net.core.tcp import Connector

OPEN = (80, 443)
PORTS = (*OPEN, *range(3000, 3018))
AT_ONCE = 400
MUST, STRETCH = 0.7, 0.8
NGINX = """daemon off; master_process off; pid {place}/pid; error_log {place}/error crit; worker_rlimit_nofile 8192;
events {{ worker_connections 4096; multi_accept on; }}
http {{ access_log off; server {{ {listens} return 444; }} }}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    wall: float
    found: int
    cpu: float


def ours(hosts: Sequence[IPv6Address]) -> Scan:
    """Workers pull pairs of address and port from one iterator, as the runner does with subjects."""

    async def scan() -> Scan:
        connector, found = Connector(4.0), 0
        pairs: Iterator[tuple[IPAddress, int]] = iter([(host, port) for port in PORTS for host in hosts])

        async def work() -> None:
            nonlocal found
            for host, port in pairs:
                try:
                    with await connector.connect(host, port):
                        found += 1
                except faults.Fault:
                    continue

        token = TAB.set(Tab(Ledger()))
        began, cpu = time.perf_counter(), time.process_time()
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
        TAB.reset(token)
        connector.close()
        return Scan(wall=wall, found=found, cpu=cpu)

    return asyncio.run(scan())


def nmaps(hosts: Sequence[IPv6Address], how: str) -> Scan:
    """``how``: nmap's option for the kind of scan."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(map(str, hosts)) + "\n")
        file.flush()
        speed = ("--max-retries", "1", "--min-rate", "100000", "--min-hostgroup", "4096", "-T5")
        argv = ["nmap", "-6", how, "-n", "-Pn", *speed, "-p", ",".join(map(str, PORTS)), "-iL", file.name, "-oG", "-"]
        began, before = time.perf_counter(), _children()
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
        wall, cpu = time.perf_counter() - began, _children() - before
        return Scan(wall=wall, found=len(re.findall(r"\d+/open/tcp", done.stdout)), cpu=cpu)


def _children() -> float:
    """Processor seconds of the child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@contextmanager
def server(peer: int) -> Iterator[None]:
    """nginx in the other namespace; it closes each connection at once."""
    with tempfile.TemporaryDirectory() as place:
        listens = " ".join(f"listen [::]:{port} backlog=4096;" for port in OPEN)
        conf = Path(place, "nginx.conf")
        conf.write_text(NGINX.format(place=place, listens=listens), "ascii")
        argv = ["nsenter", f"--net=/proc/{peer}/ns/net", "nginx", "-c", str(conf)]
        with subprocess.Popen(argv, stderr=subprocess.DEVNULL) as process:
            try:
                time.sleep(0.5)
                yield
            finally:
                process.terminate()


def _pace(connects: int, wall: float, cpu: float) -> str:
    return f"{connects / wall:.0f}/s, {cpu / connects * 1e6:.1f} us of processor time each"


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ports", description=__doc__)
    parser.add_argument("--hosts", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--strict", action="store_true", help="end non-zero below a goal")
    options = parser.parse_args(argv)
    if shutil.which("nmap") is None:
        parser.error("nmap is not installed; it is what this is measured against")
    hosts = [ALIVE + number for number in range(1, options.hosts + 1)]
    wanted = len(hosts) * len(OPEN)

    def measure(peer: int) -> int:
        with server(peer):
            rounds = [(ours(hosts), nmaps(hosts, "-sT"), nmaps(hosts, "-sS")) for _ in range(options.rounds)]
        sides = list(zip(*rounds, strict=True))
        mine, other, raw = (statistics.median(scan.wall for scan in side) for side in sides)
        own, theirs, raws = (statistics.median(scan.cpu for scan in side) for side in sides)
        missed, peers, lost = (max(wanted - scan.found for scan in side) for side in sides)
        connects = len(hosts) * len(PORTS)
        told = f"nmap -sT {_pace(connects, other, theirs)}; nmap -sS {_pace(connects, raw, raws)}"
        print(f"{connects} connects, {_pace(connects, mine, own)}; {told}")
        print(f"speed {other / mine:.2f} of nmap -sT, {raw / mine:.2f} of nmap -sS")
        print(f"open ports missed at worst: {missed} of {wanted}, by nmap -sT {peers}, by nmap -sS {lost}")
        print(f"stretch ({STRETCH}): {'reached' if other / mine >= STRETCH else 'not reached'}")
        goals = {f"at least {MUST} of the speed of nmap -sT": other / mine >= MUST, "no open port missed": missed <= 0}
        return verdict(goals, strict=options.strict)

    return inside(measure)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

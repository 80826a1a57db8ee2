"""Compares the echo engine with fping, a minimal C program and icmplib over the same targets in a network namespace.

Goals (medians of the rounds): with everybody alive at least 0.9 times fping's rate (stretch 1.3), 0.45 times that of C
and 3.8 times icmplib's; with 30 % dead at most 0.8 times fping's time and 1.3 times that of C; nobody alive is called
dead; at most 60 MB for 10,000 hosts in flight. fping knows 65,535 targets at once, so it gets the list in halves, one
after the other. Time of starting a program is left out of ours, of C and of icmplib, and is small in fping's. C is
``echo_limit.c`` here and needs a compiler; icmplib is asked where it is installed. What is not there is said.

    python -m benchmarks.echo [--targets 100000] [--rounds 5] [--strict]
"""

import argparse
import asyncio
import ctypes
import gc
import importlib
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from pathlib import Path

from benchmarks.processes import verdict
from probes.net.icmp.echo import Echo, RunningEchoes

ALIVE, DEAD = IPv6Address("2001:db8:a::"), IPv6Address("2001:db8:dead::")
TIMEOUT = 1.0
SIZE = 56
AT_A_BEAT = 1_024
"""Requests that are put before they leave."""
MUST, STRETCH, DEAD_MUST = 0.9, 1.3, 0.8
LIMIT_MUST, LIMIT_DEAD_MUST, ICMPLIB_MUST = 0.45, 1.3, 3.8
MEMORY_MUST = 60.0
"""MB for each 10,000 hosts in flight."""
ICMPLIB_TARGETS = 2_000
_CLONE_NEWNET = 0x40000000
SETUP = """
ip link set lo up
sysctl -qw net.ipv4.ping_group_range="0 0"
ip link add name veth1 type veth peer name veth2 netns {peer}
ip link set veth1 up
ip addr add 2001:db8:1::1/64 dev veth1 nodad
ip route add default via 2001:db8:1::2 dev veth1
"""
ANSWERS = """
ip link set lo up
ip link set veth2 up
ip addr add 2001:db8:1::2/64 dev veth2 nodad
ip route add local 2001:db8:a::/48 dev lo
ip route add blackhole 2001:db8:dead::/48
sysctl -qw net.ipv6.conf.all.forwarding=1
sysctl -qw net.ipv6.icmp.ratelimit=0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    wall: float
    cpu: float
    alive: int


def ours(targets: Sequence[str]) -> Sweep:
    """Send one request to each, queued and flushed like the trains of audits; make a result object for each target."""
    addresses = [ip_address(text) for text in targets]
    gc.freeze()  # what the program itself is made of is not looked through again and again

    async def sweep() -> Sweep:
        echo = Echo(6, wait=TIMEOUT)
        echo.open()
        echo.start()
        try:
            began, busy = time.perf_counter(), time.process_time()
            every = list(map(RunningEchoes, addresses))
            for start in range(0, len(every), AT_A_BEAT):
                for series in every[start : start + AT_A_BEAT]:
                    echo.put(series, SIZE)
                echo.flush()
                await asyncio.sleep(0)
            for series in every:
                await series.settled()
            wall, cpu = time.perf_counter() - began, time.process_time() - busy
        finally:
            echo.close()
        return Sweep(wall=wall, cpu=cpu, alive=sum(series.rtts[0] is not None for series in every))

    return asyncio.run(sweep())


def fping(targets: Sequence[str]) -> Sweep:
    wall, alive, before = 0.0, 0, resource.getrusage(resource.RUSAGE_CHILDREN)
    halves = [targets[start : start + 50_000] for start in range(0, len(targets), 50_000)]
    for half in halves:
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write("\n".join(half) + "\n")
            file.flush()
            argv = ["fping", "-6", "-a", "-i", "0", "-r", "0", "-t", str(int(TIMEOUT * 1000)), "-f", file.name]
            began = time.perf_counter()
            done = subprocess.run(argv, capture_output=True, text=True, check=False)
            wall += time.perf_counter() - began
            alive += len(done.stdout.split())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Sweep(wall=wall, cpu=cpu, alive=alive)


@contextmanager
def limit() -> Iterator[Path | None]:
    """The program in C, None where it cannot be made."""
    compiler = shutil.which("cc")
    with tempfile.TemporaryDirectory() as place:
        made = Path(place, "echo_limit")
        if compiler is not None:
            source = Path(__file__).with_name("echo_limit.c")
            subprocess.run([compiler, "-O2", "-o", str(made), str(source)], check=True)
        yield None if compiler is None else made


def limits(program: Path, targets: Sequence[str]) -> Sweep:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(targets) + "\n")
        file.flush()
        done = subprocess.run([program, file.name, str(TIMEOUT)], capture_output=True, text=True, check=True)
    wall, cpu, alive = done.stdout.split()
    return Sweep(wall=float(wall), cpu=float(cpu), alive=int(alive))


def icmplibs_rate() -> float | None:
    """Targets a second, all alive; None where it is not installed."""
    try:
        icmplib = importlib.import_module("icmplib")
    except ImportError:
        return None
    targets = [str(ALIVE + number) for number in range(ICMPLIB_TARGETS)]
    began = time.perf_counter()
    found = asyncio.run(icmplib.async_multiping(targets, count=1, timeout=TIMEOUT, concurrent_tasks=500))
    assert sum(reply.is_alive for reply in found) == ICMPLIB_TARGETS, "icmplib lost some"
    return ICMPLIB_TARGETS / (time.perf_counter() - began)


def memory(count: int) -> float:
    """MB that a first sweep of so many adds to this process."""
    targets = [str(ALIVE + number) for number in range(count)]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ours(targets)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def inside(main: Callable[[int], int]) -> int:
    """Run ``main`` in a namespace joined to one that answers for whole prefixes; both are gone afterwards. ``main`` is
    given a process that is in the other one."""
    codes: list[int] = []
    unshare = ctypes.CDLL(None, use_errno=True).unshare

    def run() -> None:
        if unshare(_CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "no network namespace of our own: run this as root")
        with subprocess.Popen(["unshare", "--net", "sleep", "infinity"]) as peer:
            try:
                while os.readlink(f"/proc/{peer.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
                    time.sleep(0.01)
                _shell(SETUP.format(peer=peer.pid))
                _shell(ANSWERS, "nsenter", f"--net=/proc/{peer.pid}/ns/net")
                time.sleep(0.5)
                codes.append(main(peer.pid))
            finally:
                with suppress(ProcessLookupError):
                    peer.terminate()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return codes[0] if codes else 1


def _shell(text: str, *before: str) -> None:
    subprocess.run([*before, "sh", "-e", "-c", text], check=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Medians:
    """Seconds of ours, of fping and of C (None: not there), in wall and CPU time, and how many living targets we ever
    missed."""

    wall: float
    wall_peer: float
    wall_limit: float | None
    cpu: float
    cpu_peer: float
    cpu_limit: float | None
    missed: int

    def __str__(self) -> str:
        text = (
            f"{self.wall:.2f} s; fping {self.wall_peer:.2f} s; speed {self.wall_peer / self.wall:.2f} of fping's, time"
            f" {self.wall / self.wall_peer:.2f}, CPU {self.cpu / self.cpu_peer:.2f} of it; false dead {self.missed}"
        )
        if self.wall_limit is None or self.cpu_limit is None:
            return text + "; no C compiler here"
        return text + (
            f"; C {self.wall_limit:.2f} s: time {self.wall / self.wall_limit:.2f} of it, CPU"
            f" {self.cpu / self.cpu_limit:.2f}, speed {self.wall_limit / self.wall:.2f}"
        )


def compare(count: int, dead: int, rounds: int, program: Path | None) -> Medians:
    """Compare in alternating rounds, so that other work of the machine affects all sides."""
    targets = [str((DEAD if number % 10 < dead else ALIVE) + number) for number in range(count)]
    living = sum(text.startswith(str(ALIVE)[:-1]) for text in targets)
    mine, peers, best = [], [], []
    for _ in range(rounds):
        mine.append(ours(targets))
        peers.append(fping(targets))
        if program is not None:
            best.append(limits(program, targets))
    for name, sweeps in (("fping", peers), ("C", best)):
        for sweep in sweeps:
            if sweep.alive != living:
                print(f"  {name} found {sweep.alive} of {living}", file=sys.stderr)
    return Medians(
        wall=statistics.median(each_sweep.wall for each_sweep in mine),
        wall_peer=statistics.median(peer.wall for peer in peers),
        wall_limit=statistics.median(each_sweep.wall for each_sweep in best) if best else None,
        cpu=statistics.median(each_sweep.cpu for each_sweep in mine),
        cpu_peer=statistics.median(peer.cpu for peer in peers),
        cpu_limit=statistics.median(each_sweep.cpu for each_sweep in best) if best else None,
        missed=sum(living - each_sweep.alive for each_sweep in mine),
    )


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.echo", description=__doc__)
    parser.add_argument("--targets", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--strict", action="store_true", help="end non-zero below a goal")
    options = parser.parse_args(argv)
    if shutil.which("fping") is None:
        parser.error("fping is not installed; it is what this is measured against")

    def measure(_: int) -> int:
        held = memory(options.targets) / options.targets * 10_000
        print(f"memory: {held:.1f} MB for 10,000 hosts in flight")
        with limit() as program:
            alive = compare(options.targets, 0, options.rounds, program)
            print(f"{options.targets} alive: {alive}")
            some = compare(options.targets, 3, options.rounds, program)
            print(f"30 % dead: {some}")
        speed = alive.wall_peer / alive.wall
        print(f"stretch ({STRETCH}): {'reached' if speed >= STRETCH else 'not reached'}")
        goals = {
            f"at least {MUST} of fping's speed": speed >= MUST,
            f"30 % dead: at most {DEAD_MUST} of its time": some.wall / some.wall_peer <= DEAD_MUST,
            "no false dead": alive.missed + some.missed == 0,
            f"at most {MEMORY_MUST:.0f} MB for 10,000": held <= MEMORY_MUST,
        }
        if alive.wall_limit is not None and some.wall_limit is not None:
            goals[f"at least {LIMIT_MUST} of C's speed"] = alive.wall_limit / alive.wall >= LIMIT_MUST
            goals[f"30 % dead: at most {LIMIT_DEAD_MUST} of C's time"] = some.wall / some.wall_limit <= LIMIT_DEAD_MUST
        rate = icmplibs_rate()
        if rate is None:
            print("icmplib is not installed: not compared")
        else:
            times = options.targets / alive.wall / rate
            print(f"icmplib {rate:.0f}/s: ours {times:.1f} times that")
            goals[f"at least {ICMPLIB_MUST:g} times icmplib's speed"] = times >= ICMPLIB_MUST
        return verdict(goals, strict=options.strict)

    return inside(measure)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

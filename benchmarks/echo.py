"""The echo engine against fping over the same targets: many hosts in one namespace, asked from another.

Goals (medians of the rounds): at least 0.9 times fping's rate with everybody alive and 1.3 times as a stretch; with
30 % dead at most 0.8 times its time; nobody alive is called dead. fping knows 65,535 targets at once, so it gets the
list in halves, one after the other. Time of starting a program is left out of ours and is small in its.

    python -m benchmarks.echo [--targets 100000] [--rounds 5] [--strict]
"""

import argparse
import asyncio
import ctypes
import gc
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from benchmarks.processes import verdict
from probes.net.icmp import Echo

ALIVE, DEAD = IPv6Address("2001:db8:a::"), IPv6Address("2001:db8:dead::")
TIMEOUT = 1.0
SIZE = 56
MUST, STRETCH, DEAD_MUST = 0.9, 1.3, 0.8
_CLONE_NEWNET = 0x40000000
SETUP = """
ip link set lo up
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
    """One request to each, through the engine that audits use; a result object for each target."""
    addresses = [ip_address(text) for text in targets]
    gc.freeze()  # what the program itself is made of is not looked through again and again

    async def sweep() -> Sweep:
        echo = Echo(6, wait=TIMEOUT)
        echo.open()
        echo.start()
        try:
            began, busy = time.perf_counter(), time.process_time()
            every = await echo.sweep(addresses, SIZE)
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
    """Seconds of ours and of fping, in wall and CPU time, and how many living targets we ever missed."""

    wall: float
    wall_peer: float
    cpu: float
    cpu_peer: float
    missed: int

    def __str__(self) -> str:
        return (
            f"{self.wall:.2f} s; fping {self.wall_peer:.2f} s; speed {self.wall_peer / self.wall:.2f} of fping's,"
            f" CPU {self.cpu / self.cpu_peer:.2f} of it; false dead {self.missed}"
        )


def compare(count: int, dead: int, rounds: int) -> Medians:
    """Rounds take turns, so that what else the machine does meets both."""
    targets = [str((DEAD if number % 10 < dead else ALIVE) + number) for number in range(count)]
    living = sum(text.startswith(str(ALIVE)[:-1]) for text in targets)
    pairs = [(ours(targets), fping(targets)) for _ in range(rounds)]
    for _, other in pairs:
        if other.alive != living:
            print(f"  fping found {other.alive} of {living}", file=sys.stderr)
    return Medians(
        wall=statistics.median(mine.wall for mine, _ in pairs),
        wall_peer=statistics.median(other.wall for _, other in pairs),
        cpu=statistics.median(mine.cpu for mine, _ in pairs),
        cpu_peer=statistics.median(other.cpu for _, other in pairs),
        missed=sum(living - mine.alive for mine, _ in pairs),
    )


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.echo", description=__doc__)
    parser.add_argument("--targets", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--strict", action="store_true", help="end non-zero below a goal")
    options = parser.parse_args(argv)

    def measure(_: int) -> int:
        alive = compare(options.targets, 0, options.rounds)
        print(f"{options.targets} alive: {alive}")
        some = compare(options.targets, 3, options.rounds)
        print(f"30 % dead: {some}")
        speed = alive.wall_peer / alive.wall
        print(f"stretch ({STRETCH}): {'reached' if speed >= STRETCH else 'not reached'}")
        goals = {
            f"at least {MUST} of fping's speed": speed >= MUST,
            f"30 % dead: at most {DEAD_MUST} of its time": some.wall / some.wall_peer <= DEAD_MUST,
            "no false dead": alive.missed + some.missed == 0,
        }
        return verdict(goals, strict=options.strict)

    return inside(measure)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

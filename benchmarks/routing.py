"""Measures offline routing tables at full size: reading a million routes and 700,000 ROAs, their memory, and a look-up.

The ROAs come as JSON and as CSV. The rows are made up; the peer reads the same lines, splits them and turns
each prefix into a number, which is the least that any reader must do, and keeps nothing.

Goals: at most 4 times the peer's time, at most 60 MB held for one table, at most 50 µs a look-up; what was kept is read
back in at most a twentieth of the time that parsing takes.

    python -m benchmarks.routing [--rounds 3] [--strict]
"""

import argparse
import gc
import hashlib
import multiprocessing
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from multiprocessing.connection import Connection
from pathlib import Path
from socket import AF_INET, AF_INET6, inet_pton

from benchmarks.processes import verdict
from probes.wire.routing import roas, routes

RATIO, AGAIN, HELD_MB, LOOK_UP_US = 4.0, 0.05, 60.0, 50.0
ROUTES_V4, ROUTES_V6, ROAS_V4, ROAS_V6 = 750_000, 250_000, 550_000, 150_000
ASKED = 20_000
_GLOBAL = 1 << 125
Read = Callable[[bytes], roas.Roas | routes.RouteTable]


@dataclass(frozen=True, slots=True)
class ReadingCost:
    """Holds CPU seconds to parse and to read back, megabytes in memory, and microseconds a look-up."""

    seconds: float
    again: float
    megabytes: float
    look_up: float


def main(arguments: list[str]) -> int:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    chance, good = random.Random(1), dict[str, bool]()
    for name, data, read in (
        ("routes (pfx2as)", _routes(chance), routes.read),
        ("ROAs (JSON)", _roas_json(chance), roas.read),
        ("ROAs (CSV)", _roas_csv(chance), roas.read),
    ):
        costs = [_apart(read, data) for _ in range(options.rounds)]
        peer = statistics.median(_peer(data) for _ in range(options.rounds))
        seconds = statistics.median(cost.seconds for cost in costs)
        again = statistics.median(cost.again for cost in costs)
        held = max(cost.megabytes for cost in costs)
        look_up = statistics.median(cost.look_up for cost in costs)
        print(
            f"{name:16} {len(data) / 1e6:5.1f} MB: {seconds:.2f} s, {seconds / peer:.2f} of the peer's"
            f" {peer:.2f} s; kept {again:.3f} s; {held:.0f} MB held; {look_up:.1f} µs a look-up"
        )
        good[f"{name} within {RATIO:g} times the peer"] = seconds <= RATIO * peer
        good[f"{name} kept within {AGAIN:g} of parsing"] = again <= AGAIN * seconds
        good[f"{name} holds at most {HELD_MB:g} MB"] = held <= HELD_MB
        good[f"{name} look-up within {LOOK_UP_US:g} µs"] = look_up <= LOOK_UP_US
    return verdict(good, strict=options.strict)


def _apart(read: Read, data: bytes) -> ReadingCost:
    """Measure in a process of its own, so that each begins with the same memory."""
    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(target=_measure, args=(read, data, theirs))
    child.start()
    reading_cost: ReadingCost = ours.recv()
    child.join()
    return reading_cost


def _measure(read: Read, data: bytes, out: Connection) -> None:
    before, began = _resident(), time.process_time()
    table = read(data)
    seconds = time.process_time() - began
    gc.collect()
    held = _resident() - before
    again = _again(table)
    chance = random.Random(2)
    asked: list[IPv4Address | IPv6Address] = [IPv6Address(_GLOBAL | chance.getrandbits(125)) for _ in range(ASKED // 2)]
    asked += [IPv4Address(chance.getrandbits(32)) for _ in range(ASKED // 2)]
    began = time.process_time()
    for address in asked:
        for _ in table.covering(address):
            pass
    out.send(ReadingCost(seconds, again, held, 1e6 * (time.process_time() - began) / ASKED))


def _again(table: roas.Roas | routes.RouteTable) -> float:
    """Return the seconds of reading a table back with its digest, as a second ``check`` does."""
    data = table.pack()
    began = time.process_time()
    hashlib.sha256(data).digest()
    type(table).unpack(data)
    return time.process_time() - began


def _peer(data: bytes) -> float:
    began = time.process_time()
    for line in data.decode("ascii").splitlines():
        for field in line.replace('"', " ").replace(",", " ").split():
            address = field.partition("/")[0]
            if ":" in address and len(address) > 6:
                int.from_bytes(inet_pton(AF_INET6, address))
            elif address.count(".") == 3:
                int.from_bytes(inet_pton(AF_INET, address))
    return time.process_time() - began


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096 / 1e6


def _routes(chance: random.Random) -> bytes:
    """Sorted, as such tables are."""
    v4 = sorted({(chance.getrandbits(24) << 8, 24) for _ in range(ROUTES_V4)})
    v6 = sorted({(_GLOBAL | chance.getrandbits(45) << 80, 48) for _ in range(ROUTES_V6)})
    lines = [f"{IPv4Address(number)}\t{length}\t{chance.randrange(1, 400_000)}" for number, length in v4]
    lines += [f"{IPv6Address(number)}\t{length}\t{chance.randrange(1, 400_000)}" for number, length in v6]
    return ("\n".join(lines) + "\n").encode("ascii")


def _vrps(chance: random.Random) -> list[tuple[int, str, int]]:
    """Return made-up ROAs in no order, like exports."""
    triples = [
        (chance.randrange(400_000), f"{IPv4Address(chance.getrandbits(24) << 8)}/24", 24) for _ in range(ROAS_V4)
    ]
    numbers = (_GLOBAL | chance.getrandbits(29) << 96 for _ in range(ROAS_V6))
    return triples + [(chance.randrange(400_000), f"{IPv6Address(number)}/32", 48) for number in numbers]


def _roas_json(chance: random.Random) -> bytes:
    rows = ",\n".join(
        f'    {{ "asn": "AS{asn}", "prefix": "{prefix}", "maxLength": {longest}, "ta": "apnic" }}'
        for asn, prefix, longest in _vrps(chance)
    )
    return f'{{\n  "metadata": {{ "generated": 1795500000 }},\n  "roas": [\n{rows}\n  ]\n}}\n'.encode("ascii")


def _roas_csv(chance: random.Random) -> bytes:
    rows = "".join(f"AS{asn},{prefix},{longest},apnic\n" for asn, prefix, longest in _vrps(chance))
    return f"ASN,IP Prefix,Max Length,Trust Anchor\n{rows}".encode("ascii")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.routing", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--strict", action="store_true", help="end non-zero below a goal")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

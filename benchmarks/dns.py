"""Compares our DNS engine with dnspython's asyncquery, and with aiodns and dnsperf where installed, on the same server.

Every record of every answer is read; aiodns (pip install aiodns) reads them in C. dnsperf (the package of that name) is
a program in C that sends and counts, and reads no record: what the server and two sockets can do at most.
The server is Knot on loopback with a zone of its own. Each side asks the same questions with the same number in flight;
answers are compared, and a difference is an error, because a fast wrong answer is worth nothing. dnspython is asked in
the way its documentation shows: ``make_query`` and ``asyncquery.udp``, a socket for each question. Our side is measured
twice: the engine alone, and ``KernelNet.dns`` with scope, admission and the recorded observation, as probes use it.
Garbage is collected as seldom as in an audit, for every side.
Goals: the engine answers at least seven times as many questions a second as dnspython, as many as aiodns, and a fifth
of what dnsperf does.

    python -m benchmarks.dns [--questions 10000] [--in-flight 100,2000] [--rounds 5] [--strict]
"""

import argparse
import asyncio
import importlib
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from ipaddress import IPv6Address, IPv6Network
from pathlib import Path
from typing import Any

import dns.asyncquery
import dns.exception
import dns.message
import dns.query

from auditor.service.garbage_collection import collect_rarely
from benchmarks.processes import verdict
from inventory.model import Endpoint
from inventory.scope import Scope
from probes.framework.budget import LEDGER, Ledger, PeerBounds
from probes.framework.limits import Limits
from probes.framework.profile import QUICK, Pace
from probes.framework.recorder import Recorder
from probes.net.api import DnsQuestion
from probes.net.dns.datagrams import Datagrams
from probes.net.dns.hints import shipped_hints
from probes.net.dns.source import Source
from probes.net.kernel import KernelNet
from probes.net.setting import Setting
from probes.wire.dns import rdata
from probes.wire.dns.messages import parse, query

GOAL, OF_AIODNS, OF_DNSPERF = 7.0, 1.0, 0.2
HERE, PORT, ZONE = IPv6Address("::1"), 5399, "do.example"
PATIENCE, TRIES = 0.5, 20
"""A burst may overflow the server's buffer; either side repeats a lost question.

So does a peer whose new socket received the late answer to an earlier question on the same port.
"""
_FAST = 1_000_000_000
_WITHOUT_WAITS = Pace(
    packets_per_second=_FAST,
    per_address_per_second=_FAST,
    per_address_burst=_FAST,
    per_prefix_per_second=_FAST,
    per_prefix_burst=_FAST,
)
Question = tuple[str, str]
Records = tuple[str, ...]
Ask = Callable[[Question], Awaitable[Records]]


@dataclass(frozen=True, slots=True)
class AnswerRate:
    """Answers a second, and processor milliseconds for each."""

    per_second: float
    cpu: float


def questions(count: int) -> list[Question]:
    """A and AAAA in turn, of names each asked once."""
    return [(f"h{number}.{ZONE}", "AAAA" if number % 2 else "A") for number in range(count)]


@contextmanager
def server(count: int) -> Iterator[None]:
    """Knot with one zone of ``count`` names, both families each.

    Two at once would share the port, and each answer what the other was asked.
    """
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        sock.bind((str(HERE), PORT))
    lines = [f"{ZONE}. 300 IN SOA ns.{ZONE}. h.{ZONE}. 1 7200 3600 86400 300", f"{ZONE}. 300 IN NS ns.{ZONE}."]
    lines += [f"ns.{ZONE}. 300 IN AAAA 2001:db8::53"]
    for number in range(count):
        lines.append(f"h{number}.{ZONE}. 300 IN A 192.0.{number >> 8 & 255}.{number & 255}")
        lines.append(f"h{number}.{ZONE}. 300 IN AAAA 2001:db8::{number:x}")
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / "zone").write_text("\n".join(lines) + "\n", "ascii")
        (place / "conf").write_text(
            f"server:\n  rundir: {place}\n  listen: [{HERE}@{PORT}]\n  udp-workers: 2\n  tcp-workers: 1\n"
            f"  background-workers: 1\ndatabase:\n  storage: {place}\ntemplate:\n  - id: default\n"
            f"    zonefile-load: whole\n    zonefile-sync: -1\n    journal-content: none\n"
            f"zone:\n  - domain: {ZONE}\n    file: {place}/zone\n",
            "ascii",
        )
        program = shutil.which("knotd", path="/usr/sbin:/usr/bin") or "knotd"
        with subprocess.Popen([program, "-c", f"{place}/conf"], stdout=-3, stderr=-3) as process:
            try:
                asyncio.run(_ready())
                yield
            finally:
                process.terminate()


async def _ready() -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            await dnspython((f"h0.{ZONE}", "A"))
        except Exception:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)
        else:
            return


async def dnspython(question: Question) -> Records:
    """The peer."""
    message = dns.message.make_query(*question, use_edns=0, payload=1232)
    answer = await dns.asyncquery.udp(message, str(HERE), port=PORT, timeout=PATIENCE)
    return tuple(sorted(str(record) for rrset in answer.answer for record in rrset))


def aiodns(resolver: Any) -> Ask:
    """The other peer: c-ares' sockets and reader."""

    async def ask(question: Question) -> Records:
        answer = await resolver.query_dns(*question)
        return tuple(sorted(str(record.data.addr) for record in answer.answer))

    return ask


def engine(datagrams: Datagrams) -> Ask:
    """Questions over the shared sockets, answers read by our own walk."""

    async def ask(question: Question) -> Records:
        reply = await datagrams.ask(HERE, PORT, query(*question, edns_size=1232))
        return _read(reply.wire)

    return ask


def whole(net: KernelNet) -> Ask:
    """The same behind the seam: scope, admission, one observation for each."""
    server = Endpoint(address=HERE, port=PORT)

    async def ask(question: Question) -> Records:
        rec = Recorder(time.monotonic)
        exchange = await net.dns(rec, server, DnsQuestion(name=question[0], rtype=question[1]), "udp")
        return _read(exchange.response)

    return ask


def _read(wire: bytes | None) -> Records:
    if wire is None:
        raise TimeoutError("a question was lost on loopback")
    message = parse(wire)
    for record in (*message.authority(), *message.additional()):
        rdata.text(message, record)
    return tuple(sorted([rdata.text(message, record) for record in message.answer()]))


async def run(ask: Ask, wanted: Sequence[Question], in_flight: int) -> tuple[AnswerRate, dict[Question, Records]]:
    """Ask all questions with ``in_flight`` workers that take them one by one."""
    found: dict[Question, Records] = {}
    left = iter(wanted)

    async def work() -> None:
        for question in left:
            for _ in range(TRIES):
                try:
                    found[question] = await ask(question)
                except (TimeoutError, dns.exception.Timeout, dns.query.BadResponse):
                    continue
                break
            else:
                raise SystemExit(f"no answer for {question}")

    began, before = time.perf_counter(), time.process_time()
    async with asyncio.TaskGroup() as group:
        for _ in range(in_flight):
            group.create_task(work())
    wall, cpu = time.perf_counter() - began, time.process_time() - before
    return AnswerRate(len(wanted) / wall, cpu * 1_000 / len(wanted)), found


def peer(wanted: Sequence[Question], in_flight: int) -> tuple[AnswerRate, dict[Question, Records]]:
    return asyncio.run(run(dnspython, wanted, in_flight))


def in_c(wanted: Sequence[Question], in_flight: int) -> tuple[AnswerRate, dict[Question, Records]]:
    async def main() -> tuple[AnswerRate, dict[Question, Records]]:
        module = importlib.import_module("aiodns")
        resolver = module.DNSResolver(nameservers=[str(HERE)], udp_port=PORT, timeout=PATIENCE, tries=TRIES)
        try:
            return await run(aiodns(resolver), wanted, in_flight)
        finally:
            await resolver.close()

    return asyncio.run(main())


def ours(wanted: Sequence[Question], in_flight: int) -> tuple[AnswerRate, dict[Question, Records]]:
    async def main() -> tuple[AnswerRate, dict[Question, Records]]:
        datagrams = Datagrams(PATIENCE)
        try:
            return await run(engine(datagrams), wanted, in_flight)
        finally:
            datagrams.close()

    return asyncio.run(main())


def seam(wanted: Sequence[Question], in_flight: int) -> tuple[AnswerRate, dict[Question, Records]]:
    async def main() -> tuple[AnswerRate, dict[Question, Records]]:
        setting = Setting(
            scope=Scope(allow=(IPv6Network("::1/128"),)),
            limits=Limits(_WITHOUT_WAITS, clock=time.monotonic),
            timing=replace(QUICK, dns_udp=PATIENCE),
            names=Source(hints=shipped_hints()),
        )
        LEDGER.set(Ledger(PeerBounds(received=1 << 40)))  # as the probes of a subject have one
        async with KernelNet(setting) as net:
            return await run(whole(net), wanted, in_flight)

    return asyncio.run(main())


def dnsperf(wanted: Sequence[Question], in_flight: int) -> tuple[AnswerRate, None]:
    """Ask with the program, which counts the answers without reading their records."""
    with tempfile.NamedTemporaryFile("w", encoding="ascii") as file:
        file.write("".join(f"{name} {rtype}\n" for name, rtype in wanted))
        file.flush()
        before = _of_children()
        command = [DNSPERF, "-s", str(HERE), "-p", str(PORT), "-d", file.name, "-n", "1"]
        command += ["-e", "-q", str(in_flight), "-t", str(PATIENCE)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    answered, seconds = (_number(said, label) for label in ("Queries completed", "Run time (s)"))
    # it asks nothing again: what overflowed the server's buffer is not among its answers
    return AnswerRate(answered / seconds, (_of_children() - before) * 1_000 / answered), None


def _number(said: str, label: str) -> float:
    match = re.search(rf"{re.escape(label)}:\s+([\d.]+)", said)
    if match is None:
        raise SystemExit(f"dnsperf says nothing of '{label}'")
    return float(match[1])


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


Side = Callable[[Sequence[Question], int], tuple[AnswerRate, dict[Question, Records] | None]]
SIDES: dict[str, Side] = {"dnspython": peer, "engine": ours, "KernelNet": seam}
DNSPERF = shutil.which("dnsperf") or ""
GOALS = {"dnspython": GOAL}
if find_spec("aiodns"):
    SIDES["aiodns"], GOALS["aiodns"] = in_c, OF_AIODNS
if DNSPERF:
    SIDES["dnsperf"], GOALS["dnsperf"] = dnsperf, OF_DNSPERF


def compare(wanted: Sequence[Question], in_flight: int, rounds: int) -> dict[str, float]:
    """Prints one table; the median ratio of the engine to each peer. The sides take turns in each round."""
    rates: dict[str, list[AnswerRate]] = {name: [] for name in SIDES}
    for _ in range(rounds):
        answers = []
        for name, side in SIDES.items():
            rate, found = side(wanted, in_flight)
            rates[name].append(rate)
            if found is not None:
                answers.append(found)
        if any(answer != answers[0] for answer in answers):
            raise SystemExit("the answers differ")
    print(f"{len(wanted):,} questions, {in_flight:,} in flight, median of {rounds}")
    for name, all_of in rates.items():
        pairs = list(zip(all_of, rates["dnspython"], strict=True))
        ratio = statistics.median(side.per_second / base.per_second for side, base in pairs)
        cheaper = statistics.median(base.cpu / side.cpu for side, base in pairs)
        per_second, cpu = (
            statistics.median(getattr(side, field) for side in all_of) for field in ("per_second", "cpu")
        )
        print(
            f"  {name:10} {per_second:9,.0f} a second   {cpu:6.3f} ms CPU each   "
            f"{ratio:5.2f} x dnspython   {cheaper:5.2f} x by CPU"
        )
    return {
        name: statistics.median(
            rate.per_second / base.per_second for rate, base in zip(rates["engine"], all_of, strict=True)
        )
        for name, all_of in rates.items()
    }


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dns", description=__doc__)
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--in-flight", default="100,2000")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--strict", action="store_true", help="end with 1 where the goal is missed")
    options = parser.parse_args(arguments)
    wanted = questions(options.questions)
    collect_rarely()
    with server(options.questions):
        ratios = [compare(wanted, int(number), options.rounds) for number in options.in_flight.split(",")]
    least = {name: min(ratio[name] for ratio in ratios) for name in ratios[0]}
    goals = {f"at least {goal:g} x {name}": least[name] >= goal for name, goal in GOALS.items()}
    print("the engine answers " + ", ".join(f"{least[name]:.2f} x {name}" for name in GOALS))
    return verdict(goals, strict=options.strict)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

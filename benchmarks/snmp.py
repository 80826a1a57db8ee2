"""Compares SNMP through our network layer with the libraries alone: gets, version 3, walks, and pysnmp's linearity.

One Net-SNMP agent answers for all of 127.0.0.0/8 in a network namespace of this run's own (it answers from the address
that was asked). A get is sysObjectID and sysUpTime in one question with a session of its own; a walk is ifTable with
GETBULK 25. Peers ask the same questions in the same process, one after the other with ours; medians of the rounds.
Every answer is counted: a lost one is an error. Garbage is collected as seldom as in an audit, for every side.

    python -m benchmarks.snmp [--agents 5000] [--rounds 5] [--strict]
"""

import argparse
import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from ipaddress import IPv4Address, ip_network
from pathlib import Path

from gufo.snmp import Aes128Key, Sha256Key, User
from gufo.snmp.aio import SnmpSession as Bare
from gufo.snmp.user import KeyType

from auditor.service.garbage_collection import collect_rarely
from benchmarks.processes import verdict
from inventory.model import Endpoint
from inventory.scope import Scope
from probes.framework.limits import Limits
from probes.framework.profile import AUDIT, Pace
from probes.framework.recorder import Recorder
from probes.net.dns.hints import shipped_hints
from probes.net.dns.source import Source
from probes.net.kernel import KernelNet
from probes.net.setting import Setting
from probes.net.snmp.device import PROOF
from probes.net.snmp.profiles import Secret, SnmpProfile, SnmpSetting

AT_ONCE = 64
"""More overflow the receive buffer of one agent, and a lost datagram costs a timeout."""
TABLE = "1.3.6.1.2.1.2.2"
INTERFACES = 129
"""Of the namespace: 64 pairs and the loopback, each with as many columns as Net-SNMP fills in."""
COLUMNS = 22
ROWS = INTERFACES * COLUMNS
COMMUNITY, USER, AUTH, PRIV = "bench", "bench", "bench-auth-pass", "bench-priv-pass"
V2 = SnmpProfile(name="v2", version="2c", community=Secret(COMMUNITY))
V3 = SnmpProfile(
    name="v3", version="3", user=USER, auth="sha256", auth_key=Secret(AUTH), priv="aes128", priv_key=Secret(PRIV)
)
Measure = Callable[[], Coroutine[None, None, tuple[int, float]]]
"""Answers (or rows) and seconds."""


@contextmanager
def agent() -> Iterator[None]:
    """snmpd on every address of the loopback, with 129 interfaces to walk."""
    batch = "link set lo up\n" + "".join(f"link add p{n} type veth peer name q{n}\n" for n in range(64))
    subprocess.run(["ip", "-batch", "-"], input=batch, text=True, check=True)
    with tempfile.TemporaryDirectory() as place:
        conf = Path(place, "conf")
        conf.write_text(
            f"agentAddress udp:0.0.0.0:161\nrocommunity {COMMUNITY}\n"
            f"createUser {USER} SHA-256 {AUTH} AES {PRIV}\nrouser {USER} priv\ndontLogTCPWrappersConnects yes\n"
        )
        program = shutil.which("snmpd", path="/usr/sbin:/usr/bin") or "snmpd"
        env = {**os.environ, "SNMP_PERSISTENT_DIR": place, "MIBS": ""}
        command = [program, "-f", "-C", "-c", str(conf), "-Lf", "/dev/null", "-I", "-smux"]
        with subprocess.Popen(command, env=env) as process:
            time.sleep(1.5)
            try:
                yield
            finally:
                process.kill()


def agents(count: int) -> list[IPv4Address]:
    return [IPv4Address("127.1.0.1") + n for n in range(count)]


async def pool(work: Iterable[IPv4Address], function: Callable[[IPv4Address], Awaitable[int]]) -> tuple[int, float]:
    left, total = iter(work), 0

    async def worker() -> None:
        nonlocal total
        for address in left:
            count = await function(address)  # first: others add meanwhile
            total += count

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(worker())
    return total, time.perf_counter() - began


def bare(version: int) -> Callable[[str], Bare]:
    master = {"key_type": KeyType.Master}
    auth = Sha256Key(Sha256Key.get_master_key(AUTH.encode()), **master)
    priv = Aes128Key(Sha256Key.get_master_key(PRIV.encode()), **master)
    user = User(USER, auth_key=auth, priv_key=priv)
    return lambda text: Bare(text, user=user, timeout=3) if version == 3 else Bare(text, community=COMMUNITY, timeout=3)


def bare_gets(count: int, version: int = 2) -> Measure:
    made = bare(version)

    async def one(address: IPv4Address) -> int:
        session = made(str(address))
        await session.refresh()
        return len(await session.get_many(list(PROOF))) // len(PROOF)

    return lambda: pool(agents(count), one)


def bare_walks(count: int) -> Measure:
    made = bare(2)

    async def one(address: IPv4Address) -> int:
        return sum([1 async for _ in made(str(address)).getbulk(TABLE, 25)])

    return lambda: pool(agents(count), one)


def tool_walks(count: int) -> Measure:
    """snmpbulkwalk of Net-SNMP, four processes at a time."""

    async def measured() -> tuple[int, float]:
        return walk_by_tool(agents(count))

    return measured


def walk_by_tool(addresses: Sequence[IPv4Address]) -> tuple[int, float]:
    """Lines and seconds."""
    command = ["xargs", "-P4", "-L1", "snmpbulkwalk", "-v2c", "-c", COMMUNITY, "-Cr25", "-Onq"]
    listed = "".join(f"{address} {TABLE}\n" for address in addresses).encode()
    env = {**os.environ, "MIBS": ""}
    with tempfile.TemporaryFile() as lines:
        began = time.perf_counter()
        subprocess.run(command, input=listed, stdout=lines, stderr=subprocess.DEVNULL, env=env, check=True)
        seconds = time.perf_counter() - began
        lines.seek(0)
        return sum(1 for _ in lines), seconds


def our_net(engine: str) -> KernelNet:
    pace = Pace(packets_per_second=1e9, per_address_per_second=1e9, per_prefix_per_second=1e9)
    snmp = SnmpSetting(engine=engine, profiles={profile.name: profile for profile in (V2, V3)})
    scope = Scope(allow=(ip_network("127.0.0.0/8"),))
    limits = Limits(pace, clock=time.monotonic)
    return KernelNet(Setting(scope=scope, limits=limits, timing=AUDIT, names=Source(hints=shipped_hints()), snmp=snmp))


def our_gets(count: int, profile: str = "v2", engine: str = "gufo") -> Measure:
    async def measured() -> tuple[int, float]:
        async with our_net(engine) as net:

            async def one(address: IPv4Address) -> int:
                rec = Recorder(time.monotonic)
                async with net.snmp(rec, Endpoint(address=address), (profile,), device=str(address)) as device:
                    return int(device is not None)

            return await pool(agents(count), one)

    return measured


def our_walks(count: int) -> Measure:
    async def measured() -> tuple[int, float]:
        async with our_net("gufo") as net:

            async def one(address: IPv4Address) -> int:
                rec = Recorder(time.monotonic)
                async with net.snmp(rec, Endpoint(address=address), ("v2",), device=str(address)) as device:
                    return 0 if device is None else len((await device.walk(rec, TABLE)).rows)

            return await pool(agents(count), one)

    return measured


def rate(name: str, measures: dict[str, Measure], rounds: int, expected: int | None = None) -> dict[str, float]:
    """Medians of answers a second; each round asks all, one after the other."""
    rates: dict[str, list[float]] = {who: [] for who in measures}
    for _ in range(rounds):
        for who, measure in measures.items():
            count, seconds = asyncio.run(measure())
            if expected is not None and count != expected:
                raise SystemExit(f"{name}, {who}: {count} answers of {expected}")
            rates[who].append(count / seconds)
    found = {who: statistics.median(each) for who, each in rates.items()}
    print(f"{name:28}" + "   ".join(f"{who} {value:10,.0f}/s" for who, value in found.items()))
    return found


def inside(options: argparse.Namespace) -> int:
    many, some, rounds = options.agents, max(options.agents // 10, 1), options.rounds
    collect_rarely()
    with agent():
        gets = rate(f"get v2c, {many} agents", {"bare gufo": bare_gets(many), "ours": our_gets(many)}, rounds, many)
        few = rate(f"get v2c, {some} agents", {"ours": our_gets(some)}, rounds, some)
        third = {"bare gufo": bare_gets(1_000, 3), "ours": our_gets(1_000, "v3")}
        users = rate("get v3 authPriv, 1,000", third, rounds, 1_000)
        slow = rate("get v3 authPriv, pysnmp", {"pysnmp": our_gets(100, "v3", "pysnmp")}, 1, 100)
        walkers = {"bare gufo": bare_walks(50), "snmpbulkwalk x 4": tool_walks(50), "ours": our_walks(50)}
        walks = rate("walk v2c, 50 agents, rows", walkers, rounds, 50 * ROWS)
        linear = {n: rate(f"get v2c, pysnmp, {n}", {"ours": our_gets(n, engine="pysnmp")}, 1, n) for n in (200, 2_000)}
    ratios = {
        ("v2c get of bare gufo", 0.8): gets["ours"] / gets["bare gufo"],
        (f"v2c get at {many} of the rate at {some}", 0.8): gets["ours"] / few["ours"],
        ("v3 get of bare gufo with master keys", 0.7): users["ours"] / users["bare gufo"],
        ("v3 get of pysnmp", 10.0): users["ours"] / slow["pysnmp"],
        ("walk of bare gufo", 0.95): walks["ours"] / walks["bare gufo"],
        ("walk of snmpbulkwalk, 4 processes", 0.8): walks["ours"] / walks["snmpbulkwalk x 4"],
        ("pysnmp at 2,000 agents of its rate at 200", 0.8): linear[2_000]["ours"] / linear[200]["ours"],
    }
    for (name, goal), ratio in ratios.items():
        print(f"{name:42} {ratio:6.2f}   goal ≥ {goal}")
    return verdict({name: ratio >= goal for (name, goal), ratio in ratios.items()}, strict=options.strict)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.snmp", description=__doc__)
    parser.add_argument("--agents", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--strict", action="store_true", help="end with 1 where a goal is missed")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.inside:
        return inside(options)
    again = [sys.executable, "-P", "-m", "benchmarks.snmp", "--inside", *arguments]
    return subprocess.run(["unshare", "--net", "--pid", "--fork", "--kill-child", *again], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

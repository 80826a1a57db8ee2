"""Compares HTTPS checks (handshake, certificate, GET) with asyncio and ssl alone, and with aiohttp.

The server is one nginx on loopback with an ECDSA key. Each side makes the same number of checks with the same number
under way, and takes status and certificate from each, aiohttp the status alone; a check without them is an error.
Ours is what the probe ``http`` does for an endpoint behind ``KernelNet``, with scope, admission and recorded
observations: one connection whose handshake and whole chain are kept, and the page over it. ``handshake`` is the probe
``tls`` by itself. Garbage is collected on each side as seldom as in an audit.

    python -m benchmarks.https [--checks 1000] [--at-once 50] [--rounds 5] [--strict]
"""

import argparse
import asyncio
import shutil
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network
from pathlib import Path

import aiohttp

from auditor.service.garbage_collection import collect_rarely
from inventory.model import Endpoint
from inventory.scope import Scope
from probes.framework.profile import QUICK
from probes.framework.recorder import Recorder
from probes.net.api import HttpRequest
from probes.net.dns.hints import shipped_hints
from probes.net.dns.source import Source
from probes.net.http.visit import visit_https
from probes.net.kernel import KernelNet
from probes.net.setting import Setting
from probes.observations.web import TlsHandshake
from probes.tls import shake_hands

OF_BARE, OF_AIOHTTP = 0.9, 1.1
HERE, PORT, NAME = IPv6Address("::1"), 20_445, "www.example.vn"
PAGE = b"hello\n"
Check = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class CheckRate:
    """Checks a second, and processor milliseconds for each."""

    per_second: float
    cpu: float


class _Unlimited:
    async def admit(self, address: object, packets: int = 1) -> None:
        return None

    def delay(self, address: object, packets: int = 1) -> float:
        return 0.0


@contextmanager
def server() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={NAME}"]
        made = ["-keyout", f"{place}/key", "-out", f"{place}/pem", "-days", "2"]
        subprocess.run(["openssl", "req", "-x509", *key, *made], check=True, stderr=subprocess.DEVNULL)
        (place / "index.html").write_bytes(PAGE)
        temporary = " ".join(f"{kind}_temp_path {place}/{kind};" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
        (place / "conf").write_text(
            f"daemon off; master_process off; user root root; pid {place}/pid; error_log {place}/log;"
            f"events {{ worker_connections 4000; }} http {{ access_log off; client_body_temp_path {place}/body;"
            f"{temporary} server {{ listen [::1]:{PORT} ssl backlog=4000; root {place};"
            f"ssl_certificate {place}/pem; ssl_certificate_key {place}/key; }} }}"
        )
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin") or "nginx"
        with subprocess.Popen([program, "-c", f"{place}/conf", "-e", f"{place}/log"], stderr=-3) as process:
            time.sleep(0.5)
            try:
                yield
            finally:
                process.terminate()


def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def _bare(run: Callable[[Check], Awaitable[CheckRate]]) -> CheckRate:
    context = _context()

    async def check() -> None:
        reader, writer = await asyncio.open_connection(str(HERE), PORT, ssl=context, server_hostname=NAME)
        inner = writer.get_extra_info("ssl_object")
        writer.write(f"GET / HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        if not inner.getpeercert(True) or not answer.startswith(b"HTTP/1.1 200") or not answer.endswith(PAGE):
            raise SystemExit("asyncio: a check without its answer")

    return await run(check)


async def _aiohttp(run: Callable[[Check], Awaitable[CheckRate]]) -> CheckRate:
    connector = aiohttp.TCPConnector(force_close=True, limit=0, ssl=_context())
    async with aiohttp.ClientSession(connector=connector) as session:

        async def check() -> None:
            url, headers = f"https://[{HERE}]:{PORT}/", {"Host": NAME}
            async with session.get(url, headers=headers, server_hostname=NAME) as response:
                body = await response.read()
            if response.status != 200 or body != PAGE:
                raise SystemExit("aiohttp: a check without its answer")

        return await run(check)


def _setting() -> Setting:
    scope = Scope(allow=(IPv6Network("::1/128"),))
    return Setting(scope=scope, limits=_Unlimited(), timing=QUICK, names=Source(hints=shipped_hints()))


async def _whole(run: Callable[[Check], Awaitable[CheckRate]]) -> CheckRate:
    endpoint = Endpoint(address=HERE, port=PORT, name=NAME)
    async with KernelNet(_setting()) as net:

        async def check() -> None:
            rec = Recorder(time.monotonic)
            got = await visit_https(net, rec, HttpRequest(endpoint=endpoint, url=f"https://{NAME}:{PORT}/"))
            (done,) = (step for step in rec.steps if isinstance(step, TlsHandshake))
            if not done.chain or got.status != 200:
                raise SystemExit(f"ours: a check without its answer: {done.failure} {got.failure}")

        return await run(check)


async def _handshake(run: Callable[[Check], Awaitable[CheckRate]]) -> CheckRate:
    endpoint = Endpoint(address=HERE, port=PORT, name=NAME)
    async with KernelNet(_setting()) as net:

        async def check() -> None:
            done = await shake_hands(net, Recorder(time.monotonic), endpoint, protocol="https")
            if not done.chain:
                raise SystemExit(f"ours: a handshake without its certificate: {done.failure}")

        return await run(check)


BARE, AIOHTTP = "asyncio+ssl", "aiohttp"
SIDES = {BARE: _bare, AIOHTTP: _aiohttp, "ours": _whole, "handshake": _handshake}


def measured(name: str, count: int, at_once: int) -> CheckRate:
    """``count`` checks of one side by ``at_once`` workers."""

    async def run(check: Check) -> CheckRate:
        left = iter(range(count))

        async def work() -> None:
            for _ in left:
                await check()

        began, before = time.perf_counter(), time.process_time()
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(work())
        wall, cpu = time.perf_counter() - began, time.process_time() - before
        return CheckRate(count / wall, cpu * 1_000 / count)

    return asyncio.run(SIDES[name](run))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.https", description=__doc__)
    parser.add_argument("--checks", type=int, default=1_000)
    parser.add_argument("--at-once", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--strict", action="store_true", help="end with 1 where a goal is missed")
    options = parser.parse_args(arguments)
    collect_rarely()
    rates: dict[str, list[CheckRate]] = {name: [] for name in SIDES}
    with server():
        for _ in range(options.rounds):
            for name in SIDES:
                rates[name].append(measured(name, options.checks, options.at_once))
    print(f"{options.checks:,} checks, {options.at_once} at once, median of {options.rounds}")
    for name, all_of in rates.items():
        per_second, cpu = (
            statistics.median(getattr(check_rate, field) for check_rate in all_of) for field in ("per_second", "cpu")
        )
        told = ", ".join(f"{_ratio(rates, name, base):.2f} x {base}" for base in (BARE, AIOHTTP))
        told += f" (CPU {_ratio(rates, BARE, name, 'cpu'):.2f} x, {_ratio(rates, AIOHTTP, name, 'cpu'):.2f} x)"
        print(f"  {name:12} {per_second:7,.0f} a second   {cpu:6.2f} ms CPU each   {told}")
    bare, other = (_ratio(rates, "ours", base) for base in (BARE, AIOHTTP))
    good = bare >= OF_BARE and other >= OF_AIOHTTP
    print(f"goals: {OF_BARE:g} x {BARE}, {OF_AIOHTTP:g} x {AIOHTTP}: {'met' if good else 'missed'}")
    return 0 if good or not options.strict else 1


def _ratio(rates: dict[str, list[CheckRate]], name: str, base: str, field: str = "per_second") -> float:
    pairs = zip(rates[name], rates[base], strict=True)
    values: list[float] = [getattr(check_rate, field) / getattr(peer, field) for check_rate, peer in pairs]
    return statistics.median(values)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

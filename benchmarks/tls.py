"""Compares a full TLS enumeration of one host with sslyze and, where installed, with nmap and testssl.sh.

sslyze stays outside: a Python of another environment that has it is named with --sslyze (`python -m venv DIR`, then
`DIR/bin/pip install sslyze`). All look at one nginx on loopback. The CPU is that of the scan alone,
without starting Python and importing; suites are compared, and a difference is an error, because a fast
wrong answer is worth nothing. Goals: scanning takes at most a quarter of sslyze's CPU (a half is a must), and at most
0.02 of the time of testssl.sh, which is run once: it takes about a minute.

    python -m benchmarks.tls --sslyze DIR/bin/python [--rounds 5] [--strict]
"""

import argparse
import asyncio
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address
from pathlib import Path

from probes.net.core.tcp import Connector
from probes.net.tls.client_hello import Hellos, HelloTarget
from probes.net.tls.enumeration import Enumeration
from probes.net.tls.scan_gate import Gates, Inquiry
from probes.net.tls.starttls import PROLOGUES
from probes.observations.tls import TlsSupport

GOAL, WALL = 0.25, 0.02
HERE, NAME = IPv6Address("::1"), "www.example.vn"
_SSLYZE = """
import json, resource, sys, time
from sslyze import Scanner, ScanCommand, ServerNetworkConfiguration, ServerNetworkLocation, ServerScanRequest
from sslyze import ProtocolWithOpportunisticTlsEnum
versions = ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1", "tls_1_2", "tls_1_3")
more = ("elliptic_curves", "tls_compression", "tls_extended_master_secret", "tls_1_3_early_data", "tls_fallback_scsv")
port, name = int(sys.argv[1]), sys.argv[2]
wall, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
scanner = Scanner()
scanner.queue_scans([ServerScanRequest(
    server_location=ServerNetworkLocation(hostname=name, port=port, ip_address="::1"),
    network_configuration=ServerNetworkConfiguration(tls_server_name_indication=name),
    scan_commands={ScanCommand(v + "_cipher_suites") for v in versions} | {ScanCommand(m) for m in more},
)])
[done] = scanner.get_results()
after = resource.getrusage(resource.RUSAGE_SELF)
cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
found = [getattr(done.scan_result, v + "_cipher_suites").result.accepted_cipher_suites for v in versions]
suites = [sorted(one.cipher_suite.name for one in accepted) for accepted in found]
print(json.dumps({"wall": time.perf_counter() - wall, "cpu": cpu, "suites": suites}))
"""
_VERSIONS = ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")
Suites = list[list[str]]


@dataclass(frozen=True, slots=True)
class ScanCost:
    """Seconds of one scan: by the clock, and of the processor."""

    wall: float
    cpu: float


@contextmanager
def server(port: int) -> Iterator[None]:
    """nginx as Debian sets it up: TLS 1.2 and 1.3 with everything that OpenSSL calls good enough, an RSA key."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        made = ["-keyout", f"{place}/key", "-out", f"{place}/pem", "-days", "2", "-subj", f"/CN={NAME}"]
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *made], check=True, stderr=subprocess.DEVNULL
        )
        temporary = " ".join(f"{kind}_temp_path {place}/{kind};" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
        (place / "conf").write_text(
            f"daemon off; master_process off; pid {place}/pid; error_log {place}/log; events {{}} http {{"
            f"access_log off; client_body_temp_path {place}/body; {temporary} server {{ listen [::1]:{port} ssl;"
            f"ssl_certificate {place}/pem; ssl_certificate_key {place}/key; }} }}"
        )
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin") or "nginx"
        with subprocess.Popen(
            [program, "-c", f"{place}/conf", "-e", f"{place}/log"], stderr=subprocess.DEVNULL
        ) as process:
            time.sleep(0.5)
            try:
                yield
            finally:
                process.terminate()


def ours(port: int) -> tuple[ScanCost, Suites]:
    """Scan in this process, like a probe."""

    async def scan() -> TlsSupport:
        inquiry = Inquiry(Hellos(Connector(2.0), 5.0), HelloTarget(HERE, port, PROLOGUES["https"]), Gates().of(HERE))
        return await Enumeration(inquiry, NAME).run(TlsSupport(address=HERE, port=port, server_name=NAME))

    began, before = time.perf_counter(), time.process_time()
    support = asyncio.run(scan())
    cost = ScanCost(time.perf_counter() - began, time.process_time() - before)
    by_version = {version.version: sorted(version.suites) for version in support.versions}
    return cost, [by_version[name] for name in _VERSIONS]


def theirs(python: str, port: int) -> tuple[ScanCost, Suites]:
    """sslyze's own time and CPU, measured inside its process after its imports."""
    done = subprocess.run([python, "-c", _SSLYZE, str(port), NAME], check=True, capture_output=True, text=True)
    told = json.loads(done.stdout.splitlines()[-1])
    return ScanCost(told["wall"], told["cpu"]), told["suites"]


def nmaps(program: str, port: int) -> ScanCost:
    """nmap's ssl-enum-ciphers: versions and suites alone; starting it is in its figure."""
    return _run([program, "-6", "-Pn", "-n", "-p", str(port), "--script", "ssl-enum-ciphers", "::1"])


def testssl(program: str, port: int) -> ScanCost:
    """Run all default tests of testssl.sh."""
    return _run([program, "--warnings", "batch", "--nodns", "none", "-6", "--ip=::1", f"{NAME}:{port}"])


def _run(command: list[str]) -> ScanCost:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(command, check=False, capture_output=True, stdin=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return ScanCost(time.perf_counter() - began, cpu)


def median(costs: list[ScanCost]) -> ScanCost:
    return ScanCost(statistics.median(cost.wall for cost in costs), statistics.median(cost.cpu for cost in costs))


def show(name: str, cost: ScanCost, own: ScanCost) -> None:
    ratio = f"ours is {own.cpu / cost.cpu:.3f} of its CPU, {own.wall / cost.wall:.3f} of its wall"
    print(f"{name:8} wall {1000 * cost.wall:8.1f} ms   CPU {1000 * cost.cpu:8.1f} ms   {ratio}")


def rounds(count: int, scan: Callable[[], tuple[ScanCost, Suites]]) -> tuple[ScanCost, Suites]:
    done = [scan() for _ in range(count)]
    return median([cost for cost, _ in done]), done[-1][1]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tls", description=__doc__)
    parser.add_argument("--sslyze", metavar="PYTHON", help="a Python that has sslyze")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--port", type=int, default=20443)
    parser.add_argument("--strict", action="store_true", help="end with 1 where the goal is missed")
    options = parser.parse_args(arguments)
    good = True
    with server(options.port):
        own, suites = rounds(options.rounds, lambda: ours(options.port))
        show("ours", own, own)
        if options.sslyze:
            peer, listed = rounds(options.rounds, lambda: theirs(options.sslyze, options.port))
            show("sslyze", peer, own)
            print(f"suites: {[len(suite) for suite in suites]}, {'the same' if listed == suites else f'not {listed}'}")
            good = listed == suites and own.cpu <= GOAL * peer.cpu
        nmap = shutil.which("nmap")
        if nmap:
            show("nmap", median([nmaps(nmap, options.port) for _ in range(options.rounds)]), own)
        script = shutil.which("testssl")
        if script:
            by_script = testssl(script, options.port)
            show("testssl", by_script, own)
            good = good and own.wall <= WALL * by_script.wall
    print(
        f"goals: at most {GOAL} of sslyze's CPU and the same suites, at most {WALL} of testssl.sh's wall:"
        f" {'met' if good else 'missed'}"
    )
    return 0 if good or not options.strict else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Runs benchmarks one after another, each beside its peers, and writes one table of their figures.

The table has the machine, the versions of the peers, what each benchmark printed, and whether its goals are met.

Names leave out the others; without any, all are run that need nothing else than this machine has. One that ends badly
stands in the table with what it printed last.

    python -m benchmarks.run [--out table.md] [--quick] [--sslyze DIR/bin/python] [NAME…]
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.processes import ENVIRONMENT, SOURCE

QUICK: Mapping[str, Sequence[str]] = {
    "audit": ("--subjects", "50", "100", "200", "--rounds", "1"),
    "centre": ("--subjects", "300"),
    "crawl": ("--subjects", "500", "--findings", "20"),
    "dns": ("--questions", "2000", "--rounds", "3"),
    "echo": ("--targets", "10000", "--rounds", "3"),
    "federation": ("--provinces", "3", "--defects", "1000"),
    "formats": ("--subjects", "300", "--rounds", "1"),
    "host": ("--places", "0"),
    "https": ("--checks", "300", "--rounds", "3"),
    "inventory": ("--rows", "10000"),
    "pages": ("--subjects", "2000", "--seconds", "2", "--rounds", "1"),
    "ports": ("--hosts", "200", "--rounds", "3"),
    "province": ("--rounds", "1"),
    "report": ("--subjects", "1000", "--rounds", "3"),
    "routing": ("--rounds", "1"),
    "sampling": ("--points", "300"),
    "service": ("--names", "40", "--rounds", "1"),
    "snmp": ("--agents", "500", "--rounds", "3"),
    "start": ("--rounds", "3"),
    "storage": ("--findings", "20000", "--rounds", "3"),
    "stored_run": ("--subjects", "50", "--rounds", "1"),
    "tls": ("--rounds", "3"),
    "unreachable": ("--subjects", "100", "200", "--concurrency", "100"),
    "workers": ("--subjects", "30", "--workers", "1,2"),
}
"""Every benchmark, and the smaller sizes of ``--quick``."""
PEERS = ("fping", "nmap", "knotd", "nginx", "snmpd", "snmpbulkwalk", "testssl", "swaks", "dig", "curl")
LIBRARIES = ("aiohttp", "dnspython", "gufo-snmp", "pysnmp", "aiodns", "icmplib", "jinja2")
_VERSION = {"fping": "-v", "nginx": "-v", "snmpd": "-v", "snmpbulkwalk": "-V", "dig": "-v"}
_PATHS = "/usr/sbin:/usr/bin:/usr/local/bin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Holds the output of one benchmark. A missed goal changes its exit status, as a failure does."""

    name: str
    code: int
    lines: Sequence[str]

    @property
    def state(self) -> str:
        if self.code == 0:
            return "met"
        return "missed" if any(line.startswith("goals:") for line in self.lines) else "failed"


def main(arguments: list[str]) -> int:
    """Run the named benchmarks, and write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(QUICK))
    parser.add_argument("--out", type=Path, help="a file for the table, besides standard output")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, which show less")
    parser.add_argument("--sslyze", metavar="PYTHON", help="a Python that has sslyze, the peer of tls")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(QUICK):
        parser.error(f"no benchmark: {', '.join(sorted(unknown))}")
    ended: list[Ended] = []
    for name in options.names or QUICK:
        peer = ("--sslyze", options.sslyze) if name == "tls" and options.sslyze else ()
        ended.append(run(name, (*(QUICK[name] if options.quick else ()), *peer)))
        print(f"{name}: {ended[-1].state}", file=sys.stderr, flush=True)
        if options.out is not None:  # after each: an hour of figures is not lost with the one that is stopped
            options.out.write_text("\n".join(table(ended)) + "\n", "utf-8")
    print(*table(ended), sep="\n")
    return max((one.code for one in ended), default=0)


def run(name: str, words: Sequence[str]) -> Ended:
    """Run one benchmark in a process of its own; those without goals have no ``--strict``."""
    strict = () if name in ("federation", "workers") else ("--strict",)
    argv = [sys.executable, "-P", "-m", f"benchmarks.{name}", *words, *strict]
    done = subprocess.run(
        argv, cwd=SOURCE, env={**os.environ, **ENVIRONMENT}, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    shown = done.stdout if done.stdout.strip() else done.stderr[-1_000:]
    return Ended(name=name, code=done.returncode, lines=shown.strip().splitlines())


def table(ended: Sequence[Ended]) -> Iterator[str]:
    """Yield the machine, then a row for each benchmark."""
    yield f"Machine: {_processor()}, {os.cpu_count()} processors, {_memory_gb():.0f} GB, {platform.platform()}"
    yield f"Python {platform.python_version()}; " + ", ".join(_versions())
    yield ""
    yield "| benchmark | goals | measured |"
    yield "|---|---|---|"
    for one in ended:
        measured = "<br>".join(line.strip().replace("|", "\\|") for line in one.lines)
        yield f"| {one.name} | {one.state} | {measured} |"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8", errors="replace").splitlines()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown processor"
    )


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _versions() -> Iterator[str]:
    for name in LIBRARIES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"{name} missing"
    for name in PEERS:
        program = shutil.which(name, path=_PATHS)
        yield f"{name} missing" if program is None else _of_program(name, program)


def _of_program(name: str, program: str) -> str:
    done = subprocess.run([program, _VERSION.get(name, "--version")], capture_output=True, text=True, check=False)
    words = f"{done.stdout} {done.stderr}".split()
    found = next((word for word in words if any(character.isdigit() for character in word) and "." in word), "")
    return f"{name} {found.strip('(),;')}" if found else name


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

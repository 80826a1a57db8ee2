"""Makes network namespaces; runs only inside the private mount, process and network namespaces."""

import ctypes
import os
import subprocess
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from containers.rehearsal.addressing import Seat
from containers.rehearsal.packages import find
from containers.rehearsal.topology import SITES, NamespaceSite, namespace_commands, site_commands, sysctls

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def build(seats: Iterable[Seat], rules: Callable[[NamespaceSite], str]) -> None:
    """Make every namespace with its links, addresses, routes, kernel settings and packet filter."""
    every = tuple(seats)
    batch("", namespace_commands())
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda site: _furnish(site, every, rules(site)), SITES))


def enter(name: str) -> None:
    """Move the calling thread into a named network namespace (os.setns exists from Python 3.12 only)."""
    descriptor = os.open(f"/run/netns/{name}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _libc.setns(descriptor, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"cannot enter the namespace {name}")
    finally:
        os.close(descriptor)


def _furnish(site: NamespaceSite, seats: tuple[Seat, ...], rules: str) -> None:
    write_settings(site.name, sysctls(site))
    batch(site.name, site_commands(site, seats))
    if rules:
        command = [find("ip") or "ip", "netns", "exec", site.name, find("nft") or "nft", "-f", "-"]
        _run(command, rules)


def write_settings(name: str, settings: Iterable[tuple[str, str]]) -> None:
    """Write the kernel settings of a namespace from inside: /proc/sys/net shows the namespace of the reader.

    The pool's threads are moved permanently; they only do this and start processes that name their own namespace.
    """
    enter(name)
    for key, value in settings:
        path = Path("/proc/sys", key)
        if path.exists():
            path.write_text(value, "ascii")


def batch(name: str, commands: Iterable[str]) -> None:
    """Run `ip` commands in a namespace, or in this one."""
    where = ["-n", name] if name else []
    _run([find("ip") or "ip", *where, "-batch", "-"], "\n".join(commands) + "\n")


def _run(command: list[str], text: str) -> None:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")

"""Gives a test a network namespace of its own, with only loopback and the interfaces that the test adds.

A thread moves itself into a new namespace and runs an event loop there; its sockets and the programs it starts live in
it, and it is gone with the thread. Needs CAP_SYS_ADMIN.
"""

import asyncio
import ctypes
import json
import os
import socket
import subprocess
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)

T = TypeVar("T")
_AS_USUAL = "ip link set lo up\nsysctl -qw net.ipv4.ping_group_range='0 2147483647'\n"
"""Echo is for every user, as systemd sets it on most machines."""


def run(setup: str, main: Callable[[], Awaitable[T]]) -> T:
    """Run ``main`` in a new namespace after the shell commands of ``setup``; its exceptions are raised here."""
    results: list[T] = []
    problems: list[BaseException] = []

    def inside() -> None:
        try:
            _enter_new(setup)
            results.append(asyncio.run(_checked(main)))
        except BaseException as problem:
            problems.append(problem)

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    if problems:
        raise problems[0]
    return results[0]


@contextmanager
def entered(setup: str) -> Iterator[None]:
    """Keep this thread, and the threads and programs that it starts, in a new namespace."""
    with open("/proc/thread-self/ns/net", "rb") as before:
        try:
            _enter_new(setup)
            yield
        finally:
            if _libc.setns(before.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "cannot return to the network namespace of before")


def _enter_new(setup: str) -> None:
    if _libc.unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "no network namespace of our own: these tests need root")
    subprocess.run(["sh", "-e", "-c", _AS_USUAL + setup], check=True)
    settle()


def settle() -> None:
    """Wait until each address of the loopback reaches itself: on a busy machine one just added may not, for a moment.
    What a test filters is waited for in vain, for a second."""
    shown = subprocess.run(["ip", "-j", "addr", "show", "dev", "lo"], check=True, capture_output=True).stdout
    for load in json.loads(shown)[0]["addr_info"]:
        family = socket.AF_INET if load["family"] == "inet" else socket.AF_INET6
        with socket.create_server((load["local"], 9), family=family):
            for _ in range(10):
                with suppress(OSError), socket.create_connection((load["local"], 9), timeout=0.1):
                    break


async def _checked(main: Callable[[], Awaitable[T]]) -> T:
    """Run ``main`` and assert that it leaves no socket open."""
    before = open_sockets()
    result = await main()
    await asyncio.sleep(0)
    left = open_sockets() - before
    assert not left, f"left open: {left}"
    return result


def open_sockets() -> set[str]:
    targets = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{name}")
        except OSError:
            continue
        if target.startswith("socket:"):
            targets.add(target)
    return targets

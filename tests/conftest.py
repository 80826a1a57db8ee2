"""Keeps unit, golden, fuzz and architecture tests off the network and off the wall clock.

Sockets are refused by an audit hook rather than by replacing names in `socket`: the hook also sees `from socket import
socket`, asyncio's own sockets and name resolution in C. Unix sockets stay allowed, asyncio's self-pipe is one. What the
hook raises is pytest's own failure, a BaseException: no `except OSError` under test can take it for a network fault.

Integration and browser tests (by their folder) have neither guard.
"""

import gc
import os
import socket
import sys
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import time_machine
import urllib3.util.connection  # noqa: F401 -- it asks for a socket when it is imported, which no test may
from hypothesis import HealthCheck, settings

from tests.support.postgresql import Server, running
from tests.support.ready import Ready

# For a format that no schema under test has, jsonschema would build a grammar for a second as it is loaded.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

# A busy machine is no defect of what is tested; and what passed yesterday passes today where nothing was changed.
_SAME = "AUDITOR_EXPLORE" not in os.environ
settings.register_profile("steady", deadline=None, derandomize=_SAME, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

FROZEN_NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)  # a Monday, 08:30 in Hanoi

_EXEMPT = frozenset({"integration", "browser"})
_RESOLVING = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"})
_WATCHED = _RESOLVING | {"socket.__new__"}
_TESTS = Path(__file__).resolve().parent

_blocked = False


def _refuse_network(event: str, args: tuple[object, ...]) -> None:
    if not _blocked or event not in _WATCHED:  # called for whatever Python does, even as it ends
        return
    if event in _RESOLVING:
        pytest.fail(f"{event}{args}: name resolution in a test without network")
    if args[1] not in (socket.AF_UNIX, -1):  # -1: wraps a descriptor that is open already
        pytest.fail(f"a socket of family {args[1]} in a test without network")


sys.addaudithook(_refuse_network)  # hooks cannot be removed: this one is switched by _blocked


@cache
def _is_exempt(path: Path) -> bool:
    return path.relative_to(_TESTS).parts[0] in _EXEMPT


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Tests stay until the end: the garbage collector looks at none of them, neither while they are found nor after,
    and as seldom at what they make as in a program that judges."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000, 20, 50)
        gc.enable()


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest) -> Iterator[None]:
    global _blocked
    _blocked = not _is_exempt(request.node.path)
    yield
    _blocked = False


@pytest.fixture(autouse=True)
def _frozen_clock(request: pytest.FixtureRequest) -> Iterator[None]:
    """`time.time` and every "now" of datetime stand still, at another moment where a test is marked with ``clock``; the
    monotonic clocks and asyncio's timers run."""
    if _is_exempt(request.node.path) or request.node.get_closest_marker("real_clock"):
        yield
        return
    moment = request.node.get_closest_marker("clock")
    with time_machine.travel(FROZEN_NOW if moment is None else moment.args[0], tick=False):
        yield


@pytest.fixture(autouse=True, scope="session")
def _cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True, scope="session")
def _privileges_are_kept() -> Iterator[None]:
    """One test that gives up the capabilities of this process would fail those behind it, far from the cause."""
    before = _capabilities()
    yield
    assert _capabilities() == before, "a test gave up capabilities of the whole run"


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of PostgreSQL, started for the first test that asks."""
    with running() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))  # files beside its databases
        yield server


@pytest.fixture(scope="session")
def program() -> Iterator[Ready]:
    """The auditor in this network, imported for the first test that asks."""
    with Ready.here() as ready:
        yield ready


def _capabilities() -> list[str]:
    status = Path("/proc/self/status").read_text("ascii")
    return [line for line in status.splitlines() if line.startswith("Cap")]

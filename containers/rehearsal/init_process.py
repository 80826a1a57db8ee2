"""Runs as the first process inside the private namespaces: builds the network, starts the daemons, ends them together.

It is process 1 of its process namespace, so when it ends the kernel ends everything else in there. It ends when its
standard input is closed or when the process that started it is gone, however that came about: the pipe alone would not
do, because a forked child of the starter could keep it open.

It exchanges lines with its starter: writes `built` when the namespaces exist, starts the daemons when it reads `go`,
writes `ready`, or `failed: why`.
"""

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from containers.rehearsal import accounts, namespaces, readiness
from containers.rehearsal.daemons import Daemon
from containers.rehearsal.packages import SEARCH_PATH, find
from containers.rehearsal.province import PROVINCE
from containers.rehearsal.routers import router_sites
from containers.rehearsal.workspace import Workspace

SECONDS_TO_READY = 600.0


def main(directory: str, starter: str, mortal: str, world: str) -> None:
    """Run until let go. `starter` is a process descriptor; a `mortal` directory is removed at the end; `world` is the
    module that says what to build, to start and to wait for."""
    space = Workspace(Path(directory))
    try:
        _live(space, int(starter), world)
    except Exception as problem:  # the starter turns it into one exception of its own
        print(f"failed: {problem}", flush=True)
        raise
    finally:
        _end(space.dir if mortal == "mortal" else None)


def _live(space: Workspace, starter: int, name: str) -> None:
    os.environ["PATH"] = SEARCH_PATH
    world = import_module(name)
    _private_run(space)
    _no_routers_of_others()
    world.build()
    print("built", flush=True)
    if not _told_to_go(starter):
        return
    _see_resolver(space)
    started = [(daemon, _start(daemon, space)) for daemon in world.daemons(space)]
    running = {daemon.name: process for daemon, process in started if daemon.awaited}
    namespaces.enter("vantage")
    deadline = time.monotonic() + SECONDS_TO_READY
    readiness.wait(world.questions(), deadline, lambda: _all_alive(running, space))
    print("ready", flush=True)
    _hold(starter)


def _private_run(space: Workspace) -> None:
    """Mount an own /run, so that namespace names and daemons' files collide with no others."""
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    Path("/run/netns").mkdir()
    for name in ("sshd", "lldpd", "frr", *(f"frr/{site}" for site in router_sites(PROVINCE))):
        Path("/run", name).mkdir()
    (space.dir / "group").write_text(accounts.groups(), "utf-8")
    _mount("--bind", str(space.dir / "group"), "/etc/group")


def _no_routers_of_others() -> None:
    """Hide /etc/frr: FRR's mgmtd always reads it, and it would hold the machine's own routing, if any."""
    if Path("/etc/frr").is_dir():
        _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/etc/frr")


def _see_resolver(space: Workspace) -> None:
    """Ordinary clients inside (curl, say) resolve through the rehearsal's resolver."""
    target = Path("/etc/resolv.conf").resolve()
    if not target.exists() and target.is_relative_to("/run"):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    _mount("--bind", str(space.resolv_conf), str(target))


def _mount(*arguments: str) -> None:
    done = subprocess.run([find("mount") or "mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"mount {' '.join(arguments)}: {done.stderr.strip()}")


def _start(daemon: Daemon, space: Workspace) -> subprocess.Popen[bytes]:
    command = [find("ip") or "ip", "netns", "exec", daemon.site, *daemon.command]
    with (space.logs / f"{daemon.name}.log").open("wb") as log:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=space.work(daemon.name)
        )


def _all_alive(running: dict[str, subprocess.Popen[bytes]], space: Workspace) -> None:
    for name, process in running.items():
        if process.poll() is not None:
            tail = (space.logs / f"{name}.log").read_text("utf-8", "replace").strip().splitlines()[-5:]
            raise RuntimeError(f"{name} ended with {process.returncode}: {' | '.join(tail)}")


def _told_to_go(starter: int) -> bool:
    poll = _leash(starter)
    events = dict(poll.poll())
    return starter not in events and bool(sys.stdin.readline())


def _hold(starter: int) -> None:
    """Wait for the end; meanwhile reap processes orphaned to process 1, and note them."""
    poll = _leash(starter)
    while not poll.poll(1000):
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                print(f"process {ended[0]} ended with {ended[1]}", file=sys.stderr, flush=True)


def _leash(starter: int) -> select.poll:
    poll = select.poll()
    poll.register(sys.stdin.fileno(), select.POLLIN | select.POLLHUP)
    poll.register(starter, select.POLLIN)
    return poll


def _end(directory: Path | None) -> None:
    with suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    if directory:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

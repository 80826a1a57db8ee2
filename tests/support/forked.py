"""Runs the auditor as a process of its own that starts at once: a fork of one that has everything imported.

A hundred audits are killed and resumed in the time that ten would take to start. What runs is the command line as it
is, over real sockets and a real store, in a network namespace with nothing but the loopback and small servers on it.

Run as a program it serves: one line of JSON with ``words`` and ``log`` on standard input starts an audit, and its
number is answered; with ``stop`` the audit stops itself there. A line with its number answers how it ended, once it
has; one with ``command`` runs that in there, where nobody else sees what it mounts.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import wraps
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

SOURCE = Path(__file__).resolve().parents[2]
HOSTS = 10
PORT = 80


def addresses() -> list[tuple[str, str]]:
    """Return IPv4 and IPv6 of every host."""
    return [(f"203.0.113.{n}", f"2001:db8:1:{n}::1") for n in range(1, HOSTS + 1)]


CONTROLS = ("198.51.100.1", "198.51.100.2", "192.0.2.3", "2001:db8:2::1", "2001:db8:3::2", "2001:db8:4::3")


def write_inputs(folder: Path) -> None:
    """Write the inventory and the configuration of these hosts: every third one has no web server over IPv6."""
    rows = ["id,agency_code,name,kind,ipv4,ipv6,services"]
    rows += [f"h{n},a{n % 3},h{n},host,{v4},{v6},http:{PORT}" for n, (v4, v6) in enumerate(addresses())]
    (folder / "inventory.csv").write_text("\n".join(rows) + "\n")
    controls = json.dumps([*CONTROLS, f"{CONTROLS[0]}:{PORT}", f"[{CONTROLS[3]}]:{PORT}"])
    allowed = json.dumps([text for pair in addresses() for text in pair])  # this machine's own: each by itself
    (folder / "auditor.toml").write_text(
        f"timeout = 10\n[vantage]\ncontrol = {controls}\n[resolver]\nservers = ['127.0.0.1']\n"
        f"[scope]\nallow = {allowed}\n[addressing]\nallow_documentation_prefixes = true\n"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Names the moment at which an audit stops itself: before or after the ``nth`` call of a method."""

    method: str
    """As ``package.module:Class.method`` or ``package.module:function``."""
    after: bool = False
    nth: int = 1


@dataclass
class Forked:
    """Holds the process that audits are forked from; only one thread may use it at a time."""

    process: "subprocess.Popen[str]"

    @classmethod
    def start(cls) -> "Forked":
        argv = ["unshare", "--net", "--mount", sys.executable, "-m", "tests.support.forked"]
        process = subprocess.Popen(argv, cwd=SOURCE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        made = cls(process)
        assert made._answer() == "ready"
        return made

    def audit(self, words: Sequence[object], log: Path, stop: Stop | None = None) -> int:
        named = {} if stop is None else {"stop": asdict(stop)}
        return int(str(self._ask({"words": [*map(str, words)], "log": str(log), **named})))

    def reached(self, number: int) -> bool:
        """Wait until an audit stands still; return False if it came to its end before."""
        while (state := _state(number)) not in "TZ":
            time.sleep(0.005)
        return state == "T"

    def ended(self, number: int) -> int:
        """Wait for the end and return the exit status, or the negative signal."""
        return int(str(self._ask({"number": number})))

    def run(self, *command: object) -> int:
        """Run a command in the same namespaces and return its exit status."""
        return int(str(self._ask({"command": [*map(str, command)]})))

    def end(self) -> None:
        assert self.process.stdin is not None
        with self.process:
            self.process.stdin.close()

    def _ask(self, what: object) -> object:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> object:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())


def _serve() -> None:
    if (helper := os.fork()) == 0:
        os.close(0)
        _hosts()
    from auditor.framework import catalogue
    from auditor.service.cli import app
    from auditor.service.cli.commands.measuring import audit

    catalogue.load()
    assert app is not None
    assert audit is not None
    print('"ready"', flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        if "command" in asked:
            answer = subprocess.run(asked["command"], check=False, stdout=sys.stderr).returncode
        else:
            answer = _audit(asked) if "words" in asked else _status(asked["number"])
        print(answer, flush=True)
    os.kill(helper, 9)


def _audit(asked: dict[str, Any]) -> int:
    number = os.fork()
    if number:
        return number
    assert threading.active_count() == 1
    if "stop" in asked:
        _stop_at(Stop(**asked["stop"]))
    out = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for stream in (1, 2):
        os.dup2(out, stream)
    from auditor.service.cli.app import run

    code = 1
    try:
        code = run(asked["words"])
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _stop_at(stop: Stop) -> None:
    """Wrap the method so that this process stops itself, with all its threads, at the call."""
    module, _, path = stop.method.partition(":")
    *owners, name = path.split(".")
    holder, left = resolve_name(":".join((module, ".".join(owners)))), stop.nth
    method: Callable[..., Any] = getattr(holder, name)

    @wraps(method)
    def stopping(*args: Any, **kwargs: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0 and not stop.after:
            os.kill(os.getpid(), signal.SIGSTOP)
        answer = method(*args, **kwargs)
        if left == 0 and stop.after:
            os.kill(os.getpid(), signal.SIGSTOP)
        return answer

    setattr(holder, name, stopping)


def _state(number: int) -> str:
    """Return the letter of a process's state: T is stopped, Z has ended and nobody has asked how."""
    return Path(f"/proc/{number}/stat").read_text("ascii").rpartition(")")[2].split()[0]


def _status(number: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


def _hosts() -> None:
    """Web servers that answer, on all but every third host over IPv6; nothing else of this process goes on. A POST
    gets the file that it names, as from an authority of time stamps."""
    import asyncio

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = await reader.readuntil(b"\r\n\r\n")
            body = _named(asked) if asked.startswith(b"POST ") else b"ok"
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
        except (OSError, EOFError):
            pass
        writer.close()

    async def main() -> None:
        hosts = [text for n, (v4, v6) in enumerate(addresses()) for text in ((v4, v6) if n % 3 else (v4,))]
        for host in (*hosts, *CONTROLS):
            await asyncio.start_server(talk, host, PORT)
        await asyncio.Event().wait()

    asyncio.run(main())


def _named(asked: bytes) -> bytes:
    return Path(os.fsdecode(asked.split()[1])).read_bytes()


def _loopback() -> None:
    every = (*(text for pair in addresses() for text in pair), *CONTROLS)
    added = (f"addr add {text}/128 dev lo nodad" if ":" in text else f"addr add {text}/32 dev lo" for text in every)
    for command in ("link set lo up", *added):
        subprocess.run(["ip", *command.split()], check=True)
    Path("/proc/sys/net/ipv4/ping_group_range").write_text("0 2147483647")  # echo is sent by sockets for it


if __name__ == "__main__":
    _loopback()
    _serve()

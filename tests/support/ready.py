"""Runs the auditor as processes of its own that start at once: each is a fork of one that has imported the program.

Started anew, a command spends a second of processor, most of it on imports. Here runs the same entry point in a process
of its own: with its own words, environment, folder, umask and streams, its own exit status and signals. Two things
differ from a start: what is imported was so before any of that was known, and all of these processes go through their
sets in one order. So whoever tests the start, or holds one run against another, starts the program itself.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO

from tests.support.forking import Call

SOURCE = Path(__file__).resolve().parents[2]


class Started:
    """Holds a started process, like ``subprocess.Popen``; it is killed when it is dropped."""

    def __init__(self, answers: socket.socket) -> None:
        self._answers = answers
        self.pid = int(answers.recv(32))
        """The process id."""
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit status or the negative signal; None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status; raise TimeoutExpired after ``timeout`` seconds, ConnectionError if all ended."""
        if self.returncode is None:
            self._answers.settimeout(timeout)
            try:
                said = self._answers.recv(32)
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired("auditor", timeout or 0) from None
            self._answers.close()
            if not said:
                raise ConnectionError("what it was forked from has ended, and it with that")
            self.returncode = int(said)
        return self.returncode

    def send_signal(self, sig: int) -> None:
        """Send a signal to the process; do nothing if it has ended."""
        if self.poll() is None:
            with suppress(OSError):
                self._answers.send(str(int(sig)).encode())

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Ready:
    """Holds a process that has imported the program; the processes forked from it end with it."""

    def __init__(self, control: socket.socket, process: "subprocess.Popen[bytes]") -> None:
        self._control, self._process = control, process

    @classmethod
    @contextmanager
    def here(cls, *before: str) -> Iterator["Ready"]:
        """Start the process in this network as this user, or behind a command that changes them."""
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        argv = [*before, sys.executable, "-m", "tests.support.forking"]
        with theirs:
            env = {**os.environ, "PYTHONPATH": str(SOURCE)}
            process = subprocess.Popen(argv, env=env, stdin=theirs.fileno(), stdout=subprocess.DEVNULL)
        with process, control:
            yield cls(control, process)

    def begin(
        self,
        words: Sequence[object],
        env: Mapping[str, str],
        folder: Path,
        streams: Sequence[int],
        umask: int | None = None,
    ) -> Started:
        """Fork a process that has these descriptors as its standard input, output and error."""
        call = Call(words=[*map(str, words)], env=env, folder=str(folder), umask=umask)
        answers, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            socket.send_fds(self._control, [json.dumps(asdict(call)).encode()], [*streams, theirs.fileno()])
        return Started(answers)

    def run(
        self,
        words: Sequence[object],
        env: Mapping[str, str],
        folder: Path,
        umask: int | None = None,
        stdout: IO[str] | None = None,
        timeout: float | None = 300,
    ) -> "subprocess.CompletedProcess[str]":
        """Fork and wait, like `subprocess.run` with empty input and captured text; ``stdout`` may be a file."""
        (tells, told), (complains, complained) = os.pipe(), os.pipe()
        with open(os.devnull, "rb") as nothing:
            streams = (nothing.fileno(), told if stdout is None else stdout.fileno(), complained)
            started = self.begin(words, env, folder, streams, umask)
        os.close(told)
        os.close(complained)
        with ThreadPoolExecutor(2) as pool:
            out, err = (pool.submit(_read, end) for end in (tells, complains))
            try:
                code = started.wait(timeout)
            except BaseException:
                started.kill()
                raise
        return subprocess.CompletedProcess(["auditor", *map(str, words)], code, out.result(), err.result())


def _read(end: int) -> str:
    with open(end, encoding="utf-8") as stream:
        return stream.read()

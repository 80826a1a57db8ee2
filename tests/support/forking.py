"""Forks the auditor from a process that has imported it; runs as a program for ``tests.support.ready``.

Each message on standard input, a socket, is a ``Call`` as JSON and has along its standard input, output and error, and
a socket for answers: the number of the process, and how it ended. The number of a signal that comes in there is sent to
it; it is killed when that socket closes, and with this program.
"""

import ctypes
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

LARGEST = 200_000
"""Bytes of a call: one message has no more."""
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Describes one start of the program. ``umask`` None: the umask of this program."""

    words: Sequence[str]
    env: Mapping[str, str]
    folder: str
    umask: int | None


@dataclass(eq=False, slots=True)
class _Forked:
    """Holds a running process; ``end`` becomes readable when it has ended."""

    number: int
    end: int
    answers: socket.socket

    def hear(self) -> None:
        os.kill(self.number, int(self.answers.recv(32) or signal.SIGKILL))

    def tell(self) -> None:
        """Send the exit status to the caller if it is still connected."""
        code = os.waitstatus_to_exitcode(os.waitpid(self.number, 0)[1])
        with suppress(OSError):
            self.answers.send(str(code).encode())

    def close(self) -> None:
        os.close(self.end)
        self.answers.close()


def serve() -> None:
    """Fork until the input ends; in a forked process, return once its environment is set as its call says."""
    running: list[_Forked] = []
    with socket.socket(fileno=os.dup(0)) as control:
        while True:
            ends, answers = [one.end for one in running], [one.answers.fileno() for one in running]
            readable, _, _ = select.select([control.fileno(), *ends, *answers], [], [])
            for one in [one for one in running if one.end in readable]:
                one.tell()
                one.close()
                running.remove(one)
            for one in [one for one in running if one.answers.fileno() in readable]:
                one.hear()
            if control.fileno() not in readable:
                continue
            data, given, _, _ = socket.recv_fds(control, LARGEST, 4)
            if not data:
                sys.exit()
            if (number := os.fork()) == 0:
                for one in running:
                    one.close()
                _become(Call(**json.loads(data)), given)
                return
            *streams, told = given
            for stream in streams:
                os.close(stream)
            running.append(_Forked(number, os.pidfd_open(number), socket.socket(fileno=told)))
            running[-1].answers.send(str(number).encode())


def _become(call: Call, given: Sequence[int]) -> None:
    from auditor.service.cli import main

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, stream in enumerate(given[:3]):
        os.dup2(stream, number)
    for stream in given:
        os.close(stream)
    os.environ.clear()
    os.environ.update(call.env)
    time.tzset()
    os.chdir(call.folder)
    if call.umask is not None:
        os.umask(call.umask)
    sys.argv = [str(main.__file__), *call.words]
    gc.enable()


def import_program() -> None:
    """Import the modules that commands import when they run, not their declarations, which use a call's language."""
    from auditor.framework import catalogue
    from auditor.service.cli import commands, words

    gc.disable()
    importlib.import_module("typer")
    for module in pkgutil.walk_packages(commands.__path__, f"{commands.__name__}."):
        importlib.import_module(module.name)
    catalogue.load()
    assert words._texts.cache_info().currsize == 0, "a text was put in a language before one was asked for"
    gc.freeze()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for the processes that are forked
    import_program()
    serve()
    from auditor.service.cli.main import main

    main()

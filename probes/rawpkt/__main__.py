# SPDX-License-Identifier: GPL-2.0-only
"""Runs the program: reads requests from standard input, writes answers to standard output. See README.md."""

import argparse
import asyncio
import atexit
import gc
import json
import os
import select
import signal
import sys
from contextlib import suppress
from typing import Any

from probes.rawpkt import bounds, privsep, requests
from probes.rawpkt.pace import PacketPace
from probes.rawpkt.requests import Forge, Lan, Malformed, Packet, Pmtud, Request, Trace
from probes.rawpkt.scope import ANYWHERE, PacketScope
from probes.rawpkt.sockets import NoRoute

AT_ONCE = 64


def main(arguments: list[str]) -> int:
    """Serve requests until the caller is gone; without permission report that and end."""
    options, pace = _options(arguments), PacketPace()
    atexit.register(gc.freeze)  # otherwise Python's exit would search all imported modules for garbage
    if not options.listen:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the caller; we end with our input
    if options.keeper and not privsep.keep():
        return 0
    try:
        program = _begun(options, pace)
    except PermissionError:
        return _unable("permission", "raw sockets need CAP_NET_RAW")
    except ImportError as problem:
        return _unable("scapy", str(problem))
    except Malformed as problem:
        return _unable("malformed", str(problem))
    except ConnectionError:  # the caller is gone
        return 0
    except (bounds.Untrusted, OSError) as problem:
        return _unable("other", str(problem))
    if program is not None:
        _work(program)
    return 0


def _begun(options: argparse.Namespace, pace: PacketPace) -> "Program | None":
    """Open the sockets, then read the scope, then load the packet builder.

    None: this caller wanted only the sockets for echo.
    """
    if options.listen:
        privsep.listen(options.listen)
    if privsep.is_a_socket():
        privsep.hand_over()
    from probes.rawpkt.station import Station

    bound, station = _bound(options, pace), Station(pace)
    line = sys.stdin.buffer.readline(requests.LINE_LIMIT)
    if not line:
        return None
    scope = requests.read_scope(line, bound)
    from probes.rawpkt import packets as packets

    return Program(station, scope)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -P -m probes.rawpkt", allow_abbrev=False)
    parser.add_argument(privsep.KEEPER, action="store_true", help="fork a program for each socket that comes in")
    parser.add_argument(privsep.LISTENER, metavar="PATH", help="listen at a socket, fork a program for each caller")
    parser.add_argument("--scope", metavar="FILE", help="what may be sent to at most, whatever a caller says")
    return parser.parse_args(arguments)


def _bound(options: argparse.Namespace, pace: PacketPace) -> PacketScope | None:
    """Return the bound for this caller, independent of its own scope: the scope file's.

    Without a file: no special addresses, if other callers than the process that started us can connect to the socket.
    The process that started us, or our keeper, had our privilege itself when it did.
    """
    found = bounds.read(options.scope or bounds.PLACE)
    if found is not None:
        pace.rate = found.rate
        return found.scope
    if options.scope:
        raise bounds.Untrusted(f"{options.scope}: there is no such file")
    return ANYWHERE if privsep.is_a_socket() and not options.keeper else None


def _work(program: "Program") -> None:
    """Serve the program until its input ends, or its caller is gone."""
    with suppress(ConnectionError):
        _write({"ready": True})
        try:
            asyncio.run(program.serve())
        except* ConnectionError:
            pass


def _tell_unless_gone(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Report an exception of the loop, but not that the caller is gone: ``serve`` ends with that.

    That is no fault, and standard error belongs to the caller.
    """
    if not isinstance(context.get("exception"), ConnectionError):
        loop.default_exception_handler(context)


class Program:
    """Answers requests until its input ends."""

    def __init__(self, station: Any, scope: PacketScope) -> None:
        self._station = station
        self._scope = scope
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def serve(self) -> None:
        self._station.start()
        reader = asyncio.StreamReader(limit=requests.LINE_LIMIT)
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_tell_unless_gone)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(os.dup(0), "rb"))
        async with asyncio.TaskGroup() as group:
            tasks: list[asyncio.Task[None]] = []
            while line := await _line(reader):
                await self._slots.acquire()
                tasks = [task for task in tasks if not task.done()]
                tasks.append(group.create_task(self._answer(line)))
            for task in tasks:
                task.cancel()

    async def _answer(self, line: bytes) -> None:
        try:
            request = requests.read(line)
            if not self._is_open(request):
                _write({"id": request.id, "refused": "scope"})
            else:
                _write({"id": request.id, "result": await self._done(request)})
        except Malformed as problem:
            _write({"id": requests.id_of(line), "refused": "malformed", "detail": str(problem)[:200]})
        except PermissionError as problem:
            _write({"id": requests.id_of(line), "refused": "permission", "detail": str(problem)[:200]})
        except NoRoute as problem:
            _write({"id": requests.id_of(line), "refused": "route", "detail": str(problem)[:200]})
        except Exception as problem:
            _write(
                {
                    "id": requests.id_of(line),
                    "refused": "failed",
                    "detail": f"{type(problem).__name__}: {problem}"[:200],
                }
            )
        finally:
            self._slots.release()

    def _is_open(self, request: Request) -> bool:
        if isinstance(request, Lan):
            return self._scope.may_listen(request.interface)
        if isinstance(request, Forge):
            return self._scope.may_listen(request.interface) and self._scope.expects(request.to)
        return self._scope.permits(request.to)

    async def _done(self, request: Request) -> dict[str, Any]:
        from probes.rawpkt.forge import Forgery
        from probes.rawpkt.link import Watch
        from probes.rawpkt.pmtud import Flow
        from probes.rawpkt.single import SingleExchange
        from probes.rawpkt.trace import Tracer

        match request:
            case Trace():
                return await Tracer(self._station, request).run()
            case Pmtud():
                heeded, unheeded = ({"id": request.id, word: True} for word in ("heeded", "unheeded"))
                flow = Flow(self._station, request, heeded=lambda: _write(heeded), unheeded=lambda: _write(unheeded))
                return await flow.run()
            case Lan():
                return await Watch(self._station, request).run()
            case Forge():
                return await Forgery(request, self._station.pace).run()
            case Packet():
                return await SingleExchange(self._station, request).run()


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readline()
    except ValueError:  # a line without end: no further input of that caller is read
        return b""


def _write(answer: dict[str, Any]) -> None:
    data = json.dumps(answer, separators=(",", ":")).encode() + b"\n"
    while data:
        try:
            data = data[os.write(1, data) :]
        except BlockingIOError:  # a caller's socket is our input too, and asyncio made it non-blocking
            select.select([], [1], [])


def _unable(why: str, detail: str) -> int:
    with suppress(ConnectionError):
        _write({"ready": False, "why": why, "detail": detail[:200]})
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

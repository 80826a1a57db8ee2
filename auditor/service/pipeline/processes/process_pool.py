"""Shares pieces of work among separate processes and returns the results in the order of the pieces.

Processes are started as new programs, never forked: a fork would copy locks that other threads hold. A process that
dies is replaced and its piece is repeated once; an error raised there is raised here.
"""

import logging
import os
import socket
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Generic, Self, TypeVar, cast

from auditor.framework.operator_problems import OperatorError, problem
from auditor.service.pipeline.processes.process_handover import hand_over, take_over
from probes.net.core import children

P = TypeVar("P")
R = TypeVar("R")
AHEAD = 3
"""Number of pieces per process that may be done before the first is taken: it limits the memory in use."""
ATTEMPTS = 2
_GRACE = 2.0  # seconds
_log = logging.getLogger("auditor.run")


def cores() -> int:
    """Return the number of processors that this program may use."""
    return len(os.sched_getaffinity(0))


class ProcessPool(Generic[P, R]):
    """Shares pieces of work among processes; to be used by one thread only.

    ``begin`` is a function and its arguments, from ``hand_over``: in each process it makes the function that is applied
    to the pieces.
    """

    def __init__(self, count: int, begin: bytes) -> None:
        self._begin = begin
        self._idle = [_Worker(self._begin) for _ in range(count)]
        self._busy: dict[Connection, _Worker] = {}
        self._count = count

    def each(self, pieces: Iterable[P]) -> Iterator[R]:
        """Yield the results of the pieces, in their order. Raises the error of a piece."""
        left, done = enumerate(pieces), dict[int, R]()
        waiting, taken = next(left, None), 0
        while True:
            while waiting is not None and self._idle and waiting[0] < taken + AHEAD * self._count:
                self._hand(waiting[0], hand_over(waiting[1]))
                waiting = next(left, None)
            if self._busy:
                done.update(self._answers(patient=taken not in done))
            if taken in done:
                yield done.pop(taken)
                taken += 1
            elif waiting is None and not self._busy:
                return

    def close(self) -> None:
        """End all processes, even if they are working."""
        for worker in (*self._idle, *self._busy.values()):
            worker.end()
        self._idle, self._busy = [], {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _hand(self, number: int, piece: bytes, attempt: int = 1) -> None:
        worker = self._idle.pop()
        worker.piece = (number, piece, attempt)
        self._busy[worker.connection] = worker
        worker.send(piece)

    def _answers(self, *, patient: bool) -> Iterator[tuple[int, R]]:
        """Yield the answers that are ready; with ``patient``, wait for an answer or the death of a process."""
        for ready in wait(list(self._busy), None if patient else 0):
            worker = self._busy.pop(cast(Connection, ready))
            number, piece, attempt = worker.piece
            try:
                well, answer = cast(tuple[bool, object], take_over(worker.connection.recv_bytes()))
            except (EOFError, ConnectionError):
                self._replace(worker)
                if attempt == ATTEMPTS:
                    raise _died_again(worker.status) from None
                self._hand(number, piece, attempt + 1)
                continue
            self._idle.append(worker)
            if not well:
                raise cast(Exception, answer)
            yield number, cast(R, answer)

    def _replace(self, worker: "_Worker") -> None:
        worker.end()
        _log.warning("a process that was working ended with status %s; what it was doing is done again", worker.status)
        self._idle.append(_Worker(self._begin))


class _Worker:
    """Holds one process and our end of its socket."""

    def __init__(self, begin: bytes) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                children.command("auditor.service.pipeline.processes.pool_process", str(theirs.fileno())),
                stdin=subprocess.DEVNULL,
                cwd=children.ROOT,
                env=children.environment(),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self.connection = Connection(ours.detach())
        self.piece = (0, b"", 0)
        self.send(begin)

    @property
    def status(self) -> int | None:
        return self._process.returncode

    def send(self, data: bytes) -> None:
        """Send data; the death of the process is noticed later, when its answer is read."""
        with suppress(ConnectionError):
            self.connection.send_bytes(data)

    def end(self) -> None:
        """Ask the process to end, so that it can remove half-written files, and kill it after ``_GRACE`` seconds."""
        self.connection.close()
        self._process.terminate()
        try:
            self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _died_again(status: int | None) -> OperatorError:
    return OperatorError(
        [problem("a process of this program was ended twice at the same work ({status})", status=str(status))]
    )

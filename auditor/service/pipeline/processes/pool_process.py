"""Runs pieces of work in a process of its own.

It starts as ``python -P -m auditor.service.pipeline.processes.pool_process DESCRIPTOR``. The descriptor is a socket to
the program that started it: first comes the function to apply, then piece after piece, each answered before the next.
The process ends when the socket is closed.
"""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, cast

from auditor.framework.operator_problems import OperatorError
from auditor.service.garbage_collection import collect_rarely
from auditor.service.pipeline.processes.process_handover import RemoteError, hand_over, take_over
from auditor.service.store.records import StoreError

_LESS_URGENT = 5
"""Niceness: measuring on the same machine has priority."""
_KNOWN = (StoreError, OperatorError, OSError)
"""Errors that a caller distinguishes; any other is a bug, and its traceback is sent."""


def main() -> int:
    os.nice(_LESS_URGENT)
    signal.signal(signal.SIGTERM, _end)
    with Connection(int(sys.argv[1])) as parent:
        try:
            start, *args = cast(tuple[Any, ...], take_over(parent.recv_bytes()))
            work: Callable[[object], object] = start(*args)
            collect_rarely()
            while True:
                parent.send_bytes(_answered(work, parent.recv_bytes()))
        except (EOFError, ConnectionError):
            return 0


def _end(number: int, frame: object) -> None:
    """End the work, which removes half-written files; a second signal changes nothing.

    If no code catches the exit (in a finalizer, or while modules are loaded), it is not printed either.
    """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.excepthook = lambda kind, error, trace: None
    sys.unraisablehook = lambda unraisable: None
    sys.exit(128 + number)


def _answered(work: Callable[[object], object], piece: bytes) -> bytes:
    """Do a piece of work, and return True with its result or False with its error, serialised."""
    try:
        return hand_over((True, work(take_over(piece))))
    except _KNOWN as error:
        return hand_over((False, error))
    except Exception:
        return hand_over((False, RemoteError(traceback.format_exc())))


if __name__ == "__main__":
    sys.exit(main())

"""Runs one audit in a process of its own: ``python -P -m auditor.service.scheduler.child [DOOR]``.

Judging keeps a processor busy and pages must not wait for it, and a crash here ends nothing else. The order comes on
standard input; everything else goes into the store: evidence as it comes, progress, the end. When its input ends, the
service is stopping or gone: measurements are stored, the job stays open, and the next service resumes it.
"""

import asyncio
import os
import pickle
import sys
from signal import SIGINT, SIGTERM
from typing import TYPE_CHECKING

from auditor.service.garbage_collection import collect_nothing_imported, collect_rarely
from auditor.service.service_log import bind, log_to_stderr
from probes.net.raw import privsep

if TYPE_CHECKING:
    from auditor.service.scheduler.audit import AuditOrder

CANCEL = b"c"
"""The only message that is sent after the order: cancel the audit."""
STOPPED = 3
"""Exit status of a process that was told to end before its work was done."""


def main() -> int:
    """Run the audit. Privileges are dropped before anything is read and before the rest of the program is loaded."""
    privsep.leave_privileges()
    collect_nothing_imported()
    if len(sys.argv) > 1:
        privsep.borrow(int(sys.argv[1]))
    order: AuditOrder = pickle.loads(_read(int.from_bytes(_read(4))))  # noqa: S301  # from the service's own pipe
    log_to_stderr(order.config.log_format)
    bind(job=order.job)
    return asyncio.run(_perform(order))


def serialised_order(order: "AuditOrder") -> bytes:
    """Serialise the order that the process reads first."""
    data = pickle.dumps(order)
    return len(data).to_bytes(4) + data


def _read(length: int) -> bytes:
    """Read from the descriptor itself, without a buffer: later data is for the event loop."""
    data = b""
    while len(data) < length:
        some = os.read(0, length - len(data))
        if not some:
            raise SystemExit(STOPPED)
        data += some
    return data


async def _perform(order: "AuditOrder") -> int:
    from auditor.service.scheduler.audit import perform
    from auditor.service.scheduler.stopping import StopReason, StopSignal

    collect_rarely()
    told, loop = StopSignal(), asyncio.get_running_loop()

    def hear() -> None:
        data = os.read(0, 64)
        if CANCEL in data:
            told.stop(StopReason.CANCELLED)
        if not data:
            loop.remove_reader(0)
            told.stop(StopReason.ENDING)

    loop.add_reader(0, hear)
    for signal in (SIGINT, SIGTERM):
        loop.add_signal_handler(signal, told.stop, StopReason.ENDING)
    return 0 if await perform(order, told) else STOPPED


if __name__ == "__main__":
    sys.exit(main())

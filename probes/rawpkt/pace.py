# SPDX-License-Identifier: GPL-2.0-only
"""Limits how fast packets leave, together for all programs forked from one keeper.

A packet over the limit waits its turn and is not lost: a packet that we drop would look like one that the network
dropped.
"""

import asyncio
import fcntl
import os
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager

RATE = 1_000.0
"""Packets a second."""
_BURST = 0.2
"""Seconds of the rate that may leave at once."""
_TIME = struct.Struct("=d")


class PacketPace:
    """Limits the rate of packets; made before a keeper forks, so that its programs share it.

    The time of the next packet is in memory that has the form of a file, which is locked for the moment of looking.
    """

    def __init__(self, rate: float = RATE) -> None:
        self.rate = rate
        self._file = os.memfd_create("pace", os.MFD_CLOEXEC)
        os.pwrite(self._file, _TIME.pack(0.0), 0)

    async def turn(self, packets: int = 1) -> None:
        """Wait until ``packets`` may leave."""
        wait = self.charge(packets)
        if wait > 0:
            await asyncio.sleep(wait)

    def charge(self, packets: int = 1) -> float:
        """Count packets; return the seconds that they should have waited."""
        with self._locked():
            now = time.monotonic()
            stored: float = _TIME.unpack(os.pread(self._file, _TIME.size, 0))[0]
            due = max(now, stored)
            os.pwrite(self._file, _TIME.pack(due + packets / self.rate), 0)
        return max(0.0, due - now - _BURST)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        fcntl.lockf(self._file, fcntl.LOCK_EX)  # a lock of this process: it is released when the process ends
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)

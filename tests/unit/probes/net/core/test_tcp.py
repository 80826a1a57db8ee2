"""Tests the kernel's duration of a handshake, with a simulated socket; integration tests use a real one."""

import socket
import struct

import pytest

from probes.net.core.tcp import rtt_of


class RecordedSocket(socket.socket):
    """Simulates a socket for which the kernel reports the given values."""

    def __init__(self, rtt: int, repeated: int) -> None:
        super().__init__(socket.AF_UNIX)
        self.told = struct.pack("=68xI28xI", rtt, repeated)

    def getsockopt(self, level: int, option: int, size: int = 0) -> bytes:  # type: ignore[override]
        assert (level, option) == (socket.IPPROTO_TCP, socket.TCP_INFO)
        return self.told[:size]


@pytest.mark.parametrize(("rtt", "repeated", "seconds"), [(1_500, 0, 0.0015), (1_500, 1, None), (0, 0, None)])
def test_a_handshake_that_was_repeated_has_no_time(rtt: int, repeated: int, seconds: float | None) -> None:
    with RecordedSocket(rtt, repeated) as sock:
        assert rtt_of(sock) == seconds


def test_without_a_connection_there_is_no_time() -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        assert rtt_of(sock) is None

"""Counts how often a server lets a client renegotiate on one connection (RFC 5246 §7.4.1.1).

Each costs the server many times what it costs the client. OpenSSL through pyOpenSSL, as Python's own module cannot
renegotiate; it works on memory, and the bytes are carried here. Nothing is asked for inside the session.
"""

import asyncio
import socket
from contextlib import suppress
from functools import cache

from OpenSSL import SSL

from probes.framework.evidence import FailureKind
from probes.net.core import faults
from probes.net.core.tcp import Connector
from probes.net.tls.client_hello import HelloTarget
from probes.net.tls.handshake import refuse_impossible
from probes.observations.tls import RENEGOTIATIONS, RenegotiationEnd

_SILENCE = 2.0
"""Seconds of silence after which a server counts as ignoring the request, as RFC 5246 allows."""
_RECORD = 65_536
_LEGACY_SERVERS = 0x4  # SSL_OP_LEGACY_SERVER_CONNECT


class Renegotiation:
    """Counts renegotiations on one connection, which a handshake of TLS 1.2 or older begins."""

    def __init__(self, connector: Connector, seconds: float) -> None:
        self._connector = connector
        self._seconds = seconds
        self._context = _context()

    async def counted(self, target: HelloTarget, server_name: str | None) -> tuple[int, RenegotiationEnd]:
        """Return the number of completed renegotiations, and why there were no more.

        Fault or OSError if the first handshake fails.
        """
        session = SSL.Connection(self._context, None)
        session.set_connect_state()
        if server_name is not None:
            refuse_impossible(server_name)
            session.set_tlsext_host_name(server_name.removesuffix(".").encode("ascii"))
        with await self._connector.connect(target.address, target.port) as sock:
            try:
                async with asyncio.timeout(self._seconds + target.patience):
                    await target.prologue(sock)
                    await _shake_hands(sock, session)
            except SSL.Error as problem:
                raise _fault(problem) from problem
            return await _count(sock, session)


def _fault(problem: SSL.Error) -> faults.Fault:
    reason = " ".join(str(arg[-1]) for arg in (problem.args[0] if problem.args else ())) or type(problem).__name__
    return faults.fault(FailureKind.TLS_ALERT if "alert" in reason else FailureKind.PROTOCOL, reason)


async def _count(sock: socket.socket, session: SSL.Connection) -> tuple[int, RenegotiationEnd]:
    for count in range(RENEGOTIATIONS):
        try:
            async with asyncio.timeout(_SILENCE):
                session.renegotiate()
                await _shake_hands(sock, session)
        except TimeoutError:
            return count, RenegotiationEnd.UNANSWERED
        except (SSL.Error, EOFError, OSError):
            return count, RenegotiationEnd.REFUSED
        if session.renegotiate_pending():
            return count, RenegotiationEnd.UNANSWERED
    return RENEGOTIATIONS, RenegotiationEnd.LIMIT


async def _shake_hands(sock: socket.socket, session: SSL.Connection) -> None:
    """Run one handshake, the first or a later one. EOFError if the server closes the connection in it."""
    loop = asyncio.get_running_loop()
    while True:
        done = False
        with suppress(SSL.WantReadError):
            session.do_handshake()
            done = True
        with suppress(SSL.WantReadError):
            while waiting := session.bio_read(_RECORD):
                await loop.sock_sendall(sock, waiting)
        if done:
            return
        received = await loop.sock_recv(sock, _RECORD)
        if not received:
            raise EOFError
        session.bio_write(received)


@cache
def _context() -> SSL.Context:
    """Return the context for all connections; making one costs as much as a handshake.

    It is as permissive as the rest of this program: the record of a server must not depend on its certificate.
    """
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_max_proto_version(SSL.TLS1_2_VERSION)
    context.set_cipher_list(b"ALL:!aNULL:!eNULL:@SECLEVEL=0")
    context.set_options(_LEGACY_SERVERS)
    context.set_verify(SSL.VERIFY_NONE)
    return context

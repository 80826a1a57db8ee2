"""Tests that a hostile peer is hostile to every client: one that disconnects does not silence it for the next."""

import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

import pytest

from tests.support.audits import ENVIRONMENT

T = TypeVar("T")
_PEER = """
import asyncio, sys
from containers.rehearsal.peers import hostile_services, hostile_tls, hostile_web
talk = {**hostile_tls.SECURE, **{name: talk for name, (_, talk) in hostile_services.HOSTS.items()}}[sys.argv[1]]

async def serve():
    server = await hostile_web.listen("::1", 0, talk)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(serve())
"""


@contextmanager
def peer(name: str) -> Iterator[int]:
    """Run one peer on loopback and yield its port."""
    words = [sys.executable, "-P", "-c", _PEER, name]
    with subprocess.Popen(words, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def first_bytes(port: int, *, secure: bool) -> bytes:
    """Return the first bytes that a client receives, which then closes the connection politely."""
    with socket.create_connection(("::1", port), timeout=30) as connection:
        if not secure:
            return connection.recv(64)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = context.wrap_bio(incoming, outgoing)

        def done(step: Callable[[], T]) -> T:
            while True:
                try:
                    return step()
                except ssl.SSLWantReadError:
                    connection.sendall(outgoing.read())
                    incoming.write(connection.recv(16_384))

        done(session.do_handshake)
        session.write(b"GET /1.css HTTP/1.1\r\n\r\n")
        found = done(lambda: session.read(64))
        with suppress(ssl.SSLError):
            session.unwrap()  # sends close_notify, and does not wait for the peer's
        connection.sendall(outgoing.read())
        return found


@pytest.mark.parametrize(("name", "secure"), [("ssh-injecting", False), ("https-body", True), ("https-sheets", True)])
def test_who_comes_after_one_who_had_enough_is_answered(name: str, secure: bool) -> None:
    with peer(name) as port:
        for _ in range(4):
            assert first_bytes(port, secure=secure)

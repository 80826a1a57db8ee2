"""Runs servers that follow a test's script, for behaviour that no well-behaved daemon shows."""

import asyncio
import datetime
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

SO_RCVBUFFORCE = 33

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Datagram = Callable[[bytes, "Answer"], None]
Answer = Callable[..., None]


@asynccontextmanager
async def stream(address: str, port: int, talk: Talk, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[None]:
    """Run a TCP server; cut the connections that are still open at the end."""
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        try:
            await talk(reader, writer)
        except (OSError, EOFError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, address, port, ssl=tls)
    try:
        yield
    finally:
        await asyncio.sleep(0.01)  # a connection may be accepted, but not handed over yet
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0.01)


@asynccontextmanager
async def datagrams(address: str, port: int, react: Datagram) -> AsyncIterator[None]:
    """Run a UDP server. ``react`` gets each datagram and a function that answers, also from another (source, port)."""

    class Server(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            def answer(wire: bytes, source: str = address, source_port: int = port) -> None:
                if (source, source_port) == (address, port):
                    transport.sendto(wire, addr)
                    return
                family = socket.AF_INET6 if ":" in source else socket.AF_INET
                with socket.socket(family, socket.SOCK_DGRAM) as other:
                    other.bind((source, source_port))
                    other.sendto(wire, addr)

            react(data, answer)

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Server, local_addr=(address, port))
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
    try:
        yield
    finally:
        transport.close()
        await asyncio.sleep(0)


def certificates(folder: Path, name: str) -> tuple[Path, list[bytes]]:
    """Return a PEM file with key, leaf and intermediate for ``name``, and the two certificates in DER."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    ca = _issued("Test intermediate", "Test root", keys[1], keys[1], is_ca=True)
    leaf = _issued(name, "Test intermediate", keys[0], keys[1], is_ca=False)
    pem = folder / "chain.pem"
    key = keys[0].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(key + b"".join(c.public_bytes(serialization.Encoding.PEM) for c in (leaf, ca)))
    return pem, [c.public_bytes(serialization.Encoding.DER) for c in (leaf, ca)]


def _issued(
    name: str, issuer: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey, *, is_ca: bool
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .sign(signer, hashes.SHA256())
    )


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

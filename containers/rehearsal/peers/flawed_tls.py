"""Simulates a flaw of OpenSSL that no library of Debian has any more, in front of a sound web server.

A scripted peer: `python -m containers.rehearsal.peers.flawed_tls flawed.json`, where the file is a list of
{"flaw", "address", "chain", "key", "behind"}. What clients send goes to the real server, whose socket is ``behind``,
and its answers go back; only where the flaw would show something else happens. Nobody's memory is read.
"""

import asyncio
import json
import secrets
import struct
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from containers.rehearsal.library_flaws import LibraryFlaw
from probes.wire.tls.cursor import Cursor
from probes.wire.tls.errors import TlsWireError
from probes.wire.tls.flight import extensions_of
from probes.wire.tls.numbers import (
    ALERT,
    CERTIFICATE,
    CHANGE_CIPHER_SPEC,
    CLIENT_HELLO,
    CLIENT_KEY_EXCHANGE,
    EMPTY_RENEGOTIATION_INFO_SCSV,
    EXTENDED_MASTER_SECRET,
    HANDSHAKE,
    HEARTBEAT,
    HEARTBEAT_EXTENSION,
    RENEGOTIATION_INFO,
    SERVER_HELLO,
    SERVER_HELLO_DONE,
    SERVER_KEY_EXCHANGE,
    SIGNATURE_ALGORITHMS,
    SUPPORTED_GROUPS,
    SUPPORTED_VERSIONS,
    TLS12,
)

_SUITES = (0xC02B, 0xC02C, 0xCCA9)
"""Suites that the real server accepts: ECDHE with ECDSA, and AES-GCM or ChaCha20."""
_X25519, _P256 = 0x001D, 0x0017
_ECDSA_SHA256 = 0x0403
_NAMED_CURVE = b"\x03"
_UNEXPECTED, _UNREADABLE = 10, 20  # unexpected_message, bad_record_mac
_RESPONSE = b"\x02"
_RECORD = 16_384
_PIECE = 65_536
_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class FlawedFront:
    """Holds one address, and the server behind it with its chain and key."""

    flaw: LibraryFlaw
    address: str
    behind: str
    chain: tuple[bytes, ...]
    key: ec.EllipticCurvePrivateKey

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection for at most a minute; clients that are gone are no error."""
        try:
            async with asyncio.timeout(_SECONDS):
                await self._talk(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await _record(reader)
        offered = hello(first) if self.flaw is LibraryFlaw.HEARTBLEED else None
        if offered is not None:
            writer.write(self._flight(offered))
            await _echo(reader, writer)
            return
        server_reader, server = await asyncio.open_unix_connection(self.behind)
        try:
            server.write(first)
            back = asyncio.create_task(_pipe(server_reader, writer))
            if self.flaw is LibraryFlaw.EARLY_CCS and not await _key_comes_first(reader, server):
                await _record(reader)
                writer.write(_alert(_UNREADABLE))
                await writer.drain()
                back.cancel()
                return
            ahead = asyncio.create_task(_pipe(reader, server))
            await asyncio.wait((ahead, back), return_when=asyncio.FIRST_COMPLETED)
            ahead.cancel()
            back.cancel()
        finally:
            server.close()
            with suppress(OSError):
                await server.wait_closed()

    def _flight(self, offered: "OfferedHello") -> bytes:
        """Return the flight up to ServerHelloDone, the server's own but for the heartbeats (RFC 5246, RFC 8422)."""
        random, share = secrets.token_bytes(32), _share(offered.group)
        known = [(HEARTBEAT_EXTENSION, b"\x01")]
        known += [(RENEGOTIATION_INFO, b"\x00")] if offered.renegotiation else []
        known += [(EXTENDED_MASTER_SECRET, b"")] if offered.extended_master_secret else []
        extensions = b"".join(struct.pack("!HH", code, len(data)) + data for code, data in known)
        chosen = struct.pack("!BHB", 0, offered.suite, 0)  # no session id, and no compression
        server_hello = struct.pack("!H", TLS12) + random + chosen + _sized(extensions, 2)
        parameters = _NAMED_CURVE + struct.pack("!H", offered.group) + _sized(share, 1)
        signature = self.key.sign(offered.random + random + parameters, ec.ECDSA(hashes.SHA256()))
        exchange = parameters + struct.pack("!H", _ECDSA_SHA256) + _sized(signature, 2)
        certificates = _sized(b"".join(_sized(data, 3) for data in self.chain), 3)
        messages = (
            (SERVER_HELLO, server_hello),
            (CERTIFICATE, certificates),
            (SERVER_KEY_EXCHANGE, exchange),
            (SERVER_HELLO_DONE, b""),
        )
        return _records(HANDSHAKE, b"".join(bytes((kind,)) + _sized(body, 3) for kind, body in messages))


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedHello:
    """The part of a ClientHello on which the answer depends."""

    random: bytes
    suite: int
    group: int
    renegotiation: bool
    extended_master_secret: bool


def hello(record: bytes) -> OfferedHello | None:
    """Return the offer of a client that knows heartbeats and that can be answered; None for every other one."""
    try:
        return _hello(record)
    except TlsWireError:
        return None


def _hello(record: bytes) -> OfferedHello | None:
    outer = Cursor(record[5:])
    if record[0] != HANDSHAKE or outer.number(1) != CLIENT_HELLO:
        return None
    cursor = Cursor(outer.vector(3))
    version, random, _session = cursor.number(2), cursor.take(32), cursor.vector(1)
    suites, _compressions = _numbers(cursor.vector(2)), cursor.vector(1)
    extensions = dict(extensions_of(cursor.vector(2))) if cursor.left else {}
    schemes = _numbers(extensions.get(SIGNATURE_ALGORITHMS, b"")[2:])
    groups = _numbers(extensions.get(SUPPORTED_GROUPS, b"")[2:])
    versions = _numbers(extensions.get(SUPPORTED_VERSIONS, b"")[1:]) or (version,)
    suite = next((code for code in suites if code in _SUITES), None)
    group = next((code for code in groups if code in (_X25519, _P256)), None)
    if HEARTBEAT_EXTENSION not in extensions or TLS12 not in versions or _ECDSA_SHA256 not in schemes:
        return None
    if suite is None or group is None:
        return None
    return OfferedHello(
        random=random,
        suite=suite,
        group=group,
        renegotiation=RENEGOTIATION_INFO in extensions or EMPTY_RENEGOTIATION_INFO_SCSV in suites,
        extended_master_secret=EXTENDED_MASTER_SECRET in extensions,
    )


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send back as many bytes as a heartbeat claims to have; missing ones are zeros here, and memory in the flaw."""
    while (record := await _record(reader))[0] == HEARTBEAT and len(record) >= 8:
        claimed = int.from_bytes(record[6:8])
        payload = record[8 : 8 + claimed].ljust(claimed, b"\0")
        writer.write(_records(HEARTBEAT, _RESPONSE + record[6:8] + payload + bytes(16)))
        await writer.drain()
    writer.write(_alert(_UNEXPECTED))
    await writer.drain()


async def _key_comes_first(reader: asyncio.StreamReader, server: asyncio.StreamWriter) -> bool:
    """Passes records on to the server, up to the client's key exchange; or to a ChangeCipherSpec before that, which
    is taken here."""
    while True:
        record = await _record(reader)
        if record[0] == CHANGE_CIPHER_SPEC:
            return False
        server.write(record)
        if record[0] != HANDSHAKE or record[5:6] == bytes((CLIENT_KEY_EXCHANGE,)):
            return True


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_PIECE):
        writer.write(data)
        await writer.drain()


async def _record(reader: asyncio.StreamReader) -> bytes:
    """Return the next record with its header; of other protocols than TLS the first five bytes."""
    head = await reader.readexactly(5)
    if head[0] not in (CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, HEARTBEAT):
        return head
    return head + await reader.readexactly(int.from_bytes(head[3:5]))


def _share(group: int) -> bytes:
    if group == _X25519:
        return x25519.X25519PrivateKey.generate().public_key().public_bytes_raw()
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _alert(code: int) -> bytes:
    return _records(ALERT, bytes((2, code)))


def _records(kind: int, data: bytes) -> bytes:
    parts = (data[start : start + _RECORD] for start in range(0, len(data), _RECORD))
    return b"".join(struct.pack("!BHH", kind, TLS12, len(part)) + part for part in parts)


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"!{len(data) // 2}H", data[: len(data) // 2 * 2])


def _sized(data: bytes, width: int) -> bytes:
    return len(data).to_bytes(width) + data


def front(row: dict[str, str]) -> FlawedFront:
    """Read one row of the configuration with the files that it names."""
    key = serialization.load_pem_private_key(Path(row["key"]).read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    chain = x509.load_pem_x509_certificates(Path(row["chain"]).read_bytes())
    ders = tuple(certificate.public_bytes(Encoding.DER) for certificate in chain)
    return FlawedFront(flaw=LibraryFlaw[row["flaw"]], address=row["address"], behind=row["behind"], chain=ders, key=key)


async def serve(rows: Sequence[dict[str, str]]) -> None:
    """Listen for all of them until stopped."""
    servers = [
        await asyncio.start_server(flawed_front.serve, flawed_front.address, 443) for flawed_front in map(front, rows)
    ]
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(serve(json.loads(Path(sys.argv[1]).read_text("utf-8"))))

"""Simulates hostile TLS servers: records and messages without end, during a handshake or after it.

The floods before a handshake ends are written by hand. Those behind it need the session's keys: the handshake is
OpenSSL's, which logs its secrets (RFC 9850), and the records are sealed here by RFC 8446 §5.2 and §7.
"""

import asyncio
import ssl
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.x509.oid import NameOID

from containers.rehearsal.peers.hostile_text import INJECTED
from containers.rehearsal.peers.hostile_web import PAGES, Talk, flood

HELLO_REQUEST = b"\x16\x03\x03\x00\x04\x00\x00\x00\x00"
CHANGE_CIPHER_SPEC = b"\x14\x03\x03\x00\x01\x01"
EMPTY_HANDSHAKE = b"\x16\x03\x03\x00\x00"
_SERVER_HELLO = b"\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03" + bytes(range(32)) + b"\x00\xc0\x2f\x00"
_CERTIFICATE = b"\x16\x03\x03\x00\x0a\x0b\xff\xff\xff\xff\xff\xfc\xff\xff\xf9"
_PIECE = b"\x16\x03\x03\x40\x00" + bytes(16_384)
_HANDSHAKE, _DATA = 22, 23
_KEY_UPDATE = b"\x18\x00\x00\x01\x00"
_TICKET = b"\x04\x00\x02\x0d" + bytes(4) + bytes(4) + b"\x00" + b"\x02\x00" + bytes(512) + b"\x00\x00"
_BATCH = 20


def flooding(block: bytes, head: bytes = b"") -> Talk:
    """Return a dialogue that repeats a block for ever, regardless of the client."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await flood(writer, head, block)

    return talk


@dataclass(slots=True)
class Sealer:
    """Seals the records of a server from its known traffic secret, from the first record on."""

    secret: bytes
    number: int = 0

    def seal(self, kind: int, content: bytes) -> bytes:
        """Return one record of TLS_AES_256_GCM_SHA384."""
        key, iv = self._expanded(b"key", 32), self._expanded(b"iv", 12)
        nonce = (int.from_bytes(iv) ^ self.number).to_bytes(12)
        self.number += 1
        inner = content + bytes((kind,))
        head = b"\x17\x03\x03" + (len(inner) + 16).to_bytes(2)
        return head + AESGCM(key).encrypt(nonce, inner, head)

    def update(self) -> None:
        """Go on with the next generation of keys (RFC 8446 §7.2)."""
        self.secret, self.number = self._expanded(b"traffic upd", 48), 0

    def _expanded(self, label: bytes, size: int) -> bytes:
        full = b"tls13 " + label
        info = size.to_bytes(2) + bytes((len(full),)) + full + b"\x00"
        return HKDFExpand(hashes.SHA384(), size, info).derive(self.secret)


def _key_updates(sealer: Sealer) -> Iterator[bytes]:
    while True:
        yield sealer.seal(_HANDSHAKE, _KEY_UPDATE)
        sealer.update()


def _records(kind: int, content: bytes, sealer: Sealer) -> Iterator[bytes]:
    while True:
        yield sealer.seal(kind, content)


def behind_the_handshake(make: Callable[[Sealer], Iterator[bytes]]) -> Talk:
    """Return a handshake that ends, then records without end."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        context, log = _context()
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_side=True)
        hello = await _shaken(reader, writer, tls, incoming, outgoing)
        secret = _secret(log, hello[11:43])
        if tls.version() != "TLSv1.3" or secret is None:
            return
        records = make(Sealer(secret))
        while not writer.is_closing():
            writer.write(b"".join(next(records) for _ in range(_BATCH)))
            await writer.drain()

    return talk


async def _shaken(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    tls: ssl.SSLObject,
    incoming: ssl.MemoryBIO,
    outgoing: ssl.MemoryBIO,
) -> bytes:
    """Return the first bytes that the client sent."""
    first = b""
    while True:
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            writer.write(outgoing.read())
            data = await reader.read(16_384)
            if not data:
                raise EOFError from None
            first = first or data
            incoming.write(data)
        else:
            writer.write(outgoing.read())
            return first


def secured(page: Talk) -> Talk:
    """Return the dialogue of a plain web server inside a TLS session."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        context, _ = _context()
        await writer.start_tls(context)
        await page(reader, writer)

    return talk


SECURE: Mapping[str, Talk] = {
    "tls-hello-requests": flooding(HELLO_REQUEST * 1_000),
    "tls-ccs": flooding(CHANGE_CIPHER_SPEC * 1_000),
    "tls-empty-records": flooding(EMPTY_HANDSHAKE * 1_000),
    "tls-certificate": flooding(_PIECE, _SERVER_HELLO + _CERTIFICATE),
    "tls-key-updates": behind_the_handshake(_key_updates),
    "tls-tickets": behind_the_handshake(partial(_records, _HANDSHAKE, _TICKET)),
    "tls-empty-data": behind_the_handshake(partial(_records, _DATA, b"")),
    **{f"https-{name}": secured(page) for name, page in PAGES.items()},
}


@cache
def _context() -> tuple[ssl.SSLContext, Path]:
    """Return the context of all connections, with the file that it logs secrets to."""
    folder = Path(tempfile.mkdtemp(prefix="hostile-"))
    served, log = folder / "served.pem", folder / "secrets"
    served.write_bytes(_certificate())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(served)
    context.num_tickets = 0  # the records that are sealed here are the first of the session
    context.keylog_filename = str(log)
    return context, log


def _secret(log: Path, client_random: bytes) -> bytes | None:
    for line in reversed(log.read_text("ascii").splitlines()):
        label, number, secret = line.split()
        if label == "SERVER_TRAFFIC_SECRET_0" and number == client_random.hex():
            return bytes.fromhex(secret)
    return None


def _certificate() -> bytes:
    """Return key and certificate with names that no report may show unescaped."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, INJECTED.replace("\0", "")[:60])])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("<script>alert(1)</script>")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + made.public_bytes(serialization.Encoding.PEM)

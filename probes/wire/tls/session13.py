"""Makes a whole TLS 1.3 handshake as client, without I/O, to read the encrypted messages of servers (RFC 8446).

It does not verify the server (neither certificate nor Finished): it measures. It offers two key shares and gives up if
a server wants another group.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from probes.wire.tls import groups, signatures
from probes.wire.tls.errors import TlsWireError
from probes.wire.tls.flight import extensions_of, server_hello
from probes.wire.tls.hello import HelloOffer, client_hello, message, records
from probes.wire.tls.numbers import (
    ALERT,
    APPLICATION_DATA,
    CERTIFICATE,
    CERTIFICATE_REQUEST,
    CHANGE_CIPHER_SPEC,
    EARLY_DATA,
    FINISHED,
    HANDSHAKE,
    KEY_SHARE,
    NEW_SESSION_TICKET,
    SERVER_HELLO,
    TLS12,
    TLS13,
)

Hash = Callable[..., "hashlib._Hash"]
Cipher = type[AESGCM] | type[ChaCha20Poly1305]
_SUITES: dict[int, tuple[Hash, Cipher, int]] = {
    0x1301: (hashlib.sha256, AESGCM, 16),
    0x1302: (hashlib.sha384, AESGCM, 32),
    0x1303: (hashlib.sha256, ChaCha20Poly1305, 32),
}
_LIMIT = 262_144
_CLOSE_NOTIFY = b"\x01\x00"


class _Keys:
    """Encrypts and decrypts one direction with the keys of one traffic secret."""

    def __init__(self, digest: Hash, cipher: Cipher, size: int, secret: bytes) -> None:
        self._aead = cipher(expand(digest, secret, "key", b"", size))
        self._iv = int.from_bytes(expand(digest, secret, "iv", b"", 12))
        self._number = 0

    def _nonce(self) -> bytes:
        self._number += 1
        return (self._iv ^ (self._number - 1)).to_bytes(12)

    def open(self, header: bytes, body: bytes) -> tuple[int, bytes]:
        """Return the content type and content of a protected record. Raise TlsWireError if it does not decrypt."""
        try:
            inner = self._aead.decrypt(self._nonce(), body, header).rstrip(b"\0")
        except (InvalidTag, ValueError) as problem:
            raise TlsWireError("a record that cannot be opened") from problem
        if not inner:
            raise TlsWireError("a record without content")
        return inner[-1], inner[:-1]

    def seal(self, kind: int, content: bytes) -> bytes:
        inner = content + bytes((kind,))
        header = bytes((APPLICATION_DATA, 3, 3)) + (len(inner) + 16).to_bytes(2)
        return header + self._aead.encrypt(self._nonce(), inner, header)


class Session13:
    """Runs a session: send ``hello``, pass all bytes received to ``feed`` and send its result, until ``done``.

    ``certificates`` is the body of the server's Certificate message. ``early_data``: the most bytes of 0-RTT data that
    a ticket allows; 0 if tickets allow none, None if no ticket came.
    """

    def __init__(
        self, server_name: str | None, alpn: tuple[str, ...] = (), more: tuple[tuple[int, bytes], ...] = ()
    ) -> None:
        self._x, self._p = x25519.X25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())
        shares = (
            (groups.X25519, self._x.public_key().public_bytes_raw()),
            (groups.SECP256R1, self._p.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)),
        )
        offer = HelloOffer(
            version=TLS13,
            suites=tuple(_SUITES),
            server_name=server_name,
            groups=tuple(group for group, _ in shares),
            signatures=signatures.EVERY,
            key_shares=shares,
            alpn=alpn,
            renegotiation=None,
            extended_master_secret=False,
            more=more,
        )
        wire = client_hello(offer, random=secrets.token_bytes(32), session_id=secrets.token_bytes(32))
        self.hello = records(wire)
        self.early_data: int | None = None
        self.certificates = b""
        self.agreed = False
        self.done = False
        self._transcript = bytearray(wire)
        self._data, self._messages = bytearray(), bytearray()
        self._taken = 0
        self._requested: bytes | None = None
        self._reading: _Keys | None = None

    def feed(self, data: bytes) -> bytes:
        """Return the bytes to send now. Raise TlsWireError if the server's are invalid."""
        self._taken += len(data)
        if self._taken > _LIMIT:
            raise TlsWireError("a session without end")
        self._data += data
        return b"".join(self._answer(kind, content) for kind, content in self._records())

    def _records(self) -> Iterator[tuple[int, bytes]]:
        while len(self._data) >= 5 and not self.done:
            header, size = bytes(self._data[:5]), int.from_bytes(self._data[3:5])
            if len(self._data) < 5 + size:
                return
            body = bytes(self._data[5 : 5 + size])
            del self._data[: 5 + size]
            if header[0] == APPLICATION_DATA and self._reading is not None:
                yield self._reading.open(header, body)
            elif header[0] != CHANGE_CIPHER_SPEC:
                yield header[0], body

    def _answer(self, kind: int, content: bytes) -> bytes:
        if kind == ALERT:
            self.done = True
        if kind != HANDSHAKE:
            return b""
        self._messages += content
        sent = b""
        while len(self._messages) >= 4 and not self.done:
            size = 4 + int.from_bytes(self._messages[1:4])
            if len(self._messages) < size:
                break
            whole = bytes(self._messages[:size])
            del self._messages[:size]
            sent += self._message(whole[0], whole)
        return sent

    def _message(self, kind: int, whole: bytes) -> bytes:
        if self._reading is None:
            if kind != SERVER_HELLO:
                raise TlsWireError(f"message {kind} before the server's hello")
            self._transcript += whole
            self._start(whole[4:])
        elif kind == NEW_SESSION_TICKET and self.agreed:
            self._ticket(whole[4:])
        elif not self.agreed:
            self._transcript += whole
            if kind == CERTIFICATE:
                self.certificates = whole[4:]
            if kind == CERTIFICATE_REQUEST:
                self._requested = whole[4 : 5 + whole[4]] if len(whole) > 4 else b"\0"
            if kind == FINISHED:
                return self._finish()
        return b""

    def _start(self, body: bytes) -> None:
        """Derive the handshake keys from a ServerHello (RFC 8446 §7.1)."""
        hello = server_hello(body)
        if hello.version != TLS13 or hello.suite not in _SUITES or hello.retry:
            raise TlsWireError("a hello of another version, suite or group")
        self._digest, self._cipher, self._size = _SUITES[hello.suite]
        zero = bytes(self._digest().digest_size)
        early = hmac.digest(zero, zero, self._digest)
        shared = self._shared(dict(hello.extensions).get(KEY_SHARE, b""))
        self._secret = hmac.digest(self._derive(early, "derived", b""), shared, self._digest)
        self._client = self._derive(self._secret, "c hs traffic", self._transcript)
        self._writing = self._keys(self._client)
        self._reading = self._keys(self._derive(self._secret, "s hs traffic", self._transcript))

    def _shared(self, share: bytes) -> bytes:
        group, public = int.from_bytes(share[:2]), share[4:]
        try:
            if group == groups.X25519:
                return self._x.exchange(x25519.X25519PublicKey.from_public_bytes(public))
            point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
            return self._p.exchange(ec.ECDH(), point)
        except ValueError as problem:
            raise TlsWireError("a key share that is none") from problem

    def _finish(self) -> bytes:
        """Return our last flight with close_notify, after which the server sends the rest; use application keys."""
        zero = bytes(self._digest().digest_size)
        master = hmac.digest(self._derive(self._secret, "derived", b""), zero, self._digest)
        application = self._derive(master, "c ap traffic", self._transcript)
        self._reading = self._keys(self._derive(master, "s ap traffic", self._transcript))
        flight = records(b"\x01", kind=CHANGE_CIPHER_SPEC, version=TLS12)
        if self._requested is not None:
            empty = message(CERTIFICATE, self._requested + bytes(3))
            self._transcript += empty
            flight += self._writing.seal(HANDSHAKE, empty)
        key = expand(self._digest, self._client, "finished", b"", len(zero))
        proof = hmac.digest(key, self._digest(self._transcript).digest(), self._digest)
        flight += self._writing.seal(HANDSHAKE, message(FINISHED, proof))
        self.agreed = True
        return flight + self._keys(application).seal(ALERT, _CLOSE_NOTIFY)

    def _ticket(self, body: bytes) -> None:
        """Read a NewSessionTicket (RFC 8446 §4.6.1): lifetime, age, nonce, ticket, extensions."""
        at = 9 + (body[8] if len(body) > 8 else 0)
        at += 2 + int.from_bytes(body[at : at + 2])
        if at + 2 > len(body):
            raise TlsWireError("a ticket that ends too early")
        limit = dict(extensions_of(body[at + 2 :])).get(EARLY_DATA, b"")
        self.early_data = max(self.early_data or 0, int.from_bytes(limit[:4]))

    def _derive(self, secret: bytes, label: str, transcript: bytes | bytearray) -> bytes:
        digest = self._digest(transcript).digest()
        return expand(self._digest, secret, label, digest, len(digest))

    def _keys(self, secret: bytes) -> _Keys:
        return _Keys(self._digest, self._cipher, self._size, secret)


def expand(digest: Hash, secret: bytes, label: str, context: bytes, size: int) -> bytes:
    """Return HKDF-Expand-Label of a secret (RFC 8446 §7.1, RFC 5869)."""
    name = b"tls13 " + label.encode("ascii")
    info = size.to_bytes(2) + bytes((len(name),)) + name + bytes((len(context),)) + context
    block, out = b"", b""
    while len(out) < size:
        block = hmac.digest(secret, block + info + bytes((len(out) // digest().digest_size + 1,)), digest)
        out += block
    return out[:size]

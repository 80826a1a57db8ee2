"""Reads a server's answer to a ClientHello as it arrives: an alert, or its hello and the rest of its flight.

Feed it bytes until ``done``. In TLS 1.3 the flight ends with the ServerHello; the rest is encrypted.
"""

import struct
from dataclasses import dataclass, field

from probes.wire.tls.cursor import Cursor
from probes.wire.tls.errors import TlsWireError
from probes.wire.tls.numbers import (
    ALERT,
    ALPN,
    CERTIFICATE,
    CERTIFICATE_REQUEST,
    CERTIFICATE_STATUS,
    CHANGE_CIPHER_SPEC,
    EXTENDED_MASTER_SECRET,
    HANDSHAKE,
    HEARTBEAT_EXTENSION,
    KEY_SHARE,
    RENEGOTIATION_INFO,
    SERVER_HELLO,
    SERVER_HELLO_DONE,
    SERVER_KEY_EXCHANGE,
    SSL3,
    SUPPORTED_VERSIONS,
    TLS12,
    TLS13,
)
from probes.wire.tls.suites import by_code

FLIGHT_LIMIT = 262_144
_RECORD_LIMIT = 16_384 + 2_048
# SHA-256 of "HelloRetryRequest" (RFC 8446 §4.1.3).
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
_NAMED_CURVE = 3


@dataclass(frozen=True, slots=True)
class Alert:
    level: int
    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerHello:
    """Holds the server's choices. ``retry``: a HelloRetryRequest. ``group``: that of key_share, None before TLS 1.3."""

    version: int
    suite: int
    compression: int
    session_id: bytes
    extensions: tuple[tuple[int, bytes], ...] = ()
    random: bytes = b""
    retry: bool = False
    group: int | None = None

    @property
    def codes(self) -> frozenset[int]:
        return frozenset(code for code, _ in self.extensions)

    @property
    def extended_master_secret(self) -> bool:
        return EXTENDED_MASTER_SECRET in self.codes

    @property
    def secure_renegotiation(self) -> bool:
        return RENEGOTIATION_INFO in self.codes

    @property
    def heartbeat(self) -> bool:
        return HEARTBEAT_EXTENSION in self.codes

    @property
    def alpn(self) -> str | None:
        data = dict(self.extensions).get(ALPN)
        return None if data is None or len(data) < 3 else data[3 : 3 + data[2]].decode("ascii", "replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyExchange:
    """Holds a ServerKeyExchange. ``group`` is for named curves, ``prime`` and ``public`` as sent for finite fields.

    ``signature`` is the scheme, None if not named: before TLS 1.2, and for anonymous suites.
    """

    group: int | None = None
    prime: bytes = b""
    public: bytes = b""
    signature: int | None = None


@dataclass(slots=True)
class Flight:
    """Holds all that was read so far. ``certificates`` and ``status`` are message bodies, only before TLS 1.3."""

    alert: Alert | None = None
    hello: ServerHello | None = None
    key_exchange: KeyExchange | None = None
    certificate_requested: bool = False
    certificates: bytes = b""
    status: bytes = b""
    complete: bool = False


@dataclass(slots=True)
class FlightReader:
    """Reads the server's bytes. Raises TlsWireError if they are not TLS; ``flight`` keeps all messages before them."""

    flight: Flight = field(default_factory=Flight)
    _data: bytearray = field(default_factory=bytearray)
    _messages: bytearray = field(default_factory=bytearray)
    _taken: int = 0

    @property
    def done(self) -> bool:
        return self.flight.complete or self.flight.alert is not None

    def feed(self, data: bytes) -> None:
        self._taken += len(data)
        if self._taken > FLIGHT_LIMIT:
            raise TlsWireError("a flight without end")
        self._data += data
        while not self.done and (record := self._record()) is not None:
            kind, body = record
            if kind == ALERT:
                self._alert(body)
            elif kind == HANDSHAKE:
                self._messages += body
                self._read_messages()
            elif kind != CHANGE_CIPHER_SPEC:  # TLS 1.3 sends an empty one for old middleboxes
                raise TlsWireError(f"a record of type {kind}")

    def _record(self) -> tuple[int, bytes] | None:
        if len(self._data) < 5:
            if self._data and self._data[0] not in (CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE):
                raise TlsWireError("no TLS record")
            return None
        kind, version, size = struct.unpack_from("!BHH", self._data)
        if kind not in (CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE) or version >> 8 != 3 or not 0 < size <= _RECORD_LIMIT:
            raise TlsWireError("no TLS record")
        if len(self._data) < 5 + size:
            return None
        body = bytes(self._data[5 : 5 + size])
        del self._data[: 5 + size]
        return kind, body

    def _alert(self, body: bytes) -> None:
        if len(body) != 2:
            raise TlsWireError("an alert that is none")
        if body[0] != 1 or body[1] in (0, 100):  # other warnings (unrecognized_name) do not end a handshake
            self.flight.alert = Alert(body[0], body[1])

    def _read_messages(self) -> None:
        while len(self._messages) >= 4 and not self.done:
            size = int.from_bytes(self._messages[1:4])
            if size > FLIGHT_LIMIT:
                raise TlsWireError("a handshake message without end")
            if len(self._messages) < 4 + size:
                return
            kind, body = self._messages[0], bytes(self._messages[4 : 4 + size])
            del self._messages[: 4 + size]
            self._message(kind, body)

    def _message(self, kind: int, body: bytes) -> None:
        flight = self.flight
        if flight.hello is None:
            if kind != SERVER_HELLO:
                raise TlsWireError(f"message {kind} before the server's hello")
            flight.hello = server_hello(body)
            flight.complete = flight.hello.version >= TLS13
        elif kind == SERVER_KEY_EXCHANGE:
            flight.key_exchange = key_exchange(body, flight.hello)
        elif kind == CERTIFICATE_REQUEST:
            flight.certificate_requested = True
        elif kind == CERTIFICATE:
            flight.certificates = body
        elif kind == CERTIFICATE_STATUS:
            flight.status = body
        elif kind == SERVER_HELLO_DONE:
            flight.complete = True


def server_hello(body: bytes) -> ServerHello:
    """Return a ServerHello or HelloRetryRequest. Raise TlsWireError if it is invalid."""
    cursor = Cursor(body)
    version, random, session_id = cursor.number(2), cursor.take(32), cursor.vector(1)
    suite, compression = cursor.number(2), cursor.number(1)
    extensions = extensions_of(cursor.vector(2)) if cursor.left else ()
    if not SSL3 <= version <= TLS12 or len(session_id) > 32:
        raise TlsWireError("a server's hello that is none")
    known = dict(extensions)
    chosen = known.get(SUPPORTED_VERSIONS)
    if chosen is not None:
        version = int.from_bytes(chosen)
    share = known.get(KEY_SHARE, b"")
    return ServerHello(
        version=version,
        suite=suite,
        compression=compression,
        session_id=session_id,
        extensions=extensions,
        random=random,
        retry=random == _RETRY,
        group=int.from_bytes(share[:2]) if len(share) >= 2 else None,
    )


def extensions_of(data: bytes) -> tuple[tuple[int, bytes], ...]:
    """Return the code and content of each extension in a list. Raise TlsWireError if it is cut off."""
    cursor = Cursor(data)
    found = []
    while cursor.left:
        found.append((cursor.number(2), cursor.vector(2)))
    return tuple(found)


def key_exchange(body: bytes, hello: ServerHello) -> KeyExchange | None:
    """Return the ServerKeyExchange for the suite of ``hello``; None for exchanges not read. Raise TlsWireError."""
    suite = by_code().get(hello.suite)
    if suite is None or not (suite.elliptic or suite.finite_field) or "PSK" in suite.exchange:
        return None
    cursor = Cursor(body)
    group, prime = None, b""
    if suite.elliptic:
        if cursor.number(1) != _NAMED_CURVE:
            return KeyExchange()  # an explicit curve, which servers no longer use
        group, public = cursor.number(2), cursor.vector(1)
    else:
        prime, _generator, public = cursor.vector(2), cursor.vector(2), cursor.vector(2)
    signed = not suite.anonymous and hello.version >= TLS12
    return KeyExchange(group=group, prime=prime, public=public, signature=cursor.number(2) if signed else None)

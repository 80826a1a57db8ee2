"""Builds any ClientHello for a test, also ones that no client should send (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2).

SSL 2.0 has a different hello, in ``ssl2``.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from probes.wire.tls.errors import TlsWireError
from probes.wire.tls.numbers import (
    ALPN,
    CLIENT_HELLO,
    EC_POINT_FORMATS,
    EXTENDED_MASTER_SECRET,
    HANDSHAKE,
    HEARTBEAT_EXTENSION,
    KEY_SHARE,
    PADDING,
    PSK_KEY_EXCHANGE_MODES,
    RENEGOTIATION_INFO,
    SERVER_NAME,
    SESSION_TICKET,
    SIGNATURE_ALGORITHMS,
    SSL3,
    SUPPORTED_GROUPS,
    SUPPORTED_VERSIONS,
    TLS10,
    TLS12,
    TLS13,
)

_RECORD_LIMIT = 16_384
_NO_SUITE = 0x0A0A
_HUNG = range(256, 512)
"""Lengths of a hello at which a widespread load balancer stops answering (RFC 7685 §1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HelloOffer:
    """Holds the offer of one ClientHello. An empty tuple omits its extension; ``key_shares`` None does so in TLS 1.3.

    ``version`` is the highest; from TLS 1.3 it is in supported_versions, with the ``older`` ones. The same holds for a
    lower ``version`` that has ``older`` ones: a TLS 1.3 server accepts only listed versions (RFC 8446 §4.2.1).
    ``renegotiation`` is the content of renegotiation_info, None omits it. SSL 3.0 is offered without any extension.
    """

    version: int
    suites: tuple[int, ...]
    server_name: str | None = None
    groups: tuple[int, ...] = ()
    signatures: tuple[int, ...] = ()
    compressions: tuple[int, ...] = (0,)
    alpn: tuple[str, ...] = ()
    key_shares: tuple[tuple[int, bytes], ...] | None = ()
    extended_master_secret: bool = True
    renegotiation: bytes | None = b""
    heartbeat: bool = False
    session_ticket: bool = False
    more: tuple[tuple[int, bytes], ...] = ()
    older: tuple[int, ...] = ()


def client_hello(offer: HelloOffer, *, random: bytes, session_id: bytes = b"") -> bytes:
    """Return the ClientHello message. Raise TlsWireError if a value does not fit its field."""
    try:
        body = struct.pack("!H", TLS12 if offer.older else min(offer.version, TLS12)) + random + _vector(session_id, 1)
        body += _vector(_shorts(_suites(offer, len(body))), 2) + _vector(bytes(offer.compressions), 1)
        if offer.version > SSL3:
            listed = b"".join(struct.pack("!H", code) + _vector(data, 2) for code, data in _extensions(offer))
            body += _vector(listed + _padding(len(body) + 2 + len(listed)), 2)
    except (struct.error, ValueError, OverflowError) as problem:
        raise TlsWireError(f"a hello that cannot be written: {problem}") from problem
    if len(random) != 32 or len(session_id) > 32:
        raise TlsWireError("random takes 32 bytes, a session id at most 32")
    return message(CLIENT_HELLO, body)


def _suites(offer: HelloOffer, before: int) -> tuple[int, ...]:
    """Return the offered suites; in SSL 3.0, which has no extensions, padded past the lengths to avoid.

    The padding is a code that is reserved and never names a suite (RFC 8701 §2).
    """
    size = 4 + before + 2 + 2 * len(offer.suites) + 1 + len(offer.compressions)
    if offer.version > SSL3 or size not in _HUNG:
        return offer.suites
    return (*offer.suites, *(_NO_SUITE,) * ((_HUNG.stop - size + 1) // 2))


def _padding(size: int) -> bytes:
    """Return the padding of RFC 7685 for a hello with a body of ``size`` bytes; empty outside the lengths to avoid.

    As browsers do, it pads to 512 bytes with the message header; the extension itself takes four bytes or more.
    """
    missing = _HUNG.stop - (size + 4)
    if size + 4 not in _HUNG:
        return b""
    return struct.pack("!H", PADDING) + _vector(bytes(max(1, missing - 4)), 2)


def message(kind: int, body: bytes) -> bytes:
    """Return a handshake message. Raise TlsWireError beyond 16 MB."""
    if len(body) >= 1 << 24:
        raise TlsWireError("a handshake message beyond 16 MB")
    return bytes((kind,)) + len(body).to_bytes(3) + body


def records(data: bytes, *, kind: int = HANDSHAKE, version: int = TLS10) -> bytes:
    """Return ``data`` in as many plaintext records as needed."""
    parts = (data[start : start + _RECORD_LIMIT] for start in range(0, max(len(data), 1), _RECORD_LIMIT))
    return b"".join(struct.pack("!BHH", kind, version, len(part)) + part for part in parts)


def hello_record(offer: HelloOffer, *, random: bytes, session_id: bytes = b"") -> bytes:
    """Return the hello in its record, marked TLS 1.0 at most: some servers reject more before versions are agreed."""
    return records(client_hello(offer, random=random, session_id=session_id), version=min(offer.version, TLS10))


def _extensions(offer: HelloOffer) -> Iterable[tuple[int, bytes]]:
    """Yield the extensions, some empty ones first: some Java servers reject a hello with an empty last extension."""
    if offer.server_name:
        yield SERVER_NAME, _vector(b"\0" + _vector(offer.server_name.encode("ascii"), 2), 2)
    if offer.extended_master_secret:
        yield EXTENDED_MASTER_SECRET, b""
    if offer.session_ticket:
        yield SESSION_TICKET, b""
    if offer.groups:
        yield SUPPORTED_GROUPS, _vector(_shorts(offer.groups), 2)
        yield EC_POINT_FORMATS, b"\x01\x00"
    if offer.signatures and offer.version >= TLS12:
        yield SIGNATURE_ALGORITHMS, _vector(_shorts(offer.signatures), 2)
    if offer.renegotiation is not None:
        yield RENEGOTIATION_INFO, _vector(offer.renegotiation, 1)
    if offer.heartbeat:
        yield HEARTBEAT_EXTENSION, b"\x01"
    if offer.alpn:
        yield ALPN, _vector(b"".join(_vector(text.encode("ascii"), 1) for text in offer.alpn), 2)
    yield from _extensions_of_tls13(offer)
    yield from offer.more


def _extensions_of_tls13(offer: HelloOffer) -> Iterable[tuple[int, bytes]]:
    if offer.version >= TLS13 or offer.older:
        yield SUPPORTED_VERSIONS, _vector(_shorts((offer.version, *offer.older)), 1)
    if offer.version < TLS13:
        return
    yield PSK_KEY_EXCHANGE_MODES, b"\x01\x01"
    if offer.key_shares is not None:
        shares = (struct.pack("!H", group) + _vector(share, 2) for group, share in offer.key_shares)
        yield KEY_SHARE, _vector(b"".join(shares), 2)


def _shorts(values: Sequence[int]) -> bytes:
    return struct.pack(f"!{len(values)}H", *values)


def _vector(data: bytes, width: int) -> bytes:
    return len(data).to_bytes(width) + data

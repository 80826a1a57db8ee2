"""Builds the first packet of QUIC version 1 and tells whether an answer is QUIC (RFC 9000, RFC 9001).

No connection is made: a QUIC server answers a first packet with its handshake, Retry, its supported versions or a
close, and each of them shows that it is there.
"""

import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from probes.wire.tls import groups, signatures
from probes.wire.tls.hello import HelloOffer, client_hello
from probes.wire.tls.numbers import TLS13
from probes.wire.tls.session13 import expand

SIZE = 1_200
"""The bytes of the datagram: servers do not answer smaller ones (RFC 9000 §14.1)."""
_VERSION = bytes.fromhex("00000001")
_SALT = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
_LONG, _FIXED = 0x80, 0x40
_TRANSPORT_PARAMETERS = 0x39
_PARAMETERS = bytes.fromhex("0104800075300504800100000404801000000802403f0902403f0e0104")
"""An idle timeout of 30 s, windows as browsers have them, some streams; our connection id (0x0f) is appended."""
_TAG = 16
_SUITES = (0x1301, 0x1302, 0x1303)


def initial(server_name: str | None) -> bytes:
    """Return a datagram with the Initial packet of a new connection: a ClientHello with SNI that offers HTTP/3."""
    there, here = secrets.token_bytes(8), secrets.token_bytes(8)
    hello = _hello(server_name, here)
    frame = b"\x06\x00" + _number(len(hello)) + hello
    return _sealed(there, here, frame)


def is_quic(datagram: bytes, sent: bytes) -> bool:
    """True if ``datagram`` answers ``sent``.

    It has a long header of version 1 or of version negotiation, and our connection id as destination.
    """
    ours = _source(sent)
    long = len(datagram) > 6 and bool(datagram[0] & _LONG)
    return long and datagram[1:5] in (_VERSION, bytes(4)) and datagram[6 : 6 + datagram[5]] == ours


def _source(sent: bytes) -> bytes:
    at = 6 + sent[5]
    return sent[at + 1 : at + 1 + sent[at]]


def _hello(server_name: str | None, here: bytes) -> bytes:
    share = x25519.X25519PrivateKey.generate().public_key().public_bytes_raw()
    parameters = _PARAMETERS + b"\x0f" + bytes((len(here),)) + here
    offer = HelloOffer(
        version=TLS13,
        suites=_SUITES,
        server_name=server_name,
        groups=(groups.X25519, groups.SECP256R1),
        signatures=signatures.EVERY,
        key_shares=((groups.X25519, share),),
        alpn=("h3",),
        renegotiation=None,
        extended_master_secret=False,
        more=((_TRANSPORT_PARAMETERS, parameters),),
    )
    return client_hello(offer, random=secrets.token_bytes(32))


def _sealed(there: bytes, here: bytes, frame: bytes) -> bytes:
    """Return the protected packet, padded to the size of the datagram; its number is 0, in four bytes."""
    secret = expand(hashlib.sha256, hmac.digest(_SALT, there, hashlib.sha256), "client in", b"", 32)
    key, iv, mask_key = (expand(hashlib.sha256, secret, label, b"", size) for label, size in _KEYS)
    head = bytes((_LONG | _FIXED | 3,)) + _VERSION + bytes((len(there),)) + there + bytes((len(here),)) + here + b"\x00"
    room = SIZE - len(head) - 2 - 4 - _TAG
    content = frame + bytes(max(0, room - len(frame)))
    header = head + _number(4 + len(content) + _TAG, wide=True) + bytes(4)
    body = AESGCM(key).encrypt(iv, content, header)  # the packet number is 0, so the nonce equals iv
    block = Cipher(algorithms.AES(mask_key), modes.ECB())  # noqa: S305 - one block, as RFC 9001 §5.4.3 has it
    mask = block.encryptor().update(body[:16])
    protected = bytearray(header)
    protected[0] ^= mask[0] & 0x0F
    for at in range(4):
        protected[len(header) - 4 + at] ^= mask[1 + at]
    return bytes(protected) + body


_KEYS = (("quic key", 16), ("quic iv", 12), ("quic hp", 16))


def _number(value: int, *, wide: bool = False) -> bytes:
    """Return a variable-length integer, in one byte or in two."""
    return bytes((value,)) if value < 64 and not wide else (0x4000 | value).to_bytes(2)

"""Builds and reads SSH's binary packets before authentication (RFC 4253, RFC 5656, RFC 8731). Bytes only, no I/O."""

import struct
from dataclasses import dataclass

LONGEST_PACKET = 35_000
"""The longest packet that must be supported (RFC 4253 §6.1)."""
LONGEST_LINE = 255
"""The longest identification line (RFC 4253 §4.2), line end included."""
DISCONNECT, IGNORE, UNIMPLEMENTED, DEBUG, SERVICE_REQUEST, SERVICE_ACCEPT, EXT_INFO = 1, 2, 3, 4, 5, 6, 7
KEXINIT, NEWKEYS, KEX_INIT, KEX_REPLY = 20, 21, 30, 31
USERAUTH_REQUEST, USERAUTH_FAILURE, USERAUTH_SUCCESS, USERAUTH_BANNER = 50, 51, 52, 53
_LISTS = 10


class SshError(Exception):
    """Raised if bytes are not valid SSH."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KexOffer:
    """Holds the name-lists of a KEXINIT, client to server and server to client (RFC 4253 §7.1)."""

    kex: tuple[str, ...]
    host_keys: tuple[str, ...]
    ciphers: tuple[tuple[str, ...], tuple[str, ...]]
    macs: tuple[tuple[str, ...], tuple[str, ...]]
    compression: tuple[tuple[str, ...], tuple[str, ...]]


class Reader:
    """Takes fields off the front of a payload; raises SshError if it ends too early."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        end = self._at + size
        if size < 0 or end > len(self._data):
            raise SshError("a field beyond the end of the message")
        piece = self._data[self._at : end]
        self._at = end
        return piece

    def number(self) -> int:
        return int.from_bytes(self.take(4))

    def string(self) -> bytes:
        return self.take(self.number())

    def names(self) -> tuple[str, ...]:
        """Return a name-list; names are printable US-ASCII (RFC 4251 §6), anything else is replaced."""
        text = self.string().decode("ascii", "replace")
        return tuple(name for name in text.split(",") if name)


def string(data: bytes) -> bytes:
    return struct.pack("!I", len(data)) + data


def names(*words: str) -> bytes:
    return string(",".join(words).encode("ascii"))


def mpint(value: int) -> bytes:
    """Return a non-negative number as an mpint (RFC 4251 §5)."""
    return string(value.to_bytes(value.bit_length() // 8 + 1) if value else b"")


def packet(payload: bytes, block: int = 8, covered: int = 5) -> bytes:
    """Return one unencrypted packet. ``covered``: bytes before the payload that count for padding (RFC 4253 §6)."""
    padding = block - (covered + len(payload)) % block
    padding += block if padding < 4 else 0
    return struct.pack("!IB", 1 + len(payload) + padding, padding) + payload + bytes(padding)


def body(data: bytes) -> bytes:
    """Return the payload of a packet without its length field."""
    if not data or 1 + data[0] >= len(data):
        raise SshError("a packet that is all padding")
    return data[1 : len(data) - data[0]]


def length(field: bytes) -> int:
    """Return the packet length. Raise SshError outside the allowed range of 5 to ``LONGEST_PACKET``."""
    size = int.from_bytes(field)
    if not 5 <= size <= LONGEST_PACKET:
        raise SshError(f"a packet of {size} bytes")
    return size


def kexinit(cookie: bytes, offer: KexOffer) -> bytes:
    """Return the payload of our own KEXINIT."""
    pairs = (*offer.ciphers, *offer.macs, *offer.compression, (), ())
    return bytes([KEXINIT]) + cookie + b"".join(names(*n) for n in (offer.kex, offer.host_keys, *pairs)) + bytes(5)


def offered(payload: bytes) -> KexOffer:
    """Read a KEXINIT payload. Raise SshError if it is none."""
    if payload[:1] != bytes([KEXINIT]):
        raise SshError("no KEXINIT")
    reader = Reader(payload[17:])
    found = [reader.names() for _ in range(_LISTS)]
    return KexOffer(
        kex=found[0],
        host_keys=found[1],
        ciphers=(found[2], found[3]),
        macs=(found[4], found[5]),
        compression=(found[6], found[7]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KexReply:
    """Holds the server's reply in a Diffie-Hellman exchange: its host key, its public value, its signature."""

    host_key: bytes
    public: bytes
    signature: bytes


def kex_reply(payload: bytes) -> KexReply:
    """Read SSH_MSG_KEX_ECDH_REPLY or SSH_MSG_KEXDH_REPLY, which have the same layout."""
    if payload[:1] != bytes([KEX_REPLY]):
        raise SshError("no key exchange reply")
    reader = Reader(payload[1:])
    return KexReply(host_key=reader.string(), public=reader.string(), signature=reader.string())


@dataclass(frozen=True, slots=True, kw_only=True)
class HostKey:
    """Holds a host key's type as the blob names it, and its size in bits where the type does not fix it (RSA, DSA)."""

    type: str
    bits: int | None = None


def host_key(blob: bytes) -> HostKey:
    """Read a public key blob (RFC 4253 §6.6)."""
    reader = Reader(blob)
    kind = reader.string().decode("ascii", "replace")
    if kind.startswith("ssh-rsa"):
        reader.string()
        return HostKey(type=kind, bits=int.from_bytes(reader.string()).bit_length())
    if kind == "ssh-dss":
        return HostKey(type=kind, bits=int.from_bytes(reader.string()).bit_length())
    return HostKey(type=kind)


def none_request(user: str) -> bytes:
    """Return the ``none`` authentication request, which lists the available methods (RFC 4252 §5.2)."""
    head = bytes([USERAUTH_REQUEST]) + string(user.encode("ascii"))
    return head + string(b"ssh-connection") + string(b"none")


def methods(payload: bytes) -> tuple[str, ...]:
    """Return the methods of SSH_MSG_USERAUTH_FAILURE."""
    if payload[:1] != bytes([USERAUTH_FAILURE]):
        raise SshError("no answer to the request")
    return Reader(payload[1:]).names()

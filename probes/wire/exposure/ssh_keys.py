"""Does the cryptography for one ``none`` request of SSH: a key exchange and one cipher. Bytes only, no I/O.

It protects no secret of ours and does not authenticate the server: only the server's list of methods is needed.
"""

import hashlib
import hmac
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from probes.wire.exposure.ssh import SshError, body, mpint, packet, string

_P14 = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B"
    "302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE6"
    "49286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D"
    "670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718"
    "3995497CEA956AE515D2261898FA051015728E5A8AACAA68FFFFFFFFFFFFFFFF",
    16,
)
"""Group 14 (RFC 3526 §3)."""
_P1 = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B"
    "302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE6"
    "49286651ECE65381FFFFFFFFFFFFFFFF",
    16,
)
"""Group 1, Oakley group 2 (RFC 2409 §6.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KexSide:
    """Holds one side of a key exchange: the value to send, the hash name, and the function for the shared secret."""

    hash: str
    public: bytes
    shared: Callable[[bytes], int]


def _x25519() -> KexSide:
    key = x25519.X25519PrivateKey.generate()

    def shared(theirs: bytes) -> int:
        return int.from_bytes(key.exchange(x25519.X25519PublicKey.from_public_bytes(theirs)))

    return KexSide(hash="sha256", public=key.public_key().public_bytes_raw(), shared=shared)


def _nist(curve: ec.EllipticCurve, digest: str) -> KexSide:
    key = ec.generate_private_key(curve)

    def shared(theirs: bytes) -> int:
        return int.from_bytes(key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(curve, theirs)))

    public = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return KexSide(hash=digest, public=public, shared=shared)


def _group(prime: int, digest: str, chance: Callable[[int], int]) -> KexSide:
    secret = chance(512)
    public = pow(2, secret, prime)

    def shared(theirs: bytes) -> int:
        value = int.from_bytes(theirs)
        if not 1 < value < prime - 1:
            raise SshError("a public value outside the group")
        return pow(value, secret, prime)

    return KexSide(hash=digest, public=mpint(public)[4:], shared=shared)


KEX: tuple[str, ...] = (
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "diffie-hellman-group14-sha256",
    "diffie-hellman-group14-sha1",
    "diffie-hellman-group1-sha1",
)
"""The key exchanges that we support, best first."""


def exchange(name: str, chance: Callable[[int], int]) -> KexSide:
    """Return our side of the key exchange ``name``; ``chance(bits)`` gives a random number. SshError if unknown."""
    match name:
        case "curve25519-sha256" | "curve25519-sha256@libssh.org":
            return _x25519()
        case "ecdh-sha2-nistp256":
            return _nist(ec.SECP256R1(), "sha256")
        case "ecdh-sha2-nistp384":
            return _nist(ec.SECP384R1(), "sha384")
        case "ecdh-sha2-nistp521":
            return _nist(ec.SECP521R1(), "sha512")
        case "diffie-hellman-group14-sha256":
            return _group(_P14, "sha256", chance)
        case "diffie-hellman-group14-sha1":
            return _group(_P14, "sha1", chance)
        case "diffie-hellman-group1-sha1":
            return _group(_P1, "sha1", chance)
        case _:
            raise SshError("no key exchange in common")


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Holds the shared secret K and the exchange hash H, from which all keys are derived (RFC 4253 §7.2)."""

    hash: str
    shared: int
    digest: bytes

    def key(self, letter: bytes, size: int) -> bytes:
        head = mpint(self.shared) + self.digest
        key = hashlib.new(self.hash, head + letter + self.digest).digest()
        while len(key) < size:
            key += hashlib.new(self.hash, head + key).digest()
        return key[:size]


def secrets(ours: KexSide, theirs: bytes, parts: tuple[bytes, ...], host_key: bytes) -> Secrets:
    """Return an exchange's secrets. ``parts``: both identification lines and KEXINITs, ours first (RFC 4253 §8)."""
    try:
        shared = ours.shared(theirs)
    except ValueError as problem:
        raise SshError("an impossible public value") from problem
    text = b"".join(string(part) for part in (*parts, host_key, ours.public, theirs)) + mpint(shared)
    return Secrets(hash=ours.hash, shared=shared, digest=hashlib.new(ours.hash, text).digest())


CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes256-ctr")
MACS = ("hmac-sha2-256", "hmac-sha2-512", "hmac-sha1")
_MAC_SIZES = {"hmac-sha2-256": 32, "hmac-sha2-512": 64, "hmac-sha1": 20}
_TAG = 16


@dataclass(slots=True, kw_only=True)
class Direction:
    """Encrypts and decrypts one direction: AES-GCM (RFC 5647, as OpenSSH does it) or AES-CTR with HMAC."""

    cipher: str
    mac: str
    key: bytes
    nonce: bytes
    mac_key: bytes = b""
    sequence: int
    _stream: CipherContext | None = field(default=None)

    @property
    def gcm(self) -> bool:
        return "gcm" in self.cipher

    def seal(self, payload: bytes) -> bytes:
        if self.gcm:
            plain = packet(payload, 16, 1)
            sealed = AESGCM(self.key).encrypt(self._next_nonce(), plain[4:], plain[:4])
            return plain[:4] + sealed
        plain = packet(payload, 16)
        return self._ctr(plain) + self._tag(plain)

    def first(self, data: bytes) -> bytes:
        """Return the first ``head`` bytes of a packet with its length readable; for AES-CTR they are decrypted."""
        return data if self.gcm else self._ctr(data)

    @property
    def head(self) -> int:
        return 4 if self.gcm else 16

    def rest(self, size: int) -> int:
        """Return the number of bytes that follow ``head`` for a packet of length ``size``."""
        return size + _TAG if self.gcm else size + 4 - self.head + _MAC_SIZES[self.mac]

    def open(self, head: bytes, rest: bytes) -> bytes:
        """Return the payload of a packet. Raise SshError if its tag or MAC is wrong."""
        if self.gcm:
            try:
                return body(AESGCM(self.key).decrypt(self._next_nonce(), rest, head))
            except InvalidTag as problem:
                raise SshError("a packet whose tag is wrong") from problem
        size = _MAC_SIZES[self.mac]
        plain = head + self._ctr(rest[:-size])
        if not hmac.compare_digest(self._tag(plain), rest[-size:]):
            raise SshError("a packet whose MAC is wrong")
        return body(plain[4:])

    def _ctr(self, data: bytes) -> bytes:
        if self._stream is None:
            self._stream = Cipher(algorithms.AES(self.key), modes.CTR(self.nonce)).encryptor()
        return self._stream.update(data)

    def _tag(self, plain: bytes) -> bytes:
        digest = {"hmac-sha2-256": "sha256", "hmac-sha2-512": "sha512", "hmac-sha1": "sha1"}[self.mac]
        tag = hmac.new(self.mac_key, struct.pack("!I", self.sequence) + plain, digest).digest()
        self.sequence += 1
        return tag

    def _next_nonce(self) -> bytes:
        nonce = self.nonce
        counter = (int.from_bytes(nonce[4:]) + 1) % 2**64
        self.nonce = nonce[:4] + counter.to_bytes(8)
        return nonce


def direction(secrets: Secrets, letters: bytes, cipher: str, mac: str, sequence: int) -> Direction:
    """Return one direction with its keys; ``letters`` are those of its IV, key and MAC key (RFC 4253 §7.2)."""
    iv, key, integrity = (letters[n : n + 1] for n in range(3))
    size = 32 if "256" in cipher else 16
    return Direction(
        cipher=cipher,
        mac=mac,
        key=secrets.key(key, size),
        nonce=secrets.key(iv, 12 if "gcm" in cipher else 16),
        mac_key=b"" if "gcm" in cipher else secrets.key(integrity, _MAC_SIZES[mac]),
        sequence=sequence,
    )

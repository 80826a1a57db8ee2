"""Names key exchange groups (IANA's "TLS Supported Groups") and well-known Diffie-Hellman primes."""

import hashlib
from functools import cache

_NAMES = {
    1: "sect163k1",
    2: "sect163r1",
    3: "sect163r2",
    4: "sect193r1",
    5: "sect193r2",
    6: "sect233k1",
    7: "sect233r1",
    8: "sect239k1",
    9: "sect283k1",
    10: "sect283r1",
    11: "sect409k1",
    12: "sect409r1",
    13: "sect571k1",
    14: "sect571r1",
    15: "secp160k1",
    16: "secp160r1",
    17: "secp160r2",
    18: "secp192k1",
    19: "secp192r1",
    20: "secp224k1",
    21: "secp224r1",
    22: "secp256k1",
    23: "secp256r1",
    24: "secp384r1",
    25: "secp521r1",
    26: "brainpoolP256r1",
    27: "brainpoolP384r1",
    28: "brainpoolP512r1",
    29: "x25519",
    30: "x448",
    31: "brainpoolP256r1tls13",
    32: "brainpoolP384r1tls13",
    33: "brainpoolP512r1tls13",
    34: "GC256A",
    35: "GC256B",
    36: "GC256C",
    37: "GC256D",
    38: "GC512A",
    39: "GC512B",
    40: "GC512C",
    41: "curveSM2",
    256: "ffdhe2048",
    257: "ffdhe3072",
    258: "ffdhe4096",
    259: "ffdhe6144",
    260: "ffdhe8192",
    512: "MLKEM512",
    513: "MLKEM768",
    514: "MLKEM1024",
    4587: "SecP256r1MLKEM768",
    4588: "X25519MLKEM768",
    4589: "SecP384r1MLKEM1024",
    25497: "X25519Kyber768Draft00",
}
X25519 = 29
SECP256R1 = 23
EXPLICIT_PRIME_CURVE = 65281
EXPLICIT_CHAR2_CURVE = 65282

# SHA-256 over the prime, big endian and without leading zeros. The tests compute the primes from the formulas of
# the RFCs or contain them, and compare.
_PRIMES = {
    "b52ba6a3026520a6c49d37e458760180": "modp768",
    "3f35a3f5f6c4376a744acad409bb22f8": "modp1024",
    "64fcc83ec403930bf18393dbc883ccaa": "modp1536",
    "d66436f79bbd6b2e38c0ffbd079be904": "modp2048",
    "48cf8b092fbce4359d9871abf74f98e2": "modp3072",
    "4ee95187682bcb230ad26a95205f6920": "modp4096",
    "d1bfe6d0925ce7e4da262b62861514a7": "modp6144",
    "39ab4feab950a3128fb71accb9fc3965": "modp8192",
    "9cd3b7f336872f46c09428d1bbc19877": "ffdhe2048",
    "0eaf67db3a839156d5013494a5318a77": "ffdhe3072",
    "4648414224ac881b3d0dc59b466f96d0": "ffdhe4096",
    "227ac9066b3ddd9e193670cda2388fa8": "ffdhe6144",
    "770b14efaf6f049929c523113b3fa99a": "ffdhe8192",
    "44c55cfee5c075927cf682da5b681bde": "modp1024s160",
    "bfe545862ca102ad1eeddb5fbfa5bf85": "modp2048s224",
    "0b7835722cb619827610c2549fdda558": "modp2048s256",
    "4e1f16b0a537becf0398e0d6049ed828": "dh2048 (Postfix)",
    "ea8dfb71d98b4f878ca8d9915aaacae6": "dh2048 (Postfix)",
    "358856fb52a59bf901826fedcadd2b2d": "dh2048 (Exim)",
    "b091c26ef6f88b88ed2c5f4da0cfe329": "dh2048 (Exim)",
    "4597b6c988bdc12aad6aa71840f72069": "dh2048 (Exim)",
    "7b6551ea6ff09bd78c24bede10980a15": "dh2048 (HAProxy)",
}


def name_of(code: int) -> str:
    """Return the registered name, or ``0x1234`` for a code without one here."""
    return _NAMES.get(code, f"0x{code:04X}")


@cache
def code_of(name: str) -> int | None:
    return next((code for code, known in _NAMES.items() if known == name), None)


def for_tls12() -> tuple[int, ...]:
    """Return curves of RFC 8422 and before, good ones first, then finite fields, which may decide a server's prime."""
    good = (29, 23, 30, 24, 25, 28, 27, 26)
    return (*good, *(code for code in range(1, 23)), *range(256, 261))


def curves() -> tuple[int, ...]:
    """Return the curves that a server may choose for ECDHE before TLS 1.3."""
    return tuple(code for code in for_tls12() if code < 256)


def for_tls13() -> tuple[int, ...]:
    """Return the groups to offer in TLS 1.3: hybrids first, as current browsers do, then curves, then finite fields.

    Groups that TLS 1.3 forbids (RFC 8446 §4.2.7) are left out: strict servers reject a hello with one. A server that
    accepts those shows it before TLS 1.3.
    """
    return (4588, 29, 23, 30, 24, 25, 4587, 4589, 25497, 33, 32, 31, *range(256, 261), 512, 513, 514, 41)


def judged_in_tls13() -> tuple[int, ...]:
    """Return ``for_tls13`` without finite fields, which are no defect in TLS 1.3."""
    return tuple(code for code in for_tls13() if not _NAMES[code].startswith("ffdhe"))


def prime_name(prime: bytes) -> str:
    """Return the name of a known prime, empty if unknown.

    It is the group of RFC 7919, RFC 5114, RFC 3526 or RFC 2409 with this prime, or the software with it as default.
    """
    return _PRIMES.get(hashlib.sha256(prime.lstrip(b"\0")).hexdigest()[:32], "")


def bits(prime: bytes) -> int:
    return int.from_bytes(prime).bit_length()

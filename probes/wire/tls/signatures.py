"""Names signature schemes of TLS (IANA's "TLS SignatureScheme"; before TLS 1.3 a pair of hash and signature)."""

_HASHES = {1: "md5", 2: "sha1", 3: "sha224", 4: "sha256", 5: "sha384", 6: "sha512"}
_SIGNERS = {1: "rsa", 2: "dsa", 3: "ecdsa"}
_SCHEMES = {
    0x0804: "rsa_pss_rsae_sha256",
    0x0805: "rsa_pss_rsae_sha384",
    0x0806: "rsa_pss_rsae_sha512",
    0x0807: "ed25519",
    0x0808: "ed448",
    0x0809: "rsa_pss_pss_sha256",
    0x080A: "rsa_pss_pss_sha384",
    0x080B: "rsa_pss_pss_sha512",
    0x081A: "ecdsa_brainpoolP256r1tls13_sha256",
    0x081B: "ecdsa_brainpoolP384r1tls13_sha384",
    0x081C: "ecdsa_brainpoolP512r1tls13_sha512",
    0x0904: "mldsa44",
    0x0905: "mldsa65",
    0x0906: "mldsa87",
}
STRONG = (
    0x0403,
    0x0503,
    0x0603,
    0x0804,
    0x0805,
    0x0806,
    0x0807,
    0x0808,
    0x0809,
    0x080A,
    0x080B,
    0x0401,
    0x0501,
    0x0601,
    0x0402,
    0x0502,
    0x0602,
    0x081A,
    0x081B,
    0x081C,
)
SHA224 = (0x0303, 0x0301, 0x0302)
SHA1 = (0x0203, 0x0201, 0x0202)
MD5 = (0x0101, 0x0103)
EDWARDS = frozenset({0x0807, 0x0808})
"""The schemes of RFC 8032, which browsers do not offer."""
EVERY = (*STRONG, *SHA224, *SHA1, *MD5)


def name_of(code: int) -> str:
    """Return ``rsa_pss_rsae_sha256``, or ``ecdsa_sha256`` for a pair; ``0x1234`` for a code that is neither."""
    hashed, signer = _HASHES.get(code >> 8), _SIGNERS.get(code & 0xFF)
    if code in _SCHEMES:
        return _SCHEMES[code]
    return f"{signer}_{hashed}" if hashed and signer else f"0x{code:04X}"

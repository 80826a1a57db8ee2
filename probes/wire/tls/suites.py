"""Names cipher suites by code (IANA's "TLS Cipher Suites", with a few that were never registered).

The table is written as products: a row is a first code, key exchanges and ciphers, and numbers every exchange with
every cipher from there on, the cipher running faster. Whether a suite is good is a check's business.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

_SIX = "RSA DH_DSS DH_RSA DHE_DSS DHE_RSA DH_anon"
_FOUR_EC = "ECDHE_ECDSA ECDH_ECDSA ECDHE_RSA ECDH_RSA"
_OLD_EC = "NULL_SHA RC4_128_SHA 3DES_EDE_CBC_SHA AES_128_CBC_SHA AES_256_CBC_SHA"
_OLD_PSK = "RC4_128_SHA 3DES_EDE_CBC_SHA AES_128_CBC_SHA AES_256_CBC_SHA"
_AES_CBC2 = "AES_128_CBC_SHA256 AES_256_CBC_SHA384"
_AES_GCM = "AES_128_GCM_SHA256 AES_256_GCM_SHA384"
_ARIA_CBC = "ARIA_128_CBC_SHA256 ARIA_256_CBC_SHA384"
_ARIA_GCM = "ARIA_128_GCM_SHA256 ARIA_256_GCM_SHA384"
_CAMELLIA_CBC = "CAMELLIA_128_CBC_SHA256 CAMELLIA_256_CBC_SHA384"
_CAMELLIA_GCM = "CAMELLIA_128_GCM_SHA256 CAMELLIA_256_GCM_SHA384"
_GCM_ORDER = "RSA DHE_RSA DH_RSA DHE_DSS DH_DSS DH_anon"
_PSKS = "PSK DHE_PSK RSA_PSK"

_ROWS: tuple[tuple[int, str, str], ...] = (
    (0x0000, "NULL", "NULL_NULL"),
    (0x0001, "RSA", "NULL_MD5 NULL_SHA"),
    (0x0003, "RSA_EXPORT", "RC4_40_MD5"),
    (0x0004, "RSA", "RC4_128_MD5 RC4_128_SHA"),
    (0x0006, "RSA_EXPORT", "RC2_CBC_40_MD5"),
    (0x0007, "RSA", "IDEA_CBC_SHA"),
    (0x0008, "RSA_EXPORT", "DES40_CBC_SHA"),
    (0x0009, "RSA", "DES_CBC_SHA 3DES_EDE_CBC_SHA"),
    (0x000B, "DH_DSS_EXPORT", "DES40_CBC_SHA"),
    (0x000C, "DH_DSS", "DES_CBC_SHA 3DES_EDE_CBC_SHA"),
    (0x000E, "DH_RSA_EXPORT", "DES40_CBC_SHA"),
    (0x000F, "DH_RSA", "DES_CBC_SHA 3DES_EDE_CBC_SHA"),
    (0x0011, "DHE_DSS_EXPORT", "DES40_CBC_SHA"),
    (0x0012, "DHE_DSS", "DES_CBC_SHA 3DES_EDE_CBC_SHA"),
    (0x0014, "DHE_RSA_EXPORT", "DES40_CBC_SHA"),
    (0x0015, "DHE_RSA", "DES_CBC_SHA 3DES_EDE_CBC_SHA"),
    (0x0017, "DH_anon_EXPORT", "RC4_40_MD5"),
    (0x0018, "DH_anon", "RC4_128_MD5"),
    (0x0019, "DH_anon_EXPORT", "DES40_CBC_SHA"),
    (0x001A, "DH_anon", "DES_CBC_SHA 3DES_EDE_CBC_SHA"),
    (0x001E, "KRB5", "DES_CBC_SHA 3DES_EDE_CBC_SHA RC4_128_SHA IDEA_CBC_SHA"),
    (0x0022, "KRB5", "DES_CBC_MD5 3DES_EDE_CBC_MD5 RC4_128_MD5 IDEA_CBC_MD5"),
    (0x0026, "KRB5_EXPORT", "DES_CBC_40_SHA RC2_CBC_40_SHA RC4_40_SHA DES_CBC_40_MD5 RC2_CBC_40_MD5 RC4_40_MD5"),
    (0x002C, _PSKS, "NULL_SHA"),
    (0x002F, _SIX, "AES_128_CBC_SHA"),
    (0x0035, _SIX, "AES_256_CBC_SHA"),
    (0x003B, "RSA", "NULL_SHA256 AES_128_CBC_SHA256 AES_256_CBC_SHA256"),
    (0x003E, "DH_DSS DH_RSA DHE_DSS", "AES_128_CBC_SHA256"),
    (0x0041, _SIX, "CAMELLIA_128_CBC_SHA"),
    (0x0062, "RSA_EXPORT1024 DHE_DSS_EXPORT1024", "DES_CBC_SHA"),  # never registered
    (0x0064, "RSA_EXPORT1024 DHE_DSS_EXPORT1024", "RC4_56_SHA"),  # never registered
    (0x0066, "DHE_DSS", "RC4_128_SHA"),  # never registered
    (0x0067, "DHE_RSA", "AES_128_CBC_SHA256"),
    (0x0068, "DH_DSS DH_RSA DHE_DSS DHE_RSA", "AES_256_CBC_SHA256"),
    (0x006C, "DH_anon", "AES_128_CBC_SHA256 AES_256_CBC_SHA256"),
    (0x0084, _SIX, "CAMELLIA_256_CBC_SHA"),
    (0x008A, _PSKS, _OLD_PSK),
    (0x0096, _SIX, "SEED_CBC_SHA"),
    (0x009C, f"{_GCM_ORDER} {_PSKS}", _AES_GCM),
    (0x00AE, _PSKS, f"{_AES_CBC2} NULL_SHA256 NULL_SHA384"),
    (0x00BA, _SIX, "CAMELLIA_128_CBC_SHA256"),
    (0x00C0, _SIX, "CAMELLIA_256_CBC_SHA256"),
    (0x00C6, "", "SM4_GCM_SM3 SM4_CCM_SM3"),
    (0x1301, "", "AES_128_GCM_SHA256 AES_256_GCM_SHA384 CHACHA20_POLY1305_SHA256 AES_128_CCM_SHA256"),
    (0x1305, "", "AES_128_CCM_8_SHA256 AEGIS_256_SHA512 AEGIS_128L_SHA256"),
    (0xC001, "ECDH_ECDSA ECDHE_ECDSA ECDH_RSA ECDHE_RSA ECDH_anon", _OLD_EC),
    (0xC01A, "SRP_SHA SRP_SHA_RSA SRP_SHA_DSS", "3DES_EDE_CBC_SHA"),
    (0xC01D, "SRP_SHA SRP_SHA_RSA SRP_SHA_DSS", "AES_128_CBC_SHA"),
    (0xC020, "SRP_SHA SRP_SHA_RSA SRP_SHA_DSS", "AES_256_CBC_SHA"),
    (0xC023, _FOUR_EC, _AES_CBC2),
    (0xC02B, _FOUR_EC, _AES_GCM),
    (0xC033, "ECDHE_PSK", f"{_OLD_PSK} {_AES_CBC2} NULL_SHA NULL_SHA256 NULL_SHA384"),
    (0xC03C, f"{_SIX} {_FOUR_EC}", _ARIA_CBC),
    (0xC050, f"{_GCM_ORDER} {_FOUR_EC}", _ARIA_GCM),
    (0xC064, _PSKS, _ARIA_CBC),
    (0xC06A, _PSKS, _ARIA_GCM),
    (0xC070, "ECDHE_PSK", _ARIA_CBC),
    (0xC072, _FOUR_EC, _CAMELLIA_CBC),
    (0xC07A, f"{_GCM_ORDER} {_FOUR_EC} {_PSKS}", _CAMELLIA_GCM),
    (0xC094, f"{_PSKS} ECDHE_PSK", _CAMELLIA_CBC),
    (0xC09C, "RSA DHE_RSA", "AES_128_CCM AES_256_CCM"),
    (0xC0A0, "RSA DHE_RSA", "AES_128_CCM_8 AES_256_CCM_8"),
    (0xC0A4, "PSK DHE_PSK", "AES_128_CCM AES_256_CCM"),
    (0xC0A8, "PSK PSK_DHE", "AES_128_CCM_8 AES_256_CCM_8"),
    (0xC0AC, "ECDHE_ECDSA", "AES_128_CCM AES_256_CCM AES_128_CCM_8 AES_256_CCM_8"),
    (0xC0B0, "ECCPWD", f"{_AES_GCM} AES_128_CCM_SHA256 AES_256_CCM_SHA384"),
    (0xC0B4, "", "SHA256_SHA256 SHA384_SHA384"),
    (0xC100, "GOSTR341112_256", "KUZNYECHIK_CTR_OMAC MAGMA_CTR_OMAC 28147_CNT_IMIT"),
    (0xC103, "GOSTR341112_256", "KUZNYECHIK_MGM_L MAGMA_MGM_L KUZNYECHIK_MGM_S MAGMA_MGM_S"),
    (0xCCA8, "ECDHE_RSA ECDHE_ECDSA DHE_RSA PSK ECDHE_PSK DHE_PSK RSA_PSK", "CHACHA20_POLY1305_SHA256"),
    (0xD001, "ECDHE_PSK", "AES_128_GCM_SHA256 AES_256_GCM_SHA384 AES_128_CCM_8_SHA256"),
    (0xD005, "ECDHE_PSK", "AES_128_CCM_SHA256"),
)
_UNTESTABLE = ("PSK", "KRB5", "SRP", "ECCPWD", "GOST")


@dataclass(frozen=True, slots=True)
class Suite:
    """One cipher suite. ``exchange`` is empty where the suite leaves it open (TLS 1.3)."""

    code: int
    exchange: str
    cipher: str

    @property
    def name(self) -> str:
        return f"TLS_{self.exchange}_WITH_{self.cipher}" if self.exchange else f"TLS_{self.cipher}"

    @property
    def tls13(self) -> bool:
        return not self.exchange

    @property
    def forward_secret(self) -> bool:
        """The session stays closed when the server's key is lost later: an ephemeral exchange, and authenticated."""
        return self.tls13 or (self.exchange.startswith(("ECDHE", "DHE", "ECCPWD")) and not self.export)

    @property
    def finite_field(self) -> bool:
        """Ephemeral Diffie-Hellman over a prime of the server's choice."""
        return self.exchange.startswith(("DHE", "DH_anon"))

    @property
    def elliptic(self) -> bool:
        return self.exchange.startswith(("ECDHE", "ECDH_anon"))

    @property
    def anonymous(self) -> bool:
        return "anon" in self.exchange or self.exchange == "NULL"

    @property
    def export(self) -> bool:
        return "EXPORT" in self.exchange

    @property
    def unencrypted(self) -> bool:
        return self.cipher.startswith(("NULL", "SHA256_", "SHA384_"))

    @property
    def authenticated_encryption(self) -> bool:
        return any(mode in self.cipher for mode in ("GCM", "CCM", "POLY1305", "AEGIS", "MGM"))

    @property
    def short_tag(self) -> bool:
        return "CCM_8" in self.cipher

    @property
    def block_chaining(self) -> bool:
        return "CBC" in self.cipher

    @property
    def small_blocks(self) -> bool:
        """A 64-bit block cipher (SWEET32)."""
        return self.cipher.startswith(("3DES", "DES", "IDEA", "RC2", "28147", "MAGMA"))

    @property
    def mac(self) -> str:
        return self.cipher.rpartition("_")[2]


def _table() -> Iterator[Suite]:
    for start, exchanges, ciphers in _ROWS:
        code = start
        for exchange in exchanges.split() or [""]:
            for cipher in ciphers.split():
                yield Suite(code, exchange, cipher)
                code += 1


@cache
def by_code() -> dict[int, Suite]:
    return {suite.code: suite for suite in _table()}


@cache
def by_name() -> dict[str, Suite]:
    return {suite.name: suite for suite in _table()}


def name_of(code: int) -> str:
    """The registered name, or ``0x1234`` for a code that has none here."""
    suite = by_code().get(code)
    return suite.name if suite is not None else f"0x{code:04X}"


@cache
def for_tls13() -> tuple[int, ...]:
    return tuple(code for code, suite in by_code().items() if suite.tls13)


@cache
def usual() -> tuple[int, ...]:
    """What a server may have been set up with for TLS 1.2 or before, the current ones first."""
    listed = [suite for suite in by_code().values() if not suite.tls13 and _public(suite)]
    listed.sort(key=lambda suite: (not (suite.forward_secret and suite.authenticated_encryption), suite.code))
    return tuple(suite.code for suite in listed if not _rare(suite))


@cache
def unusual() -> tuple[int, ...]:
    """The rest that needs no secret shared beforehand: static Diffie-Hellman, DSS, ARIA, export and their like."""
    return tuple(code for code, suite in by_code().items() if not suite.tls13 and _public(suite) and _rare(suite))


def _public(suite: Suite) -> bool:
    """Whether a stranger can negotiate it: no shared key, no password, no Kerberos."""
    return not any(word in suite.exchange for word in _UNTESTABLE)


def _rare(suite: Suite) -> bool:
    odd_exchange = suite.exchange.startswith(("DH_RSA", "DH_DSS", "ECDH_RSA", "ECDH_ECDSA")) or "DSS" in suite.exchange
    return odd_exchange or suite.cipher.startswith(("ARIA", "28147", "KUZ", "MAGMA"))

"""Derives the properties of cipher suites: the registered ones, and a few that never were.

Checks decide whether a suite is good.
"""

from dataclasses import dataclass
from functools import cache

from probes.wire.tls.registered_suites import NAMES

_NEVER_REGISTERED = {
    0x0062: "TLS_RSA_EXPORT1024_WITH_DES_CBC_SHA",
    0x0063: "TLS_DHE_DSS_EXPORT1024_WITH_DES_CBC_SHA",
    0x0064: "TLS_RSA_EXPORT1024_WITH_RC4_56_SHA",
    0x0065: "TLS_DHE_DSS_EXPORT1024_WITH_RC4_56_SHA",
    0x0066: "TLS_DHE_DSS_WITH_RC4_128_SHA",
}
"""Suites of an expired draft that old servers still support."""
_UNTESTABLE = ("PSK", "KRB5", "SRP", "ECCPWD", "GOST")


@dataclass(frozen=True, slots=True)
class Suite:
    """Holds one cipher suite. ``exchange`` is empty if the suite does not fix it (TLS 1.3)."""

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
        """True if sessions stay secret when the server's key is lost later: an ephemeral, authenticated exchange."""
        return self.tls13 or (self.exchange.startswith(("ECDHE", "DHE", "ECCPWD")) and not self.export)

    @property
    def finite_field(self) -> bool:
        """True if it uses ephemeral Diffie-Hellman over a prime that the server chooses."""
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
        """True if it is a 64-bit block cipher (SWEET32)."""
        return self.cipher.startswith(("3DES", "DES", "IDEA", "RC2", "28147", "MAGMA"))

    @property
    def mac(self) -> str:
        return self.cipher.rpartition("_")[2]


def _suite(code: int, name: str) -> Suite:
    exchange, separator, cipher = name.removeprefix("TLS_").partition("_WITH_")
    return Suite(code, exchange, cipher) if separator else Suite(code, "", exchange)


@cache
def by_code() -> dict[int, Suite]:
    """Return every suite in order of the codes, which is also the order in hellos."""
    return {code: _suite(code, name) for code, name in sorted((NAMES | _NEVER_REGISTERED).items())}


@cache
def by_name() -> dict[str, Suite]:
    return {suite.name: suite for suite in by_code().values()}


def name_of(code: int) -> str:
    """Return the registered name, or ``0x1234`` for a code without one here."""
    suite = by_code().get(code)
    return suite.name if suite is not None else f"0x{code:04X}"


@cache
def for_tls13() -> tuple[int, ...]:
    return tuple(code for code, suite in by_code().items() if suite.tls13)


@cache
def usual() -> tuple[int, ...]:
    """Return suites that a server may have configured for TLS 1.2 or before, the current ones first."""
    listed = [suite for suite in by_code().values() if not suite.tls13 and _public(suite)]
    listed.sort(key=lambda suite: (not (suite.forward_secret and suite.authenticated_encryption), suite.code))
    return tuple(suite.code for suite in listed if not _rare(suite))


@cache
def elliptic() -> tuple[int, ...]:
    """Return the usual suites that exchange keys over a curve."""
    return tuple(code for code in usual() if by_code()[code].elliptic)


@cache
def forward_secret() -> tuple[int, ...]:
    """Return the usual suites that are forward secret."""
    return tuple(code for code in usual() if by_code()[code].forward_secret)


@cache
def unusual() -> tuple[int, ...]:
    """Return the other suites without a pre-shared secret: static Diffie-Hellman, DSS, ARIA, export and their like."""
    return tuple(code for code, suite in by_code().items() if not suite.tls13 and _public(suite) and _rare(suite))


def _public(suite: Suite) -> bool:
    """True if any client can negotiate it: no shared key, no password, no Kerberos."""
    return not any(word in suite.exchange for word in _UNTESTABLE)


def _rare(suite: Suite) -> bool:
    odd_exchange = suite.exchange.startswith(("DH_RSA", "DH_DSS", "ECDH_RSA", "ECDH_ECDSA")) or "DSS" in suite.exchange
    return odd_exchange or suite.cipher.startswith(("ARIA", "28147", "KUZ", "MAGMA"))

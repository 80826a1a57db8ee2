"""How good a cipher suite is, by one of two published lists. What a list does not name is not good enough.

``ncsc-2025``: NCSC-NL, IT Security Guidelines for TLS 2025-05, as Internet.nl applies them; CBC with SHA-1 is
insufficient there and merely old elsewhere, so a finding names its list. ``mozilla-intermediate-6.0``: Mozilla Server
Side TLS, intermediate.
"""

from enum import IntEnum

from probes.wire.tls.suites import Suite

NCSC = "ncsc-2025"
MOZILLA = "mozilla-intermediate-6.0"


class Grade(IntEnum):
    """Best first."""

    GOOD = 0
    PHASE_OUT = 1
    INSUFFICIENT = 2


def grade(suite: Suite, profile: str) -> Grade:
    return _mozilla(suite) if profile == MOZILLA else _ncsc(suite)


def _ncsc(suite: Suite) -> Grade:
    if suite.unencrypted or suite.short_tag or not suite.forward_secret or _other_signer(suite):
        return Grade.INSUFFICIENT
    if suite.authenticated_encryption and suite.cipher.startswith(("AES", "CHACHA20")):
        return Grade.PHASE_OUT if suite.finite_field else Grade.GOOD
    if suite.cipher.startswith(("ARIA", "CAMELLIA", "AES")) and suite.mac in {"SHA256", "SHA384"}:
        return Grade.PHASE_OUT
    return Grade.INSUFFICIENT


def _mozilla(suite: Suite) -> Grade:
    modern = (
        suite.authenticated_encryption and suite.cipher.startswith(("AES", "CHACHA20")) and "CCM" not in suite.cipher
    )
    if not modern or not suite.forward_secret or _other_signer(suite):
        return Grade.INSUFFICIENT
    return Grade.PHASE_OUT if suite.finite_field else Grade.GOOD


def _other_signer(suite: Suite) -> bool:
    """Signed by what no public certificate has: DSS, or a password."""
    return "DSS" in suite.exchange or not (suite.tls13 or suite.exchange.endswith(("_RSA", "_ECDSA")))

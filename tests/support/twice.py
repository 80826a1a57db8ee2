"""Makes certificates and lists in which an extension stands twice (against RFC 5280 §4.2), as careless programs do."""

from cryptography import x509

EXTENSIONS = tuple(
    (x509.UnrecognizedExtension(x509.ObjectIdentifier(f"1.2.3.4.{number}"), b"\x05\x00"), False) for number in (1, 2)
)
"""Two that differ in their last octet; with ``twice`` they are the same one."""
_FIRST, _SECOND = (bytes([6, 4, 0x2A, 3, 4, number]) for number in (1, 2))


def twice(der: bytes) -> bytes:
    """Return ``der``, made with ``EXTENSIONS``, with the first extension twice. Its signature is no longer valid."""
    assert der.count(_SECOND) == 1
    return der.replace(_SECOND, _FIRST)

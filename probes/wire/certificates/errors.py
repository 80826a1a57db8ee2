"""Lists the errors raised when reading certificates, revocation lists and responses of peers; any byte may be wrong."""

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
    x509.DuplicateExtension,
)
"""``x509.ExtensionNotFound`` is not included: a missing extension is not a mistake."""

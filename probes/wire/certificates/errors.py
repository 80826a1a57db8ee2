"""Names what reading certificates, lists and responses of others raises; any byte of them may be wrong."""

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
"""``x509.ExtensionNotFound`` is none of them: that nothing is there is no mistake."""

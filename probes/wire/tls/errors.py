"""Defines the one exception of the TLS codecs."""


class TlsWireError(ValueError):
    """Raised if bytes are not TLS, or a hello cannot be encoded. States the problem and never quotes the data."""

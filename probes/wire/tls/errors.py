"""Defines the one exception of the TLS codecs."""


class TlsWireError(ValueError):
    """Bytes that are no TLS, or a hello that cannot be written. Says what is wrong; never quotes what was sent."""

"""TLS of the scripted peers: as good as the portals', so that a healthy host gives no check a reason to complain."""

import ssl

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"


def server_context(chain: str, key: str) -> ssl.SSLContext:
    """TLS 1.2 and 1.3 with forward secrecy and authenticated ciphers only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.load_cert_chain(chain, key)
    return context

"""Configures TLS of the scripted peers like the portals', so that a healthy host fails no check."""

import ssl
import warnings

from containers.rehearsal.model import TlsSetup

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"


def server_context(chain: str, key: str, tls: TlsSetup = TlsSetup.GOOD) -> ssl.SSLContext:
    """Return a context for TLS 1.2 and 1.3 with forward secrecy and authenticated ciphers, unless `tls` is weaker."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if tls is TlsSetup.OLD_VERSIONS:
        with warnings.catch_warnings():  # that it is deprecated is the point
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
        context.set_ciphers("ALL:!aNULL:@SECLEVEL=0")
    else:
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.load_cert_chain(chain, key)
    return context

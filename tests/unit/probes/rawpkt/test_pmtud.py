"""The hello that makes a server send large segments: one that any server takes, under every Python."""

import ssl
from pathlib import Path

import pytest

from probes.rawpkt import pmtud
from tests.support.remote import certificate


def _old_server(folder: Path) -> ssl.SSLContext:
    """Return the context of a server that supports no version after TLS 1.0."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(folder))
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
    return context


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1 is deprecated")
def test_an_old_server_takes_the_hello_and_sends_its_certificate(tmp_path: Path) -> None:
    ours, theirs = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = pmtud._context().wrap_bio(ours, theirs, server_hostname="x.vn")
    answering = _old_server(tmp_path).wrap_bio(theirs, ours, server_side=True)
    done = False
    while not done:
        done = all([_goes_on(asking), _goes_on(answering)])
    assert asking.version() == "TLSv1"


def _goes_on(side: ssl.SSLObject) -> bool:
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True

"""Tests that another implementation answers our first QUIC packet, and that only an answer to it counts."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from aioquic._buffer import Buffer
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.packet import encode_quic_version_negotiation, pull_quic_header
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from probes.wire.web.quic import SIZE, initial, is_quic


def answers(sent: bytes) -> list[bytes]:
    """Return the datagrams that aioquic's server sends back."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    configuration = QuicConfiguration(is_client=False, alpn_protocols=["h3"], verify_mode=ssl.CERT_NONE)
    configuration.certificate, configuration.private_key = builder.sign(key, hashes.SHA256()), key
    head = pull_quic_header(Buffer(data=sent), host_cid_length=8)
    server = QuicConnection(configuration=configuration, original_destination_connection_id=head.destination_cid)
    server.receive_datagram(sent, ("192.0.2.1", 4433), now=0.0)
    return [datagram for datagram, _ in server.datagrams_to_send(now=0.0)]


@pytest.mark.parametrize("name", ["www.tinh-a.example", None])
def test_initial_is_answered_by_a_server_of_others(name: str | None) -> None:
    sent = initial(name)
    assert len(sent) == SIZE
    first = answers(sent)[0]
    assert is_quic(first, sent)
    assert not is_quic(first, initial(name))


def test_is_quic_takes_version_negotiation() -> None:
    sent = initial("a.example")
    head = pull_quic_header(Buffer(data=sent), host_cid_length=8)
    data = encode_quic_version_negotiation(head.destination_cid, head.source_cid, [0x6B3343CF])
    assert is_quic(data, sent)


@pytest.mark.parametrize("text", [b"", b"\xce", b"HTTP/1.1 400 Bad Request", b"\x00" * 1_200, b"\xff" * 1_200])
def test_is_quic_of_something_else_is_false(text: bytes) -> None:
    assert not is_quic(text, initial(None))

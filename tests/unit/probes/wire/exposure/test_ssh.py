"""Tests the reading of SSH messages by the layouts of the RFCs, and of bytes that are none."""

import pytest

from probes.wire.exposure import ssh
from probes.wire.exposure.ssh import HostKey, SshError
from probes.wire.exposure.ssh_keys import KEX, Direction, exchange, secrets

RSA = ssh.string(b"ssh-rsa") + ssh.mpint(65537) + ssh.mpint(1 << 2047)


def test_multiple_precision_integers_are_those_of_the_rfc() -> None:
    """RFC 4251 §5."""
    assert ssh.mpint(0) == bytes(4)
    assert ssh.mpint(0x9A378F9B2E332A7) == bytes.fromhex("0000000809a378f9b2e332a7")
    assert ssh.mpint(0x80) == bytes.fromhex("000000020080")


@pytest.mark.parametrize(
    ("blob", "key"),
    [
        (RSA, HostKey(type="ssh-rsa", bits=2048)),
        (ssh.string(b"ssh-dss") + ssh.mpint(1 << 1023), HostKey(type="ssh-dss", bits=1024)),
        (ssh.string(b"ssh-ed25519") + ssh.string(bytes(32)), HostKey(type="ssh-ed25519")),
    ],
)
def test_host_keys(blob: bytes, key: HostKey) -> None:
    assert ssh.host_key(blob) == key


@pytest.mark.parametrize("size", [0, 4, ssh.LONGEST_PACKET + 1, 0xFFFFFFFF])
def test_a_length_that_no_packet_has(size: int) -> None:
    with pytest.raises(SshError):
        ssh.length(size.to_bytes(4))


def test_methods_are_those_of_a_failure_alone() -> None:
    assert ssh.methods(bytes([ssh.USERAUTH_FAILURE]) + ssh.names("publickey", "password") + b"\0") == (
        "publickey",
        "password",
    )
    with pytest.raises(SshError):
        ssh.methods(bytes([ssh.USERAUTH_BANNER]))


@pytest.mark.parametrize("name", KEX)
def test_both_sides_of_an_exchange_agree(name: str) -> None:
    one, other = exchange(name, lambda bits: 3**200), exchange(name, lambda bits: 3**201)
    assert one.shared(other.public) == other.shared(one.public)


@pytest.mark.parametrize("public", [b"\0", b"\1", (2**2048).to_bytes(257)])
def test_a_public_value_outside_the_group(public: bytes) -> None:
    with pytest.raises(SshError):
        secrets(exchange("diffie-hellman-group14-sha256", lambda bits: 7), public, (b"",) * 4, b"")


@pytest.mark.parametrize(("cipher", "nonce"), [("aes128-gcm@openssh.com", 12), ("aes256-ctr", 16)])
def test_what_is_sealed_opens_and_what_was_changed_does_not(cipher: str, nonce: int) -> None:
    def direction() -> Direction:
        size = 32 if "256" in cipher else 16
        return Direction(
            cipher=cipher, mac="hmac-sha2-256", key=bytes(size), nonce=bytes(nonce), mac_key=b"k" * 32, sequence=3
        )

    there, back = direction(), direction()
    for payload in (b"\5first", b"\6second"):
        sealed = there.seal(payload)
        head = back.first(sealed[: back.head])
        assert back.rest(ssh.length(head[:4])) == len(sealed) - back.head
        assert back.open(head, sealed[back.head :]) == payload
    broken = bytearray(direction().seal(b"\5first"))
    broken[-1] ^= 1
    fresh = direction()
    head = fresh.first(bytes(broken[: fresh.head]))
    with pytest.raises(SshError):
        fresh.open(head, bytes(broken[fresh.head :]))

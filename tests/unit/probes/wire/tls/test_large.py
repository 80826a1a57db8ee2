"""Hellos as browsers send them: their sizes, and a key share that passes the check of FIPS 203."""

import pytest
from cryptography.hazmat.primitives.asymmetric import mlkem

from probes.wire.tls import large


def test_hello_with_a_quantum_share_takes_two_segments_and_without_one() -> None:
    assert len(large.hello("www.example.vn", large=True)) > large.SEGMENT
    small = len(large.hello("www.example.vn", large=False))
    assert 512 <= small < large.SEGMENT // 2


def test_encapsulation_key_is_one_that_others_can_use() -> None:
    secret, wrapped = mlkem.MLKEM768PublicKey.from_public_bytes(large.encapsulation_key()).encapsulate()
    assert (len(secret), len(wrapped)) == (32, 1_088)


def test_encapsulation_key_is_new_each_time() -> None:
    assert large.encapsulation_key() != large.encapsulation_key()


def test_small_hello_makes_no_encapsulation_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep of ports sends one to each port of TLS."""
    made: list[bytes] = []

    def key() -> bytes:
        made.append(b"")
        return bytes(1_184)

    monkeypatch.setattr(large, "encapsulation_key", key)
    large.hello("www.example.vn", large=False)
    assert not made
    large.hello("www.example.vn", large=True)
    assert len(made) == 1

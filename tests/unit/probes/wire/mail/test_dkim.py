"""Tests DKIM key records: lengths agree with OpenSSL's, and unusable keys are refused."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from probes.wire.mail.dkim import Key, NotAKey, is_key_record, read

PUBLIC = rsa.generate_private_key(65537, 2048).public_key()


@pytest.mark.parametrize("form", [PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1])
def test_both_forms_of_an_rsa_key(form: PublicFormat) -> None:
    text = base64.b64encode(PUBLIC.public_bytes(Encoding.DER, form)).decode()
    assert read(f"v=DKIM1; h=sha256; t=s; p={text[:80]} {text[80:]};") == Key(algorithm="rsa", bits=PUBLIC.key_size)


def test_ed25519_and_revoked_keys_are_read() -> None:
    assert read("k=ed25519; p=" + base64.b64encode(bytes(32)).decode()) == Key(algorithm="ed25519", bits=256)
    assert read("v=DKIM1; p=").revoked


@pytest.mark.parametrize(
    "text",
    [
        "v=DKIM2; p=",
        "p=; v=DKIM1",
        "v=DKIM1",
        "v=DKIM1; k=x; p=AAAA",
        "v=DKIM1; p=A",
        "v=DKIM1; p=MIIB",
        "v=DKIM1 p=AAAA",
        "k=ed25519; p=AAAA",
        "v=DKIM1; p=; p=",
        "v=DKIM1; p=é",
        "v=DKIM1; p=MIAA",
    ],
)
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(NotAKey):
        read(text)


def test_other_records_at_the_same_name_are_none() -> None:
    assert not is_key_record("v=spf1 -all")
    assert not is_key_record("google-site-verification=x")
    assert is_key_record("p=AAAA")
    assert is_key_record("v=DKIM1 p=AAAA")

"""Tests certificates with keys of other kinds than those that handshakes are shown."""

from ipaddress import ip_address

import pytest

from auditor.facts.tls.certificates import read
from auditor.facts.tls.key_kinds import others
from auditor.facts.tls.places import TlsPlace
from probes.framework.evidence import EvidenceSet
from probes.observations.certificates import OtherCertificate
from tests.golden import lab, lab_tls
from tests.unit.auditor.contexts import evidence

HERE = ip_address(lab.V6)
PLACE = TlsPlace(address=HERE, port=443, name=lab.WEB)
(ELLIPTIC, RSA) = lab_tls.served("p256", "rsa2048")


def found(shown: bytes, *seen: bytes, port: int = 443, name: str = lab.WEB) -> list[bytes]:
    steps = [OtherCertificate(address=HERE, port=port, server_name=name, chain=(der,)) for der in seen]
    leaf = read(shown)
    assert leaf is not None
    recorded = EvidenceSet([evidence(*steps, probe="tls_support")])
    return [certificate.der for _, certificate in others(recorded, PLACE, [leaf])]


@pytest.mark.parametrize(("shown", "other"), [(ELLIPTIC, RSA), (RSA, ELLIPTIC)])
def test_one_of_another_kind_is_found(shown: bytes, other: bytes) -> None:
    assert found(shown, shown, other) == [other]


def test_one_of_the_same_kind_is_another_servers() -> None:
    (longer,) = lab_tls.served("rsa3072")
    assert found(RSA, RSA, longer) == []


def test_another_port_or_name_is_another_place() -> None:
    assert found(ELLIPTIC, RSA, port=8443) == found(ELLIPTIC, RSA, name="khac.example") == []


def test_bytes_that_are_no_certificate_are_none() -> None:
    assert found(ELLIPTIC, b"\x30\x00", b"") == []

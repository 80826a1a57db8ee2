"""Tests certificates that a device near the vantage issues for the sites of others."""

from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from auditor.facts.tls.certificates import Certificate, read
from auditor.facts.tls.resigned import ResignedTls, is_resigned, own_places
from auditor.framework.gathered import TlsInspection
from inventory.model import Network, SubjectId
from probes.framework.evidence import Evidence, EvidenceSet
from probes.observations.web import TlsHandshake
from tests.golden.lab import DECLARED, certificate
from tests.unit.auditor.contexts import SITE, evidence

FIREWALL = "FortiGate CA"
PROOFS = ((x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2"), b"\x04\x00"), False),)


def site(number: int) -> str:
    return f"www{number}.example.vn"


def shown(number: int, chain: Sequence[x509.Certificate], *, port: int = 443, family: int = 4) -> Evidence:
    """Return the evidence of a TLS handshake with the site of one network."""
    address = ip_address(f"198.51.{number}.10" if family == 4 else f"2001:db8:{number}::10")
    der = tuple(one.public_bytes(Encoding.DER) for one in chain)
    step = TlsHandshake(address=address, port=port, server_name=site(number), version="TLSv1.3", chain=der)
    return replace(evidence(step, probe="tls"), subject=SubjectId(site(number)))


def issued(
    number: int, *, key: int, issuer: str = FIREWALL, signer: int = 77, logged: bool = False
) -> x509.Certificate:
    return certificate("x", issuer, number=key, signer=signer, names=(site(number),), more=PROOFS if logged else ())


def seen(*found: Evidence, declared: str = "", network: Network = Network.INTERNET) -> TlsInspection | None:
    names = {envelope.subject for envelope in found}
    gathered = ResignedTls([replace(SITE, id=name, network=network) for name in sorted(names)])
    for envelope in found:
        gathered.add(envelope)
    return gathered.seen(declared)


def logged(number: int) -> Evidence:
    """Return the evidence of a site that the firewall passes unchanged."""
    return shown(number, [issued(number, key=500 + number, issuer="Public CA", logged=True)])


def test_resigned_one_key_for_unrelated_sites_is_seen_beside_sites_that_are_let_through() -> None:
    found = seen(*(shown(n, [issued(n, key=42)]) for n in range(3)), shown(1, [issued(1, key=42)], family=6), logged(9))
    assert found is not None
    assert (found.name, found.owners, found.places) == (
        f"CN={FIREWALL}",
        4,
        frozenset({(4, "tcp/443"), (6, "tcp/443")}),
    )
    assert is_resigned(read_(issued(7, key=42, issuer="FortiGate Untrusted CA", signer=78)), found)
    assert not is_resigned(read_(issued(7, key=43, issuer="Public CA")), found)


def read_(one: x509.Certificate) -> Certificate:
    found = read(one.public_bytes(Encoding.DER))
    assert found is not None
    return found


def test_resigned_one_authority_for_all_is_seen_where_nobody_has_a_public_certificate() -> None:
    many = [shown(n, [issued(n, key=100 + n)]) for n in range(5)]
    assert seen(*many) is not None
    assert seen(*many[:4]) is None
    assert seen(*many, logged(9)) is None


def test_resigned_authority_that_agencies_declared_is_their_own() -> None:
    many = [shown(n, [issued(n, key=100 + n, issuer="National Root", signer=2)]) for n in range(5)]
    assert seen(*many) is not None
    assert seen(*many, declared=DECLARED) is None


def test_resigned_what_agencies_do_themselves_is_not() -> None:
    wildcard = certificate("x", FIREWALL, number=42, signer=77, names=tuple(site(n) for n in range(9)))
    assert seen(*(shown(n, [wildcard]) for n in range(9)), logged(9)) is None
    own = (certificate("x", "x", number=42, signer=42, names=(site(n),)) for n in range(9))
    assert seen(*(shown(n, [one]) for n, one in enumerate(own)), logged(9)) is None
    renewed = [shown(n, [issued(0, key=42, signer=77 + n)]) for n in range(9)]  # of another name than was asked for
    assert seen(*renewed, logged(9)) is None
    assert seen(*(shown(n, [issued(n, key=42)]) for n in range(9)), network=Network.TSLCD) is None


def test_own_places_are_those_that_showed_nothing_else() -> None:
    found = seen(*(shown(n, [issued(n, key=42)]) for n in range(3)))
    assert found is not None
    mail = shown(1, [issued(1, key=7, issuer="Public CA")], port=993)
    both = EvidenceSet([shown(1, [issued(1, key=42)]), replace(mail, probe="other", task="mail")])
    assert own_places(both, found) == {(ip_address("198.51.1.10"), 993)}

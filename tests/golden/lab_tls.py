"""Builds TLS enumerations for golden cases: a good server, and deviations from it."""

from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from probes.framework.evidence import Evidence, FailureKind, Observation
from probes.observations.certificates import IssuerFetch
from probes.observations.tls import (
    Answer,
    BrowserHello,
    HelloAnswer,
    RenegotiationEnd,
    Stopped,
    TlsRenegotiation,
    TlsSupport,
    TlsWeakness,
    VersionSupport,
)
from tests.golden.lab import WEB, at, evidence, why

SUITES13 = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
SUITES12 = ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256")
ALL_VERSIONS = ("TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1.0", "SSLv3", "SSLv2")
NOTHING = "nothing"


def version(name: str, *suites: str, ordered: bool | None = True, complete: bool = True) -> VersionSupport:
    """Return a version with its accepted suites; without any it is refused, with ``NOTHING`` undecided."""
    if suites == (NOTHING,):
        return VersionSupport(version=name, answer=Answer.UNKNOWN)
    if not suites:
        return VersionSupport(version=name, answer=Answer.REFUSED, complete=True, failure=why(FailureKind.TLS_ALERT))
    return VersionSupport(version=name, answer=Answer.ACCEPTED, suites=suites, ordered=ordered, complete=complete)


def versions(**accepted: tuple[str, ...]) -> tuple[VersionSupport, ...]:
    """Return versions: ``tls12=(…)``; TLS 1.3 and 1.2 are good by default, older ones are refused by default."""
    known = {"tls13": SUITES13, "tls12": SUITES12, **accepted}
    keys = {"TLSv1.3": "tls13", "TLSv1.2": "tls12", "TLSv1.1": "tls11", "TLSv1.0": "tls10", "SSLv3": "ssl3"}
    return tuple(version(name, *known.get(keys.get(name, "ssl2"), ())) for name in ALL_VERSIONS)


def support(
    address: str,
    version_supports: tuple[VersionSupport, ...] | None = None,
    *,
    failure: FailureKind | None = None,
    stopped: Stopped = Stopped.NO,
    attempt: int = 1,
    **changes: object,
) -> Evidence:
    """Return one enumeration of a good server with ``changes``."""
    good = TlsSupport(
        address=ip_address(address),
        port=443,
        server_name=WEB,
        versions=versions() if version_supports is None else version_supports,
        curves=("x25519", "secp256r1"),
        groups=("x25519", "secp256r1"),
        signatures=("ecdsa_sha256",),
        extended_master_secret=True,
        secure_renegotiation=True,
        compression=False,
        heartbeat=False,
        fallback_scsv=True,
        early_data=0,
        hellos=31,
        stopped=stopped,
    )
    if failure is not None:
        good = TlsSupport(address=good.address, port=443, server_name=WEB, failure=why(failure), hellos=11)
    step = replace(good, **changes)  # type: ignore[arg-type]
    return evidence("tls_support", step, task=f"{address}#443", endpoint=at(address, 443), attempt=attempt)


def weakness(address: str, *tries: bool | None, early_ccs: bool | None = False, minutes: int = 0) -> Evidence:
    """Return evidence of two tries for both flaws; ``tries`` are those of Heartbleed."""
    common = {"address": ip_address(address), "port": 443, "server_name": WEB}
    steps = (
        TlsWeakness(**common, weakness="heartbleed", tries=tries or (False, False)),  # type: ignore[arg-type]
        TlsWeakness(**common, weakness="early-ccs", tries=(early_ccs, early_ccs)),  # type: ignore[arg-type]
    )
    attempt = 2 if minutes else 1
    return evidence(
        "tls_weaknesses", *steps, task=f"{address}#443", endpoint=at(address, 443), minutes=minutes, attempt=attempt
    )


def renegotiation(address: str, count: int, ended: RenegotiationEnd, *, minutes: int = 0) -> Evidence:
    """Return a renegotiation test with the number allowed; with ``minutes``, the second look."""
    step = TlsRenegotiation(address=ip_address(address), port=443, server_name=WEB, count=count, ended=ended)
    attempt = 2 if minutes else 1
    return evidence(
        "tls_renegotiation", step, task=f"{address}#443", endpoint=at(address, 443), minutes=minutes, attempt=attempt
    )


def hellos(
    address: str, large: FailureKind | None = None, small: FailureKind | None = None, *, minutes: int = 0
) -> Evidence:
    """Return a large and a small hello, each answered or failed."""

    def step(failure: FailureKind | None, size: int, *, is_large: bool) -> BrowserHello:
        answer = HelloAnswer.ALERT if failure is FailureKind.TLS_ALERT else HelloAnswer.NONE
        return BrowserHello(
            address=ip_address(address),
            port=443,
            server_name=WEB,
            large=is_large,
            size=size,
            answer=HelloAnswer.HELLO if failure is None else answer,
            failure=why(failure),
        )

    steps = [step(large, 1_757, is_large=True), step(small, 517, is_large=False)]
    if large is not None and small is None:
        steps.append(steps[0])
    attempt = 2 if minutes else 1
    return evidence(
        "large_hello", *steps, task=f"{address}#443", endpoint=at(address, 443), minutes=minutes, attempt=attempt
    )


def issuer(
    address: str,
    of: x509.Certificate,
    *issuers: x509.Certificate,
    failure: FailureKind | None = None,
    more: Iterable[Observation] = (),
) -> Evidence:
    """Return the fetch of the issuer of ``of``, served at ``address``, from the place that the certificate names."""
    step = IssuerFetch(
        address=ip_address("192.0.2.80"),
        port=80,
        url="http://ca.example/intermediate.der",
        certificate=sha256(of.public_bytes(Encoding.DER)).digest(),
        status=None if failure else 200,
        issuers=tuple(issuer.public_bytes(Encoding.DER) for issuer in issuers),
        failure=why(failure),
    )
    return evidence("certificate_status", step, *more, task=f"{address}#443", endpoint=at(address, 443))


CHAINS = Path(__file__).parent / "chains"
"""Certificates of weak and unusual kinds, made once with OpenSSL: its keys cannot be derived again like the lab's."""


def served(*names: str) -> tuple[bytes, ...]:
    """Return certificates of CHAINS in DER."""
    certificates = (x509.load_pem_x509_certificate((CHAINS / f"{name}.pem").read_bytes()) for name in names)
    return tuple(certificate.public_bytes(Encoding.DER) for certificate in certificates)

"""Makes golden cases of certificates: timestamps of transparency logs, and revocation."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID

from probes.framework.evidence import Evidence, FailureKind, Observation
from probes.observations.certificates import RevocationList, Revoked, TlsStaple
from probes.wire.certificates import revocation
from tests.golden import lab
from tests.golden.case import LOGS, Case
from tests.golden.cases_security import _certificates
from tests.golden.cases_web import DUAL, HTTP_DEFAULT
from tests.golden.lab import NOW, V4, V6, WEB, at, evidence, leaf, tls, why

URL = "http://ca.example/list.crl"
_EMBEDDED = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
ONE, TWO, THREE, SAME = (bytes.fromhex(log) for log in LOGS)
NEW = bytes.fromhex("99" * 32)
DAY = timedelta(days=1)
RESPONSES = Path(__file__).parent / "responses"
"""OCSP responses of a responder that the lab's intermediate certified, made once: in each stands when it was made."""

Extensions = tuple[tuple[x509.ExtensionType, bool], ...]


def timestamps(*logs: bytes) -> bytes:
    """Return a list of timestamps, one from each log; their signatures are never verified."""
    each = (b"\0" + log + bytes(8) + b"\0\0" + b"\x04\x03\0\x02\x30\0" for log in logs)
    listed = b"".join(len(data).to_bytes(2) + data for data in each)
    return len(listed).to_bytes(2) + listed


def proven(*logs: bytes) -> Extensions:
    data = timestamps(*logs)
    size = bytes((len(data),)) if len(data) < 128 else b"\x81" + bytes((len(data),))
    return ((x509.UnrecognizedExtension(_EMBEDDED, b"\x04" + size + data), False),)


def promising(*, lists: bool = True, staple: bool = False, responder: bool = True) -> Extensions:
    points = x509.CRLDistributionPoints(
        [x509.DistributionPoint([x509.UniformResourceIdentifier(URL)], None, None, None)]
    )
    where = x509.UniformResourceIdentifier("http://ca.example/ocsp")
    access = x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.OCSP, where)])
    feature = x509.TLSFeature([x509.TLSFeatureType.status_request])
    return (
        *(((points, False),) if lists else ()),
        *(((access, False),) if responder else ()),
        *(((feature, False),) if staple else ()),
    )


def staple(address: str, certificate: x509.Certificate, *, ocsp: bytes = b"", logs: bytes = b"") -> Observation:
    return TlsStaple(
        address=ip_address(address),
        port=443,
        server_name=WEB,
        version="TLSv1.3",
        chain=(certificate.public_bytes(Encoding.DER), lab.MIDDLE.public_bytes(Encoding.DER)),
        ocsp=ocsp,
        timestamps=logs,
    )


def status(address: str, *steps: Observation) -> Evidence:
    return evidence("certificate_status", *steps, task=f"{address}#443", endpoint=at(address, 443))


@cache
def crl(*revoked: x509.Certificate, signer: int = 4, days: int = 7, reason: str = "") -> bytes:
    """Return the revocation list of the lab's intermediate; ``signer`` is the number of the key that signs it."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(lab.MIDDLE.subject)
    builder = builder.last_update(NOW - 8 * DAY).next_update(NOW + days * DAY)
    for certificate in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number).revocation_date(NOW - 3 * DAY)
        if reason:
            entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags(reason)), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(lab.key(signer), hashes.SHA256(), ecdsa_deterministic=True).public_bytes(Encoding.DER)


def listed(
    certificate: x509.Certificate, der: bytes = b"", *, failure: FailureKind | None = None, truncated: bool = False
) -> Observation:
    """Return the probe's observation of a revocation list."""
    blank = RevocationList(
        address=ip_address("192.0.2.80"),
        port=80,
        url=URL,
        certificate=sha256(certificate.public_bytes(Encoding.DER)).digest(),
        status=None if failure else 200,
        size=500_000 if truncated else len(der),
        truncated=truncated,
        failure=why(failure),
    )
    if not der:
        return blank
    summary = revocation.summary(der, certificate.serial_number)
    return RevocationList(
        address=blank.address,
        port=80,
        url=URL,
        certificate=blank.certificate,
        status=200,
        size=len(der),
        readable=True,
        issuer=summary.issuer,
        this_update=summary.this_update,
        next_update=summary.next_update,
        algorithm=summary.algorithm,
        hashed=summary.hashed,
        digest=summary.digest,
        signature=summary.signature,
        entry=None if summary.since is None else Revoked(since=summary.since, reason=summary.reason),
    )


def response(name: str) -> bytes:
    """Return an OCSP response of RESPONSES."""
    return (RESPONSES / f"{name}.der").read_bytes()


def certificate_transparency() -> Iterator[Case]:
    check = "security.tls.certificate-transparency"
    yield from _certificates(check, "ENOUGH", (leaf(WEB, more=proven(ONE, TWO)), lab.MIDDLE), (status(V4), status(V6)))

    def seen(
        code: str,
        about: str,
        *logs: bytes,
        days: tuple[int, int] = (-30, 60),
        variant: str = "",
        beside: bytes = b"",
        asked: bool = True,
        trap: str = "",
    ) -> Case:
        own = leaf(WEB, days=days, more=proven(*logs) if logs else ())
        return Case(
            check=check,
            subject=lab.site(),
            code=code,
            variant=variant,
            about=about,
            trap=trap,
            evidence=(
                *_dual(own),
                *(
                    (status(V4, staple(V4, own, logs=beside)), status(V6, staple(V6, own, logs=beside)))
                    if asked
                    else ()
                ),
            ),
            expect=((code, V4), (code, V6)),
        )

    yield seen("ENOUGH", "Two logs of two operators, for 90 days.", ONE, TWO)
    yield seen("ENOUGH", "Three logs, for a year.", ONE, TWO, THREE, days=(-60, 300), variant="year")
    yield seen("ENOUGH", "Proofs come in the handshake.", beside=timestamps(ONE, TWO), variant="extension")
    yield seen(
        "ENOUGH",
        "Enough in the certificate; what comes beside it was not asked.",
        ONE,
        TWO,
        asked=False,
        variant="not-asked",
    )
    yield seen(
        "ENOUGH",
        "One of three logs is not in our list: its operator may be another.",
        ONE,
        SAME,
        NEW,
        variant="new-log",
    )
    yield seen("ONE_OPERATOR", "Both logs are of one operator.", ONE, SAME)
    yield seen("TOO_FEW", "None at all.")
    yield seen("TOO_FEW", "Two, for a year.", ONE, TWO, days=(-60, 300), variant="year")
    yield seen("TOO_FEW", "One log twice is one log.", ONE, ONE, variant="same-log")
    yield seen("UNKNOWN_LOGS", "One of two logs is newer than our list.", ONE, NEW)
    yield seen("UNSEEN", "None in the certificate, and nobody asked what comes beside it.", asked=False)
    own = leaf(WEB, issuer="National Root", signer=2)
    yield Case(
        check=check,
        subject=lab.site(),
        code="NOT_PUBLIC",
        about="A root that was declared for this audit.",
        evidence=(*_dual(own, ()), status(V4, staple(V4, own))),
        expect=(("NOT_PUBLIC", V4), ("NOT_PUBLIC", V6)),
    )
    yield Case(
        check=check,
        subject=lab.site(),
        code="NO_ROOTS",
        about="Without a trust store nobody is called public.",
        trust_roots=False,
        evidence=_dual(leaf(WEB)),
        expect=(("NO_ROOTS", V4), ("NO_ROOTS", V6)),
    )


def _dual(own: x509.Certificate, above: tuple[x509.Certificate, ...] = (lab.MIDDLE,)) -> tuple[Evidence, ...]:
    return (DUAL, *HTTP_DEFAULT, tls(V4, (own, *above)), tls(V6, (own, *above)))


def revocations() -> Iterator[Case]:
    check = "security.tls.revocation"
    named = leaf(WEB, more=promising())
    clean = listed(named, crl())
    yield from _certificates(check, "NOT_REVOKED", (named, lab.MIDDLE), (status(V4, clean), status(V6, clean)))

    def seen(
        code: str, about: str, own: x509.Certificate, *steps: Observation, variant: str = "", trap: str = ""
    ) -> Case:
        return Case(
            check=check,
            subject=lab.site(),
            code=code,
            variant=variant,
            about=about,
            trap=trap,
            evidence=(
                DUAL,
                *HTTP_DEFAULT,
                tls(V4, (named, lab.MIDDLE)),
                status(V4, clean),
                tls(V6, (own, lab.MIDDLE)),
                status(V6, *steps),
            ),
            expect=(("NOT_REVOKED", V4), (code, V6)),
        )

    other = leaf("other.example", number=21, more=promising())
    twin = leaf(WEB, number=22, more=promising())
    yield seen("NOT_REVOKED", "The list has another certificate.", named, listed(named, crl(other)), variant="other")
    yield seen("REVOKED", "It is in the list.", twin, listed(twin, crl(twin, reason="keyCompromise")))
    yield seen(
        "REVOKED",
        "In a list that is out of date by now: what it says stands.",
        twin,
        listed(twin, crl(twin, days=-1)),
        variant="old-list",
    )
    yield seen(
        "NOT_REVOKED",
        "It was taken out of the list again.",
        twin,
        listed(twin, crl(twin, reason="removeFromCRL")),
        variant="taken-out",
    )
    yield seen(
        "LIST_NOT_HAD",
        "The list is signed by somebody else, so it accuses nobody.",
        twin,
        listed(twin, crl(twin, signer=3)),
        variant="forged",
    )
    yield seen("LIST_NOT_HAD", "Nobody there.", twin, listed(twin, failure=FailureKind.REFUSED))
    yield seen("LIST_NOT_HAD", "What is there is no list.", twin, listed(twin), variant="no-list")
    yield seen("LIST_OUT_OF_DATE", "The list should have been renewed yesterday.", twin, listed(twin, crl(days=-1)))
    yield seen("LIST_TOO_LARGE", "A list of megabytes.", twin, listed(twin, truncated=True))
    yield seen("NOT_DECIDED", "The list was not asked for.", twin, variant="not-asked", trap="R3")
    plain = leaf(WEB, number=23)
    yield seen("NOTHING_PROMISED", "Neither list nor promise.", plain, staple(V6, plain))
    yield from _stapling(seen)


def _stapling(seen: Callable[..., Case]) -> Iterator[Case]:
    must = leaf(WEB, number=24, more=promising(lists=False, staple=True))
    both = leaf(WEB, number=25, more=promising(staple=True))
    free = leaf(WEB, number=26, more=promising(lists=False))
    yield seen("STAPLED", "Promised and there.", must, staple(V6, must, ocsp=response("good")))
    yield seen("NO_STAPLE", "Promised and missing.", must, staple(V6, must))
    yield seen(
        "NO_STAPLE",
        "Promised and missing, whatever the list says.",
        both,
        staple(V6, both),
        listed(both, crl()),
        variant="beside-list",
    )
    yield seen("BAD_STAPLE", "Out of date.", must, staple(V6, must, ocsp=response("old")))
    yield seen(
        "BAD_STAPLE", "Signed by somebody else.", must, staple(V6, must, ocsp=response("forged")), variant="forged"
    )
    yield seen("REVOKED_BY_STAPLE", "The responder says so.", must, staple(V6, must, ocsp=response("revoked")))
    yield seen(
        "STAPLE_OUT_OF_DATE",
        "Nobody promised it, and it is old.",
        free,
        staple(V6, free, ocsp=response("old-unpromised")),
    )
    yield seen(
        "NOTHING_PROMISED",
        "A responder, no promise and no staple: nobody owes one.",
        free,
        staple(V6, free),
        variant="not-stapled",
    )
    without = leaf(WEB, number=27, more=promising(lists=False, staple=True, responder=False))
    yield seen(
        "NOTHING_PROMISED",
        "Without a responder no staple is owed.",
        without,
        staple(V6, without),
        variant="no-responder",
    )
    yield seen(
        "NOT_DECIDED",
        "Promised, and nobody asked for it.",
        must,
        listed(must, failure=FailureKind.CUT_SHORT),
        variant="staple-not-asked",
        trap="R3",
    )


def cases() -> Iterator[Case]:
    yield from certificate_transparency()
    yield from revocations()

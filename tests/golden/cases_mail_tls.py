"""Makes golden cases of ``security.tls.*`` on mail hosts: exchangers with STARTTLS, and services for mail programs."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from inventory.model import Kind, Subject, SubjectId
from probes.framework.evidence import Evidence, Failure, FailureKind, Observation
from probes.observations.certificates import TlsStaple
from probes.observations.mail import StartTls
from probes.observations.tls import RenegotiationEnd, Stopped, TlsRenegotiation, TlsSupport
from probes.observations.web import TlsHandshake
from tests.golden import lab, lab_mail, lab_tls
from tests.golden.case import ALL_CONTROLS, Case
from tests.golden.cases_certificates import crl, listed, promising
from tests.golden.lab import at, evidence
from tests.golden.lab_mail import CLIENTS, EXPIRED, GOOD, MX1, V4, V6, dialogue

CONTROLS = (*ALL_CONTROLS, "tcp/465", "tcp/587", "tcp/993")
GOOD_CODES = {
    "versions": "CURRENT",
    "ciphers": "STRONG",
    "kex": "STRONG",
    "handshake": "HARDENED_CLIENT_UNKNOWN",
    "known-vulns": "RULED_OUT",
    "cert-strength": "STRONG",
    "cert-chain": "TRUSTED",
    "cert-name": "MATCHES",
    "cert-expiry": "VALID",
    "revocation": "NOTHING_PROMISED",
    "certificate-transparency": "UNSEEN",
}
OF_WHO_VERIFIES = frozenset({"cert-chain", "cert-name", "cert-expiry", "revocation", "certificate-transparency"})
OF_CERTIFICATES = OF_WHO_VERIFIES | {"cert-strength"}
WEAK: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "versions": ("OBSOLETE", {"versions": lab_tls.versions(tls10=("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",))}),
    "ciphers": ("WEAK", {"versions": lab_tls.versions(tls12=("TLS_RSA_WITH_AES_128_GCM_SHA256",))}),
    "kex": ("WEAK_CURVE", {"curves": ("x25519", "secp224r1")}),
    "handshake": ("NO_EMS", {"extended_master_secret": False}),
    "known-vulns": ("NOT_TESTED", {"versions": lab_tls.versions(tls12=("TLS_RSA_WITH_3DES_EDE_CBC_SHA",))}),
}
OWN_SIGNED = lab.certificate(CLIENTS, CLIENTS, number=14, signer=14, days=(-10, 300))
Chain = tuple[x509.Certificate, ...]
CLIENT_CHAIN = (lab.leaf(CLIENTS), lab.MIDDLE)


def exchanger(*services: tuple[str, int], host: str | None = MX1) -> Subject:
    return lab.site(
        id=SubjectId(f"mx:{MX1}"),
        kind=Kind.HOST,
        kinds=frozenset({Kind.HOST}),
        name=MX1,
        host=host,
        services=lab.services(*(services or (("smtp", 25),))),
        addresses=() if host else (ip_address(V6),),
    )


def support(
    address: str, service: str, port: int, protocol: str, name: str | None = MX1, **changes: object
) -> Evidence:
    failure = changes.pop("failure", None)
    made = lab_tls.support(address, failure=failure)  # type: ignore[arg-type]
    step = made.steps[0]
    assert isinstance(step, TlsSupport)
    own = {"port": port, "server_name": name, "protocol": protocol, "early_data": None, **changes}
    placed = replace(step, **own)  # type: ignore[arg-type]
    return evidence("mail_tls_support", placed, task=f"{address}#{port} {service}", endpoint=at(address, port, name))


def handshake(address: str, port: int, protocol: str, *chain: x509.Certificate, name: str = CLIENTS) -> Evidence:
    step = TlsHandshake(
        address=ip_address(address),
        port=port,
        server_name=name,
        protocol=protocol,
        version="TLSv1.3",
        chain=tuple(certificate.public_bytes(Encoding.DER) for certificate in chain or CLIENT_CHAIN),
    )
    return evidence("mail_tls", step, task=f"{address}#{port}", endpoint=at(address, port, name))


def renegotiation(
    address: str,
    count: int,
    ended: RenegotiationEnd | None,
    place: tuple[str, int, str] = ("smtp", 25, "smtp"),
    name: str = MX1,
    *,
    minutes: int = 0,
) -> Evidence:
    """Return a renegotiation attempt; without ``ended`` the host refused the connection; ``minutes``: a second look."""
    service, port, protocol = place
    step = TlsRenegotiation(
        address=ip_address(address),
        port=port,
        server_name=name,
        protocol=protocol,
        count=count,
        ended=ended,
        failure=None if ended else Failure(kind=FailureKind.PROTOCOL, detail="421 too many connections"),
    )
    where = at(address, port, name)
    task, attempt = f"{address}#{port} {service}", 2 if minutes else 1
    return evidence("mail_tls_renegotiation", step, task=task, endpoint=where, minutes=minutes, attempt=attempt)


def smtp(address: str, **changes: object) -> Evidence:
    return support(address, "smtp", 25, "smtp", **changes)  # type: ignore[arg-type]


def of_exchangers(check: str) -> Iterator[Case]:
    """Yield the cases of a mail exchanger: one finding for each address, about STARTTLS on port 25."""
    word = check.rpartition(".")[2]
    good = "NOT_VERIFIED" if word in OF_WHO_VERIFIES else GOOD_CODES[word]
    if word == "handshake":
        good = "HARDENED_0RTT_CLIENT_UNKNOWN"  # mail hosts are not asked for early data
    both = (lab.names((V6,), (V4,), name=MX1), dialogue(V4), dialogue(V6))
    yield Case(
        check=check,
        subject=exchanger(),
        code=good,
        variant="exchanger",
        about="Both addresses of a mail exchanger.",
        evidence=(*both, smtp(V4), smtp(V6)),
        expect=((good, V4), (good, V6)),
    )
    yield Case(
        check=check,
        subject=exchanger(),
        code=good if word in OF_WHO_VERIFIES else "NO_TLS",
        variant="no-starttls",
        about="Without STARTTLS there is no TLS to judge; that is the finding of security.mail.starttls.",
        evidence=(*both[:2], dialogue(V6, (), offers=("SIZE",)), smtp(V4)),
        expect=((good, V4), (good if word in OF_WHO_VERIFIES else "NO_TLS", V6)),
    )
    if word in WEAK:
        code, changes = WEAK[word]
        yield Case(
            check=check,
            subject=exchanger(),
            code=code,
            variant="exchanger",
            about="Weak over IPv6 alone.",
            evidence=(*both, smtp(V4), smtp(V6, **changes)),
            expect=((good, V4), (code, V6)),
        )
    if word not in OF_CERTIFICATES:
        yield Case(
            check=check,
            subject=exchanger(),
            code="HELLOS_REFUSED",
            variant="had-enough",
            about="After the dialogue the host lets nobody in: it has had enough of us.",
            evidence=(*both, smtp(V4), smtp(V6, failure=FailureKind.PROTOCOL)),
            expect=((good, V4), ("HELLOS_REFUSED", V6)),
        )
        yield Case(
            check=check,
            subject=exchanger(),
            code="LIMITED",
            variant="exchanger",
            about="It stopped answering on the way.",
            evidence=(*both, smtp(V4), smtp(V6, versions=(), stopped=Stopped.RATE)),
            expect=((good, V4), ("LIMITED", V6)),
        )


def of_clients(check: str) -> Iterator[Case]:
    """Yield the cases of a mail domain's services for users' mail programs, each judged separately."""
    word = check.rpartition(".")[2]
    good = GOOD_CODES[word]
    if word == "handshake":
        good = "HARDENED_0RTT_CLIENT_UNKNOWN"
    published = lab_mail.names(
        lab_mail.ONLY, *lab_mail.srv("imaps", 993), *lab_mail.srv("submission", 587), *lab_mail.host((V6,), (V4,))
    )
    open_ports = [lab.tcp(address, port) for address in (V4, V6) for port in (587, 993)]
    seen = [
        made
        for address in (V4, V6)
        for port, service, protocol in ((993, "imaps", "imaps"), (587, "submission", "smtp"))
        for made in (support(address, service, port, protocol, CLIENTS), handshake(address, port, protocol))
    ]
    yield Case(
        check=check,
        subject=lab.mail(),
        code=good,
        variant="mail-programs",
        about="IMAP in TLS and submission behind STARTTLS, as SRV records name them.",
        controls=CONTROLS,
        evidence=(published, *open_ports, *seen),
        expect=((good, V4), (good, V4), (good, V6), (good, V6)),
    )
    yield Case(
        check=check,
        subject=lab.mail(),
        code="NO_SERVICE",
        about="Nothing is published for mail programs; the exchangers are judged by themselves.",
        evidence=(lab_mail.usual(),),
        expect=(("NO_SERVICE", None),),
    )
    yield Case(
        check=check,
        subject=lab.mail(),
        code="NO_MAIL_ADDRESS",
        about="A name is published that has no address.",
        evidence=(lab_mail.names(lab_mail.ONLY, *lab_mail.srv("imaps", 993), *lab_mail.host()),),
        expect=(("NO_MAIL_ADDRESS", None),),
    )


def renegotiating() -> Iterator[Case]:
    """Yield the cases of renegotiation by a client, for exchangers and for services for mail programs."""
    check, refused, limit = "security.tls.handshake", RenegotiationEnd.REFUSED, RenegotiationEnd.LIMIT
    both = (lab.names((V6,), (V4,), name=MX1), dialogue(V4), dialogue(V6), smtp(V4), smtp(V6))
    good, unknown = "HARDENED_0RTT_UNKNOWN", "HARDENED_0RTT_CLIENT_UNKNOWN"
    yield Case(
        check=check,
        subject=exchanger(),
        code=good,
        variant="exchanger",
        about="Refused over IPv4; over IPv6 the host had let us in often enough by then.",
        evidence=(*both, renegotiation(V4, 0, refused), renegotiation(V6, 0, None)),
        expect=((good, V4), (unknown, V6)),
    )
    yield Case(
        check=check,
        subject=exchanger(),
        code="RENEGOTIATES",
        variant="exchanger",
        about="As often as was asked, over IPv6 alone, and again after ten minutes.",
        evidence=(
            *both,
            renegotiation(V4, 0, refused),
            renegotiation(V6, 11, limit),
            renegotiation(V6, 11, limit, minutes=10),
        ),
        expect=((good, V4), ("RENEGOTIATES", V6)),
    )
    published = lab_mail.names(lab_mail.ONLY, *lab_mail.srv("imaps", 993), *lab_mail.host((V6,)))
    imaps = ("imaps", 993, "imaps")
    yield Case(
        check=check,
        subject=lab.mail(),
        code="RENEGOTIATES",
        variant="mail-programs",
        about="The service of mail programs does; what was asked of another port says nothing of it.",
        controls=CONTROLS,
        evidence=(
            published,
            lab.tcp(V6, 993),
            support(V6, *imaps, CLIENTS),
            renegotiation(V6, 11, limit, imaps, name=CLIENTS),
            renegotiation(V6, 11, limit, imaps, name=CLIENTS, minutes=10),
            renegotiation(V6, 0, refused, ("submission", 587, "smtp"), name=CLIENTS),
        ),
        expect=(("RENEGOTIATES", V6),),
    )


def certificates() -> Iterator[Case]:
    """Yield certificate cases: mail programs verify, and refuse a certificate outside of its validity period."""
    published = lab_mail.names(lab_mail.ONLY, *lab_mail.srv("imaps", 993), *lab_mail.host((V6,)))
    frame = (published, lab.tcp(V6, 993))
    for check, code, chain in (
        ("cert-expiry", "EXPIRED", (lab.leaf(CLIENTS, number=12, days=(-90, -1)), lab.MIDDLE)),
        ("cert-name", "MISMATCH", GOOD),
        ("cert-chain", "SELF_SIGNED", (OWN_SIGNED,)),
    ):
        yield Case(
            check=f"security.tls.{check}",
            subject=lab.mail(),
            code=code,
            variant="mail-programs",
            about="Mail programs refuse it.",
            controls=CONTROLS,
            evidence=(*frame, handshake(V6, 993, "imaps", *chain)),
            expect=((code, V6),),
        )
    yield Case(
        check="security.tls.cert-expiry",
        subject=exchanger(),
        code="NOT_VERIFIED",
        variant="expired",
        about="Senders of mail go on all the same: security.mail.starttls says that it is out of its dates.",
        evidence=(lab.names((V6,), (), name=MX1), dialogue(V6, EXPIRED)),
        expect=(("NOT_VERIFIED", V6),),
    )
    yield Case(
        check="security.tls.cert-strength",
        subject=exchanger(),
        code="WEAK_KEY",
        variant="exchanger",
        about="A weak key is weak for everybody.",
        evidence=(lab.names((V6,), (), name=MX1), dialogue(V6, lab_tls.served("rsa1024"))),
        expect=(("WEAK_KEY", V6),),
    )
    yield Case(
        check="security.tls.cert-strength",
        subject=exchanger(),
        code="NO_TLS",
        variant="handshake-failed",
        about="No session, no certificate: that the handshake fails is the finding of security.mail.starttls.",
        evidence=(lab.names((V6,), (), name=MX1), dialogue(V6, starttls=StartTls.FAILED, tls=FailureKind.TLS_ALERT)),
        expect=(("NO_TLS", V6),),
    )
    listed = exchanger(("imaps", 993), host=None)
    yield Case(
        check="security.tls.cert-name",
        subject=listed,
        code="NOT_NAMED",
        about="A mail host that is listed by its address has no name to be called by.",
        controls=CONTROLS,
        evidence=(lab.tcp(V6, 993), handshake(V6, 993, "imaps")),
        expect=(("NOT_NAMED", V6),),
    )


def status(address: str, port: int, protocol: str, *steps: Observation, chain: Chain = CLIENT_CHAIN) -> Evidence:
    """Return the evidence about a certificate that was served without a stapled response."""
    step = TlsStaple(
        address=ip_address(address),
        port=port,
        server_name=CLIENTS,
        protocol=protocol,
        version="TLSv1.3",
        chain=tuple(certificate.public_bytes(Encoding.DER) for certificate in chain),
    )
    where = at(address, port, CLIENTS)
    return evidence("certificate_status", step, *steps, task=f"{address}#{port}", endpoint=where)


def revoked(port: int, protocol: str) -> tuple[Evidence, Evidence]:
    """Return a service with a certificate that its authority's list has revoked."""
    own = lab.leaf(CLIENTS, number=31, more=promising())
    chain = (own, lab.MIDDLE)
    told = status(V6, port, protocol, listed(own, crl(own, reason="keyCompromise")), chain=chain)
    return handshake(V6, port, protocol, *chain), told


def directories() -> Iterator[Case]:
    """Yield the cases of a host with LDAP in its row, with StartTLS and over TLS: directory clients verify."""
    subject = exchanger(("ldap", 389), ("ldaps", 636), host=CLIENTS)
    places = (("ldap", 389, "ldap"), ("ldaps", 636, "ldaps"))
    opened = (lab.names((V6,), (), name=CLIENTS), *(lab.tcp(V6, port) for _, port, _ in places))
    controls = (*ALL_CONTROLS, "tcp/389", "tcp/636")
    for check, code, seen in (
        ("versions", "CURRENT", [support(V6, *place, CLIENTS) for place in places]),
        ("cert-name", "MATCHES", [handshake(V6, port, protocol) for _, port, protocol in places]),
        ("cert-chain", "SELF_SIGNED", [handshake(V6, port, protocol, OWN_SIGNED) for _, port, protocol in places]),
        ("revocation", "REVOKED", [envelope for _, port, protocol in places for envelope in revoked(port, protocol)]),
        (
            "certificate-transparency",
            "TOO_FEW_FOR_SOME",
            [
                envelope
                for _, port, protocol in places
                for envelope in (handshake(V6, port, protocol), status(V6, port, protocol))
            ],
        ),
    ):
        yield Case(
            check=f"security.tls.{check}",
            subject=subject,
            code=code,
            variant="directory",
            about="Both services of a directory.",
            controls=controls,
            evidence=(*opened, *seen),
            expect=((code, V6), (code, V6)),
        )


def cases() -> Iterator[Case]:
    for word in GOOD_CODES:
        yield from of_exchangers(f"security.tls.{word}")
        yield from of_clients(f"security.tls.{word}")
    yield from renegotiating()
    yield from certificates()
    yield from directories()

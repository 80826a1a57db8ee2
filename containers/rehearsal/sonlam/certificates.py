"""Declares web hosts with a defect of their certificate's chain or of the answer to a browser's ClientHello."""

from containers.rehearsal.model import CertificateKind, Face, PortalSpec

DEAF_TO_BROWSERS = (
    "ipv6.web.http-ok",
    "ipv6.web.latency-parity",
    "ipv6.web.redirect-chain",
    "ipv6.web.resources",
    "ipv6.web.same-content",
    "ipv6.web.tls-parity",
    "ipv6.path.large-transfer",
    "ipv6.path.min-mtu",
    "ipv6.path.pmtud",
    "ipv6.path.tunnel",
    "security.http.admin-exposed",
    "security.http.cookies",
    "security.http.csp",
    "security.http.headers",
    "security.http.hsts",
    "security.http.https-exists",
    "security.http.https-forced",
    "security.http.injected-content",
    "security.http.mixed-content",
    "security.http.security-txt",
    "security.http.third-party",
    "security.tls.cert-chain",
    "security.tls.cert-expiry",
    "security.tls.cert-name",
    "security.tls.cert-strength",
    "security.tls.certificate-transparency",
    "security.tls.handshake",
    "security.tls.revocation",
)
"""Our own OpenSSL begins with such a hello as well, so that over IPv6 no page is seen."""

CERTIFICATE_STATUS = (
    PortalSpec(label="chungthu", agency="SL-VH", face=Face(certificate=CertificateKind.LISTED)),
    PortalSpec(
        label="dauthau",
        agency="SL-TC",
        face=Face(certificate=CertificateKind.NO_PROOFS),
        expected={"security.tls.certificate-transparency": "fail"},
    ),
    PortalSpec(
        label="thuhoi",
        agency="SL-VH",
        face=Face(certificate=CertificateKind.REVOKED),
        expected={"security.tls.revocation": "fail"},
    ),
    # nginx without ssl_stapling, as it is by default.
    PortalSpec(
        label="camket",
        agency="SL-VH",
        face=Face(certificate=CertificateKind.MUST_STAPLE),
        expected={"security.tls.revocation": "fail"},
    ),
    PortalSpec(
        label="sanvandong",
        agency="SL-VH",
        face=Face(certificate=CertificateKind.FETCHABLE),
        expected={"security.tls.cert-chain": "warn"},
        consequences=("security.http.https-exists", "ipv6.web.http-ok"),
    ),
    PortalSpec(
        label="congvien",
        agency="SL-XD",
        second_lost=True,
        expected={"ipv6.web.large-hello": "fail"},
        consequences=DEAF_TO_BROWSERS,
    ),
)

"""Declares web hosts with a defect of their certificate's chain or of the answer to a browser's ClientHello."""

from containers.rehearsal.model import Certificate, Face, Portal

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
    Portal(label="chungthu", agency="SL-VH", face=Face(certificate=Certificate.LISTED)),
    Portal(
        label="dauthau",
        agency="SL-TC",
        face=Face(certificate=Certificate.NO_PROOFS),
        expected={"security.tls.certificate-transparency": "fail"},
    ),
    Portal(
        label="thuhoi",
        agency="SL-VH",
        face=Face(certificate=Certificate.REVOKED),
        expected={"security.tls.revocation": "fail"},
    ),
    # nginx without ssl_stapling, as it is by default.
    Portal(
        label="camket",
        agency="SL-VH",
        face=Face(certificate=Certificate.MUST_STAPLE),
        expected={"security.tls.revocation": "fail"},
    ),
    Portal(
        label="sanvandong",
        agency="SL-VH",
        face=Face(certificate=Certificate.FETCHABLE),
        expected={"security.tls.cert-chain": "warn"},
        consequences=("security.http.https-exists", "ipv6.web.http-ok"),
    ),
    Portal(
        label="congvien",
        agency="SL-XD",
        second_lost=True,
        expected={"ipv6.web.large-hello": "fail"},
        consequences=DEAF_TO_BROWSERS,
    ),
)

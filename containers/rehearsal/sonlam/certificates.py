"""Web hosts with something behind their certificate, or in the way of the hello that a browser begins with."""

from containers.rehearsal.model import Certificate, Face, Portal

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
    ),
)

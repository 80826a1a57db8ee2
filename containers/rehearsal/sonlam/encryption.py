"""Declares web hosts with badly configured TLS, one defect each, all of it plain nginx configuration (`web.TLS`).

The list of a defect's consequences is short: what OpenSSL needs to speak old versions at all (security level 0) also
lets it sign with SHA-1 for clients that ask, and the suites of old versions are accepted in TLS 1.2 too.
"""

from containers.rehearsal.library_flaws import LibraryFlaw
from containers.rehearsal.model import CertificateKind, Face, PortalSpec, TlsSetup

OLD = ("security.tls.ciphers", "security.tls.kex")

TLS_DEFECTS = (
    PortalSpec(
        label="vanthu",
        agency="SL-NV",
        face=Face(tls=TlsSetup.OLD_VERSIONS),
        expected={"security.tls.versions": "fail"},
        consequences=OLD,
    ),
    PortalSpec(
        label="khaosat", agency="SL-NV", face=Face(tls=TlsSetup.ONLY_12), expected={"security.tls.versions": "warn"}
    ),
    PortalSpec(
        label="sangtac", agency="SL-VH", face=Face(tls=TlsSetup.CBC_SHA1), expected={"security.tls.ciphers": "fail"}
    ),
    PortalSpec(
        label="diachivanhoa",
        agency="SL-VH",
        face=Face(tls=TlsSetup.CBC_SHA256),
        expected={"security.tls.ciphers": "warn"},
    ),
    PortalSpec(label="thuysan", agency="SL-NNMT", face=Face(tls=TlsSetup.P224), expected={"security.tls.kex": "fail"}),
    PortalSpec(
        label="khuyennong",
        agency="SL-NNMT",
        face=Face(tls=TlsSetup.NO_EMS),
        expected={"security.tls.handshake": "fail"},
    ),
    PortalSpec(
        label="thuyloi",
        agency="SL-NNMT",
        face=Face(tls=TlsSetup.EARLY_DATA),
        expected={"security.tls.handshake": "fail"},
    ),
    PortalSpec(
        label="dangkiem",
        agency="SL-XD",
        face=Face(tls=TlsSetup.RSA, certificate=CertificateKind.RSA_2048),
        expected={"security.tls.cert-strength": "warn"},
    ),
    PortalSpec(
        label="thoatnuoc",
        agency="SL-XD",
        face=Face(tls=TlsSetup.COMMON_PRIME, certificate=CertificateKind.RSA_3072),
        expected={"security.tls.kex": "fail", "security.tls.ciphers": "warn"},
    ),
    # Clients refuse it as they refuse an untrusted one: OpenSSL and cryptography demand more than 1024 bits.
    PortalSpec(
        label="capnuoc",
        agency="SL-XD",
        face=Face(tls=TlsSetup.RSA_SMALL, certificate=CertificateKind.RSA_1024),
        expected={"security.tls.cert-strength": "fail"},
        consequences=(
            "security.tls.cert-chain",
            "security.http.https-exists",
            "ipv6.web.http-ok",
            "ipv6.web.tls-parity",
            "security.tls.kex",
        ),
    ),
)

# Software that has these flaws is from before TLS 1.3.
LIBRARY_FLAWS = (
    PortalSpec(
        label="donthu",
        agency="SL-TTR",
        face=Face(tls=TlsSetup.ONLY_12),
        flaw=LibraryFlaw.HEARTBLEED,
        authorised=True,
        expected={"security.tls.known-vulns": "fail", "security.tls.versions": "warn"},
    ),
    PortalSpec(
        label="giaypheplaixe",
        agency="SL-XD",
        face=Face(tls=TlsSetup.ONLY_12),
        flaw=LibraryFlaw.EARLY_CCS,
        authorised=True,
        expected={"security.tls.known-vulns": "fail", "security.tls.versions": "warn"},
    ),
)

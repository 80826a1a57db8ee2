"""Declares web hosts with badly configured TLS, one defect each, all of it plain nginx configuration (`web.TLS`).

The list of a defect's consequences is short: what OpenSSL needs to speak old versions at all (security level 0) also
lets it sign with SHA-1 for clients that ask, and the suites of old versions are accepted in TLS 1.2 too.
"""

from containers.rehearsal.flaws import Flaw
from containers.rehearsal.model import Certificate, Face, Portal, Tls

OLD = ("security.tls.ciphers", "security.tls.kex")

TLS_DEFECTS = (
    Portal(
        label="vanthu",
        agency="SL-NV",
        face=Face(tls=Tls.OLD_VERSIONS),
        expected={"security.tls.versions": "fail"},
        consequences=OLD,
    ),
    Portal(label="khaosat", agency="SL-NV", face=Face(tls=Tls.ONLY_12), expected={"security.tls.versions": "warn"}),
    Portal(label="sangtac", agency="SL-VH", face=Face(tls=Tls.CBC_SHA1), expected={"security.tls.ciphers": "fail"}),
    Portal(
        label="diachivanhoa", agency="SL-VH", face=Face(tls=Tls.CBC_SHA256), expected={"security.tls.ciphers": "warn"}
    ),
    Portal(label="thuysan", agency="SL-NNMT", face=Face(tls=Tls.P224), expected={"security.tls.kex": "fail"}),
    Portal(
        label="khuyennong", agency="SL-NNMT", face=Face(tls=Tls.NO_EMS), expected={"security.tls.handshake": "fail"}
    ),
    Portal(
        label="thuyloi", agency="SL-NNMT", face=Face(tls=Tls.EARLY_DATA), expected={"security.tls.handshake": "fail"}
    ),
    Portal(
        label="dangkiem",
        agency="SL-XD",
        face=Face(tls=Tls.RSA, certificate=Certificate.RSA_2048),
        expected={"security.tls.cert-strength": "warn"},
    ),
    Portal(
        label="thoatnuoc",
        agency="SL-XD",
        face=Face(tls=Tls.COMMON_PRIME, certificate=Certificate.RSA_3072),
        expected={"security.tls.kex": "fail", "security.tls.ciphers": "warn"},
    ),
    # Clients refuse it as they refuse an untrusted one: OpenSSL and cryptography demand more than 1024 bits.
    Portal(
        label="capnuoc",
        agency="SL-XD",
        face=Face(tls=Tls.RSA_SMALL, certificate=Certificate.RSA_1024),
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
    Portal(
        label="donthu",
        agency="SL-TTR",
        face=Face(tls=Tls.ONLY_12),
        flaw=Flaw.HEARTBLEED,
        authorised=True,
        expected={"security.tls.known-vulns": "fail", "security.tls.versions": "warn"},
    ),
    Portal(
        label="giaypheplaixe",
        agency="SL-XD",
        face=Face(tls=Tls.ONLY_12),
        flaw=Flaw.EARLY_CCS,
        authorised=True,
        expected={"security.tls.known-vulns": "fail", "security.tls.versions": "warn"},
    ),
)

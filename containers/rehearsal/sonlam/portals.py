"""Declares web hosts, healthy ones first, then one defect each."""

from containers.rehearsal.model import CertificateKind, Face, PortalSpec
from containers.rehearsal.web_answers import Contact, WebAnswer

# What cannot work when no IPv6 address answers; whether each of them fails or stands back is the auditor's affair.
UNREACHABLE = (
    "ipv6.web.reach",
    "ipv6.web.port-parity",
    "ipv6.web.http-ok",
    "ipv6.web.same-content",
    "ipv6.web.tls-parity",
    "ipv6.web.redirect-chain",
    "ipv6.web.resources",
    "ipv6.web.latency-parity",
    "ipv6.path.large-transfer",
    "ipv6.path.pmtud",
    "ipv6.path.icmp-errors",
)
SHARED_V6 = "2001:db8:a0:e::80"
"""The IPv6 address of ``nongnghiep``, at a hoster with a firewall that drops both web ports over IPv6.

Names of other agencies lead there too, so that the report has a shared cause with a single repair.
"""
# A certificate that clients refuse also stops whoever verifies it before reading.
REFUSED_CERTIFICATE = ("security.tls.cert-chain", "security.http.https-exists", "ipv6.web.http-ok")

HEALTHY_PORTALS = (
    PortalSpec(label="cong", agency="SL", v4=2, v6=2, https=("1 . alpn=h2 ipv6hint={v6}",)),
    PortalSpec(label="dichvucong", agency="SL-HCC", kind="dvc", v6=2, authorised=True),
    PortalSpec(label="suoimay", agency="SL-01", kind="commune-site"),
    PortalSpec(label="thanhtra", agency="SL-TTR", face=Face(http=WebAnswer.CLOSED)),
    PortalSpec(label="chuyendoiso", agency="SL-KHCN", v4=0),
    # Healthy but for its path: the link to the highlands carries 1400 bytes and says so (Packet Too Big is delivered).
    PortalSpec(
        label="khetrang",
        agency="SL-02",
        kind="commune-site",
        site="upland",
        expected={"ipv6.path.min-mtu": "warn", "ipv6.path.tunnel": "warn"},
    ),
)

ADDRESS_DEFECTS = (
    PortalSpec(
        label="xaydung",
        agency="SL-XD",
        v6=0,
        expected={"ipv6.web.aaaa": "fail"},
        consequences=("ipv6.web.redirect-chain",),
    ),
    PortalSpec(
        label="taichinh",
        agency="SL-TC",
        published_v6=("fd00:510a:1::80",),
        expected={"ipv6.web.addr-sane": "fail"},
        consequences=("ipv6.web.port-parity",),
    ),
    PortalSpec(
        label="congthuong",
        agency="SL-CT",
        v6=0,
        published_v6=("::ffff:198.51.100.9",),
        expected={"ipv6.web.aaaa": "fail", "ipv6.web.addr-sane": "fail"},
        consequences=UNREACHABLE,
    ),
    PortalSpec(
        label="noivu",
        agency="SL-NV",
        v6=0,
        published_v6=("fe80::5054:ff:fe12:80",),
        expected={"ipv6.web.aaaa": "fail", "ipv6.web.addr-sane": "fail"},
        consequences=UNREACHABLE,
    ),
    PortalSpec(
        label="yte",
        agency="SL-YT",
        published_v6=("2002:c633:640b::80",),
        expected={"ipv6.web.addr-sane": "warn"},
        consequences=("ipv6.path.tunnel", "ipv6.web.port-parity"),
    ),
    PortalSpec(
        label="tuphap",
        agency="SL-TP",
        published_v6=("2001:0:c000:22d::80",),
        expected={"ipv6.web.addr-sane": "warn"},
        consequences=("ipv6.path.tunnel", "ipv6.web.port-parity"),
    ),
)

REACH_DEFECTS = (
    PortalSpec(
        label="giaoduc",
        agency="SL-GD",
        v6=2,
        silent_v6=((1, 443),),
        reverse="may-chu-cu",
        expected={"ipv6.web.reach": "warn", "ipv6.dns.ptr": "warn"},
        consequences=("ipv6.web.port-parity",),
    ),
    PortalSpec(
        label="nongnghiep",
        agency="SL-NNMT",
        silent_v6=((0, 443), (0, 80)),
        expected={"ipv6.web.reach": "fail"},
        consequences=UNREACHABLE,
    ),
    PortalSpec(
        label="dantoc",
        agency="SL-DTTG",
        face_v6=Face(http=WebAnswer.CLOSED, https=WebAnswer.CLOSED),
        expected={"ipv6.web.reach": "fail"},
        consequences=UNREACHABLE,
    ),
    PortalSpec(
        label="vanhoa",
        agency="SL-VH",
        face_v6=Face(http=WebAnswer.CLOSED),
        expected={"ipv6.web.port-parity": "fail"},
        consequences=("ipv6.web.redirect-chain",),
    ),
    PortalSpec(
        label="khcn",
        agency="SL-KHCN",
        face_v6=Face(more_tls_ports=(8443,)),
        expected={"security.ports.v4v6-parity": "fail"},
        consequences=("security.ports.mgmt-exposed", "security.ports.unexpected"),
    ),
    PortalSpec(
        label="doithong",
        agency="SL-03",
        kind="commune-site",
        echo=False,
        expected={"ipv6.path.echo": "warn"},
        consequences=("ipv6.path.min-mtu", "ipv6.path.tunnel", "ipv6.path.fragment", "ipv6.path.loss-rtt-parity"),
    ),
)

CONTENT_DEFECTS = (
    PortalSpec(
        label="banlua",
        agency="SL-04",
        kind="commune-site",
        face_v6=Face(https=WebAnswer.BAD_GATEWAY),
        expected={"ipv6.web.http-ok": "fail"},
        consequences=("ipv6.web.same-content", "ipv6.web.redirect-chain"),
    ),
    PortalSpec(
        label="deosuong",
        agency="SL-05",
        kind="commune-site",
        face=Face(https=WebAnswer.SERVER_ERROR),
        expected={"ipv6.web.http-ok": "warn"},
    ),
    PortalSpec(
        label="caugo",
        agency="SL-06",
        kind="commune-site",
        face=Face(http=WebAnswer.PAGE, https=WebAnswer.CLOSED),
        expected={"security.http.https-exists": "fail"},
    ),
    PortalSpec(
        label="thacbac",
        agency="SL-07",
        kind="commune-site",
        face=Face(http=WebAnswer.PAGE),
        expected={"security.http.https-forced": "fail"},
    ),
    PortalSpec(
        label="rungvau",
        agency="SL-08",
        kind="commune-site",
        face=Face(http=WebAnswer.REDIRECT_TEMPORARY),
        caa=('0 issue "ca one.sonlam.gov.vn"',),
        expected={"security.dns.caa": "fail", "security.http.https-forced": "warn"},
    ),
    PortalSpec(
        label="nahong",
        agency="SL-09",
        kind="commune-site",
        face=Face(http=WebAnswer.REDIRECT_ELSEWHERE),
        caa=('0 iodef "mailto:cntt@sonlam.gov.vn"',),
        expected={"security.dns.caa": "warn", "security.http.https-forced": "warn"},
    ),
)

CERTIFICATE_DEFECTS = (
    PortalSpec(
        label="benngoc",
        agency="SL-10",
        kind="commune-site",
        face_v6=Face(certificate=CertificateKind.EXPIRED),
        expected={"ipv6.web.tls-parity": "fail", "security.tls.cert-expiry": "fail"},
        consequences=REFUSED_CERTIFICATE,
    ),
    PortalSpec(
        label="hanggio",
        agency="SL-11",
        kind="commune-site",
        face_v6=Face(certificate=CertificateKind.OTHER_GOOD),
        expected={"ipv6.web.tls-parity": "warn"},
    ),
    PortalSpec(
        label="dongche",
        agency="SL-12",
        kind="commune-site",
        face=Face(certificate=CertificateKind.SELF_SIGNED),
        expected={"security.tls.cert-chain": "fail"},
        consequences=REFUSED_CERTIFICATE,
    ),
    # CHECKS asks for a chain that is valid as served and this certificate names no place to fetch the missing one
    # from (no AIA), so nothing repairs it: fail, not warn.
    PortalSpec(
        label="khobac",
        agency="SL-TC",
        face=Face(certificate=CertificateKind.NO_INTERMEDIATE),
        expected={"security.tls.cert-chain": "fail"},
        consequences=REFUSED_CERTIFICATE,
    ),
    PortalSpec(
        label="quyhoach",
        agency="SL-XD",
        face=Face(certificate=CertificateKind.WRONG_NAME),
        expected={"security.tls.cert-name": "fail"},
        consequences=REFUSED_CERTIFICATE,
    ),
    PortalSpec(
        label="dulich",
        agency="SL-VH",
        face=Face(certificate=CertificateKind.SIBLING_NAME),
        expected={"security.tls.cert-name": "fail"},
        consequences=REFUSED_CERTIFICATE,
    ),
    PortalSpec(
        label="benhvien",
        agency="SL-YT",
        face=Face(certificate=CertificateKind.EXPIRED),
        expected={"security.tls.cert-expiry": "fail"},
        consequences=(*REFUSED_CERTIFICATE, "ipv6.web.tls-parity"),
    ),
    PortalSpec(
        label="truonghoc",
        agency="SL-GD",
        face=Face(certificate=CertificateKind.TEN_DAYS),
        expected={"security.tls.cert-expiry": "warn"},
    ),
    PortalSpec(
        label="congbao",
        agency="SL-VP",
        face=Face(certificate=CertificateKind.NOT_YET_VALID),
        expected={"security.tls.cert-expiry": "fail"},
        consequences=(*REFUSED_CERTIFICATE, "ipv6.web.tls-parity"),
    ),
)

HEADER_DEFECTS = (
    PortalSpec(
        label="suoidoi",
        agency="SL-03",
        kind="commune-site",
        v6=0,
        published_v6=(SHARED_V6,),
        face=Face(headers=(("Strict-Transport-Security", ""),)),
        expected={"ipv6.web.reach": "fail", "security.http.hsts": "fail"},
        consequences=UNREACHABLE,
    ),
    PortalSpec(
        label="hotrung",
        agency="SL-04",
        kind="commune-site",
        face_v6=Face(headers=(("Strict-Transport-Security", "max-age=86400"),)),
        expected={"security.http.hsts": "warn"},
    ),
    PortalSpec(
        label="mocua",
        agency="SL-HCC",
        kind="dvc",
        face=Face(headers=(("Set-Cookie", "JSESSIONID=0a1b2c; Path=/; HttpOnly; SameSite=Lax"),)),
        expected={"security.http.cookies": "fail"},
    ),
    PortalSpec(
        label="vanphong",
        agency="SL-VP",
        face=Face(headers=(("Referrer-Policy", ""), ("X-Content-Type-Options", ""))),
        expected={"security.http.headers": "warn"},
    ),
    PortalSpec(
        label="trienlam",
        agency="SL-VH",
        face=Face(headers=(("Content-Security-Policy", ""),)),
        expected={"security.http.csp": "fail"},
    ),
    PortalSpec(
        label="nhahat",
        agency="SL-VH",
        face=Face(headers=(("Content-Security-Policy", "default-src 'self' 'unsafe-inline'; frame-ancestors 'none'"),)),
        expected={"security.http.csp": "warn"},
    ),
)

SITE_DEFECTS = (
    PortalSpec(
        label="dangnhap",
        agency="SL-HCC",
        kind="dvc",
        face=Face(https=WebAnswer.REDIRECT_OFF_IPV6),
        expected={"ipv6.web.redirect-chain": "fail"},
        consequences=("ipv6.web.http-ok",),
    ),
    PortalSpec(
        label="langchai",
        agency="SL-05",
        kind="commune-site",
        face_v6=Face(https=WebAnswer.DEFAULT_PAGE),
        expected={"ipv6.web.same-content": "fail"},
    ),
    PortalSpec(
        label="bensong",
        agency="SL-06",
        kind="commune-site",
        face_v6=Face(https=WebAnswer.OTHER_PAGE),
        expected={"ipv6.web.same-content": "warn"},
    ),
    PortalSpec(label="xa.demen", agency="SL-07", kind="commune-site", expected={"ipv6.web.domain-scheme": "warn"}),
    PortalSpec(
        label="tracuu",
        agency="SL-KHCN",
        https=("1 . alpn=h2 ipv6hint={v6},2001:db8:a0:dead::80",),
        expected={"ipv6.dns.https-hints": "fail"},
    ),
    PortalSpec(
        label="hoidap", agency="SL-VP", https=("0 cdn.sonlam.gov.vn.",), expected={"ipv6.dns.https-hints": "warn"}
    ),
)

SERVICE_DEFECTS = (
    # Healthy: its page takes a style sheet from the province's portal, which has IPv6.
    PortalSpec(label="thongtin", agency="SL-VP", takes_from=("cong",)),
    PortalSpec(label="bando", agency="SL-XD", takes_from=("xaydung",), expected={"ipv6.web.resources": "fail"}),
    PortalSpec(
        label="thuvien",
        agency="SL-VH",
        face=Face(contact=Contact.ABSENT),
        expected={"security.http.security-txt": "fail"},
    ),
    PortalSpec(
        label="baotang",
        agency="SL-VH",
        v6=0,
        published_v6=(SHARED_V6,),
        face=Face(contact=Contact.EXPIRED),
        expected={"ipv6.web.reach": "fail", "security.http.security-txt": "fail"},
        consequences=UNREACHABLE,
    ),
    PortalSpec(
        label="maychu",
        agency="SL-KHCN",
        face=Face(admin_ports=(8443,)),
        expected={"security.http.admin-exposed": "fail"},
        consequences=("security.ports.mgmt-exposed", "security.ports.unexpected"),
    ),
    PortalSpec(
        label="duonghuyen",
        agency="SL-XD",
        slow_v6=True,
        expected={"ipv6.web.latency-parity": "warn", "ipv6.path.loss-rtt-parity": "fail"},
    ),
)

PORTALS = (
    *HEALTHY_PORTALS,
    *ADDRESS_DEFECTS,
    *REACH_DEFECTS,
    *CONTENT_DEFECTS,
    *CERTIFICATE_DEFECTS,
    *HEADER_DEFECTS,
    *SITE_DEFECTS,
    *SERVICE_DEFECTS,
)

NAME_DEFECTS = (
    PortalSpec(
        label="thuctuyen",
        agency="SL-HCC",
        kind="dvc",
        www_v4=True,
        expected={"ipv6.web.redirect-chain": "warn", "security.tls.cert-name": "warn"},
    ),
)

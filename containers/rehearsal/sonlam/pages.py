"""Declares web hosts with a defect of their page's content, or with a filter in front of them."""

from containers.rehearsal.model import Face, PortalSpec
from containers.rehearsal.web_answers import WebAnswer
from containers.rehearsal.web_quirks import Quirk

PAGE_DEFECTS = (
    PortalSpec(
        label="nongsan",
        agency="SL-NNMT",
        markup='<div style="position:absolute;left:-9999px"><a href="https://nhacai.example/">Nhà cái uy tín</a></div>',
        expected={"security.http.injected-content": "fail"},
        consequences=("ipv6.web.same-content",),
    ),
    PortalSpec(
        label="thethaotre",
        agency="SL-VH",
        markup='<script src="http://cong.sonlam.gov.vn/dem.js"></script>',
        expected={"security.http.mixed-content": "fail"},
        consequences=("ipv6.web.resources",),
    ),
    PortalSpec(
        label="dulichbien",
        agency="SL-VH",
        markup='<script src="https://cdn.sonlam.vn/ban-do.js"></script>',
        expected={"security.http.third-party": "fail"},
        consequences=("ipv6.web.resources",),
    ),
    PortalSpec(
        label="bieumau",
        agency="SL-VP",
        face=Face(headers=(("Set-Cookie", "PHPSESSID=4f2c; Path=/; Secure; HttpOnly; SameSite=Lax"),)),
    ),
)
MAPS = "".join(
    f'<h2>Bản đồ số {number}</h2><svg width="60" height="40"><path d="M0 0{" 7 13 21 34 55 89" * 690}"/></svg>\n'
    for number in range(40)
)
"""Drawings within the page itself, about 470 kB of it."""
# Healthy, and several times as large as most.
LARGE = (PortalSpec(label="toancanh", agency="SL-VH", v4=2, v6=2, markup=MAPS),)
ALT_SVC = (("Alt-Svc", 'h3=\\":443\\"; ma=86400'),)
HTTP3 = (
    PortalSpec(label="haisan", agency="SL-NNMT", face=Face(quic=True, headers=ALT_SVC)),
    PortalSpec(
        label="lamnghiep",
        agency="SL-NNMT",
        face=Face(quic=True, headers=ALT_SVC),
        face_v6=Face(headers=ALT_SVC),
        expected={"ipv6.web.http3": "fail"},
    ),
)
HIDDEN = (
    *("ipv6.web.http-ok", "ipv6.web.redirect-chain", "ipv6.web.resources", "ipv6.web.same-content"),
    *("security.http.admin-exposed", "security.http.cookies", "security.http.csp", "security.http.headers"),
    *("security.http.hsts", "security.http.https-forced"),
)
"""Checks that are undecided behind a filter."""
# Filters in front of sites, which know the auditor over IPv6 and hide what is behind them.
FILTERED = (
    PortalSpec(
        label="tiepdan",
        agency="SL-VP",
        face_v6=Face(https=WebAnswer.REJECTED, http=WebAnswer.REJECTED),
        consequences=HIDDEN,
    ),
    PortalSpec(
        label="khieunai",
        agency="SL-TTR",
        face_v6=Face(https=WebAnswer.COOKIE_SCRIPT, http=WebAnswer.COOKIE_SCRIPT),
        consequences=HIDDEN,
    ),
    PortalSpec(
        label="vondautu",
        agency="SL-TC",
        face_v6=Face(https=WebAnswer.NOT_ACCEPTABLE, http=WebAnswer.NOT_ACCEPTABLE),
        consequences=HIDDEN,
    ),
    PortalSpec(
        label="laodong",
        agency="SL-NV",
        face_v6=Face(https=WebAnswer.GEOGRAPHY, http=WebAnswer.GEOGRAPHY),
        consequences=HIDDEN,
    ),
    PortalSpec(label="duongbo", agency="SL-XD", face=Face(https=WebAnswer.COOKIE_WALL)),
)
CHALLENGED = (
    PortalSpec(
        label="quyhoachso",
        agency="SL-XD",
        face_v6=Face(https=WebAnswer.CHALLENGE, http=WebAnswer.CHALLENGE),
        consequences=HIDDEN,
    ),
)
# A content network has the last port open for all its customers, and refuses there, perhaps the auditor alone.
EDGE = PortalSpec(
    label="truyentai",
    agency="SL-KHCN",
    face=Face(edge_ports=(8443,), headers=(("X-Sucuri-ID", "17"),)),
    expected={"security.http.admin-exposed": "inconclusive"},
)
# Healthy: browsers are at home with all of it.
QUIRKY = (
    PortalSpec(label="dauphieu", agency="SL-VP", quirk=Quirk.LARGE_HEADS),
    PortalSpec(label="xuongdong", agency="SL-VP", quirk=Quirk.BARE_LINES),
    PortalSpec(label="gapdong", agency="SL-VP", quirk=Quirk.FOLDED),
    PortalSpec(label="khongcau", agency="SL-VP", quirk=Quirk.NO_REASON),
    # Of a picture that ends before its length nobody can tell what lost the rest.
    PortalSpec(label="quadai", agency="SL-VP", quirk=Quirk.TOO_LONG, consequences=("ipv6.path.large-transfer",)),
    PortalSpec(label="dongla", agency="SL-VP", quirk=Quirk.STRAY_LINES),
    PortalSpec(label="haidodai", agency="SL-VP", quirk=Quirk.TWO_LENGTHS),
    PortalSpec(label="hai", agency="SL-VP", quirk=Quirk.HTTP2),
)

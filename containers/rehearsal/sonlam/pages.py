"""Declares web hosts with a defect of their page's content, or with a filter in front of them."""

from containers.rehearsal.answers import Answer
from containers.rehearsal.model import Face, Portal
from containers.rehearsal.quirks import Quirk

PAGE_DEFECTS = (
    Portal(
        label="nongsan",
        agency="SL-NNMT",
        markup='<div style="position:absolute;left:-9999px"><a href="https://nhacai.example/">Nhà cái uy tín</a></div>',
        expected={"security.http.injected-content": "fail"},
        consequences=("ipv6.web.same-content",),
    ),
    Portal(
        label="thethaotre",
        agency="SL-VH",
        markup='<script src="http://cong.sonlam.gov.vn/dem.js"></script>',
        expected={"security.http.mixed-content": "fail"},
        consequences=("ipv6.web.resources",),
    ),
    Portal(
        label="dulichbien",
        agency="SL-VH",
        markup='<script src="https://cdn.sonlam.vn/ban-do.js"></script>',
        expected={"security.http.third-party": "fail"},
        consequences=("ipv6.web.resources",),
    ),
    Portal(
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
LARGE = (Portal(label="toancanh", agency="SL-VH", v4=2, v6=2, markup=MAPS),)
ALT_SVC = (("Alt-Svc", 'h3=\\":443\\"; ma=86400'),)
HTTP3 = (
    Portal(label="haisan", agency="SL-NNMT", face=Face(quic=True, headers=ALT_SVC)),
    Portal(
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
"""What a filter leaves undecided."""
# Filters in front of sites, which know the auditor over IPv6 and hide what is behind them.
FILTERED = (
    Portal(
        label="tiepdan", agency="SL-VP", face_v6=Face(https=Answer.REJECTED, http=Answer.REJECTED), consequences=HIDDEN
    ),
    Portal(
        label="khieunai",
        agency="SL-TTR",
        face_v6=Face(https=Answer.COOKIE_SCRIPT, http=Answer.COOKIE_SCRIPT),
        consequences=HIDDEN,
    ),
    Portal(
        label="vondautu",
        agency="SL-TC",
        face_v6=Face(https=Answer.NOT_ACCEPTABLE, http=Answer.NOT_ACCEPTABLE),
        consequences=HIDDEN,
    ),
    Portal(
        label="laodong",
        agency="SL-NV",
        face_v6=Face(https=Answer.GEOGRAPHY, http=Answer.GEOGRAPHY),
        consequences=HIDDEN,
    ),
    Portal(label="duongbo", agency="SL-XD", face=Face(https=Answer.COOKIE_WALL)),
)
CHALLENGED = (
    Portal(
        label="quyhoachso",
        agency="SL-XD",
        face_v6=Face(https=Answer.CHALLENGE, http=Answer.CHALLENGE),
        consequences=HIDDEN,
    ),
)
# A content network has the last port open for all its customers, and refuses there, perhaps the auditor alone.
EDGE = Portal(
    label="truyentai",
    agency="SL-KHCN",
    face=Face(edge_ports=(8443,), headers=(("X-Sucuri-ID", "17"),)),
    expected={"security.http.admin-exposed": "inconclusive"},
)
# Healthy: browsers are at home with all of it.
QUIRKY = (
    Portal(label="dauphieu", agency="SL-VP", quirk=Quirk.LARGE_HEADS),
    Portal(label="xuongdong", agency="SL-VP", quirk=Quirk.BARE_LINES),
    Portal(label="gapdong", agency="SL-VP", quirk=Quirk.FOLDED),
    Portal(label="khongcau", agency="SL-VP", quirk=Quirk.NO_REASON),
    # Of a picture that ends before its length nobody can tell what lost the rest.
    Portal(label="quadai", agency="SL-VP", quirk=Quirk.TOO_LONG, consequences=("ipv6.path.large-transfer",)),
    Portal(label="dongla", agency="SL-VP", quirk=Quirk.STRAY_LINES),
    Portal(label="haidodai", agency="SL-VP", quirk=Quirk.TWO_LENGTHS),
    Portal(label="hai", agency="SL-VP", quirk=Quirk.HTTP2),
)

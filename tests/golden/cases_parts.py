"""Makes golden cases of parts that a landing page loads from other hosts, and of administrative interfaces."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_address

from inventory.model import Kind
from probes.framework.evidence import CLOSED_MUTE, NO_CONNECT, Evidence, Failure, FailureKind, Observation
from probes.observations.dns import Delegation
from probes.observations.pages import FrontPage, PageParts, Part, PartKind
from probes.observations.transport import TcpConnect
from probes.observations.vantage import TCP_FULL
from tests.golden import lab
from tests.golden.case import ALL_CONTROLS, Case
from tests.golden.cases_routing import by, origin
from tests.golden.cases_web import DUAL, HTTP_DEFAULT, undecided_names
from tests.golden.lab import TIMEOUT, V4, V6, WEB, at, evidence, look, names, page, ports, tcp, unanswered, why

ELSEWHERE = FailureKind.OUT_OF_SCOPE
STATIC, SHUT, CDN, MAPS = f"static.{lab.ZONE}", f"api.{lab.ZONE}", "cdn.example.net", "maps.example.net"
CDN6 = "2001:db8:c::1"


def _parts(
    *hosts: str, status: int = 200, url: str = f"https://{WEB}/", because: str | None = None, truncated: bool = False
) -> PageParts:
    parts = tuple(Part(kind=PartKind.SCRIPT, host=host, port=443) for host in hosts)
    return PageParts(
        address=ip_address(V6),
        port=443,
        url=url,
        status=status,
        content_type="text/html",
        parts=parts,
        because=because,
        truncated=truncated,
    )


def _unread(url: str) -> PageParts:
    """Return the parts of a page that its reader could not read within its bounds."""
    return PageParts(address=ip_address(V6), port=443, url=url, truncated=True, failure=why(FailureKind.CUT_SHORT))


def _taken(*steps: Observation) -> Evidence:
    return evidence("page_parts", *steps, task=f"https#443 {WEB}")


def _host(name: str, *v6: str, v4: str | None = "198.51.100.20", shut: FailureKind | None = None) -> list[Observation]:
    looks = [look(name, "A", "resource", *([v4] if v4 else [])), look(name, "AAAA", "resource", *v6)]
    return [*looks, *(TcpConnect(address=ip_address(text), port=443, failure=why(shut)) for text in v6)]


def resources() -> Iterator[Case]:
    check = "ipv6.web.resources"
    case = partial(Case, check=check, subject=lab.site())
    cut = Delegation(zone=lab.ZONE, parent="example", parent_ns=(f"ns1.{lab.ZONE}",))
    opened = (DUAL, *HTTP_DEFAULT, evidence("dns", cut, task=lab.ZONE))
    yield from undecided_names(check)

    def seen(
        code: str,
        about: str,
        page: tuple[Observation, ...],
        *hosts: list[Observation],
        own: str = "",
        others: str = "",
        variant: str = "",
    ) -> Case:
        steps = (*page, *(step for host in hosts for step in host))
        said = ((own or code, "own"), *(((code if own else others, "third-party"),) if own or others else ()))
        return case(code=code, variant=variant, about=about, evidence=(*opened, _taken(*steps)), expect=said)

    static, cdn = _host(STATIC, "2001:db8:a::20"), _host(CDN, CDN6)
    out = _host(CDN, CDN6, shut=ELSEWHERE)
    sheet = _parts(STATIC, url=f"https://{WEB}/a.css", because=f"style sheet of https://{WEB}/")
    yield seen("OWN_THERE", "Everything stands on the site itself.", (_parts(WEB),), variant="alone")
    yield seen("OWN_THERE", "A script of another own host with IPv6.", (_parts(STATIC),), static)
    yield seen(
        "OWN_IPV4_ONLY", "An own host has no AAAA.", (_parts(STATIC, CDN),), _host(STATIC), cdn, others="OTHERS_THERE"
    )
    yield seen(
        "OWN_IPV4_ONLY",
        "Published, refused.",
        (_parts(SHUT),),
        _host(SHUT, "2001:db8:a::21", shut=lab.REFUSED),
        variant="shut",
    )
    once = _host(SHUT, "2001:db8:a::21", shut=lab.TIMEOUT)
    yield seen("NOT_DECIDED", "Published, silent once.", (_parts(SHUT),), once, variant="silent-once")
    yield seen("OWN_IPV4_ONLY", "Published, silent twice.", (_parts(SHUT),), [*once, once[-1]], variant="silent-twice")
    yield seen(
        "OWN_THERE",
        "A name that does not exist for anybody is no defect of IPv6.",
        (_parts(STATIC),),
        _host(STATIC, v4=None),
        variant="broken",
    )
    yield seen("LITERAL", "An image from an IPv4 address.", (_parts("198.51.100.30"),))
    yield seen(
        "OWN_THERE", "A signing program on the visitor's own machine.", (_parts("127.0.0.1"),), variant="loopback"
    )
    yield seen("OWN_IPV4_ONLY", "In a style sheet.", (_parts(WEB), sheet), _host(STATIC), variant="style-sheet")
    plain = evidence("page_parts", _parts(WEB, url=f"http://{WEB}/"), task=f"http#80 {WEB}")
    yield case(
        code="OWN_IPV4_ONLY",
        variant="behind-port-80",
        about="Port 80 shows a page of its own; the site stands at HTTPS and takes a script from a host without AAAA.",
        evidence=(*opened, plain, _taken(_parts(STATIC), *_host(STATIC))),
        expect=(("OWN_IPV4_ONLY", "own"),),
    )
    at_80 = evidence("page_parts", _parts(url=f"http://{WEB}/", status=404), task=f"http#80 {WEB}")
    yield case(
        code="NOT_FETCHED",
        variant="behind-port-80",
        trap="R3",
        about="Port 80 shows an error; the page at HTTPS was not read.",
        evidence=(*opened, _taken(_unread(f"https://{WEB}/")), at_80),
        expect=(("NOT_FETCHED", None),),
    )
    yield seen("OTHERS_THERE", "One of others, with IPv6.", (_parts(CDN),), cdn, own="OWN_THERE")
    yield seen("OTHERS_IPV4_ONLY", "Maps without IPv6.", (_parts(CDN, MAPS),), cdn, _host(MAPS), own="OWN_THERE")
    yield seen(
        "NOT_DECIDED",
        "A host that we may not visit: looked up, and no word about it.",
        (_parts(CDN),),
        out,
        own="OWN_THERE",
    )
    yield seen(
        "OWN_IPV4_ONLY",
        "That another host may not be visited takes nothing from it.",
        (_parts(STATIC, CDN),),
        _host(STATIC),
        out,
        others="NOT_DECIDED",
        variant="beside-scope",
    )
    yield seen(
        "NOT_DECIDED",
        "Nobody answered for the AAAA of an own host.",
        (_parts(STATIC),),
        [look(STATIC, "A", "resource", V4), unanswered("AAAA", "resource", STATIC)],
        variant="dns",
    )
    yield case(
        code="CUT",
        about="More than we read: what was not seen passes nobody.",
        evidence=(*opened, _taken(_parts(STATIC, truncated=True), *static)),
        expect=(("CUT", "own"), ("CUT", "third-party")),
    )
    yield case(
        code="NOT_FETCHED",
        trap="W2",
        about="403 over IPv6: perhaps a filter that knows the auditor.",
        evidence=(*opened, _taken(_parts(status=403))),
        expect=(("NOT_FETCHED", None),),
    )
    yield case(
        code="NOT_FETCHED",
        variant="unread",
        about="The page was shown, and our reader came to its bounds with it: our failure, nobody's defect.",
        evidence=(*opened, _taken(_unread(f"https://{WEB}/"))),
        expect=(("NOT_FETCHED", None),),
    )
    yield seen(
        "CUT",
        "Our reader came to its bounds with a style sheet: what was not read passes nobody.",
        (_parts(STATIC), replace(_unread(sheet.url), because=sheet.because)),
        static,
        others="CUT",
        variant="style-sheet-unread",
    )
    yield seen(
        "OWN_IPV4_ONLY",
        "What the page itself says holds, whatever a style sheet beside it would have said.",
        (_parts(STATIC), replace(_unread(sheet.url), because=sheet.because)),
        _host(STATIC),
        others="CUT",
        variant="style-sheet-unread",
    )
    yield case(
        code="NOT_FETCHED", variant="never", about="Nobody asked.", evidence=opened, expect=(("NOT_FETCHED", None),)
    )
    yield case(
        code="NO_PAGE",
        about="500: http-ok's finding.",
        evidence=(*opened, _taken(_parts(status=500))),
        expect=(("NO_PAGE", None),),
    )
    yield case(
        code="NO_PAGE",
        variant="shut",
        about="Nothing is open over IPv6: reach's finding.",
        evidence=(DUAL, *ports(V4, 80, 443), *ports(V6)),
        expect=(("NO_PAGE", None),),
    )
    yield case(code="NO_AAAA", about="No IPv6.", evidence=(names(), *ports(V4, 443)), expect=(("NO_AAAA", None),))


FRONTS = (80, 443, 4443, 8080, 8443, 10443)


def _front(address: str, *changed: FrontPage) -> Evidence:
    """Return front pages: ports 80 and 443 show the site, the others are closed, except for those in ``changed``."""
    steps = {port: _shown(port, failure=why(lab.REFUSED), status=None) for port in FRONTS}
    steps |= {port: _shown(port, body="Cổng thông tin") for port in (80, 443)}
    steps |= {front_page.port: front_page for front_page in changed}
    placed = (replace(step, address=ip_address(address)) for step in steps.values())
    return evidence("front_page", *placed, task=address, endpoint=at(address, None))


def _shown(
    port: int,
    *,
    status: int | None = 200,
    body: str = "",
    failure: Failure | None = None,
    cookies: tuple[str, ...] = (),
    authenticate: str = "",
    server: str = "",
    more: bytes = b"",
) -> FrontPage:
    return FrontPage(
        address=ip_address(V6),
        port=port,
        url=f"port {port}",
        status=status,
        body=(f"<title>{body}</title>".encode() if body else b"") + more,
        server=server,
        failure=failure,
        cookies=cookies,
        authenticate=authenticate,
    )


def _failed(port: int, kind: FailureKind) -> FrontPage:
    return _shown(port, status=None, failure=why(kind))


def _closed(port: int) -> FrontPage:
    return _shown(port, status=None, failure=Failure(kind=FailureKind.PROTOCOL, detail=CLOSED_MUTE))


def admin_exposed() -> Iterator[Case]:
    check = "security.http.admin-exposed"
    everywhere = (*ALL_CONTROLS, "tcp/4443", "tcp/10443")
    case = partial(Case, check=check, subject=lab.site(), controls=everywhere)
    for undecided_name in undecided_names(check):
        yield Case(
            check=check,
            code=undecided_name.code,
            trap=undecided_name.trap,
            about=undecided_name.about + " IPv4 is judged all the same.",
            subject=undecided_name.subject,
            evidence=(*undecided_name.evidence, _front(V4)),
            expect=((undecided_name.code, "AAAA"), ("NONE", V4)),
        )

    def seen(
        code: str,
        about: str,
        *changed: FrontPage,
        variant: str = "",
        trap: str = "",
        tags: tuple[str, ...] = (),
        controls: tuple[str, ...] = everywhere,
    ) -> Case:
        return Case(
            check=check,
            subject=lab.site(tags=tags),
            code=code,
            variant=variant,
            trap=trap,
            about=about,
            controls=controls,
            evidence=(DUAL, _front(V4), _front(V6, *changed)),
            expect=(("NONE", V4), (code, V6)),
        )

    editors = _shown(443, body="Đăng nhập ‹ Cổng — WordPress")
    yield seen(
        "NONE",
        "Pages on 80 and 443, the rest refused or silent.",
        _shown(8443, status=None, failure=Failure(kind=TIMEOUT, detail=NO_CONNECT)),
        controls=(*everywhere, TCP_FULL),
    )
    for variant, about, withheld in (
        ("withheld", "A filter closes the connection of a request that it does not want.", _closed(443)),
        ("reset", "It resets the connection.", _failed(443, FailureKind.RESET)),
        ("mute", "Something at a port of administrators takes connections and says nothing.", _failed(8443, TIMEOUT)),
    ):
        yield seen("NOT_DECIDED", about, withheld, variant=variant, controls=(*everywhere, TCP_FULL))
    yield seen("NONE", "A SYN proxy resets what nobody takes.", _failed(8080, FailureKind.RESET), variant="syn-proxy")
    yield seen(
        "NONE",
        "IIS that demands TLS turns plain HTTP away itself: no filter hides what is behind.",
        _shown(80, status=403, more=b"<h2>HTTP Error 403.4 - Forbidden: SSL is required to view this resource.</h2>"),
        variant="iis",
    )
    over_tls = replace(lab.answer(V4, 403, port=80), leads_to=f"https://{WEB}/")
    yield case(
        code="NONE",
        variant="iis-leads",
        about="The same, with a page that leads browsers to HTTPS.",
        evidence=(DUAL, _front(V4), _front(V6), lab.http(V4, over_tls, lab.answer(V4, 200, hop=1), port=80)),
        expect=(("NONE", V4), ("NONE", V6)),
    )
    yield seen("NONE", "A page about a product.", _shown(443, body="pfSense - Login - tin tức"), variant="about")
    yield seen("NONE", "Something that speaks no HTTP.", _failed(8080, FailureKind.PROTOCOL), variant="no-http")
    yield seen("EXPOSED", "A firewall's log-in, on IPv6 alone.", _shown(8443, cookies=("APSCOOKIE_123",)), trap="T8")
    yield seen(
        "NONE",
        "SonicWall's portal for users of its VPN has the device's own Server header.",
        _shown(443, body="SonicWall - Virtual Office", server="SonicWALL"),
        _shown(4443, body="", status=301, server="SonicWALL", more=b'<a href="/sslvpnLogin.html">'),
        variant="portal-sonicwall",
    )
    yield seen(
        "NONE",
        "FortiGate's portal for users of its VPN has words of the device's own scripts.",
        _shown(
            10443, body="Please Login", more=b'<script src="/remote/fgt_lang?lang=en"></script><!-- fgt_lang.js -->'
        ),
        variant="portal-fortigate",
    )
    yield seen(
        "NONE",
        "GlobalProtect's portal shows the maker's logo.",
        _shown(443, body="GlobalProtect Portal", more=b'<img src="/global-protect/login/images/logo-pan-48525a.svg">'),
        variant="portal-globalprotect",
    )
    yield seen(
        "NONE",
        "Citrix' gateway, Outlook, web mail of cPanel and Pulse Secure are for users.",
        _shown(443, body="Citrix Gateway"),
        _shown(4443, body="Outlook"),
        _shown(8443, body="Webmail Login"),
        _shown(10443, body="Welcome", more=b'<form action="/dana-na/auth/url_default/login.cgi">'),
        variant="portals",
    )
    yield seen(
        "EXPOSED", "SonicWall's own log-in.", _shown(443, body="SonicWall - Authentication"), variant="sonicwall"
    )
    yield seen(
        "EXPOSED",
        "Load balancers and firewalls, each by the title of its own log-in, and a subscriber's router by its server.",
        _shown(443, body="BIG-IP&reg;- Redirect"),
        _shown(8443, body="Citrix Login", more=b'<form action="/login/do_login">'),
        _shown(4443, body="FortiWeb - waf-1"),
        _shown(8080, body="F670L", server="ZTE web server 1.0 ZTE corp 2015."),
        variant="makers",
    )
    yield seen(
        "NONE",
        "What users of a load balancer log in to, and pages about such products.",
        _shown(443, body="BIG-IP logout page", more=b'<a href="/my.policy">'),
        _shown(8443, body="FortiWeb - tường lửa ứng dụng web"),
        _shown(8080, body="BIG-IP® - hướng dẫn"),
        _shown(4443, body="Sophos", more=b'<script>Cyberoam.setContextPath("/userportal");</script>'),
        variant="about-makers",
    )
    yield seen(
        "EXPOSED",
        "A camera by its server, and a recorder by the script that its maker leaves without a version.",
        _shown(8080, body="index", server="DNVRS-Webs"),
        _shown(443, body="WEB SERVICE", more=b'<script src="jsBase/lib/jquery.js?version=@WebVersion@"></script>'),
        variant="cameras",
    )
    yield seen(
        "NONE",
        "A site of another server and with scripts of a version, and a page about cameras.",
        _shown(443, body="WEB SERVICE", more=b'<script src="jquery.js?version=3.7.1"></script>'),
        _shown(8080, body="Camera Hikvision - DNVRS-Webs", server="webserver"),
        variant="about-cameras",
    )
    yield seen(
        "EXPOSED",
        "A router asks for its password.",
        _shown(8080, status=401, authenticate='Basic realm="level_15_access"'),
        variant="realm",
    )
    yield seen(
        "EXPOSED",
        "A hypervisor, whatever is not known of other ports.",
        _shown(443, body="pve1 - Proxmox Virtual Environment"),
        _failed(4443, FailureKind.CUT_SHORT),
        variant="hypervisor",
    )
    yield seen("EXPOSED", "The log-in of the editors is the front page.", editors, variant="editors")
    plesk = _shown(8443, body="Plesk Obsidian 18.0.60")
    announced = origin((by(64500, "2001:db8:a::/48"),))
    yield case(
        code="EXPOSED_AT",
        about="A firewall's log-in; the table of routes says whose address it is.",
        evidence=(DUAL, _front(V4), _front(V6, _shown(8443, cookies=("APSCOOKIE_123",))), announced),
        expect=(("NONE", V4), ("EXPOSED_AT", V6)),
    )
    yield case(
        code="PANEL_AT",
        about="A hoster's panel; the table of routes says whose address it is.",
        evidence=(DUAL, _front(V4), _front(V6, plesk), announced),
        expect=(("NONE", V4), ("PANEL_AT", V6)),
    )
    yield seen("PANEL", "The panel of a hoster at whose machine the site is one of many.", plesk)
    panels = ("cPanel Login", "WHM Login", "DirectAdmin Login")
    yield seen(
        "PANEL",
        "Other hosters' panels, where they show themselves at the ports that are asked.",
        *(_shown(port, body=panel) for port, panel in zip((4443, 8443, 10443), panels, strict=True)),
        variant="others",
    )
    yield seen(
        "EXPOSED",
        "A hypervisor beside a panel is accused alone.",
        plesk,
        _shown(443, body="pve1 - Proxmox Virtual Environment"),
        variant="beside-a-panel",
    )
    yield case(
        code="EXPOSED",
        variant="own-panel",
        about="A machine that its owner lists by its address runs a panel: it is the owner's.",
        subject=lab.router(V6, kind=Kind.HOST, kinds=frozenset({Kind.HOST})),
        evidence=(_front(V6, plesk),),
        expect=(("EXPOSED", V6),),
    )
    yield seen("EXPOSED", "A DrayTek router's log-in.", _shown(443, body="Vigor Login Page"), variant="draytek")
    yield seen("DECLARED", "The same, with a second factor declared.", editors, tags=("mfa",))
    yield case(
        code="EXPOSED",
        variant="router",
        about="A router, listed by address.",
        subject=lab.router(V6),
        evidence=(_front(V6, _shown(80, body="RouterOS v7.15")),),
        expect=(("EXPOSED", V6),),
    )
    visited = lab.http(V6, replace(lab.answer(V6, 200), body=b"<title>RouterOS v7.15</title>"))
    yield Case(
        check=check,
        subject=lab.site(),
        code="EXPOSED",
        variant="visited",
        about="What visits of the site showed counts: no port is asked twice.",
        controls=everywhere,
        evidence=(names([V6], ()), tcp(V6, 443), visited),
        expect=(("EXPOSED", V6),),
    )
    others = [front_page for port in (4443, 10443) for front_page in [_failed(port, lab.REFUSED)]]
    shown = evidence(
        "front_page",
        *(replace(front_page, address=ip_address(V6)) for front_page in others),
        task=V6,
        endpoint=at(V6, None),
    )
    yield case(
        code="NONE",
        variant="visited",
        about="80 and 443 by their visits, 8080 and 8443 by their connects, the others asked.",
        evidence=(
            names([V6], ()),
            *ports(V6, 80, 443, tried=(80, 443, 8080, 8443)),
            page(V6, 200),
            page(V6, 200, port=80),
            shown,
        ),
        expect=(("NONE", V6),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="not-visited",
        about="443 is open, and what it shows was never asked.",
        evidence=(names([V6], ()), *ports(V6, 80, 443, tried=(80, 443, 8080, 8443)), page(V6, 200, port=80), shown),
        expect=(("NOT_DECIDED", V6),),
    )
    yield seen("LIMITED", "403 may be a filter that knows the auditor.", _shown(443, status=403), trap="W2")
    yield seen(
        "NOT_DECIDED",
        "Silence passes only where it is proven.",
        _failed(10443, TIMEOUT),
        controls=("tcp/80", "tcp/443"),
        trap="T5",
    )
    yield case(
        code="NOT_DECIDED",
        variant="never",
        about="One address was never asked.",
        evidence=(DUAL, _front(V4)),
        expect=(("NONE", V4), ("NOT_DECIDED", V6)),
    )
    yield case(
        code="NO_ADDRESS", about="No address.", evidence=(names((), ()), _front(V4)), expect=(("NO_ADDRESS", None),)
    )


def cases() -> Iterator[Case]:
    for group in (resources, admin_exposed):
        yield from group()

"""Lists the marks of user portals, which are no administrative interfaces: VPN, web mail, guest networks.

Makers put the same words, scripts and headers into both: a page with one of these marks is no administrative interface,
even with other marks in it. A portal that is missing here is recognised by the lack of marks of an administrator's
page.
"""

from dataclasses import dataclass

from auditor.facts.web.content import title
from probes.observations.pages import FrontPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """Holds a product and the marks of its page for users, any one of which is enough.

    The marks are: beginnings of the title and of names of cookies, in lower case, and texts in the page or in the URL
    that it leads to.
    """

    name: str
    titles: tuple[str, ...] = ()
    cookies: tuple[str, ...] = ()
    marks: tuple[bytes, ...] = ()


PORTALS = (
    Portal(name="Array Networks SSL VPN", marks=(b"/prx/000/http/localhost",)),
    Portal(name="Check Point", titles=("check point mobile", "check point ssl"), marks=(b"/sslvpn/Login/",)),
    Portal(name="Cisco WebVPN", titles=("ssl vpn service",), cookies=("webvpn",), marks=(b"/+CSCOE+/",)),
    Portal(
        name="Citrix Gateway",
        titles=("citrix gateway", "netscaler gateway", "netscaler aaa", "citrix receiver"),
        marks=(b"/logon/LogonPoint/", b"/vpn/index.html"),
    ),
    Portal(name="cPanel web mail", titles=("webmail login",)),
    Portal(name="DrayTek SSL VPN", titles=("ssl vpn", "vigor ssl vpn")),
    Portal(name="F5 BIG-IP APM", cookies=("mrhsession", "lastmrh_session"), marks=(b"/my.policy",)),
    Portal(
        name="Fortinet SSL VPN",
        cookies=("svpncookie", "svpnnetworkcookie"),
        marks=(b"/remote/fgt_lang", b"/remote/login", b"launchFortiClient"),
    ),
    Portal(
        name="guest network", titles=("mikrotik hotspot", "internet hotspot", "pfsense captive portal", "guest portal")
    ),
    Portal(name="Ivanti, Pulse Secure", cookies=("dssignin",), marks=(b"/dana-na/",)),
    Portal(name="OpenVPN Access Server", cookies=("openvpn_sess_",)),
    Portal(name="Outlook on the web", titles=("outlook",), marks=(b"/owa/auth",)),
    Portal(name="Palo Alto GlobalProtect", titles=("globalprotect portal",), marks=(b"/global-protect/",)),
    Portal(
        name="Plesk web mail, Roundcube, Horde",
        titles=("webmail", "roundcube", "horde"),
        cookies=("roundcube_sessid", "roundcube_sessauth"),
    ),
    Portal(name="Sangfor SSL VPN", marks=(b"/por/login_psw", b"/por/login_auth")),
    Portal(
        name="SonicWall Virtual Office",
        titles=("virtual office", "sonicwall - virtual office"),
        marks=(b"sslvpnLogin", b"/cgi-bin/sslvpnclient", b"/sslvpn/"),
    ),
    Portal(
        name="Sophos user portal",
        titles=("sophos user portal", "sophos userportal", "user portal", "sophos vpn portal"),
        marks=(b'Cyberoam.setContextPath("/userportal")',),
    ),
    Portal(name="VMware Horizon", titles=("vmware horizon",), marks=(b"Missing route token in request",)),
    Portal(name="WatchGuard SSL VPN", marks=(b"/sslvpn_logon.shtml",)),
    Portal(name="Zimbra", titles=("zimbra",), cookies=("zm_test", "zm_login_csrf")),
)


def portal(step: FrontPage) -> Portal | None:
    """Return the portal that an answer shows, None for any other page."""
    text = title(step.body).lower()
    cookies = [cooky.lower() for cooky in step.cookies]
    page = step.body + (step.location or "").encode("utf-8", "replace")
    for one in PORTALS:
        by_title = bool(text) and text.startswith(one.titles)
        if by_title or any(name.startswith(one.cookies) for name in cookies) or any(mark in page for mark in one.marks):
            return one
    return None

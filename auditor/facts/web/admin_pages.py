"""Recognises administrative interfaces by the first page they show.

Each mark is something that the product itself sends before any log-in and that a page about the product does not
contain: a whole title, a cookie's name, a realm, a script of its own. Portals for users (``user_portals``) do not
count. Products that are not listed here are not detected; the finding covers known products only.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from auditor.facts.attribution import excuse
from auditor.facts.exposure.port_state import Port, port_state
from auditor.facts.exposure.user_portals import portal
from auditor.facts.web.content import TITLE_LIMIT, title
from auditor.facts.web.filters import HEADERS, STATUSES, UNAVAILABLE, by_page, wants_tls
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import WEB_KINDS, IPAddress, Subject
from probes.framework.evidence import CLOSED_MUTE, Evidence, EvidenceId, EvidenceSet, FailureKind
from probes.observations.pages import FrontPage
from probes.observations.web import HttpExchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """Holds a product and its marks, any one of which is enough.

    ``site``: the log-in for editors of a web site, which needs all marks. ``hosting``: a hoster's log-in for its
    customers, on addresses that customers share.
    """

    name: str
    title: str = ""
    cookie: str = ""
    realm: str = ""
    server: str = ""
    body: bytes = b""
    site: bool = False
    hosting: bool = False


PRODUCTS = (
    Product(name="Cisco ASDM / ASA", title=r"Cisco ASDM .*"),
    Product(name="Cisco IOS", realm=r"level[_ ]15(_or_view)?[_ ]access"),
    Product(name="Citrix ADC / NetScaler", title=r"Citrix Login"),
    Product(name="Citrix / XenServer", title=r"(Welcome to )?(Citrix )?XenServer .*|XCP-ng .*"),
    Product(name="cPanel / WHM", title=r"(cPanel|WHM) Login", hosting=True),
    Product(name="Dahua camera, NVR", body=b"?version=@WebVersion@"),
    Product(name="Dell iDRAC", title=r"(.* )?iDRAC ?\d*( .*)?Login.*|Integrated Dell Remote Access Controller.*"),
    Product(name="DirectAdmin", title=r"DirectAdmin Login", hosting=True),
    Product(name="DrayTek Vigor", title=r"Vigor Login Page", realm=r"DrayTek.*|Vigor.*"),
    Product(name="F5 BIG-IP", title=r"BIG-IP® ?- ?Redirect"),
    Product(name="Fortinet FortiADC", title=r"FortiADC"),
    Product(name="Fortinet FortiGate", cookie=r"APSCOOKIE_?\d*", body=b"fgt_lang.js"),
    Product(name="Fortinet FortiManager", title=r"FortiManager-[\w.-]+"),
    Product(name="Fortinet FortiWeb", title=r"FortiWeb - [\w.-]+"),
    Product(name="Check Point Gaia", title=r"Gaia( Portal)?"),
    Product(name="Hikvision camera, NVR", server=r"(App|Hikvision|DNVRS|DVRDVS|DVS)-[Ww]ebs/?"),
    Product(name="HPE iLO", title=r"(HPE? )?(iLO|Integrated Lights-Out) ?\d*( .*)?", server=r"HPE?-iLO-Server/.*"),
    Product(name="Juniper J-Web", title=r"Log ?[Ii]n - Juniper Web Device Manager"),
    Product(name="Lenovo XClarity Controller", title=r"XClarity Controller.*"),
    Product(name="MikroTik RouterOS", title=r"RouterOS( router configuration page| v[\d.]+)?", realm=r"RouterOS.*"),
    Product(name="OPNsense", title=r"Login \| OPNsense"),
    Product(name="Palo Alto PAN-OS", body=b"/login/images/logo-pan-"),
    Product(name="pfSense", title=r"(.* - )?pfSense - Login|Login \| pfSense"),
    Product(name="phpMyAdmin", title=r"phpMyAdmin", cookie=r"phpMyAdmin(_https)?"),
    Product(name="Plesk", title=r"Plesk (Obsidian|Onyx)( [\d.]+)?", hosting=True),
    Product(name="Proxmox VE", title=r".* - Proxmox Virtual Environment"),
    Product(name="SonicWall", title=r"Sonic(Wall|WALL) - Authentication"),
    Product(name="Sophos", title=r"Sophos (UTM )?WebAdmin.*"),
    Product(name="Supermicro BMC", title=r"Supermicro BMC Login|ATEN International Co Ltd\."),
    Product(name="TP-Link", realm=r"TP-LINK .*"),
    Product(name="Ubiquiti", title=r"(UniFi( OS| Network)?|EdgeOS)", realm=r"ubnt.*"),
    Product(name="VMware ESXi / vCenter", title=r"VMware (ESXi|Host Client|vSphere.*)", body=b"ID_EESX_Welcome"),
    Product(name="Webmin", title=r"Login to Webmin"),
    Product(name="ZTE router", server=r"(Mini|ZTE) web server [\d.]+ ZTE corp .*"),
    Product(name="Joomla administrator", body=b'value="com_login"', title=r".* - Administration", site=True),
    Product(name="WordPress log-in", title=r".* \u2039 .* (\u2014|-) WordPress", site=True),
)


_BY_BODY = tuple(product for product in PRODUCTS if product.body)
_OF_SITES = frozenset({80, 443})
PORTS = (80, 443, 4443, 8080, 8443, 10443)
_SENT_ON = 302
"""Status used for a page that only redirects browsers, in place of its real status."""
_SHOWN = ("server", "www-authenticate", "set-cookie")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fronts:
    """Holds the results of the ports of one address.

    ``ports`` are those of ``devices`` and ``sites``. ``reason``: why the result of some ports is not known.
    """

    devices: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    panels: tuple[str, ...] = ()
    panel_ports: tuple[str, ...] = ()
    limited: tuple[str, ...] = ()
    reason: Reason | None = None
    transport: str = ""
    evidence: tuple[EvidenceId, ...] = ()


def fronts(subject: Subject, evidence: EvidenceSet, ctx: Context, address: IPAddress) -> Fronts:
    """Return everything seen at one address, with the results of site visits: no port is asked twice."""
    pairs = [*_asked(evidence, address), *_visited(evidence, address)]
    devices, sites, panels = dict[str, None](), dict[str, None](), dict[str, None]()
    ports, panel_ports = set[int](), set[int]()
    limited, unknown = set[int](), dict[int, Reason]()
    ids = dict.fromkeys(envelope.id for envelope, _ in pairs)
    for _, step in pairs:
        for product in products(step):
            hosting = is_hosters(subject, product)
            (panels if hosting else sites if product.site else devices)[product.name] = None
            (panel_ports if hosting else ports).add(step.port)
        if step.status is not None and _is_limited(step):
            limited.add(step.port)
    for port in PORTS:
        seen = [(envelope, step) for envelope, step in pairs if step.port == port]
        state = port_state(evidence, ctx, address, port)
        ids |= dict.fromkeys(state.evidence)
        reason = _reason(ctx, seen, state, is_site=bool(subject.kinds & WEB_KINDS))
        if reason is not None:
            unknown[port] = reason
    first = min(unknown, default=None)
    return Fronts(
        devices=tuple(devices),
        sites=tuple(sites),
        ports=_texts(ports),
        panels=tuple(panels),
        panel_ports=_texts(panel_ports),
        limited=_texts(limited),
        reason=None if first is None else unknown[first],
        transport="" if first is None else f"tcp/{first}",
        evidence=tuple(ids),
    )


def _reason(ctx: Context, seen: list[tuple[Evidence, FrontPage]], state: Port, *, is_site: bool) -> Reason | None:
    """Return the reason why a port's page is not known; None if it showed one, or is known to be closed."""
    if state.shut or any(step.status is not None for _, step in seen):
        return None
    reasons = [
        excuse(ctx, envelope, step.failure, step.address, f"tcp/{step.port}", large=True)
        for envelope, step in seen
        if step.failure is not None
    ]
    if None in reasons:
        return Reason.AMB if all(_is_withheld(step, is_site=is_site) for _, step in seen) else None
    return reasons[0] if reasons else state.reason or Reason.CUT


def _is_withheld(step: FrontPage, *, is_site: bool) -> bool:
    """True if the connection was accepted and the request got no answer, which a filter may do only to us.

    A reset means that the port is not open (CHECKS G9), except on ports 80 and 443 of a web site.
    """
    if step.failure is None or step.failure.is_unconnected:
        return False
    mute = step.failure.kind is FailureKind.TIMEOUT or step.failure.detail == CLOSED_MUTE
    return mute or (step.failure.kind is FailureKind.RESET and is_site and step.port in _OF_SITES)


def _asked(evidence: EvidenceSet, address: IPAddress) -> Iterator[tuple[Evidence, FrontPage]]:
    return ((envelope, step) for envelope, step in evidence.of(FrontPage) if step.address == address)


def _visited(evidence: EvidenceSet, address: IPAddress) -> Iterator[tuple[Evidence, FrontPage]]:
    for envelope, step in evidence.of(HttpExchange):
        if step.address == address and step.port in PORTS:
            values = {name: [value for header, value in step.headers if header.lower() == name] for name in _SHOWN}
            yield (
                envelope,
                FrontPage(
                    address=address,
                    port=step.port,
                    url=step.url,
                    hop=step.hop,
                    status=step.status if step.leads_to is None else _SENT_ON,
                    server="; ".join(values["server"]),
                    authenticate="; ".join(values["www-authenticate"]),
                    names=tuple(name.lower() for name, _ in step.headers),
                    cookies=tuple(value.partition("=")[0].strip() for value in values["set-cookie"]),
                    body=step.body,
                    failure=step.failure,
                ),
            )


def products(step: FrontPage) -> Iterator[Product]:
    """Yield the products that one answer identifies; a redirect identifies them only by cookies and headers.

    A portal for users identifies no device behind it.
    """
    for_users = portal(step) is not None
    shown = (title(step.body),) if step.status is not None else ()
    texts = {"title": shown, "server": (step.server,), "cookie": step.cookies, "realm": _realms(step)}
    borne = {
        field: frozenset().union(*(_bearing(field, text[:TITLE_LIMIT]) for text in found))
        for field, found in texts.items()
    }
    for product in PRODUCTS if any(borne.values()) else _BY_BODY:
        marks = [product.name in names for field, names in borne.items() if getattr(product, field)]
        marks += [product.body in step.body] if product.body else []
        if all(marks) if product.site else any(marks) and not for_users:
            yield product


@lru_cache(maxsize=1_024)  # most pages have one of a few titles and servers
def _bearing(field: str, text: str) -> frozenset[str]:
    """Return the names of the products that have a text as their mark in one field."""
    patterns = {product.name: getattr(product, field) for product in PRODUCTS if text}
    return frozenset(name for name, pattern in patterns.items() if pattern and re.fullmatch(pattern, text))


def is_hosters(subject: Subject, product: Product) -> bool:
    """True if a hosting panel may be the hoster's, because it is at a web site.

    The panel of a machine that the inventory lists by itself is the owner's.
    """
    return product.hosting and bool(subject.kinds & WEB_KINDS)


def _realms(step: FrontPage) -> tuple[str, ...]:
    return tuple(re.findall(r'realm="?([^",]{1,80})', step.authenticate, re.IGNORECASE))


def _is_limited(step: FrontPage) -> bool:
    by_status = step.status == UNAVAILABLE or (step.status in STATUSES and not wants_tls(step.status, step.body))
    return by_status or bool(HEADERS.keys() & set(step.names)) or by_page(step.body) is not None


def _texts(ports: set[int]) -> tuple[str, ...]:
    return tuple(str(port) for port in sorted(ports))

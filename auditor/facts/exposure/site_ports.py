"""Decides whether a port with TLS or HTTP shows the site itself or another page."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from auditor.facts.cut_off import cut_off
from auditor.facts.dns.names import canonical
from auditor.facts.exposure.edges import edge
from auditor.facts.exposure.user_portals import portal
from auditor.facts.web import content
from auditor.facts.web.admin_pages import Product, is_hosters, products
from auditor.facts.web.filters import STATUSES
from auditor.facts.web.visits import http_port, https_port
from auditor.framework.context import Context
from inventory.kinds import default_services
from inventory.model import SERVICE_PORTS, WEB_KINDS, IPAddress, Subject
from probes.framework.evidence import NO_CONNECT, Evidence, EvidenceId, EvidenceSet
from probes.observations.pages import FrontPage
from probes.observations.web import HttpExchange, TlsHandshake

_WEB = frozenset({"http", "https", "http-alt", "https-alt"})
_FRONTS, _OF_SITE = frozenset({"front_page"}), frozenset({"http", "tls"})
"""The probes that show the answers at an address, and those that show the site at its own ports."""
_SIMILAR = "ipv6.web.same-content"


class Front(Enum):
    """Names the kinds of pages that a port shows.

    ``SITE``: the page that the site shows, or a redirect to it. ``EDGE``: a content network's own answer there.
    ``PANEL``: the log-in of a panel that may be the hoster's. ``PORTAL``: where users log in, to a VPN or to mail.
    ``UNCLEAR``: the site's certificate without a page for people, a customer's page at an edge, or the pages to compare
    were not measured to their end. ``OTHER``: none of these.
    """

    SITE = "site"
    EDGE = "edge"
    PANEL = "panel"
    PORTAL = "portal"
    UNCLEAR = "unclear"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortPage:
    """Holds the page that one port shows.

    ``operator``: the operator of the front end at the address, empty for an ordinary server. ``product``: the product
    of a panel or a portal.
    """

    front: Front
    operator: str = ""
    product: str = ""
    evidence: tuple[EvidenceId, ...] = ()


def declared_web_ports(subject: Subject) -> frozenset[int]:
    """Return the ports on which the inventory says that the site is served.

    Default services, which stand for a row that declares none, are tried and do not count as declared.
    """
    if subject.services == default_services(subject.kind):
        return frozenset()
    return frozenset(service.port for service in subject.services if service.name in _WEB)


def shown(subject: Subject, evidence: EvidenceSet, ctx: Context, address: IPAddress, port: int) -> PortPage:
    """Return the page that a port with TLS or HTTP shows."""
    pages = list(_pages(evidence, address, port))
    ids = tuple(dict.fromkeys(id_ for id_, _ in pages))
    site = _Site(subject, evidence, ctx) if subject.kinds & WEB_KINDS else None
    if site is not None and any(site.is_shown_by(step) for _, step in pages):
        return PortPage(front=Front.SITE, evidence=ids)
    panel = next((product.name for _, step in pages for product in _panels(subject, step)), "")
    if panel:
        return PortPage(front=Front.PANEL, product=panel, evidence=ids)
    for_users = next((one.name for _, step in pages if isinstance(step, FrontPage) and (one := portal(step))), "")
    if for_users:
        return PortPage(front=Front.PORTAL, product=for_users, evidence=ids)
    found = edge(evidence, address)
    good = any(step.status is not None and step.status < 300 for _, step in pages)
    if found is not None:
        front = Front.UNCLEAR if good else Front.EDGE
        return PortPage(front=front, operator=found.name, evidence=(*ids, *found.evidence))
    certificate = _own_certificate(subject, evidence, address, port)
    if certificate is not None and all(_shows_nobody(step, port) for _, step in pages):
        return PortPage(front=Front.UNCLEAR, evidence=(*ids, certificate))
    unfinished = _unfinished(evidence, address, pages=bool(pages), site=site is not None)
    unfinished = unfinished or _never_connected(evidence, address, port)
    return PortPage(front=Front.UNCLEAR if unfinished else Front.OTHER, evidence=(*ids, *unfinished))


def _shows_nobody(step: FrontPage | HttpExchange, port: int) -> bool:
    """True if a filter hides the page, or the answer is for programs: with the site's certificate it may be its API."""
    data = step.status is not None and step.status < 300 and step.body.lstrip()[:1] in (b"{", b"[", b"")
    nothing = step.status in content.NOTHING_AT_ROOT and content.is_bare(step.body)
    return step.status in STATUSES or (port == SERVICE_PORTS["https-alt"] and (data or nothing))


def _unfinished(evidence: EvidenceSet, address: IPAddress, *, pages: bool, site: bool) -> tuple[EvidenceId, ...]:
    """Return the evidence that was cut off and might show the site: of the address, and of the site itself."""
    here = () if pages else cut_off(evidence, _FRONTS, address)
    return (*here, *(cut_off(evidence, _OF_SITE) if site else ()))


def _never_connected(evidence: EvidenceSet, address: IPAddress, port: int) -> tuple[EvidenceId, ...]:
    """Return all evidence that asked a port for its page, if not one connect was answered; empty otherwise.

    Then another probe saw that the port is open, and none saw the page there.
    """
    every = (*evidence.of(FrontPage), *evidence.of(HttpExchange), *evidence.of(TlsHandshake))
    there = [(one.id, step.failure) for one, step in every if (step.address, step.port) == (address, port)]
    connected = any(failure is None or failure.detail != NO_CONNECT for _, failure in there)
    return () if connected else tuple(dict.fromkeys(id_ for id_, _ in there))


def page_unread(evidence: EvidenceSet, address: IPAddress, port: int) -> bool:
    """True if the page of the service at a port was asked for and the probe was cut off by us."""
    return not any(_pages(evidence, address, port)) and bool(cut_off(evidence, _FRONTS, address))


def _pages(
    evidence: EvidenceSet, address: IPAddress, port: int
) -> Iterator[tuple[EvidenceId, FrontPage | HttpExchange]]:
    every: tuple[tuple[Evidence, FrontPage | HttpExchange], ...] = (*evidence.of(FrontPage), *evidence.of(HttpExchange))
    for envelope, step in every:
        if (step.address, step.port) == (address, port) and step.status is not None:
            yield envelope.id, step


def _panels(subject: Subject, step: FrontPage | HttpExchange) -> Iterator[Product]:
    if isinstance(step, FrontPage):
        yield from (product for product in products(step) if is_hosters(subject, product))


class _Site:
    """Holds the pages that a site shows at its own ports, at any address."""

    def __init__(self, subject: Subject, evidence: EvidenceSet, ctx: Context) -> None:
        self._host = canonical(subject.host or subject.name)
        self._ports = {https_port(subject), http_port(subject)}
        seen = [step for _, step in evidence.of(HttpExchange) if step.port in self._ports]
        self._pages = [_beginning(step) for step in seen if _is_page(step)]
        self._locations = {step.onward for step in seen if step.onward is not None}
        self._likeness = content.likeness(evidence)
        self._enough = ctx.policy.threshold(_SIMILAR, "min_similarity")

    def is_shown_by(self, step: FrontPage | HttpExchange) -> bool:
        """True if an answer is the site's page, or leads to the site or to the site's own target."""
        if step.location is not None:
            return step.location in self._locations or self._is_at(step.location)
        return _is_page(step) and any(self._likeness.of(_beginning(step), page) >= self._enough for page in self._pages)

    def _is_at(self, location: str) -> bool:
        try:
            there = urlsplit(location)
            port = there.port or {"http": 80, "https": 443}.get(there.scheme)
        except ValueError:
            return False
        return canonical(there.hostname or "") == self._host and port in self._ports


def _is_page(step: FrontPage | HttpExchange) -> bool:
    return step.status is not None and step.status < 300 and bool(step.body)


def _beginning(step: FrontPage | HttpExchange) -> HttpExchange:
    """Return the part of a page that is kept of either kind of step, to compare like with like."""
    return HttpExchange(address=step.address, port=step.port, url=step.url, status=step.status, body=step.body)


def _own_certificate(subject: Subject, evidence: EvidenceSet, address: IPAddress, port: int) -> EvidenceId | None:
    """Return the evidence that the port showed the certificate of the site's own port; None without any."""
    leaves = {step.chain[0] for _, step in evidence.of(TlsHandshake) if step.port == https_port(subject) and step.chain}
    for envelope, step in evidence.of(TlsHandshake):
        if (step.address, step.port) == (address, port) and step.chain and step.chain[0] in leaves:
            return envelope.id
    return None

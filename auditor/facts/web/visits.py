"""Summarises visits to a web service: one per address and port, with redirects followed within one family."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, IntEnum
from urllib.parse import urlsplit

from auditor.facts.attribution import excuse
from auditor.facts.cached import remembered
from auditor.facts.dns import names
from auditor.facts.dns.names import canonical, own, usable_v6
from auditor.facts.exposure.port_state import OpenState, evidence_of, port_state
from auditor.facts.web.filters import UNAVAILABLE, filter_of, wants_a_cookie
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.cells.names import to_name
from inventory.model import SERVICE_PORTS, IPAddress, Subject
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, FailureKind
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.tls import TlsSupport
from probes.observations.web import HttpExchange, TlsHandshake

MAX_REDIRECTS = 8
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BAD_REQUEST, _NO_CERTIFICATE = 400, b"no required ssl certificate"
_WITHOUT_CERTIFICATE = ("CERTIFICATE", "HANDSHAKE_FAILURE", "UNKNOWN_CA", "ACCESS_DENIED")
"""Words of the TLS alerts with which servers reject a client that sends no certificate."""
_UNANSWERED = frozenset({FailureKind.RESET, FailureKind.PROTOCOL, FailureKind.TIMEOUT})
_BEFORE_TLS13 = frozenset({"TLSv1.2", "TLSv1.1", "TLSv1", "SSLv3"})


class Page(IntEnum):
    """Tells how a visit ended, best first; of several visits the best counts."""

    GOOD = 0
    DENIED = 1  # 401, or a client certificate is required
    LOOP = 2
    OFF_FAMILY = 3  # redirected to a name without an address of this family
    ERROR = 4
    LIMITED = 5  # a rate limit, or the page of a filter
    FAILED = 6
    UNKNOWN = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Holds one visit.

    ``first``: the answer of the address itself, after a test for cookies; ``final``: the last answer of its redirect
    chain. ``unanswered``: the request was accepted and no answer came, not even an alert.
    """

    page: Page
    first: HttpExchange
    final: HttpExchange
    evidence: tuple[EvidenceId, ...]
    reason: Reason | None = None
    unanswered: bool = False

    @property
    def ended_at(self) -> str:
        """The host of the last answer, or the host to which that answer redirects."""
        return host_of(self.final.onward or self.final.url)


class VisitOffer(Enum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """Tells whether a protocol answers at any address; ``withheld``: TLS was seen there without HTTP inside."""

    offer: VisitOffer
    reason: Reason | None = None
    withheld: bool = False
    evidence: tuple[EvidenceId, ...] = ()


def https_port(subject: Subject) -> int | None:
    """Return the port of HTTPS; None if the inventory declares web services without HTTPS."""
    return _port(subject, "https")


def http_port(subject: Subject) -> int | None:
    return _port(subject, "http")


def _port(subject: Subject, name: str) -> int | None:
    declared = {service.name: service.port for service in reversed(subject.services)}
    if declared.keys() & {"http", "https"}:
        return declared.get(name)
    return SERVICE_PORTS[name]


@remembered
def addresses(subject: Subject, evidence: EvidenceSet, ctx: Context) -> tuple[IPAddress, ...]:
    """Return all addresses of the service, IPv4 first; rejected IPv6 addresses are ``addr-sane``'s finding."""
    return (*own(subject, evidence, ctx, "A").v4, *usable_v6(subject, evidence, ctx))


@remembered
def visit(evidence: EvidenceSet, ctx: Context, address: IPAddress, port: int) -> Visit | None:
    """Return the best visit that began at ``address`` and ``port``; None if there was none."""
    visits = list(_visits(evidence, ctx, address, port))
    return min(visits, key=lambda visit: visit.page) if visits else None


@remembered
def site_visit(subject: Subject, evidence: EvidenceSet, ctx: Context, address: IPAddress) -> Visit | Reason | None:
    """Return the visit that shows the site at ``address``: over HTTPS if that is open, else over HTTP.

    None if no connection is accepted, a reason if the result is not known.
    """
    for port in (https_port(subject), http_port(subject)):
        if port is None:
            continue
        visit_facts, state = visit(evidence, ctx, address, port), port_state(evidence, ctx, address, port)
        if visit_facts is not None and (visit_facts.first.status is not None or not state.shut):
            return None if _leads_to_shut_https(visit_facts, evidence, ctx, https_port(subject)) else visit_facts
        if not state.shut:
            return state.reason or Reason.CUT
    return None


def doors(subject: Subject, evidence: EvidenceSet, ctx: Context, *at: IPAddress) -> tuple[EvidenceId, ...]:
    """Return the evidence on whether the web ports of these addresses accept connections."""
    ports = [port for port in dict.fromkeys((https_port(subject), http_port(subject))) if port is not None]
    return evidence_of(port_state(evidence, ctx, address, port) for address in at for port in ports)


def not_open(subject: Subject, evidence: EvidenceSet, ctx: Context, address: IPAddress) -> Verdict:
    """Return the verdict about an address that accepts no connection (``not_judged.NOT_OPEN``)."""
    ids = doors(subject, evidence, ctx, address)
    return Verdict(code="NOT_OPEN", args={"address": str(address)}, address=address, evidence=ids)


def _leads_to_shut_https(visit_facts: Visit, evidence: EvidenceSet, ctx: Context, secure: int | None) -> bool:
    """True if the only fault is that a redirect leads to HTTPS of the same address, where the port is closed."""
    own_https = (
        visit_facts.final.hop > 0
        and visit_facts.final.address == visit_facts.first.address
        and visit_facts.final.port == secure
    )
    return (
        own_https
        and visit_facts.page is Page.FAILED
        and port_state(evidence, ctx, visit_facts.final.address, visit_facts.final.port).shut
    )


@remembered
def offered(subject: Subject, evidence: EvidenceSet, ctx: Context, port: int | None) -> Offered:
    """Return whether HTTP answers on ``port`` (with or without TLS, as the service) at any address of the subject."""
    if port is None:
        return Offered(offer=VisitOffer.NO)
    seen: list[EvidenceId] = []
    unknown = [own(subject, evidence, ctx, rtype).reason for rtype in ("A", "AAAA")]
    shaken: list[EvidenceId] = []
    for address in addresses(subject, evidence, ctx):
        visit_facts = visit(evidence, ctx, address, port)
        state = port_state(evidence, ctx, address, port)
        seen += [*state.evidence, *(visit_facts.evidence if visit_facts else ())]
        shaken += _tls_seen(evidence, address, port)
        wanted = None if visit_facts is None else _certificate_wanted(evidence, visit_facts.first)
        if visit_facts is not None and (visit_facts.first.status is not None or wanted is not None):
            return Offered(offer=VisitOffer.YES, evidence=(*visit_facts.evidence, *(wanted or ())))
        if state.state is OpenState.UNKNOWN:
            unknown.append(state.reason)
        elif state.state is OpenState.OPEN and (visit_facts is None or visit_facts.page is Page.UNKNOWN):
            unknown.append(Reason.CUT if visit_facts is None else visit_facts.reason)
    if shaken:
        return Offered(offer=VisitOffer.YES, withheld=True, evidence=tuple(dict.fromkeys(shaken)))
    reasons = sorted(reason for reason in unknown if reason is not None)
    ids = tuple(dict.fromkeys(seen))
    if reasons:
        return Offered(offer=VisitOffer.UNKNOWN, reason=reasons[0], evidence=ids)
    return Offered(offer=VisitOffer.NO, evidence=ids)


def _tls_seen(evidence: EvidenceSet, address: IPAddress, port: int) -> Iterator[EvidenceId]:
    """Yield evidence that TLS runs there: a certificate chain, an accepted version, or an agreed protocol."""
    for envelope, step in evidence.of(TlsHandshake):
        if (step.address, step.port) == (address, port) and (step.chain or step.version or step.alpn):
            yield envelope.id
    for envelope, support in evidence.of(TlsSupport):
        if (support.address, support.port) == (address, port) and (support.versions or support.alpn):
            yield envelope.id


def wants_a_certificate(evidence: EvidenceSet, answer: HttpExchange) -> bool:
    """True if the page requires a client certificate, by the TLS alert or by NGINX's error page."""
    refused = answer.status == _BAD_REQUEST and _NO_CERTIFICATE in answer.body.lower()
    return refused or _certificate_wanted(evidence, answer) is not None


def _certificate_wanted(evidence: EvidenceSet, asked: HttpExchange) -> tuple[EvidenceId, ...] | None:
    """Return other evidence that the page requires a client certificate; None if it does not.

    TLS 1.3 reports that after the handshake (RFC 8446 §6.2). Before TLS 1.3 the handshake fails, and the server's
    certificate request shows the reason. Many servers request a certificate and continue without one: for those another
    alert, or any alert after a completed handshake of TLS 1.2, is a defect.
    """
    if asked.failure is None or asked.failure.kind is not FailureKind.TLS_ALERT:
        return None
    place, alert = (asked.address, asked.port), asked.failure.detail.upper()
    listed = [(envelope.id, step) for envelope, step in evidence.of(TlsSupport) if (step.address, step.port) == place]
    ids = tuple(id_ for id_, step in listed if step.certificate_requested)
    if "CERTIFICATE_REQUIRED" in alert:
        return ids
    refuses = any(word in alert for word in _WITHOUT_CERTIFICATE) and not _goes_on_without(evidence, place)
    return ids if ids and refuses else None


def _goes_on_without(evidence: EvidenceSet, place: tuple[IPAddress, int]) -> bool:
    """True if a handshake before TLS 1.3 completed there without a client certificate.

    In TLS 1.3 that would prove nothing, because the server checks the certificate after the handshake.
    """
    steps = (step for _, step in evidence.of(TlsHandshake) if (step.address, step.port) == place)
    return any(step.failure is None and step.version in _BEFORE_TLS13 for step in steps)


def host_of(url: str) -> str:
    """Return the host of an untrusted URL, canonical and in A-labels; empty if it has none or cannot be read."""
    try:
        host = canonical(urlsplit(url).hostname or "")
        return host if host.isascii() else to_name(host, labels=1)
    except ValueError:
        return ""


def same_host(one: str, other: str) -> bool:
    """True if two hosts are the same; addresses are compared by value, because they can be written in several ways."""
    literal = names.address(one)
    return one == other or (literal is not None and literal == names.address(other))


def is_limited(answer: HttpExchange) -> bool:
    """True if the answer comes from a rate limiter or filter and not from the site."""
    return filter_of(answer) is not None or wants_a_cookie(answer)


@remembered
def unavailable(subject: Subject, evidence: EvidenceSet, ctx: Context) -> bool:
    """True if every address of the service answers 503 over both IPv4 and IPv6, so that it is the site's own answer."""
    ports = [port for port in (https_port(subject), http_port(subject)) if port is not None]
    visits = [
        visit_facts
        for address in addresses(subject, evidence, ctx)
        for port in ports
        if (visit_facts := visit(evidence, ctx, address, port)) is not None and visit_facts.final.status is not None
    ]
    families = {visit.first.address.version for visit in visits}
    return len(families) > 1 and all(visit.final.status == UNAVAILABLE for visit in visits)


def _visits(evidence: EvidenceSet, ctx: Context, address: IPAddress, port: int) -> Iterator[Visit]:
    for envelope in evidence:
        steps = [
            step
            for step in envelope.steps
            if isinstance(step, HttpExchange) and step.address.version == address.version
        ]
        starts = [step for step in steps if step.hop == 0 and step.address == address and step.port == port]
        if starts:
            first = min(starts, key=_ends_well)
            last = max((step.hop for step in steps), default=0)
            final = first if last <= 0 else min((step for step in steps if step.hop == last), key=_ends_well)
            again = [step for step in steps if step.hop == 1 and step.address == address and step.url == first.url]
            first = again[0] if again and wants_a_cookie(first) else first
            page, reason = _end(evidence, envelope, ctx, final)
            mute = _left_unanswered(evidence, final)
            yield Visit(page=page, reason=reason, first=first, final=final, evidence=(envelope.id,), unanswered=mute)


def _left_unanswered(evidence: EvidenceSet, answer: HttpExchange) -> bool:
    """True if a request was accepted, over plain HTTP or where TLS was seen, and not answered.

    Filters do so to unwanted clients (444 of NGINX, ``drop`` of ModSecurity), and so does a site that is down.
    """
    failed = answer.failure is not None and answer.failure.kind in _UNANSWERED
    if answer.status is not None or answer.not_http or not failed:
        return False
    secure = answer.url.lower().startswith("https://")
    return not secure or any(_tls_seen(evidence, answer.address, answer.port))


def _ends_well(step: HttpExchange) -> tuple[bool, bool, int]:
    return step.status is None, step.failure is not None, step.status or 0


def _end(evidence: EvidenceSet, envelope: Evidence, ctx: Context, final: HttpExchange) -> tuple[Page, Reason | None]:
    if final.not_http:
        return Page.UNKNOWN, Reason.AMB
    if wants_a_certificate(evidence, final):
        return Page.DENIED, None
    if final.failure is not None:
        reason = excuse(ctx, envelope, final.failure, final.address, f"tcp/{final.port}", large=True)
        return (Page.FAILED, None) if reason is None else (Page.UNKNOWN, reason)
    if final.status is None:
        return Page.UNKNOWN, Reason.CUT
    if filter_of(final) is not None or (final.hop == 0 and wants_a_cookie(final)):
        return Page.LIMITED, None
    if final.status == 401:
        return Page.DENIED, None
    if final.onward is not None and (final.leads_to is not None or final.status in _REDIRECTS):
        return _unfollowed(envelope, final, final.onward)
    return (Page.GOOD if 200 <= final.status < 300 else Page.ERROR), None


def _unfollowed(envelope: Evidence, final: HttpExchange, location: str) -> tuple[Page, Reason | None]:
    """Return how a chain ended at a redirect: it loops, the next name has no such address, or it was not followed.

    A loop through a page that sends browsers on may be a test that browsers pass, and is not reported as a defect.
    """
    chain = [step for step in envelope.steps if isinstance(step, HttpExchange)]
    if final.hop >= MAX_REDIRECTS or location.partition("#")[0] in {step.url for step in chain}:
        tested = any(step.leads_to is not None for step in chain)
        return (Page.UNKNOWN, Reason.AMB) if tested else (Page.LOOP, None)
    rtype, host = ("AAAA" if final.address.version == 6 else "A"), host_of(location)
    literal = names.address(host)
    if literal is not None and literal.version != final.address.version:
        return Page.OFF_FAMILY, None
    statuses = {
        step.status
        for step in envelope.steps
        if isinstance(step, NameLookup) and step.rtype == rtype and canonical(step.name) == host
    }
    if LookupStatus.ANSWER in statuses:
        return Page.UNKNOWN, Reason.CUT if envelope.failure is not None else Reason.SCOPE
    if statuses & {LookupStatus.NO_DATA, LookupStatus.NO_SUCH_NAME}:
        return Page.OFF_FAMILY, None
    return Page.UNKNOWN, Reason.DNS if statuses else Reason.CUT

"""Check that plain HTTP leads to HTTPS on the same host and serves nothing itself."""

from collections.abc import Iterator

from auditor.facts import not_judged
from auditor.facts.dns.names import own
from auditor.facts.exposure.port_state import port_state
from auditor.facts.web.content import is_bare
from auditor.facts.web.filters import UNANSWERED, UNAVAILABLE, WITHHELD, leads_on, unanswered, wants_tls, withheld
from auditor.facts.web.in_clear import ends_in_clear
from auditor.facts.web.targets import TargetState, redirect_target
from auditor.facts.web.visits import (
    Page,
    VisitOffer,
    addresses,
    host_of,
    http_port,
    https_port,
    is_limited,
    offered,
    same_host,
    unavailable,
    visit,
)
from auditor.framework.check import (
    FamilyClaim,
    Granularity,
    SilenceMeaning,
    check,
    fail,
    inconclusive,
    not_applicable,
    passed,
    warn,
)
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import WEB_KINDS, IPAddress, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet, FailureKind
from probes.observations.dns import NameLookup
from probes.observations.tls import TlsSupport
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange, TlsHandshake

_PERMANENT = frozenset({301, 308})
_NOT_THERE = frozenset({400, 404, 410, 421, 426})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_IN_ORDER = frozenset({"REDIRECTS", "TEMPORARY", "BY_PAGE", "PORT_CLOSED", "NOT_SERVED"})
_NO_PAGE = ": visitors who type the name without https:// get no page."
_TO_ITSELF = "Redirect to HTTPS on the same name, which has it."
_DEAD = {TargetState.NO_ADDRESS: "TARGET_GONE", TargetState.MUTE: "TARGET_MUTE"}


@check(
    version=18,
    title="HTTP redirects to HTTPS on the same host",
    problem="HTTP is not redirected to HTTPS",
    problems={
        "TEMPORARY": "Redirect to HTTPS is only temporary",
        "BY_PAGE": "HTTP leads to HTTPS by a page alone, not by a redirect",
        "OTHER_HOST": "HTTP redirects to HTTPS on another host",
        "TARGET_GONE": "HTTP redirects to a host that has no address",
        "TARGET_MUTE": "HTTP redirects to a host that does not answer",
        "ERROR": "Website returns an error over HTTP",
        "BACK_TO_HTTP": "HTTPS leads back to unencrypted HTTP",
        "ON_TO_HTTP": "HTTPS leads to another host without encryption",
    },
    why="Visitors who type the name without https:// start unprotected; a site that does not redirect leaves them"
    " unprotected.",
    fix="Redirect port 80 to HTTPS on the same name with status 301 or 308, before anything else.",
    references=("mục 4.2 Thông tư số 39/2017/TT-BTTTT", "RFC 9110 §15.4", "RFC 6797 §7.2", "Internet.nl https_forced"),
    needs=(NameLookup, TcpConnect, HttpExchange, TlsHandshake, TlsSupport),
    kinds=WEB_KINDS,
    claims=FamilyClaim.EACH,
    transports=frozenset({"tcp/80", "tcp/443"}),
    unit=Granularity.ADDRESS,
    question=SilenceMeaning.EXPOSURE,
    excused_by={"ON_TO_HTTP": frozenset({"http"}), "CONTENT": frozenset({"tcp"}), "ERROR": frozenset({"tcp"})},
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "REDIRECTS": passed("{address} redirects HTTP to HTTPS on the same host (HTTP {status})."),
        "PORT_CLOSED": passed("{address} accepts no connections on port {port}, so nothing is served over HTTP."),
        "NOT_SERVED": passed("{address} accepts connections on port {port}, but serves nothing over HTTP."),
        "TEMPORARY": warn(
            "{address} redirects HTTP to HTTPS, but only temporarily (HTTP {status}).",
            fix="Use status 301 or 308, so that browsers remember the redirect.",
        ),
        "BY_PAGE": warn(
            "{address} leads browsers from HTTP to HTTPS by a refresh or a script, not by a redirect (HTTP {status}).",
            fix="Answer every path of port 80 with status 301 or 308 instead: browsers remember it, and programs that"
            " read no pages follow it.",
        ),
        "OTHER_HOST": warn(
            "{address} redirects HTTP to HTTPS on another host, {target}.",
            fix="Redirect to HTTPS on the same name first, so that HSTS takes effect there, then to the other name.",
        ),
        "TARGET_GONE": warn("{address} redirects HTTP to {target}, which has no address" + _NO_PAGE, fix=_TO_ITSELF),
        "TARGET_MUTE": warn("{address} redirects HTTP to {target}, which does not answer" + _NO_PAGE, fix=_TO_ITSELF),
        "TO_HTTP": fail("{address} redirects plain HTTP to plain HTTP ({target})."),
        "BACK_TO_HTTP": fail(
            "{address} leads visitors who came to HTTPS back to plain HTTP, and shows them its page there ({target}).",
            fix="Let the application write its redirects with https: (behind a proxy by X-Forwarded-Proto or a base URL"
            " that is set), and redirect every path of port 80 to HTTPS.",
        ),
        "ON_TO_HTTP": warn(
            "{address} leads visitors who came to HTTPS on to another host over plain HTTP, which shows them its page"
            " there ({target}).",
            fix="Redirect to an https: address of that host; where it has none, have HTTPS set up there first.",
        ),
        "CONTENT": fail("{address} answers over plain HTTP itself (HTTP {status}) instead of redirecting."),
        "ERROR": warn("{address} answers over plain HTTP with the error {status} instead of redirecting to HTTPS."),
        **WITHHELD,
        **UNANSWERED,
        "NOT_HTTP": inconclusive(
            "{address} answers on port {port}, but not in a way that could be read as HTTP.", reason=Reason.AMB
        ),
        "TARPIT": inconclusive(
            "{address} accepts connections on port {port} and then stays silent, perhaps only toward the auditor.",
            reason=Reason.RATE,
        ),
        "UNDECIDED": inconclusive("Whether {name} offers HTTPS to redirect to could not be decided."),
        "NO_HTTPS": not_applicable("{name} has no HTTPS to redirect to."),
        "HTTPS_ALONE": not_applicable("The inventory declares only HTTPS for {name}; plain HTTP was not asked for."),
    },
)
def https_forced(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    name = subject.host or subject.name
    looks = [look for rtype in ("A", "AAAA") if not (look := own(subject, evidence, ctx, rtype)).known]
    secure, port = offered(subject, evidence, ctx, https_port(subject)), http_port(subject)
    if secure.offer is VisitOffer.UNKNOWN and not looks:
        yield Verdict(code="UNDECIDED", args={"name": name}, evidence=secure.evidence, reason=secure.reason)
    elif port is None:
        yield Verdict(code="HTTPS_ALONE", args={"name": name})
    elif secure.offer is VisitOffer.NO:
        yield Verdict(code="NO_HTTPS", args={"name": name}, evidence=secure.evidence)
    else:
        yield from (not_judged.dns(look, detail=look.rtype) for look in looks)
        if secure.offer is VisitOffer.YES:
            for address in addresses(subject, evidence, ctx):
                said = _unless_back(subject, evidence, ctx, address, _judge(subject, evidence, ctx, address, port))
                hidden = secure.withheld and said.code == "NOT_SERVED"  # it may be served to all clients but us
                yield unanswered(ctx, address, port, said.evidence) if hidden else said


def _unless_back(subject: Subject, evidence: EvidenceSet, ctx: Context, address: IPAddress, said: Verdict) -> Verdict:
    """Return the verdict on an address, or a defect if a visit that reached HTTPS there ends in clear text."""
    for port in (http_port(subject), https_port(subject)) if said.code in _IN_ORDER else ():
        found = None if port is None else visit(evidence, ctx, address, port)
        if found is not None and (target := ends_in_clear(evidence, found)):
            code = "BACK_TO_HTTP" if host_of(found.final.url) == host_of(found.first.url) else "ON_TO_HTTP"
            args = {"address": str(address), "target": target}
            return Verdict(code=code, args=args, address=address, evidence=found.evidence)
    return said


def _judge(subject: Subject, evidence: EvidenceSet, ctx: Context, address: IPAddress, port: int) -> Verdict:
    state, visit_facts = port_state(evidence, ctx, address, port), visit(evidence, ctx, address, port)

    def say(code: str, more: dict[str, str], ids: tuple[EvidenceId, ...]) -> Verdict:
        return Verdict(code=code, args={"address": str(address), **more}, address=address, evidence=ids)

    at_port = {"port": str(port)}

    if state.shut:
        return say("PORT_CLOSED", at_port, state.evidence)
    if visit_facts is None or state.reason is Reason.EGR:  # the answer may be from a proxy near us
        return not_judged.port(state)
    first, ids = visit_facts.first, visit_facts.evidence
    if first.status is None:
        if first.not_http:
            return say("NOT_HTTP", at_port, ids)
        if visit_facts.page is Page.UNKNOWN:
            return not_judged.at(address, f"tcp/{port}", visit_facts.reason, ids)
        silent = first.failure is not None and first.failure.kind is FailureKind.TIMEOUT
        return say("TARPIT" if silent else "NOT_SERVED", at_port, ids)
    if wants_tls(first.status, first.body):
        return say("ERROR", {"status": str(first.status)}, ids)
    if is_limited(first) or (first.status == UNAVAILABLE and not unavailable(subject, evidence, ctx)):
        return withheld(ctx, address, first, ids)
    code, args = _leads(first, first.status)
    if code != "OTHER_HOST":
        return say(code, args, ids)
    target = redirect_target(evidence, ctx, args["target"])
    return say(_DEAD.get(target.state, code), args, tuple(dict.fromkeys((*ids, *target.evidence))))


def _leads(first: HttpExchange, status: int) -> tuple[str, dict[str, str]]:
    """Return the code for the first answer over plain HTTP, with its arguments."""
    said, target = {"status": str(status)}, first.location or ""
    by_page = leads_on(first, in_a_test=True) or ""  # a browser that passes it is on HTTPS
    is_by_page = by_page.lower().startswith("https://")  # as lasting as a temporary redirect
    if is_by_page:
        target = by_page
    elif status not in _REDIRECTS or not target:
        error = status in _NOT_THERE or status >= 500
        return "ERROR" if error and is_bare(first.body) else "CONTENT", said
    if not target.lower().startswith("https://"):
        return "TO_HTTP", {"target": host_of(target)}
    if not same_host(host_of(target), host_of(first.url)):
        return "OTHER_HOST", {"target": host_of(target)}
    if is_by_page:
        return "BY_PAGE", said
    return "REDIRECTS" if status in _PERMANENT else "TEMPORARY", said

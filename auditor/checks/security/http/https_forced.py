"""``security.http.https-forced``: plain HTTP leads to HTTPS on the same host and serves nothing itself."""

from collections.abc import Iterator

from auditor.check import Claim, Question, Unit, check, says
from auditor.context import Context
from auditor.facts import undecided
from auditor.facts.names import canonical, own
from auditor.facts.ports import knock
from auditor.facts.web import Offer, Page, addresses, host_of, http_port, https_port, is_limited, offered, visit
from auditor.findings import Outcome, Reason, Verdict
from inventory.model import WEB_KINDS, IPAddress, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet, FailureKind
from probes.observations.dns import NameLookup
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange

_PERMANENT = frozenset({301, 308})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@check(
    version=2,
    title="HTTP redirects to HTTPS on the same host",
    why="Who types the name without https:// starts unprotected; a site that stays there leaves the citizen there.",
    fix="Redirect port 80 to HTTPS on the same name with status 301 or 308, before anything else.",
    references=("TT 39/2017/TT-BTTTT 4.2", "RFC 9110 §15.4", "RFC 6797 §7.2", "Internet.nl https_forced"),
    needs=(NameLookup, TcpConnect, HttpExchange),
    kinds=WEB_KINDS,
    claims=Claim.EACH,
    transports=frozenset({"tcp/80", "tcp/443"}),
    unit=Unit.ADDRESS,
    question=Question.EXPOSURE,
    messages={
        **undecided.DNS_CODES,
        **undecided.NOT_DECIDED,
        "REDIRECTS": says(Outcome.PASS, "{address} redirects HTTP to HTTPS on the same host (HTTP {status})."),
        "PORT_CLOSED": says(
            Outcome.PASS, "{address} accepts no connections on port {port}, so nothing is served over HTTP."
        ),
        "NOT_SERVED": says(Outcome.PASS, "{address} accepts connections on port {port}, but serves nothing over HTTP."),
        "TEMPORARY": says(
            Outcome.WARN,
            "{address} redirects HTTP to HTTPS, but only temporarily (HTTP {status}).",
            fix="Use status 301 or 308, so that browsers remember the redirect.",
        ),
        "OTHER_HOST": says(
            Outcome.WARN,
            "{address} redirects HTTP to HTTPS on another host, {target}.",
            fix="Redirect to HTTPS on the same name first, so that HSTS takes effect there, then to the other name.",
        ),
        "TO_HTTP": says(Outcome.FAIL, "{address} redirects plain HTTP to plain HTTP ({target})."),
        "CONTENT": says(
            Outcome.FAIL, "{address} answers over plain HTTP itself (HTTP {status}) instead of redirecting."
        ),
        "LIMITED": says(
            Outcome.INCONCLUSIVE,
            "{address} answers HTTP {status}: a rate limit or a filter that may be meant for the auditor alone.",
            reason=Reason.RATE,
        ),
        "TARPIT": says(
            Outcome.INCONCLUSIVE,
            "{address} accepts connections on port {port} and then stays silent, perhaps only toward the auditor.",
            reason=Reason.RATE,
        ),
        "UNDECIDED": says(Outcome.INCONCLUSIVE, "Whether {name} offers HTTPS to redirect to could not be decided."),
        "NO_HTTPS": says(Outcome.NOT_APPLICABLE, "{name} has no HTTPS to redirect to."),
    },
)
def https_forced(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    name = subject.host or subject.name
    looks = [look for rtype in ("A", "AAAA") if not (look := own(subject, evidence, ctx, rtype)).known]
    secure, port = offered(subject, evidence, ctx, https_port(subject)), http_port(subject)
    if secure.offer is Offer.UNKNOWN and not looks:
        yield Verdict(code="UNDECIDED", args={"name": name}, evidence=secure.evidence, reason=secure.reason)
    elif secure.offer is Offer.NO or port is None:
        yield Verdict(code="NO_HTTPS", args={"name": name}, evidence=secure.evidence)
    else:
        yield from (undecided.dns(look, detail=look.rtype) for look in looks)
        if secure.offer is Offer.YES:
            yield from (_judge(name, evidence, ctx, one, port) for one in addresses(subject, evidence, ctx))


def _judge(name: str, evidence: EvidenceSet, ctx: Context, address: IPAddress, port: int) -> Verdict:
    state, found = knock(evidence, ctx, address, port), visit(evidence, ctx, address, port)

    def say(code: str, ids: tuple[EvidenceId, ...], **more: str) -> Verdict:
        return Verdict(code=code, args={"address": str(address), **more}, address=address, evidence=ids)

    if state.shut:
        return say("PORT_CLOSED", state.evidence, port=str(port))
    if found is None:
        return undecided.port(state)
    first, ids = found.first, found.evidence
    if first.status is None:
        if found.page is Page.UNKNOWN:
            return undecided.at(address, f"tcp/{port}", found.reason, ids)
        silent = first.failure is not None and first.failure.kind is FailureKind.TIMEOUT
        return say("TARPIT" if silent else "NOT_SERVED", ids, port=str(port))
    status, target = str(first.status), first.location or ""
    if is_limited(first) or first.status == 403:
        return say("LIMITED", ids, status=status)
    if first.status not in _REDIRECTS or not target:
        return say("CONTENT", ids, status=status)
    if not target.lower().startswith("https://"):
        return say("TO_HTTP", ids, target=host_of(target))
    if host_of(target) != canonical(name):
        return say("OTHER_HOST", ids, target=host_of(target))
    return say("REDIRECTS" if first.status in _PERMANENT else "TEMPORARY", ids, status=status)

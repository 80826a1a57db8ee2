"""Check that a site that answers over HTTP also answers over HTTPS."""

from collections.abc import Iterator

from auditor.facts import not_judged
from auditor.facts.dns.names import own
from auditor.facts.web.visits import VisitOffer, http_port, https_port, offered
from auditor.framework.check import FamilyClaim, check, fail, inconclusive, not_applicable, passed
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import WEB_KINDS, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.tls import TlsSupport
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange, TlsHandshake


@check(
    version=6,
    title="HTTPS is offered",
    problem="Website has no HTTPS",
    why="Without HTTPS everybody on the way can read and change what citizens send and what they get.",
    fix="Enable HTTPS on the web server with a certificate of a trusted authority.",
    references=("mục 4.2 Thông tư số 39/2017/TT-BTTTT", "RFC 9110 §4.2.2", "Internet.nl https_exists"),
    needs=(NameLookup, TcpConnect, TlsHandshake, TlsSupport, HttpExchange),
    kinds=WEB_KINDS,
    claims=FamilyClaim.NONE,
    transports=frozenset({"tcp/443", "tcp/80"}),
    excused_by={"NO_TLS": frozenset({"http", "tls", "tls_support"})},
    messages={
        **not_judged.DNS_CODES,
        "OFFERED": passed("{name} answers over HTTPS."),
        "NO_TLS": fail("{name} answers over plain HTTP, but offers no HTTPS."),
        "PAGE_WITHHELD": passed(
            "{name} offers TLS on port {port}; no page behind it was shown to the auditor, or none that it could read."
        ),
        "UNDECIDED": inconclusive("Whether {name} offers HTTPS could not be decided from here."),
        "NOTHING_ANSWERS": not_applicable("{name} answers neither over HTTPS nor over HTTP."),
    },
)
def https_exists(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    args = {"name": subject.host or subject.name}
    port = https_port(subject)
    secure = offered(subject, evidence, ctx, port)
    plain = offered(subject, evidence, ctx, http_port(subject))
    looks = [own(subject, evidence, ctx, rtype) for rtype in ("AAAA", "A")]
    if secure.withheld:
        yield Verdict(code="PAGE_WITHHELD", args={**args, "port": str(port)}, evidence=secure.evidence)
    elif secure.offer is VisitOffer.YES:
        yield Verdict(code="OFFERED", args=args, evidence=secure.evidence)
    elif any(not look.known for look in looks):
        yield not_judged.dns(next(look for look in looks if not look.known))
    elif secure.offer is VisitOffer.UNKNOWN:
        yield Verdict(code="UNDECIDED", args=args, evidence=secure.evidence, reason=secure.reason)
    elif plain.offer is VisitOffer.YES:
        ids = tuple(dict.fromkeys([*secure.evidence, *plain.evidence]))
        yield Verdict(code="NO_TLS", args=args, evidence=ids)
    elif plain.offer is VisitOffer.UNKNOWN:
        yield Verdict(code="UNDECIDED", args=args, evidence=plain.evidence, reason=plain.reason)
    else:
        ids = tuple(dict.fromkeys([*secure.evidence, *plain.evidence]))
        yield Verdict(code="NOTHING_ANSWERS", args=args, evidence=ids)

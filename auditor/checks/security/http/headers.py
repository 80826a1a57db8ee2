"""Check the few response headers that cost nothing and stop common attacks."""

from collections.abc import Iterator

from auditor.facts.web import https_answers
from auditor.facts.web.csp import frames_anybody, policies
from auditor.facts.web.filters import is_page
from auditor.facts.web.https_answers import HttpsAnswer
from auditor.framework.check import FamilyClaim, Granularity, check, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import WEB_KINDS, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.tls import TlsSupport
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange, TlsHandshake

_STRICT = frozenset({"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"})
_LAX = frozenset({"no-referrer-when-downgrade", "origin", "origin-when-cross-origin", "unsafe-url"})


@check(
    version=11,
    title="Basic response headers",
    problem="Security response headers are missing",
    why="These headers keep a page from being framed by another site, a file from being run as a script, and "
    "addresses of pages from being told to other sites.",
    fix="Set the missing headers at the web server or proxy for every answer.",
    references=(
        "W3C Content Security Policy Level 3 §6.4.2",
        "WHATWG Fetch §3.6",
        "W3C Referrer Policy",
        "Internet.nl x_content_type_options",
    ),
    needs=(NameLookup, TcpConnect, HttpExchange),
    beside=(TlsHandshake, TlsSupport),
    kinds=WEB_KINDS,
    claims=FamilyClaim.EACH,
    transports=frozenset({"tcp/443"}),
    unit=Granularity.ADDRESS,
    messages={
        **https_answers.NO_ANSWER,
        **https_answers.NO_PAGE_SEEN,
        "COMPLETE": passed("{address} sends the basic security headers."),
        "MISSING": warn("{address} lacks: {missing:list}."),
        "LEADS_ELSEWHERE": not_applicable("{address} shows no page of its own over HTTPS."),
    },
)
def headers(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    yield from https_answers.for_each_page(subject, evidence, ctx, _judge)


def _judge(subject: Subject, answer: HttpsAnswer, shown: HttpExchange | None) -> Verdict:
    if shown is None:
        return answer.say("LEADS_ELSEWHERE")
    lacking = tuple(_headers(shown, page=is_page(shown) and subject.kind is not Kind.API))
    if not lacking:
        return answer.say("COMPLETE")
    return https_answers.unless_error(answer, shown, answer.say("MISSING", missing=lacking))


def _headers(shown: HttpExchange, *, page: bool) -> Iterator[str]:
    if https_answers.words(shown, "x-content-type-options")[:1] != ["nosniff"]:  # the first one counts
        yield "X-Content-Type-Options: nosniff"
    if not page:
        return
    anybody = frames_anybody(policies(shown))
    if anybody or (anybody is None and not {"deny", "sameorigin"} & {*https_answers.words(shown, "x-frame-options")}):
        yield "X-Frame-Options / frame-ancestors"
    known = [word for word in https_answers.words(shown, "referrer-policy") if word in _STRICT | _LAX]
    if not known or known[-1] not in _STRICT:  # the last known one counts
        yield "Referrer-Policy"

"""Check that the page restricts where its scripts may come from."""

from collections.abc import Iterator

from auditor.facts.web import https_answers
from auditor.facts.web.csp import REPORTED, policies, unsafe
from auditor.facts.web.filters import is_page, leads_on
from auditor.facts.web.https_answers import HttpsAnswer
from auditor.framework.check import FamilyClaim, Granularity, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import WEB_KINDS, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.tls import TlsSupport
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange, TlsHandshake


@check(
    version=13,
    title="Content-Security-Policy is present and useful",
    problem="No Content Security Policy (CSP)",
    problems={
        "UNSAFE": "Content Security Policy allows unsafe sources",
        "OPEN": "Content Security Policy does not cover scripts",
        "REPORT_ONLY": "Content Security Policy only reports, blocks nothing",
    },
    why="A policy that names the sources of scripts keeps text that somebody smuggled into a page from running as one.",
    fix="Begin with Content-Security-Policy-Report-Only, fix what it reports, then enforce a policy whose script-src"
    " names the site's own sources, without 'unsafe-inline' and wildcards, with object-src 'none' and base-uri 'self'.",
    references=("W3C Content Security Policy Level 3", "Internet.nl csp"),
    needs=(NameLookup, TcpConnect, HttpExchange),
    beside=(TlsHandshake, TlsSupport),
    kinds=WEB_KINDS,
    claims=FamilyClaim.EACH,
    transports=frozenset({"tcp/443"}),
    unit=Granularity.ADDRESS,
    messages={
        **https_answers.NO_ANSWER,
        **https_answers.NO_PAGE_SEEN,
        "USEFUL": passed("{address} sends a policy without unsafe sources."),
        "UNSAFE": warn("{address} sends a policy that lets through what it should stop: {sources:list}."),
        "OPEN": warn("{address} sends a policy that says nothing about scripts."),
        "REPORT_ONLY": warn(
            "{address} sends its policy only for reports; nothing is stopped.",
            fix="Once the reports are quiet, send the policy as Content-Security-Policy.",
        ),
        "ABSENT": fail("{address} sends no Content-Security-Policy header."),
        "NO_PAGE": not_applicable("{address} shows no HTML page of its own over HTTPS."),
    },
)
def csp(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    yield from https_answers.for_each_page(subject, evidence, ctx, _judge)


def _judge(subject: Subject, answer: HttpsAnswer, shown: HttpExchange | None) -> Verdict:
    if shown is None or not is_page(shown) or subject.kind is Kind.API:
        return answer.say("NO_PAGE")
    enforced = policies(shown)
    if not enforced:
        if leads_on(shown) is not None:  # it has nothing that a policy would restrict
            return answer.say("NO_PAGE")
        absent = answer.say("REPORT_ONLY" if policies(shown, REPORTED) else "ABSENT")
        return https_answers.unless_error(answer, shown, absent)
    sources = unsafe(enforced)
    if "script-src" in sources:
        return answer.say("OPEN")
    return answer.say("UNSAFE", sources=sources) if sources else answer.say("USEFUL")

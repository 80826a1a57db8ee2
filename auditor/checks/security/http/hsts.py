"""Check that every address tells browsers to use HTTPS only, for long enough."""

from collections.abc import Iterator
from functools import partial

from auditor.facts.targets import for_each
from auditor.facts.web import https_answers
from auditor.facts.web.https_answers import HttpsAnswer
from auditor.facts.web.strict_transport import HEADER, max_age
from auditor.facts.web.visits import Visit, http_port, visit
from auditor.framework.check import FamilyClaim, Granularity, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import WEB_KINDS, IPAddress, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.tls import TlsSupport
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange, TlsHandshake

_DAY = 86_400


@check(
    version=10,
    title="HSTS with sufficient max-age",
    problem="HSTS is not enabled",
    problems={
        "SHORT": "HSTS period is too short",
        "ONLY_OVER_HTTP": "HSTS is sent over HTTP only, where it has no effect",
        "SWITCHED_OFF": "HSTS is switched off",
        "CONTRADICTS": "HSTS headers contradict each other",
        "MALFORMED": "HSTS header is malformed",
    },
    why="Without HSTS a browser's first request goes out unprotected each time,"
    " and an attacker on the way can keep the visitor off HTTPS.",
    fix="Send Strict-Transport-Security: max-age=31536000 or more in every HTTPS answer, also redirects and errors.",
    references=("RFC 6797 §6.1", "Internet.nl https_hsts"),
    needs=(NameLookup, TcpConnect, HttpExchange),
    beside=(TlsHandshake, TlsSupport),
    kinds=WEB_KINDS,
    claims=FamilyClaim.EACH,
    transports=frozenset({"tcp/443"}),
    unit=Granularity.ADDRESS,
    messages={
        **https_answers.NO_ANSWER,
        **https_answers.NO_PAGE_SEEN,
        "LONG": passed("{address} sends HSTS for {days:n} {days/day/days}."),
        "SHORT": warn("{address} sends HSTS for {days:n} {days/day/days} only."),
        "ABSENT": fail("{address} sends no HSTS header over HTTPS."),
        "ONLY_OVER_HTTP": fail("{address} sends HSTS only over plain HTTP, where browsers must ignore it."),
        "SWITCHED_OFF": fail("{address} switches HSTS off (max-age=0)."),
        "CONTRADICTS": fail(
            "{address} sends several HSTS headers that differ: {values:list}.",
            fix="Send the header once: set it in one place, the proxy or the application.",
        ),
        "MALFORMED": fail("{address} sends an HSTS header that browsers ignore: {value}."),
        "NO_NAME": not_applicable("{name} is listed by address; browsers keep HSTS for names only."),
    },
)
def hsts(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    if subject.host is None:
        yield Verdict(code="NO_NAME", args={"name": subject.name})
    else:
        yield from for_each(https_answers.targets(subject, evidence, ctx), partial(_judge, subject, evidence, ctx))


def _judge(subject: Subject, evidence: EvidenceSet, ctx: Context, answer: HttpsAnswer) -> Verdict:
    sent = https_answers.values(answer.visit.first, HEADER)
    if not sent:
        absent = _absent(subject, evidence, ctx, answer.address, answer.visit)
        return https_answers.unless_error(answer, answer.visit.first, absent)
    ages = {max_age(value) for value in sent}
    least = ctx.policy.threshold("security.http.hsts", "enough_seconds")
    long = [age for age in ages if age is not None and age >= least]
    if len(ages) > 1 and len(long) < len(ages):
        return answer.say("CONTRADICTS", values=tuple(sent))
    age = min(long) if long else next(iter(ages))
    if age is None:
        return answer.say("MALFORMED", value=sent[0])
    if age == 0:
        return answer.say("SWITCHED_OFF")
    return answer.say("LONG" if long else "SHORT", days=age // _DAY)


def _absent(subject: Subject, evidence: EvidenceSet, ctx: Context, address: IPAddress, visit_facts: Visit) -> Verdict:
    port = http_port(subject)
    plain = None if port is None else visit(evidence, ctx, address, port)
    over_http = plain is not None and bool(https_answers.values(plain.first, HEADER))
    ids = (*visit_facts.evidence, *plain.evidence) if plain is not None and over_http else visit_facts.evidence
    code = "ONLY_OVER_HTTP" if over_http else "ABSENT"
    return Verdict(code=code, args={"address": str(address)}, address=address, evidence=tuple(dict.fromkeys(ids)))

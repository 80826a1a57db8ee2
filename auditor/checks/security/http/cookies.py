"""``security.http.cookies``: whoever is on the way, and whoever smuggles in a script, gets no session."""

from collections.abc import Iterator
from datetime import datetime

from auditor.facts.web import https_answers
from auditor.facts.web.cookies import Cookie, cookies
from auditor.facts.web.visits import Visit, is_limited
from auditor.framework.check import FamilyClaim, Granularity, check, says
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Outcome, Verdict
from inventory.model import WEB_KINDS, IPAddress, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange

_SHOWN = 10


@check(
    version=1,
    title="Session cookies are protected",
    why="Who gets hold of the cookie of a session is taken for the citizen or the official who logged in.",
    fix="Set Secure, HttpOnly and SameSite=Lax on every session cookie where it is made, best under a name that begins"
    " with __Host-.",
    references=("RFC 10025", "MDN HTTP Observatory"),
    needs=(NameLookup, TcpConnect, HttpExchange),
    kinds=WEB_KINDS,
    claims=FamilyClaim.EACH,
    transports=frozenset({"tcp/443"}),
    unit=Granularity.ADDRESS,
    messages={
        **https_answers.NO_ANSWER,
        "PROTECTED": says(Outcome.PASS, "{address} protects its session {cookies/cookie/cookies}: {cookies:list}."),
        "LACKING": says(
            Outcome.WARN, "{address} sets the session {cookies/cookie/cookies} {cookies:list} without {missing:list}."
        ),
        "UNPROTECTED": says(
            Outcome.FAIL,
            "{address} sets the session {cookies/cookie/cookies} {cookies:list} over HTTPS without Secure.",
        ),
        "DROPPED": says(
            Outcome.FAIL,
            "{address} sets {cookies/a cookie/cookies} that browsers drop: {cookies:list}.",
            fix="A cookie with SameSite=None, __Secure- or __Host- needs Secure; __Host- also Path=/ and no Domain.",
        ),
        "NONE": says(Outcome.NOT_APPLICABLE, "{address} sets no session cookie on its landing page."),
    },
)
def session_cookies(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    def judge(address: IPAddress, found: Visit) -> Verdict:
        return _judge(evidence, address, found)

    yield from https_answers.judge_each(subject, evidence, ctx, judge)


def _judge(evidence: EvidenceSet, address: IPAddress, found: Visit) -> Verdict:
    def say(code: str, those: list[Cookie], **more: Arg) -> Verdict:
        named: dict[str, Arg] = {"cookies": tuple(sorted({one.name for one in those})[:_SHOWN])} if those else {}
        return https_answers.said(address, found, code, **named, **more)

    every = [cookie for answer, at in _chain(evidence, found) for cookie in cookies(answer, at)]
    sessions = [one for one in every if one.session]
    bare = [one for one in sessions if "secure" not in one.flags]
    dropped = [one for one in sessions if one.dropped]
    lacking = [one for one in sessions if one.missing]
    if dropped:
        return say("DROPPED", dropped)
    if bare:
        return say("UNPROTECTED", bare)
    if lacking:
        return say("LACKING", lacking, missing=tuple(sorted({flag for one in lacking for flag in one.missing})))
    return say("PROTECTED", sessions) if sessions else say("NONE", [])


def _chain(evidence: EvidenceSet, found: Visit) -> Iterator[tuple[HttpExchange, datetime]]:
    """The answers over HTTPS of the site's own host and when they came, filters' left out."""
    for envelope, step in evidence.of(HttpExchange):
        own = envelope.id in found.evidence and https_answers.same_host(step, found.first)
        if own and step.url.lower().startswith("https:") and not is_limited(step):
            yield step, envelope.time_of(step)

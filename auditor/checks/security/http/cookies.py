"""Check that session cookies are protected on the way and from scripts."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial

from auditor.facts.targets import for_each
from auditor.facts.web import https_answers
from auditor.facts.web.https_answers import HttpsAnswer, values
from auditor.facts.web.visits import Visit, is_limited
from auditor.framework.check import FamilyClaim, Granularity, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Verdict
from inventory.model import WEB_KINDS, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.tls import TlsSupport
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange, TlsHandshake

_FRAMEWORKS = re.compile(
    r"PHPSESSID|JSESSIONID(SSO)?|ASP\.NET_SessionId|ASPSESSIONID[A-Z]{8}|\.ASPXAUTH|\.AspNetCore\.(Session|Cookies|Identity"
    r"\.Application)|connect\.sid|laravel_session|ci_session|sessionid|SESSION|CFID|CFTOKEN|CAKEPHP|symfony|SS?ESS[0-9a-f]{32}"
    r"|wordpress_(sec_|logged_in_)[0-9a-f]{32}|[0-9a-f]{32}|[\w.-]{1,60}[_.-]sess(ion)?(id)?|_?session_?id|sid|auth_?token|jwt",
    re.IGNORECASE,
)
"""Names that frameworks give to session cookies; one of Joomla is a bare hash."""

_TOKENS = re.compile(r"csrf|xsrf|antiforgery|requestverificationtoken", re.IGNORECASE)

_IN_FRONT = re.compile(
    r"__cf\w+|cf_clearance|_cfuvid|incap_ses_.*|visid_incap_.*|nlbi_.*|TS[0-9a-f]{6,}(_\d{1,3})?|BIGipServer.*|f5\w*|AWSALB\w*|aws-waf-token"
    r"|ARRAffinity\w*|SERVERID|SRV|route|D1N|ddp|acw_(tc|sc__v\d)|cookiesession1|NSC_.*|citrix_ns_id\S*|__ddg\w*|sucuri\w*|rl_\w+"
    r"|haproxy\w*|lb\w*|GUEST_LANGUAGE_ID|COOKIE_SUPPORT|ApplicationGatewayAffinity\w*|ASLBSA\w*|GCI?LB|X-Mapping-\w+"
    r"|INGRESSCOOKIE|akaalb_\w+|akavpau_\w+|ak_bmsc|bm_\w+|_abck|HWWAF\w+|__jsl\w*|__uzm\w*|rbz\w+|datadome|dt(Cookie|Latc|SA|PC)\w*"
    r"|rxv\w+|sticky\w*|persist\w*|ROUTEID|stickounet|AWSELB\w*|BN(I|ES)_\w+|barra_counter_session|FGTServer|TSPD\w*"
    r"|X-Oracle-BMC-LBS-Route|aliyungf_tc|tgw_l7_route|FORTIWAFSID|zalb_\w+|sl-session|sl-(waiting|challenge)-[a-z]+|wsidchk",
    re.IGNORECASE,
)
"""Cookies of load balancers, filters and measurements, which name a server or a browser and give no access."""

_RANDOM = re.compile(r"(?=(?:[^0-9]*[0-9]){4})(?=(?:[^A-Za-z]*[A-Za-z]){4})[A-Za-z0-9+/=_.%:-]{24,4096}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cookie:
    """Holds one cookie as it was set; ``flags`` by their names in lower case."""

    name: str
    value: str
    flags: Mapping[str, str]
    over: str
    """The URL of the answer that set the cookie."""

    @property
    def session(self) -> bool:
        """True if this is a session cookie, by its name, or by a random value that ends with the browser."""
        if _TOKENS.search(self.name) or _IN_FRONT.fullmatch(self.bare):
            return False
        lasting = "expires" in self.flags or "max-age" in self.flags
        return bool(_FRAMEWORKS.fullmatch(self.bare)) or (not lasting and bool(_RANDOM.fullmatch(self.value)))

    @property
    def bare(self) -> str:
        """The name without its prefix ``__Host-`` or ``__Secure-``."""
        return re.sub(r"^__(Host|Secure)-", "", self.name, flags=re.IGNORECASE)

    @property
    def dropped(self) -> bool:
        """True if browsers discard it, because it breaks the rules of its prefix or of SameSite (RFC 10025)."""
        secure, name = "secure" in self.flags, self.name.lower()
        if name.startswith("__host-"):
            return not secure or "domain" in self.flags or self.flags.get("path") != "/"
        if name.startswith("__secure-"):
            return not secure
        return self.flags.get("samesite", "").lower() == "none" and not secure

    @property
    def missing(self) -> tuple[str, ...]:
        """The missing attributes of those that protect a session from scripts and from other sites."""
        return tuple(flag for flag in ("HttpOnly", "SameSite") if flag.lower() not in self.flags)


@check(
    version=12,
    title="Session cookies are protected",
    problem="Session cookie is sent without protection",
    problems={
        "LACKING": "Session cookie lacks protective attributes",
        "DROPPED": "Website sets cookies that browsers discard",
    },
    why="Anyone who gets hold of a session cookie is taken for the citizen or official who logged in.",
    fix="Set Secure, HttpOnly and SameSite=Lax on every session cookie where it is made, best under a name that begins"
    " with __Host-.",
    references=("RFC 10025", "MDN HTTP Observatory"),
    needs=(NameLookup, TcpConnect, HttpExchange),
    beside=(TlsHandshake, TlsSupport),
    kinds=WEB_KINDS,
    claims=FamilyClaim.EACH,
    transports=frozenset({"tcp/443"}),
    unit=Granularity.ADDRESS,
    messages={
        **https_answers.NO_ANSWER,
        "PROTECTED": passed("{address} protects its session {cookies/cookie/cookies}: {cookies:list}."),
        "LACKING": warn("{address} sets the session {cookies/cookie/cookies} {cookies:list} without {missing:list}."),
        "UNPROTECTED": fail(
            "{address} sets the session {cookies/cookie/cookies} {cookies:list} over HTTPS without Secure."
        ),
        "DROPPED": fail(
            "{address} sets {cookies/a cookie/cookies} that browsers drop: {cookies:list}.",
            fix="A cookie with SameSite=None, __Secure- or __Host- needs Secure; __Host- also Path=/ and no Domain.",
        ),
        "NONE": not_applicable("{address} sets no session cookie on its landing page."),
    },
)
def session_cookies(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    yield from for_each(https_answers.targets(subject, evidence, ctx), partial(_judge, evidence))


def _judge(evidence: EvidenceSet, answer: HttpsAnswer) -> Verdict:
    def say(code: str, those: list[_Cookie], **more: Arg) -> Verdict:
        named: dict[str, Arg] = {"cookies": tuple(sorted({cookie.name for cookie in those}))} if those else {}
        return answer.say(code, **named, **more)

    every = [cookie for step, at in _chain(evidence, answer.visit) for cookie in _kept(_cookies(step, at))]
    sessions = [cookie for cookie in every if cookie.session]
    bare = [cookie for cookie in sessions if "secure" not in cookie.flags]
    dropped = [cookie for cookie in sessions if cookie.dropped]
    lacking = [cookie for cookie in sessions if cookie.missing]
    if dropped:
        return say("DROPPED", dropped)
    if bare:
        return say("UNPROTECTED", bare)
    if lacking:
        return say("LACKING", lacking, missing=tuple(sorted({flag for cookie in lacking for flag in cookie.missing})))
    return say("PROTECTED", sessions) if sessions else say("NONE", [])


def _chain(evidence: EvidenceSet, visit: Visit) -> Iterator[tuple[HttpExchange, datetime]]:
    """Yield the answers over HTTPS of the site's own host with their times, without those of filters."""
    for envelope, step in evidence.of(HttpExchange):
        own = envelope.id in visit.evidence and https_answers.same_host(step, visit.first)
        if own and step.url.lower().startswith("https:") and not is_limited(step):
            yield step, envelope.time_of(step)


def _cookies(answer: HttpExchange, now: datetime) -> Iterator[_Cookie]:
    """Yield every cookie that an answer sets, without those that it deletes."""
    for value in values(answer, "set-cookie"):
        pair, *attributes = value.split(";")
        name, _, said = (word.strip() for word in pair.partition("="))
        parts = (attribute.partition("=") for attribute in attributes)
        flags = {word.strip().lower(): text.strip() for word, _, text in parts}
        if name and not _is_deleted(flags, now):
            yield _Cookie(name=name, value=said.strip('"'), flags=flags, over=answer.url)


def _kept(cookies: Iterable[_Cookie]) -> Iterable[_Cookie]:
    """Return the cookies of one answer that a browser keeps: of equal name, domain and path the last (RFC 10025)."""
    return {
        (cookie.name, cookie.flags.get("domain", "").lower().lstrip("."), cookie.flags.get("path", "")): cookie
        for cookie in cookies
    }.values()


def _is_deleted(flags: Mapping[str, str], now: datetime) -> bool:
    """True if a cookie expires on arrival; Max-Age takes precedence over Expires."""
    if re.fullmatch(r"-?[0-9]+", flags.get("max-age", "")):
        return flags["max-age"].startswith("-") or not flags["max-age"].strip("0")
    try:
        ends = parsedate_to_datetime(flags.get("expires", ""))
    except (ValueError, OverflowError):
        return False
    return (ends if ends.tzinfo else ends.replace(tzinfo=UTC)) <= now

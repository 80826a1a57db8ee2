"""``security.http.headers``: the few headers and cookie flags that cost nothing and stop common attacks."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from auditor.check import Claim, Unit, check, says
from auditor.context import Context
from auditor.facts import answers
from auditor.facts.csp import policies
from auditor.facts.web import Visit
from auditor.findings import Arg, Outcome, Verdict
from inventory.model import WEB_KINDS, IPAddress, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange

_STRICT = frozenset({"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"})
_LAX = frozenset({"no-referrer-when-downgrade", "origin", "origin-when-cross-origin", "unsafe-url"})
_SESSION = re.compile(r"sess|(^|[._-])(sid|auth|token|jwt)([._-]|$)|\.aspxauth|^connect\.sid$", re.IGNORECASE)
_NOT_SESSION = re.compile(r"csrf|xsrf|antiforgery", re.IGNORECASE)


@check(
    version=2,
    title="Basic response headers and cookie flags",
    why="These headers and flags keep a page from being framed by a stranger, a file from being run as a script, and a"
    " session from leaving over plain HTTP.",
    fix="Set the missing headers at the web server or proxy for every answer, and the flags where the cookie is made.",
    references=("RFC 6265 §4.1.2", "WHATWG Fetch §3.6", "W3C Referrer Policy", "Internet.nl x_content_type_options"),
    needs=(NameLookup, TcpConnect, HttpExchange),
    kinds=WEB_KINDS,
    claims=Claim.EACH,
    transports=frozenset({"tcp/443"}),
    unit=Unit.ADDRESS,
    messages={
        **answers.NO_ANSWER,
        "COMPLETE": says(Outcome.PASS, "{address} sends the basic security headers and cookie flags."),
        "MISSING": says(Outcome.WARN, "{address} lacks: {missing:list}."),
        "COOKIE_UNPROTECTED": says(
            Outcome.FAIL,
            "{address} sets the session {cookies/cookie/cookies} {cookies:list} over HTTPS without Secure.",
            fix="Set Secure, HttpOnly and SameSite on every session cookie.",
        ),
        "LEADS_ELSEWHERE": says(Outcome.NOT_APPLICABLE, "{address} shows no page of its own over HTTPS."),
    },
)
def headers(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    def judge(address: IPAddress, found: Visit) -> Verdict:
        return _judge(subject, ctx, address, found)

    yield from answers.judge_each(subject, evidence, ctx, judge)


def _judge(subject: Subject, ctx: Context, address: IPAddress, found: Visit) -> Verdict:
    def say(code: str, **more: Arg) -> Verdict:
        return Verdict(code=code, args={"address": str(address), **more}, address=address, evidence=found.evidence)

    shown = answers.page_of(found)
    away = None if shown is None else answers.turned_away(address, found, shown)
    seen = (found.first,) if shown is None or away or shown is found.first else (found.first, shown)
    cookies = [cookie for answer in seen for cookie in _cookies(answer, ctx.now)]
    bare = sorted({name for name, flags in cookies if _is_session(name) and "secure" not in flags})
    if bare:
        return say("COOKIE_UNPROTECTED", cookies=tuple(bare))
    if away is not None:
        return away
    if shown is None:
        return say("LEADS_ELSEWHERE")
    lacking = [*_headers(shown, page=answers.is_html(shown) and subject.kind is not Kind.API), *_flags(cookies)]
    return say("MISSING", missing=tuple(lacking)) if lacking else say("COMPLETE")


def _headers(shown: HttpExchange, *, page: bool) -> Iterator[str]:
    if answers.words(shown, "x-content-type-options")[:1] != ["nosniff"]:  # the first one counts
        yield "X-Content-Type-Options: nosniff"
    if not page:
        return
    framed = {"deny", "sameorigin"} & {*answers.words(shown, "x-frame-options")}
    if not framed and not any("frame-ancestors" in policy for policy in policies(shown)):
        yield "X-Frame-Options / frame-ancestors"
    known = [word for word in answers.words(shown, "referrer-policy") if word in _STRICT | _LAX]
    if not known or known[-1] not in _STRICT:  # the last one that is known counts
        yield "Referrer-Policy"


def _flags(cookies: list[tuple[str, frozenset[str]]]) -> Iterator[str]:
    for name, flags in sorted(set(cookies), key=lambda one: (one[0], sorted(one[1]))):
        wanted = ("Secure", "HttpOnly", "SameSite") if _is_session(name) else ("Secure", "SameSite")
        missing = [flag for flag in wanted if flag.lower() not in flags]
        if missing:
            yield f"Set-Cookie {name}: {', '.join(missing)}"


def _cookies(answer: HttpExchange, now: datetime) -> Iterator[tuple[str, frozenset[str]]]:
    """Name and attributes of each cookie that is set; one that is being deleted is none."""
    for value in answers.values(answer, "set-cookie"):
        pair, *attributes = value.split(";")
        name = pair.partition("=")[0].strip()
        parts = (one.partition("=") for one in attributes)
        flags = {word.strip().lower(): said.strip() for word, _, said in parts}
        if name and not _is_deleted(flags, now):
            yield name, frozenset(flags)


def _is_deleted(flags: Mapping[str, str], now: datetime) -> bool:
    """Whether a cookie ends as it comes; Max-Age goes before Expires (RFC 6265 §5.3)."""
    if re.fullmatch(r"-?[0-9]+", flags.get("max-age", "")):
        return flags["max-age"].startswith("-") or not flags["max-age"].strip("0")
    try:
        ends = parsedate_to_datetime(flags.get("expires", ""))
    except (ValueError, OverflowError):
        return False
    return (ends if ends.tzinfo else ends.replace(tzinfo=UTC)) <= now


def _is_session(name: str) -> bool:
    return bool(_SESSION.search(name)) and not _NOT_SESSION.search(name)

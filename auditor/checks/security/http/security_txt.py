"""Check that a site names a contact for vulnerability reports in security.txt (RFC 9116)."""

from collections.abc import Iterator
from datetime import timedelta

from auditor.facts import not_judged
from auditor.facts.dns.names import own
from auditor.facts.web.security_txt import Search, SearchResult, named, searches
from auditor.facts.web.visits import VisitOffer, addresses, https_port, offered
from auditor.framework.check import check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import WEB_KINDS, Network, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.pages import SecurityTxt
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange
from probes.wire.web.security_txt import FileFlaw, SecurityFile

_CODES = {
    FileFlaw.NO_CONTACT: "NO_CONTACT",
    FileFlaw.BAD_CONTACT: "BAD_CONTACT",
    FileFlaw.NO_EXPIRES: "NO_EXPIRES",
    FileFlaw.SEVERAL_EXPIRES: "NO_EXPIRES",
    FileFlaw.BAD_EXPIRES: "NO_EXPIRES",
    FileFlaw.BAD_SIGNED_FORM: "BAD_SIGNED_FORM",
}
"""The codes of flaws; every other flaw is one of the grammar."""


@check(
    version=9,
    title="security.txt is published",
    problem="No security.txt is published",
    problems={
        "EXPIRES_SOON": "security.txt expires soon",
        "LEGACY_PATH": "security.txt is at the outdated path",
        "OTHER_CANONICAL": "security.txt belongs to another site",
        "EXPIRED": "security.txt has expired",
        "NOT_TEXT": "security.txt is not a plain text file",
        "NO_CONTACT": "security.txt names no contact",
        "BAD_CONTACT": "security.txt names an invalid contact",
        "NO_EXPIRES": "security.txt has no valid expiry date",
        "BAD_SIGNED_FORM": "Signature of security.txt is incomplete",
        "SYNTAX": "security.txt breaks the format",
    },
    why="People who find a weakness look there for a contact; without one they tell somebody else.",
    fix="Publish one file at the province's portal under /.well-known/security.txt, and redirect that path of every"
    " site to it.",
    references=("RFC 9116", "Internet.nl securitytxt"),
    needs=(NameLookup, TcpConnect, HttpExchange, SecurityTxt),
    kinds=WEB_KINDS,
    transports=frozenset({"tcp/443"}),
    clock=True,
    messages={
        **not_judged.DNS_CODES,
        "VALID": passed("{name} publishes a security.txt that is valid until {expires:date}."),
        "EXPIRES_SOON": warn(
            "The security.txt of {name} is valid until {expires:date} only.",
            fix="Renew the Expires field of the file, best by a job that does so every year.",
        ),
        "LEGACY_PATH": warn(
            "{name} publishes its security.txt at /security.txt, not under /.well-known/.",
            fix="Serve the file at /.well-known/security.txt.",
        ),
        "OTHER_CANONICAL": warn(
            "The security.txt of {name} says that it belongs elsewhere: Canonical does not name {url}.",
            fix="Name each address of the file in a Canonical field, or redirect to the one it names.",
        ),
        "ABSENT": fail("{name} publishes no security.txt."),
        "EXPIRED": fail("The security.txt of {name} expired on {expires:date}.", fix="Renew the Expires field."),
        "NOT_TEXT": fail("What {name} serves as security.txt is not plain text in UTF-8."),
        "NO_CONTACT": fail("The security.txt of {name} names no contact."),
        "BAD_CONTACT": fail(
            "The security.txt of {name} names a contact that is not an address such as mailto:, tel: or https:."
        ),
        "NO_EXPIRES": fail("The security.txt of {name} does not say, once and as a time, when it expires."),
        "BAD_SIGNED_FORM": fail("The security.txt of {name} is signed, and parts of the signed form are missing."),
        "SYNTAX": fail("The security.txt of {name} breaks the rules of RFC 9116 (line {line:n})."),
        "LIMITED": inconclusive(
            "{name} answers HTTP {status} where its security.txt would be: perhaps a filter meant only for the "
            "auditor.",
            reason=Reason.RATE,
        ),
        "SERVER_ERROR": not_applicable(
            "{name} gives an error where its security.txt would be; see the findings on HTTP."
        ),
        "UNDECIDED": inconclusive("Whether {name} publishes a security.txt could not be decided from here."),
        "NO_HTTPS": not_applicable("{name} has no HTTPS to publish a security.txt over."),
        "INTERNAL": not_applicable("{name} is not a public service."),
    },
)
def security_txt(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    name = subject.host or subject.name
    looks = [own(subject, evidence, ctx, rtype) for rtype in ("AAAA", "A")]
    secure, port = offered(subject, evidence, ctx, https_port(subject)), https_port(subject)
    found = [
        search
        for address in addresses(subject, evidence, ctx)
        for search in searches(evidence, ctx, address, port or 0)
    ]
    best = min(found, key=lambda search: search.place, default=None)
    if subject.network is Network.TSLCD:
        yield Verdict(code="INTERNAL", args={"name": name})
    elif best is not None and best.place is not SearchResult.UNKNOWN:
        yield _say(name, ctx, best)
    elif any(not look.known for look in looks):
        yield not_judged.dns(next(look for look in looks if not look.known))
    elif secure.offer is VisitOffer.NO:
        yield Verdict(code="NO_HTTPS", args={"name": name}, evidence=secure.evidence)
    else:
        reason = best.reason if best is not None else secure.reason
        yield Verdict(
            code="UNDECIDED", args={"name": name}, evidence=best.evidence if best else (), reason=reason or Reason.CUT
        )


def _say(name: str, ctx: Context, search: Search) -> Verdict:
    def say(code: str, **more: Arg) -> Verdict:
        return Verdict(code=code, args={"name": name, **more}, evidence=search.evidence)

    if search.file is not None:
        code, more = _judge(ctx, search, search.file)
        return say(code, **more)
    if search.place is SearchResult.LIMITED:
        return say("LIMITED", status=str(search.status))
    return say("ABSENT" if search.place is SearchResult.ABSENT else "SERVER_ERROR")


def _judge(ctx: Context, search: Search, file: SecurityFile) -> tuple[str, dict[str, Arg]]:
    if search.page_instead:
        return "ABSENT", {}
    if not search.plain_text or FileFlaw.NOT_UTF8 in file.flaws:
        return "NOT_TEXT", {}
    if file.flaws or search.truncated or file.expires is None:
        code = next((_CODES[flaw] for flaw in file.flaws if flaw in _CODES), "SYNTAX")
        return code, {"line": file.line or 1} if code == "SYNTAX" else {}
    expires: dict[str, Arg] = {"expires": file.expires.isoformat()}
    soon = timedelta(days=ctx.policy.threshold("security.http.security-txt", "warn_days"))
    left = file.expires - search.at
    if left <= timedelta():
        return "EXPIRED", expires
    if search.legacy:
        return "LEGACY_PATH", {}
    if file.canonical and not set(map(named, file.canonical)) & set(map(named, search.urls)):
        return "OTHER_CANONICAL", {"url": search.urls[-1][:200]}
    return ("EXPIRES_SOON" if left < soon else "VALID"), expires

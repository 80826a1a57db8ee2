"""Check that the landing page has no injected links and was not replaced.

Grave signs count when two looks show them. A clean landing page does not show that the site is clean.
"""

from collections.abc import Iterator

from auditor.facts.web import landing
from auditor.facts.web.injected import Signs, looks
from auditor.facts.web.resources import perhaps_own_domains
from auditor.framework.check import FamilyClaim, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import ROUNDS, Arg, Reason, Verdict
from inventory.model import WEB_KINDS, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.pages import LandingPage

_INCIDENT = (
    "Treat it as an incident: keep the page and the server's logs, find the way in (CMS, plug-in, account, upload),"
    " clean and update, change passwords, and report to the province's incident response team."
)


@check(
    version=11,
    title="No injected links or defacement on the landing page",
    problem="Website's landing page has been tampered with",
    problems={
        "HIDDEN_LINKS": "Landing page has hidden links to unrelated sites",
        "LED_AWAY": "Landing page sends visitors to harmful sites",
        "CLOAKED": "Website shows search engines hidden content",
        "DEFACED": "Landing page shows signs of defacement",
        "HIDDEN_STRANGERS": "Landing page has links that visitors cannot see",
        "OPEN_WORDS": "Landing page shows words of gambling, loans or pornography",
    },
    why="An attacker who can put links to gambling into an agency's page can put anything there, and citizens who "
    "search for the agency are led to it.",
    fix=_INCIDENT,
    references=("CIS Controls 7, 17", "Google Search: spam policies (cloaking, hidden text, hacked content)"),
    needs=(NameLookup, LandingPage),
    kinds=WEB_KINDS,
    claims=FamilyClaim.NONE,
    transports=frozenset({"tcp/443", "tcp/80"}),
    messages={
        **landing.MESSAGES,
        "NONE": passed(
            "The landing page of {name} shows no sign of injected links or defacement; it does not speak for the other"
            " pages."
        ),
        "PART_READ": inconclusive(
            "What was read of the landing page of {name} shows no sign of injected links or defacement; the page is"
            " larger than is read of one.",
            reason=Reason.CUT,
        ),
        "HIDDEN_LINKS": fail("The landing page of {name} has hidden links to others: {quotes:list}."),
        "LED_AWAY": fail(
            "The landing page of {name} sends its visitors to sites of gambling, loans or pornography: {quotes:list}."
        ),
        "CLOAKED": fail(
            "{name} shows search engines, or visitors who come from one, what it hides from others: {quotes:list}."
        ),
        "DEFACED": fail("The landing page of {name} bears the mark of a defacement: {quotes:list}."),
        "SEEN_ONCE": inconclusive(
            "One look at the landing page of {name} showed what another did not: {quotes:list}.", reason=Reason.AMB
        ),
        "HIDDEN_STRANGERS": warn(
            "The landing page of {name} has links to other sites that visitors cannot see: {quotes:list}.",
            fix="Ask who put these links there; remove them, and look for an intrusion if nobody knows.",
        ),
        "OPEN_WORDS": warn(
            "The landing page of {name} shows words of gambling, loans or pornography in the open: {quotes:list}.",
            fix="Look whether the text is the agency's own, such as a warning; treat it as an incident if it is not.",
        ),
    },
)
def injected_content(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    # a page that only redirects may redirect to a wrong site
    found, landed = landing.every(evidence), landing.landed(subject, evidence, ctx)
    signs = list(looks(evidence, perhaps_own_domains(subject, evidence, ctx)))
    # a clean page shows nothing about an unread target
    told = any(page.page.leads_to is None for page in found) or any(sign.grave for sign in signs)
    if isinstance(landed, Verdict) and not (found and told):
        yield landed
    else:
        is_whole = not any(page.page.truncated for page in found)
        yield _judge(subject.host or subject.name, signs, is_whole=is_whole)


def _judge(name: str, seen: list[Signs], *, is_whole: bool) -> Verdict:
    ids = tuple(dict.fromkeys(signs.evidence for signs in seen))
    attempts = {signs.attempt for signs in seen}

    def say(code: str, quotes: tuple[str, ...] = (), **more: Arg) -> Verdict:
        named: dict[str, Arg] = {"quotes": quotes} if quotes else {}
        return Verdict(code=code, args={"name": name, **named, **more}, evidence=ids)

    kinds = ("HIDDEN_LINKS", "hidden"), ("LED_AWAY", "leading"), ("CLOAKED", "cloaked"), ("DEFACED", "defaced")
    for code, kind in kinds:
        showing: dict[int, tuple[str, ...]] = {
            signs.attempt: getattr(signs, kind) for signs in seen if getattr(signs, kind)
        }
        if len(showing) > 1:
            return say(code, next(iter(showing.values())))
        if showing and len(attempts) == 1:
            return say(code, next(iter(showing.values())), **{ROUNDS: 1})
    grave = next((signs for signs in seen if signs.grave), None)
    if grave is not None:
        return say("SEEN_ONCE", grave.grave_quotes)
    for code, kind in (("HIDDEN_STRANGERS", "silent"), ("OPEN_WORDS", "open")):
        quotes = next((getattr(signs, kind) for signs in seen if getattr(signs, kind)), ())
        if quotes:
            return say(code, quotes)
    return say("NONE" if is_whole else "PART_READ")

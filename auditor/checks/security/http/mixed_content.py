"""Check that a page over HTTPS neither loads nor sends anything over plain HTTP."""

from collections.abc import Iterator

from auditor.facts.dns.names import is_own_machine
from auditor.facts.web import landing, strict_transport
from auditor.facts.web.csp import policies, upgrades
from auditor.facts.web.https_answers import values
from auditor.facts.web.injected import as_answer
from auditor.facts.web.landing import LandedPage
from auditor.facts.web.visits import host_of, https_port, offered
from auditor.framework.check import FamilyClaim, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Verdict
from inventory.model import WEB_KINDS, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.pages import LandingPage, LoadedHost, PartKind
from probes.observations.web import HttpExchange

_ACTIVE = frozenset({PartKind.SCRIPT, PartKind.STYLE, PartKind.FRAME, PartKind.FONT})


@check(
    version=10,
    title="No active content or form over plain HTTP",
    problem="HTTPS page loads scripts over unencrypted HTTP",
    problems={
        "IMAGES": "HTTPS page loads images over unencrypted HTTP",
        "FORM": "Form data is sent over unencrypted HTTP",
    },
    why="Scripts, styles and frames over plain HTTP are blocked by browsers, so that the page breaks; what citizens"
    " type into a form that leads to plain HTTP, everybody on the way can read.",
    fix="Write these addresses with https:; until then send Content-Security-Policy: upgrade-insecure-requests.",
    references=("W3C Mixed Content", "W3C Upgrade Insecure Requests"),
    needs=(NameLookup, LandingPage, HttpExchange),
    kinds=WEB_KINDS,
    claims=FamilyClaim.NONE,
    transports=frozenset({"tcp/443"}),
    excused_by={"IMAGES": frozenset({"http"}), "ACTIVE": frozenset({"http"}), "FORM": frozenset({"http"})},
    messages={
        **landing.MESSAGES,
        "CLEAN": passed("The landing page of {name} takes everything over HTTPS."),
        "UPGRADED": passed(
            "The landing page of {name} has addresses with http:, and has browsers ask over HTTPS for all."
        ),
        "IMAGES": warn("The landing page of {name} takes images or media over plain HTTP from {hosts:list}."),
        "ACTIVE": fail("The landing page of {name} takes scripts, styles or frames over plain HTTP from {hosts:list}."),
        "FORM": fail("The landing page of {name} sends what is typed into a form over plain HTTP to {hosts:list}."),
        "NO_HTTPS": not_applicable("The landing page of {name} was not shown over HTTPS."),
    },
)
def mixed_content(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = landing.landed(subject, evidence, ctx)
    if isinstance(found, Verdict):
        yield found
        return
    name = subject.host or subject.name
    secure = [page for page in found if page.page.url.lower().startswith("https:")]
    if secure:
        yield _judge(name, evidence, secure[-1])
        return
    asked = tuple(offered(subject, evidence, ctx, https_port(subject)).evidence)
    yield landing.over_https(subject, evidence, ctx) or Verdict(code="NO_HTTPS", args={"name": name}, evidence=asked)


def _judge(name: str, evidence: EvidenceSet, page: LandedPage) -> Verdict:
    def say(code: str, hosts: set[str] | None = None) -> Verdict:
        named: dict[str, Arg] = {"hosts": tuple(sorted(hosts))} if hosts else {}
        return Verdict(code=code, args={"name": name, **named}, evidence=(page.envelope.id,))

    asked = [part for part in page.page.taken if part.scheme == "http" and not is_own_machine(part.host)]
    plain = [part for part in asked if not _goes_over_https(page.page, part)]
    if not asked:
        return say("CLEAN")
    if not plain or _upgrades(evidence, page.page):
        return say("UPGRADED")
    forms = {part.host for part in plain if part.kind is PartKind.FORM}
    active = {part.host for part in plain if part.kind in _ACTIVE}
    if active:
        return say("ACTIVE", active)
    return say("FORM", forms) if forms else say("IMAGES", {part.host for part in plain})


def _goes_over_https(page: LandingPage, part: LoadedHost) -> bool:
    """True if form data go over HTTPS because of the HSTS of the page itself.

    Scripts and similar parts are blocked before a browser applies HSTS.
    """
    sent = values(as_answer(page), strict_transport.HEADER)
    return part.kind is PartKind.FORM and strict_transport.covers(sent, host_of(page.url), part.host)


def _upgrades(evidence: EvidenceSet, page: LandingPage) -> bool:
    """True if browsers are told to upgrade requests. The policy may be only in a visit, which kept more of the page."""
    visits = (step for _, step in evidence.of(HttpExchange) if step.url == page.url and step.status == page.status)
    return any(upgrades(policies(answer)) for answer in (as_answer(page), *visits))

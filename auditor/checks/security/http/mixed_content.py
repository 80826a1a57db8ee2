"""Check that a page over HTTPS neither loads nor sends anything over plain HTTP."""

from collections.abc import Iterator

from auditor.facts.web import landing
from auditor.facts.web.csp import policies, upgrades
from auditor.facts.web.injected import as_answer
from auditor.facts.web.landing import LandedPage
from auditor.framework.check import FamilyClaim, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Verdict
from inventory.model import WEB_KINDS, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.pages import LandingPage, PartKind

_ACTIVE = frozenset({PartKind.SCRIPT, PartKind.STYLE, PartKind.FRAME, PartKind.FONT})
_SHOWN = 10


@check(
    version=1,
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
    needs=(NameLookup, LandingPage),
    kinds=WEB_KINDS,
    claims=FamilyClaim.NONE,
    transports=frozenset({"tcp/443"}),
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
    yield _judge(name, secure[-1]) if secure else Verdict(code="NO_HTTPS", args={"name": name})


def _judge(name: str, page: LandedPage) -> Verdict:
    def say(code: str, hosts: set[str] | None = None) -> Verdict:
        named: dict[str, Arg] = {"hosts": tuple(sorted(hosts)[:_SHOWN])} if hosts else {}
        return Verdict(code=code, args={"name": name, **named}, evidence=(page.envelope.id,))

    plain = [resource for resource in page.page.taken if resource.scheme == "http"]
    if not plain:
        return say("CLEAN")
    if upgrades(policies(as_answer(page.page))):
        return say("UPGRADED")
    forms = {resource.host for resource in plain if resource.kind is PartKind.FORM}
    active = {resource.host for resource in plain if resource.kind in _ACTIVE}
    if active:
        return say("ACTIVE", active)
    return say("FORM", forms) if forms else say("IMAGES", {resource.host for resource in plain})

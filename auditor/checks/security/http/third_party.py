"""Check that scripts and styles of other hosts are pinned, and that their domains are registered."""

from collections.abc import Iterator

from auditor.facts.dns import names
from auditor.facts.dns.dangling import denying
from auditor.facts.dns.names import canonical, lookup
from auditor.facts.web import landing
from auditor.facts.web.injected import is_own
from auditor.facts.web.landing import LandedPage
from auditor.facts.web.resources import perhaps_own_domains
from auditor.facts.web.suffixes import registrable
from auditor.facts.web.visits import host_of
from auditor.framework.check import FamilyClaim, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import WEB_KINDS, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.pages import LandingPage, PartKind

_RUN = frozenset({PartKind.SCRIPT, PartKind.STYLE})


@check(
    version=9,
    title="Scripts of others are known and pinned",
    problem="Page runs scripts from an unregistered domain",
    problems={"UNPINNED": "Page runs third-party scripts without integrity checks"},
    why="A script from another host does in the page whatever that host sends today; an attacker who takes over the "
    "host takes over the page.",
    fix="Serve scripts and styles from the site's own hosts, or write integrity and crossorigin with them; what changes"
    " by design cannot be pinned: serve it oneself or leave it out.",
    references=("W3C Subresource Integrity", "CIS Controls 2"),
    needs=(NameLookup, LandingPage),
    kinds=WEB_KINDS,
    claims=FamilyClaim.NONE,
    transports=frozenset({"tcp/443", "tcp/80"}),
    messages={
        **landing.MESSAGES,
        "NONE": passed("The landing page of {name} runs no scripts and styles of others."),
        "PINNED": passed("The landing page of {name} pins what it runs of others, from {hosts:list}."),
        "UNPINNED": warn("The landing page of {name} runs scripts or styles of others unpinned, from {hosts:list}."),
        "FOR_SALE": fail(
            "The landing page of {name} runs scripts or styles from {hosts:list}, {hosts/a domain/domains} that nobody"
            " has registered.",
            fix="Remove these scripts and styles at once: anyone who registers the domain runs code in the page.",
        ),
        "NOT_LOOKED_UP": inconclusive(
            "Whether the hosts that the landing page of {name} runs something of exist is not known: {hosts:list}."
        ),
    },
)
def third_party(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = landing.landed(subject, evidence, ctx)
    yield found if isinstance(found, Verdict) else _judge(subject, evidence, ctx, found[0])


def _judge(subject: Subject, evidence: EvidenceSet, ctx: Context, page: LandedPage) -> Verdict:
    own = perhaps_own_domains(subject, evidence, ctx) | {host_of(page.page.url)}
    run = [part for part in page.page.taken if part.kind in _RUN and not names.is_own_machine(part.host)]
    foreign = [part for part in run if not is_own(canonical(part.host), own)]
    hosts = sorted({canonical(resource.host) for resource in foreign})
    loose = sorted({canonical(resource.host) for resource in foreign if not resource.pinned})
    for_sale, ids, reason = _unregistered(evidence, ctx, hosts)

    def say(code: str, those: list[str], why: Reason | None = None) -> Verdict:
        named: dict[str, Arg] = {"hosts": tuple(those)} if those else {}
        args = {"name": subject.host or subject.name, **named}
        return Verdict(code=code, args=args, evidence=(page.envelope.id, *ids), reason=why)

    if for_sale:
        return say("FOR_SALE", for_sale)
    if loose:
        return say("UNPINNED", loose)
    if reason is not None:
        return say("NOT_LOOKED_UP", hosts, reason)
    return say("PINNED", hosts) if hosts else say("NONE", [])


def _unregistered(
    evidence: EvidenceSet, ctx: Context, hosts: list[str]
) -> tuple[list[str], tuple[EvidenceId, ...], Reason | None]:
    """Return non-existent domains that anyone could register; the evidence; and why some host's state is unknown."""
    gone, ids, reason = dict[str, None](), dict[EvidenceId, None](), None
    for host in hosts:
        name, domain = host, registrable(host, ctx)
        if domain is None:
            reason = reason or Reason.REF
        while domain and name.endswith(domain) and names.address(host) is None:
            look = lookup(evidence, ctx, name, "A", "third-party")
            if not look.known:
                reason = reason or look.reason
                break
            if look.status is not LookupStatus.NO_SUCH_NAME:
                break
            if name == domain and "" not in denying(evidence, name):
                gone[name] = None
                ids |= dict.fromkeys(look.evidence)
            name = name.partition(".")[2]
    return list(gone), tuple(ids), reason

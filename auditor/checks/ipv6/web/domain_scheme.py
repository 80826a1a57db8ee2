"""Check that a state agency's site has the name that the law gives it, below ``.gov.vn``.

The law names province, department and commune: ``tentinhthanh.gov.vn`` and one label below it. The choice of the label
is not judged here.
"""

from collections.abc import Iterator

from auditor.facts.dns.names import canonical, own
from auditor.facts.exposure.port_state import port_state
from auditor.facts.web.filters import leads_on
from auditor.facts.web.visits import Page, Visit, addresses, doors, host_of, http_port, https_port, visit
from auditor.framework.check import VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Kind, Network, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange

_SUFFIX = ".gov.vn"
_PERMANENT = frozenset({301, 308})


@check(
    version=5,
    title="Government hostname follows the legal naming pattern",
    problem="Agency website is outside .gov.vn",
    problems={
        "OTHER_PATTERN": "Domain name does not follow the naming rule",
        "OLD_NAME": "Website still uses an old domain name",
        "OLD_NAME_FOR_NOW": "Website still uses an old domain name",
    },
    why="Citizens recognise the state's sites by .gov.vn; under any other name nobody can tell them from a forgery.",
    fix="Register the name below the province's .gov.vn domain and redirect the old name to it permanently (301).",
    references=("khoản 4 Điều 11 Nghị định số 224/2026/NĐ-CP",),
    needs=(NameLookup, TcpConnect, HttpExchange),
    kinds=frozenset({Kind.PORTAL, Kind.DVC, Kind.COMMUNE_SITE}),
    vantage=frozenset({VantageKind.INV, VantageKind.INET}),
    messages={
        "LEGAL": passed("{name} follows the pattern of names below .gov.vn."),
        "OTHER_PATTERN": warn(
            "{name} is below .gov.vn, but not one label below the province's name in plain letters.",
            fix="Register the name directly below the province's .gov.vn domain and redirect the present one to it.",
        ),
        "OLD_NAME": warn("{name} is an old name that redirects permanently to {target}."),
        "OLD_NAME_FOR_NOW": warn(
            "{name} is an old name that redirects to {target}, but not permanently.",
            fix="Redirect with status 301, so that browsers and search engines take up the legal name.",
        ),
        "OUTSIDE": fail("{name} serves the site of a state agency outside .gov.vn."),
        "NOT_DECIDED": inconclusive(
            "{name} is outside .gov.vn; whether it only redirects could not be seen from here."
        ),
        "NOT_ASKED": inconclusive("{name} was not looked up, so it is not known to be in use."),
        "NOT_SERVED": not_applicable("{name} serves no site."),
        "BY_ADDRESS": not_applicable("{name} was named by its address: it has no name to judge."),
        "INTERNAL": not_applicable("{name} is a service inside TSLCD, not a public site."),
    },
)
def domain_scheme(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    name = canonical(subject.host or subject.name)
    asked = tuple(dict.fromkeys(i for rtype in ("A", "AAAA") for i in own(subject, evidence, ctx, rtype).evidence))
    if subject.network is Network.TSLCD:
        yield Verdict(code="INTERNAL", args={"name": name})
    elif subject.host is None and Kind.HOST in subject.kinds:
        yield Verdict(code="BY_ADDRESS", args={"name": name})
    elif subject.host is not None and not asked:
        yield Verdict(code="NOT_ASKED", args={"name": name}, reason=Reason.CUT)
    elif subject.host is not None and f".{name}".endswith(_SUFFIX):
        yield Verdict(
            code="LEGAL" if is_legal(name, subject.kind) else "OTHER_PATTERN", args={"name": name}, evidence=asked
        )
    else:
        yield _outside(subject, evidence, ctx, name)


def is_legal(name: str, kind: Kind) -> bool:
    """True if a name has the right labels before ``.gov.vn``: a province one, agencies two, communes exactly two.
    ``www.`` is not counted."""
    if not name.endswith(_SUFFIX):
        return False
    labels = name.removesuffix(_SUFFIX).removeprefix("www.").split(".")
    depths = (2,) if kind is Kind.COMMUNE_SITE else (1, 2)
    return len(labels) in depths and all(label and not label.startswith("xn--") for label in labels)


def _outside(subject: Subject, evidence: EvidenceSet, ctx: Context, name: str) -> Verdict:
    """Return the verdict on a name outside: it may only redirect, and fails only if it was seen to serve the site."""
    visits: list[Visit] = []
    unknown: list[Reason] = [r for t in ("A", "AAAA") if (r := own(subject, evidence, ctx, t).reason) is not None]
    for address in addresses(subject, evidence, ctx):
        for port in dict.fromkeys((http_port(subject), https_port(subject))):
            visit_facts = None if port is None else visit(evidence, ctx, address, port)
            if visit_facts is not None and visit_facts.first.status is not None:
                visits.append(visit_facts)
            elif port is not None and not (state := port_state(evidence, ctx, address, port)).shut:
                unknown.append((visit_facts.reason if visit_facts is not None else state.reason) or Reason.CUT)

    def say(code: str, ids: tuple[EvidenceId, ...], *, reason: Reason | None = None, **more: Arg) -> Verdict:
        return Verdict(code=code, args={"name": name, **more}, evidence=tuple(dict.fromkeys(ids)), reason=reason)

    ids = tuple(id_ for visit in visits for id_ in visit.evidence)
    telling = [visit for visit in visits if _tells(visit, subject.kind)]
    targets = {_target(visit, subject.kind) for visit in telling}
    if None in targets:
        return say("OUTSIDE", tuple(id_ for visit in telling for id_ in visit.evidence))
    if visits and len(telling) == len(visits) and not unknown:
        lasting = all(visit.first.status in _PERMANENT for visit in visits)
        code = "OLD_NAME" if lasting else "OLD_NAME_FOR_NOW"
        return say(code, ids, target=min(target for target in targets if target is not None))
    if unknown or visits:
        unknown += [visit.reason for visit in visits if visit not in telling and visit.reason is not None]
        return say("NOT_DECIDED", ids, reason=min(unknown, default=Reason.RATE))
    return say("NOT_SERVED", doors(subject, evidence, ctx, *addresses(subject, evidence, ctx)))


def _tells(visit_facts: Visit, kind: Kind) -> bool:
    """True if the visit shows the use of the name: a page, or a redirect to the legal name.

    An error, a filter's page or a redirect without a result shows neither.
    """
    final = visit_facts.final
    shown = final.status is not None and 200 <= final.status < 300 and final.leads_to is None
    page = shown and visit_facts.page is not Page.LIMITED
    return page or is_legal(_end(visit_facts), kind)


def _target(visit_facts: Visit, kind: Kind) -> str | None:
    """Return the legal name that the visit ends at; None where it does not."""
    host = _end(visit_facts)
    return host if is_legal(host, kind) else None


def _end(visit_facts: Visit) -> str:
    """Return the host that the visit leads to, also by a page that only redirects."""
    final = visit_facts.final
    return host_of(final.location or leads_on(final) or final.url)

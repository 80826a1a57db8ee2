"""Check that resources of the landing page on other hosts are there for clients with IPv6 only.

Two findings: one on the agency's own hosts, one on those of others. No script is run; hosts that may not be visited are
only looked up.
"""

from collections.abc import Iterator, Sequence

from auditor.facts import not_judged
from auditor.facts.dns.names import own, usable_v6
from auditor.facts.web import resources
from auditor.facts.web.resources import HostReach, LandedOverIpv6, ResourceHost
from auditor.framework.check import FamilyClaim, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import WEB_KINDS, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.pages import PageParts

_ID = "ipv6.web.resources"
_OWN, _OTHERS = "own", "third-party"
_ORDER = (Reason.V6, Reason.EGR, Reason.DNS, Reason.AMB, Reason.CUT, Reason.SCOPE)


@check(
    version=5,
    title="Page is usable by an IPv6-only client",
    problem="Parts of the page cannot be loaded over IPv6",
    problems={
        "LITERAL": "Parts of the page are loaded from IPv4 addresses",
        "OTHERS_IPV4_ONLY": "Third-party parts of the page cannot be loaded over IPv6",
    },
    why="A page whose scripts, styles or log-in stand on hosts with only IPv4 is broken for visitors with only IPv6, "
    "though its own address answers.",
    fix="Publish AAAA records for the hosts named and serve them over IPv6, or take the parts from a host that has"
    " IPv6; write names, not IPv4 addresses, in URLs.",
    references=("Quyết định số 38/QĐ-BTTTT (IPv6 For Gov)", "OMB M-21-07"),
    needs=(NameLookup, PageParts),  # not connects: one out of scope shows nothing about the other hosts
    kinds=WEB_KINDS,
    claims=FamilyClaim.V6,
    transports=frozenset({"tcp/443", "tcp/80"}),
    messages={
        **not_judged.DNS_CODES,
        "OWN_THERE": passed(
            "All hosts of the agency that the landing page of {name} takes parts from are reachable over IPv6"
            " ({count:n} beside its own)."
        ),
        "OWN_IPV4_ONLY": fail(
            "The landing page of {name} takes parts from"
            " {hosts/one of the agency's own hosts that is/the agency's own hosts that are} not reachable over IPv6:"
            " {hosts:list}."
        ),
        "LITERAL": fail(
            "The landing page of {name} takes parts from {hosts/an IPv4 address/IPv4 addresses}: {hosts:list}.",
            fix="Write the name of the host in these URLs, and give it an AAAA record.",
        ),
        "OTHERS_THERE": passed(
            "Of {count:n} {count/host/hosts} of others that the landing page of {name} takes parts from, {good:n}"
            " {good/is/are} reachable over IPv6."
        ),
        "OTHERS_IPV4_ONLY": warn(
            "The landing page of {name} takes parts from {hosts/a host of others that is/hosts of others that are}"
            " not reachable over IPv6: {hosts:list}."
        ),
        "NOT_DECIDED": inconclusive(
            "Whether {hosts/this host/these hosts}, from which the landing page of {name} takes parts, {hosts/is/are} "
            "reachable over IPv6 is not known: {hosts:list}."
        ),
        "CUT": inconclusive(
            "The landing page of {name} has more parts than are looked at; those seen are reachable over IPv6.",
            reason=Reason.CUT,
        ),
        "NOT_FETCHED": inconclusive("The landing page of {name} was not got over IPv6 from here."),
        "NO_PAGE": not_applicable("{name} shows no landing page over IPv6; see the findings on IPv6 and HTTP."),
        **not_judged.NO_AAAA,
    },
)
def page_resources(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    look = own(subject, evidence, ctx, "AAAA")
    args = {"name": look.name}
    page = resources.landed(subject, evidence, ctx)
    if not look.known:
        yield not_judged.dns(look)
    elif not usable_v6(subject, evidence, ctx):
        yield Verdict(code="NO_AAAA", args=args, evidence=look.evidence)
    elif page.page is not None:
        yield _own(look.name, page)
        if page.truncated or not all(host.own or host.reach is HostReach.LITERAL for host in page.hosts):
            yield _others(look.name, ctx, page)
    elif page.reason is None or resources.shut(subject, evidence, ctx):
        yield Verdict(code="NO_PAGE", args=args, evidence=page.evidence)
    else:
        yield Verdict(code="NOT_FETCHED", args=args, evidence=page.evidence, reason=page.reason)


def _own(name: str, page: LandedOverIpv6) -> Verdict:
    literals = [host for host in page.hosts if host.reach is HostReach.LITERAL]
    mine = [host for host in page.hosts if host.own and host.reach is not HostReach.LITERAL]
    bad = [host for host in mine if host.reach in (HostReach.IPV4_ONLY, HostReach.SHUT)]
    if bad:
        return _say("OWN_IPV4_ONLY", _OWN, page, bad, name=name)
    if literals:
        return _say("LITERAL", _OWN, page, literals, name=name)
    return _unknown(name, _OWN, page, mine) or _say("OWN_THERE", _OWN, page, name=name, count=len(mine))


def _others(name: str, ctx: Context, page: LandedOverIpv6) -> Verdict:
    theirs = [host for host in page.hosts if not host.own and host.reach not in (HostReach.LITERAL, HostReach.BROKEN)]
    bad = [host for host in theirs if host.reach in (HostReach.IPV4_ONLY, HostReach.SHUT)]
    unknown = [host for host in theirs if host.reach is HostReach.UNKNOWN]
    allowed = 1 - ctx.policy.threshold(_ID, "min_third_party_share")
    if theirs and len(bad) / len(theirs) > allowed:
        return _say("OTHERS_IPV4_ONLY", _OTHERS, page, bad, name=name)
    if not theirs or (len(bad) + len(unknown)) / len(theirs) > allowed or page.truncated:
        missing = _unknown(name, _OTHERS, page, theirs)
        if missing is not None:
            return missing
    good = sum(host.reach is HostReach.THERE for host in theirs)
    return _say("OTHERS_THERE", _OTHERS, page, name=name, count=len(theirs), good=good)


def _unknown(name: str, detail: str, page: LandedOverIpv6, hosts: Sequence[ResourceHost]) -> Verdict | None:
    unknown = [host for host in hosts if host.reach is HostReach.UNKNOWN]
    if unknown:
        reason = min((host.reason or Reason.CUT for host in unknown), key=lambda reason: (reason not in _ORDER, reason))
        verdict = _say("NOT_DECIDED", detail, page, unknown, name=name)
        return Verdict(code=verdict.code, args=verdict.args, detail=detail, reason=reason, evidence=verdict.evidence)
    return _say("CUT", detail, page, name=name) if page.truncated else None


def _say(code: str, detail: str, page: LandedOverIpv6, hosts: Sequence[ResourceHost] = (), **more: Arg) -> Verdict:
    named: dict[str, Arg] = {"hosts": tuple(host.name for host in hosts)} if hosts else {}
    ids = tuple(dict.fromkeys((*page.evidence, *(id_ for host in hosts for id_ in host.evidence))))
    return Verdict(code=code, args={**more, **named}, detail=detail, evidence=ids)

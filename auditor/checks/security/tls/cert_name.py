"""Check that the certificate names the host it is served for."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from auditor.facts import not_judged
from auditor.facts.cut_off import cut_off
from auditor.facts.dns.names import canonical, lookup
from auditor.facts.dns.siblings import may_be_of_a_wildcard
from auditor.facts.targets import for_each
from auditor.facts.tls import presented
from auditor.facts.tls.certificates import covers
from auditor.facts.tls.places import HTTPS, TlsPlace
from auditor.facts.web.visits import is_limited, visit
from auditor.framework.check import FamilyClaim, Granularity, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import WEB_KINDS, Kind, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.framework.siblings import sibling
from probes.observations.dns import NameLookup
from probes.observations.mail import SmtpDialogue
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange, TlsHandshake

_WORST_FIRST = ("NO_NAMES", "MISMATCH", "SIBLING_ONLY", "FILTER", "SIBLING_MISSING", "MATCHES")
_VISIT = frozenset({"http"})
_SHOWN = 8
"""The most names of a certificate that a message lists; shared hosting puts a hundred in one."""


@check(
    version=8,
    title="Certificate matches the hostname",
    problem="Certificate is for another name",
    problems={
        "SIBLING_MISSING": "Certificate does not cover the name with or without www",
        "NO_NAMES": "Certificate names no host",
    },
    why="A browser refuses a certificate for another name: the citizen cannot tell a wrong setting from an attack.",
    fix="Have the certificate reissued with this name among its subject alternative names.",
    references=("RFC 9525 §6.3", "Internet.nl cert_hostmatch"),
    needs=(NameLookup, TcpConnect, SmtpDialogue, TlsHandshake, HttpExchange),
    kinds=WEB_KINDS | {Kind.HOST, Kind.MAIL},
    claims=FamilyClaim.EACH,
    transports=frozenset({"tcp/443"}),
    unit=Granularity.ADDRESS,
    tls=True,
    excused_by={"SIBLING_MISSING": frozenset({"dns"})},
    messages={
        **presented.NO_CERTIFICATE,
        **presented.NOT_VERIFIED,
        "MATCHES": passed("The certificate on {address} names {host}."),
        "SIBLING_ONLY": fail("The certificate on {address} names {sibling}, but not {host} itself."),
        "SIBLING_MISSING": warn(
            "The certificate on {address} names {host}, but not {sibling}, which leads to the same address.",
            fix="Have the certificate reissued with both names, or take the address away from the one that nobody"
            " uses.",
        ),
        "FILTER": inconclusive(
            "A filter in front of {address} answered the vantage, with a certificate for {names:list} and not"
            " for {host}; the site's own was not seen.",
            fix="Let the vantage through the filter, then check again.",
            reason=Reason.RATE,
        ),
        "MISMATCH": fail("The certificate on {address} is for {names:list}, not for {host}."),
        "NO_NAMES": fail(
            "The certificate on {address} names no host at all (no subject alternative name), so {host} is not named."
        ),
        "NOT_NAMED": not_applicable("{address} is listed by address, so there is no name to match."),
        "BY_ADDRESS": not_applicable("The service is listed by address, so there is no name to match."),
    },
)
def cert_name(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    if subject.host is None and subject.kinds & WEB_KINDS:
        yield Verdict(code="BY_ADDRESS")
    else:
        yield from for_each(presented.targets(subject, evidence, ctx), partial(_judge, subject, evidence, ctx))


def _judge(subject: Subject, evidence: EvidenceSet, ctx: Context, presented_facts: presented.Presented) -> Verdict:
    host = canonical(presented_facts.place.name or "")
    if not host:
        return presented_facts.say("NOT_NAMED")
    verdicts = [_say(host, presented_facts, served) for served in presented_facts.served]
    worst = min(verdicts, key=lambda verdict: _WORST_FIRST.index(verdict.code))
    if worst.code == "MISMATCH" and _filtered(evidence, ctx, presented_facts.place):
        return replace(worst, code="FILTER")
    if worst.code == "MISMATCH" and (unfinished := _page_not_seen(evidence, ctx, presented_facts.place)):
        transport, ids = f"tcp/{presented_facts.place.port}", (*worst.evidence, *unfinished)
        undecided = not_judged.at(presented_facts.place.address, transport, Reason.CUT, ids)
        return replace(undecided, detail=worst.detail)
    if worst.code == "MATCHES":
        return _with_sibling(subject, evidence, ctx, presented_facts) or worst
    return worst


def _filtered(evidence: EvidenceSet, ctx: Context, place: TlsPlace) -> bool:
    """True if a filter's page came from there, and so perhaps a filter's certificate.

    A page that only redirects browsers is not taken for one: only the certificate would show it.
    """
    seen = visit(evidence, ctx, place.address, place.port) if place.protocol == HTTPS else None
    return seen is not None and is_limited(replace(seen.first, leads_to=None))


def _page_not_seen(evidence: EvidenceSet, ctx: Context, place: TlsPlace) -> tuple[EvidenceId, ...]:
    """Return the evidence of a visit that was cut off before it could show whether a filter answered."""
    seen = visit(evidence, ctx, place.address, place.port) if place.protocol == HTTPS else None
    answered = seen is not None and seen.first.failure is None
    return () if answered or place.protocol != HTTPS else cut_off(evidence, _VISIT, place.address)


def _with_sibling(
    subject: Subject, evidence: EvidenceSet, ctx: Context, presented_facts: presented.Presented
) -> Verdict | None:
    """Return the verdict for the name with or without ``www``, which people type too if it is published.

    If it is in the inventory, it is a subject of its own and left out.
    """
    host = canonical(presented_facts.place.name or "")
    other = sibling(host)
    if not subject.kinds & WEB_KINDS or other in ctx.names:
        return None
    rtype = "AAAA" if presented_facts.address.version == 6 else "A"
    look = lookup(evidence, ctx, other, rtype, "sibling")
    lacking = next(
        (chain for chain in presented_facts.served if chain.chain and not covers(chain.chain[0], other)), None
    )
    if lacking is None or presented_facts.address not in (*look.v4, *look.v6):
        return None
    if may_be_of_a_wildcard(evidence, ctx, look):
        return None
    return presented_facts.say("SIBLING_MISSING", lacking.evidence, *look.evidence, host=host, sibling=other)


def _say(host: str, presented_facts: presented.Presented, served: presented.Served) -> Verdict:
    other = sibling(host)
    args: dict[str, Arg] = {"host": host}
    leaf = (served.chain or ())[0]
    if covers(leaf, host):
        code = "MATCHES"
    elif covers(leaf, other):
        code, args["sibling"] = "SIBLING_ONLY", other
    elif leaf.names:
        code, args["names"] = "MISMATCH", leaf.names[:_SHOWN]
    else:
        code = "NO_NAMES"
    return presented_facts.say(code, served.evidence, **args)

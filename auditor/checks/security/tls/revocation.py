"""Check that the certificate is not revoked, and a staple that it promises is there.

OCSP responders are not asked: a responder learns from the question which site is visited.
"""

from collections.abc import Iterator, Sequence
from functools import partial

from auditor.facts import not_judged
from auditor.facts.targets import for_each
from auditor.facts.tls import presented, staples
from auditor.facts.tls.certificates import issuers_of
from auditor.facts.tls.revocations import List, Staple, promises
from auditor.framework.check import FamilyClaim, Granularity, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import WEB_KINDS, Kind, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.certificates import IssuerFetch, RevocationList, TlsStaple
from probes.observations.dns import NameLookup
from probes.observations.mail import SmtpDialogue
from probes.observations.transport import TcpConnect
from probes.observations.web import TlsHandshake

_WORST_FIRST = (
    "REVOKED",
    "REVOKED_BY_STAPLE",
    "NO_STAPLE",
    "BAD_STAPLE",
    "LIST_OUT_OF_DATE",
    "LIST_TOO_LARGE",
    "LIST_NOT_HAD",
    "NOT_DECIDED",
    "STAPLE_OUT_OF_DATE",
    "NOT_REVOKED",
    "STAPLED",
    "NOTHING_PROMISED",
)
_WITHOUT_LIST = {List.OUT_OF_DATE: "LIST_OUT_OF_DATE", List.TOO_LARGE: "LIST_TOO_LARGE", List.NOT_HAD: "LIST_NOT_HAD"}
_STAPLE_ON = (
    "Switch OCSP stapling on (ssl_stapling in nginx, SSLUseStapling in Apache) and let the server reach the authority's"
    " responder, or have the certificate reissued without the promise (must-staple)."
)


@check(
    version=3,
    title="Certificate is not revoked; must-staple is kept",
    problem="Certificate has been revoked",
    problems={
        "STAPLE_OUT_OF_DATE": "OCSP response is out of date",
        "NO_STAPLE": "Promised OCSP response is missing",
        "BAD_STAPLE": "OCSP response is invalid",
    },
    why="A revoked certificate is one whose key somebody else may have; browsers and mail programs refuse it, and one"
    " that promises a staple and comes without.",
    fix="Have the certificate reissued with a new key at once, and find out why it was revoked.",
    references=("RFC 5280 §5, §6.3", "RFC 6066 §8", "RFC 7633", "Internet.nl ocsp_stapling"),
    needs=(NameLookup, TcpConnect, SmtpDialogue, TlsHandshake, TlsStaple, RevocationList, IssuerFetch),
    kinds=WEB_KINDS | {Kind.HOST, Kind.MAIL},
    claims=FamilyClaim.EACH,
    transports=frozenset({"tcp/443"}),
    unit=Granularity.ADDRESS,
    clock=True,
    tls=True,
    messages={
        **presented.NO_CERTIFICATE,
        **presented.NOT_VERIFIED,
        "NOT_REVOKED": passed("The certificate on {address} is not in the list of revoked ones that it names."),
        "STAPLED": passed("The certificate on {address} comes with the good OCSP response that it promises."),
        "STAPLE_OUT_OF_DATE": warn(
            "The certificate on {address} comes with an OCSP response that is out of date, which some clients refuse.",
            fix="Let the server reach the authority's responder, so that it gets a new response in time, or switch"
            " stapling off.",
        ),
        "REVOKED": fail(
            "The certificate on {address} has been revoked since {since:date}: it is in the list of its authority."
        ),
        "REVOKED_BY_STAPLE": fail(
            "The certificate on {address} is revoked: the OCSP response that comes with it says so."
        ),
        "NO_STAPLE": fail(
            "The certificate on {address} promises an OCSP response (must-staple), and none comes with it: Firefox and"
            " Thunderbird refuse it.",
            fix=_STAPLE_ON,
        ),
        "BAD_STAPLE": fail(
            "The certificate on {address} promises an OCSP response (must-staple), and what comes with it is none that"
            " is valid: Firefox and Thunderbird refuse it.",
            fix=_STAPLE_ON,
        ),
        "LIST_OUT_OF_DATE": inconclusive(
            "The list of revoked certificates that the one on {address} names is out of date, or does not say until"
            " when it holds.",
            reason=Reason.REF,
        ),
        "LIST_TOO_LARGE": inconclusive(
            "The list of revoked certificates that the one on {address} names is larger than the auditor takes.",
            reason=Reason.CUT,
        ),
        "LIST_NOT_HAD": inconclusive(
            "The list of revoked certificates that the one on {address} names was not to be had, or is not signed by"
            " its authority.",
            reason=Reason.EGR,
        ),
        "NOTHING_PROMISED": not_applicable(
            "The certificate on {address} names no list of revoked ones and promises no OCSP response."
        ),
    },
)
def revocation(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    yield from for_each(presented.targets(subject, evidence, ctx), partial(_judge, evidence, ctx))


def _judge(evidence: EvidenceSet, ctx: Context, presented_facts: presented.Presented) -> Verdict:
    verdicts = [_say(evidence, ctx, presented_facts, served) for served in presented_facts.served]
    return min(verdicts, key=lambda verdict: _WORST_FIRST.index(verdict.code))


def _say(
    evidence: EvidenceSet, ctx: Context, presented_facts: presented.Presented, served: presented.Served
) -> Verdict:
    chain = served.chain or ()
    leaf = chain[0]
    reference = ctx.reference
    above = issuers_of(leaf, (*chain[1:], *served.issuers.issuers), reference.trust_roots + reference.declared_roots)
    listed, since, by_list = staples.listed(evidence, leaf, above)
    staple, by_staple = staples.stapled(evidence, presented_facts.place, leaf, above)
    promised = promises(leaf)
    if listed is List.REVOKED:
        return presented_facts.say("REVOKED", served.evidence, *by_list, since=since)
    if staple is Staple.REVOKED:
        return presented_facts.say("REVOKED_BY_STAPLE", served.evidence, *by_staple)
    if promised.staple and staple is not Staple.GOOD:
        return _promise_broken(presented_facts, served, staple, by_staple)
    if staple is Staple.OUT_OF_DATE:
        return presented_facts.say("STAPLE_OUT_OF_DATE", served.evidence, *by_staple)
    if not promised.lists:
        code = "STAPLED" if promised.staple else "NOTHING_PROMISED"
        return presented_facts.say(code, served.evidence, *by_staple)
    if listed is None:
        return not_judged.at(
            presented_facts.address, f"tcp/{presented_facts.place.port}", Reason.CUT, (served.evidence,)
        )
    return presented_facts.say(_WITHOUT_LIST.get(listed, "NOT_REVOKED"), served.evidence, *by_list)


def _promise_broken(
    presented_facts: presented.Presented, served: presented.Served, staple: Staple | None, ids: Sequence[EvidenceId]
) -> Verdict:
    if staple is None:
        return not_judged.at(
            presented_facts.address, f"tcp/{presented_facts.place.port}", Reason.CUT, (served.evidence,)
        )
    return presented_facts.say("NO_STAPLE" if staple is Staple.MISSING else "BAD_STAPLE", served.evidence, *ids)

"""``security.tls.known-vulns``: no known attack on the TLS of the service.

What follows from the suites, versions and primes it accepts is said without any further packet. Heartbleed and CCS
injection have to be touched, which takes the owner's authorisation; without it nothing good is said.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from auditor.check import Claim, Place, Unit, check, says
from auditor.context import Context
from auditor.facts import tls_flaws, tls_support
from auditor.facts.tls_flaws import Touch
from auditor.facts.tls_support import CURRENT, OBSOLETE, Enumerated
from auditor.findings import Arg, Outcome, Reason, Verdict
from inventory.model import WEB_KINDS, Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.mail import SmtpDialogue
from probes.observations.tls import TlsSupport, TlsWeakness
from probes.observations.transport import TcpConnect


@check(
    version=2,
    title="No known protocol vulnerability",
    why="For these attacks ready-made tools exist; whoever is on the path, or anywhere at all, can use them.",
    fix="Update the TLS library, and switch off the versions, suites and compression that the attacks need.",
    references=("CIS Controls 7", "RFC 7457", "CVE-2014-0160", "CVE-2014-0224"),
    needs=(NameLookup, TcpConnect, SmtpDialogue, TlsSupport, TlsWeakness),
    kinds=WEB_KINDS | {Kind.HOST, Kind.MAIL},
    vantage=frozenset({Place.INET, Place.TSL}),
    claims=Claim.EACH,
    transports=frozenset({"tcp/443"}),
    unit=Unit.ADDRESS,
    messages={
        **tls_support.FRAME,
        "NONE_FOUND": says(
            Outcome.PASS, "No known attack on the TLS of {address} was found; not tested: {untested:list}."
        ),
        "INFORMATIONAL": says(
            Outcome.WARN,
            "{address} still accepts suites to which {flaws:list} {flaws/applies, an attack/apply, attacks} that"
            " current software keeps off; not tested: {untested:list}.",
            fix="Remove the CBC suites, and TLS 1.0 where it is still accepted.",
        ),
        "VULNERABLE": says(
            Outcome.FAIL,
            "{address} is open to {flaws/a known attack/known attacks}: {flaws:list}; not tested: {untested:list}.",
        ),
        "UNCONFIRMED": says(
            Outcome.INCONCLUSIVE,
            "{address} showed {flaws:list} once, which was not confirmed.",
            fix="Check again after ten minutes, and look into the version of the TLS library meanwhile.",
            reason=Reason.AMB,
        ),
        "NOT_ALLOWED": says(
            Outcome.INCONCLUSIVE,
            "What {addresses:list} {addresses/accepts/accept} opens {name} to no known attack; {flaws:list} may only"
            " be tested with the owner's authorisation (clearance = intrusive).",
            fix="Have the owner authorise intrusive tests of this host in the inventory.",
            reason=Reason.SCOPE,
        ),
    },
)
def known_vulns(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    """One verdict for each address, but only one for all that nobody authorised: that is a fact about the subject."""
    said = list(tls_support.judge_each(subject, evidence, ctx, partial(_judge, subject, evidence, ctx)))
    yield from (one for one in said if one.code != "NOT_ALLOWED")
    waiting = [one for one in said if one.code == "NOT_ALLOWED"]
    if waiting:
        args: dict[str, Arg] = {
            "name": subject.host or subject.name,
            "addresses": tuple(str(one.args["address"]) for one in waiting),
            "flaws": waiting[0].args["flaws"],
        }
        ids = tuple(dict.fromkeys(id_ for one in waiting for id_ in one.evidence))
        yield Verdict(code="NOT_ALLOWED", args=args, evidence=ids)


def _judge(subject: Subject, evidence: EvidenceSet, ctx: Context, found: Enumerated) -> Verdict:
    touched = tls_flaws.touched(evidence, ctx, found.address, found.port)
    with_touches = replace(
        found, evidence=tuple(dict.fromkeys((*found.evidence, *(id_ for one in touched for id_ in one.evidence))))
    )
    return _positive(with_touches, touched) or _negative(subject, ctx, with_touches, touched)


def _positive(found: Enumerated, touched: Sequence[Touch]) -> Verdict | None:
    sure = (*tls_flaws.accepted(found), *(one.name for one in touched if one.confirmed))
    once = tuple(one.name for one in touched if one.once)
    lesser = tls_flaws.informational(found)
    if sure:
        return found.say("VULNERABLE", flaws=sure, untested=_untested(touched))
    if once:
        return found.say("UNCONFIRMED", flaws=once)
    if lesser:
        return found.say("INFORMATIONAL", flaws=lesser, untested=_untested(touched))
    return None


def _negative(subject: Subject, ctx: Context, found: Enumerated, touched: Sequence[Touch]) -> Verdict:
    open_still = tuple(one.name for one in touched if not one.decided)
    if not found.complete(*CURRENT, *OBSOLETE):
        return found.unfinished()
    if open_still:
        allowed = all(one.covers(Clearance.INTRUSIVE) for one in (subject.clearance, ctx.clearance))
        if not allowed and not any(one.evidence for one in touched):
            return found.say("NOT_ALLOWED", flaws=open_still)
        return replace(found, support=None).unfinished()
    return found.say("NONE_FOUND", untested=tls_flaws.UNTESTED)


def _untested(touched: Sequence[Touch]) -> tuple[str, ...]:
    return (*(one.name for one in touched if not (one.decided or one.once)), *tls_flaws.UNTESTED)

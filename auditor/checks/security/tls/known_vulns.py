"""Check for known vulnerabilities of TLS implementations.

First the accepted settings are read, which rules most attacks out without any further packet. Whether the others are
possible is known only from a test, which needs the owner's authorisation. Attacks on versions, suites, primes and
compression are the findings of the checks of those.

Attacks that follow only from a version, a suite or a prime (POODLE, DROWN, SWEET32, FREAK, LOGJAM, CRIME) are named by
the checks of those: one accepted setting is one defect, and one finding.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from auditor.facts.targets import for_each
from auditor.facts.tls import support as tls_support
from auditor.facts.tls.support import CURRENT, OBSOLETE, Enumerated
from auditor.framework.check import FamilyClaim, Granularity, VantageKind, check, fail, inconclusive, passed
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import WEB_KINDS, Clearance, IPAddress, Kind, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.mail import SmtpDialogue
from probes.observations.tls import TlsSupport, TlsWeakness
from probes.observations.transport import TcpConnect
from probes.observations.web import TlsHandshake

HEARTBLEED, EARLY_CCS = "Heartbleed", "CCS injection (CVE-2014-0224)"
_TOUCHED = {"heartbleed": HEARTBLEED, "early-ccs": EARLY_CCS}
_APART = timedelta(minutes=10)
_BEFORE_TLS13 = ("TLSv1.2", *OBSOLETE)


@dataclass(frozen=True, slots=True)
class _Touch:
    """Holds the result of testing one flaw at one address; it showed: ``confirmed`` every time, or only ``once``."""

    name: str
    confirmed: bool = False
    once: bool = False
    decided: bool = False
    evidence: tuple[EvidenceId, ...] = ()


@check(
    version=4,
    title="No known protocol vulnerability",
    problem="Known TLS vulnerability",
    why="There are ready-made tools for these attacks; an attacker on the path, for some of them anyone on the "
    "Internet, can use them.",
    fix="Update the TLS library, or the firmware of the device that terminates TLS.",
    references=("CIS Controls 7", "RFC 7457", "CVE-2014-0160", "CVE-2014-0224"),
    needs=(NameLookup, TcpConnect, SmtpDialogue, TlsSupport, TlsWeakness),
    beside=(TlsHandshake,),
    kinds=WEB_KINDS | {Kind.HOST, Kind.MAIL},
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.EACH,
    transports=frozenset({"tcp/443"}),
    unit=Granularity.ADDRESS,
    tls=True,
    messages={
        **tls_support.FRAME,
        "RULED_OUT": passed("What {address} accepts rules out the known attacks on implementations of TLS."),
        "NONE_FOUND": passed(
            "What {address} accepts rules out the known attacks on implementations of TLS, except {flaws:list}, which "
            "{flaws/was/were} tried without success."
        ),
        "VULNERABLE": fail("{address} is open to {flaws/a known attack/known attacks}: {flaws:list}."),
        "UNCONFIRMED": inconclusive(
            "{address} showed {flaws:list} once, which was not confirmed.",
            fix="Check again after ten minutes, and look into the version of the TLS library meanwhile.",
            reason=Reason.AMB,
        ),
        "NOT_ALLOWED": inconclusive(
            "Not tested at {name}: {flaws:list}, which {flaws/needs/need} the owner's authorisation (clearance ="
            " intrusive). What {addresses:list} {addresses/accepts/accept} does not rule {flaws/it/them} out.",
            fix="Switch off what leaves them possible (the heartbeat, suites with RSA key exchange or CBC, session"
            " tickets), or have the owner authorise intrusive tests of this host in the inventory.",
            reason=Reason.SCOPE,
        ),
        "NOT_TESTED": inconclusive(
            "What {address} accepts leaves {flaws:list} possible, for which there is no harmless test here.",
            fix="Switch off what leaves them possible: suites with RSA key exchange or CBC, session tickets.",
            reason=Reason.SCOPE,
        ),
    },
)
def known_vulns(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    """Yield one verdict for each address, but only one for all unauthorised: that is a fact about the subject."""
    verdicts = list(for_each(tls_support.targets(subject, evidence, ctx), partial(_judge, subject, evidence, ctx)))
    yield from (verdict for verdict in verdicts if verdict.code != "NOT_ALLOWED")
    waiting = [verdict for verdict in verdicts if verdict.code == "NOT_ALLOWED"]
    if waiting:
        args: dict[str, Arg] = {
            "name": subject.host or subject.name,
            "addresses": tuple(str(verdict.args["address"]) for verdict in waiting),
            "flaws": tuple(dict.fromkeys(flaw for verdict in waiting for flaw in _flaws(verdict))),
        }
        ids = tuple(dict.fromkeys(id_ for verdict in waiting for id_ in verdict.evidence))
        yield Verdict(code="NOT_ALLOWED", args=args, evidence=ids)


def _judge(subject: Subject, evidence: EvidenceSet, ctx: Context, enumeration: Enumerated) -> Verdict:
    touched = _touched(evidence, ctx, enumeration.address, enumeration.port)
    with_touches = replace(
        enumeration,
        evidence=tuple(dict.fromkeys((*enumeration.evidence, *(id_ for touch in touched for id_ in touch.evidence)))),
    )
    return _positive(with_touches, touched) or _negative(subject, ctx, with_touches, touched)


def _positive(enumeration: Enumerated, touched: Sequence[_Touch]) -> Verdict | None:
    sure = tuple(touch.name for touch in touched if touch.confirmed)
    once = tuple(touch.name for touch in touched if touch.once)
    if sure:
        return enumeration.say("VULNERABLE", flaws=sure)
    return enumeration.say("UNCONFIRMED", flaws=once) if once else None


def _negative(subject: Subject, ctx: Context, enumeration: Enumerated, touched: Sequence[_Touch]) -> Verdict:
    if not enumeration.complete(*CURRENT, *OBSOLETE):
        return enumeration.unfinished()
    left = _possible(enumeration)
    behaved = tuple(touch.name for touch in touched if touch.decided and touch.name in left)
    open_still = tuple(name for name in left if name not in behaved)
    if not left:
        return enumeration.say("RULED_OUT")
    if not open_still:
        return enumeration.say("NONE_FOUND", flaws=behaved)
    if not any(name in _TOUCHED.values() for name in open_still):
        return enumeration.say("NOT_TESTED", flaws=open_still)
    allowed = all(clearance.covers(Clearance.INTRUSIVE) for clearance in (subject.clearance, ctx.clearance))
    if allowed or any(touch.evidence for touch in touched):
        return replace(enumeration, support=None).unfinished()
    return enumeration.say("NOT_ALLOWED", flaws=open_still)


def _flaws(verdict: Verdict) -> tuple[str, ...]:
    named = verdict.args["flaws"]
    return named if isinstance(named, tuple) else ()


def _possible(enumeration: Enumerated) -> tuple[str, ...]:
    """Return the names of attacks that the service's settings do not rule out.

    A server with TLS 1.3 has software that is years younger than the flaws of OpenSSL and of F5 (CVE-2014-0224,
    CVE-2016-9244); no heartbeat, no exchange by the server's RSA key, no CBC suite and no ticket rule out the rest.
    """
    support = enumeration.support
    if support is None or not enumeration.accepts(*_BEFORE_TLS13):
        return ()
    modern = bool(enumeration.accepts("TLSv1.3"))
    accepted = enumeration.suites(*CURRENT, *OBSOLETE)
    open_to = {
        HEARTBLEED: support.heartbeat is not False,
        EARLY_CCS: not modern,
        "Ticketbleed": support.session_tickets is not False and not modern,
        "ROBOT": any(suite.exchange in ("RSA", "RSA_EXPORT", "RSA_PSK") for suite in accepted),
        "POODLE-TLS, GOLDENDOODLE": any(suite.block_chaining for suite in accepted),
    }
    return tuple(name for name, there in open_to.items() if there)


def _touched(evidence: EvidenceSet, ctx: Context, address: IPAddress, port: int) -> tuple[_Touch, ...]:
    """Return the result for each flaw that was tested.

    A flaw that showed is confirmed by every try, and again ten minutes later (trap L1) if the profile repeats at all.
    """
    return tuple(_touch(evidence, ctx, weakness, address, port) for weakness in _TOUCHED)


def _touch(evidence: EvidenceSet, ctx: Context, weakness: str, address: IPAddress, port: int) -> _Touch:
    seen = [
        (envelope, step)
        for envelope, step in evidence.of(TlsWeakness)
        if (step.address, step.port, step.weakness) == (address, port, weakness) and step.failure is None
    ]
    sure = sorted(
        e.started for e, step in seen if len(step.tries) > 1 and all(attempt is True for attempt in step.tries)
    )
    apart = bool(sure) and (ctx.one_round or sure[-1] - sure[0] >= _APART)
    return _Touch(
        name=_TOUCHED[weakness],
        confirmed=apart,
        once=any(True in step.tries for _, step in seen),
        decided=any(step.tries and all(attempt is False for attempt in step.tries) for _, step in seen),
        evidence=tuple(envelope.id for envelope, _ in seen),
    )

"""Check that the certificate is valid and not about to expire."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from auditor.facts.targets import for_each
from auditor.facts.tls import key_kinds, presented
from auditor.facts.tls.certificate_grades import margin
from auditor.framework.check import FamilyClaim, Granularity, VantageKind, check, fail, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Verdict
from inventory.model import WEB_KINDS, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.certificates import OtherCertificate
from probes.observations.dns import NameLookup
from probes.observations.mail import SmtpDialogue
from probes.observations.transport import TcpConnect
from probes.observations.web import TlsHandshake

_KINDS = {"RSAPublicKey": "RSA", "ECPublicKey": "ECDSA"}
_WORST_FIRST = ("EXPIRED", "NOT_YET_VALID", "EXPIRES_SOON", "VALID")


@check(
    version=4,
    title="Certificate is not about to expire",
    problem="Certificate has expired",
    problems={
        "EXPIRES_SOON": "Certificate is about to expire",
        "NOT_YET_VALID": "Certificate is not valid yet",
        "OTHER_KIND_EXPIRED": "Certificate for older clients has expired",
    },
    why="On the day a certificate expires the service stops for every citizen at once, most often on a weekend.",
    fix="Renew the certificate, and automate renewal (ACME) so that nobody has to think of it.",
    references=("RFC 5280 §4.1.2.5", "RFC 8555", "Mozilla Server Side TLS 6.0"),
    needs=(NameLookup, TcpConnect, SmtpDialogue, TlsHandshake, OtherCertificate),
    kinds=WEB_KINDS | {Kind.HOST, Kind.MAIL},
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.EACH,
    transports=frozenset({"tcp/443"}),
    unit=Granularity.ADDRESS,
    clock=True,
    tls=True,
    messages={
        **presented.NO_CERTIFICATE,
        **presented.NOT_VERIFIED,
        "VALID": passed("The certificate on {address} is valid until {until:date}, another {days:n} {days/day/days}."),
        "EXPIRES_SOON": warn("The certificate on {address} expires on {until:date}, in {days:n} {days/day/days}."),
        "OTHER_KIND_EXPIRED": warn(
            "Beside the certificate that browsers get, {address} has one with a key of another kind ({kind}) for"
            " clients that take no other; it expired on {until:date}.",
            fix="Renew both certificates together, or take the one that nobody needs any more out of the server's"
            " configuration.",
        ),
        "EXPIRED": fail("The certificate on {address} expired on {until:date}."),
        "NOT_YET_VALID": fail(
            "The certificate on {address} is not valid before {start:date}.",
            fix="Install a certificate that is valid now, and check the clock of the machine that requested it.",
        ),
    },
)
def cert_expiry(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    yield from for_each(presented.targets(subject, evidence, ctx), partial(_judge, evidence, ctx))


def _judge(evidence: EvidenceSet, ctx: Context, presented_facts: presented.Presented) -> Verdict:
    verdicts = [_say(ctx, presented_facts, served) for served in presented_facts.served]
    worst = min(verdicts, key=lambda verdict: (_WORST_FIRST.index(verdict.code), str(verdict.args)))
    return (_of_another_kind(evidence, presented_facts) or worst) if worst.code == "VALID" else worst


def _of_another_kind(evidence: EvidenceSet, presented_facts: presented.Presented) -> Verdict | None:
    """Return the verdict on an expired certificate for another kind of key, or None.

    Only clients that accept no other kind see it.
    """
    shown = [served.chain[0] for served in presented_facts.served if served.chain]
    for envelope, leaf in key_kinds.others(evidence, presented_facts.place, shown):
        if leaf.not_after < envelope.started:
            kind = _KINDS.get(leaf.algorithm, leaf.algorithm)
            return presented_facts.say("OTHER_KIND_EXPIRED", envelope.id, kind=kind, until=leaf.not_after.isoformat())
    return None


def _say(ctx: Context, presented_facts: presented.Presented, served: presented.Served) -> Verdict:
    leaf = (served.chain or ())[0]
    args: dict[str, Arg] = {}
    left = leaf.not_after - served.seen
    if served.seen < leaf.not_before:
        code, args["start"] = "NOT_YET_VALID", leaf.not_before.isoformat()
    else:
        args["until"] = leaf.not_after.isoformat()
        code = "EXPIRED" if left < timedelta() else "EXPIRES_SOON" if left <= margin(leaf, ctx) else "VALID"
        if code != "EXPIRED":
            args["days"] = left.days
    return presented_facts.say(code, served.evidence, **args)

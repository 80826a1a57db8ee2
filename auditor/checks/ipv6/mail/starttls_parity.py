"""Check that a mail exchanger offers the same over IPv6 as over IPv4, and the same certificate.

One verdict for each exchanger. A defect over both families is the finding of ``security.mail.starttls``; a server that
does not answer over one of them, of ``ipv6.mail.mx-reach``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from auditor.facts import not_judged
from auditor.facts.dns.names import canonical
from auditor.facts.mail.exchangers import PORT
from auditor.facts.mail.smtp import NO_EXCHANGER, nobody, smtp_sessions
from auditor.facts.mail.starttls import DEFECTS, SecuredSmtp, Tls, secured
from auditor.facts.tls.certificates import Certificate
from auditor.framework.check import FamilyClaim, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.framework.expand import is_akin_exchanger
from probes.observations.dns import NameLookup
from probes.observations.mail import SmtpDialogue

_BY_CLIENT = frozenset({"PIPELINING", "XCLIENT", "XFORWARD"})
"""Extensions offered to some clients only, as one that postscreen does not know yet: no difference of families."""
_LIMITED = "{exchanger} put the vantage off, or something on the path hides what it offers: no comparison."

_OF_MACHINES = frozenset({"CERTIFICATES_DIFFER", "OFFERS_DIFFER"})
"""Differences between machines of a large provider, which none of its customers can change."""


@check(
    version=9,
    title="STARTTLS is the same over IPv6",
    problem="Mail encryption (STARTTLS) is missing over IPv6",
    problems={
        "CERTIFICATES_DIFFER": "Mail server shows different certificates by address",
        "EXPIRED_ON_SOME": "Mail server shows a certificate out of its dates on some addresses",
        "OFFERS_DIFFER": "Mail server offers different features by address",
        "ONLY_IPV6": "Mail encryption works over IPv6 but not over IPv4",
        "FAILS_ON_IPV6": "Mail encryption (TLS) fails over IPv6",
    },
    why="Senders use IPv6 first: where TLS is missing there, their mail travels in clear text although the exchanger"
    " has TLS over IPv4.",
    fix="Use one SMTP configuration, with one certificate, for the IPv4 and IPv6 listeners.",
    references=("RFC 3207", "RFC 7672 §2.1"),
    needs=(NameLookup, SmtpDialogue),
    kinds=frozenset({Kind.MAIL}),
    claims=FamilyClaim.BOTH,
    transports=frozenset({"tcp/25"}),
    tls=True,
    messages={
        **NO_EXCHANGER,
        "SAME": passed("{exchanger} offers the same over IPv4 and IPv6, with the same certificate."),
        "CERTIFICATES_DIFFER": warn(
            "{exchanger} shows another certificate on {addresses:list} than on {address}.",
            fix="Let the IPv4 and IPv6 listeners use one certificate and key.",
        ),
        "EXPIRED_ON_SOME": warn(
            "{exchanger} shows a certificate that is out of its dates on {addresses:list}, and another one elsewhere."
        ),
        "OFFERS_DIFFER": warn(
            "{exchanger} does not offer the same on all IPv4 and IPv6 addresses; not all have: {keywords:list}."
        ),
        "ONLY_IPV6": warn("{exchanger} takes mail over TLS by IPv6, but not on {addresses:list}."),
        "ONLY_IPV4": fail("{exchanger} offers STARTTLS over IPv4, but not over IPv6 on {addresses:list}."),
        "FAILS_ON_IPV6": fail("TLS with {exchanger} comes about over IPv4, but fails over IPv6 on {addresses:list}."),
        "LIMITED": inconclusive(_LIMITED, reason=Reason.RATE),
        "AT_PROVIDER": passed(
            "Machines of the provider of {exchanger} differ in their certificates or offers; TLS comes about over IPv6"
            " as over IPv4."
        ),
        "NO_TLS": not_applicable("{exchanger} takes mail over TLS on no address of either family."),
        "ONE_FAMILY": not_applicable("{exchanger} speaks SMTP over only one of IPv4 and IPv6, or over neither."),
    },
)
def starttls_parity(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    dialogues = smtp_sessions(subject, evidence, ctx, "AAAA", "A")
    blank = nobody(dialogues.mail)
    if blank is not None:
        yield blank
        return
    every = [secured(dialogue, evidence, ctx) for dialogue in dialogues.sessions]
    for exchanger in dialogues.mail.exchangers:
        name = exchanger.name
        unknown = [look for look in dialogues.unknown if look.name == name]
        if unknown:
            yield not_judged.dns(unknown[0], detail=name)
        else:
            verdict = _compare(name, [secured for secured in every if name in secured.session.exchangers])
            foreign = not is_akin_exchanger(canonical(subject.host or subject.name), name)
            yield replace(verdict, code="AT_PROVIDER") if foreign and verdict.code in _OF_MACHINES else verdict


def _compare(name: str, every: Sequence[SecuredSmtp]) -> Verdict:
    ids = tuple(dict.fromkeys(id_ for secured in every for id_ in secured.session.evidence))

    def say(code: str, **args: Arg) -> Verdict:
        return Verdict(code=code, args={"exchanger": name, **args}, detail=name, evidence=ids)

    v6, v4 = _of(every, 6), _of(every, 4)
    if not v6 or not v4:
        return say("ONE_FAMILY")
    done6, done4 = _with(v6, Tls.DONE), _with(v4, Tls.DONE)
    bad6 = [secured for secured in v6 if secured.tls in DEFECTS]
    if done4 and bad6:
        missing = _with(bad6, Tls.NOT_OFFERED)
        return say("ONLY_IPV4" if missing else "FAILS_ON_IPV6", addresses=_addresses(missing or bad6))
    unknown = next((secured for secured in every if secured.tls is Tls.UNKNOWN), None)
    if unknown is not None:
        args: dict[str, Arg] = {"address": str(unknown.session.address), "transport": f"tcp/{PORT}"}
        return Verdict(code="NOT_DECIDED", args=args, detail=name, reason=unknown.reason or Reason.CUT, evidence=ids)
    if any(secured.tls in (Tls.LIMITED, Tls.MASKED, Tls.NOWHERE) for secured in every):
        return say("LIMITED")
    if not any(secured.tls is not Tls.NO_SMTP for secured in v6) or not any(
        secured.tls is not Tls.NO_SMTP for secured in v4
    ):
        return say("ONE_FAMILY")
    if done6 and any(secured.tls in DEFECTS for secured in v4):
        return say("ONLY_IPV6", addresses=_addresses([secured for secured in v4 if secured.tls in DEFECTS]))
    if not done6:
        return say("NO_TLS")
    code, args = _difference(done6, done4)
    return say(code, **args)


def _difference(done6: Sequence[SecuredSmtp], done4: Sequence[SecuredSmtp]) -> tuple[str, dict[str, Arg]]:
    """Return the difference; the others are compared with an IPv4 address if there is one."""
    done = [*done4, *done6]
    others = [secured for secured in done if not _same(secured.leaf, done[0].leaf)]
    if others:
        expired = [secured for secured in done if not secured.in_time]
        if expired and len(expired) < len(done):
            return "EXPIRED_ON_SOME", {"addresses": _addresses(expired)}
        return "CERTIFICATES_DIFFER", {"addresses": _addresses(others), "address": str(done[0].session.address)}
    words = [secured.keywords for secured in done]
    differing = frozenset.union(*words) - frozenset.intersection(*words) - _BY_CLIENT
    if differing:
        return "OFFERS_DIFFER", {"keywords": tuple(sorted(differing))}
    return "SAME", {}


def _same(certificate: Certificate | None, other: Certificate | None) -> bool:
    """True if two certificates have the same key (CHECKS: SPKI), or one authority's and dates for two algorithms."""
    if certificate is None or other is None:
        return certificate is other
    dates = (certificate.issuer, certificate.not_before, certificate.not_after) == (
        other.issuer,
        other.not_before,
        other.not_after,
    )
    return certificate.key == other.key or dates


def _of(every: Sequence[SecuredSmtp], version: int) -> list[SecuredSmtp]:
    return [secured for secured in every if secured.session.address.version == version]


def _with(every: Sequence[SecuredSmtp], tls: Tls) -> list[SecuredSmtp]:
    return [secured for secured in every if secured.tls is tls]


def _addresses(every: Sequence[SecuredSmtp]) -> tuple[str, ...]:
    return tuple(str(secured.session.address) for secured in every)

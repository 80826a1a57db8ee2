"""Check that every address of the mail exchangers offers STARTTLS and completes it.

Senders do not verify certificates of mail exchangers unless DANE or MTA-STS tells them to, so trust, name and dates are
reported and not judged here; the accepted versions and suites are the finding of ``security.tls.*``.
"""

from collections.abc import Iterator
from dataclasses import replace

from auditor.facts import not_judged
from auditor.facts.mail.smtp import (
    LIMITED_CODE,
    NO_EXCHANGER,
    SmtpSessions,
    limited,
    nobody,
    not_decided,
    smtp_sessions,
    unknown_addresses,
)
from auditor.facts.mail.starttls import DEFECTS, SecuredSmtp, Tls, secured
from auditor.framework.check import FamilyClaim, Granularity, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.mail import SmtpDialogue

_NONE = "; no address of the mail exchangers takes mail over TLS."
_SOME = "; addresses that take mail over TLS: {open:n} of {count:n}."
_TEXTS = {
    Tls.NOT_OFFERED: ("NOT_OFFERED", "{address} ({exchanger}) does not offer STARTTLS"),
    Tls.REFUSED: ("REFUSED", "{address} ({exchanger}) offers STARTTLS and refuses it when asked"),
    Tls.FAILS: ("HANDSHAKE_FAILS", "The TLS handshake behind STARTTLS fails on {address} ({exchanger}): {how}"),
    Tls.STALLS: ("HANDSHAKE_STALLS", "The TLS handshake behind STARTTLS gets no answer on {address} ({exchanger})"),
    Tls.CUT_OFF: (
        "HANDSHAKE_CUT_OFF",
        "The TLS handshake behind STARTTLS is cut off by a reset on {address} ({exchanger})",
    ),
}
_FIXES = {
    Tls.REFUSED: "Look in the mail server's log for why it refuses STARTTLS: a key that it cannot read, most often.",
    Tls.FAILS: "Correct what the mail server uses behind STARTTLS: its certificate, its key, or the TLS versions that"
    " it takes.",
    Tls.STALLS: "Find out whether a filter on the path holds TLS back on TCP port 25, or the mail server is"
    " overloaded.",
    Tls.CUT_OFF: "Find out whether a filter on the path resets TLS on TCP port 25, or the mail server ends it itself.",
}


@check(
    version=11,
    title="SMTP offers valid STARTTLS",
    problem="Mail servers accept no encrypted mail (STARTTLS)",
    problems={
        "SOME_NOT_OFFERED": "One mail server address takes no encrypted mail",
        "SOME_REFUSED": "One mail server address takes no encrypted mail",
        "SOME_HANDSHAKE_FAILS": "One mail server address takes no encrypted mail",
        "SOME_HANDSHAKE_STALLS": "One mail server address takes no encrypted mail",
        "SOME_HANDSHAKE_CUT_OFF": "One mail server address takes no encrypted mail",
    },
    why="Without TLS every message to the agency, and what citizens attach to it, can be read and changed on its way.",
    fix="Switch STARTTLS on with a certificate (smtpd_tls_security_level = may in Postfix), on every address.",
    references=("mục 4.4 Thông tư số 39/2017/TT-BTTTT", "RFC 3207", "Internet.nl starttls_exists"),
    needs=(NameLookup, SmtpDialogue),
    kinds=frozenset({Kind.MAIL}),
    claims=FamilyClaim.EACH,
    transports=frozenset({"tcp/25"}),
    unit=Granularity.ADDRESS,
    tls=True,
    messages={
        **NO_EXCHANGER,
        **LIMITED_CODE,
        "SECURE": passed("{address} ({exchanger}) takes mail over TLS ({version})."),
        "SECURE_UNVERIFIED": passed(
            "{address} ({exchanger}) takes mail over TLS ({version}). Its certificate would not pass verification"
            " (name or authority), which senders demand only with DANE or MTA-STS."
        ),
        "SECURE_OUT_OF_DATE": passed(
            "{address} ({exchanger}) takes mail over TLS ({version}). Its certificate is out of its dates, which"
            " senders mind only with DANE or MTA-STS."
        ),
        **{code: fail(text + _NONE, fix=_FIXES.get(tls)) for tls, (code, text) in _TEXTS.items()},
        **{f"SOME_{code}": warn(text + _SOME, fix=_FIXES.get(tls)) for tls, (code, text) in _TEXTS.items()},
        "MASKED": inconclusive(
            "A device on the path to {address} ({exchanger}) overwrites what the mail server says (asterisks in its"
            " greeting, or XXXX in the reply to EHLO), so that STARTTLS may be hidden.",
            fix="Switch SMTP inspection (ESMTP fixup) off in the firewall, or let it pass STARTTLS; then check again.",
            reason=Reason.AMB,
        ),
        "NOWHERE": inconclusive(
            "{address} ({exchanger}) does not offer STARTTLS, and no mail server that this vantage talked to over the"
            " same family does: something near the vantage may keep the offer back.",
            fix="Exempt the vantage from the inspection of mail (firewall, antivirus program), or measure from another"
            " network.",
            reason=Reason.EGR,
        ),
        **not_judged.NO_SMTP,
        **not_judged.NO_EXCHANGER_ADDRESS,
    },
)
def starttls(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    dialogues = smtp_sessions(subject, evidence, ctx, "AAAA", "A")
    blank = nobody(dialogues.mail)
    if blank is not None:
        yield blank
        return
    yield from unknown_addresses(dialogues)
    if not dialogues.sessions and not dialogues.unknown:
        yield Verdict(code="NO_ADDRESS", args={"name": dialogues.mail.mx.name}, evidence=dialogues.mail.mx.evidence)
    every = [secured(dialogue, evidence, ctx) for dialogue in dialogues.sessions]
    yield from (_say(secured, every, dialogues) for secured in every)


def _say(one: SecuredSmtp, every: list[SecuredSmtp], dialogues: SmtpSessions) -> Verdict:
    match one.tls:
        case Tls.UNKNOWN:
            return not_decided(one.session, one.reason)
        case Tls.LIMITED:
            return limited(one.session)
        case Tls.MASKED | Tls.NOWHERE | Tls.NO_SMTP:
            return one.session.say(one.tls.name)
        case Tls.DONE:
            return _secure(one)
        case _:
            pass
    code, session = _TEXTS[one.tls][0], replace(one.session, evidence=one.session.rounds)
    args: dict[str, str | int] = {"how": one.how} if one.tls is Tls.FAILS else {}
    judged = [other.tls for other in every if other.tls is not Tls.NO_SMTP]
    if not dialogues.unknown and all(tls in DEFECTS for tls in judged):
        return session.say(code, **args)
    return session.say(f"SOME_{code}", open=judged.count(Tls.DONE), count=len(judged), **args)


def _secure(one: SecuredSmtp) -> Verdict:
    version = (one.session.step.version if one.session.step else None) or "TLS"
    if one.leaf is not None and not one.in_time:
        return one.session.say("SECURE_OUT_OF_DATE", version=version)
    return one.session.say("SECURE" if one.verifies else "SECURE_UNVERIFIED", version=version)

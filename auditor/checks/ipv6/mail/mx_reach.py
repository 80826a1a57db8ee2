"""Check that every IPv6 address of the mail exchangers accepts SMTP.

A greeting 220 and 250 to EHLO are required. A server that defers unknown senders (greylisting, limits, a tarpit, a
block list) is not called unreachable. Where no address of either family greets, that is the finding of
``security.mail.mx``.
"""

from collections.abc import Iterator
from dataclasses import replace

from auditor.facts.mail.smtp import (
    LIMITED_CODE,
    NO_EXCHANGER,
    OPEN_QUESTIONS,
    SmtpSession,
    SmtpSessions,
    SmtpState,
    limited,
    nobody,
    not_decided,
    smtp_sessions,
    unknown_addresses,
)
from auditor.framework.check import FamilyClaim, Granularity, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import Kind, Subject
from probes.framework.evidence import EvidenceSet, FailureKind
from probes.observations.dns import NameLookup
from probes.observations.mail import SmtpDialogue

_DEAD = frozenset(SmtpState) - {SmtpState.GREETS, *OPEN_QUESTIONS}
_LISTEN = "Let the mail server listen on {address} (inet_protocols = all in Postfix), or withdraw its AAAA record."
_OPEN = "Allow TCP port 25 to {address} in the firewall as for IPv4, or withdraw its AAAA record."
_ROUTE = "Repair the route to {address} or the filter that rejects the packets, or withdraw its AAAA record."
_SERVICE = "Let the mail server accept mail on {address} as it does over IPv4, or withdraw its AAAA record."
_NONE = "; no IPv6 address of the mail exchangers accepts SMTP."
_SOME = "; IPv6 addresses that accept SMTP: {open:n} of {count:n}."
_DEFECTS = {
    "REFUSED": ("{address} ({exchanger}) refuses connections on TCP port 25", _LISTEN),
    "SILENT": ("{address} ({exchanger}) does not answer on TCP port 25", _OPEN),
    "UNREACHABLE": ("{address} ({exchanger}), TCP port 25, is reported as unreachable by the network", _ROUTE),
    "REJECTS": ("{address} ({exchanger}) greets with a refusal ({reply})", _SERVICE),
    "NOT_SMTP": ("{address} ({exchanger}) answers on TCP port 25 with something that is not SMTP", _SERVICE),
}


@check(
    version=7,
    title="MX accept SMTP over IPv6",
    problem="Mail cannot be delivered over IPv6",
    problems={
        "LATER_AGAIN": "Mail server keeps deferring senders over IPv6",
        "SOME_REFUSED": "One IPv6 address of the mail servers takes no mail",
        "SOME_SILENT": "One IPv6 address of the mail servers takes no mail",
        "SOME_UNREACHABLE": "One IPv6 address of the mail servers takes no mail",
        "SOME_REJECTS": "One IPv6 address of the mail servers takes no mail",
        "SOME_NOT_SMTP": "One IPv6 address of the mail servers takes no mail",
    },
    why="Senders with IPv6 try it first: an exchanger that does not answer over IPv6 delays their mail, and senders "
    "with only IPv6 cannot deliver it at all.",
    fix="Open TCP port 25 over IPv6 to the mail exchangers and let them answer as over IPv4.",
    references=("RFC 5321 §3.1, §4.5.3.2", "Internet.nl mx_reach"),
    needs=(NameLookup, SmtpDialogue),
    kinds=frozenset({Kind.MAIL}),
    claims=FamilyClaim.V6,
    transports=frozenset({"tcp/25"}),
    unit=Granularity.ADDRESS,
    messages={
        **NO_EXCHANGER,
        **LIMITED_CODE,
        "GREETS": passed("{address} ({exchanger}) accepts SMTP."),
        "LATER_AGAIN": warn(
            "{address} ({exchanger}) puts senders off ({reply}), also half an hour later.",
            fix="Find out why the mail server answers with a temporary error; greylisting must let the same sender in"
            " when it comes again.",
        ),
        **{code: fail(text + _NONE, fix=fix) for code, (text, fix) in _DEFECTS.items()},
        **{f"SOME_{code}": warn(text + _SOME, fix=fix) for code, (text, fix) in _DEFECTS.items()},
        "NOBODY_GREETS": not_applicable(
            "{address} ({exchanger}) takes no mail, nor does any other address of the mail exchangers of {name}, of"
            " either family."
        ),
        "NO_AAAA": not_applicable("No mail exchanger of {name} has a usable IPv6 address to connect to."),
    },
)
def mx_reach(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    dialogues = smtp_sessions(subject, evidence, ctx, "AAAA")
    blank = nobody(dialogues.mail)
    if blank is not None:
        yield blank
        return
    yield from unknown_addresses(dialogues)
    if not dialogues.sessions and not dialogues.unknown:
        yield Verdict(code="NO_AAAA", args={"name": dialogues.mail.mx.name}, evidence=dialogues.mail.mx.evidence)
    everywhere = smtp_sessions(subject, evidence, ctx, "AAAA", "A")
    if not everywhere.unknown and all(dialogue.state in _DEAD for dialogue in everywhere.sessions):
        yield from (dialogue.say("NOBODY_GREETS", name=dialogues.mail.mx.name) for dialogue in dialogues.sessions)
    else:
        open_ = _open_over_ipv4(everywhere)
        yield from (_say(dialogue, dialogues, open_) for dialogue in dialogues.sessions)


def _open_over_ipv4(everywhere: SmtpSessions) -> SmtpSession | None:
    """Return a dialogue of unknown state over IPv4 if no exchanger is known to greet, else None.

    It is then unknown whether the silence is IPv6's.
    """
    if any(dialogue.state is SmtpState.GREETS for dialogue in everywhere.sessions):
        return None
    four = [dialogue for dialogue in everywhere.sessions if dialogue.address.version == 4]
    return next((dialogue for dialogue in four if dialogue.state is SmtpState.UNKNOWN), None)


def _say(dialogue: SmtpSession, dialogues: SmtpSessions, open_: SmtpSession | None) -> Verdict:
    match dialogue.state:
        case SmtpState.UNKNOWN:
            return not_decided(dialogue)
        case SmtpState.GREETS:
            return dialogue.say("GREETS")
        case SmtpState.LATER if len(dialogue.rounds) > 1 and not dialogue.about_us:
            return replace(dialogue, evidence=dialogue.rounds).say("LATER_AGAIN", reply=dialogue.last)
        case SmtpState.LATER | SmtpState.UNWELCOME | SmtpState.MUTE:
            return limited(dialogue)
        case _:
            pass
    none = not dialogues.unknown and not any(o.state in {SmtpState.GREETS, *OPEN_QUESTIONS} for o in dialogues.sessions)
    if none and open_ is not None:
        return not_decided(dialogue, open_.reason)
    code = _defect(dialogue)
    args: dict[str, str | int] = {"reply": dialogue.last} if code == "REJECTS" else {}
    if none:
        return dialogue.say(code, **args)
    greeting = sum(other.state is SmtpState.GREETS for other in dialogues.sessions)
    return dialogue.say(f"SOME_{code}", open=greeting, count=len(dialogues.sessions), **args)


def _defect(dialogue: SmtpSession) -> str:
    if dialogue.state in (SmtpState.SILENT, SmtpState.REJECTS, SmtpState.NOT_SMTP):
        return dialogue.state.name
    failure = None if dialogue.step is None else dialogue.step.failure
    away = failure is not None and failure.kind in (FailureKind.UNREACHABLE, FailureKind.PROHIBITED)
    return "UNREACHABLE" if away else "REFUSED"

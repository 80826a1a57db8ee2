"""Summarises the SMTP sessions with each address of a domain's mail exchangers; the best of several counts.

A mail host may defer unknown clients: a reply 4yz, a greeting that never comes, a refusal of our name. None of that
says anything about the service (trap M1), and none is reported as a defect.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from auditor.facts import not_judged
from auditor.facts.attribution import excuse, unseen
from auditor.facts.dns.names import Lookup, rejection
from auditor.facts.mail.exchangers import PORT, Mail, mail
from auditor.framework.check import Message, inconclusive, standard
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import IPAddress, Subject
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, FailureKind
from probes.observations.mail import SmtpDialogue, SmtpReply, StartTls
from probes.wire.mail.smtp import enhanced


class SmtpState(IntEnum):
    """Tells how an SMTP session went, best first."""

    GREETS = 0  # 220, and 250 to EHLO or HELO
    LATER = 1  # a reply 4yz: a temporary refusal
    UNWELCOME = 2  # refuses this client: its name, or by policy (5.7.z) already in the greeting
    REJECTS = 3  # a greeting 5yz that states that the host takes no mail
    NOT_SMTP = 4
    CLOSED = 5
    SILENT = 6  # no connection although the port works from here
    MUTE = 7  # a connection without a complete greeting, or without a reply to EHLO
    UNKNOWN = 8


_OF_ITSELF = ("no smtp service", "no mail service", "not accept mail", "not accept any mail", "not receive mail")
"""Words in the greeting of a host that takes no mail at all (RFC 5321 §3.1, RFC 7504 §3)."""
_OF_US = (
    "black",
    "block",
    "list",
    "reput",
    "spam",
    "client",
    "your ",
    "ip address",
    "access",
    "polic",
    "den",
    " from ",
)
"""Parts of words that show that a greeting is about the client."""
_LIMITS = (
    "connections",
    "too many",
    "rate limit",
    "throttl",
    "client",
    "your ",
    "ip address",
    "reverse",
    "hostname",
    "helo",
)
"""Parts of words that show that a temporary refusal is about the client or a limit for it."""

LIMITED = frozenset({SmtpState.LATER, SmtpState.UNWELCOME, SmtpState.MUTE})
OPEN_QUESTIONS = LIMITED | {SmtpState.UNKNOWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSession:
    """Holds the best session with one address.

    ``exchangers``: the names that point to it; ``rounds``: the evidence of each session that ended in ``state``.
    """

    address: IPAddress
    exchangers: tuple[str, ...]
    state: SmtpState
    step: SmtpDialogue | None = None
    reason: Reason | None = None
    rounds: tuple[EvidenceId, ...] = ()
    evidence: tuple[EvidenceId, ...] = ()

    @property
    def exchanger(self) -> str:
        return self.exchangers[0]

    @property
    def last(self) -> str:
        """The reply that decided, as it was sent; empty if there is none."""
        replies = [reply for reply in (self.step.replies if self.step else ()) if reply.said != "QUIT"]
        return replies[-1].lines[-1] if replies and replies[-1].lines else ""

    @property
    def about_us(self) -> bool:
        """True if the reply that decided is about the client."""
        return self.step is not None and is_about_client(self.last, self.step)

    def say(self, code: str, **args: str | int) -> Verdict:
        """Return a verdict about this address."""
        named = {"address": str(self.address), "exchanger": self.exchanger, **args}
        return Verdict(code=code, args=named, address=self.address, evidence=self.evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSessions:
    """Holds the sessions with all exchangers' addresses; ``unknown`` are address lookups without a usable answer."""

    mail: Mail
    sessions: tuple[SmtpSession, ...] = ()
    unknown: tuple[Lookup, ...] = ()


NO_EXCHANGER: Mapping[str, Message] = {
    **not_judged.DNS_CODES,
    **not_judged.NOT_DECIDED,
    **not_judged.NULL_MX,
    **not_judged.NO_MX,
}
LIMITED_CODE: Mapping[str, Message] = standard(
    LIMITED=inconclusive(
        "{address} ({exchanger}) put the vantage off ({reply}), so that nothing can be said.",
        fix="Let the vantage through greylisting and connection limits, then check again.",
        reason=Reason.RATE,
    )
)


def smtp_sessions(subject: Subject, evidence: EvidenceSet, ctx: Context, *rtypes: str) -> SmtpSessions:
    """Return the sessions with the exchangers' addresses of the given record types: ``AAAA``, ``A``."""
    mail_domain = mail(subject, evidence, ctx)
    names: dict[IPAddress, list[str]] = {}
    unknown: list[Lookup] = []
    for exchanger in mail_domain.exchangers:
        looks = [exchanger.aaaa if rtype == "AAAA" else exchanger.a for rtype in rtypes]
        unknown += [look for look in looks if not look.known]
        for look in looks:
            usable = (address for address in look.v6 if rejection(subject, address, ctx) is None)
            found_here: tuple[IPAddress, ...] = (*usable, *look.v4)
            for address in found_here:
                names.setdefault(address, []).append(exchanger.name)
    ordered = sorted(names, key=lambda address: (-address.version, int(address)))
    sessions = tuple(best_session(evidence, ctx, address, tuple(names[address])) for address in ordered)
    return SmtpSessions(mail=mail_domain, sessions=sessions, unknown=tuple(unknown))


def is_about_client(reply: str, step: SmtpDialogue) -> bool:
    """True if ``reply`` names us, or a limit or demand that another client may meet.

    Postfix puts off clients whose address has no name (450 4.7.25), that connect too often (421 4.7.0), or that start
    TLS too often (454 4.7.0).
    """
    said, ours = reply.casefold(), (step.helo, "" if step.source is None else str(step.source))
    return any(word.casefold() in said for word in (*ours, *_LIMITS) if word)


def nobody(mail_facts: Mail) -> Verdict | None:
    """Return the verdict about a domain without exchangers or with an unknown MX lookup; else None."""
    if not mail_facts.mx.known:
        return not_judged.dns(mail_facts.mx)
    if not mail_facts.exchangers:
        code = "NULL_MX" if mail_facts.null else "NO_MX"
        return Verdict(code=code, args={"name": mail_facts.mx.name}, evidence=mail_facts.mx.evidence)
    return None


def unknown_addresses(dialogues: SmtpSessions) -> Iterator[Verdict]:
    """Yield one verdict for each lookup that is not known."""
    return (not_judged.dns(look, detail=f"{look.name} {look.rtype}") for look in dialogues.unknown)


def limited(dialogue: SmtpSession) -> Verdict:
    return dialogue.say("LIMITED", reply=dialogue.last)


def not_decided(dialogue: SmtpSession, reason: Reason | None = None) -> Verdict:
    return not_judged.at(dialogue.address, f"tcp/{PORT}", reason or dialogue.reason, dialogue.evidence)


def best_session(
    evidence: EvidenceSet, ctx: Context, address: IPAddress, exchangers: tuple[str, ...] = ("",)
) -> SmtpSession:
    """Return the best of all sessions with ``address``; UNKNOWN if there is none."""
    tries = [
        (envelope, step, *_state(ctx, envelope, step))
        for envelope, step in evidence.of(SmtpDialogue)
        if step.address == address and step.port == PORT
    ]
    if not tries:
        return SmtpSession(address=address, exchangers=exchangers, state=SmtpState.UNKNOWN, reason=unseen(ctx, address))
    best = min(tries, key=lambda attempt: (attempt[2], _RANK[attempt[1].starttls], -attempt[0].attempt, attempt[0].id))
    _, step, state, reason = best
    ids = tuple(dict.fromkeys(envelope.id for envelope, other, same, _ in tries if same is state and other == step))
    return SmtpSession(
        address=address,
        exchangers=exchangers,
        state=state,
        step=step,
        reason=reason,
        rounds=tuple(dict.fromkeys(envelope.id for envelope, _, same, _ in tries if same is state)),
        evidence=ids,
    )


_RANK = {start_tls: rank for rank, start_tls in enumerate(reversed(StartTls))}


def _state(ctx: Context, envelope: Evidence, step: SmtpDialogue) -> tuple[SmtpState, Reason | None]:
    first = step.replies[0] if step.replies else None
    if not step.connected or first is None:
        return _unconnected(ctx, envelope, step)
    hello = _hello(step)
    broken = step.failure is not None and (hello is None or hello.code is None)
    if broken and step.failure is not None:
        reason = excuse(ctx, envelope, step.failure, step.address, f"tcp/{step.port}")
        said_other = step.failure.kind is FailureKind.PROTOCOL and step.replies[-1].cut
        return (SmtpState.UNKNOWN, reason) if reason else (SmtpState.NOT_SMTP if said_other else SmtpState.MUTE, None)
    if first.code != 220:
        return _unfriendly(first), None
    if hello is None or hello.code is None:
        return SmtpState.MUTE, None
    if hello.code == 250:
        return SmtpState.GREETS, None
    return (SmtpState.LATER if _is_later(hello) else SmtpState.UNWELCOME), None


def _unconnected(ctx: Context, envelope: Evidence, step: SmtpDialogue) -> tuple[SmtpState, Reason | None]:
    if step.failure is None:
        return SmtpState.UNKNOWN, Reason.CUT
    reason = excuse(ctx, envelope, step.failure, step.address, f"tcp/{step.port}")
    if reason is not None:
        return SmtpState.UNKNOWN, reason
    return (SmtpState.SILENT if step.failure.kind is FailureKind.TIMEOUT else SmtpState.CLOSED), None


def _hello(step: SmtpDialogue) -> SmtpReply | None:
    smtp_replies = [reply for reply in step.replies if reply.said.startswith(("EHLO", "HELO"))]
    return smtp_replies[-1] if smtp_replies else None


def _unfriendly(first: SmtpReply) -> SmtpState:
    if first.code is None:
        return SmtpState.MUTE
    if _is_later(first):
        return SmtpState.LATER
    if first.code < 500:
        return SmtpState.NOT_SMTP
    return SmtpState.REJECTS if takes_no_mail(first) else SmtpState.UNWELCOME


def takes_no_mail(greeting: SmtpReply) -> bool:
    """True if a greeting 5yz is about the host itself and not about the client.

    Block lists and reputation filters use the same codes, with texts of their makers.
    """
    said = " ".join(greeting.lines).casefold()
    about_us = any(enhanced(line).startswith("5.7.") for line in greeting.lines) or any(word in said for word in _OF_US)
    return not about_us and any(words in said for words in _OF_ITSELF)


def _is_later(reply: SmtpReply) -> bool:
    return reply.code is not None and 400 <= reply.code < 500

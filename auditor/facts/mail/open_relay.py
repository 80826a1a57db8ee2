"""Decides from replies to foreign recipients whether an address of a mail exchanger is an open relay."""

from dataclasses import dataclass
from enum import IntEnum

from auditor.facts.attribution import excuse, unseen
from auditor.facts.mail.exchangers import PORT
from auditor.facts.mail.smtp import SmtpSession, SmtpState, takes_no_mail
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceSet, FailureKind
from probes.observations.mail import RelayTry, SmtpRelay
from probes.wire.mail.smtp import enhanced

_ACCEPTED = frozenset({250, 251})
_RELAY_DENIED = 454
_TLS_FIRST = 530
"""Reply code to MAIL of a host that requires TLS first (RFC 3207 §4) or authentication (RFC 4954 §6).

The first does not refuse the recipient; the second refuses all unauthenticated clients.
"""


class Relay(IntEnum):
    """Classifies one round of attempts, most significant first; of several rounds the first of these counts."""

    RELAYS = 0
    ANYTHING = 1  # a mailbox that does not exist was accepted too: it may refuse after the message
    MIXED = 2  # one recipient accepted and another not, or a reply without a commitment (252)
    REFUSES = 3
    TEMPORARY = 4  # refused with 4yz for good: relay access denied, or again later and not as all recipients are
    LATER = 5
    NO_SMTP = 6
    UNKNOWN = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Relayed:
    """Holds the result of the relay test.

    ``accepted``: the accepted recipients of one form; ``reply``: the reply that refused.
    """

    session: SmtpSession
    relay: Relay
    accepted: tuple[RelayTry, ...] = ()
    reply: str = ""


def relaying(evidence: EvidenceSet, ctx: Context, address: IPAddress, exchangers: tuple[str, ...]) -> Relayed:
    """Return the most significant of all rounds with ``address``."""
    made = [
        (envelope, step) for envelope, step in evidence.of(SmtpRelay) if step.address == address and step.port == PORT
    ]
    rounds = [_round(ctx, envelope, step, exchangers) for envelope, step in made]
    if not rounds:
        silent = SmtpSession(
            address=address, exchangers=exchangers, state=SmtpState.UNKNOWN, reason=unseen(ctx, address)
        )
        return Relayed(session=silent, relay=Relay.UNKNOWN)
    return min(rounds, key=lambda relay_answer: (relay_answer.relay, relay_answer.session.evidence))


def _round(ctx: Context, envelope: Evidence, step: SmtpRelay, exchangers: tuple[str, ...]) -> Relayed:
    relay, reason, accepted, reply = _heard(ctx, envelope, step)
    session = SmtpSession(
        address=step.address,
        exchangers=exchangers,
        state=SmtpState.UNKNOWN if relay is Relay.UNKNOWN else SmtpState.GREETS,
        reason=reason,
        rounds=(envelope.id,),
        evidence=(envelope.id,),
    )
    return Relayed(session=session, relay=relay, accepted=accepted, reply=reply)


def _heard(ctx: Context, envelope: Evidence, step: SmtpRelay) -> tuple[Relay, Reason | None, tuple[RelayTry, ...], str]:
    strangers = [attempt for attempt in step.tries if attempt.form != "local"]
    for form in dict.fromkeys(attempt.form for attempt in strangers):
        taken = tuple(attempt for attempt in strangers if attempt.form == form and attempt.code in _ACCEPTED)
        if len({attempt.recipient for attempt in taken}) > 1:
            picks = [attempt.code for attempt in step.tries if attempt.form == "local"]
            refused = bool(picks) and not any(code in _ACCEPTED or code == 252 for code in picks)
            return (Relay.RELAYS if refused else Relay.ANYTHING), None, taken, ""
    if step.failure is not None:
        reason = excuse(ctx, envelope, step.failure, step.address, f"tcp/{PORT}")
        if reason is not None:
            return Relay.UNKNOWN, reason, (), ""
        gone = not step.connected and step.failure.kind is not FailureKind.TIMEOUT
        return (Relay.NO_SMTP if gone or not step.connected else Relay.LATER), None, (), _last(step)
    if not strangers:
        return _unfriendly(step), None, (), _last(step)
    if any(attempt.code in _ACCEPTED or attempt.code == 252 for attempt in strangers):
        return Relay.MIXED, None, (), ""
    if all(attempt.code == _TLS_FIRST and "TLS" in attempt.text.upper() for attempt in strangers):
        return Relay.UNKNOWN, Reason.SCOPE, (), ""
    later = [attempt for attempt in strangers if attempt.code is not None and attempt.code < 500]
    if not later:
        return Relay.REFUSES, None, (), strangers[0].text
    meant = all(_denies(attempt) for attempt in later) or (envelope.attempt > 1 and _knows_us(step))
    return (Relay.TEMPORARY if meant else Relay.LATER), None, (), later[0].text


def _knows_us(step: SmtpRelay) -> bool:
    """True if a mailbox of the host's own domain was not put off: then 4yz for strangers is about the recipients.

    Postfix puts off every recipient of a client whose address or HELO name is not in the DNS
    (reject_unknown_client_hostname), and postscreen those of every client that it does not know.
    """
    own = [attempt.code for attempt in step.tries if attempt.form == "local" and attempt.code is not None]
    return bool(own) and not any(400 <= code < 500 for code in own)


def _denies(attempt: RelayTry) -> bool:
    """True if a reply denies relaying.

    Postfix's defer_unauth_destination says ``454 4.7.1 Relay access denied``; greylisting says 450 or 451.
    """
    return attempt.code == _RELAY_DENIED and enhanced(attempt.text) in {"", "4.7.1"}


def _unfriendly(step: SmtpRelay) -> Relay:
    """Return the result of a session without a recipient, because the greeting or EHLO was refused."""
    first = step.replies[0] if step.replies else None
    refused = first is not None and first.code is not None and first.code >= 500
    return Relay.NO_SMTP if refused and first is not None and takes_no_mail(first) else Relay.LATER


def _last(step: SmtpRelay) -> str:
    replies = [reply for reply in step.replies if reply.said != "QUIT"]
    return replies[-1].lines[-1] if replies and replies[-1].lines else ""

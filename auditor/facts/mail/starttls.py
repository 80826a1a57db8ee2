"""Reads the result of STARTTLS at one address of a mail exchanger."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from auditor.facts.attribution import excuse
from auditor.facts.mail.exchangers import PORT
from auditor.facts.mail.smtp import LIMITED, SmtpSession, SmtpState, is_about_client
from auditor.facts.tls.certificates import MAX_CERTIFICATES, Certificate, ChainTrust, covers, has_roots, read, trust
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from probes.framework.evidence import EvidenceSet, Failure, FailureKind
from probes.observations.mail import STARTTLS, SmtpDialogue, StartTls, is_temporary

_ANCHORED = frozenset({ChainTrust.TRUSTED, ChainTrust.DECLARED})
_NO_SESSION = frozenset({StartTls.NOT_OFFERED, StartTls.REFUSED, StartTls.FAILED})
_NOT_NOW = 454
_MASKED = re.compile(r"X{6,}[A-Z]?")
_BLOTTED, _STARS = re.compile(r"220[ *][*20 ]*+"), "*" * 6
"""Matches a greeting in which Cisco PIX left only asterisks, 2 and 0."""


class Tls(Enum):
    """Names the result of STARTTLS.

    DONE: a TLS session was established. NO_SMTP: no SMTP there. MASKED: a device on the path removes the offered
    extensions. NOWHERE: no contacted mail server offers it, over this family.
    """

    DONE = "done"
    NOT_OFFERED = "not offered"
    REFUSED = "refused"
    FAILS = "fails"
    STALLS = "stalls"
    CUT_OFF = "cut off"
    MASKED = "masked"
    NOWHERE = "nowhere"
    LIMITED = "limited"
    NO_SMTP = "no smtp"
    UNKNOWN = "unknown"


DEFECTS = frozenset({Tls.NOT_OFFERED, Tls.REFUSED, Tls.FAILS, Tls.STALLS, Tls.CUT_OFF})
_ENDS = {FailureKind.TIMEOUT: Tls.STALLS, FailureKind.RESET: Tls.CUT_OFF}


@dataclass(frozen=True, slots=True, kw_only=True)
class SecuredSmtp:
    """Holds the result of STARTTLS at one address.

    ``leaf``: None if there is no certificate or it cannot be read. ``verifies``: a client that verifies would continue.
    """

    session: SmtpSession
    tls: Tls
    reason: Reason | None = None
    leaf: Certificate | None = None
    verifies: bool = False
    in_time: bool = False

    @property
    def how(self) -> str:
        """The end of the handshake, in the words of the TLS library."""
        failure = self.session.step.tls_failure if self.session.step else None
        return "" if failure is None else failure.detail[:80] or failure.kind.value

    @property
    def keywords(self) -> frozenset[str]:
        """The extensions that EHLO offered before TLS."""
        return frozenset(self.session.step.extensions if self.session.step else ())


def secured(dialogue: SmtpSession, evidence: EvidenceSet, ctx: Context) -> SecuredSmtp:
    """Return the result of STARTTLS at the address of ``dialogue``."""
    tls, reason = _outcome(dialogue, evidence, ctx)
    chain = [read(der) for der in dialogue.step.chain[:MAX_CERTIFICATES]] if dialogue.step is not None else []
    leaf = chain[0] if chain else None
    known = [certificate for certificate in chain if certificate is not None]
    at = _shown_at(dialogue, leaf, evidence, ctx)
    in_time = leaf is not None and leaf.not_before <= at <= leaf.not_after
    verifies = leaf is not None and in_time and _verifies(dialogue, leaf, known, ctx, at)
    return SecuredSmtp(session=dialogue, tls=tls, reason=reason, leaf=leaf, in_time=in_time, verifies=verifies)


def _shown_at(dialogue: SmtpSession, leaf: Certificate | None, evidence: EvidenceSet, ctx: Context) -> datetime:
    """Return the time at which the certificate was shown, by which its dates are judged.

    If the vantage's clock was wrong then, return the certificate's first valid moment, so that nothing has expired.
    """
    envelope = next((envelope for envelope in evidence if envelope.id in dialogue.evidence), None)
    at = ctx.now if envelope is None or dialogue.step is None else envelope.time_of(dialogue.step)
    return at if leaf is None or ctx.vantage.clock(at) else leaf.not_before


def _outcome(dialogue: SmtpSession, evidence: EvidenceSet, ctx: Context) -> tuple[Tls, Reason | None]:
    tls, reason = _shown(dialogue, evidence, ctx)
    return (Tls.UNKNOWN, Reason.AMB) if tls in DEFECTS and not _every_look(dialogue, evidence) else (tls, reason)


def _every_look(dialogue: SmtpSession, evidence: EvidenceSet) -> bool:
    """True if a second session, if there was one, showed a defect too; a single session may show a passing fault."""
    looks = [step for _, step in evidence.of(SmtpDialogue) if (step.address, step.port) == (dialogue.address, PORT)]
    return sum(step.starttls in _NO_SESSION for step in looks) >= min(len(looks), 2)


def _shown(dialogue: SmtpSession, evidence: EvidenceSet, ctx: Context) -> tuple[Tls, Reason | None]:
    if dialogue.state in LIMITED:
        return Tls.LIMITED, None
    if dialogue.state is SmtpState.UNKNOWN or dialogue.step is None:
        return Tls.UNKNOWN, dialogue.reason
    if dialogue.state is not SmtpState.GREETS:
        return Tls.NO_SMTP, None
    match dialogue.step.starttls:
        case StartTls.DONE:
            return Tls.DONE, None
        case StartTls.NOT_OFFERED:
            return _not_offered(dialogue.step, ctx), None
        case StartTls.REFUSED:
            meant = not is_temporary(dialogue.step.replies) or _never_starts(dialogue, evidence)
            return (Tls.REFUSED if meant else Tls.LIMITED), None
        case StartTls.FAILED if dialogue.step.tls_failure is not None:
            return _held(
                dialogue, dialogue.step.tls_failure, evidence, ctx, _ENDS.get(dialogue.step.tls_failure.kind, Tls.FAILS)
            )
        case _ if dialogue.step.failure is not None:  # no reply to STARTTLS: a limit for this client
            return _held(dialogue, dialogue.step.failure, evidence, ctx, Tls.LIMITED)
        case _:
            return Tls.UNKNOWN, Reason.CUT


def _never_starts(dialogue: SmtpSession, evidence: EvidenceSet) -> bool:
    """True if the server replied more than once that it cannot start TLS now (RFC 3207 §4).

    Postfix does so permanently for a key that it cannot read. A limit for each client has the same code.
    """
    looks = (step for _, step in evidence.of(SmtpDialogue) if (step.address, step.port) == (dialogue.address, PORT))
    replies = [(reply, step) for step in looks for reply in step.replies if reply.said == "STARTTLS"]
    meant = [reply for reply, step in replies if not is_about_client(" ".join(reply.lines), step)]
    return sum(reply.code == _NOT_NOW for reply in meant) > 1


def _not_offered(step: SmtpDialogue, ctx: Context) -> Tls:
    if _is_masked(step):
        return Tls.MASKED
    return Tls.NOWHERE if (step.address.version, STARTTLS) in ctx.vantage.turned_away else Tls.NOT_OFFERED


def _is_masked(step: SmtpDialogue) -> bool:
    """True if a firewall hides the extensions that the server offers.

    It masks the words, blocks EHLO or turns it into NOOP, and is recognised by its changes to the greeting.
    """
    greeting = step.replies[0].lines[-1:] if step.replies else ()
    kept_back = not step.extensions and any(_STARS in line and _BLOTTED.fullmatch(line) for line in greeting)
    return kept_back or any(_MASKED.fullmatch(word) for word in step.extensions)


def _held(
    dialogue: SmtpSession, failure: Failure, evidence: EvidenceSet, ctx: Context, otherwise: Tls
) -> tuple[Tls, Reason | None]:
    envelope = next(envelope for envelope in evidence if envelope.id in dialogue.evidence)
    # A certificate fills packets; replies do not.
    of_tls = dialogue.step is not None and failure is dialogue.step.tls_failure
    reason = excuse(ctx, envelope, failure, dialogue.address, f"tcp/{PORT}", large=of_tls)
    return (otherwise, None) if reason is None else (Tls.UNKNOWN, reason)


def _verifies(dialogue: SmtpSession, leaf: Certificate, chain: list[Certificate], ctx: Context, at: datetime) -> bool:
    """True if name and chain are valid.

    Without roots only the name is checked, so that no chain counts as untrusted.
    """
    named = any(covers(leaf, name) for name in dialogue.exchangers if name)
    roots, declared = ctx.reference.trust_roots, ctx.reference.declared_roots
    anchored = not has_roots(roots + declared) or trust(chain, roots, declared, at) in _ANCHORED
    return named and anchored

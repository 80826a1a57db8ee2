"""Decides whether each exchanger of a mail domain takes its mail, by MX name, addresses and greeting."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from auditor.facts.dns.names import Lookup, rejection
from auditor.facts.mail.exchangers import Exchanger
from auditor.facts.mail.smtp import LIMITED, SmtpSession, SmtpState, best_session
from auditor.facts.ranges import is_public
from auditor.framework.context import Context
from inventory.model import IPAddress, Network, Subject, written
from probes.framework.evidence import EvidenceId, EvidenceSet, FailureKind
from probes.observations.dns import LookupStatus


class Taking(Enum):
    """Names the obstacle to mail; GREETS: there is none. LIMITED and UNKNOWN do not decide."""

    GREETS = "greets"
    LITERAL = "an address in the place of a name"
    MISSING = "no such name"
    NO_ADDRESS = "a name without addresses"
    PRIVATE = "no address that the Internet reaches"
    REJECTS = "a greeting 5yz"
    NOT_SMTP = "something else than SMTP"
    UNREACHABLE = "the network says that there is no way"
    REFUSED = "connections are refused"
    SILENT = "silence"
    LIMITED = "put off"
    UNKNOWN = "not known"


DEAD = frozenset(Taking) - {Taking.GREETS, Taking.LIMITED, Taking.UNKNOWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class MxHost:
    """Holds the result of one exchanger.

    ``session``: the best session of its addresses; ``unknown``: a lookup that the result depends on.
    """

    exchanger: Exchanger
    taking: Taking
    session: SmtpSession | None = None
    unknown: Lookup | None = None
    private: tuple[str, ...] = ()
    evidence: tuple[EvidenceId, ...] = ()

    @property
    def alias(self) -> str:
        """The target if the name is an alias, else empty."""
        return next((look.chain[-1] for look in (self.exchanger.a, self.exchanger.aaaa) if look.chain), "")


def mx_host(subject: Subject, evidence: EvidenceSet, ctx: Context, exchanger: Exchanger) -> MxHost:
    """Return the result of one exchanger: one address that greets is enough."""
    addresses = [address for address in exchanger.addresses if _is_reachable(subject, address, ctx)]
    sessions = [best_session(evidence, ctx, address, (exchanger.name,)) for address in addresses]
    unknown = next((look for look in (exchanger.a, exchanger.aaaa) if not look.known), None)
    best = min(sessions, key=lambda dialogue: dialogue.state, default=None)
    taking = _named(exchanger, addresses, unknown) or _by_sessions(sessions, unknown)
    ids = (id_ for group in _resting(exchanger, taking, sessions, best) for id_ in group)
    return MxHost(
        exchanger=exchanger,
        taking=taking,
        session=next((dialogue for dialogue in sessions if dialogue.state is SmtpState.UNKNOWN), best)
        if taking is Taking.UNKNOWN
        else best,
        unknown=unknown,
        private=tuple(written(address) for address in exchanger.addresses),
        evidence=tuple(dict.fromkeys(ids)),
    )


def _named(exchanger: Exchanger, addresses: list[IPAddress], unknown: Lookup | None) -> Taking | None:
    """Return the result by name and addresses, None if connections have to decide."""
    if exchanger.literal:
        return Taking.LITERAL
    if exchanger.homeless:
        gone = {exchanger.a.status, exchanger.aaaa.status} == {LookupStatus.NO_SUCH_NAME}
        return Taking.MISSING if gone else Taking.NO_ADDRESS
    if addresses:
        return None
    return Taking.UNKNOWN if unknown is not None else Taking.PRIVATE


def _by_sessions(sessions: list[SmtpSession], unknown: Lookup | None) -> Taking:
    """Return the result of the best address; if one is not known, silence of the others does not decide."""
    states = {dialogue.state for dialogue in sessions}
    if SmtpState.GREETS in states:
        return Taking.GREETS
    if SmtpState.UNKNOWN in states or unknown is not None:
        return Taking.UNKNOWN
    if states & LIMITED:
        return Taking.LIMITED
    best = min(sessions, key=lambda session: session.state)
    if best.state is SmtpState.CLOSED:
        failure = None if best.step is None else best.step.failure
        away = failure is not None and failure.kind in (FailureKind.UNREACHABLE, FailureKind.PROHIBITED)
        return Taking.UNREACHABLE if away else Taking.REFUSED
    return {SmtpState.REJECTS: Taking.REJECTS, SmtpState.NOT_SMTP: Taking.NOT_SMTP}.get(best.state, Taking.SILENT)


def _resting(
    exchanger: Exchanger, taking: Taking, sessions: list[SmtpSession], best: SmtpSession | None
) -> Iterator[tuple[EvidenceId, ...]]:
    """Yield the evidence: of one address if it greets, else of all addresses."""
    yield from (exchanger.a.evidence, exchanger.aaaa.evidence)
    chosen = [best] if taking is Taking.GREETS and best is not None else sessions
    yield from (dialogue.rounds or dialogue.evidence for dialogue in chosen)


def _is_reachable(subject: Subject, address: IPAddress, ctx: Context) -> bool:
    """True if senders can reach ``address``: from the Internet, or inside TSLCD from there."""
    if address.version == 6:
        return rejection(subject, address, ctx) is None
    inside = subject.network is Network.TSLCD
    return inside or is_public(address, documentation_is_global=ctx.reference.documentation_is_global)

"""Find any sign of life of an address in a run, a refusal included."""

from collections.abc import Iterable
from ipaddress import IPv6Address

from inventory.model import IPAddress
from probes.framework.evidence import Blame, EvidenceId, EvidenceSet, Failure
from probes.observations.transport import EchoSeries, TcpConnect


def sign_of_life(evidence: EvidenceSet, address: IPv6Address) -> EvidenceId | None:
    """Evidence of anything that came back from the address."""
    return next((envelope.id for envelope in evidence for step in envelope.steps if step.is_answered_by(address)), None)


def echo_replied(evidence: EvidenceSet, address: IPAddress) -> EvidenceId | None:
    """Evidence of an echo reply from the address."""
    return next(
        (envelope.id for envelope, step in evidence.of(EchoSeries) if step.address == address and step.received), None
    )


def is_mute(evidence: EvidenceSet, addresses: Iterable[IPAddress]) -> bool:
    """True if nothing at all came back from any of the addresses, over any transport, in the whole run.

    Rules of a filter cannot be told where there was no contact: an intrusion prevention that had banned us before looks
    the same, and so does a path that drops what is ours.
    """
    asked = tuple(addresses)
    return bool(asked) and not any(
        step.is_answered_by(address) for envelope in evidence for step in envelope.steps for address in asked
    )


def silent(evidence: EvidenceSet, address: IPAddress) -> tuple[EvidenceId, ...]:
    """Evidence that the address was asked and answered nothing; empty where it did, or where nobody asked: what this
    machine itself missed or did not send was no question."""
    if any(step.is_answered_by(address) for envelope in evidence for step in envelope.steps):
        return ()
    asked = (TcpConnect, EchoSeries)
    tried = (
        envelope.id
        for envelope in evidence
        for step in envelope.steps
        if isinstance(step, asked) and step.address == address and (step.failure is None or not _is_ours(step.failure))
    )
    return tuple(dict.fromkeys(tried))


def _is_ours(failure: Failure) -> bool:
    return failure.kind.blame is Blame.OURS


def all_silent(evidence: EvidenceSet, addresses: Iterable[IPAddress]) -> tuple[EvidenceId, ...]:
    """Evidence that none of the addresses answers anything; empty where one does, or where that was not tried."""
    tried = [silent(evidence, address) for address in addresses]
    return tuple(dict.fromkeys(id_ for ids in tried for id_ in ids)) if all(tried) else ()

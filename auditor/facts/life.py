"""Finds any packet that came back from an address in a run, including a refusal."""

from collections.abc import Iterable
from ipaddress import IPv6Address

from inventory.model import IPAddress
from probes.framework.evidence import Attribution, EvidenceId, EvidenceSet, Failure
from probes.observations.transport import EchoSeries, TcpConnect


def sign_of_life(evidence: EvidenceSet, address: IPv6Address) -> EvidenceId | None:
    """Return the id of evidence that anything came back from the address, None if nothing did."""
    return next((envelope.id for envelope in evidence for step in envelope.steps if step.is_answered_by(address)), None)


def echo_replied(evidence: EvidenceSet, address: IPAddress) -> EvidenceId | None:
    """Return the id of evidence of an echo reply from the address, None if there was none."""
    return next(
        (envelope.id for envelope, step in evidence.of(EchoSeries) if step.address == address and step.received), None
    )


def is_mute(evidence: EvidenceSet, addresses: Iterable[IPAddress]) -> bool:
    """True if nothing at all came back from any of the addresses, over any transport, in the whole run.

    Rules of a filter cannot be recognised without any contact: an intrusion prevention system that had already banned
    us looks the same, and so does a path that drops our packets.
    """
    asked = tuple(addresses)
    return bool(asked) and not any(
        step.is_answered_by(address) for envelope in evidence for step in envelope.steps for address in asked
    )


def silent(evidence: EvidenceSet, address: IPAddress) -> tuple[EvidenceId, ...]:
    """Return evidence that the address was contacted and sent no answer; empty if it answered or was not contacted.

    A failure of this machine to send or to receive does not count as contact.
    """
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
    return failure.kind.attribution is Attribution.OURS


def all_silent(evidence: EvidenceSet, addresses: Iterable[IPAddress]) -> tuple[EvidenceId, ...]:
    """Return evidence that none of the addresses answers; empty if one does, or if one of them was not contacted."""
    tried = [silent(evidence, address) for address in addresses]
    return tuple(dict.fromkeys(id_ for ids in tried for id_ in ids)) if all(tried) else ()

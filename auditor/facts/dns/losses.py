"""Tells whether an address that loses ordinary questions may have lost other questions by chance.

Ordinary questions are for SOA, NS and A over UDP with the EDNS that resolvers send: nothing about them is large or new.
"""

from collections.abc import Iterator

from auditor.facts.path.chance import lost_all
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceSet, Failure, FailureKind
from probes.observations.dns import DnsExchange, EdnsAnswer

_ORDINARY = frozenset({"SOA", "NS", "A"})
_LARGEST = 1232
_PLAIN, _ASKED = "plain", "SOA"
"""The EDNS trial with only ordinary options, and the record type that it asks for."""


def may_be_chance(evidence: EvidenceSet, address: IPAddress, lost: int) -> bool:
    """True if all ``lost`` questions of one kind may have been lost by chance, at the loss rate of ordinary ones.

    False if no ordinary question was lost, or none was answered: then there is no rate to compare with.
    """
    fates = list(_ordinary(evidence, address))
    return lost_all(lost, sum(not answered for answered in fates), len(fates))


def answers_nothing(evidence: EvidenceSet, address: IPAddress) -> bool:
    """True if the address was asked ordinary questions and answered none of them; other questions do not count."""
    fates = list(_ordinary(evidence, address))
    return bool(fates) and not any(fates)


def answers_some(evidence: EvidenceSet, address: IPAddress) -> bool:
    """True if the address answered any ordinary question."""
    return any(_ordinary(evidence, address))


def loses_some(evidence: EvidenceSet, address: IPAddress, *, but: str) -> bool:
    """True if the address answered some ordinary questions and left others unanswered, except those of type ``but``."""
    return len(set(_ordinary(evidence, address, but))) > 1


def _ordinary(evidence: EvidenceSet, address: IPAddress, but: str = "") -> Iterator[bool]:
    """Yield for each ordinary question, except those of type ``but``, whether it was answered or timed out."""
    for _, exchange in evidence.of(DnsExchange):
        of_others = exchange.server != address or exchange.transport != "udp" or exchange.recursion_desired
        if not of_others and exchange.qtype in _ORDINARY - {but} and 0 < exchange.edns_size <= _LARGEST:
            yield from _fate(exchange.response, exchange.failure)
    for _, answer in evidence.of(EdnsAnswer):
        if answer.server == address and answer.trial == _PLAIN and but != _ASKED:
            yield from _fate(answer.response, answer.failure)


def _fate(response: bytes | None, failure: Failure | None) -> Iterator[bool]:
    if response is not None or (failure is not None and failure.kind is FailureKind.TIMEOUT):
        yield response is not None

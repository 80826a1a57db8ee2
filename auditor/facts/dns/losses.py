"""Tell whether a name server address that loses ordinary questions may have lost others by chance.

Ordinary ones are for SOA, NS and A with the EDNS that resolvers send, over UDP: nothing about them is large or new.
"""

from collections.abc import Iterator

from auditor.facts.path.chance import lost_all
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceSet, Failure, FailureKind
from probes.observations.dns import DnsExchange, EdnsAnswer

_ORDINARY = frozenset({"SOA", "NS", "A"})
_LARGEST = 1232
_PLAIN, _ASKED = "plain", "SOA"
"""The trial of EDNS with nothing unusual about it, and what is asked for in it."""


def may_be_chance(evidence: EvidenceSet, address: IPAddress, lost: int) -> bool:
    """Say whether ``lost`` questions of one sort, all that were put, may have been lost as ordinary ones were.

    Where none of these was lost, or none was answered, this says nothing.
    """
    fates = list(_ordinary(evidence, address))
    return lost_all(lost, sum(not answered for answered in fates), len(fates))


def answers_nothing(evidence: EvidenceSet, address: IPAddress) -> bool:
    """Say whether it was asked ordinary questions and answered none of them, whatever else was asked."""
    fates = list(_ordinary(evidence, address))
    return bool(fates) and not any(fates)


def answers_some(evidence: EvidenceSet, address: IPAddress) -> bool:
    """Say whether it answered any ordinary question."""
    return any(_ordinary(evidence, address))


def loses_some(evidence: EvidenceSet, address: IPAddress, *, but: str) -> bool:
    """Say whether it answered some ordinary questions, and let others lie that were not for records of type ``but``."""
    return len(set(_ordinary(evidence, address, but))) > 1


def _ordinary(evidence: EvidenceSet, address: IPAddress, but: str = "") -> Iterator[bool]:
    """Of each ordinary question that was answered, or got no answer, which of the two it was; not of type ``but``."""
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
